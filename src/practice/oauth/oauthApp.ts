import {
  type Component,
  type Consumer,
  type KeyPair,
  type PracticeOrg,
  qualifiedName,
  type SObjectRecord,
} from '../org.ts';
import type { IpRange } from './addresses.ts';
import { commaSeparated, scopesOfSettings } from './scopes.ts';

/** An app the way the OAuth endpoints see it: its five components read together. */
export type OauthApp = {
  /** Said of a Connected App. It has flows that an external client app does not have. */
  connected?: { isInstalled: boolean };
  /** Absent for the CLI's own app, which every org knows without having it. */
  id?: string;
  /** With the namespace. */
  name: string;
  label: string;
  /** The key pair that the client named; no secret for the CLI's own app. */
  key: string;
  secret?: string;
  /** Switched off by an admin, as an app or in its OAuth part. */
  blocked: boolean;
  isCallback(url: string): boolean;
  /** Wire names, custom scopes among them. */
  scopes: string[];
  pkceRequired: boolean;
  secretRequired: boolean;
  secretRequiredForRefresh: boolean;
  secretRequiredForTokenExchange: boolean;
  refreshTokenRotation: boolean;
  introspectAllTokens: boolean;
  jwtAccessTokens: boolean;
  /** Each of the two switches that the flow needs, and its user. */
  clientCredentials: { global: boolean; policy: boolean; runAs?: string };
  tokenExchange: { global: boolean; policy: boolean };
  deviceFlow: boolean;
  codeAndCredentials: boolean;
  /** In the code-and-credentials flow, name and password come in the form and not by HTTP Basic. */
  credentialsInBody: boolean;
  /** PEM, or its base64 body alone; turns the JWT bearer flow on. */
  certificate?: string;
  idToken: {
    audience?: string;
    validityMinutes: number;
    standardClaims: boolean;
    attributes: boolean;
    customPermissions: boolean;
  };
  adminApprovedOnly: boolean;
  /** The login IP ranges of a user's profile, as far as the admin relaxes them. */
  ipRelaxation: 'Enforce' | 'Enforce_RelaxRefresh' | 'Bypass' | 'Bypass_2factor';
  trustedIpRanges: IpRange[];
  /** Where refresh tokens may be asked for and used; anywhere when there are none. */
  tokenIpRanges: IpRange[];
  permissionSets: string[];
  profiles: string[];
  refreshTokenPolicy: RefreshTokenPolicy;
  /** Does a refresh token end after 30 days without use, whatever the policy says? */
  refreshTokenIdleLimit: boolean;
  /** Minutes until an access token expires, by its format. */
  opaqueMinutes: number;
  jwtMinutes: number;
};

/** `milliseconds` with lifetime and inactivity. */
export type RefreshTokenPolicy = {
  kind: 'Infinite' | 'Zero' | 'SpecificLifetime' | 'SpecificInactivity';
  milliseconds: number;
};

type Body = Record<string, unknown>;

/**
 * The length of an org's session without a value in the app's policies. Two hours are the default of the session
 * settings.
 */
const ORG_SESSION_MINUTES = 120;
/**
 * The named-user JWT time-out without a value in the policies. The guide lists 30 among its values and names no
 * default.
 */
const JWT_MINUTES = 30;
/** The guide's default. */
const ID_TOKEN_MINUTES = 2;

const DAY = 24 * 3600 * 1000;
/** A month is taken as 30 days. */
const UNIT: Record<string, number> = { Hours: 3600 * 1000, Days: DAY, Months: 30 * DAY };

/** The client id of the app that Salesforce's CLI logs in with; every org knows it. */
export const CLI_CLIENT_ID = 'PlatformCLI';

/** The pairs of a consumer that get tokens now: the primary, and the staged one where it is of use. */
export const workingPairs = (org: PracticeOrg, consumer: Consumer): KeyPair[] => {
  const { primary, staged } = consumer;
  return staged && worksBeside(org, staged) ? [primary, staged] : [primary];
};

/** An old pair works until it expires; whether a new one does before it is promoted, nobody knows. */
const worksBeside = (org: PracticeOrg, staged: KeyPair): boolean => {
  if (staged.expirationDate && staged.expirationDate <= org.now()) return false;
  return staged.state === 'Rotated' || (staged.state === 'Active' && org.variants['staged-pair'] === 'works');
};

