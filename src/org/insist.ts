import { sleep } from '../salesforce.ts';

/** Milliseconds between the tries. */
const pauses = [300, 1500];

/**
 * Tries something again that must not be left undone because of one bad moment: a lost answer, a server that is overloaded.
 *
 * @throws what the last try threw
 */
export const insist = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (const milliseconds of pauses) {
    try {
      return await attempt();
    } catch {
      await sleep(milliseconds);
    }
  }
  return attempt();
};
