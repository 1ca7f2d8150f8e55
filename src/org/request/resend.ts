import { sleep, SfError } from '../../salesforce.ts';
import { pauses } from './transport.ts';

/** Names of errors after which the same request may succeed. The org did not answer, or could not at that moment. */
const passing = /^(OrgUnreachable|OrgSilent|OrgAnsweredHtml|OrgBusy|RecordLocked)Error$/;

/**
 * Could the cause of this error end by itself? After a write with such an error, the result of the write is unknown.
 */
export const isPassing = (error: unknown): boolean => error instanceof SfError && passing.test(error.name);

/** Errors after which no further tries make sense. */
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
