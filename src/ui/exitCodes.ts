import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { texts } from '../texts.ts';

type Codes = typeof EXIT_CODE_FOR;

/**
 * Exit codes with their texts, for the help of a command.
 *
 * @param messages has a text for each of them, such as `exitCode.68`
 */
export const exitCodesIn = <Name extends keyof Codes>(
  messages: { getMessage(key: `exitCode.${Codes[Name]}`): string },
  ...names: Name[]
): Record<string, string> =>
  Object.fromEntries(
    names.map((name) => [String(EXIT_CODE_FOR[name]), messages.getMessage(`exitCode.${EXIT_CODE_FOR[name]}`)]),
  );

/** The exit codes of the commands that write. */
export const exitCodes = exitCodesIn(texts('eca'), 'success', 'failure', 'wrongFlags', 'unfinished', 'stillRunning');
