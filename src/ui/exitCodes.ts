import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { texts } from '../texts.ts';

const messages = texts('eca');

const { success, failure, wrongFlags, unfinished, stillRunning } = EXIT_CODE_FOR;

/** The exit codes of the commands that write, for their help. */
export const exitCodes: Record<string, string> = Object.fromEntries(
  ([success, failure, wrongFlags, unfinished, stillRunning] as const).map((code) => [
    String(code),
    messages.getMessage(`exitCode.${code}`),
  ]),
);
