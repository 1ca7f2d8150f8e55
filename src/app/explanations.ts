import type { Flow } from './app.ts';
import type { Saying } from './checks.ts';
import { flowsOf, say } from './checks.ts';
import type { Known } from './fixes.ts';
import { fixes, nothingKnown } from './fixes.ts';

/** What Salesforce answered instead of a token, a login page or data: the error's name and its text. */
export type Refusal = { error: string; description: string };

/** Why Salesforce refused, and what mends it. */
export type Explanation = {
  /** The row's name, for tests and documentation. */
  id: string;
  cause: Saying;
  fix: Saying;
  /** May go away by itself: a new app, or a change of one, needs some minutes until every server knows it. */
  mayPass: boolean;
};

type Row = {
  id: string;
  /** The error's name as Salesforce spells it; any error when it is left out. */
  error?: string;
  /** What its description says; any description when it is left out. */
  says?: RegExp;
  flows?: Flow[];
  when?: (known: Known) => boolean;
  fix: (known: Known) => Saying;
  mayPass?: boolean;
};

const adminApproved = (known: Known): boolean => known.app.policies?.permittedUsers === 'admin-approved';

/** Is it the key that the org itself has for the app? Then it is right, and the login servers do not know it yet. */
const isTheKey = ({ consumerKey, orgConsumerKey }: Known): boolean =>
  orgConsumerKey !== undefined && consumerKey === orgConsumerKey;

const mayUseApi = ({ app }: Known): boolean =>
  app.scopes?.some((scope) => scope === 'api' || scope === 'full') === true;

/** Flows in which nobody logs in with a password. */
const withoutPassword: Flow[] = ['client-credentials', 'jwt-bearer', 'token-exchange'];

/**
 * From what Salesforce answers to a cause and a fix; the first row that fits counts. The answers were reported from live orgs
 * or stand in Salesforce's guides ("OAuth 2.0 Authorization Errors" in Salesforce Help); where the wording is not certain the
 * row looks at the error's name alone. The cause of each row is the message `cause.<id>`.
 */
