import type { Connection } from '@salesforce/core';

import {
  type Block,
  blockOf,
  type Bounds,
  type KeysOfNewApps,
  type ScratchOrgs,
} from '../../app/connected/blocking.ts';
import { type ConnectedApp, keyOf } from '../../app/connected/connectedApp.ts';
import type { InventoryFacts } from '../../app/connected/inventoryFacts.ts';
import { appsWithUse, type KnownApp } from '../../app/connected/inventoryUse.ts';
import { type Quietness, quietnessOf } from '../../app/connected/use.ts';
import { isAbsent, isKeptBack } from '../../app/errorNature.ts';
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
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';
import { missingToSeeApps } from '../users/permissions.ts';
import { readConnectedApp, readExternalApps } from './connectedApps.ts';
import { listConnectedApps, readInventory } from './inventory.ts';
import { inIso } from './logins.ts';

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
  const since = new Map(
    results.flatMap((one) => {
      const name = textOf(one, 'fullName');
      const dates = ['createdDate', 'lastModifiedDate'].map((date) => Date.parse(textOf(one, date) ?? ''));
      // Without one of its dates, nobody can tell since when.
      return name === undefined ? [] : [[name, new Date(Math.max(...dates))] as const];
    }),
  );
  const keys = since.size === 0 ? new Map<string, string>() : await retrieveKeys(connection, [...since.keys()]);
  const blocks = [...since].map(([fullName, date]): Block => {
    const consumerKey = keys.get(fullName);
    return { fullName, ...(consumerKey && { consumerKey }), ...(!Number.isNaN(date.getTime()) && { since: date }) };
  });
  return { blocks, ...(now && { now }) };
};

/** The consumer keys of blocks, by the name of the block. */
const retrieveKeys = async (connection: Connection, members: string[]): Promise<Map<string, string>> => {
  const { zip } = await retrieveZip(connection, [{ name: TYPE, members }], operation('readingBlocks'));
  return new Map(
    Object.entries(await unzip(zip)).flatMap(([path, xml]) => {
      const fullName = FILE.exec(path)?.[1];
      const consumerKey = fullName && textOf(parseMetadata(xml).elements, 'consumerKey')?.trim();
      return fullName && consumerKey ? [[fullName, consumerKey] as const] : [];
    }),
  );
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
 * The scratch orgs that a Dev Hub made through an app, as this user sees them (Object Reference, ScratchOrgInfo).
 * The object is in no other org: the CLI tells a Dev Hub by it too.
 *
 * @returns undefined where the org does not show the object
 * @throws what orgSaidNo names, for what concerns every request
 */
const readScratchOrgs = async (connection: Connection, key: string): Promise<ScratchOrgs | undefined> => {
  try {
    const [made] = await query<{ n: number; newest: string | null }>(
      connection,
      operation('readingScratchOrgs'),
      soql`SELECT COUNT(Id) n, MAX(CreatedDate) newest FROM ScratchOrgInfo WHERE ConnectedAppConsumerKey = ${key}`,
    );
    return { count: made?.n ?? 0, ...(made?.newest && { last: inIso(made.newest) }) };
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    return undefined;
  }
};

/**
 * What decides whether an app may be blocked or deleted, apart from its use.
 *
 * @throws what readKeysOfNewApps and readScratchOrgs throw
 */
export const readBounds = async (connection: Connection, app: ConnectedApp): Promise<Bounds> => {
  const key = keyOf(app);
  const logins = await loginsHere(connection);
  const newApps = await readKeysOfNewApps(connection);
  const scratchOrgs = key === undefined ? undefined : await readScratchOrgs(connection, key);
  const ofKey = { ...(key !== undefined && { key }), ...(scratchOrgs && { scratchOrgs }) };
  return { name: app.name, logins, ...ofKey, ...(newApps && { newApps }) };
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
 * Blocks the consumer of a Connected App. The blocks of the org are read just before. A new block with the name of another
 * would take its place.
 *
 * @returns the name of the component. `changed`: false where somebody made a block in the meantime
 * @throws what readBlocks and deploy throw
 */
export const sendBlock = async (
  connection: Connection,
  { name, label, consumerKey }: { name: string; label: string; consumerKey: string },
  options: DeployOptions,
): Promise<{ block: string; changed: boolean }> => {
  const { blocks } = await readBlocks(connection);
  const there = blockOf(blocks, consumerKey);
  if (there) return { block: there.fullName, changed: false };
  const fullName = freeName(name, blocks);
  const elements = [
    { name: 'blockedByApiWhitelisting', text: 'false' },
    { name: 'consumerKey', text: consumerKey },
    { name: 'consumerName', text: label },
    { name: 'masterLabel', text: label },
  ];
  const path = `blacklistedConsumers/${fullName}.blacklistedConsumer`;
  await deploy(connection, name, [{ type: TYPE, fullName, path, root: TYPE, elements }], options);
  return { block: fullName, changed: true };
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
 * A Connected App, or undefined where the org does not list it. A vendor's app is listed, and not returned.
 *
 * @throws what readConnectedApp throws
 */
export const readIfListed = async (connection: Connection, name: string): Promise<ConnectedApp | undefined> => {
  try {
    return await readConnectedApp(connection, name);
  } catch (error) {
    if (!isAbsent(error) || (await isListed(connection, name))) throw error;
    return undefined;
  }
};

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
