import { sleep } from '../../salesforce.ts';
import { unlessAborted } from '../../local/interruption.ts';

/** How long to wait before the next look, in milliseconds, by the looks and the milliseconds that there were. */
type Pause = (looks: number, age: number) => number;

const moreSeldom: Pause = (looks) => Math.min(100 * 1.5 ** (looks - 1), 5000);

/**
 * Pauses for a deploy, which takes an org a second at least, unless it is done at once: each look is a request, and what is noticed
 * late is a tenth of the deploy's own time.
 */
export const pausesOfDeploy: Pause = (looks, age) => (looks === 1 ? 1000 : Math.max(100, age / 10));

/**
 * Asks until an answer is there: often at first, then less and less often.
 *
 * @param ask one look; undefined means "not yet"
 * @param milliseconds how long to go on
 * @param signal ends the waiting at once
 * @param pause how long to wait between looks
 * @returns the answer, or undefined when the time was up
 * @throws the signal's reason; what a look throws
 */
export const poll = async <T>(
  ask: () => Promise<T | undefined>,
  milliseconds: number,
  signal: AbortSignal = new AbortController().signal,
  pause = moreSeldom,
): Promise<T | undefined> => {
  const start = Date.now();
  for (let looks = 1; ; looks++) {
    const answer = await unlessAborted(signal, ask());
    if (answer !== undefined) return answer;
    const age = Date.now() - start;
    if (age >= milliseconds) return undefined;
    await unlessAborted(signal, sleep(Math.min(pause(looks, age), milliseconds - age)));
  }
};
