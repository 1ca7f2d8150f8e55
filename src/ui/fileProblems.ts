import type { Problem } from '../app/problem.ts';
import { Messages } from '../salesforce.ts';
import { plainText } from '../app/plainText.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const fileMessages = Messages.loadMessages('sf-plugin-eca', 'eca.file');
const appMessages = Messages.loadMessages('sf-plugin-eca', 'eca');

/** A problem at a place of a file; line and column count from 1. */
export type PlacedProblem = Problem & { file: string; line: number; column: number };

/**
 * A problem as results and screens show it. `message` describes the problem and, where that helps, the correct text.
 */
export type ShownProblem = { file: string; line: number; column: number; message: string };

/** Texts for the command line name flags; in a file the same fields are keys. */
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

/** Actions that are commands, or describe a flag, do not help the author of a file. */
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
 * Throws one error for all problems of some files, a line for each: `file:line:column: problem`. Does nothing without
 * problems.
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
