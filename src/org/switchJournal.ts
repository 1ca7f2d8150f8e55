import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { takeLock } from '../disk/lock.ts';
import { writeWhole } from '../disk/wholeFile.ts';
import { Messages } from '../salesforce.ts';
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
export type Journal<E = Entry> = {
  entry: E | undefined;
  /** Undefined: there is nothing to put back any more. */
  write: (entry: E | undefined) => Promise<void>;
};

/** A kind of entry: what its files are called before the org's Id, and how an entry is read from what a file holds. */
export type EntryKind<E> = { prefix: string; toEntry: (orgId: string, kept: Partial<E> | null) => E };

const ofSwitch: EntryKind<Entry> = {
  prefix: 'secret-access',
  toEntry: (orgId, kept) => ({
    orgId,
    before: kept?.before === true,
    holders: Array.isArray(kept?.holders) ? kept.holders : [],
  }),
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

const fileOf = (prefix: string, orgId: string): string => ownFile(`${prefix}-${orgId}.json`);

/** The entry of the secret switch as it is, without waiting for whoever is changing it. */
export const peek = (orgId: string): Promise<Entry | undefined> => peekAt(ofSwitch, orgId);

/** Like peek, for another kind of entry. */
export const peekAt = async <E>({ prefix, toEntry }: EntryKind<E>, orgId: string): Promise<E | undefined> => {
  try {
    return toEntry(orgId, JSON.parse(await readFile(fileOf(prefix, orgId), 'utf8')) as Partial<E> | null);
  } catch {
    return undefined;
  }
};

/**
 * Does something while no other process on this machine can see or change the org's entry; waits until it is its turn.
 *
 * @param options.anyway also when nothing can be written, not even the lock: for what closes the switch
 * @throws error.journalUnwritable, also from the journal's `write`; what the work throws
 */
export const withJournal = <T>(
  orgId: string,
  work: (journal: Journal) => Promise<T>,
  options: { anyway?: boolean } = {},
): Promise<T> => withJournalOf(ofSwitch, orgId, work, options);

/** Like withJournal, for another kind of entry. */
export const withJournalOf = async <E, T>(
  kind: EntryKind<E>,
  orgId: string,
  work: (journal: Journal<E>) => Promise<T>,
  { anyway = false }: { anyway?: boolean } = {},
): Promise<T> => {
  const file = fileOf(kind.prefix, orgId);
  const unlock = await naming(file, () => takeLock(file, longestTurn)).catch((error: unknown) => {
    if (anyway) return () => Promise.resolve();
    throw error;
  });
  try {
    return await work({ entry: await peekAt(kind, orgId), write: (entry) => naming(file, () => replace(file, entry)) });
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
    if (typeof code !== 'string') throw error;
    throw messages.createError('error.journalUnwritable', [file, code], [dirname(file)]);
  }
};

const replace = async (file: string, entry: unknown): Promise<void> => {
  if (!entry) return rm(file, { force: true });
  // No secret is in it, but nobody else's business either.
  await writeWhole(file, `${JSON.stringify(entry)}\n`, { secret: true });
};
