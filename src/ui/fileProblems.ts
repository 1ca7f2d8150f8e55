import { type Problem, withValues } from '../app/problem.ts';
import type { Written } from '../app/written.ts';
import { problemInFile, texts } from '../texts.ts';
import { annotation } from './githubActions.ts';
import { asCommandToRunner } from './outlet.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.file');

/** A problem at a place of a file; line and column count from 1. */
export type PlacedProblem = Problem & { file: string; line: number; column: number };

/**
 * A problem as results and screens show it. `message` describes the problem and, where that helps, the correct text.
 */
export type ShownProblem = { file: string; line: number; column: number; message: string };

/** The problems in the order of their places, as they are shown. */
export const shownProblems = (problems: PlacedProblem[]): ShownProblem[] =>
  problems
    .map(({ file, line, column, ...problem }) => ({ file, line, column, message: problemInFile(problem) }))
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));

/**
 * Throws one error for all problems of some files, a line for each: `file:line:column: problem`. Does nothing without
 * problems. In a job of GitHub Actions, each problem is also marked at its place in the pull request.
 *
 * @throws error.filesWrong with `data: { problems }`
 */
export const refuseFileProblems = (screen: Pick<Screen, 'logToStderr'>, problems: PlacedProblem[]): void => {
  if (problems.length === 0) return;
  const shown = shownProblems(problems);
  for (const one of shown) asCommandToRunner(() => screen.logToStderr(annotation(one)));
  const lines = shown.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const count =
    shown.length === 1
      ? messages.getMessage('filesWrong.one')
      : messages.getMessage('filesWrong.several', [String(shown.length)]);
  throw messages.createError('error.filesWrong', [count, lines]).setData({ problems: shown });
};

/** An entry of a file: the places of its fields and items, and the texts that came from variables. */
type Entry = {
  at: (field?: string, item?: string) => { file: string; line: number; column: number };
  written: Written;
};

/** A problem with the place of its field, and with variables where the file has them. */
export const placed = (problem: Problem, { at, written }: Entry): PlacedProblem => ({
  ...withValues(problem, (value) => written.quoted(value)),
  // Problems of one item of a list name the item first.
  ...at(problem.field, problem.values[0]),
});
