import type { Flow } from './app.ts';
import { FLOWS } from './flows.ts';
import { nearest } from './nearest.ts';
import { type Advice, isProblem, type Problem, quotable } from './problem.ts';
import { namesIn } from './spelling.ts';

/** An OAuth scope, with its names in token requests, in metadata and in Setup. */
export type Scope = {
  /** OAuth wire name, such as `refresh_token`. */
  wire: string;
  /** As `commaSeparatedOauthScopes` spells it, such as `RefreshToken`. */
  token: string;
  /** The label in Setup; absent when no source has it. */
  label?: string;
};

const IDENTITY_LABEL = 'Access the identity URL service';
const ANY_TIME_LABEL = 'Perform requests at any time';

/**
 * Every scope. Tokens: as live orgs at v67 listed them. Wire names: Salesforce's type Oauth2CannedScopes in
 * `@salesforce/types/tooling`, paired by name. This type has one more name, `hub_api`, whose token is unknown. The last
 * three tokens belong to a Connected App (Metadata API type ConnectedAppOauthAccessScope). No source says that an
 * external client app accepts them; this is an assumption.
 */
export const SCOPES: readonly Scope[] = [
  { wire: 'api', token: 'Api', label: 'Manage user data via APIs' },
  { wire: 'refresh_token', token: 'RefreshToken', label: ANY_TIME_LABEL },
  { wire: 'offline_access', token: 'OfflineAccess', label: ANY_TIME_LABEL },
  { wire: 'id', token: 'Basic', label: IDENTITY_LABEL },
  { wire: 'openid', token: 'OpenID', label: 'Access unique user identifiers' },
  { wire: 'profile', token: 'Profile', label: IDENTITY_LABEL },
  { wire: 'email', token: 'Email', label: IDENTITY_LABEL },
  { wire: 'address', token: 'Address', label: IDENTITY_LABEL },
  { wire: 'phone', token: 'Phone', label: IDENTITY_LABEL },
  { wire: 'web', token: 'Web', label: 'Manage user data via Web browsers' },
  { wire: 'full', token: 'Full', label: 'Full access' },
  { wire: 'chatter_api', token: 'Chatter', label: 'Access Connect REST API resources' },
  { wire: 'visualforce', token: 'CustomApplications', label: 'Access Visualforce applications' },
  { wire: 'custom_permissions', token: 'CustomPermissions', label: 'Access custom permissions' },
  { wire: 'lightning', token: 'Lightning', label: 'Access Lightning applications' },
  { wire: 'content', token: 'Content', label: 'Access content resources' },
  { wire: 'wave_api', token: 'Wave', label: 'Access Analytics REST API resources' },
  { wire: 'eclair_api', token: 'Eclair', label: 'Access Analytics REST API Charts Geodata resources' },
  { wire: 'pardot_api', token: 'Pardot', label: 'Manage Pardot services' },
  { wire: 'interaction_api', token: 'Interaction', label: 'Access Interaction API resources' },
  { wire: 'einstein_gpt_api', token: 'EinsteinGPT', label: 'Access Einstein GPT services' },
  { wire: 'sfap_api', token: 'SFApiPlatform', label: 'Access the Salesforce API Platform' },
  { wire: 'chatbot_api', token: 'Chatbot', label: 'Access chatbot services' },
  { wire: 'mcp_api', token: 'MCP', label: 'Access Salesforce hosted MCP servers' },
  { wire: 'cdp_api', token: 'CDP', label: 'Access all Data Cloud API resources' },
  { wire: 'cdp_ingest_api', token: 'CDPIngest' },
  { wire: 'cdp_profile_api', token: 'CDPProfile' },
  { wire: 'cdp_query_api', token: 'CDPQuery' },
  { wire: 'cdp_segment_api', token: 'CDPSegment' },
  { wire: 'cdp_identityresolution_api', token: 'CDPIdentityResolution' },
  { wire: 'cdp_calculated_insight_api', token: 'CDPCalculatedInsight' },
  { wire: 'pwdless_login_api', token: 'PwdlessLogin' },
  { wire: 'forgot_password', token: 'ForgotPassword' },
  { wire: 'user_registration_api', token: 'UserRegistration' },
  { wire: 'scrt_api', token: 'SCRT' },
  { wire: 'data_cloud_user_claims', token: 'DataCloudUserClaims' },
  { wire: 'a2a_api', token: 'A2A' },
  { wire: 'cmdb_discovery_api', token: 'CmdbDiscovery' },
  { wire: 'semantic_layer_api', token: 'SemanticLayer' },
];

/** A Connected App's metadata spells this token differently, so files and users may still have the other spelling. */
const OTHER_TOKENS = new Map([['sfap', 'sfap_api']]);

/**
 * The wire name of a scope, which is given as wire name, metadata token or label in Setup. Upper and lower case make no
 * difference. The wire names in brackets that Setup adds to a label are ignored. A label of several scopes is refused
 * with their names. The exception is "Perform requests at any time": refresh_token and offline_access are the same
 * thing. `kept` are scopes that the app has already: these scopes pass even if this table does not have them.
 */
