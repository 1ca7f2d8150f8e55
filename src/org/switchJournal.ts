import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { takeLock } from '../disk/lock.ts';
import { writeWhole } from '../disk/wholeFile.ts';
import { Messages, SfError } from '../salesforce.ts';
import { ownFile } from './thisMachine.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/*
 * What this machine remembers of a switch in an org that it turned for a while: what it was before, and which processes need it
 * turned. So whoever is the last to need it can put it back, also when that is a later run, after a process was killed. It
 * holds no secret.
 */

/** A process that needs the switch turned. */
export type Holder = { id: string; pid: number; host: string; since: string };

export type Entry = {
  orgId: string;
  /** What the switch was before. */
  before: boolean;
  holders: Holder[];
};

/** The entry of an org, while nobody else on this machine can see or change it. */
export type Journal = {
  entry: Entry | undefined;
  /** Undefined: there is nothing to put back any more. */
  write: (entry: Entry | undefined) => Promise<void>;
};

/** No run needs the switch for longer; by then its process's number may be another's. */
const longestHold = 2 * 3_600_000;

/** How long to wait for others who look at the entry, in milliseconds: as long as their deploys may take. */
const longestTurn = 600_000;

export const newHolder = (): Holder => ({
  id: randomUUID(),
  pid: process.pid,
  host: hostname(),
  since: new Date().toISOString(),
});

/** Is the process still there that needs the switch? Of other machines (a home folder may be shared) only time can tell. */
export const isAlive = ({ pid, host, since }: Holder): boolean => {
  if (!(Date.now() - Date.parse(since) < longestHold)) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const fileOf = (orgId: string): string => ownFile(`secret-access-${orgId}.json`);

/** The entry as it is, without waiting for whoever is changing it. */
export const peek = async (orgId: string): Promise<Entry | undefined> => {
  try {
    const entry = JSON.parse(await readFile(fileOf(orgId), 'utf8')) as Partial<Entry> | null;
    return { orgId, before: entry?.before === true, holders: Array.isArray(entry?.holders) ? entry.holders : [] };
  } catch {
    return undefined;
  }
};

/**
 * Does something while no other process on this machine can see or change the org's entry; waits until it is its turn.
 *
 * @param options.anyway also when nothing can be written, not even the lock: for what closes the switch
 * @param options.signal ends the waiting
 * @throws error.journalUnwritable, also from the journal's `write`; the signal's reason; what the work throws
 */
export const withJournal = async <T>(
  orgId: string,
  work: (journal: Journal) => Promise<T>,
  { anyway = false, signal }: { anyway?: boolean; signal?: AbortSignal } = {},
): Promise<T> => {
  const file = fileOf(orgId);
  const unlock = await naming(file, () => takeLock(file, longestTurn, { signal })).catch((error: unknown) => {
    if (anyway) return () => Promise.resolve();
    throw error;
  });
  try {
    return await work({ entry: await peek(orgId), write: (entry) => naming(file, () => replace(file, entry)) });
  } finally {
    await unlock().catch(() => undefined);
  }
};

/** Names what keeps the file from being written, such as a full disk. */
const naming = async <T>(file: string, write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Errors of our own have their name as code.
    if (typeof code !== 'string' || error instanceof SfError) throw error;
    throw messages.createError('error.journalUnwritable', [file, code], [dirname(file)]);
  }
};

const replace = async (file: string, entry: Entry | undefined): Promise<void> => {
  if (!entry) return rm(file, { force: true });
  // No secret is in it, but nobody else's business either.
  await writeWhole(file, `${JSON.stringify(entry)}\n`, { secret: true });
};
