import { sleep } from '../../salesforce.ts';
import { unlessAborted } from '../../local/interruption.ts';

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
  for (let wait = 100; ; wait = Math.min(wait * 1.5, 5000)) {
    const answer = await unlessAborted(signal, ask());
    if (answer !== undefined) return answer;
    const left = end - Date.now();
    if (left <= 0) return undefined;
    await unlessAborted(signal, sleep(Math.min(wait, left)));
  }
};
