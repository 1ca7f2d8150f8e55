/** In the suite that calls this, pauses and time-outs are a hundred times shorter. The time of day stays as it is. */
export const withShortPauses = (): void => {
  const wait = globalThis.setTimeout;
  before(() => {
    const shorter = (work: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): NodeJS.Timeout =>
      wait(work, milliseconds / 100, ...args);
    globalThis.setTimeout = Object.assign(shorter, wait);
  });
  after(() => {
    globalThis.setTimeout = wait;
  });
};
