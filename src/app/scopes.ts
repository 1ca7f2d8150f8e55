import type { Flow } from './app.ts';
import { FLOWS } from './flows.ts';
import { nearest } from './nearest.ts';
import { isProblem, quotable, type Advice, type Problem } from './problem.ts';

/** One OAuth scope: what a token request calls it, what metadata calls it, what Setup calls it. */
export type Scope = {
  /** OAuth wire name, such as `refresh_token`. */
  wire: string;
  /** As `commaSeparatedOauthScopes` spells it, such as `RefreshToken`. */
  token: string;
  /** In Setup; absent where no source gives it. */
  label?: string;
};

const IDENTITY_LABEL = 'Access the identity URL service';
const ANY_TIME_LABEL = 'Perform requests at any time';

/**
 * Every scope. Tokens: as live orgs at v67 listed them; wire names: Salesforce's type Oauth2CannedScopes in
 * `@salesforce/types/tooling`, paired by name. It names one more, `hub_api`, whose token nobody knows. The last three tokens are
 * a Connected App's (Metadata API type ConnectedAppOauthAccessScope); that an external client app takes them is an assumption.
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

/** A Connected App's metadata spells this token differently, so files and habits carry it over. */
const OTHER_TOKENS = new Map([['sfap', 'sfap_api']]);

/**
 * The wire name of a scope given as wire name, metadata token or label in Setup; upper and lower case do not matter, nor do
 * the wire names in brackets that Setup puts behind a label. A label that several scopes share is refused with their names,
 * except "Perform requests at any time": refresh_token and offline_access are the same thing. `kept` are scopes that the app
 * has already: they pass even if this table does not know them.
 */
export function parseScope(text: string, kept: readonly string[] = []): string | Problem {
  const asked = text.trim().toLowerCase();
  const byName = SCOPES.find(({ wire, token }) => wire === asked || token.toLowerCase() === asked)?.wire;
  const known = byName ?? OTHER_TOKENS.get(asked) ?? kept.find((scope) => scope.toLowerCase() === asked);
  if (known !== undefined) return known;
  const named = inBrackets(asked);
  if (named !== undefined) return named;
  // One blank for many comes first: in a run of them the second expression would begin at each.
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
}

/**
 * Scopes given in one text or in several: separated by commas, as in a list, or by blanks, as OAuth writes them. A label in
 * Setup has blanks of its own, so a text is only taken apart where it is no scope as it stands.
 *
 * @returns a wire name or a problem for each, in their order
 */
export function parseScopes(texts: readonly string[], kept: readonly string[] = []): Array<string | Problem> {
  return texts.flatMap((text) => {
    const isScope = (name: string): boolean => typeof parseScope(name, kept) === 'string';
    const parts = isScope(text) ? [text] : splitList(text, ',');
    const names = parts.flatMap((part) => {
      const words = splitList(part, /\s/);
      // A label with a slip in it stays whole: that its words are no scopes says nothing.
      return !isScope(part) && words.some(isScope) ? words : [part];
    });
    return names.map((name) => parseScope(name, kept));
  });
}

/** The parts of a text that are not empty; an empty text is one part, so that it is refused and not overlooked. */
function splitList(text: string, separator: string | RegExp): string[] {
  const parts = text.split(separator).flatMap((part) => part.trim() || []);
  return parts.length > 0 ? parts : [text];
}

/**
 * The scope in the brackets behind a label, which releases word differently: "Access MCP servers (mcp_api)". Of several it is
 * none, except for refresh_token and offline_access, which are the same thing.
 */
function inBrackets(asked: string): string | undefined {
  const names =
    /\(([^()]*)\)$/
      .exec(asked)?.[1]
      ?.split(/[\s,]+/)
      .filter(Boolean) ?? [];
  const scopes = names.map((name) => SCOPES.find(({ wire }) => wire === name)?.wire);
  if (scopes.length === 0 || scopes.includes(undefined)) return undefined;
  if (scopes.length === 1) return scopes[0];
  return names.every((name) => name === 'refresh_token' || name === 'offline_access') ? 'refresh_token' : undefined;
}

/** Nearest by any of its names, given as wire names. */
function nearestScopes(asked: string): string[] {
  const wireNames = new Map(
    SCOPES.flatMap(({ wire, token, label }) =>
      [wire, token, ...(label ? [label] : [])].map((name) => [name, wire] as const),
    ),
  );
  return [...new Set(nearest(asked, wireNames.keys()).map((name) => wireNames.get(name)!))];
}

/** The metadata token of a wire name. A name that the table does not know is its own token. */
export function scopeToken(wire: string): string {
  return SCOPES.find((scope) => scope.wire === wire)?.token ?? wire;
}

/** The wire name of a metadata token. A token that the table does not know passes through, and back through `scopeToken`. */
export function wireName(token: string): string {
  return SCOPES.find((scope) => scope.token === token)?.wire ?? token;
}

/** Can these scopes give a refresh token? */
export function allowsRefreshToken(scopes: readonly string[]): boolean {
  return scopes.includes('refresh_token') || scopes.includes('offline_access');
}

/** `refresh_token` and `offline_access` are the same thing under two names. */
function hasScope(scopes: readonly string[], scope: string): boolean {
  return scopes.includes(scope) || (scope === 'refresh_token' && allowsRefreshToken(scopes));
}

/** What is unwise about an app's scopes, given the flows that it has. */
export function judgeScopes(scopes: readonly string[], flows: readonly Flow[]): Advice[] {
  const advice: Advice[] = [];
  if (scopes.includes('full')) {
    advice.push({ code: 'warning.scopeFull', values: [] });
    if (!allowsRefreshToken(scopes)) advice.push({ code: 'warning.scopeFullNoRefreshToken', values: [] });
  }
  if (scopes.includes('refresh_token') && scopes.includes('offline_access')) {
    advice.push({ code: 'warning.scopeRefreshTokenTwice', values: [] });
  }
  return [...advice, ...flows.flatMap((flow) => judgeFlow(scopes, flow))];
}

function judgeFlow(scopes: readonly string[], flow: Flow): Advice[] {
  const { label, scopesNotGranted, scopesNeeded } = FLOWS[flow];
  const lost = scopes.filter((scope) => scopesNotGranted.includes(scope));
  const missing = scopes.length > 0 ? scopesNeeded.filter((scope) => !hasScope(scopes, scope)) : [];
  const advice = missing.map((scope) => ({ code: 'warning.flowNeedsScope', values: [label, scope] }));
  if (lost.length > 0 && lost.length === scopes.length) {
    advice.push({ code: 'warning.flowWithoutScopes', values: [label, lost.join(', ')] });
  } else if (lost.length > 0) {
    advice.push({ code: 'warning.scopesNotForFlow', values: [label, lost.join(', ')] });
  }
  return advice;
}

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
