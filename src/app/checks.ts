import type { App, Flow } from './app.ts';
import { FLOWS } from './flows.ts';
import type { UserFacts } from './user.ts';
import type { Secret } from './secret.ts';
import type { Text } from './text.ts';

export type CheckStatus = 'passed' | 'failed' | 'warning' | 'skipped';

/** `unfinished`: it was tried, and the org's answer may be another one in a few minutes. */
export type TrialStatus = CheckStatus | 'unfinished';

/** How far a flow was seen to go. */
export type FlowResult =
  /** A token was got and used. */
  | 'worked'
  /** As far as it goes without a person: the org took the request with which a person's login begins. */
  | 'accepted'
  | 'notTried'
  | 'failed';

/** `unfinished`: nothing failed, but a flow could not be tried. */
export type Outcome = 'passed' | 'failed' | 'unfinished';

/** What one check of `verify` found. */
export type Finding = {
  status: CheckStatus;
  detail: Text;
  /** What mends it; every failed check has one. */
  fix?: Text;
};

/** What came of something that `verify` tried. */
export type Tried = Omit<Finding, 'status'> & { status: TrialStatus };

export type Check = Tried & {
  /** Stable, such as `client-credentials.token`. */
  id: string;
  flow?: Flow;
  title: Text;
  durationMs: number;
};

export type OrgKind = 'production' | 'sandbox' | 'scratch' | 'practice';

/** The consumer secret that verify tries, or why there is none to try. */
export type SecretSource = { from: 'org' | 'file'; secret: Secret } | { from: 'nowhere'; detail: Text; fix: Text };

/** What the client's own configuration says beside key and secret, as far as a credentials file has it. */
export type ClientSettings = {
  callbackUrl?: string;
  /** Audience of its JWTs. */
  audience?: string;
  /** Hosts at which it asks for tokens and logins, by the name of the entry. */
  hosts: { name: string; host: string }[];
  /** Where it asks for tokens; absent where its file names a host alone, or none. */
  tokenUrl?: string;
};

/** An Apex class that takes an identity provider's tokens for an app. */
export type TokenExchangeHandler = { name: string; enabled: boolean; isDefault: boolean };

/** All that is known before the first request is sent in the app's name. */
export type AppFacts = {
  app: App;
  /** Alias or username as the user gave it, for the commands that a fix names; absent: the default org. */
  targetOrg?: string;
  /** Whose login this run has; absent without an org. */
  username?: string;
  /** This run's own flags, each with its value, for the fixes that run `verify` again. */
  flags?: string[][];
  /** Path of the credentials file, when the client is tried without an org: then nothing is known but what the file says. */
  fileOnly?: string;
  /** The app's page in Setup. */
  setupUrl: string;
  orgKind: OrgKind;
  /** https://<My Domain>, without a path. */
  myDomainUrl: string;
  /** Such as 67.0. */
  apiVersion: string;
  /** When any part of the app was last changed. */
  changedAt?: Date;
  oauthPluginOn: boolean;
  /** The two switches of the client-credentials flow: the developer's in the global settings, the admin's in the policies. */
  clientCredentials: { global: boolean; policy: boolean };
  /** Likewise of the token exchange flow. */
  tokenExchange: { global: boolean; policy: boolean };
  /** Those that serve the app; absent when it has no use for them, or this login may not see them. */
  tokenExchangeHandlers?: TokenExchangeHandler[];
  /** Does the org allow the code-and-credentials flow? Absent when the app does not have it, or it cannot be told. */
  codeAndCredentialsAllowed?: boolean;
  /** Permission sets by which users are let in: those that the policies name, and those that name the app. */
  allowedPermissionSets: string[];
  /** The configured run-as user; absent when the app names none, or one who is not there. */
  runAs?: UserFacts;
  /** The key that the org has for the app. */
  orgConsumerKey?: string;
  /** The key to try; from a file it may be another one than the org's. */
  consumerKey?: string;
  secret: SecretSource;
  /** Absent when no credentials file was given. */
  client?: ClientSettings;
  /**
   * Is there a certificate for the JWT bearer flow? `returned`: yes, and the org returned it. `noted`: yes, by this machine's note of
   * its last write. Absent, or `unknown`, when it cannot be told.
   */
  certificate?: 'returned' | 'noted' | 'no' | 'unknown';
  /** Does the org let the REST API return consumer secrets at the moment? Absent when it cannot be told. */
  secretAccessOpen?: boolean;
};

/** The flows that an app has; the web server flow is always on once OAuth is. */
export const flowsOf = (app: App): Flow[] =>
  app.oauth ? [...new Set<Flow>(['web-server', ...(app.oauth.flows ?? [])])] : [];

