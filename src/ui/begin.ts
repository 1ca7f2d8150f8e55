import type { Connection, Org } from '@salesforce/core';

import { commandLine } from '../app/commandLine.ts';
import { sameApp, sameOrg, type Token } from './commandLine.ts';
import { askName, mayAsk, needFlags } from './prompts.ts';

/** What oclif made of the command line. */
type Parsed<F> = { flags: F; raw: Token[] };

type OrgFlags = { 'target-org': Org; 'api-version'?: string };

type AppFlags = OrgFlags & { name?: string; 'no-prompt': boolean };

/** What these need of an SfCommand. */
type Command = { config: { bin: string }; jsonEnabled(): boolean };

/** What a command about an org begins with. */
export type InOrg<F> = {
  flags: F;
  connection: Connection;
  /** The org as the user gave it; undefined when it is the default org. */
  targetOrg: string | undefined;
  /** What follows `--name` in a line about this app in the same org. */
  sameApp: (name: string) => string;
  /** A line that runs another command of this plugin in the same org. Its words come without `sf eca`. */
  inSameOrg: (...words: string[]) => string;
};

/** What a command about one app begins with. */
export type WithApp<F> = InOrg<F> & {
  /** The app's name as the user gave it: the org may spell it otherwise. */
  given: string;
  /** May the user be asked? */
  asking: boolean;
};

export const beginInOrg = <F extends OrgFlags>({ config }: Command, { flags, raw }: Parsed<F>): InOrg<F> => ({
  flags,
  connection: flags['target-org'].getConnection(flags['api-version']),
  targetOrg: sameOrg(raw)[1],
  sameApp: (name) => sameApp(name, raw),
  inSameOrg: (...words) => commandLine([config.bin, 'eca', ...words, ...sameOrg(raw)]),
});

/**
 * Asks for the app's name when the flag did not give it.
 *
 * @throws error.flagsMissing (exit code 2) when there is no name and nobody may be asked
 */
export const beginWithApp = async <F extends AppFlags>(command: Command, parsed: Parsed<F>): Promise<WithApp<F>> => {
  const asking = mayAsk(command, parsed.flags);
  const { name: given } = await needFlags(asking, { name: { given: parsed.flags.name?.trim(), ask: () => askName() } });
  return { ...beginInOrg(command, parsed), given, asking };
};