const rows: Row[] = [
  { id: 'keyNotSpread', error: 'invalid_client_id', when: isTheKey, fix: fixes.waitLonger, mayPass: true },
  { id: 'keyUnknown', error: 'invalid_client_id', fix: fixes.readKey, mayPass: true },
  { id: 'appNotInOrg', error: 'OAUTH_EC_APP_NOT_FOUND', fix: fixes.rightOrg, mayPass: true },
  { id: 'appNotInOrg', error: 'OAUTH_AUTHORIZATION_BLOCKED', fix: fixes.rightOrg },
  { id: 'appNotInOrg', says: /app is not installed in this org/i, fix: fixes.rightOrg, mayPass: true },
  { id: 'appNotInOrg', error: 'invalid_client', says: /must be installed/i, fix: fixes.rightOrg },
  // This flow knows no secret, and yet the org may speak of one (reported from a live org).
  { id: 'certificateWrong', error: 'invalid_client', flows: ['jwt-bearer'], fix: fixes.certificate, mayPass: true },
  {
    id: 'secretNotSpread',
    error: 'invalid_client',
    says: /invalid client credentials/i,
    when: ({ secret }) => secret?.from === 'org',
    fix: fixes.waitLonger,
    mayPass: true,
  },
  {
    id: 'secretWrong',
    error: 'invalid_client',
    says: /invalid client credentials/i,
    fix: fixes.readSecret,
    mayPass: true,
  },
  { id: 'secretWrong', error: 'invalid_client', fix: fixes.readSecret, mayPass: true },
  {
    id: 'noRunAs',
    error: 'invalid_grant',
    says: /no client credentials user/i,
    fix: fixes.clientCredentials,
    mayPass: true,
  },
  {
    id: 'notMyDomain',
    error: 'invalid_grant',
    says: /not supported on this domain/i,
    fix: (known) => fixes.useMyDomain(known),
  },
  { id: 'notApproved', error: 'invalid_app_access', fix: fixes.approveUser, mayPass: true },
  { id: 'notApproved', says: /not admin approved/i, fix: fixes.approveUser, mayPass: true },
  {
    id: 'notPreapproved',
    error: 'invalid_grant',
    says: /hasn.?t approved this (consumer|application)/i,
    fix: (known) => (adminApproved(known) ? fixes.approveUser(known) : fixes.preapprove(known)),
  },
  { id: 'assertionWrong', error: 'invalid_grant', says: /invalid assertion/i, fix: fixes.certificate },
  { id: 'audienceWrong', error: 'invalid_grant', says: /audience/i, fix: fixes.audience },
  { id: 'tokenExpired', error: 'invalid_grant', says: /expired (access|refresh)/i, fix: fixes.logInAgain },
  {
    id: 'codeExpired',
    error: 'invalid_grant',
    says: /device code/i,
    fix: fixes.startAgain,
  },
  {
    id: 'codeExpired',
    error: 'invalid_grant',
    says: /expired authorization code|invalid authorization code/i,
    fix: fixes.startAgain,
  },
  { id: 'codeVerifierWrong', error: 'invalid_grant', says: /code verifier/i, fix: fixes.startAgain },
  { id: 'ipRestrictedByApp', error: 'invalid_grant', says: /ip restricted by app/i, fix: fixes.ipAddressOfApp },
  // An app's policies relax nothing in this flow (Salesforce Help, "OAuth 2.0 JWT Bearer Flow").
  {
    id: 'ipRestricted',
    error: 'invalid_grant',
    says: /ip (restricted|address)|ip range/i,
    flows: ['jwt-bearer'],
    fix: fixes.allowIpAddress,
  },
  { id: 'ipRestricted', error: 'invalid_grant', says: /ip (restricted|address)|ip range/i, fix: fixes.ipAddress },
  { id: 'userInactive', error: 'inactive_user', fix: fixes.activateUser },
  { id: 'userInactive', error: 'invalid_grant', says: /inactive user|user is inactive/i, fix: fixes.activateUser },
  { id: 'userLocked', error: 'invalid_grant', says: /locked|frozen/i, fix: fixes.unlockUser },
  {
    id: 'userRefused',
    error: 'invalid_grant',
    says: /authentication failure/i,
    flows: withoutPassword,
    fix: fixes.unlockUser,
  },
  { id: 'loginFailed', error: 'invalid_grant', says: /authentication failure/i, fix: fixes.otherFlow },
  { id: 'redirectMismatch', error: 'redirect_uri_mismatch', fix: fixes.sameRedirect, mayPass: true },
  { id: 'challengeWrong', error: 'invalid_request', says: /invalid code challenge/i, fix: fixes.sendPkce },
  { id: 'challengeMissing', error: 'invalid_request', says: /code challenge/i, fix: fixes.sendPkce },
  {
    id: 'refreshTokenScope',
    error: 'invalid_request',
    says: /refresh_token scope is required/i,
    fix: (known) => fixes.addScope(known, 'refresh_token'),
  },
  { id: 'scopeNotAllowed', error: 'invalid_scope', fix: fixes.askFewerScopes, mayPass: true },
  {
    id: 'flowOff',
    error: 'unsupported_grant_type',
    flows: ['client-credentials', 'jwt-bearer', 'device', 'token-exchange', 'code-and-credentials'],
    fix: (known) => fixes.clientCredentials(known),
    mayPass: true,
  },
  { id: 'grantTypeOff', error: 'unsupported_grant_type', fix: fixes.otherFlow },
  {
    id: 'noHandler',
    says: /no token.exchange handler|handler (is )?not (enabled|found)/i,
    flows: ['token-exchange'],
    fix: fixes.handler,
    mayPass: true,
  },
  { id: 'parameterMissing', error: 'invalid_request', says: /must provide|missing/i, fix: fixes.completeRequest },
  { id: 'appBlocked', error: 'OAUTH_APP_BLOCKED', fix: fixes.unblock },
  { id: 'browserNotAllowed', error: 'OAUTH_APPROVAL_ERROR_GENERIC', fix: fixes.browserUser },
  { id: 'browserNotAllowed', error: 'OAUTH_APP_ACCESS_DENIED', fix: fixes.browserUser },
  { id: 'codeExpired', error: 'authorization_pending', fix: fixes.startAgain },
  { id: 'accessDenied', error: 'access_denied', fix: fixes.browserUser },
  // The org says the same to a token without the scope "api", and to an app that nobody approved (reported from live orgs).
  {
    id: 'apiAccessControl',
    says: /not valid for use with the rest api/i,
    when: mayUseApi,
    fix: fixes.apiAccessControl,
  },
  {
    id: 'scopeMissing',
    says: /insufficient.?scope|not valid for use with the rest api/i,
    fix: (known) => fixes.addScope(known, 'api'),
  },
  { id: 'scopeMissing', error: 'Missing_OAuth_Token', fix: (known) => fixes.addScope(known, 'api') },
  { id: 'sessionInvalid', error: 'INVALID_SESSION_ID', fix: fixes.logInAgain },
  { id: 'sessionInvalid', error: 'Bad_OAuth_Token', fix: fixes.logInAgain },
  { id: 'apiLimit', error: 'REQUEST_LIMIT_EXCEEDED', fix: fixes.apiLimit },
  { id: 'apiDisabled', error: 'API_DISABLED_FOR_ORG', fix: fixes.apiAccess },
  { id: 'apiDisabled', error: 'API_CURRENTLY_DISABLED', fix: fixes.apiAccess },
  {
    id: 'apiAccessControl',
    says: /api access control|not (allowed|approved) to (use|access) .*api/i,
    fix: fixes.apiAccessControl,
  },
  { id: 'insufficientAccess', error: 'INSUFFICIENT_ACCESS', fix: fixes.permission },
  { id: 'pathWrong', error: 'NOT_FOUND', fix: fixes.apiPath },
];

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const fits = (row: Row, refusal: Refusal, flow: Flow | undefined, known: Known): boolean =>
  (row.error === undefined || same(row.error, refusal.error) || (refusal.error === '' && row.says !== undefined)) &&
  (row.says === undefined || row.says.test(refusal.description)) &&
  (row.flows === undefined || (flow !== undefined && row.flows.includes(flow))) &&
  (row.when === undefined || row.when(known));

