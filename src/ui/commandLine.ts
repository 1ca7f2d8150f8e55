import { commandLine } from '../app/commandLine.ts';

/** One of the tokens that oclif parsed. */
export type Token = { type: 'flag'; flag: string; input: string } | { type: 'arg'; input: string };

/** The flag that names the org, as the user gave it; nothing for the default org. */
export const sameOrg = (raw: Token[]): string[] => {
  const given = raw.find((token) => token.type === 'flag' && token.flag === 'target-org');
  return given ? ['--target-org', given.input] : [];
};

/**
 * The text after `--name` in a command line about the same app in the same org as this run. For example `Order_Sync
 * --target-org prod`, or the name alone for the default org.
 *
 * @param raw the tokens that oclif parsed
 */
export const sameApp = (name: string, raw: Token[]): string => commandLine([name, ...sameOrg(raw)]);