/** The app that a consumer key belongs to, as far as the token endpoint has heard of it. */
export const appByKey = (org: PracticeOrg, key: string): OauthApp | undefined => {
  if (key === CLI_CLIENT_ID) return cliApp();
  const holders = [...org.consumers.values()].flatMap((consumer) => {
    const pair = workingPairs(org, consumer).find((one) => one.key === key);
    return pair ? [{ consumer, pair }] : [];
  });
  // After Salesforce's button two apps have the key. The old one can only be read.
  const holder = holders.find(({ consumer }) => org.appById(consumer.appId)) ?? holders[0];
  if (holder) return org.hasPropagated(holder.consumer.appId) ? appOf(org, holder.consumer, holder.pair) : undefined;
  return undefined;
};

/** The app of an id, with its primary pair. */
export const appById = (org: PracticeOrg, id: string): OauthApp | undefined => {
  const consumer = org.consumers.get(id);
  return consumer ? appOf(org, consumer, consumer.primary) : undefined;
};

const appOf = (org: PracticeOrg, consumer: Consumer, pair: KeyPair): OauthApp | undefined => {
  const connected = org.connectedAppById(consumer.appId);
  if (connected) return connectedOauthApp(connected, pair);
  const app = org.appById(consumer.appId);
  if (!app) return undefined;
  const body = bodies(org.componentsOfApp(qualifiedName(app)));
  const settings = body('ExtlClntAppOauthSettings');
  const globalSettings = body('ExtlClntAppGlobalOauthSettings');
  const oauthPolicies = body('ExtlClntAppOauthConfigurablePolicies');
  const policies = body('ExtlClntAppConfigurablePolicies');
  const callbacks = lines(globalSettings.callbackUrl);
  const idToken = (globalSettings.idTokenConfig ?? {}) as Body;
  return {
    id: app.id,
    name: qualifiedName(app),
    label: text(app.body.label) ?? app.fullName,
    key: pair.key,
    secret: pair.secret,
    blocked: policies.isEnabled === false || policies.isOauthPluginEnabled === false,
    isCallback: (url) => callbacks.includes(url),
    scopes: [
      ...scopesOfSettings(settings.commaSeparatedOauthScopes),
      ...commaSeparated(settings.commaSeparatedCustomScopes),
    ],
    pkceRequired: globalSettings.isPkceRequired === true,
    secretRequired: globalSettings.isConsumerSecretOptional !== true,
    secretRequiredForRefresh: globalSettings.isSecretRequiredForRefreshToken !== false,
    secretRequiredForTokenExchange: globalSettings.isSecretRequiredForTokenExchange === true,
    refreshTokenRotation: globalSettings.isRefreshTokenRotationEnabled === true,
    introspectAllTokens: globalSettings.isIntrospectAllTokens === true,
    jwtAccessTokens: globalSettings.isNamedUserJwtEnabled === true,
    clientCredentials: {
      global: globalSettings.isClientCredentialsFlowEnabled === true,
      policy: oauthPolicies.isClientCredentialsFlowEnabled === true,
      runAs: text(oauthPolicies.clientCredentialsFlowUser),
    },
    tokenExchange: {
      global: globalSettings.isTokenExchangeEnabled === true,
      policy: oauthPolicies.isTokenExchangeFlowEnabled === true,
    },
    deviceFlow: globalSettings.isDeviceFlowEnabled === true,
    codeAndCredentials: globalSettings.isCodeCredFlowEnabled === true,
    credentialsInBody: globalSettings.isCodeCredPostOnly === true,
    certificate: text(globalSettings.certificate),
    idToken: {
      audience: text(idToken.idTokenAudience),
      validityMinutes: number(idToken.idTokenValidityInMinutes) ?? ID_TOKEN_MINUTES,
      standardClaims: idToken.idTokenIncludeStandardClaims === true,
      attributes: idToken.idTokenIncludeAttributes === true,
      customPermissions: idToken.idTokenIncludeCustomPermissions === true,
    },
    adminApprovedOnly: oauthPolicies.permittedUsersPolicyType === 'AdminApprovedPreAuthorized',
    ipRelaxation: ipRelaxation(text(oauthPolicies.ipRelaxationPolicyType)),
    trustedIpRanges: ipRanges(settings.trustedIpRanges),
    tokenIpRanges: ipRanges(body('ExtlClntAppOauthSecuritySettings').tokenIpRanges),
    permissionSets: commaSeparated(oauthPolicies.commaSeparatedPermissionSet),
    profiles: commaSeparated(oauthPolicies.commaSeparatedProfile),
    refreshTokenPolicy: refreshTokenPolicy(oauthPolicies),
    refreshTokenIdleLimit: globalSettings.isEnforceRefreshTokenTTL === true,
    opaqueMinutes: number(oauthPolicies.sessionTimeoutInMinutes) || ORG_SESSION_MINUTES,
    jwtMinutes: number(oauthPolicies.namedUserJwtTimeout) || JWT_MINUTES,
  };
};

