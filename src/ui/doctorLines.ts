import type { CheckStatus } from '../app/checks.ts';
import { type DoctorCheck, isPermission } from '../app/doctor.ts';
import { StandardColors } from '../salesforce.ts';
import { inWords, problemError, texts } from '../texts.ts';
import { type Remedy, remedyOf } from './remedies.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.doctor');

const MARGIN = '  ';

/** The first line of an action says what to do. Its further lines are commands. */
const actionInLines = (action: string): string => action.replaceAll('\n', `\n${MARGIN}`);

/** A finding of the doctor's in words. */
export type DoctorLine = { id: string; status: CheckStatus; detail: string } & Remedy;

export const doctorLine = (check: DoctorCheck): DoctorLine => {
  const { id, status } = check;
  if ('problem' in check) {
    const { message, actions = [] } = problemError(check.problem);
    return { id, status, detail: message, ...remedyOf(actions.map(actionInLines).join('\n')) };
  }
  const { detail, fix } = check;
  return { id, status, detail: inWords(detail), ...remedyOf(fix && inWords(fix)) };
};

const SIGNS: Record<CheckStatus, string> = { passed: '✔', warning: '!', failed: '✘', skipped: '?' };

const COLOURS = {
  passed: StandardColors.success,
  warning: StandardColors.warning,
  failed: StandardColors.error,
  skipped: StandardColors.info,
};

/** What a login may run, in two lines: each command needs much the same permissions. */
type Permissions = { allowed: string[]; refused: string[]; missing: string[] };

/**
 * The findings as lines of a terminal. What is missing for the commands stands together, once.
 *
 * @param width of the terminal; absent without a terminal, and then text is not wrapped
 */
export const doctorLines = (
  checks: DoctorLine[],
  username: string,
  { allowed, refused, missing }: Permissions,
  width?: number,
): string[] => {
  const line = (status: CheckStatus, detail: string, fix?: string): string[] => [
    ...wrapped(`${COLOURS[status](SIGNS[status])} ${detail}`, width, '', '  '),
    ...(fix?.split('\n').flatMap((text) => wrapped(text, width, '    ')) ?? []),
  ];
  const permissions = [
    ...(allowed.length > 0 ? line('passed', messages.getMessage('permissions.allowed', [allowed.join(', ')])) : []),
    ...(refused.length > 0
      ? line(
          'failed',
          messages.getMessage('permissions.refused', [refused.join(', ')]),
          messages.getMessage('permissions.missing', [username, missing.join(', ')]),
        )
      : []),
  ];
  const first = checks.findIndex(isPermission);
  return checks.flatMap((check, index) => {
    if (!isPermission(check)) return line(check.status, check.detail, check.fix);
    return index === first ? permissions : [];
  });
};
