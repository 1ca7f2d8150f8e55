import type { App, Flow } from './app.ts';
import { FLOWS } from './flows.ts';
import type { Secret } from './secret.ts';
import type { Text } from './text.ts';
import type { UserFacts } from './user.ts';

export type CheckStatus = 'passed' | 'failed' | 'warning' | 'skipped';

/** `unfinished`: the check was tried, and the org may answer differently in a few minutes. */
export type TrialStatus = CheckStatus | 'unfinished';

/** The point that a flow reached. */
export type FlowResult =
  /** The client got a token and used it. */
  | 'worked'
  /** The last point without a person: the org took the request that begins a person's login. */
  | 'accepted'
  | 'notTried'
  | 'failed';

/** `unfinished`: nothing failed, but a flow could not be tried. */
export type Outcome = 'passed' | 'failed' | 'unfinished';

/** The result of one check of `verify`. */
export type Finding = {
  status: CheckStatus;
  detail: Text;
  /** The fix; every failed check has one. */
  fix?: Text;
};

/** The result of something that `verify` tried. */
export type Tried = Omit<Finding, 'status'> & { status: TrialStatus };

export type Check = Tried & {
  /** Stable, such as `client-credentials.token`. */
  id: string;
  flow?: Flow;
  title: Text;
  durationMs: number;
};

export type OrgKind = 'production' | 'sandbox' | 'scratch' | 'practice';

/** The consumer secret that verify tries, or the reason why there is none. */
export type SecretSource = { from: 'org' | 'file'; secret: Secret } | { from: 'nowhere'; detail: Text; fix: Text };

/** The client's own configuration beside key and secret, as far as a credentials file has it. */
export type ClientSettings = {
  callbackUrl?: string;
  /** Audience of the client's JWTs. */
  audience?: string;
  /** Hosts to which the client sends token requests and logins, by the name of the entry. */
  hosts: { name: string; host: string }[];
  /** The client's token endpoint; absent when its file has only a host, or nothing. */
  tokenUrl?: string;
};

/** An Apex class that accepts an identity provider's tokens for an app. */
export type TokenExchangeHandler = { name: string; enabled: boolean; isDefault: boolean };

/** All facts that are known before the first request in the app's name. */
export type AppFacts = {
  app: App;
  /** Alias or username as the user gave it, for the commands that a fix names; absent: the default org. */
  targetOrg?: string;
  /** The user of this run's login; absent without an org. */
  username?: string;
  /** This run's own flags, each with its value, for the fixes that run `verify` again. */
  flags?: string[][];
  /**
   * Path of the credentials file, when the client is tried without an org. Then only the content of the file is known.
   */
  fileOnly?: string;
  /** The app's page in Setup. */
  setupUrl: string;
  /** Does the app come from a package? Then the org returns neither its callback URLs nor its flows' own switches. */
  installed?: boolean;
  orgKind: OrgKind;
  /** https://<My Domain>, without a path. */
  myDomainUrl: string;
  /** Such as 67.0. */
  apiVersion: string;
  /** The time of the last change to any part of the app. */
  changedAt?: Date;
  /** True when the last change is so old that every server of Salesforce knows it. Then waiting does not help. */
  settled?: boolean;
  oauthPluginOn: boolean;
  /** The two switches of the client-credentials flow: the developer's in the global settings, the admin's in the policies. */
  clientCredentials: { global: boolean; policy: boolean };
  /** Likewise of the token exchange flow. */
  tokenExchange: { global: boolean; policy: boolean };
  /**
   * The handlers that can serve the app. Absent when the app does not need a handler, or this login may not see
   * handlers.
   */
  tokenExchangeHandlers?: TokenExchangeHandler[];
  /**
   * Does the org allow the code-and-credentials flow? Absent when the app does not have the flow, or when this is
   * unknown.
   */
  codeAndCredentialsAllowed?: boolean;
  /**
   * Permission sets that give users access: the permission sets that the policies name, and those that name the app.
   */
  allowedPermissionSets: string[];
  /** The configured run-as user; absent when the app names no user, or a user who does not exist. */
  runAs?: UserFacts;
  /** The key that the org has for the app. */
  orgConsumerKey?: string;
  /** The key to try; a key from a file may differ from the org's key. */
  consumerKey?: string;
  secret: SecretSource;
  /** Absent when no credentials file was given. */
  client?: ClientSettings;
  /**
   * Does the app have a certificate for the JWT bearer flow? `returned`: yes, and the org returned it. `noted`: yes, by
   * this machine's note of its last write. Absent, or `unknown`, when this is unknown.
   */
  certificate?: 'returned' | 'noted' | 'no' | 'unknown';
  /** Does the org let the REST API return consumer secrets at the moment? Absent when this is unknown. */
  secretAccessOpen?: boolean;
};

/** The flows that an app has; the web server flow is always on once OAuth is. */
export const flowsOf = (app: App): Flow[] =>
  app.oauth ? [...new Set<Flow>(['web-server', ...(app.oauth.flows ?? [])])] : [];

/**
 * The flows that somebody intended for an app. A flow with a switch on both sides counts when only one switch is on.
 * Client credentials count when the app names a run-as user. In these cases a part is missing.
 */
