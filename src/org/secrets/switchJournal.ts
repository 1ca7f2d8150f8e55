import { randomUUID } from 'node:crypto';
import { readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { isLocked, removeLock, takeLock } from '../../local/lock.ts';
import { NotOwnError, OpenFolderError, requireOwnFile } from '../../local/owner.ts';
import { readSmallFile } from '../../local/smallFile.ts';
import { writeWhole } from '../../local/wholeFile.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { stateFile } from '../../local/stateFiles.ts';
import { isRunning } from '../../local/processes.ts';

const messages = texts('org');

/*
 * What this machine remembers of a switch in an org that it turned for a while: what it was before, and which processes need it
 * turned. So whoever is the last to need it can put it back, also when that is a later run, after a process was killed. It
 * holds no secret.
 */

/**
 * A process that needs the switch turned.
 *
 * @property machine names the machine, its start, and the container: whoever has the same can see the process by its number
 * @property started when the process began, in the kernel's words, since a number is given again; absent where that cannot be known
 */
export type Holder = { id: string; pid: number; machine: string; started?: string; since: string };

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

/** A holder, and what it does when it needs the switch no longer. */
export type Hold = { holder: Holder; letGo: () => Promise<void> };

/**
 * This process as one that needs the switch turned. While it does, it renews a lock: by that alone can runs in other containers,
 * or on other machines, see that it lives.
 *
 * @throws error.journalUnwritable, error.stateNotOwn
 */
export const newHold = async (): Promise<Hold> => {
  const started = await startOf(process.pid);
  const holder = {
    id: randomUUID(),
    pid: process.pid,
    machine: await thisMachine(),
    ...(started && { started }),
    since: new Date().toISOString(),
  };
  const file = holdFileOf(holder);
  const unlock = await naming(file, () => takeLock(file, 0));
  return { holder, letGo: () => unlock().catch(() => undefined) };
};

const holdFileOf = ({ id }: Holder): string => stateFile(`secret-access-holder-${id.replaceAll(/[^\w-]/g, '')}`);

/** Those of the holders that still need the switch. The others' locks are taken away. */
export const living = async (holders: Holder[]): Promise<Holder[]> => {
  const alive = await Promise.all(holders.map(isAlive));
  const dead = holders.filter((_holder, index) => !alive[index]);
  for (const holder of dead) await removeLock(holdFileOf(holder)).catch(() => undefined);
  return holders.filter((_holder, index) => alive[index]);
};

/**
 * Is the process still there that needs the switch? Containers with one home folder have other host names in each run, and see
 * none of each other's processes; then the lock tells.
 */
const isAlive = async (holder: Holder): Promise<boolean> => {
  const { pid, machine, started, since } = holder;
  if (!(Date.now() - Date.parse(since) < longestHold)) return false;
  if (machine !== (await thisMachine())) return isLocked(holdFileOf(holder)).catch(() => false);
  if (!isRunning(pid)) return false;
  return started === undefined || started === ((await startOf(pid)) ?? started);
};

/** The start of the machine and the space of its process numbers, on Linux; elsewhere the host's name alone. */
const thisMachine = async (): Promise<string> => {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const numbers = await readlink('/proc/self/ns/pid').catch(() => '');
  return boot && numbers ? `${boot.trim()} ${numbers}` : hostname();
};

/** When a process began, in ticks since the machine's start (proc(5), field 22 of stat). Undefined where it cannot be known. */
const startOf = async (pid: number): Promise<string | undefined> => {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets, and may hold blanks.
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
};

const fileOf = (prefix: string, orgId: string): string => stateFile(`${prefix}-${orgId}.json`);

/** An entry has a few hundred bytes for each holder. */
const bytesMax = 100_000;

/** The entry of the secret switch as it is, without waiting for whoever is changing it. */
export const peek = (orgId: string): Promise<Entry | undefined> => peekAt(ofSwitch, orgId);

/** Like peek, for another kind of entry. One that another user put there does not count. */
export const peekAt = async <E>({ prefix, toEntry }: EntryKind<E>, orgId: string): Promise<E | undefined> => {
  try {
    const file = await readSmallFile(fileOf(prefix, orgId), bytesMax, { own: true });
    return toEntry(orgId, JSON.parse(String(file)) as Partial<E> | null);
  } catch {
    return undefined;
  }
};

/**
 * Does something while no other process on this machine can see or change the org's entry; waits until it is its turn.
 *
 * @param options.anyway also when nothing can be written, not even the lock: for what closes the switch
 * @param options.signal ends the waiting
 * @throws error.journalUnwritable, error.stateNotOwn, also from the journal's `write`; the signal's reason; what the work throws
 */
export const withJournal = <T>(
  orgId: string,
  work: (journal: Journal) => Promise<T>,
  options: { anyway?: boolean; signal?: AbortSignal } = {},
): Promise<T> => withJournalOf(ofSwitch, orgId, work, options);

/** Like withJournal, for another kind of entry. */
export const withJournalOf = async <E, T>(
  kind: EntryKind<E>,
  orgId: string,
  work: (journal: Journal<E>) => Promise<T>,
  { anyway = false, signal }: { anyway?: boolean; signal?: AbortSignal } = {},
): Promise<T> => {
  const file = fileOf(kind.prefix, orgId);
  const unlock = await naming(file, () => takeLock(file, longestTurn, { signal })).catch((error: unknown) => {
    signal?.throwIfAborted();
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
    if (error instanceof NotOwnError) throw messages.createError('error.stateNotOwn', [error.path], [error.path]);
    if (error instanceof OpenFolderError)
      throw messages.createError('error.stateNotOwn', [error.folder], [error.folder]);
    const { code } = error as NodeJS.ErrnoException;
    // Errors of our own have their name as code.
    if (typeof code !== 'string' || error instanceof SfError) throw error;
    throw messages.createError('error.journalUnwritable', [file, code], [dirname(file)]);
  }
};

const replace = async (file: string, entry: unknown): Promise<void> => {
  if (!entry) return rm(file, { force: true });
  await requireOwnFile(file);
  // No secret is in it, but nobody else's business either.
  await writeWhole(file, `${JSON.stringify(entry)}\n`, { secret: false, mode: 0o600 });
};
