import { sleep } from '../salesforce.ts';

/** What one try came to: a value, or what it threw. */
type Tried<T> = { value: T } | { error: unknown };

export type RetryPolicy<T> = {
  /**
   * Milliseconds to wait before another try. Undefined: what this try came to is the end.
   *
   * @param tries how many tries there were before this one
   */
  pauseAfter: (tried: Tried<T>, tries: number) => number | undefined;
  /** Waits so many milliseconds. What it throws ends it all. */
  sleep?: (milliseconds: number) => Promise<unknown>;
};

/**
 * Tries until its policy is content. Every repetition of the plugin goes through here: requests, whole steps, polling, and each
 * wait. It waits for servers to know an app, for a user, and for a lock.
 *
 * @param attempt is told how many tries there were before
 * @returns what the last try gave
 * @throws what the last try threw
 */
export const retry = async <T>(
  attempt: (tries: number) => Promise<T>,
  { pauseAfter, sleep: wait = sleep }: RetryPolicy<T>,
): Promise<T> => {
  for (let tries = 0; ; tries++) {
    const tried: Tried<T> = await attempt(tries).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const milliseconds = pauseAfter(tried, tries);
    if (milliseconds !== undefined) await wait(milliseconds);
    else if ('error' in tried) throw tried.error;
    else return tried.value;
  }
};
