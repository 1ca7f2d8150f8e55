import type { ConnectedApp } from './connectedApp.ts';
import type { CertificateInApp, NamesInOrg } from './context.ts';
import type { MigrationText } from './migrationText.ts';

/** Where an inventory looks. Each place tells something else, and each can be closed to a user. */
export type SourceName =
  | 'list'
  | 'metadata'
  | 'applications'
  | 'menu'
  | 'externalApps'
  | 'access'
  | 'tokens'
  | 'logins'
  | 'addresses'
  | 'users'
  | 'names'
  | 'settings';

/** How much of a source was seen. What is not seen is not the same as what is not there. */
export type SourceSeen = {
  source: SourceName;
  seen: 'all' | 'part' | 'none';
  /** Rows, components or logins that were seen. */
  count: number;
  /** Why not all was seen. */
  reasons: MigrationText[];
};

/** A Connected App that the org lists. */
export type ListedApp = {
  /** 0H4... of 18 characters, if the org says it. */
  id?: string;
  /** API name, with the namespace of a package. */
  name: string;
  namespace?: string;
  /** When somebody last changed it: a text in ISO format. */
  changed?: string;
  isInstalled: boolean;
  /** Its metadata. Absent where the org did not return it, as for every app of a vendor. */
  app?: ConnectedApp;
  /** The certificate in its metadata. */
  certificate?: CertificateInApp;
};

/** A refresh token of an app for a user, as OauthToken has it. Dates are texts in ISO format. */
export type TokenRow = {
  label: string;
  /** Absent for an app that is known to the org, and not installed. */
  menuItemId?: string;
  userId: string;
  lastUsed?: string;
  uses: number;
};

/** Logins of LoginHistory that have all this in common. */
export type LoginGroup = {
  /** The label of the app, or what else the org calls the client. */
  application: string;
  loginType: string;
  subType?: string;
  userId: string;
  succeeded: boolean;
  count: number;
  /** Text in ISO format. */
  last: string;
};

/** Successful logins of an application from one address. */
export type AddressGroup = { application: string; address: string; count: number };

/** All that an org says about its Connected Apps. */
export type InventoryFacts = {
  /** Days before today that the logins were read of. */
  days: number;
  /** The org's clock when it listed its apps. Absent where the org did not say it. */
  now?: Date;
  listed: ListedApp[];
  /** ConnectedApplication: the org's own apps and the installed ones. */
  applications: Array<{ id: string; label: string }>;
  menu: Array<{ id: string; appId: string; label: string; isConnectedApp: boolean }>;
  externalApps: Array<{ name: string; label: string }>;
  /** Permission sets, by their labels, and profiles that may use an app. */
  access: Array<{ appId: string; name: string; isProfile: boolean }>;
  tokens: TokenRow[];
  logins: LoginGroup[];
  addresses: AddressGroup[];
  /** The org's permission sets, profiles and switches for flows. Absent where the user may not see them. */
  names?: NamesInOrg;
  /** Usernames by id. */
  usernames: ReadonlyMap<string, string>;
  sources: SourceSeen[];
};

/** An external client app, and what the org says of its tokens. */
export type ExternalUse = {
  name: string;
  label: string;
  enabled: boolean;
  /** Absent while the app has no OAuth settings. */
  consumerKey?: string;
  tokens: TokenRow[];
  /** Why the org does not show the tokens. */
  unread?: string;
};
