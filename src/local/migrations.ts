import type { Connection } from '@salesforce/core';

import { ByName } from '../app/name.ts';
import { Logger } from '../salesforce.ts';
import { takeLock } from './lock.ts';
import { readSmallFile } from './smallFile.ts';
import { orgIdOf, stateFile } from './stateFiles.ts';
import { writeWhole } from './wholeFile.ts';

/*
 * What this machine remembers of moved Connected Apps: which external client app came from which Connected App. Names
 * and labels that resemble each other prove nothing, so only this note, or the user, can pair two apps. A note holds
 * no key and no secret.
 */

/** A Connected App, and the external client app that does its work. */
export type MigrationPair = {
  /** API name of the Connected App. */
  oldName: string;
  /** API name of the external client app. */
  newName: string;
  /** `in-place`: Salesforce's own button made the new app, and both share one consumer key. */
  road: 'side-by-side' | 'in-place';
  /** The time at which the pair was noted: a text in ISO format, by this machine's clock. */
  since: string;
};

/** How long to wait for another run that writes a note, in milliseconds. */
const PATIENCE = 5_000;

/** A pair has some hundred bytes, and an org a few hundred Connected Apps. */
const BYTES_MAX = 1_000_000;

const fileOf = (orgId: string): string => stateFile(`migrations-${orgId}.json`);

/** The note of one Connected App. A note that cannot be read, or that another user wrote, says nothing. */
export const readPair = async (orgId: string, oldName: string): Promise<MigrationPair | undefined> =>
  (await readPairs(orgId)).get(oldName);

/**
 * Notes pairs. A pair replaces an earlier one of the same Connected App.
 *
 * @returns false where nothing could be written; then the user has to name the new app
 */
export const notePairs = async (
  connection: Connection,
  pairs: ReadonlyArray<Omit<MigrationPair, 'since'>>,
): Promise<boolean> => {
  if (pairs.length === 0) return true;
  const orgId = orgIdOf(connection);
  const file = fileOf(orgId);
  try {
    const letGo = await takeLock(file, PATIENCE);
    try {
      const noted = await readPairs(orgId);
      const since = new Date().toISOString();
      for (const pair of pairs) {
        const before = noted.get(pair.oldName);
        // A second run says the same, and the app is as old as before.
        if (before?.newName === pair.newName && before.road === pair.road) continue;
        noted.set(pair.oldName, { ...pair, since });
      }
      await writeWhole(file, `${JSON.stringify({ orgId, pairs: noted.values() })}\n`, { secret: false, mode: 0o600 });
      return true;
    } finally {
      await letGo().catch(() => undefined);
    }
  } catch (error) {
    Logger.childFromRoot('sf-plugin-eca').debug(`A migration could not be noted: ${String(error)}`);
    return false;
  }
};

const readPairs = async (orgId: string): Promise<ByName<MigrationPair>> => {
  try {
    const content = await readSmallFile(fileOf(orgId), BYTES_MAX, { own: true });
    const { orgId: ofOrg, pairs } = JSON.parse(String(content)) as { orgId?: unknown; pairs?: unknown };
    if (ofOrg !== orgId || !Array.isArray(pairs)) return new ByName();
    return new ByName(pairs.filter(isPair).map((pair) => [pair.oldName, pair]));
  } catch {
    return new ByName();
  }
};

const isPair = (pair: unknown): pair is MigrationPair => {
  const { oldName, newName, road, since } = (pair ?? {}) as Partial<Record<keyof MigrationPair, unknown>>;
  return (
    typeof oldName === 'string' &&
    typeof newName === 'string' &&
    (road === 'side-by-side' || road === 'in-place') &&
    typeof since === 'string'
  );
};
