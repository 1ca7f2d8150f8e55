import type { App, Wish } from '../app/app.ts';
import type { IntegrationUser } from '../app/integrationUser.ts';
import type { Written } from '../app/written.ts';

/**
 * The whole of an eca.yaml. Editors complete and check it by schemas/eca.schema.json, which is made from this type.
 *
 * @public
 */
export type EcaFile = {
  /** The external client apps. What the org has besides is left alone. */
  apps: AppEntry[];
};

/** One app of the file. What it does not say stays as the org has it; a new app gets Salesforce's defaults. */
export type AppEntry = App & {
  /** True deletes the app; what else the file says about it does not count then. */
  absent?: boolean;
  /**
   * The app's dedicated user, who can call the API and nothing else. Made where it is not there; the app runs as it and lets it
   * in.
   */
  integrationUser?: IntegrationUser;
};

/** Where something stands in a file. Line and column count from 1. */
export type Place = { file: string; line: number; column: number };

/** What is wrong at a place of a file. `code` is a message key such as `file.keyUnknown`, `values` fill its placeholders. */
export type FileProblem = Place & { code: string; values: string[] };

/** An app as a file wishes for it. */
export type AppInFile = {
  wish: Wish;
  absent: boolean;
  integrationUser?: IntegrationUser;
  /**
   * Where the file says a field such as `oauth.callbackUrls`, or one item of it; where it says the group or the app, if not
   * the field itself.
   */
  at: (field?: string, item?: string) => Place;
  /** What came from variables: their values are for the org alone. */
  written: Written;
};

/** What files say, and everything that is wrong with them. The apps are only of use when nothing is. */
export type FileContent = { apps: AppInFile[]; problems: FileProblem[] };
