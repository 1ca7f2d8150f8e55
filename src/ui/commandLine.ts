import { commandLine } from '../app/commandLine.ts';

/** One of the tokens that oclif parsed. */
export type Token = { type: 'flag'; flag: string; input: string } | { type: 'arg'; input: string };

/** The flag that says which org, as the user gave it; nothing when it was the default org. */
export const sameOrg = (raw: Token[]): string[] => {
  const given = raw.find((token) => token.type === 'flag' && token.flag === 'target-org');
  return given ? ['--target-org', given.input] : [];
};

/**
 * What follows `--name` in a command line that is about the same app in the same org as this run: `Order_Sync --target-org
 * prod`, or the name alone when the org was the default one.
 *
 * @param raw the tokens that oclif parsed
 */
export const sameApp = (name: string, raw: Token[]): string => commandLine([name, ...sameOrg(raw)]);
