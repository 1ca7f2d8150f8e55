import { plainText } from '../app/plainText.ts';

/**
 * A word that GitHub would make a link of, or a mention of somebody. Such are addresses, e-mail addresses, `@somebody`,
 * `#12`, `GH-12` and the beginning of a commit's hash. GitHub does so even where the characters are escaped, but never
 * in code (GitHub Docs, "Autolinked references and URLs").
 */
const WOULD_BE_LINK = /:\/\/|@|(^|\W)www\.|#\d|^\W*GH-\d|^\W*(?:mailto|xmpp):|^\W*[0-9a-f]{7,40}\W*$/i;

/** Code ends with as many backticks as it began with. In a table, a vertical bar ends a cell even in code. */
const asCode = (word: string): string => {
  const longest = Math.max(0, ...(word.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${word.replaceAll('|', '\\|')}${space}${fence}`;
};

const escaped = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|~&!]/g, (character) => `\\${character}`);

/** The marks around a word belong to the sentence. */
const codeIn = (word: string): string => {
  const [, before = '', middle = '', after = ''] = /^([("]*)(.*?)([)".,;:]*)$/.exec(word) ?? [];
  return middle === '' ? asCode(word) : `${before}${asCode(middle)}${after}`;
};

/** A text as one cell, or one line, of Markdown. Nothing in it is markup, an image, a link or HTML. */
export const markdownText = (text: string): string =>
  text
    .trim()
    .split(/\s+/)
    .map(plainText)
    .map((word) => (WOULD_BE_LINK.test(word) ? codeIn(word) : escaped(word)))
    .join(' ');

/** A table, whose cells are texts. */
export const markdownTable = (columns: string[], rows: string[][]): string[] => {
  const row = (cells: string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  return [row(columns), `| ${columns.map(() => '---').join(' | ')} |`, ...rows.map(row)];
};

/** A text that is shown as it is, such as commands to copy. */
export const markdownBlock = (lines: string[]): string[] => {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...lines.map(plainText), fence];
};
