import type { Connection as OrgConnection } from '@salesforce/core';

import type { App } from '../../app/app.ts';
import { type CertificateKnowledge, withJwtBearer } from '../../app/certificate.ts';
import { ByName, distinctNames, sameName, splitNamespace } from '../../app/name.ts';
import { nearest } from '../../app/nearest.ts';
import { type Certificate, parseReturned } from '../../local/certificate.ts';
import { texts } from '../../texts.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';
import { refuseUnseenApps } from '../users/permissions.ts';
import { type CertificateNote, knowledgeOf, readCertificateNotes } from './certificateNotes.ts';
import {
  APP_REFERENCE,
  type Components,
  type Names,
  type Part,
  partNames,
  PARTS,
  rowOf,
  textOf,
  usualNames,
} from './components.ts';
import { readFields } from './fields.ts';
import { type Grant, readGrants, restoreGrants } from './grants.ts';
import { runOf } from './oneWriter.ts';
import { type Found, keyOf, MOST_APPS_READ, readComponents } from './readComponents.ts';
import type { Retrieved } from './retrieve.ts';

const messages = texts('org');

/** An app as the org has it: its shape, and what a write needs to leave the rest alone. */
export type StoredApp = {
  app: App;
  /** 0xI..., 18 characters. */
  id: string;
  /** Absent while the app has no OAuth settings. */
  consumerKey?: string;
  /** The app's page in Setup. */
  setupUrl: string;
  /** Came with a package: only its policies can be written. */
  installed: boolean;
  /** When any part of it was last changed. */
  lastModified: Date;
  components: Components;
  certificate: CertificateKnowledge;
  /** Who may use the app, as records of the org say. Absent where they were not asked for, or this login may not see them. */
  grants?: Grant[];
};

/** What to read besides the apps themselves. */
export type ReadAlso = {
  /** Who may use them: a query more, beside the others. A write needs it to lock nobody out. */
  grants?: boolean;
  /** The end of this run's own write, by the org's clock. What it wrote is not taken for somebody else's change. */
  until?: Date;
  /** Must nothing be written? Else access that an earlier run took away, and could not give back, is given back first. */
  onlyReads?: boolean;
};

/** Policies are the subscriber's own: their objects have no NamespacePrefix. */
type NamedRow = { Id: string; DeveloperName: string; NamespacePrefix?: string | null; LastModifiedDate: string };
type ApplicationRow = NamedRow & { ManageableState: string };
type ChildRow = NamedRow & { ExternalClientApplicationId: string };

/** A query is part of an address, which has its limits. For more names than this it is simpler to ask for all apps. */
const NAMES_IN_QUERY = 100;

/** An app's children whose names can be found by SOQL. */
const queryable = partNames.filter((part) => part !== 'application' && rowOf(part).sObject !== undefined);

/**
 * Reads apps whole, at the org's newest API version. It sends four queries, and beside them asks for the components by their
 * usual names. Where the org's answers name others, it reads these next. Many apps take one retrieve instead. What the
 * components are called is never taken for granted: the queries say it. Global OAuth settings cannot be queried; they are found
 * among all that the org lists.
 *
 * @param names API names in any case, with the namespace of an installed app (`ns__Order_Sync`). An app of the org's own may
 *   have the org's namespace, or none. Absent for all the org has
 * @param likely what their components are called, most likely, in place of the usual names
 * @returns the apps that are there, by name; `spelling` says how the org spells it
 * @throws what refuseUnseenApps names when the org does not know an object; else what orgSaidNo names
 */
