import { unlessAborted } from '../../local/interruption.ts';
import { retry } from '../../net/retry.ts';
import { sleep } from '../../salesforce.ts';

/** Milliseconds until the next look. They depend on the number of looks so far, and on the milliseconds since the first. */
type Pause = (looks: number, age: number) => number;

const moreSeldom: Pause = (looks) => Math.min(100 * 1.5 ** (looks - 1), 5000);

/**
 * Pauses for a deploy. It is done at once, or it takes the org a second or more. Each look is a request. After the first second, looks notice the end of a deploy late by a tenth of its age at most.
 */
export const pausesOfDeploy: Pause = (looks, age) => (looks === 1 ? 1000 : Math.max(100, age / 10));

/**
 * Asks until an answer exists. It asks often at first, because small metadata jobs take a second or two, then less and
 * less often.
 *
 * @param ask one request; undefined means "not yet"
 * @param milliseconds the time limit
 * @param signal ends the waiting at once
 * @param pause how long to wait between requests
 * @returns the answer, or undefined after the time limit
 * @throws the signal's reason; what a request throws
 */
export const poll = async <T>(
  ask: () => Promise<T | undefined>,
  milliseconds: number,
  signal: AbortSignal = new AbortController().signal,
  pause = moreSeldom,
): Promise<T | undefined> => {
  const start = Date.now();
  return retry(() => unlessAborted(signal, ask()), {
    pauseAfter: (tried, tries) => {
      const age = Date.now() - start;
      if ('error' in tried || tried.value !== undefined || age >= milliseconds) return undefined;
      return Math.min(pause(tries + 1, age), milliseconds - age);
    },
    sleep: (wait) => unlessAborted(signal, sleep(wait)),
  });
};
