import { isPassing } from '../../app/errorNature.ts';
import { sleep } from '../../salesforce.ts';
import { pauses } from './transport.ts';

/** What was insisted on long enough. */
const givenUp = new WeakSet<Error>();

/** Nobody is to insist any more where this error comes from. */
export const giveUp = (error: Error): void => void givenUp.add(error);

/**
 * Tries something again that must not be left undone because of one bad moment: a lost answer, a server that is overloaded, a
 * record that somebody else is writing. What is tried has to look first whether an earlier try was carried out, unless doing it
 * twice is the same as doing it once.
 *
 * @param attempt is told how many tries there were before
 * @param isWorthIt after which errors to try again; where one insists within another, the outer one does not begin anew
 * @throws what the last try threw
 */
export const resend = async <T>(
  attempt: (tries: number) => Promise<T>,
  isWorthIt: (error: unknown) => boolean = isPassing,
): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (!(error instanceof Error) || givenUp.has(error) || !isWorthIt(error)) throw error;
      const pause = pauses[tries];
      if (pause === undefined) {
        giveUp(error);
        throw error;
      }
      await sleep(pause);
    }
  }
};
