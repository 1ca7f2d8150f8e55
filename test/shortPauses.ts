/** From this many milliseconds on, a timer is a limit: something must end within it. Below, it is a pause. */
const SHORTEST_LIMIT = 30_000;

/**
 * In the suite that calls this, pauses are a hundred times shorter. The time of day stays as it is.
 *
 * @param limits 'kept', so that a busy machine fails no test; 'short' where a test waits for one. Pauses and limits are
 *   then twenty times shorter, both alike: what comes first stays first.
 */
export const withShortPauses = ({ limits }: { limits: 'kept' | 'short' } = { limits: 'kept' }): void => {
  const wait = globalThis.setTimeout;
  const shortened = (milliseconds: number): number => {
    if (limits === 'short') return milliseconds / 20;
    return milliseconds < SHORTEST_LIMIT ? milliseconds / 100 : milliseconds;
  };
  before(() => {
    const shorter = (work: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): NodeJS.Timeout =>
      wait(work, shortened(milliseconds), ...args);
    globalThis.setTimeout = Object.assign(shorter, wait);
  });
  after(() => {
    globalThis.setTimeout = wait;
  });
};
