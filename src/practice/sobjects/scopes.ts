import schema from './schema.json' with { type: 'json' };

/**
 * Scopes by the token that metadata has for them, each with the boolean field that the sObject has for it. The tokens
 * are the 36 that live orgs of API v67 listed in a validation error. The fields are those of Salesforce's types.
 */
const SCOPE_FIELDS: Record<string, string> = {
  Address: 'ADDRESS',
  Api: 'API',
  Basic: 'SSO',
  CDP: 'CDP_API',
  CDPCalculatedInsight: 'CDP_CALCULATED_INSIGHT_API',
  CDPIdentityResolution: 'CDP_IDENTITYRESOLUTION_API',
  CDPIngest: 'CDP_INGEST_API',
  CDPProfile: 'CDP_PROFILE_API',
  CDPQuery: 'CDP_QUERY_API',
  CDPSegment: 'CDP_SEGMENT_API',
  Chatbot: 'CHATBOT_API',
  Chatter: 'CHATTER_REST_API',
  Content: 'CONTENT',
  CustomApplications: 'VF',
  CustomPermissions: 'CUSTOM_PERMISSIONS',
  DataCloudUserClaims: 'DATA_CLOUD_USER_CLAIMS',
  Eclair: 'ECLAIR_REST_API',
  EinsteinGPT: 'EINSTEIN_GPT_API',
  Email: 'EMAIL',
  ForgotPassword: 'FORGOT_PASSWORD',
  Full: 'FULL',
  Interaction: 'INTERACTION_API',
  Lightning: 'LIGHTNING',
  MCP: 'MCP_API',
  OfflineAccess: 'OFFLINE_ACCESS',
  OpenID: 'OPENID',
  Pardot: 'PARDOT_API',
  Phone: 'PHONE',
  Profile: 'PROFILE',
  PwdlessLogin: 'PWDLESS_LOGIN_API',
  RefreshToken: 'REFRESH_TOKEN',
  SCRT: 'SCRT_API',
  SFApiPlatform: 'SFAP_API',
  UserRegistration: 'USER_REGISTRATION_API',
  Wave: 'WAVE_REST_API',
  Web: 'WEB',
};

/** Every scope that metadata can name, in alphabetical order. */
export const SCOPE_TOKENS: readonly string[] = Object.keys(SCOPE_FIELDS);

/** The tokens of a comma-separated list. */
export const scopeTokens = (commaSeparated: string): string[] =>
  commaSeparated
    .split(',')
    .map((token) => token.trim())
    .filter(Boolean);

/** A list of scopes as the sObject has it: a boolean for every scope that there is. */
export const scopeFields = (commaSeparated: string): Record<string, boolean> => {
  const named = new Set(scopeTokens(commaSeparated).map((token) => `OauthScopes${SCOPE_FIELDS[token] ?? ''}`));
  const fields = Object.keys(schema.ExtlClntAppOauthSettings).filter((field) => field.startsWith('OauthScopes'));
  return Object.fromEntries(fields.map((field) => [field, named.has(field)]));
};
