import type { Connection } from '@salesforce/core';

import type { Access } from '../../app/connected/access.ts';
import { CONNECTED_APP_FILE, type ConnectedApp } from '../../app/connected/connectedApp.ts';
import type { NamesInOrg } from '../../app/connected/context.ts';
import type { InventoryFacts, ListedApp, SourceName, SourceSeen } from '../../app/connected/inventoryFacts.ts';
import { type MigrationText, tell } from '../../app/connected/migrationText.ts';
import { isFailedJob, isKeptBack, isWrongToken } from '../../app/errorNature.ts';
import { sameName } from '../../app/name.ts';
import { isProblem } from '../../app/problem.ts';
import { textOf } from '../app/components.ts';
import { buildCall, callMetadata } from '../app/metadataCall.ts';
import { retrieveZip, unzip } from '../app/retrieve.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';
import { missingToSee } from '../users/permissions.ts';
import { certificateOf } from './certificateOf.ts';
import { readExternalApps, readNamesInOrg } from './connectedApps.ts';
import { parseConnectedApp } from './connectedAppXml.ts';
import { readLogins } from './logins.ts';
import { readRefreshTokens } from './refreshTokens.ts';

/** Permissions that show the rows of all users (Object Reference: LoginHistory, OauthToken). */
const TO_SEE_ALL = {
  logins: ['ManageUsers', 'MonitorLoginHistory'],
  tokens: ['CustomizeApplication'],
} as const;

/**
 * All that an org shows about its Connected Apps. A source that is closed to the user is noted, and stops nothing.
 *
 * @throws what orgSaidNo names, for what concerns every request, such as error.sessionInvalid
 */
export const readInventory = async (connection: Connection, days: number): Promise<InventoryFacts> => {
  await useNewestVersion(connection);
  const missing = await missingToSee(connection, TO_SEE_ALL);
  const sources: SourceSeen[] = [];
  const read = async <Row>(source: SourceName, rows: () => Promise<Row[]>): Promise<Row[]> => {
    const { found, seen } = await ifShown(source, rows);
    sources.push(seen);
    return found;
  };
  let now: Date | undefined;
  const listed = await read('list', async () => {
    const { answered, apps: found } = await listConnectedApps(connection);
    now = answered;
    return found;
  });
  const { apps, seen } = await readMetadata(connection, listed);
  const list = sources.find(({ source }) => source === 'list');
  sources.push(list?.seen === 'none' ? { ...list, source: 'metadata' } : seen);
  const applications = await read('applications', () => readApplications(connection));
  const menu = await read('menu', () => readMenu(connection));
  const external = await readExternalApps(connection);
  const externalApps = external ?? [];
  sources.push(
    external
      ? { source: 'externalApps', seen: 'all', count: external.length, reasons: [] }
      : { source: 'externalApps', seen: 'none', count: 0, reasons: [tell('inventory.unseen.externalApps')] },
  );
  const access = await read('access', () => readAccess(connection));
  const [names] = await read('names', async () => [await readNamesInOrg(connection)]);
  sources.push(ofSettings(names));
  const tokens = await read('tokens', async () => {
    const { tokens: found, seen: ofTokens } = await readRefreshTokens(connection, missing.tokens);
    sources.push(ofTokens);
    return found;
  });
  const { logins, addresses, sources: ofLogins } = await readLogins(connection, days, missing.logins).catch(noLogins);
  sources.push(...ofLogins);
  const ids = [...new Set([...tokens, ...logins].map(({ userId }) => userId))];
  const users = await read('users', () => readUsernames(connection, ids));
  return {
    days,
    ...(now && { now }),
    listed: apps,
    applications,
    menu,
    externalApps,
    access,
    tokens,
    logins,
    addresses,
    ...(names && { names }),
    usernames: new Map(users.map(({ id, username }) => [id, username])),
    // What a source says of itself stands before what its reader says.
    sources: sources.filter(({ source }, index) => sources.findIndex((one) => one.source === source) === index),
  };
};

const ofSettings = (names: NamesInOrg | undefined): SourceSeen =>
  names?.flowSwitches
    ? { source: 'settings', seen: 'all', count: 1, reasons: [] }
    : { source: 'settings', seen: 'none', count: 0, reasons: [tell('inventory.unseen.settings')] };