/** A Connected App the way the OAuth endpoints see it. Its one component has what an external client app has in five. */
const connectedOauthApp = (app: Component, pair: KeyPair): OauthApp => {
  const { body } = app;
  const config = (body.oauthConfig ?? {}) as Body;
  const policy = (body.oauthPolicy ?? {}) as Body;
  const idToken = (config.idTokenConfig ?? {}) as Body;
  const callbacks = lines(config.callbackUrl);
  const scopes = (Array.isArray(config.scopes) ? config.scopes : []) as string[];
  const isClientCredentials = config.isClientCredentialEnabled === true;
  const isTokenExchange = config.isTokenExchangeEnabled === true;
  return {
    connected: { isInstalled: app.vendor?.isInstalled !== false },
    id: app.id,
    name: qualifiedName(app),
    label: text(body.label) ?? app.fullName,
    key: pair.key,
    secret: pair.secret,
    blocked: false,
    isCallback: (url) => callbacks.includes(url),
    // The metadata of a Connected App spells one scope in another way.
    scopes: scopesOfSettings(scopes.map((scope) => (scope === 'SFAP' ? 'SFApiPlatform' : scope)).join(',')),
    pkceRequired: config.isPkceRequired === true,
    secretRequired: config.isConsumerSecretOptional !== true,
    secretRequiredForRefresh: config.isSecretRequiredForRefreshToken !== false,
    secretRequiredForTokenExchange: config.isSecretRequiredForTokenExchange === true,
    refreshTokenRotation: config.isRefreshTokenRotationEnabled === true,
    introspectAllTokens: config.isIntrospectAllTokens === true,
    jwtAccessTokens: config.isNamedUserJwtEnabled === true,
    clientCredentials: {
      global: isClientCredentials,
      policy: isClientCredentials,
      runAs: text(config.oauthClientCredentialUser),
    },
    tokenExchange: { global: isTokenExchange, policy: isTokenExchange && policy.isTokenExchangeFlowEnabled === true },
    deviceFlow: config.isDeviceFlowEnabled === true,
    codeAndCredentials: config.isCodeCredentialEnabled === true,
    credentialsInBody: config.isCodeCredentialPostOnly === true,
    certificate: text(config.certificate),
    idToken: {
      audience: text(idToken.idTokenAudience),
      validityMinutes: number(idToken.idTokenValidity) ?? ID_TOKEN_MINUTES,
      standardClaims: idToken.idTokenIncludeStandardClaims === true,
      attributes: idToken.idTokenIncludeAttributes === true,
      customPermissions: idToken.idTokenIncludeCustomPerms === true,
    },
    adminApprovedOnly: config.isAdminApproved === true,
    ipRelaxation: IP_RELAXATIONS[String(policy.ipRelaxation).toUpperCase()] ?? 'Enforce',
    trustedIpRanges: ((body.ipRanges ?? []) as IpRange[]).map(({ start, end }) => ({ start, end })),
    tokenIpRanges: [],
    // Who may use it is in SetupEntityAccess alone.
    permissionSets: [],
    profiles: [],
    refreshTokenPolicy: policyInText(String(policy.refreshTokenPolicy ?? 'infinite')),
    refreshTokenIdleLimit: config.isEnforceRefreshTokenTTL === true,
    opaqueMinutes: number((body.sessionPolicy as Body | undefined)?.sessionTimeout) || ORG_SESSION_MINUTES,
    jwtMinutes: JWT_MINUTES,
  };
};

/** The IP relaxations of a Connected App, as the policies of an external client app spell them. */
const IP_RELAXATIONS: Record<string, OauthApp['ipRelaxation']> = {
  ENFORCE: 'Enforce',
  BYPASS: 'Bypass',
  BYPASS_2FACTOR: 'Bypass_2factor',
  ENFORCE_RELAXREFRESH: 'Enforce_RelaxRefresh',
};

/** `infinite`, `zero`, `specific_lifetime:12:HOURS` (files of real orgs). */
const policyInText = (policy: string): RefreshTokenPolicy => {
  const [kind = '', count, unit = ''] = policy.toLowerCase().split(':');
  const days = { hours: 1 / 24, days: 1, months: 30 }[unit] ?? 1;
  const kinds = {
    zero: 'Zero',
    specific_lifetime: 'SpecificLifetime',
    specific_inactivity: 'SpecificInactivity',
  } as const;
  return {
    kind: Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : 'Infinite',
    milliseconds: Number(count ?? 0) * days * DAY,
  };
};

