import { sleep } from '../../salesforce.ts';
import { unlessAborted } from '../../local/interruption.ts';

/**
 * Asks until an answer is there: often at first, since small metadata jobs take a second or two, then less and less often.
 *
 * @param ask one look; undefined means "not yet"
 * @param milliseconds how long to go on
 * @param signal ends the waiting at once
 * @returns the answer, or undefined when the time was up
 * @throws the signal's reason; what a look throws
 */
export const poll = async <T>(
  ask: () => Promise<T | undefined>,
  milliseconds: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<T | undefined> => {
  const end = Date.now() + milliseconds;
  for (let wait = 100; ; wait = Math.min(wait * 1.5, 5000)) {
    const answer = await unlessAborted(signal, ask());
    if (answer !== undefined) return answer;
    const left = end - Date.now();
    if (left <= 0) return undefined;
    await unlessAborted(signal, sleep(Math.min(wait, left)));
  }
};
