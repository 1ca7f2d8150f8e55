import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { exitCodeFor } from '../app/exitCodes.ts';

const messages = texts('eca');

/** Which org. */
export const orgFlags = {
  'target-org': Flags.requiredOrg(),
  'api-version': Flags.orgApiVersion(),
};

/** Which app. Not required by oclif: at a terminal it is asked for. */
export const nameFlag = Flags.string({
  char: 'n',
  summary: messages.getMessage('flags.name.summary'),
  description: messages.getMessage('flags.name.description'),
});

export const noPromptFlag = Flags.boolean({ default: false, summary: messages.getMessage('flags.no-prompt.summary') });

/** How an app's metadata is written. */
export const writeFlags = {
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
 * Standard input can be read for one flag alone.
 *
 * @param paths what the flags name that read a file
 * @throws error.standardInputTwice (exit code 2)
 */
export const refuseTwoInputs = (...paths: Array<string | undefined>): void => {
  if (paths.filter((path) => path === '-').length > 1)
    throw messages.createError('error.standardInputTwice', [], [], exitCodeFor.wrongFlags);
};

/** What those flags say about a write, in the words of org/. */
export const writeOptions = <T>(
  flags: { 'dry-run': boolean; wait: { minutes: number }; 'api-version'?: string },
  onProgress: T,
): { dryRun: boolean; wait: number; apiVersion?: string; onProgress: T } => ({
  dryRun: flags['dry-run'],
  wait: flags.wait.minutes,
  apiVersion: flags['api-version'],
  onProgress,
});
