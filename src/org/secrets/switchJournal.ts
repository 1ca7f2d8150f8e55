import { randomUUID } from 'node:crypto';
import { readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

import { isLocked, removeLock, takeLock } from '../../local/lock.ts';
import { NotOwnError, OpenFolderError, requireOwnFile } from '../../local/owner.ts';
import { isRunning } from '../../local/processes.ts';
import { readSmallFile } from '../../local/smallFile.ts';
import { stateFile } from '../../local/stateFiles.ts';
import { writeWhole } from '../../local/wholeFile.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';

const messages = texts('org');

/*
 * This machine's note about a switch in an org that was turned for a while. The note has the former state, and the
 * processes that need the switch. So the last process that needs the switch can put it back. After a process was
 * killed, a later run can do it. The note holds no secret.
 */

/**
 * A process that needs the switch turned.
 *
 * @property machine the name of the machine, its start, and the container. A process with the same value can see this
 *   process by its number
 * @property started when the process began, in the kernel's format, because numbers are reused; absent when this is
 *   unknown
 */
export type Holder = { id: string; pid: number; machine: string; started?: string; since: string };

export type Entry = {
  orgId: string;
  /** The former state of the switch. */
  before: boolean;
  holders: Holder[];
};

/** The entry of an org, while no other process on this machine can see or change the entry. */
export type Journal<E = Entry> = {
  entry: E | undefined;
  /** Undefined: there is nothing left to put back. */
  write: (entry: E | undefined) => Promise<void>;
};

/** A kind of entry: the beginning of its file name before the org's Id, and the reader of its file. */
export type EntryKind<E> = { prefix: string; toEntry: (orgId: string, kept: Partial<E> | null) => E };

const ofSwitch: EntryKind<Entry> = {
  prefix: 'secret-access',
  toEntry: (orgId, kept) => ({
    orgId,
    before: kept?.before === true,
    holders: Array.isArray(kept?.holders) ? kept.holders : [],
  }),
};

/** No run needs the switch for longer; by then its process's number may belong to another process. */
const LONGEST_HOLD = 2 * 3_600_000;

/** Milliseconds to wait for other processes with the entry: their deploys may take this long. */
const LONGEST_TURN = 600_000;

/** A holder, and the function that ends its need for the switch. */
export type Hold = { holder: Holder; letGo: () => Promise<void> };

/**
 * Registers this process as one that needs the switch. Meanwhile, the process renews a lock. Runs in other containers,
 * or on other machines, can only see by this lock that the process is alive.
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

/** The holders that still need the switch. The locks of the other holders are removed. */
export const living = async (holders: Holder[]): Promise<Holder[]> => {
  const alive = await Promise.all(holders.map(isAlive));
  const dead = holders.filter((_holder, index) => !alive[index]);
  for (const holder of dead) await removeLock(holdFileOf(holder)).catch(() => undefined);
  return holders.filter((_holder, index) => alive[index]);
};

/**
 * Is the process alive that needs the switch? Containers that share a home folder have a new host name in each run, and
 * cannot see each other's processes. For them, the lock decides.
 */
const isAlive = async (holder: Holder): Promise<boolean> => {
  const { pid, machine, started, since } = holder;
  if (!(Date.now() - Date.parse(since) < LONGEST_HOLD)) return false;
  if (machine !== (await thisMachine())) return isLocked(holdFileOf(holder)).catch(() => false);
  if (!isRunning(pid)) return false;
  return started === undefined || started === ((await startOf(pid)) ?? started);
};

/** The start of the machine and the space of its process numbers, on Linux; elsewhere only the host's name. */
const thisMachine = async (): Promise<string> => {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const numbers = await readlink('/proc/self/ns/pid').catch(() => '');
  return boot && numbers ? `${boot.trim()} ${numbers}` : hostname();
};

/**
 * The start time of a process, in ticks since the machine's start (proc(5), field 22 of stat). Undefined when it is
 * unknown.
 */
const startOf = async (pid: number): Promise<string | undefined> => {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets, which may contain blanks.
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
};

const fileOf = (prefix: string, orgId: string): string => stateFile(`${prefix}-${orgId}.json`);

/** An entry has a few hundred bytes for each holder. */
const BYTES_MAX = 100_000;

/** The current entry of the secret switch, without waiting for a process that is changing it. */
export const peek = (orgId: string): Promise<Entry | undefined> => peekAt(ofSwitch, orgId);

/** Works like peek, for another kind of entry. An entry that another user wrote does not count. */
export const peekAt = async <E>({ prefix, toEntry }: EntryKind<E>, orgId: string): Promise<E | undefined> => {
  try {
    const file = await readSmallFile(fileOf(prefix, orgId), BYTES_MAX, { own: true });
    return toEntry(orgId, JSON.parse(String(file)) as Partial<E> | null);
  } catch {
    return undefined;
  }
};

/**
 * Runs work while no other process on this machine can see or change the org's entry. Waits until the entry is free.
 *
 * @param options.anyway also when nothing can be written, not even the lock: for the work that closes the switch
 * @param options.signal ends the waiting
 * @throws error.journalUnwritable, error.stateNotOwn, also from the journal's `write`; the signal's reason; what the
 *   work throws
 */
export const withJournal = <T>(
  orgId: string,
  work: (journal: Journal) => Promise<T>,
  options: { anyway?: boolean; signal?: AbortSignal } = {},
): Promise<T> => withJournalOf(ofSwitch, orgId, work, options);

/** Works like withJournal, for another kind of entry. */
export const withJournalOf = async <E, T>(
  kind: EntryKind<E>,
  orgId: string,
  work: (journal: Journal<E>) => Promise<T>,
  { anyway = false, signal }: { anyway?: boolean; signal?: AbortSignal } = {},
): Promise<T> => {
  const file = fileOf(kind.prefix, orgId);
  const unlock = await naming(file, () => takeLock(file, LONGEST_TURN, { signal })).catch((error: unknown) => {
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

/** Names the reason why the file cannot be written, such as a full disk. */
const naming = async <T>(file: string, write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    if (error instanceof NotOwnError) throw messages.createError('error.stateNotOwn', [error.path], [error.path]);
    if (error instanceof OpenFolderError)
      throw messages.createError('error.stateNotOwn', [error.folder], [error.folder]);
    const { code } = error as NodeJS.ErrnoException;
    // Errors of this plugin have their name as code.
    if (typeof code !== 'string' || error instanceof SfError) throw error;
    throw messages.createError('error.journalUnwritable', [file, code], [dirname(file)]);
  }
};

const replace = async (file: string, entry: unknown): Promise<void> => {
  if (!entry) return rm(file, { force: true });
  await requireOwnFile(file);
  // The file holds no secret, but other users should not read it either.
  await writeWhole(file, `${JSON.stringify(entry)}\n`, { secret: false, mode: 0o600 });
};
