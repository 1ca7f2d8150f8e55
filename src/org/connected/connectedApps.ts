import type { Connection } from '@salesforce/core';

import { CONNECTED_APP_FILE, type ConnectedApp } from '../../app/connected/connectedApp.ts';
import type { NamesInOrg } from '../../app/connected/context.ts';
import { ofNature } from '../../app/errorNature.ts';
import { isProblem } from '../../app/problem.ts';
import { texts } from '../../texts.ts';
import { readProfileNames } from '../app/approval.ts';
import { retrieveZip, unzip } from '../app/retrieve.ts';
import { readFlowSwitches } from '../organization/oauthSettings.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { readPermissionSets } from '../users/permissionSets.ts';
import { parseConnectedApp } from './connectedAppXml.ts';

const messages = texts('org');

/**
 * Reads a Connected App of an org, at the org's newest API version: an older one lacks the newer elements.
 *
 * @throws error.connectedAppNotFound, also for an installed app, which an org lists and does not return. Also
 *   error.metadataUnreadable, and what retrieveZip throws
 */
export const readConnectedApp = async (connection: Connection, name: string): Promise<ConnectedApp> => {
  await useNewestVersion(connection);
  const types = [{ name: 'ConnectedApp', members: [name] }];
  const { zip } = await retrieveZip(connection, types, operation('readingConnectedApp', name));
  const [path, xml] = Object.entries(await unzip(zip)).find(([one]) => CONNECTED_APP_FILE.test(one)) ?? [];
  if (path === undefined || xml === undefined)
    throw ofNature({ absent: true }, messages.createError('error.connectedAppNotFound', [name]));
  const app = parseConnectedApp(xml, path);
  if (isProblem(app)) throw messages.createError('error.metadataUnreadable', [path, app.code]);
  return app;
};

/** An external client app, with the namespace of a package in its name. */
export type ExternalApp = { name: string; label: string };

/**
 * The external client apps of an org, by name and label.
 *
 * @returns undefined where the org has none, or does not show them to this user
 * @throws what orgSaidNo names
 */
export const readExternalApps = async (connection: Connection): Promise<ExternalApp[] | undefined> => {
  const unseen: ExternalAppRow[] = [];
  const rows = await query<ExternalAppRow>(
    connection,
    operation('lookingForApps'),
    'SELECT DeveloperName, MasterLabel, NamespacePrefix FROM ExternalClientApplication',
    { INVALID_TYPE: unseen },
  );
  if (rows === unseen) return undefined;
  return rows.map(({ DeveloperName, MasterLabel, NamespacePrefix }) => ({
    name: NamespacePrefix ? `${NamespacePrefix}__${DeveloperName}` : DeveloperName,
    label: MasterLabel,
  }));
};

type ExternalAppRow = { DeveloperName: string; MasterLabel: string; NamespacePrefix: string | null };

/**
 * The org's permission sets, profiles and external client apps: a plan compares names with them. And whether the org blocks
 * flows that end.
 *
 * @throws what orgSaidNo names
 */
export const readNamesInOrg = async (connection: Connection): Promise<NamesInOrg> => {
  const [permissionSets, profiles, apps, flowSwitches] = await Promise.all([
    readPermissionSets(connection),
    readProfileNames(connection),
    readExternalApps(connection),
    readFlowSwitches(connection),
  ]);
  return {
    permissionSets,
    profiles,
    ...(apps && { apps: apps.map(({ name }) => name) }),
    ...(flowSwitches && { flowSwitches }),
  };
};
