import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { checkName } from '../app/name.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { nameSaid } from './begin.ts';
import { HANDOVER_FLAGS } from './credentials.ts';
import { connectedAppFlag } from './flags.ts';
import { refuseProblems } from './problems.ts';

const messages = texts('eca.migrate.plan');

/** Which Connected Apps are to move, and what becomes of them. */
export const MOVE_FLAGS = {
  name: { ...connectedAppFlag, exclusive: ['file'] },
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

/** Salesforce's own button takes one app of the org as it is. Key and secret stay, so nothing is handed over. */
export const inPlaceFlag = Flags.boolean({
  default: false,
  exclusive: ['file', 'as', 'run-as', 'admin-approved', ...Object.keys(HANDOVER_FLAGS), 'allow-secret-access'],
  summary: texts('eca.migrate.apply').getMessage('flags.in-place.summary'),
});

/**
 * The flags, with the name from wherever it was given.
 *
 * @throws (exit code 2 each) error.nameAndFile; error.nameTwice; error.nameInvalid or error.nameTooLong for the new app
 */
export const moveFlags = <F extends { name?: string; file?: string[]; as?: string }>(parsed: {
  flags: F;
  args: { name?: string };
}): F => {
  const { as, file } = parsed.flags;
  const name = nameSaid(parsed);
  if (name !== undefined && file) throw messages.createError('error.nameAndFile', [], [], EXIT_CODE_FOR.wrongFlags);
  const problem = as === undefined ? undefined : checkName(as);
  refuseProblems(problem ? [problem] : [], '');
  return { ...parsed.flags, name };
};
