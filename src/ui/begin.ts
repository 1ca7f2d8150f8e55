import type { Connection, Org } from '@salesforce/core';

import { commandLine } from '../app/commandLine.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { sameName } from '../app/name.ts';
import { plainText } from '../app/plainText.ts';
import { texts } from '../texts.ts';
import { sameApp, sameOrg, type Token } from './commandLine.ts';
import { askConnectedApp, mayAsk, needFlags, PROMPTS } from './prompts.ts';

const messages = texts('eca');

/** What oclif made of the command line. */
type Parsed<F> = { flags: F; args?: { name?: string }; raw: Token[] };

type OrgFlags = { 'target-org': Org; 'api-version'?: string };

type AppFlags = OrgFlags & { name?: string; 'no-prompt': boolean };

/** What these need of an SfCommand. */
type Command = { config: { bin: string }; jsonEnabled(): boolean; logToStderr(message?: string): void };

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

/** A connection to an org that a flag names, at the version that the user asked for. */
export const connectionTo = (org: Org, flags: Pick<OrgFlags, 'api-version'>): Connection =>
  org.getConnection(flags['api-version']);

export const beginInOrg = <F extends OrgFlags>(
  { config }: Pick<Command, 'config'>,
  { flags, raw }: Parsed<F>,
): InOrg<F> => ({
  flags,
  connection: connectionTo(flags['target-org'], flags),
  targetOrg: sameOrg(raw)[1],
  sameApp: (name) => sameApp(name, raw),
  inSameOrg: (...words) => commandLine([config.bin, 'eca', ...words, ...sameOrg(raw)]),
});

/**
 * The name of the app, which the flag or the argument gives; undefined when neither does.
 *
 * @throws error.nameTwice (exit code 2) when they name different apps
 */
export const nameSaid = ({ flags, args }: Pick<Parsed<{ name?: string }>, 'flags' | 'args'>): string | undefined => {
  const [flag, argument] = [flags.name?.trim(), args?.name?.trim()];
  if (flag !== undefined && argument !== undefined && !sameName(flag, argument))
    throw messages.createError('error.nameTwice', [argument, flag], [], EXIT_CODE_FOR.wrongFlags);
  return flag ?? argument;
};

/**
 * Asks which app it is when the command line did not say so. The only app of an org is taken without a question.
 *
 * @param readNames reads the names of all apps of the org
 * @throws error.flagsMissing (exit code 2) when there is no name and nobody may be asked; error.noApps; error.nameTwice
 */
export const beginWithApp = async <F extends AppFlags>(
  command: Command,
  readNames: (connection: Connection) => Promise<string[]>,
  parsed: Parsed<F>,
): Promise<WithApp<F>> => {
  const asking = mayAsk(command, parsed.flags);
  const inOrg = beginInOrg(command, parsed);
  const ask = async (): Promise<string> => askApp(command, await readNames(inOrg.connection));
  const { name: given } = await needFlags(asking, { name: { given: nameSaid(parsed), ask } });
  return { ...inOrg, given, asking };
};

/**
 * The same for a Connected App, whose name is asked for without a list.
 *
 * @throws error.flagsMissing (exit code 2) when there is no name and nobody may be asked; error.nameTwice
 */
export const beginWithConnectedApp = async <F extends AppFlags>(
  command: Pick<Command, 'config' | 'jsonEnabled'>,
  parsed: Parsed<F>,
): Promise<InOrg<F> & { given: string }> => {
  const { name: given } = await needFlags(mayAsk(command, parsed.flags), {
    name: { given: nameSaid(parsed), ask: askConnectedApp },
  });
  return { ...beginInOrg(command, parsed), given };
};

/** Asks which app it is; the only app of an org is taken without a question. */
export const askApp = async (command: Command, names: string[]): Promise<string> => {
  const [first] = names;
  if (first === undefined) throw messages.createError('error.noApps');
  if (names.length > 1) return askWhich(messages.getMessage('prompt.app'), names);
  command.logToStderr(messages.getMessage('onlyApp', [first]));
  return first;
};

const askWhich = (message: string, names: string[]): Promise<string> =>
  PROMPTS.choice({ message, choices: names.map((name) => ({ value: name, name: plainText(name) })) });
