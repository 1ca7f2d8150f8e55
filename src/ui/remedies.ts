import { wrapped } from './wrapped.ts';

/** A finding with its remedy, in words. Lines that begin with blanks are commands. */
type Mendable = { title: string; fix?: string };

const MARGIN = '  ';

/** A line that begins with blanks is shown as it is: a command, or a message to somebody. */
const isWhole = (line: string): boolean => /^\s/.test(line);

const isCommand = (line: string): boolean => /^\s+sf\s/.test(line);

/**
 * The remedies, one finding after the other. A command has a line of its own, however long the command is. Nobody could
 * copy a command that is cut in two.
 *
 * @param width of the terminal; absent without a terminal, and then text is not wrapped
 */
export const remedyLines = (findings: Mendable[], width = Number.POSITIVE_INFINITY): string[] =>
  remediesOf(findings).flatMap(({ titles, fix }) => [
    ...titles.map((title) => `- ${title}`),
    ...fix.split('\n').flatMap((line) => (isWhole(line) ? [`${MARGIN}${line}`] : wrapped(line, width, MARGIN))),
  ]);

/** What fixes something, in words, and its commands, one to a line and each ready to paste. */
export type Remedy = { fix?: string; commands: string[] };

/** @param fix in words, as `remedyLines` takes it; absent where nothing has to be fixed */
export const remedyOf = (fix: string | undefined): Remedy =>
  fix === undefined
    ? { commands: [] }
    : {
        fix,
        commands: fix
          .split('\n')
          .filter(isCommand)
          .map((line) => line.trim()),
      };

/** Several findings may have the same remedy: the remedy is printed once. */
export const remediesOf = (findings: Mendable[]): { titles: string[]; fix: string }[] => {
  const byFix = new Map<string, string[]>();
  for (const { title, fix } of findings) {
    if (fix !== undefined) byFix.set(fix, [...(byFix.get(fix) ?? []), title]);
  }
  return [...byFix].map(([fix, titles]) => ({ titles, fix }));
};