export const readApps = async (
  connection: OrgConnection,
  names?: string[],
  likely?: Names,
  also: ReadAlso = {},
): Promise<ByName<StoredApp>> => {
  if (names?.length === 0) return new ByName();
  // What others write from here on is not in what is read.
  runOf(connection);
  await useNewestVersion(connection);
  if (also.onlyReads !== true) await restoreGrants(connection);
  const grants = also.grants ? readGrants(connection) : undefined;
  // Where there is no such app, nobody asks who may use it.
  grants?.catch(() => undefined);
  let asked: ApplicationRow[] = [];
  const ask = async (): Promise<Found | undefined> => {
    const rows = await askRows(connection, names);
    asked = rows.applications;
    return asked.length > 0 ? foundIn(rows) : undefined;
  };
  const retrieved = await readComponents(connection, ask, {
    guess: likely ?? guessOf(names),
    isLikely: likely !== undefined,
    isMany: names && names.length > MOST_APPS_READ,
    until: also.until,
  });
  if (!retrieved) return new ByName();
  const byApp = componentsByApp(retrieved);
  const grantsByApp = await grants;
  const notes = await readCertificateNotes(connection);
  return new ByName(
    asked.flatMap((row) => {
      const components = namesOf(row).map((name) => byApp.get(name));
      const stored = storedApp(connection, row, Object.assign({}, ...components) as Components, notes.get(row.Id));
      if (grantsByApp) stored.grants = grantsByApp.get(row.Id) ?? [];
      return namesOf(row).map((name): [string, StoredApp] => [name, stored]);
    }),
  );
};

/** More names than this are not guessed at: what is no app's costs time as well. */
const MOST_GUESSED = 10;

/** What the components of a few apps may be called; of a package's apps only the app itself. */
const guessOf = (names: string[] = []): Names => {
  if (names.length > MOST_GUESSED) return {};
  const guesses = names.map((name): Names =>
    splitNamespace(name).namespace ? { application: [name] } : usualNames(name),
  );
  return Object.fromEntries(partNames.map((part) => [part, guesses.flatMap((guess) => guess[part] ?? [])]));
};

/** What the queries say of apps: their rows, and those of each part whose names SOQL can find. */
type Rows = { applications: ApplicationRow[]; children: Array<[part: Part, rows: ChildRow[]]> };

/** @throws what refuseUnseenApps names */
const askRows = async (connection: OrgConnection, names: string[] | undefined): Promise<Rows> => {
  const developerNames =
    names && names.length <= NAMES_IN_QUERY ? names.map((name) => splitNamespace(name).name) : undefined;
  const [applications, ...children] = await Promise.all([
    appRowsOf<ApplicationRow>(
      connection,
      'Id, DeveloperName, NamespacePrefix, ManageableState, LastModifiedDate',
      developerNames && soql` WHERE DeveloperName IN ${developerNames}`,
    ),
    ...queryable.map((part) =>
      seenRowsOf<ChildRow>(
        connection,
        `SELECT Id, DeveloperName, ${rowOf(part).namespaced ? 'NamespacePrefix, ' : ''}ExternalClientApplicationId, ` +
          `LastModifiedDate FROM ${rowOf(part).sObject}`,
        developerNames && soql` WHERE ExternalClientApplication.DeveloperName IN ${developerNames}`,
      ),
    ),
  ]);
  const wanted = names && new ByName(names.map((name) => [name, name]));
  const asked = applications.filter((row) => !wanted || namesOf(row).some((name) => wanted.has(name)));
  const hidden = queryable.find((_part, index) => children[index] === undefined);
  if (hidden && asked.length > 0) await refuseUnseenApps(connection, rowOf(hidden).sObject ?? hidden, false);
  const ids = new Set(asked.map(({ Id }) => Id));
  return {
    applications: asked,
    children: queryable.map((part, index) => [
      part,
      children[index]?.filter((row) => ids.has(row.ExternalClientApplicationId)) ?? [],
    ]),
  };
};

const foundIn = ({ applications, children }: Rows): Found => {
  // Without OAuth settings there are no global ones. Of an installed app the org does not give them out.
  const withOauth = new Set(
    children.flatMap(([part, rows]) =>
      part === 'oauthSettings' ? rows.map((row) => row.ExternalClientApplicationId) : [],
    ),
  );
  const dates = new Map<string, number>();
  for (const row of applications)
    for (const name of namesOf(row)) dates.set(keyOf('application', name), Date.parse(row.LastModifiedDate));
  for (const [part, rows] of children)
    for (const row of rows) dates.set(keyOf(part, fullName(row)), Date.parse(row.LastModifiedDate));
  return {
    apps: applications.map((row) => ({
      names: namesOf(row),
      mayHaveGlobals: withOauth.has(row.Id) && !isInstalled(row),
    })),
    children: Object.fromEntries(children.map(([part, rows]) => [part, rows.map(fullName)])),
    dates,
  };
};

