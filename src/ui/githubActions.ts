/*
 * GitHub's runner takes some lines of a job's log as commands (GitHub Docs, "Workflow commands for GitHub Actions"). One of them
 * marks a place of a file in the pull request.
 */

export const inGithubActions = (): boolean => process.env.GITHUB_ACTIONS === 'true';

const ESCAPES: Record<string, string> = { '%': '%25', '\r': '%0D', '\n': '%0A', ':': '%3A', ',': '%2C' };

const escaped = (text: string, characters: RegExp): string =>
  text.replaceAll(characters, (character) => ESCAPES[character] ?? '');

const property = (value: string | number): string => escaped(String(value), /[%\r\n:,]/g);

/** The line that marks a mistake in a file; line and column count from 1. */
export const annotation = (mistake: { file: string; line: number; column: number; message: string }): string => {
  const { file, line, column, message } = mistake;
  return `::error file=${property(file)},line=${property(line)},col=${property(column)}::${escaped(message, /[%\r\n]/g)}`;
};

/** A text in which no line is a command to the runner. It trims a line before it looks at it. */
export const withoutCommands = (text: string): string =>
  text.replaceAll(/^([^\S\r\n]*)(?::(?=:)|#(?=#\[))/gm, (start) => `${start} `);
