import type { App } from '../app.ts';
import type { CertificateKnowledge } from '../certificate.ts';
import type { ByName } from '../name.ts';
import type { AuditText } from './auditText.ts';

/** What was read of an org, or could not be read. A rule says which of these it needs. */
export type Knowledge =
  /** The apps themselves. */
  | 'apps'
  /** The developer's OAuth settings of an app, which an org does not return for an installed app. */
  | 'developerSettings'
  | 'scopes'
  | 'policies'
  | 'idleLimit'
  | 'refreshTokenIpRanges'
  | 'grants'
  | 'certificate'
  | 'orgKind'
  | 'runAsUsers'
  | 'contacts'
  | 'appSettings'
  | 'oauthSettings'
  | 'connectedAppSettings'
  | 'useAnyApiClient'
  | 'approveUninstalled'
  /** When the OAuth settings of an app were made. */
  | 'oauthSince'
  /** The key pairs beside those in use. */
  | 'secondPairs'
  | 'tokens'
  | 'logins'
  | 'connectedApps'
  /** The metadata of a Connected App, which an org does not return of a vendor's. */
  | 'connectedAppMetadata';

/** Why something is not known: what, why, and which permission would help. */
export type Unread = Partial<Record<Knowledge, AuditText>>;

/** What is read only when `--include` asks for it. */
export const INCLUDES = ['connected-apps', 'installed', 'key-pairs', 'tokens'] as const;

export type Include = (typeof INCLUDES)[number];

/** Which `--include` reads a piece of knowledge. */
export const INCLUDED_BY: Partial<Record<Knowledge, Include>> = {
  oauthSince: 'key-pairs',
  secondPairs: 'key-pairs',
  tokens: 'tokens',
  logins: 'tokens',
  connectedApps: 'connected-apps',
  connectedAppMetadata: 'connected-apps',
};

/** A permission set or a profile that gives users access to an app. */
export type AppGrant = { kind: 'permission-set' | 'profile'; name: string };

/** A key pair that works, or soon works, beside the pair in use. `rotated`: the pair before; `staged`: a new one. */
export type SecondPair = { state: 'rotated' | 'staged'; expires?: Date };

/** An external client app with everything about it that rules look at. */
export type AuditedApp = {
  /** 18 characters. */
  id: string;
  app: App;
  installed: boolean;
  /** The package's name and version, when they were asked for. */
  package?: string;
  /** Is the OAuth plugin on, with settings that a client can use? */
  oauthOn: boolean;
  /** Both switches of the client-credentials flow. */
  clientCredentials: { global: boolean; policy: boolean };
  certificate: CertificateKnowledge;
  lastModified: Date;
  /** When the OAuth policies were last changed. */
  policiesModified?: Date;
  /** When its OAuth settings were made. */
  oauthSince?: Date;
  /** Absent where they could not be read. */
  secondPairs?: SecondPair[];
  /** Absent where they could not be read. */
  grants?: AppGrant[];
  unread: Unread;
};

/** A user as whom an app runs. */
export type AuditedUser = {
  username: string;
  active: boolean;
  profileName: string;
  /** The user can only call the API. */
  apiOnly: boolean;
  /** Labels of the permissions that an integration's user should not have. */
  powers: string[];
};

/** A user who has a permission that opens a gate, and how. */
export type Holder = {
  username: string;
  /** The name of the permission set or of the profile. */
  through: string;
  byProfile: boolean;
  /** The standard profile of administrators, from which Salesforce does not let the permission be taken away. */
  standardAdmin: boolean;
};

/** A refresh token that an org knows, without the token. */
export type TokenUse = {
  /** The app's name as the org has it for tokens: its label. */
  appName: string;
  /** Is the app there in the org, so that an admin can set its policies? */
  installed: boolean;
  username: string;
  userActive?: boolean;
  lastUsed?: Date;
  created?: Date;
};

/** The last login of a user with an application, as the login history has it. */
export type ApplicationLogin = { application: string; last: Date };

/** A Connected App, as far as its rules look at it. `id` is a text of 18 characters. */
export type AuditedConnectedApp = {
  id: string;
  /** The label, which is the name that a query shows. */
  name: string;
  /** API name. Absent where the org does not return the metadata. */
  apiName?: string;
  allowAdminApprovedUsersOnly: boolean;
  /** Does it belong to the org itself, so that an external client app can replace it? */
  local: boolean;
  /** In the shape of an app. Absent for one without OAuth, and where its metadata could not be read. */
  app?: App;
  unread: Unread;
};

/** Settings of the whole org. */
export type OrgSettings = {
  restSecretAccess?: boolean;
  metadataSecretAccess?: boolean;
  pkceRequired?: boolean;
  passwordFlowBlocked?: boolean;
  userAgentFlowBlocked?: boolean;
  approvedAppsOnly?: boolean;
};

/** All that the audit knows of an org. */
export type AuditFacts = {
  org: { id: string; username: string; url: string; production?: boolean };
  /** The org's clock; this machine's where the org did not say it. */
  now: Date;
  /** Days without use after which an app or a token counts as unused. */
  unusedDays: number;
  apps: AuditedApp[];
  settings: OrgSettings;
  users: ByName<AuditedUser>;
  /** Email addresses of active users, in lower case. */
  contacts: ReadonlySet<string>;
  holders: { useAnyApiClient: Holder[]; approveUninstalled: Holder[] };
  tokens: TokenUse[];
  logins: ApplicationLogin[];
  connectedApps: AuditedConnectedApp[];
  /** What could not be read of the whole org. */
  unread: Unread;
  /** What nobody asked for. */
  notAsked: ReadonlySet<Knowledge>;
};