/** Explains a refusal. An answer that no row knows is passed on as it is, with the way to the app's page. */
export const explain = (refusal: Refusal, flow?: Flow, known: Known = nothingKnown): Explanation => {
  const row = rows.find((one) => fits(one, refusal, flow, known));
  return row
    ? { id: row.id, cause: say(`cause.${row.id}`), fix: fixFor(row, flow, known), mayPass: row.mayPass ?? false }
    : { id: 'unknown', cause: say('cause.unknown'), fix: fixes.askSalesforce(known), mayPass: false };
};

// A flow that is off is switched on by name; client credentials needs its run-as user besides.
const fixFor = (row: Row, flow: Flow | undefined, known: Known): Saying =>
  row.id === 'flowOff' && flow !== undefined && flow !== 'client-credentials' && !flowsOf(known.app).includes(flow)
    ? fixes.addFlow(known, flow)
    : row.fix(known);

/**
 * Reads what Salesforce answered, as people paste it from a log: `error: description`, JSON, the address of an error page or of
 * a callback, or a line with any of these in it. Where no error is named the whole text is the description.
 */
export const parseRefusal = (text: string): Refusal => {
  const pasted = text.trim();
  return fromJson(pasted) ?? fromQuery(pasted) ?? named(pasted) ?? { error: '', description: pasted };
};

const fromJson = (text: string): Refusal | undefined => {
  // From the first bracket to the last. A regular expression would look for the last one anew from every first one.
  const json = text.slice(text.search(/[[{]/), Math.max(text.lastIndexOf(']'), text.lastIndexOf('}')) + 1);
  try {
    const parsed = JSON.parse(json) as unknown;
    const fields = (Array.isArray(parsed) ? parsed[0] : parsed) as Record<string, unknown> | null | undefined;
    const of = (...names: string[]): string | undefined =>
      names.map((name) => fields?.[name]).find((value): value is string => typeof value === 'string');
    const error = of('error', 'errorCode');
    return error === undefined ? undefined : { error, description: of('error_description', 'message') ?? '' };
  } catch {
    return undefined;
  }
};

const fromQuery = (text: string): Refusal | undefined => {
  const [, name, query = ''] = /(?:^|[?&#\s])((?:error|ErrorCode)=)(\S*)/.exec(text) ?? [];
  if (name === undefined) return undefined;
  const fields = new URLSearchParams(name + query);
  const error = fields.get('error') ?? fields.get('ErrorCode') ?? '';
  return { error, description: fields.get('error_description') ?? fields.get('ErrorDescription') ?? '' };
};

/** Words before the name of an error that is known are the log's own; else the line begins with the name. */
const named = (text: string): Refusal | undefined => {
  const known = new RegExp(`(?<![\\w-])(${errorNames.join('|')})(?![\\w-])[\\s:"',.-]*(.*)$`, 'is').exec(text);
  const [, error, description = ''] = known ?? /^([\w-]+)\s*(?::\s*(.*))?$/s.exec(text) ?? [];
  return error === undefined ? undefined : { error, description: description.trim() };
};

const errorNames = [...new Set(rows.flatMap(({ error }) => error ?? []))];

/** All that the table knows, for its tests and for the documentation. */
export const explanationIds: readonly string[] = [...new Set(rows.map((row) => row.id))];
