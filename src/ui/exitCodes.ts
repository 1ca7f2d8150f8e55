import { texts } from '../texts.ts';
import { exitCodeFor } from '../app/exitCodes.ts';

const messages = texts('eca');

const { success, failure, wrongFlags, unfinished, stillRunning } = exitCodeFor;

/** The exit codes of the commands that write, for their help. */
export const exitCodes: Record<string, string> = Object.fromEntries(
  ([success, failure, wrongFlags, unfinished, stillRunning] as const).map((code) => [
    String(code),
    messages.getMessage(`exitCode.${code}`),
  ]),
);
