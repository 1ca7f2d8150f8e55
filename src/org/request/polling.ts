import { unlessAborted } from '../../local/interruption.ts';
import { retry } from '../../net/retry.ts';
import { sleep } from '../../salesforce.ts';

/**
 * Asks until an answer exists. It asks often at first, because small metadata jobs take a second or two, then less and
 * less often.
 *
 * @param ask one request; undefined means "not yet"
 * @param milliseconds the time limit
 * @param signal ends the waiting at once
 * @returns the answer, or undefined after the time limit
 * @throws the signal's reason; what a request throws
 */
export const poll = async <T>(
  ask: () => Promise<T | undefined>,
  milliseconds: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<T | undefined> => {
  const end = Date.now() + milliseconds;
  let wait = 100;
  return retry(() => unlessAborted(signal, ask()), {
    pauseAfter: (tried) => {
      const left = end - Date.now();
      if ('error' in tried || tried.value !== undefined || left <= 0) return undefined;
      const pause = Math.min(wait, left);
      wait = Math.min(wait * 1.5, 5000);
      return pause;
    },
    sleep: (pause) => unlessAborted(signal, sleep(pause)),
  });
};
