import { type ConnectedApp, elementsAt } from './connectedApp.ts';
import type { MigrationText } from './migrationText.ts';

/** Findings for which Salesforce's button is not there (Salesforce Help, "Migrate a Connected App to an External Client App", as others quote it). */
const REFUSED: ReadonlySet<string> = new Set(['vendor-app', 'no-login', 'apex-handler', 'canvas', 'triple-des']);

/** Without a certificate nothing is encrypted, whatever type of encryption the metadata names. */
export const encryptsAssertions = (app: ConnectedApp): boolean =>
  elementsAt(app, 'samlConfig.encryptionCertificate').length > 0;

/** Why Salesforce's button does not take a Connected App, as far as its metadata shows it. */
export const refusedInPlace = (
  app: ConnectedApp,
  findings: ReadonlyArray<{ id: string; text: MigrationText }>,
): MigrationText[] =>
  findings
    .filter(({ id }) => REFUSED.has(id) && (id !== 'triple-des' || encryptsAssertions(app)))
    .map(({ text }) => text);
