/** A Connected App for a new practice org. */
export type ConnectedAppFile = {
  /** API name. The app of a package has its namespace: `ns__Portal`. */
  name: string;
  xml: string;
  /** Was it made in another org? An app with a namespace always was. */
  isOfVendor?: boolean;
  /** Is it installed? An app of this org always is. */
  isInstalled?: boolean;
};

/** Thrown for a file that is no Connected App; the message says why. */
export class BadConnectedApp extends Error {}
