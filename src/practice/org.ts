/** What a practice org holds. Everything lives in memory and ends with the process. */

/** A record of a standard object, with its fields by API name. `Id` is always there, 18 characters. */
export type SObjectRecord = { Id: string } & Record<string, unknown>;

/** A metadata component as it was deployed and completed by the org: element name -> value, in the words of the Metadata API. */
export type Component = {
  id: string;
  type: string;
  /** Without the namespace. */
  fullName: string;
  namespace?: string;
  body: Record<string, unknown>;
  createdById: string;
  createdDate: Date;
  lastModifiedById: string;
  lastModifiedDate: Date;
};

/** The key pair of one consumer. Never part of a component's body. */
export type KeyPair = {
  id: string;
  key: string;
  secret: string;
  state: 'Active' | 'Expired' | 'Rotated';
  createdDate: Date;
  expirationDate?: Date;
};

/** One OAuth consumer: an app's primary pair, and its staged one if there is one. */
export type Consumer = { id: string; appId: string; name: string; primary: KeyPair; staged?: KeyPair };

/** A login: what an access token stands for. */
export type Session = {
  token: string;
  format: 'opaque' | 'jwt';
  userId: string;
  /** The app that it was given to; absent for the org's own logins. */
  appId?: string;
  scopes: string[];
  issuedAt: Date;
  expiresAt: Date;
};
