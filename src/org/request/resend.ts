import { isPassing } from '../../app/errorNature.ts';
import { retry } from '../../net/retry.ts';
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
export const resend = <T>(
  attempt: (tries: number) => Promise<T>,
  isWorthIt: (error: unknown) => boolean = isPassing,
): Promise<T> =>
  retry(attempt, {
    pauseAfter: (tried, tries) => {
      if (!('error' in tried) || !(tried.error instanceof Error)) return undefined;
      if (givenUp.has(tried.error) || !isWorthIt(tried.error)) return undefined;
      if (pauses[tries] === undefined) giveUp(tried.error);
      return pauses[tries];
    },
  });
