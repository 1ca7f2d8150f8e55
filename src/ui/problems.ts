import type { Advice, Problem } from '../app/problem.ts';
import { Messages } from '../salesforce.ts';
import { plainText } from '../app/plainText.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca');

/** oclif's exit code for wrong flags. */
const wrongFlags = 2;

/** A problem in a user's words, without the next step: a prompt shows it for a refused answer. */
export const explain = (problem: Problem | undefined): string | undefined =>
  problem && messages.getMessage(problem.code, safe(problem.values));

/** Values come from users' shells, from files and from orgs, and may hold unsafe characters. */
export const safe = (values: string[]): string[] => values.map(plainText);

/** The actions of the texts contain `<app>` for the app, so that a user can run a suggested command unchanged. */
const fillIn = (actions: string[] | undefined, app: string): string[] | undefined =>
  actions?.map((action) => action.replaceAll('<app>', () => app));

/**
 * Throws one error for all problems with the user's input, with the next step for each.
 *
 * @param app the app of the problems, as `sameApp` gives it
 * @param exitCode 2, unless the org lacks something
 */
export const refuseProblems = (problems: Problem[], app: string, exitCode = wrongFlags): void => {
  const [first, ...others] = problems.map(({ code, values }) => {
    const error = messages.createError(code, safe(values), safe(values), exitCode);
    error.actions = fillIn(error.actions, app);
    return error;
  });
  if (!first) return;
  if (others.length === 0) throw first;
  const all = [first, ...others];
  const lines = all.map(({ message }) => `- ${message}`).join('\n');
  const error = messages.createError('error.severalProblems', [lines], [], exitCode);
  error.actions = [...new Set(all.flatMap(({ actions }) => actions ?? []))];
  throw error.setData({ problems: all.map(({ name, message }) => ({ name, message })) });
};

/** The part of an SfCommand that warns. */
type Warner = { warn(input: { name: string; message: string; actions?: string[] }): unknown };

/**
 * Warns of each problem, with the next step.
 *
 * @param app the app of the problems, as `sameApp` gives it
 */
export const warnOf = (command: Warner, advice: Advice[], app: string): void => {
  for (const { code, values } of advice) {
    const warning = messages.createWarning(code, safe(values), safe(values));
    command.warn({ ...warning, actions: fillIn(warning.actions, app) });
  }
};