/** Like readApps, for one app; undefined when the org has no such app. */
export const readApp = async (
  connection: OrgConnection,
  name: string,
  also?: ReadAlso,
): Promise<StoredApp | undefined> => (await readApps(connection, [name], undefined, also)).get(name);

/**
 * Like readApp, for what needs an app that is there.
 *
 * @throws error.appNotFound, with the names of the org's apps that are nearest
 */
export const requireApp = async (connection: OrgConnection, name: string, also?: ReadAlso): Promise<StoredApp> => {
  const stored = await readApp(connection, name, also);
  return stored ?? refuseMissing(connection, name);
};

/** Which app it is, without what it is like. */
export type AppIdentity = Pick<StoredApp, 'id' | 'setupUrl'> & {
  /** As the org spells it. */
  name: string;
};

/**
 * Like requireApp, for what needs to know no more than which app it is: one query.
 *
 * @throws error.appNotFound; what refuseUnseenApps names when the org does not know the object; else what orgSaidNo names
 */
export const identifyApp = async (connection: OrgConnection, name: string): Promise<AppIdentity> => {
  await useNewestVersion(connection);
  await restoreGrants(connection);
  const rows = await appRowsOf<ApplicationRow>(
    connection,
    'Id, DeveloperName, NamespacePrefix, ManageableState',
    soql` WHERE DeveloperName = ${splitNamespace(name).name}`,
  );
  const row = rows.find((one) => namesOf(one).some((other) => sameName(other, name)));
  return row
    ? { id: row.Id, name: nameOf(row), setupUrl: setupUrl(connection, row.Id) }
    : refuseMissing(connection, name);
};

/**
 * Like readApps, for what needs all of them to be there.
 *
 * @returns the apps in the names' order
 * @throws error.appNotFound for the first that is not
 */
export const requireApps = async (
  connection: OrgConnection,
  names: string[],
  also?: ReadAlso,
): Promise<StoredApp[]> => {
  const stored = await readApps(connection, names, undefined, also);
  return Promise.all(
    distinctNames(names).map(async (name) => stored.get(name) ?? (await refuseMissing(connection, name))),
  );
};

/**
 * The names of all apps that the org has: one query.
 *
 * @throws what refuseUnseenApps names when the org does not know the object; else what orgSaidNo names
 */
export const readAppNames = async (connection: OrgConnection): Promise<string[]> => {
  await useNewestVersion(connection);
  const rows = await appRowsOf<ApplicationRow>(connection, 'Id, DeveloperName, NamespacePrefix, ManageableState');
  return rows.map(nameOf).sort((a, b) => a.localeCompare(b, 'en'));
};

/** The names of the org's apps that are nearest to a name. */
export const readNearest = async (connection: OrgConnection, name: string): Promise<string[]> =>
  nearest(name, await readAppNames(connection));

const refuseMissing = async (connection: OrgConnection, name: string): Promise<never> => {
  const candidates = await readNearest(connection, name);
  const hint = candidates.length > 0 ? ` ${messages.getMessage('appNotFound.near', [candidates.join(' or ')])}` : '';
  throw messages.createError('error.appNotFound', [name, hint], [name]);
};

const componentsByApp = (retrieved: Retrieved): ByName<Components> => {
  const byApp = new ByName<Components>();
  for (const part of partNames) {
    for (const component of retrieved[part]) {
      const app = part === 'application' ? component.fullName : textOf(component.elements, APP_REFERENCE);
      if (app === undefined) continue;
      byApp.set(app, { ...byApp.get(app), [part]: component });
    }
  }
  return byApp;
};

const storedApp = (
  connection: OrgConnection,
  row: ApplicationRow,
  components: Components,
  note: CertificateNote | undefined,
): StoredApp => {
  const name = nameOf(row);
  const changed = Object.values(components).map(({ lastModified }) => lastModified?.getTime() ?? 0);
  const installed = isInstalled(row);
  const certificate = certificateOf(components, installed, note);
  return {
    app: withJwtBearer(readFields(name, components), certificate.there),
    certificate,
    id: row.Id,
    consumerKey: textOf(components.globalOauthSettings?.elements, 'consumerKey'),
    setupUrl: setupUrl(connection, row.Id),
    installed,
    lastModified: new Date(Math.max(...changed)),
    components,
  };
};

