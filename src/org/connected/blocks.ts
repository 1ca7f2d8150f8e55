import type { Connection } from '@salesforce/core';

import type { Block, Bounds, KeysOfNewApps } from '../../app/connected/blocking.ts';
import { type ConnectedApp, keyOf } from '../../app/connected/connectedApp.ts';
import type { InventoryFacts } from '../../app/connected/inventoryFacts.ts';
import { appsWithUse, type KnownApp } from '../../app/connected/inventoryUse.ts';
import { type Quietness, quietnessOf } from '../../app/connected/use.ts';
import { sameName } from '../../app/name.ts';
import { loginsHere } from '../../local/logins.ts';
import { orgIdOf, stateFile } from '../../local/stateFiles.ts';
import { textOf } from '../app/components.ts';
import { deploy, type DeployOptions } from '../app/deploy.ts';
import { buildCall, callMetadata } from '../app/metadataCall.ts';
import { buildSource, parseMetadata } from '../app/metadataXml.ts';
import { readApps } from '../app/read.ts';
import { retrieveZip, unzip } from '../app/retrieve.ts';
import { useNewestVersion } from '../request/apiVersion.ts';
import { operation } from '../request/operation.ts';
import { missingToSeeApps } from '../users/permissions.ts';
import { readExternalApps } from './connectedApps.ts';
import { listConnectedApps, readInventory } from './inventory.ts';

/*
 * Blocked consumers (Metadata API guide, `BlacklistedConsumer`, since API version 49). The button "Block" in Setup makes such
 * a component too. That a destructive change of it unblocks the consumer is likely, and no document says so.
 */

const TYPE = 'BlacklistedConsumer';

const FILE = /(?:^|\/)blacklistedConsumers\/([^/]+)\.blacklistedConsumer$/;

/**
 * All blocks of an org, and the time by the org's clock.
 *
 * @throws what orgSaidNo and retrieveZip name
 */
export const readBlocks = async (connection: Connection): Promise<{ blocks: Block[]; now?: Date }> => {
  await useNewestVersion(connection);
  const call = buildCall('listMetadata', [
    { name: 'queries', children: [{ name: 'type', text: TYPE }] },
    { name: 'asOfVersion', text: connection.getApiVersion() },
  ]);
  const { results, answered: now } = await callMetadata(connection, operation('readingBlocks'), call);
  const created = new Map(
    results.flatMap((one) => {
      const name = textOf(one, 'fullName');
      return name === undefined ? [] : [[name, new Date(textOf(one, 'createdDate') ?? NaN)] as const];
    }),
  );
  const blocks = created.size === 0 ? [] : await retrieveBlocks(connection, created);
  return { blocks, ...(now && { now }) };
};

const retrieveBlocks = async (connection: Connection, created: ReadonlyMap<string, Date>): Promise<Block[]> => {
  const types = [{ name: TYPE, members: [...created.keys()] }];
  const { zip } = await retrieveZip(connection, types, operation('readingBlocks'));
  return Object.entries(await unzip(zip)).flatMap(([path, xml]): Block[] => {
    const fullName = FILE.exec(path)?.[1];
    const consumerKey = fullName && textOf(parseMetadata(xml).elements, 'consumerKey')?.trim();
    if (!fullName || !consumerKey) return [];
    const date = created.get(fullName);
    return [{ fullName, consumerKey, ...(date && !Number.isNaN(date.getTime()) && { created: date }) }];
  });
};

/**
 * The consumer keys of the org's own external client apps. An installed app has its key from its package.
 *
 * @returns undefined where this user may not see the apps
 * @throws what readApps throws
 */
const readKeysOfNewApps = async (connection: Connection): Promise<KeysOfNewApps | undefined> => {
  const seen = await readExternalApps(connection);
  if (!seen) return (await missingToSeeApps(connection)) === undefined ? [] : undefined;
  if (seen.length === 0) return [];
  const apps = await readApps(connection, undefined, undefined, { onlyReads: true });
  return apps.spellings().flatMap((name) => {
    const stored = apps.get(name);
    if (!stored || stored.installed || !stored.components.oauthSettings) return [];
    return [{ name, ...(stored.consumerKey !== undefined && { key: stored.consumerKey }) }];
  });
};

