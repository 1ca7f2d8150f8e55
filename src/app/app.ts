/**
 * An external client app, in the shape of eca.yaml, of `sf eca display --json` and of the result of every write. An
 * absent field means "not set here": a write leaves the field as the org has it.
 */
export type App = {
  /** API name, the key; never changes. An installed app carries its namespace: `ns__Order_Sync`. */
  name: string;
  label?: string;
  contactEmail?: string;
  description?: string;
  contactPhone?: string;
  infoUrl?: string;
  logoUrl?: string;
  iconUrl?: string;
  distributionState?: DistributionState;
  enabled?: boolean;
  /** Where users start the app: nowhere, at `startUrl`, at the start URL of the policies, or with a SAML login. */
  startPage?: 'none' | 'custom' | 'oauth' | 'saml';
  /** With the start page `custom`. */
  startUrl?: string;
  oauth?: Oauth;
  /** OAuth wire names, such as `api` and `refresh_token`. */
  scopes?: string[];
  /** Names of OauthCustomScope components. */
  customScopes?: string[];
  policies?: Policies;
  /** Login with SAML, in which Salesforce is the identity provider. An app can have SAML, OAuth or both. */
  saml?: Saml;
};

/** A user's wish for an app: the fields to set, without the others. */
export type Wish = App;

export type DistributionState = 'local' | 'packaged' | 'managed' | 'auto-installed';

export type Flow =
  'web-server' | 'client-credentials' | 'jwt-bearer' | 'device' | 'token-exchange' | 'code-and-credentials';

export type Oauth = {
  callbackUrls?: string[];
  flows?: Flow[];
  /** Username of the user as whom the client-credentials flow runs. */
  runAs?: string;
  pkceRequired?: boolean;
  /** Web server flow: is the consumer secret required? */
  secretRequired?: boolean;
  secretRequiredForRefresh?: boolean;
  secretRequiredForTokenExchange?: boolean;
  refreshTokenRotation?: boolean;
  introspectAllTokens?: boolean;
  /** Named-user JWT access tokens. */
  jwtAccessTokens?: boolean;
  /** Path of an X.509 certificate for the JWT bearer flow; `none`: the app has no certificate. */
  certificateFile?: string;
  idToken?: IdToken;
  trustedIpRanges?: IpRange[];
  /** The developer's attributes for tokens and identity. Each key is there once. */
  customAttributes?: Attribute[];
  /** Where Salesforce sends a logout request when a user logs out of Salesforce. */
  singleLogoutUrl?: string;
  assetToken?: AssetToken;
  /** Code and credentials flow: credentials are taken in the body of a POST request only. */
  credentialsByPostOnly?: boolean;
  /** Code and credentials flow: guest users may use it. */
  guestCredentials?: boolean;
  /** A refresh token that nobody used for 30 days ends, whatever the refresh token policy says. */
  refreshTokenIdleLimit?: boolean;
  /** The only addresses from which a refresh token is issued and used. */
  refreshTokenIpRanges?: IpRange[];
  /** DPoP: tokens are bound to a key of the client. */
  dpop?: boolean;
  mutualTls?: MutualTls;
};

/** `formula` is a field such as `User.Country`, or a formula. */
export type Attribute = { key: string; formula: string };

export type AssetToken = {
  /** As the org keeps it, in one text. */
  audiences?: string;
  validitySeconds?: number;
  /** Name or ID of the org's certificate that signs asset tokens. */
  signingCertificate?: string;
  attributes?: boolean;
  customPermissions?: boolean;
};

/** Mutual TLS: the client shows a certificate, of which one field must have the value. */
export type MutualTls = {
  enabled?: boolean;
  certificateField?: 'subject-dn' | 'san-dns' | 'san-uri' | 'san-ip' | 'san-email' | 'san-spiffe';
  certificateValue?: string;
};

export type IdToken = {
  audience?: string;
  validityMinutes?: number;
  standardClaims?: boolean;
  attributes?: boolean;
  customPermissions?: boolean;
};

export type IpRange = { start: string; end: string; description?: string };

export type Policies = {
  permittedUsers?: 'all-users' | 'admin-approved';
  /** Names of permission sets. */
  permissionSets?: string[];
  /** Names of profiles. */
  profiles?: string[];
  refreshToken?: 'infinite' | 'immediate' | 'lifetime' | 'inactivity';
  /** `N hours`, `N days` or `N months`; with `lifetime` and `inactivity`. */
  refreshTokenValidity?: string;
  ipRelaxation?: 'enforce' | 'relax' | 'relax-2fa' | 'enforce-relax-refresh';
  /** Opaque access tokens. */
  sessionTimeoutMinutes?: number;
  /** Named-user JWT access tokens. */
  jwtTimeoutMinutes?: number;
  sessionLevel?: 'low' | 'standard' | 'high-assurance';
  sessionLevelAction?: 'block' | 'raise' | 'step-up-mfa';
  /** JWT access tokens of guest users. */
  guestJwtTimeoutMinutes?: number;
  /** The admin's attributes, beside those of `oauth`. */
  customAttributes?: Attribute[];
  /** Name of an Apex class that extends Auth.ExternalClientAppOauthHandler. */
  apexHandler?: string;
  /** Username of the user as whom the Apex handler runs. */
  apexHandlerRunAs?: string;
  singleLogoutUrl?: string;
  /** With the app's start page `oauth`. */
  startUrl?: string;
};

export type Saml = {
  /** Off: the policies stay, and nobody logs in with them. */
  enabled?: boolean;
  /** Where Salesforce sends its assertions. */
  acsUrl?: string;
  /** The service provider's entity ID. */
  entityUrl?: string;
  issuer?: string;
  /** The service provider's certificate. With it, Salesforce takes only requests that are signed. */
  certificate?: string;
  /** The certificate for which Salesforce encrypts its assertions. */
  encryptionCertificate?: string;
  encryptionType?: 'aes-128' | 'aes-256';
  nameIdFormat?: 'unspecified' | 'email-address' | 'persistent' | 'transient';
  signingAlgorithm?: 'sha1' | 'sha256';
  subjectType?: 'username' | 'federation-id' | 'user-id' | 'spoke-id' | 'custom-attribute' | 'persistent-id';
  /** With the subject type `custom-attribute`. */
  subjectCustomAttribute?: string;
  singleLogoutBinding?: 'redirect' | 'post';
  singleLogoutUrl?: string;
  /** Names of permission sets. */
  permissionSets?: string[];
  /** Names of profiles. */
  profiles?: string[];
  customAttributes?: Attribute[];
};

/**
 * One field that a write changes. `field` is a path such as `oauth.callbackUrls`; `before` is absent when the app had
 * no value.
 */
export type Change = { field: string; before?: unknown; after?: unknown };
