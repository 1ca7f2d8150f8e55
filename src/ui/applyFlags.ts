import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';

const messages = texts('eca.apply');

/** What apply reads, and how it ends. */
export const APPLY_FLAGS = {
  file: Flags.string({
    char: 'f',
    multiple: true,
    multipleNonGreedy: true,
    required: true,
    summary: messages.getMessage('flags.file.summary'),
    description: messages.getMessage('flags.file.description'),
  }),
  'send-certificates': Flags.boolean({
    summary: messages.getMessage('flags.send-certificates.summary'),
    description: messages.getMessage('flags.send-certificates.description'),
  }),
  variable: Flags.string({
    multiple: true,
    summary: messages.getMessage('flags.variable.summary'),
    description: messages.getMessage('flags.variable.description'),
  }),
  'result-format': Flags.option({
    options: ['human', 'markdown'] as const,
    default: 'human' as const,
    exclusive: ['json'],
    summary: messages.getMessage('flags.result-format.summary'),
    description: messages.getMessage('flags.result-format.description'),
  })(),
  'detailed-exitcode': Flags.boolean({ summary: messages.getMessage('flags.detailed-exitcode.summary') }),
};
