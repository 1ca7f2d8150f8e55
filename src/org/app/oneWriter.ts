import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import type { Connection } from '@salesforce/core';

import { isRefusal } from '../../app/errorNature.ts';
import { takeLock } from '../../local/lock.ts';
import { readSmallFile } from '../../local/smallFile.ts';
import { orgIdOf, stateFile } from '../../local/stateFiles.ts';
import { Logger } from '../../salesforce.ts';
import { texts } from '../../texts.ts';

const messages = texts('org');

/*
 * Salesforce takes components whole and does not say when one has changed since it was read. Two runs may read an app at the
 * same time and write it one after the other. Then the second would undo what the first did. On one machine runs take turns,
 * and whoever comes later learns that there was another. Runs on different machines cannot know of each other.
 */

/** A run that reads and writes apps of an org: who it is, and since when (milliseconds since 1970). */
type Run = { id: string; since: number };

const runs = new WeakMap<Connection, Run>();

/** The run of a connection, which begins when it is first asked for: before apps are read. */
export const runOf = (connection: Connection): Run => {
  const run = runs.get(connection) ?? { id: randomUUID(), since: Date.now() };
  runs.set(connection, run);
  return run;
};

/** What a run leaves for the others: who wrote last, and until when. No `until` while what it sent may be under way. */
type Trace = Pick<Run, 'id'> & { until?: number };

/**
 * Writes apps of an org while no other run on this machine does; waits until it is its turn. Where the home folder cannot be
 * written, nobody takes turns.
 *
 * @param minutes how long to wait for others
 * @param onWait is called when others are writing
 * @param write is told whether another run may have written apps since this one began
 * @param signal ends the waiting for others
 * @throws error.othersWrite when others are still at it; the signal's reason; what `write` throws
 */
export const asOneWriter = async <T>(
  connection: Connection,
  minutes: number,
  onWait: (status: string) => void,
  write: (othersWrote: boolean) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => {
  const run = runOf(connection);
  const file = stateFile(`last-write-${orgIdOf(connection)}.json`);
  const waiting = (): void => onWait(messages.getMessage('write.othersFirst'));
  const lock = takeLock(file, minutes * 60_000, { onWait: waiting, signal });
  const letGo = await lock.catch((error: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    if (error.code === 'ELOCKED') throw messages.createError('error.othersWrite', [String(minutes)]);
    log(error);
    return undefined;
  });
  if (!letGo) return write(false);
  try {
    const othersWrote = await wroteSince(file, run);
    await leave(file, { id: run.id });
    const done = (): Promise<void> => leave(file, { id: run.id, until: Date.now() });
    const result = await write(othersWrote).catch(async (error: unknown) => {
      if (isRefusal(error)) await done();
      throw error;
    });
    await done();
    return result;
  } finally {
    await letGo().catch(() => undefined);
  }
};

/** May another run have written since this one began? */
const wroteSince = async (file: string, run: Run): Promise<boolean> => {
  try {
    const { id, until = Infinity } = JSON.parse(String(await readSmallFile(file, 1000, { own: true }))) as Trace;
    return id !== run.id && until >= run.since;
  } catch (error) {
    // A trace that cannot be read, such as half of one, was left by somebody.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
};

const leave = (file: string, trace: Trace): Promise<void> =>
  writeFile(file, `${JSON.stringify(trace)}\n`, { mode: 0o600, flag: overwriting }).catch(log);

// No link that somebody put there is followed; Windows knows no such flag.
const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW = 0 } = constants;
const overwriting = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;

const log = (error: unknown): void =>
  void Logger.childFromRoot('sf-plugin-eca').debug(`Runs on this machine cannot take turns: ${String(error)}`);