const unseen = (source: SourceName, error: Error): SourceSeen => ({
  source,
  seen: 'none',
  count: 0,
  reasons: [
    tell('inventory.unseen.refused', error.message),
    ...(isWrongToken(error) ? [tell('inventory.unseen.token')] : []),
  ],
});

/** The rows of a source, or why the org does not show them to this user. */
const ifShown = async <Row>(
  source: SourceName,
  rows: () => Promise<Row[]>,
): Promise<{ found: Row[]; seen: SourceSeen }> => {
  try {
    const found = await rows();
    return { found, seen: { source, seen: 'all', count: found.length, reasons: [] } };
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    return { found: [], seen: unseen(source, error) };
  }
};

const noLogins = (error: unknown): Awaited<ReturnType<typeof readLogins>> => {
  if (!isKeptBack(error)) throw error;
  return { logins: [], addresses: [], sources: [unseen('logins', error), unseen('addresses', error)] };
};

// -- the apps

/**
 * The Connected Apps that the org lists, and the time by its clock.
 *
 * @throws what orgSaidNo names
 */
export const listConnectedApps = async (connection: Connection): Promise<{ apps: ListedApp[]; answered?: Date }> => {
  const call = buildCall('listMetadata', [
    { name: 'queries', children: [{ name: 'type', text: 'ConnectedApp' }] },
    { name: 'asOfVersion', text: connection.getApiVersion() },
  ]);
  const { results, answered } = await callMetadata(connection, operation('readingConnectedApps'), call);
  const apps = results.flatMap((one): ListedApp[] => {
    const name = textOf(one, 'fullName');
    if (!name) return [];
    const [id, namespace] = [textOf(one, 'id'), textOf(one, 'namespacePrefix')];
    const changed = Date.parse(textOf(one, 'lastModifiedDate') ?? '');
    return [
      {
        name: decoded(name),
        ...(id && { id }),
        ...(namespace && { namespace }),
        ...(!Number.isNaN(changed) && { changed: new Date(changed).toISOString() }),
        isInstalled: textOf(one, 'manageableState')?.startsWith('installed') === true,
      },
    ];
  });
  return { apps, ...(answered && { answered }) };
};

/** The Metadata API writes some characters of a name as `%20`. */
const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

/** The listed apps with their metadata. An app whose metadata the org keeps back was made in another org (reported). */
const readMetadata = async (
  connection: Connection,
  listed: ListedApp[],
): Promise<{ apps: ListedApp[]; seen: SourceSeen }> => {
  try {
    const names = listed.filter(({ isInstalled }) => !isInstalled).map(({ name }) => name);
    const found = new Map((await retrieveApps(connection, names)).map((app) => [app.name.toLowerCase(), app]));
    const apps = listed.map((one): ListedApp => {
      const app = found.get(one.name.toLowerCase());
      if (!app) return { ...one, isInstalled: true };
      const certificate = certificateOf(app, `${app.name}.crt`)?.inApp;
      return { ...one, app, ...(certificate && { certificate }) };
    });
    const without = apps.filter(({ app }) => !app).map(({ name }) => name);
    const reasons: MigrationText[] =
      without.length === 0 ? [] : [tell('inventory.unseen.metadata', without.join(', '))];
    // What nobody can see is not a gap.
    return { apps, seen: { source: 'metadata', seen: 'all', count: found.size, reasons } };
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    return { apps: listed, seen: unseen('metadata', error) };
  }
};

/**
 * Connected Apps by name, in one retrieve. What the org keeps back is left out. One app that the org cannot read makes a
 * whole retrieve fail (reported). So a failed retrieve is tried in halves.
 *
 * @throws what retrieveZip throws, save for failed jobs
 */
export const retrieveApps = async (connection: Connection, names: string[]): Promise<ConnectedApp[]> => {
  if (names.length === 0) return [];
  try {
    const types = [{ name: 'ConnectedApp', members: names }];
    const { zip } = await retrieveZip(connection, types, operation('readingConnectedApps'));
    return Object.entries(await unzip(zip)).flatMap(([path, xml]) => {
      if (!CONNECTED_APP_FILE.test(path)) return [];
      const app = parseConnectedApp(xml, path);
      return isProblem(app) ? [] : [app];
    });
  } catch (error) {
    if (!isFailedJob(error)) throw error;
    if (names.length === 1) return [];
    const half = Math.ceil(names.length / 2);
    const first = await retrieveApps(connection, names.slice(0, half));
    return [...first, ...(await retrieveApps(connection, names.slice(half)))];
  }
};

