import { END_CODES, EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { isForeign } from '../app/foreignError.ts';
import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca');

/** The streams for questions and answers. */
type Streams = { input?: NodeJS.ReadableStream; output?: NodeJS.WritableStream };

/** Questions go to stderr: stdout is for results. */
const TERMINAL: Streams = { input: process.stdin, output: process.stderr };

type TextQuestion = {
  message: string;
  default?: string;
  /** The reason why the answer is refused; absent for a good answer. */
  problem?: (answer: string) => string | undefined;
};

const text = async (question: TextQuestion, streams = TERMINAL): Promise<string> => {
  const { default: input } = await import('@inquirer/input');
  const { message, default: preset, problem } = question;
  const validate = (answer: string): true | string => problem?.(answer.trim()) ?? true;
  return answered(async () => (await input({ message, default: preset, required: true, validate }, streams)).trim());
};

type ChoiceQuestion<T> = { message: string; choices: Array<{ value: T; name: string }> };

const choice = async <T>(question: ChoiceQuestion<T>, streams = TERMINAL): Promise<T> => {
  const { default: select } = await import('@inquirer/select');
  // The prompt hides the cursor while it waits. When a signal ends the process, the prompt does not show the cursor
  // again.
  const showCursor = (): void => void streams.output?.write('\u001b[?25h');
  process.once('exit', showCursor);
  return answered(() => select(question, streams)).finally(() => process.off('exit', showCursor));
};

/**
 * Asks, and turns a Ctrl-C into an error of its own.
 *
 * @throws error.promptLeft (exit code 130) when the user left the question
 */
const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (isForeign(error, 'ExitPromptError')) throw messages.createError('error.promptLeft', [], [], END_CODES.SIGINT);
    throw error;
  }
};

const yes = (command: Pick<Screen, 'confirm'>, message: string, ms: number): Promise<boolean> =>
  answered(() => command.confirm({ message, ms }));

/**
 * Asks the user. Every question of a command goes through here. So Ctrl-C ends each question in the same way
 * (error.promptLeft, exit code 130). `yes` gives no when its milliseconds are over. The prompting library is loaded
 * with the first question: most runs have none.
 */
export const PROMPTS = { text, choice, yes };

/** May the user be asked? Never under `--json` or `--no-prompt`, nor without a terminal to ask at. */
export const mayAsk = (command: Pick<Screen, 'jsonEnabled'>, flags: { 'no-prompt': boolean }): boolean =>
  !command.jsonEnabled() && !flags['no-prompt'] && process.stdin.isTTY === true && process.stderr.isTTY === true;

/** A required value of a command: the value of its flag, or the question for it. */
type Needed<T> = { given: T | undefined; ask: (known: Record<string, unknown>) => Promise<T> };

/**
 * The required values of flags; a prompt asks for each missing value.
 *
 * @param values by the flag's name, in the order in which to ask. Each question gets the values before it: it can look first
 *   whether its answer can matter
 * @throws error.flagsMissing (exit code 2) naming all that are missing, when nobody may be asked
 */
export const needFlags = async <T extends Record<string, unknown>>(
  asking: boolean,
  values: { [flag in keyof T]: Needed<T[flag]> },
): Promise<T> => {
  const missing = Object.keys(values).filter((flag) => values[flag]?.given === undefined);
  if (missing.length > 0 && !asking) throw flagsMissing(missing);
  const complete: Record<string, unknown> = {};
  for (const [flag, { given, ask }] of Object.entries<Needed<unknown>>(values))
    complete[flag] = given ?? (await ask(complete));
  return complete as T;
};

/**
 * At a terminal, looks at the org before it asks. Nobody answers a question and then learns that the org refuses. Elsewhere,
 * flags that are missing come before the requests.
 *
 * @returns the answers, and what the look found
 */
export const askedAfterLook = async <T, L>(
  asking: boolean,
  ask: () => Promise<T>,
  look: () => Promise<L>,
): Promise<[answers: T, seen: L]> => {
  if (!asking) return [await ask(), await look()];
  const seen = await look();
  return [await ask(), seen];
};

const flagsMissing = (flags: string[]): Error => {
  const list = flags.map((flag) => `--${flag}`).join(', ');
  return messages.createError('error.flagsMissing', [list], [list], EXIT_CODE_FOR.wrongFlags).setData({ flags });
};

/** Asks for the name of a Connected App. */
export const askConnectedApp = (): Promise<string> =>
  PROMPTS.text({ message: messages.getMessage('prompt.connectedApp') });

/** Asks for an app's name. */
export const askName = (preset?: string, problem?: (answer: string) => string | undefined): Promise<string> =>
  PROMPTS.text({ message: messages.getMessage('prompt.name'), default: preset, problem });