/** The app of Salesforce's CLI: no secret, its callback on any port of this machine, three scopes. */
const cliApp = (): OauthApp => ({
  name: 'Salesforce CLI',
  label: 'Salesforce CLI',
  key: CLI_CLIENT_ID,
  blocked: false,
  isCallback: (url) => /^http:\/\/localhost:\d+\/OauthRedirect$/.test(url),
  scopes: ['refresh_token', 'api', 'web'],
  pkceRequired: false,
  secretRequired: false,
  secretRequiredForRefresh: false,
  secretRequiredForTokenExchange: false,
  refreshTokenRotation: false,
  introspectAllTokens: false,
  jwtAccessTokens: false,
  clientCredentials: { global: false, policy: false },
  tokenExchange: { global: false, policy: false },
  deviceFlow: true,
  codeAndCredentials: false,
  credentialsInBody: false,
  idToken: { validityMinutes: ID_TOKEN_MINUTES, standardClaims: false, attributes: false, customPermissions: false },
  adminApprovedOnly: false,
  ipRelaxation: 'Enforce',
  trustedIpRanges: [],
  tokenIpRanges: [],
  permissionSets: [],
  profiles: [],
  refreshTokenPolicy: { kind: 'Infinite', milliseconds: 0 },
  refreshTokenIdleLimit: false,
  opaqueMinutes: ORG_SESSION_MINUTES,
  jwtMinutes: JWT_MINUTES,
});

/** Does API Access Control keep the app out already where it asks for tokens, and not only at the APIs? */
export const isUnapproved = (org: PracticeOrg, app: OauthApp): boolean => {
  const controlled = org.settings.ConnectedAppSettings?.enableAdminApprovedAppsOnly === true;
  return controlled && org.variants['api-access-control'] === 'login' && app.id !== undefined && !app.adminApprovedOnly;
};

/**
 * May this user use the app? This is for policies that allow approved users only. A permission set or profile of the
 * policies approves a user, or a SetupEntityAccess that names the app.
 */
export const isPermitted = (org: PracticeOrg, app: OauthApp, userId: string): boolean => {
  if (!app.adminApprovedOnly) return true;
  const sets = org.permissionSetsOf(userId);
  if (sets.some((set) => app.permissionSets.includes(apiName(set)))) return true;
  const user = org.record('User', userId);
  const profile = user && org.record('Profile', String(user.ProfileId));
  if (profile && app.profiles.includes(String(profile.Name))) return true;
  const parents = new Set(sets.map((set) => set.Id));
  return org
    .records('SetupEntityAccess')
    .some((access) => access.SetupEntityId === app.id && parents.has(String(access.ParentId)));
};

const apiName = (record: SObjectRecord): string =>
  record.NamespacePrefix ? `${String(record.NamespacePrefix)}__${String(record.Name)}` : String(record.Name);

/** The fourth one is spelled in two ways. */
const ipRelaxation = (type = 'Enforce'): OauthApp['ipRelaxation'] =>
  type.toLowerCase() === 'enforce_relaxrefresh' ? 'Enforce_RelaxRefresh' : (type as OauthApp['ipRelaxation']);

const ipRanges = (value: unknown): IpRange[] => {
  const ranges = (Array.isArray(value) ? value : []) as Array<{ startIpAddress: string; endIpAddress: string }>;
  return ranges.map(({ startIpAddress, endIpAddress }) => ({ start: startIpAddress, end: endIpAddress }));
};

const refreshTokenPolicy = (oauthPolicies: Body): RefreshTokenPolicy => {
  const kind = (text(oauthPolicies.refreshTokenPolicyType) ?? 'Infinite') as RefreshTokenPolicy['kind'];
  const unit = UNIT[text(oauthPolicies.refreshTokenValidityUnit) ?? 'Days'] ?? DAY;
  return { kind, milliseconds: (number(oauthPolicies.refreshTokenValidityPeriod) ?? 0) * unit };
};

/** The body of a component by its type; empty where the app has none. */
const bodies =
  (components: Component[]): ((type: string) => Body) =>
  (type) =>
    components.find((one) => one.type === type)?.body ?? {};

const lines = (value: unknown): string[] =>
  typeof value === 'string'
    ? value
        .split(/\s*[\r\n]+\s*/)
        .map((line) => line.trim())
        .filter(Boolean)
    : [];

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
