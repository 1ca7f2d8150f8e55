/**
 * Makes every pause and every time-out of this process a hundred times shorter, so that retries with pauses of seconds and
 * requests that are never answered can be tried by the hundred. Only waiting gets shorter: the time of day stays as it is.
 */
const times = 100;

const wait = globalThis.setTimeout;
const timeout = AbortSignal.timeout.bind(AbortSignal);

const faster = (work: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): NodeJS.Timeout =>
  wait(work, milliseconds / times, ...args);

globalThis.setTimeout = Object.assign(faster, wait) as typeof setTimeout;
AbortSignal.timeout = (milliseconds) => timeout(Math.ceil(milliseconds / times));
