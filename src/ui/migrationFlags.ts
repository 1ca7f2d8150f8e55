import { checkName } from '../app/name.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { refuseProblems } from './problems.ts';

const messages = texts('eca.migrate.plan');

/** Which Connected Apps are to move, and what becomes of them. */
export const MOVE_FLAGS = {
  name: Flags.string({ char: 'n', exclusive: ['file'], summary: messages.getMessage('flags.name.summary') }),
  file: Flags.string({
    char: 'f',
    multiple: true,
    multipleNonGreedy: true,
    summary: messages.getMessage('flags.file.summary'),
    description: messages.getMessage('flags.file.description'),
  }),
  as: Flags.string({ summary: messages.getMessage('flags.as.summary') }),
  'run-as': Flags.string({ summary: messages.getMessage('flags.run-as.summary') }),
  'admin-approved': Flags.boolean({ default: false, summary: messages.getMessage('flags.admin-approved.summary') }),
};

/** @throws error.nameInvalid, error.nameTooLong (exit code 2) for the name of the new app */
export const refuseNewName = (as: string | undefined): void => {
  const problem = as === undefined ? undefined : checkName(as);
  refuseProblems(problem ? [problem] : [], '');
};
