import { parseDuration } from '../app/duration.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { quotable } from '../app/problem.ts';
import { valueMeant } from '../app/spelling.ts';
import { Args, Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';

const messages = texts('eca');

/** The org. */
export const ORG_FLAGS = {
  'target-org': Flags.requiredOrg(),
  'api-version': Flags.orgApiVersion(),
};

/** The app. oclif does not require this flag: a prompt asks for the name at a terminal. */
export const nameFlag = Flags.string({
  char: 'n',
  summary: messages.getMessage('flags.name.summary'),
  description: messages.getMessage('flags.name.description'),
});

/** A Connected App. A prompt asks for this name, too. */
export const connectedAppFlag = Flags.string({
  char: 'n',
  summary: messages.getMessage('flags.connectedApp.summary'),
});

/**
 * The same name as an argument, as most people type it first. Where an argument is missing, oclif would take standard
 * input. There may be a certificate, a secret, or the rest of a script's list.
 */
export const NAME_ARGS = {
  name: Args.string({ description: messages.getMessage('args.name.description'), ignoreStdin: true }),
};

export const noPromptFlag = Flags.boolean({ default: false, summary: messages.getMessage('flags.no-prompt.summary') });

/**
 * A flag with a fixed set of values, in every clear spelling: `AllUsers` is `all-users`.
 *
 * @param words further words for a value, in the spelling of `bare`
 */
export const valueFlag = <T extends string>(
  options: readonly T[],
  summary: string,
  { words, description }: { words?: Readonly<Record<string, T>>; description?: string } = {},
) => {
  // oclif compares a value with its list of options before it lets anybody parse the value. Help, completion and the
  // manifest of the commands need the list.
  const taken = Object.assign([...options], {
    includes: (word: string): boolean => valueMeant(word, options, words) !== undefined,
  });
  const flag = Flags.option({ options: taken, summary, description })();
  return { ...flag, parse: (word: string) => Promise.resolve(valueMeant(word, options, words)!) };
};

/** A flag for a whole number of minutes or seconds: `30`, `30m` or `2h`. */
export const lengthFlag = (unit: 'minutes' | 'seconds', summary: string, description?: string) =>
  Flags.custom<number>({
    summary,
    description,
    helpValue: `<${unit}>`,
    // The promise is made first, so that it is refused where the text is no length.
    parse: (text, _, { name }) => Promise.resolve().then(() => lengthSaid(text, unit, name)),
  })();

/** The library's flag for a time in minutes would take 30s for 30 minutes. This one does not. */
export const inMinutes = <F extends { name?: string }>(flag: F): F => {
  const { parse } = flag as unknown as { parse: (text: string, ...rest: unknown[]) => Promise<unknown> };
  return {
    ...flag,
    parse: async (text: string, ...rest: unknown[]) => parse(String(lengthSaid(text, 'minutes', 'wait')), ...rest),
  };
};

/** @throws error.lengthInvalid (exit code 2) */
const lengthSaid = (text: string, unit: 'minutes' | 'seconds', flag: string): number => {
  const length = parseDuration(text, unit);
  if (length === undefined)
    throw messages.createError(
      'error.lengthInvalid',
      [quotable(text), `--${flag}`, unit],
      [unit],
      EXIT_CODE_FOR.wrongFlags,
    );
  return length;
};

/** Options for a write of an app's metadata. */
export const WRITE_FLAGS = {
  'dry-run': Flags.boolean({ default: false, summary: messages.getMessage('flags.dry-run.summary') }),
  wait: inMinutes(
    Flags.duration({
      unit: 'minutes',
      defaultValue: 10,
      min: 1,
      char: 'w',
      summary: messages.getMessage('flags.wait.summary'),
      description: messages.getMessage('flags.wait.description'),
    }),
  ),
};

/**
 * Refuses a command line that reads standard input for more than one flag.
 *
 * @param paths the values of all flags that name a file to read
 * @throws error.standardInputTwice (exit code 2)
 */
export const refuseTwoInputs = (...paths: Array<string | undefined>): void => {
  if (paths.filter((path) => path === '-').length > 1)
    throw messages.createError('error.standardInputTwice', [], [], EXIT_CODE_FOR.wrongFlags);
};

/** The flags of a write, as far as org/ is told of them. */
export type WriteFlags = { 'dry-run': boolean; wait: { minutes: number }; 'api-version'?: string };

/** The options of a write as the flags give them, in the words of org/. */
export const writeOptions = <T>(
  flags: WriteFlags,
  onProgress: T,
): { dryRun: boolean; wait: number; apiVersion?: string; onProgress: T } => ({
  dryRun: flags['dry-run'],
  wait: flags.wait.minutes,
  apiVersion: flags['api-version'],
  onProgress,
});
