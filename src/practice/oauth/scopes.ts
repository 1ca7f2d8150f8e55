/**
 * Scopes: what the metadata calls them, and what they are called on the wire. From Salesforce's Metadata API guide and Help;
 * the two were read side by side from orgs of API version 67.
 */
const WIRE_NAMES: Record<string, string> = {
  Api: 'api',
  RefreshToken: 'refresh_token',
  OfflineAccess: 'offline_access',
  Basic: 'id',
  OpenID: 'openid',
  Profile: 'profile',
  Email: 'email',
  Address: 'address',
  Phone: 'phone',
  Web: 'web',
  Full: 'full',
  Chatter: 'chatter_api',
  CustomApplications: 'visualforce',
  CustomPermissions: 'custom_permissions',
  Lightning: 'lightning',
  Content: 'content',
  Wave: 'wave_api',
  Eclair: 'eclair_api',
  Pardot: 'pardot_api',
  Interaction: 'interaction_api',
  EinsteinGPT: 'einstein_gpt_api',
  SFApiPlatform: 'sfap_api',
  Chatbot: 'chatbot_api',
  MCP: 'mcp_api',
  CDP: 'cdp_api',
  CDPIngest: 'cdp_ingest_api',
  CDPProfile: 'cdp_profile_api',
  CDPQuery: 'cdp_query_api',
  CDPSegment: 'cdp_segment_api',
  CDPIdentityResolution: 'cdp_identityresolution_api',
  CDPCalculatedInsight: 'cdp_calculated_insight_api',
  PwdlessLogin: 'pwdless_login_api',
  ForgotPassword: 'forgot_password',
  UserRegistration: 'user_registration_api',
  SCRT: 'scrt_api',
  DataCloudUserClaims: 'data_cloud_user_claims',
};

/** Every scope that the discovery document names. */
export const SUPPORTED_SCOPES = Object.values(WIRE_NAMES);

/** Two names for the same thing: leave to come back without the user. */
const LASTING = ['refresh_token', 'offline_access'];

/** Scopes that an app that acts without a user never gets, whatever its settings are. */
const FOR_USERS_ONLY = ['full', 'web', ...LASTING];

/** The parts of a comma-separated element. */
export const commaSeparated = (value: unknown): string[] =>
  typeof value === 'string'
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : [];

/** `Api, RefreshToken` as wire names. */
export const scopesOfSettings = (commaSeparatedOauthScopes: unknown): string[] =>
  commaSeparated(commaSeparatedOauthScopes).map((token) => WIRE_NAMES[token] ?? token);

/** The scopes of a request's `scope` parameter; spaces between them, as OAuth has it. */
export const scopesOfRequest = (scope: string | undefined): string[] => [
  ...new Set((scope ?? '').split(/[\s,]+/).filter(Boolean)),
];

export const allowsRefreshToken = (scopes: readonly string[]): boolean =>
  scopes.some((scope) => LASTING.includes(scope));

/** Does an app with these scopes have this one, by its own name or by one that comprises it? */
const has = (scopes: readonly string[], scope: string): boolean => {
  if (LASTING.includes(scope)) return allowsRefreshToken(scopes);
  return scopes.includes(scope) || scopes.includes('full');
};

/**
 * The granted scopes, from the app's scopes and the requested ones. Without requested scopes, all scopes of the app;
 * undefined when the request asks for too much.
 */
export const grantedScopes = (ofApp: readonly string[], asked: readonly string[]): string[] | undefined => {
  if (asked.length === 0) return [...ofApp];
  return asked.every((scope) => has(ofApp, scope)) ? [...asked] : undefined;
};

export const scopesWithoutUser = (scopes: readonly string[]): string[] =>
  scopes.filter((scope) => !FOR_USERS_ONLY.includes(scope));

export const withoutLasting = (scopes: readonly string[]): string[] =>
  scopes.filter((scope) => !LASTING.includes(scope));