const readApplications = async (connection: Connection): Promise<InventoryFacts['applications']> => {
  const rows = await query<{ Id: string; Name: string }>(
    connection,
    operation('readingConnectedApps'),
    'SELECT Id, Name FROM ConnectedApplication',
  );
  return rows.map(({ Id, Name }) => ({ id: Id, label: Name }));
};

const readMenu = async (connection: Connection): Promise<InventoryFacts['menu']> => {
  const rows = await query<{ Id: string; ApplicationId: string; Label: string; Type: string }>(
    connection,
    operation('readingConnectedApps'),
    soql`SELECT Id, ApplicationId, Label, Type FROM AppMenuItem WHERE Type IN ${['ConnectedApplication', 'ExternalClientApplication']}`,
  );
  return rows.map(({ Id, ApplicationId, Label, Type }) => ({
    id: Id,
    appId: ApplicationId,
    label: Label,
    isConnectedApp: Type === 'ConnectedApplication',
  }));
};

type AccessRow = {
  SetupEntityId: string;
  Parent: {
    Name: string;
    Label: string;
    NamespacePrefix: string | null;
    IsOwnedByProfile: boolean;
    Profile: { Name: string } | null;
  } | null;
};

const readAccess = async (connection: Connection): Promise<InventoryFacts['access']> =>
  (await readAccessRows(connection)).map(({ appId, name, label, isProfile }) => ({
    appId,
    name: isProfile ? name : label,
    isProfile,
  }));

type AccessTo = { appId: string; name: string; label: string; isProfile: boolean };

const readAccessRows = async (connection: Connection): Promise<AccessTo[]> => {
  const rows = await query<AccessRow>(
    connection,
    operation('readingConnectedApps'),
    'SELECT SetupEntityId, Parent.Name, Parent.Label, Parent.NamespacePrefix, Parent.IsOwnedByProfile, ' +
      soql`Parent.Profile.Name FROM SetupEntityAccess WHERE SetupEntityType = ${'ConnectedApplication'}`,
  );
  return rows.flatMap(({ SetupEntityId, Parent }): AccessTo[] => {
    if (!Parent) return [];
    const { Name, Label, NamespacePrefix, IsOwnedByProfile: isProfile, Profile } = Parent;
    const ofSet = NamespacePrefix ? `${NamespacePrefix}__${Name}` : Name;
    return [{ appId: SetupEntityId, name: isProfile ? (Profile?.Name ?? Label) : ofSet, label: Label, isProfile }];
  });
};

/**
 * Who may use a Connected App of this org.
 *
 * @returns undefined where the org does not show it to this user
 * @throws what orgSaidNo names
 */
export const readAccessTo = async (connection: Connection, name: string): Promise<Access | undefined> => {
  try {
    const { apps } = await listConnectedApps(connection);
    const id = apps.find((app) => sameName(app.name, name))?.id;
    if (id === undefined) return undefined;
    const rows = (await readAccessRows(connection)).filter(({ appId }) => appId.slice(0, 15) === id.slice(0, 15));
    const namesOf = (wanted: boolean): string[] =>
      rows.filter(({ isProfile }) => isProfile === wanted).map((row) => row.name);
    return { permissionSets: namesOf(false), profiles: namesOf(true) };
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    return undefined;
  }
};

/** Ids in one question: a query has 100,000 characters at most, and its address fewer. */
const IDS_MAX = 200;

const readUsernames = async (
  connection: Connection,
  ids: string[],
): Promise<Array<{ id: string; username: string }>> => {
  const users: Array<{ id: string; username: string }> = [];
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const rows = await query<{ Id: string; Username: string }>(
      connection,
      operation('readingUsernames'),
      soql`SELECT Id, Username FROM User WHERE Id IN ${ids.slice(at, at + IDS_MAX)}`,
    );
    for (const { Id, Username } of rows) users.push({ id: Id, username: Username });
  }
  return users;
};
