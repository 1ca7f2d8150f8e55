import type { Interfaces } from '@oclif/core';
import type { Org } from '@salesforce/core';

import { FLOW_NAMES } from '../app/flows.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { inMinutes, nameFlag, noPromptFlag, ORG_FLAGS } from './flags.ts';

const messages = texts('eca.verify');

/** The flags of verify. Its fixes contain a line that runs verify again, so they stand beside `flagsToRepeat`. */
export const VERIFY_FLAGS = {
  ...ORG_FLAGS,
  // Without an org no login is read, so the default org is looked up only where one is needed.
  'target-org': Flags.optionalOrg({ default: undefined, summary: messages.getMessage('flags.target-org.summary') }),
  name: nameFlag,
  flow: Flags.option({
    options: FLOW_NAMES,
    multiple: true,
    summary: messages.getMessage('flags.flow.summary'),
    description: messages.getMessage('flags.flow.description'),
  })(),
  'credentials-file': Flags.string({
    summary: messages.getMessage('flags.credentials-file.summary'),
    description: messages.getMessage('flags.credentials-file.description'),
  }),
  'allow-secret-access': Flags.boolean({
    summary: messages.getMessage('flags.allow-secret-access.summary'),
    exclusive: ['credentials-file'],
  }),
  browser: Flags.boolean({
    summary: messages.getMessage('flags.browser.summary'),
    description: messages.getMessage('flags.browser.description'),
  }),
  'jwt-key-file': Flags.file({ summary: messages.getMessage('flags.jwt-key-file.summary') }),
  'run-as': Flags.string({
    summary: messages.getMessage('flags.run-as.summary'),
    description: messages.getMessage('flags.run-as.description'),
    dependsOn: ['jwt-key-file'],
  }),
  'api-path': Flags.string({
    summary: messages.getMessage('flags.api-path.summary'),
    description: messages.getMessage('flags.api-path.description'),
  }),
  wait: inMinutes(
    Flags.duration({
      unit: 'minutes',
      char: 'w',
      summary: messages.getMessage('flags.wait.summary'),
      description: messages.getMessage('flags.wait.description'),
    }),
  ),
  probe: Flags.boolean({
    summary: messages.getMessage('flags.probe.summary'),
    description: messages.getMessage('flags.probe.description'),
  }),
  strict: Flags.boolean({ summary: messages.getMessage('flags.strict.summary') }),
  'result-format': Flags.option({
    options: ['human', 'junit', 'markdown'] as const,
    default: 'human' as const,
    exclusive: ['json'],
    summary: messages.getMessage('flags.result-format.summary'),
    description: messages.getMessage('flags.result-format.description'),
  })(),
  verbose: Flags.boolean({ summary: messages.getMessage('flags.verbose.summary') }),
  'no-prompt': noPromptFlag,
};

/** The flags, as far as the steps look at them. */
export type VerifyFlags = Interfaces.InferredFlags<typeof VERIFY_FLAGS>;

/** This run's flags that a command which runs it again has to have, too. What came on standard input is there no more. */
export const flagsToRepeat = (flags: VerifyFlags): string[][] => [
  ...(flags.flow ?? []).map((flow) => ['--flow', flow]),
  ...(['credentials-file', 'jwt-key-file', 'run-as', 'api-path'] as const).flatMap((flag) =>
    flags[flag] === undefined || flags[flag] === '-' ? [] : [[`--${flag}`, flags[flag]]],
  ),
  ...(['allow-secret-access', 'browser', 'probe', 'strict'] as const).flatMap((flag) =>
    flags[flag] ? [[`--${flag}`]] : [],
  ),
];

/** The default org, or the error that every command has where there is none. */
export const defaultOrg = async (): Promise<Org> => {
  const { default: lookUp } = ORG_FLAGS['target-org'] as { default?: unknown };
  return (lookUp as () => Promise<Org>)();
};
