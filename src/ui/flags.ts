import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { Flags } from '../salesforce.ts';
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

export const noPromptFlag = Flags.boolean({ default: false, summary: messages.getMessage('flags.no-prompt.summary') });

/** Options for a write of an app's metadata. */
export const WRITE_FLAGS = {
  'dry-run': Flags.boolean({ default: false, summary: messages.getMessage('flags.dry-run.summary') }),
  wait: Flags.duration({
    unit: 'minutes',
    defaultValue: 10,
    min: 1,
    char: 'w',
    summary: messages.getMessage('flags.wait.summary'),
    description: messages.getMessage('flags.wait.description'),
  }),
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

/** The options of a write as the flags give them, in the words of org/. */
export const writeOptions = <T>(
  flags: { 'dry-run': boolean; wait: { minutes: number }; 'api-version'?: string },
  onProgress: T,
): { dryRun: boolean; wait: number; apiVersion?: string; onProgress: T } => ({
  dryRun: flags['dry-run'],
  wait: flags.wait.minutes,
  apiVersion: flags['api-version'],
  onProgress,
});
