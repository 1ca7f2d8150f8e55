import { texts } from '../texts.ts';

const messages = texts('eca');

/** The exit codes of the commands that write, for their help. */
export const exitCodes: Record<string, string> = {
  '0': messages.getMessage('exitCode.0'),
  '1': messages.getMessage('exitCode.1'),
  '2': messages.getMessage('exitCode.2'),
  '68': messages.getMessage('exitCode.68'),
  '69': messages.getMessage('exitCode.69'),
};
