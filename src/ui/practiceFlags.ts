import { texts } from '../texts.ts';

const messages = texts('eca.practice.start');

/** The flags of a practice org, and the options that they set. */
const OPTIONS: Array<[flag: string, option: string]> = [
  ['port', 'port'],
  ['production', 'production'],
  ['variant', 'variants'],
  ['latency', 'latency'],
  ['job-time', 'jobTime'],
  ['propagation', 'propagation'],
  ['installed-app', 'installed'],
  ['faults', 'faults'],
];

/**
 * Refuses a practice org that runs already, when other flags are asked for than it was started with.
 *
 * @param running the practice org; `port` is the one that it listens on
 * @param asked the options by the flags of this run
 * @param given the names of the flags that were given: nobody asked for the others
 * @throws error.runsOtherwise, whose data has the flags that differ
 */
export const refuseOtherFlags = (
  running: { alias: string; port: number; options: object },
  asked: Record<string, unknown>,
  given: string[],
): void => {
  const has: Record<string, unknown> = { ...running.options, port: running.port };
  const told = (value: unknown): string => JSON.stringify(value ?? messages.getMessage('difference.none'));
  const differing = OPTIONS.filter(([flag, option]) => {
    const isAnyPort = flag === 'port' && asked[option] === 0;
    return given.includes(flag) && !isAnyPort && told(asked[option]) !== told(has[option]);
  });
  if (differing.length === 0) return;
  const lines = differing.map(([flag, option]) =>
    messages.getMessage('difference', [flag, told(asked[option]), told(has[option])]),
  );
  const flags = differing.map(([flag]) => flag);
  throw messages.createError('error.runsOtherwise', [running.alias, lines], [running.alias]).setData({ flags });
};
