import { sleep } from '../salesforce.ts';

/**
 * Asks until an answer is there: often at first, since small metadata jobs take a second or two, then less and less often.
 *
 * @param ask one look; undefined means "not yet"
 * @param milliseconds how long to go on
 * @returns the answer, or undefined when the time was up
 */
export const poll = async <T>(ask: () => Promise<T | undefined>, milliseconds: number): Promise<T | undefined> => {
  const end = Date.now() + milliseconds;
  for (let wait = 100; ; wait = Math.min(wait * 1.5, 5000)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const left = end - Date.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(wait, left));
  }
};