export const meantFlowsOf = ({
  app,
  clientCredentials,
  tokenExchange,
}: Pick<AppFacts, 'app' | 'clientCredentials' | 'tokenExchange'>): Flow[] => {
  if (!app.oauth) return [];
  const meant: [flow: Flow, isMeant: boolean][] = [
    ['client-credentials', clientCredentials.global || clientCredentials.policy || app.oauth.runAs !== undefined],
    ['token-exchange', tokenExchange.global || tokenExchange.policy],
  ];
  return [...new Set([...flowsOf(app), ...meant.flatMap(([flow, isMeant]) => (isMeant ? [flow] : []))])];
};

/** The scopes that a client-credentials token of an app with these scopes carries. */
export const scopesWithoutUser = (scopes: string[]): string[] =>
  scopes.filter((scope) => !FLOWS['client-credentials'].scopesNotGranted.includes(scope));

/** The scopes that a login's access token always carries: refresh_token is among them only with some flows. */
export const scopesOfLogin = (scopes: string[]): string[] =>
  scopes.filter((scope) => scope !== 'refresh_token' && scope !== 'offline_access');

/**
 * The scopes that a token lacks, and the token's scopes that the app does not have.
 *
 * @param carried the app's scopes that a token of the flow always carries
 */
export const compareScopes = (
  configured: string[],
  carried: string[],
  granted: string[],
): { missing: string[]; extra: string[] } => ({
  missing: carried.filter((scope) => !granted.includes(scope)),
  extra: granted.filter((scope) => !configured.includes(scope)),
});

/** Paths that accept a token only with a certain scope, the most useful path first. `%v` is the API version. */
const TELLING: [scope: string, path: string][] = [
  // Listing the API's resources needs only the scope and the user's API access.
  ['api', '/services/data/v%v/'],
  ['full', '/services/data/v%v/'],
  ['chatter_api', '/services/data/v%v/connect/organization'],
  ['wave_api', '/services/data/v%v/wave'],
  ...['openid', 'id', 'profile', 'email', 'address', 'phone'].map((scope): [string, string] => [
    scope,
    '/services/oauth2/userinfo',
  ]),
];

/** The path to call with a token of these scopes; undefined when no scope gives access to a known path. */
export const apiPathFor = (scopes: string[], apiVersion: string): string | undefined =>
  TELLING.find(([scope]) => scopes.includes(scope))?.[1].replace('%v', apiVersion);

/** Scopes that only give new tokens to a client, without access to any service. */
const LASTING = new Set(['refresh_token', 'offline_access']);

/** The scopes that give access to a service. */
export const usableScopes = (scopes: readonly string[]): string[] => scopes.filter((scope) => !LASTING.has(scope));

/** The scopes of a token whose services `verify` does not call, because it knows no path for them. */
export const scopesNotCalled = (scopes: readonly string[]): string[] =>
  usableScopes(scopes).filter((scope) => !TELLING.some(([known]) => known === scope));

/** Does the scope give access to an API? All Salesforce scopes with API access have such a name. */
export const isApiScope = (scope: string): boolean => /(^|_)api$/.test(scope);

/**
 * Scopes whose services accept JWT-based access tokens only. These are hosted MCP servers (reported), and the
 * Salesforce API Platform with the Agent API (Agent API Developer Guide, "Get Started with the Agent API").
 */
const FOR_JWT_TOKENS = ['mcp_api', 'sfap_api', 'chatbot_api'];

/** The scopes in this list whose services accept JWT-based access tokens only. */
export const scopesForJwtTokens = (scopes: readonly string[] = []): string[] =>
  scopes.filter((scope) => FOR_JWT_TOKENS.includes(scope));

/** The reason why an app with admin approval allows this user. */
export const approvedBy = (
  { app, allowedPermissionSets }: Pick<AppFacts, 'app' | 'allowedPermissionSets'>,
  user: UserFacts,
): 'permissionSet' | 'profile' | undefined => {
  if (allowedPermissionSets.some((name) => user.permissionSets.includes(name))) return 'permissionSet';
  return app.policies?.profiles?.includes(user.profileName) ? 'profile' : undefined;
};

/** The statuses of a check that let dependent checks run. */
export const isWorking = (check: Pick<Check, 'status'> | undefined): boolean =>
  check?.status === 'passed' || check?.status === 'warning';

/** The point that a flow reached, by its checks. A step that needs a person and did not happen does not count. */
export const flowResult = (checks: Check[], flow: Flow): FlowResult => {
  if (checks.some((check) => check.flow === flow && check.status === 'failed')) return 'failed';
  const find = (id: string): Check | undefined => checks.find((check) => check.id === id);
  const { worked = [], accepted } = FLOWS[flow].proof ?? {};
  if (worked.length > 0 && worked.every((id) => isWorking(find(id)))) return 'worked';
  const personWasAsked = worked.some((id) => find(id) !== undefined);
  return accepted !== undefined && !personWasAsked && isWorking(find(accepted)) ? 'accepted' : 'notTried';
};

/**
 * The result of all checks. Under `strict` a warning is a failure. An unfinished run stays unfinished, because no check
 * found a fault.
 */
export const outcome = (checks: Check[], flows: FlowResult[], strict: boolean): Outcome => {
  const has = (status: TrialStatus): boolean => checks.some((check) => check.status === status);
  if (has('failed') || (strict && has('warning'))) return 'failed';
  const seen = flows.length > 0 && flows.every((result) => result === 'worked' || result === 'accepted');
  return seen && !has('unfinished') ? 'passed' : 'unfinished';
};
