/**
 * Makes the waiting of this process shorter. So pauses of seconds and requests that are never answered can be tried by
 * the hundred. Only waiting gets shorter: the time of day stays as it is.
 */

/** Pauses between tries are shorter than this. What is as long bounds a request, so that it does not hang for ever. */
const SHORTEST_BOUND = 20_000;

/** Longer than any answer takes, also on a machine that is busy. */
const BOUND = 3_000;

/**
 * undici keeps time by ticks of this length, and would count them all the same. Then it would give up a connection too
 * soon.
 */
const UNDICI_TICK = 499;

const shorter = (milliseconds: number): number => {
  if (milliseconds === UNDICI_TICK) return milliseconds;
  return milliseconds >= SHORTEST_BOUND ? BOUND : milliseconds / 100;
};

const wait = globalThis.setTimeout;
const timeout = AbortSignal.timeout.bind(AbortSignal);

const faster = (work: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): NodeJS.Timeout =>
  wait(work, shorter(milliseconds), ...args);

globalThis.setTimeout = Object.assign<typeof faster, typeof wait>(faster, wait);
AbortSignal.timeout = (milliseconds) => timeout(Math.ceil(shorter(milliseconds)));
