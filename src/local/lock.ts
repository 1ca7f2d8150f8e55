import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { retry } from '../net/retry.ts';
import { requireOwnFolder } from './owner.ts';

/**
 * Takes a lock that only one process on this machine can have at a time. The lock of a killed process is free after
 * five seconds.
 *
 * @param file what the lock is for; the file need not exist. The lock is a folder beside the file
 * @param waitMs how long to wait for others, in milliseconds
 * @param options.onWait is called again and again while another process has the lock
 * @param options.signal ends the waiting
 * @returns a function that releases the lock
 * @throws NotOwnError. OpenFolderError when another user can write in the folder. Node's error, such as EROFS or
 *   ENOSPC, when no lock can be created. An error with the code ELOCKED after waitMs; the signal's reason
 */
export const takeLock = async (
  file: string,
  waitMs: number,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<() => Promise<void>> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await requireOwnFolder(dirname(file));
  // Loaded only here, so that commands without a lock do not load the library. Once loaded, the library listens for
  // signals for the whole process. local/interruption.ts keeps signals from the wrong listeners.
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

/**
 * Milliseconds after which a lock counts as left behind when its process did not renew it. Clocks of two machines
 * differ.
 */
const LONGEST_SILENCE = 60_000;

/**
 * Does a process have the lock, on this machine or on another machine that shares the folder? A process renews its lock
 * while it lives.
 */
export const isLocked = async (file: string): Promise<boolean> => {
  const { check } = await import('proper-lockfile');
  return check(file, { realpath: false, stale: LONGEST_SILENCE });
};

/** Removes the lock of a process that has ended. */
export const removeLock = (file: string): Promise<void> => rm(`${file}.lock`, { recursive: true, force: true });