/**
 * An app as its clients find it. Without global OAuth settings no flow works, whatever the policies say. Of an installed app the
 * org does not return these settings, so they count as there.
 */
export const appForClients = ({ app, components, installed }: StoredApp): App =>
  components.globalOauthSettings || installed ? app : { ...app, oauth: undefined };

/** The certificate that the org returned with an app; undefined where there is none, or none that can be parsed. */
export const returnedCertificate = ({ components }: StoredApp): Certificate | undefined => {
  const text = textOf(components.globalOauthSettings?.elements, 'certificate');
  return text ? parseReturned(text) : undefined;
};

/**
 * An app without global OAuth settings has nothing that could keep a certificate. Of an installed app the org does not return
 * these settings at all.
 */
const certificateOf = (
  { globalOauthSettings }: Components,
  installed: boolean,
  note: CertificateNote | undefined,
): CertificateKnowledge => {
  if (!globalOauthSettings) return { there: installed ? 'unknown' : 'no' };
  const returned = textOf(globalOauthSettings.elements, 'certificate');
  if (returned) {
    const { fingerprint, validity } = parseReturned(returned) ?? {};
    return { there: 'yes', returned: true, ...(fingerprint && { fingerprint }), ...(validity && { validity }) };
  }
  if (!note || note.lastModified.getTime() !== globalOauthSettings.lastModified?.getTime()) return { there: 'unknown' };
  return knowledgeOf(note);
};

const fullName = ({ DeveloperName, NamespacePrefix }: NamedRow): string =>
  NamespacePrefix ? `${NamespacePrefix}__${DeveloperName}` : DeveloperName;

/** The app with what a note of this machine says now. */
export const withNote = (stored: StoredApp, note: CertificateNote | undefined): StoredApp => {
  const certificate = certificateOf(stored.components, stored.installed, note);
  return { ...stored, certificate, app: withJwtBearer(stored.app, certificate.there) };
};

/** `installed` or `installedEditable` (Object Reference, ManageableState): a namespace alone may be the org's own. */
const isInstalled = ({ ManageableState }: ApplicationRow): boolean => ManageableState.startsWith('installed');

/**
 * The app's name. It has the namespace of the package that it came with, and not that of the org itself. The org's own metadata
 * does not need the latter (Metadata API Developer Guide, `namespacePrefix` of FileProperties).
 */
const nameOf = (row: ApplicationRow): string => (isInstalled(row) ? fullName(row) : row.DeveloperName);

/** Every name by which the app may be meant. An org's own namespace may stand before the names of its own apps. */
const namesOf = (row: ApplicationRow): string[] => [...new Set([nameOf(row), fullName(row)])];

const MANAGER_PATH = '/lightning/setup/ManageExternalClientApplication';

/** The app's page in External Client App Manager. */
const setupUrl = (connection: OrgConnection, id: string): string =>
  new URL(`${MANAGER_PATH}/${encodeURIComponent(id)}/detail`, connection.instanceUrl).href;

/** External Client App Manager itself. */
export const managerUrl = (connection: OrgConnection): string =>
  new URL(`${MANAGER_PATH}/home`, connection.instanceUrl).href;

/**
 * The rows of an object that keeps apps; a condition that is undefined asks for everything. Undefined where the org does not
 * know the object, or does not show it to this user.
 */
const seenRowsOf = async <Row extends object>(
  connection: OrgConnection,
  select: string,
  condition = '',
): Promise<Row[] | undefined> => {
  const unknownObject: Row[] = [];
  const rows = await query<Row>(connection, operation('lookingForApps'), `${select}${condition}`, {
    INVALID_TYPE: unknownObject,
  });
  return rows === unknownObject ? undefined : rows;
};

/** The rows of the object that keeps the apps themselves. @throws what refuseUnseenApps names */
const appRowsOf = async <Row extends object>(
  connection: OrgConnection,
  fields: string,
  condition?: string,
): Promise<Row[]> => {
  const { sObject } = PARTS.application;
  const rows = await seenRowsOf<Row>(connection, `SELECT ${fields} FROM ${sObject}`, condition);
  return rows ?? refuseUnseenApps(connection, sObject, true);
};