export const parseScope = (text: string, kept: readonly string[] = []): string | Problem => {
  const asked = text.trim().toLowerCase();
  const byName = SCOPES.find(({ wire, token }) => wire === asked || token.toLowerCase() === asked)?.wire;
  const known = byName ?? OTHER_TOKENS.get(asked) ?? kept.find((scope) => scope.toLowerCase() === asked);
  if (known !== undefined) return known;
  const named = inBrackets(asked);
  if (named !== undefined) return named;
  // Several blanks become one first: in a series of blanks, the second expression would begin at each blank.
  const label = asked.replace(/\s+/g, ' ').replace(/ ?\([^()]*\)$/, '');
  const labelled = SCOPES.filter((scope) => scope.label?.toLowerCase() === label).map(({ wire }) => wire);
  if (label === ANY_TIME_LABEL.toLowerCase()) return 'refresh_token';
  if (labelled.length === 1) return labelled[0]!;
  if (labelled.length > 1) {
    return { code: 'error.scopeAmbiguous', values: [quotable(text), labelled.join(', ')], field: 'scopes' };
  }
  const near = nearestScopes(asked);
  return near.length > 0
    ? { code: 'error.scopeUnknown', values: [quotable(text), near.join(', ')], field: 'scopes' }
    : {
        code: 'error.scopeUnlike',
        values: [quotable(text), SCOPES.map(({ wire }) => wire).join(', ')],
        field: 'scopes',
      };
};

/**
 * Scopes given in one text or in several texts. Commas separate them, as in a list, or blanks, as OAuth writes them. A
 * label in Setup contains blanks. So a text is split only when the complete text is no scope.
 *
 * @returns a wire name or a problem for each scope, in the given order
 */
export const parseScopes = (texts: readonly string[], kept: readonly string[] = []): Array<string | Problem> => {
  const isScope = (name: string): boolean => typeof parseScope(name, kept) === 'string';
  return texts.flatMap((text) => namesIn(text, isScope).map((name) => parseScope(name, kept)));
};

/**
 * The scope in the brackets after a label: "Access MCP servers (mcp_api)". The words of a label differ between
 * releases. With several scopes in the brackets there is no result, except for refresh_token and offline_access, which
 * are the same thing.
 */
const inBrackets = (asked: string): string | undefined => {
  const names =
    /\(([^()]*)\)$/
      .exec(asked)?.[1]
      ?.split(/[\s,]+/)
      .filter(Boolean) ?? [];
  const scopes = names.map((name) => SCOPES.find(({ wire }) => wire === name)?.wire);
  if (scopes.length === 0 || scopes.includes(undefined)) return undefined;
  if (scopes.length === 1) return scopes[0];
  return names.every((name) => name === 'refresh_token' || name === 'offline_access') ? 'refresh_token' : undefined;
};

/** The nearest scopes by any of their names, as wire names. */
const nearestScopes = (asked: string): string[] => {
  const wireNames = new Map(
    SCOPES.flatMap(({ wire, token, label }) =>
      [wire, token, ...(label ? [label] : [])].map((name) => [name, wire] as const),
    ),
  );
  return [...new Set(nearest(asked, wireNames.keys()).map((name) => wireNames.get(name)!))];
};

/** The metadata token of a wire name. A name that is not in the table is its own token. */
export const scopeToken = (wire: string): string => SCOPES.find((scope) => scope.wire === wire)?.token ?? wire;

/** The wire name of a metadata token. A token that is not in the table stays unchanged here and in `scopeToken`. */
export const wireName = (token: string): string => SCOPES.find((scope) => scope.token === token)?.wire ?? token;

/** Can these scopes give a refresh token? */
export const allowsRefreshToken = (scopes: readonly string[]): boolean =>
  scopes.includes('refresh_token') || scopes.includes('offline_access');

/** `refresh_token` and `offline_access` are the same thing under two names. */
const hasScope = (scopes: readonly string[], scope: string): boolean =>
  scopes.includes(scope) || (scope === 'refresh_token' && allowsRefreshToken(scopes));

/** The warnings about an app's scopes, given the app's flows. */
export const judgeScopes = (scopes: readonly string[], flows: readonly Flow[]): Advice[] => {
  const advice: Advice[] = [];
  if (scopes.includes('full')) {
    advice.push({ code: 'warning.scopeFull', values: [] });
    if (!allowsRefreshToken(scopes)) advice.push({ code: 'warning.scopeFullNoRefreshToken', values: [] });
  }
  if (scopes.includes('refresh_token') && scopes.includes('offline_access')) {
    advice.push({ code: 'warning.scopeRefreshTokenTwice', values: [] });
  }
  return [...advice, ...flows.flatMap((flow) => judgeFlow(scopes, flow))];
};

const judgeFlow = (scopes: readonly string[], flow: Flow): Advice[] => {
  const { label, scopesNotGranted, scopesNeeded } = FLOWS[flow];
  const lost = scopes.filter((scope) => scopesNotGranted.includes(scope));
  const missing = scopes.length > 0 ? scopesNeeded.filter((scope) => !hasScope(scopes, scope)) : [];
  const advice = missing.map((scope): Advice => ({ code: 'warning.flowNeedsScope', values: [label, scope] }));
  if (lost.length > 0 && lost.length === scopes.length) {
    advice.push({ code: 'warning.flowWithoutScopes', values: [label, lost.join(', ')] });
  } else if (lost.length > 0) {
    advice.push({ code: 'warning.scopesNotForFlow', values: [label, lost.join(', ')] });
  }
  return advice;
};

/** What a user says of the scopes: the whole set, or what is added to it and taken from it. */
export type ScopesSaid = { scope?: string[]; add?: string[]; remove?: string[] };

/**
 * The whole set that is wished for, with a problem for each text that is no scope.
 *
 * @param has the scopes that the app has
 * @returns undefined when nothing is said of the scopes
 */
export const scopesSaid = ({ scope, add, remove }: ScopesSaid, has: string[]): Array<string | Problem> | undefined => {
  if (add === undefined && remove === undefined) return scope && parseScopes(scope, has);
  const removed = parseScopes(remove ?? [], has);
  const kept = [...new Set([...has, ...parseScopes(add ?? [], has)])].filter((one) => !removed.includes(one));
  return [...removed.filter(isProblem), ...kept];
};
