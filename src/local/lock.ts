import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { retry } from '../net/retry.ts';
import { requireOwnFolder } from './owner.ts';

/**
 * Takes a lock that only one process on this machine can have at a time. That of a process that was killed is free after five
 * seconds.
 *
 * @param file what the lock is for; it need not be there. The lock is a folder beside it
 * @param waitMs how long to wait for others, in milliseconds
 * @param options.onWait is called when others have it, and as long as they do
 * @param options.signal ends the waiting
 * @returns lets go of it
 * @throws NotOwnError, OpenFolderError when another user has a hand in the folder; Node's error, such as EROFS or ENOSPC, when
 *   no lock can be made; an error with the code ELOCKED when that time is over; the signal's reason
 */
export const takeLock = async (
  file: string,
  waitMs: number,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<() => Promise<void>> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await requireOwnFolder(dirname(file));
  // Loaded here, so that what needs no lock does without. It listens for signals once it is loaded, for the whole process;
  // local/interruption.ts sees to it that nobody hears them who must not.
  const { lock } = await import('proper-lockfile');
  const end = Date.now() + waitMs;
  const take = async (): Promise<() => Promise<void>> => {
    signal?.throwIfAborted();
    return lock(file, {
      realpath: false,
      stale: 5_000,
      // A machine that slept may have lost its lock; it can only go on.
      onCompromised: () => undefined,
    });
  };
  return retry(take, {
    pauseAfter: (tried) => {
      const isTaken = 'error' in tried && (tried.error as NodeJS.ErrnoException).code === 'ELOCKED';
      if (!isTaken || Date.now() >= end) return undefined;
      onWait?.();
      return 200;
    },
  });
};

/** Milliseconds after which a lock that its process did not renew counts as left behind. Clocks of two machines differ. */
const longestSilence = 60_000;

/** Does a process have the lock, on this machine or on another that shares the folder? A process renews its lock while it lives. */
export const isLocked = async (file: string): Promise<boolean> => {
  const { check } = await import('proper-lockfile');
  return check(file, { realpath: false, stale: longestSilence });
};

/** Takes away the lock of a process that is gone. */
export const removeLock = (file: string): Promise<void> => rm(`${file}.lock`, { recursive: true, force: true });
