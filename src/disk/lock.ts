import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Takes a lock that only one process on this machine can have at a time. That of a process that was killed is free after five
 * seconds.
 *
 * @param file what the lock is for; it need not be there. The lock is a folder beside it
 * @param patience how long to wait for others, in milliseconds
 * @param options.onWait is called when others have it, and as long as they do
 * @param options.signal ends the waiting
 * @returns lets go of it
 * @throws Node's error, such as EROFS or ENOSPC, when no lock can be made; an error with the code ELOCKED when the patience is
 *   over; the signal's reason
 */
export const takeLock = async (
  file: string,
  patience: number,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<() => Promise<void>> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Loaded here, so that what needs no lock does without. It listens for signals once it is loaded, for the whole process;
  // org/interruption.ts sees to it that nobody hears them who must not.
  const { lock } = await import('proper-lockfile');
  for (const end = Date.now() + patience; ;) {
    signal?.throwIfAborted();
    try {
      return await lock(file, {
        realpath: false,
        stale: 5_000,
        // A machine that slept may have lost its lock; it can only go on.
        onCompromised: () => undefined,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED' || Date.now() >= end) throw error;
    }
    onWait?.();
    await pause(200);
  }
};