/**
 * The flows that somebody meant an app to have: those with a switch on either side, too, when only one of them is on, and client
 * credentials when a run-as user is named. It is just then that something is missing.
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

/** The scopes that a login's access token carries in any case: only with some flows it names refresh_token, too. */
export const scopesOfLogin = (scopes: string[]): string[] =>
  scopes.filter((scope) => scope !== 'refresh_token' && scope !== 'offline_access');

/**
 * The scopes that a token of an app lacks, and those that it has beyond the app's.
 *
 * @param carried of the app's scopes, those that a token of the flow always carries
 */
export const compareScopes = (
  configured: string[],
  carried: string[],
  granted: string[],
): { missing: string[]; extra: string[] } => ({
  missing: carried.filter((scope) => !granted.includes(scope)),
  extra: granted.filter((scope) => !configured.includes(scope)),
});

/** Paths that answer a token only if it has a certain scope, the most telling first. `%v` is the API version. */
const telling: [scope: string, path: string][] = [
  // Listing the API's resources needs the scope and the user's API access, and no permission beyond.
  ['api', '/services/data/v%v/'],
  ['full', '/services/data/v%v/'],
  ['chatter_api', '/services/data/v%v/connect/organization'],
  ['wave_api', '/services/data/v%v/wave'],
  ...['openid', 'id', 'profile', 'email', 'address', 'phone'].map((scope): [string, string] => [
    scope,
    '/services/oauth2/userinfo',
  ]),
];

/** The path to call with a token of these scopes; undefined when no scope gives access to an address that is known here. */
export const apiPathFor = (scopes: string[], apiVersion: string): string | undefined =>
  telling.find(([scope]) => scopes.includes(scope))?.[1].replace('%v', apiVersion);

/** Scopes with which a client gets new tokens, and which give access to nothing by themselves. */
const lasting = new Set(['refresh_token', 'offline_access']);

/** The scopes that give access to something. */
export const usableScopes = (scopes: readonly string[]): string[] => scopes.filter((scope) => !lasting.has(scope));

/** Those of a token's scopes whose service `verify` does not call: it has no address for them, or knows none. */
export const scopesNotCalled = (scopes: readonly string[]): string[] =>
  usableScopes(scopes).filter((scope) => !telling.some(([known]) => known === scope));

/** Does the scope give access to an API? All of Salesforce's that do are named so. */
export const isApiScope = (scope: string): boolean => /(^|_)api$/.test(scope);

/**
 * Scopes whose services take JWT-based access tokens only: hosted MCP servers (reported), and the Salesforce API Platform with the
 * Agent API (Agent API Developer Guide, "Get Started with the Agent API").
 */
const forJwtTokens = ['mcp_api', 'sfap_api', 'chatbot_api'];

/** The scopes among these whose services take JWT-based access tokens only. */
export const scopesForJwtTokens = (scopes: readonly string[] = []): string[] =>
  scopes.filter((scope) => forJwtTokens.includes(scope));

/** By what an app with admin approval lets this user in. */
export const approvedBy = (
  { app, allowedPermissionSets }: Pick<AppFacts, 'app' | 'allowedPermissionSets'>,
  user: UserFacts,
): 'permissionSet' | 'profile' | undefined => {
  if (allowedPermissionSets.some((name) => user.permissionSets.includes(name))) return 'permissionSet';
  return app.policies?.profiles?.includes(user.profileName) ? 'profile' : undefined;
};

/** A check's statuses that do not stand in the way of those that need it. */
export const isWorking = (check: Pick<Check, 'status'> | undefined): boolean =>
  check?.status === 'passed' || check?.status === 'warning';

/** How far a flow went, by its checks. What was asked of a person and did not come about counts for nothing. */
export const flowResult = (checks: Check[], flow: Flow): FlowResult => {
  if (checks.some((check) => check.flow === flow && check.status === 'failed')) return 'failed';
  const find = (id: string): Check | undefined => checks.find((check) => check.id === id);
  const { worked = [], accepted } = FLOWS[flow].proof ?? {};
  if (worked.length > 0 && worked.every((id) => isWorking(find(id)))) return 'worked';
  const personWasAsked = worked.some((id) => find(id) !== undefined);
  return accepted !== undefined && !personWasAsked && isWorking(find(accepted)) ? 'accepted' : 'notTried';
};

/**
 * What all checks come to. Under `strict` a warning is a failure; what is unfinished stays so, as nothing was seen to be wrong.
 */
export const outcome = (checks: Check[], flows: FlowResult[], strict: boolean): Outcome => {
  const has = (status: TrialStatus): boolean => checks.some((check) => check.status === status);
  if (has('failed') || (strict && has('warning'))) return 'failed';
  const seen = flows.length > 0 && flows.every((result) => result === 'worked' || result === 'accepted');
  return seen && !has('unfinished') ? 'passed' : 'unfinished';
};
