import type { Connection } from '@salesforce/core';

import { type Access, namesFor, withAccess } from '../../app/connected/access.ts';
import type { ConnectedApp } from '../../app/connected/connectedApp.ts';
import { type MigrationOptions, newNameOf } from '../../app/connected/context.ts';
import { type Migration, translate } from '../../app/connected/translate.ts';
import { ByName } from '../../app/name.ts';
import { type FileCode, isProblem, type ProblemOf } from '../../app/problem.ts';
import { type CertificateFile, certificateOf } from './certificateOf.ts';
import { readConnectedApp } from './connectedApps.ts';
import { parseConnectedApp } from './connectedAppXml.ts';
import { readAccessTo } from './inventory.ts';

/** A Connected App, and where it came from. */
export type Source = {
  app: ConnectedApp;
  /** Absent for an app of an org. */
  file?: string;
  /** Who may use it. Absent for an app of a file, and where the org does not show it. */
  access?: Access;
};

/** What is wrong with a file, and where. */
type FileProblem = ProblemOf<FileCode> & { file: string; line: number; column: number };

/**
 * The Connected Apps of texts. Two of them must not give new apps of one name.
 *
 * @param as the name of the new app, if there is to be one
 */
export const sourcesIn = (
  files: ReadonlyArray<{ file: string; text: string }>,
  as: string | undefined,
): { sources: Source[]; problems: FileProblem[] } => {
  const problems: FileProblem[] = [];
  const sources = files.flatMap(({ file, text }): Source[] => {
    const app = parseConnectedApp(text, file);
    if (!isProblem(app)) return [{ app, file }];
    problems.push({ file, ...app });
    return [];
  });
  const first = new ByName<string>();
  for (const { app, file = '' } of as === undefined ? sources : []) {
    const name = newNameOf(app.name);
    const other = first.get(name);
    if (other === undefined) first.set(name, file);
    else problems.push({ file, line: 1, column: 1, code: 'file.connectedAppTwice', values: [name, other] });
  }
  return { sources, problems };
};

/**
 * A Connected App of an org, and who may use it.
 *
 * @throws what readConnectedApp throws; what orgSaidNo names
 */
export const sourceInOrg = async (connection: Connection, name: string): Promise<Source> => {
  const app = await readConnectedApp(connection, name);
  const access = await readAccessTo(connection, app.name);
  return { app, ...(access && { access }) };
};

/** The plan for one Connected App. */
export type PlannedMove = {
  source: Source;
  migration: Migration;
  /** Those whom the metadata does not name, and who may use the app. They are in the wish of the migration. */
  added: Access;
  /** The certificate that the new app gets. */
  certificate?: CertificateFile;
};

/** Plans the move of one Connected App. */
export const planMove = (source: Source, options: Omit<MigrationOptions, 'certificate'>): PlannedMove => {
  const { app, access } = source;
  const found = certificateOf(app, `${options.as ?? newNameOf(app.name)}.crt`);
  const { org } = options;
  const migration = translate(app, {
    ...options,
    ...(org && { org: namesFor(org, access) }),
    certificate: found?.inApp,
  });
  const { wish, added } = withAccess(migration.wish, access);
  const isNamed = wish.oauth?.certificateFile !== undefined;
  return {
    source,
    migration: { ...migration, wish },
    added,
    ...(isNamed && found?.toWrite && { certificate: found.toWrite }),
  };
};
