import type { CheckStatus } from '../app/checks.ts';
import type { DoctorCheck } from '../app/doctor.ts';
import { inWords, problemError } from '../texts.ts';

/** A finding of the doctor's in words. */
export type DoctorLine = { id: string; status: CheckStatus; detail: string; fix?: string };

export const doctorLine = (check: DoctorCheck): DoctorLine => {
  const { id, status } = check;
  if ('problem' in check) {
    const { message, actions = [] } = problemError(check.problem);
    return { id, status, detail: message, fix: actions.join(' ') };
  }
  const { detail, fix } = check;
  return { id, status, detail: inWords(detail), ...(fix && { fix: inWords(fix) }) };
};
