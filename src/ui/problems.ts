import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { type Advice, isProblem, type Problem } from '../app/problem.ts';
import { adviceWarning, problemError, problemText, texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca');

/** A problem in a user's words, without what to do about it, as an answer to a question is refused. */
export const explain = (problem: Problem | undefined): string | undefined => problem && problemText(problem);

/** The actions of the texts contain `<app>` for the app, so that a user can run a suggested command unchanged. */
const fillIn = (actions: string[] | undefined, app: string): string[] | undefined =>
  actions?.map((action) => action.replaceAll('<app>', () => app));

/**
 * Throws one error for all problems with the user's input, with the next step for each.
 *
 * @param app the app of the problems, as `sameApp` gives it
 * @param exitCode 2, unless the org lacks something
 */
export const refuseProblems = (problems: Problem[], app: string, exitCode?: number): void =>
  refuseAll([{ problems, app }], exitCode);

/** The same for the problems of several apps. */
export const refuseAll = (
  ofApps: Array<{ problems: Problem[]; app: string }>,
  exitCode: number = EXIT_CODE_FOR.wrongFlags,
): void => {
  const [first, ...others] = ofApps.flatMap(({ problems, app }) =>
    problems.map((problem) => {
      const error = problemError(problem, exitCode);
      error.actions = fillIn(error.actions, app);
      return error;
    }),
  );
  if (!first) return;
  if (others.length === 0) throw first;
  const all = [first, ...others];
  const lines = all.map(({ message }) => `- ${message}`);
  const error = messages.createError('error.severalProblems', [lines], [], exitCode);
  error.actions = [...new Set(all.flatMap(({ actions }) => actions ?? []))];
  throw error.setData({ problems: all.map(({ name, message }) => ({ name, message })) });
};

/**
 * What was read, or an error for the problem with it.
 *
 * @param app the app of the problem, as `sameApp` gives it
 */
export const orRefuse = <T>(read: T | Problem, exitCode?: number, app?: string): T => {
  if (!isProblem(read)) return read;
  const error = problemError(read, exitCode);
  if (app !== undefined) error.actions = fillIn(error.actions, app);
  throw error;
};

/**
 * Warns of each problem, with the next step.
 *
 * @param app the app of the problems, as `sameApp` gives it
 */
export const warnOf = (command: Pick<Screen, 'warn'>, advice: Advice[], app: string): void => {
  for (const one of advice) {
    const warning = adviceWarning(one);
    command.warn({ ...warning, actions: fillIn(warning.actions, app) });
  }
};