/**
 * What decides whether an app may be blocked or deleted, apart from its use.
 *
 * @throws what readKeysOfNewApps throws
 */
export const readBounds = async (connection: Connection, app: ConnectedApp): Promise<Bounds> => {
  const key = keyOf(app);
  const logins = await loginsHere(connection);
  const newApps = await readKeysOfNewApps(connection);
  return { name: app.name, logins, ...(key !== undefined && { key }), ...(newApps && { newApps }) };
};

/** The use of one Connected App, as far as the org shows it. */
export type UseOfApp = { known: KnownApp; quietness: Quietness; now?: Date };

/**
 * The use of a Connected App in the last days.
 *
 * @throws what readInventory throws
 */
export const readUse = async (connection: Connection, name: string, days: number): Promise<UseOfApp> => {
  const facts = await readInventory(connection, days);
  const known = appsWithUse(facts).find(({ listed }) => listed && sameName(listed.name, name)) ?? unlisted(name);
  const quietness = quietnessOf(known, known.listed ? facts : withoutList(facts), facts.now);
  return { known, quietness, ...(facts.now && { now: facts.now }) };
};

const unlisted = (name: string): KnownApp => ({
  label: name,
  sameLabel: [],
  use: { tokens: [], logins: [], addresses: [] },
});

/** Nobody knows the label of an app that is not listed, so its logins cannot be told from others. */
const withoutList = ({ days, sources }: InventoryFacts): Pick<InventoryFacts, 'days' | 'sources'> => ({
  days,
  sources: sources.filter(({ source }) => source !== 'applications'),
});

/**
 * Blocks the consumer of a Connected App.
 *
 * @param blocks all blocks of the org, among which the new one gets a name of its own
 * @returns the name of the component
 * @throws what deploy throws
 */
export const sendBlock = async (
  connection: Connection,
  { name, label, consumerKey }: { name: string; label: string; consumerKey: string },
  blocks: Block[],
  options: DeployOptions,
): Promise<string> => {
  const fullName = freeName(name, blocks);
  const elements = [
    { name: 'blockedByApiWhitelisting', text: 'false' },
    { name: 'consumerKey', text: consumerKey },
    { name: 'consumerName', text: label },
    { name: 'masterLabel', text: label },
  ];
  const path = `blacklistedConsumers/${fullName}.blacklistedConsumer`;
  await deploy(connection, name, [{ type: TYPE, fullName, path, root: TYPE, elements }], options);
  return fullName;
};

const freeName = (name: string, blocks: Block[]): string => {
  const isTaken = (one: string): boolean => blocks.some(({ fullName }) => sameName(fullName, one));
  let free = name;
  for (let nth = 2; isTaken(free); nth++) free = `${name}_${nth}`;
  return free;
};

/** Takes a block away. @throws what deploy throws */
export const removeBlock = async (
  connection: Connection,
  name: string,
  { fullName }: Block,
  options: DeployOptions,
): Promise<void> => {
  await deploy(connection, name, [], options, [{ type: TYPE, fullName }]);
};

/**
 * Does the org list a Connected App of this name, of its own or of a vendor?
 *
 * @throws what orgSaidNo names
 */
export const isListed = async (connection: Connection, name: string): Promise<boolean> =>
  (await listConnectedApps(connection)).apps.some((app) => sameName(app.name, name));

/**
 * The snapshot of a Connected App, as it lies in a project. Whoever read the app has masked a secret in it. A file of an earlier
 * run has the same app, since nobody can make it again.
 *
 * @param file absent for a file of sf's own
 */
export const snapshotOf = (
  connection: Connection,
  { name, elements }: ConnectedApp,
  file = stateFile(`connected-apps-${orgIdOf(connection)}/${encodeURIComponent(name)}.connectedApp-meta.xml`),
): { file: string; text: string } => ({ file, text: buildSource('ConnectedApp', elements) });

/** Deletes a Connected App for good. @throws what deploy throws */
export const deleteConnectedApp = async (
  connection: Connection,
  name: string,
  options: DeployOptions,
): Promise<void> => {
  await deploy(connection, name, [], options, [{ type: 'ConnectedApp', fullName: name }]);
};
