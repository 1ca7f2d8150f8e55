import type { Connection } from '@salesforce/core';

import type { Change } from '../../app/app.ts';
import { blockOf } from '../../app/connected/blocking.ts';
import { keyOf } from '../../app/connected/connectedApp.ts';
import { refusedInPlace } from '../../app/connected/inPlace.ts';
import { type MigrationText, tell } from '../../app/connected/migrationText.ts';
import type { MigrationPair } from '../../local/migrations.ts';
import { planWanted } from '../app/plan.ts';
import { readApps, type StoredApp } from '../app/read.ts';
import { displayed, type DisplayedApp } from '../app/writeResult.ts';
import { poll } from '../request/polling.ts';
import { requirePermissions } from '../users/permissions.ts';
import { readBlocks } from './blocks.ts';
import { readExternalApps, readNamesInOrg } from './connectedApps.ts';
import { sendingOf } from './moves.ts';
import { planMove, type PlannedMove, type Source } from './sources.ts';

/*
 * Salesforce's button "Migrate to External Client App". It has no API, so a person presses it. The new app has the consumer key
 * of the Connected App, and only by this key it is recognised.
 */

/** A Connected App before Salesforce's button is pressed, or after. */
export type LookInPlace = {
  /** API name of the Connected App. */
  name: string;
  /** The page in Setup where the button is. */
  url: string;
  move: PlannedMove;
  /** Absent where the metadata has none; then `obstacles` says so. */
  consumerKey?: string;
  /** Why the button must not be pressed, or is not there. */
  obstacles: MigrationText[];
  /** The external client app with the key: somebody pressed the button before. */
  there?: StoredApp;
};

/** App Manager in Setup. The button is on the page of the Connected App, whose address no document has. */
const appManagerUrl = (connection: Connection): string =>
  new URL('/lightning/setup/NavigationMenus/home', connection.instanceUrl).href;

/**
 * Looks whether Salesforce's button takes a Connected App, and whether it did already.
 *
 * @throws what requirePermissions, readNamesInOrg, readBlocks and readApps throw
 */
export const lookInPlace = async (connection: Connection, source: Source): Promise<LookInPlace> => {
  const { app } = source;
  await requirePermissions(connection, 'migrate apply');
  const move = planMove(source, { as: app.name, org: await readNamesInOrg(connection) });
  const about = { name: app.name, url: appManagerUrl(connection), move };
  const consumerKey = keyOf(app);
  const refused = refusedInPlace(app, move.migration.findings);
  if (consumerKey === undefined) return { ...about, obstacles: [...refused, tell('inPlace.noKey')] };
  const there = await appWithKey(connection, consumerKey, new Set());
  const { blocks } = await readBlocks(connection);
  const blocked = blockOf(blocks, consumerKey) ? [tell('inPlace.blocked')] : [];
  return { ...about, consumerKey, obstacles: [...refused, ...blocked], ...(there && { there }) };
};

/**
 * Waits until somebody has pressed the button.
 *
 * @param minutes the time limit
 * @returns the new app, or undefined after the time limit
 * @throws what readApps throws
 */
export const waitForNewApp = (
  connection: Connection,
  { consumerKey }: LookInPlace,
  minutes: number,
): Promise<StoredApp | undefined> => {
  const others = new Set<string>();
  return poll(
    async () => (consumerKey === undefined ? undefined : appWithKey(connection, consumerKey, others)),
    minutes * 60_000,
  );
};

/**
 * The external client app that has a consumer key.
 *
 * @param others apps that are known to have another key; grows
 */
const appWithKey = async (connection: Connection, key: string, others: Set<string>): Promise<StoredApp | undefined> => {
  const seen = (await readExternalApps(connection)) ?? [];
  const names = seen.map(({ name }) => name).filter((name) => !others.has(name));
  if (names.length === 0) return undefined;
  const apps = await readApps(connection, names, undefined, { onlyReads: true });
  for (const name of names) {
    const stored = apps.get(name);
    if (stored?.consumerKey === key) return stored;
    // An app without a key may be one that the org is just making.
    if (stored?.consumerKey !== undefined || stored?.installed) others.add(name);
  }
  return undefined;
};

/** The new app, and what it has otherwise than the Connected App: `before` is the Connected App's value. */
export const comparedInPlace = (
  { move }: LookInPlace,
  stored: StoredApp,
): { app: DisplayedApp; differences: Change[] } => {
  const wanted = { wish: move.migration.wish, absent: false, source: move };
  const { changes } = planWanted(stored, wanted, sendingOf([move]));
  const differences = changes.map(({ field, before, after }) => ({
    field,
    ...(after !== undefined && { before: after }),
    ...(before !== undefined && { after: before }),
  }));
  return { app: displayed(stored), differences };
};

/** Which new app came from the Connected App; none before the button is pressed. */
export const pairsInPlace = (
  { name }: LookInPlace,
  made: DisplayedApp | undefined,
): Array<Omit<MigrationPair, 'since'>> => (made ? [{ oldName: name, newName: made.name, road: 'in-place' }] : []);
