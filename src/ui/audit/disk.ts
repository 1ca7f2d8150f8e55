import type { App } from '../../app/app.ts';
import type { Exception } from '../../app/audit/exceptions.ts';
import type { CertificateKnowledge } from '../../app/certificate.ts';
import type { PlacedProblem } from '../fileProblems.ts';

/** What the audit needs of files. The command brings it along: ui/ opens no files itself. */
export type Disk = {
  isThere(path: string): Promise<boolean>;
  saveFile(path: string, text: string): Promise<void>;
  /** The text of one file, or what is wrong with it. */
  readText(path: string): Promise<{ text: string; problems: PlacedProblem[] }>;
  parseExceptions(text: string, file: string): { exceptions: Exception[]; problems: PlacedProblem[] };
  /** Where the files below a folder say an app, or a field of it. */
  placesInCheckout(
    folder: string,
    left: string[],
  ): Promise<(app: string, fields: readonly string[]) => { uri: string; line: number } | undefined>;
  /** Apps as eca.yaml. */
  formatEcaFile(apps: App[], certificates: ReadonlyMap<string, CertificateKnowledge>): Promise<string>;
};
