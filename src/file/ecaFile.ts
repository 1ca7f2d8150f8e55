import type { App, Wish } from '../app/app.ts';
import type { IntegrationUser } from '../app/integrationUser.ts';
import type { Problem } from '../app/problem.ts';
import type { Written } from '../app/written.ts';

/**
 * All of an eca.yaml. Editors use schemas/eca.schema.json, which is generated from this type, to complete and check the
 * file.
 *
 * @public
 */
export type EcaFile = {
  /** The external client apps. Other apps of the org stay as they are. */
  apps: AppEntry[];
};

/**
 * An app of the file. Fields that the file leaves out stay as the org has them; a new app gets Salesforce's defaults.
 */
export type AppEntry = App & {
  /** True deletes the app; the file's other fields of the app then have no effect. */
  absent?: boolean;
  /**
   * The app's dedicated user, who can only call the API. The user is created if missing; the app runs as this user and
   * the user may use the app.
   */
  integrationUser?: IntegrationUser;
};

/** A place in a file. Line and column count from 1. */
export type Place = { file: string; line: number; column: number };

/** What is wrong at a place of a file. */
export type FileProblem = Place & Problem;

/** The wish for an app, as the file gives it. */
export type AppInFile = {
  wish: Wish;
  absent: boolean;
  integrationUser?: IntegrationUser;
  /**
   * The place of a field such as `oauth.callbackUrls`, or of one item of the field. If the file does not have the
   * field, the place of the group or the app.
   */
  at: (field?: string, item?: string) => Place;
  /** Texts that came from variables: their values are for the org alone. */
  written: Written;
};

/** The content of all files, and all problems with them. Use the apps only when there are no problems. */
export type FileContent = { apps: AppInFile[]; problems: FileProblem[] };
