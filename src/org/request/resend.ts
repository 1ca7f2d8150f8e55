import { isPassing } from '../../app/errorNature.ts';
import { retry } from '../../net/retry.ts';
import { PAUSES } from './transport.ts';

/** What was insisted on long enough. */
const givenUp = new WeakSet<Error>();

/** Marks an error: nobody should try again after it. */
export const giveUp = (error: Error): void => void givenUp.add(error);

/**
 * Tries an important request again after a temporary fault. Examples are a lost answer, an overloaded server, or a
 * record that somebody else is writing. Each try must first check whether an earlier try succeeded, unless doing the
 * work twice has no further effect.
 *
 * @param attempt gets the number of earlier tries
 * @param isWorthIt the errors after which to try again. If one such call contains another, the outer call does not
 *   start again
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
      if (PAUSES[tries] === undefined) giveUp(tried.error);
      return PAUSES[tries];
    },
  });
