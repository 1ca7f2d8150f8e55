import type { Problem } from '../app/problem.ts';
import type { Written } from '../app/written.ts';
import { Messages } from '../salesforce.ts';
import { plainText } from '../app/plainText.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const fileMessages = Messages.loadMessages('sf-plugin-eca', 'eca.file');
const appMessages = Messages.loadMessages('sf-plugin-eca', 'eca');

/** Something wrong at a place of a file; line and column count from 1. */
export type PlacedProblem = Problem & { file: string; line: number; column: number };

/** A problem as results and screens show it. `message` says what is wrong and, where that helps, what to write instead. */
export type ShownProblem = { file: string; line: number; column: number; message: string };

/** Texts that speak to the command line name flags; in a file the same things are keys. */
const KEYS: Record<string, string> = {
  '--callback-url': 'oauth.callbackUrls',
  '--certificate-file': 'oauth.certificateFile',
  '--contact-email': 'contactEmail',
  '--custom-scope': 'customScopes',
  '--flow': 'oauth.flows',
  '--label': 'label',
  '--no-certificate': '"oauth.certificateFile: none"',
  '--no-secret': '"oauth.secretRequired: false"',
  '--permission-set': 'policies.permissionSets',
  '--profile': 'policies.profiles',
  '--refresh-token-policy': 'policies.refreshToken',
  '--refresh-token-validity': 'policies.refreshTokenValidity',
  '--run-as': 'oauth.runAs',
};

/** Actions that are commands, or ways to give a flag, are of no use to who writes a file. */
const isForFiles = (action: string): boolean => !/"sf eca|: sf eca|command line/.test(action);

const inKeys = (text: string): string => text.replace(/--[a-z-]+/g, (flag) => KEYS[flag] ?? flag);

const messageOf = ({ code, values }: Problem): string => {
  if (!code.startsWith('error.')) return fileMessages.getMessage(code, values);
  const { message, actions = [] } = appMessages.createError(code, values, values);
  return [message, ...actions.filter(isForFiles)].map(inKeys).join(' ');
};

/** The problems in the order of their places, as they are shown. */
export const shownProblems = (problems: PlacedProblem[]): ShownProblem[] =>
  problems
    .map(({ file, line, column, ...problem }) => ({ file, line, column, message: plainText(messageOf(problem)) }))
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));

/**
 * Throws one error for all that is wrong with some files, a line for each: `file:line:column: what is wrong`. Nothing for
 * none.
 *
 * @throws error.filesWrong with `data: { problems }`
 */
export const refuseFileProblems = (problems: PlacedProblem[]): void => {
  if (problems.length === 0) return;
  const shown = shownProblems(problems);
  const lines = shown.map(({ file, line, column, message }) => `${plainText(file)}:${line}:${column}: ${message}`);
  const count = shown.length === 1 ? 'There is 1 problem' : `There are ${shown.length} problems`;
  throw fileMessages.createError('error.filesWrong', [count, lines.join('\n')]).setData({ problems: shown });
};

/** An entry of a file: where it says a field or an item, and what it writes as variables. */
type Entry = {
  at: (field?: string, item?: string) => { file: string; line: number; column: number };
  written: Written;
};

/** A problem with the place of what it is about, and with variables where the file has them. */
export const placed = (problem: Problem, { at, written }: Entry): PlacedProblem => ({
  ...problem,
  values: problem.values.map((value) => written.quoted(value)),
  // Problems of one item of a list name it first.
  ...at(problem.field, problem.values[0]),
});
