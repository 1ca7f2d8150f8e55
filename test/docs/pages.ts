import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A code block of a page: a file that it names, or commands to run. */
export type Block = { page: string; language: string; text: string; file?: string };

/** The code blocks of a page, a path from the root. A block below a line that is a name in backticks and a colon is that file. */
export const blocksOf = (page: string, content = readFileSync(join(root, page), 'utf8')): Block[] =>
  [...content.matchAll(/(?:^ *`([^`\n]+)`:\n\n)?^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm)].map(
    ([, file, indentation = '', language = '', code = '']) => ({
      page,
      language,
      text: code.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
      ...(file && { file }),
    }),
  );

/** A block that says no language is for a shell. */
export const isForShell = ({ language }: Block): boolean =>
  ['', 'sh', 'bash', 'shell', 'console', 'zsh'].includes(language);

/** Names a block: its page and its first line. */
export const keyOf = ({ page, text }: Block): string => `${page}: ${text.trimStart().split('\n', 1)[0]}`;

/** Every page that people write. The pages in docs/commands are made from the commands: their blocks show usage. */
export const pages = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((page) => join('docs', page)),
]
  .map((page) => page.replaceAll('\\', '/'))
  .filter((page) => page.endsWith('.md') && !page.startsWith('docs/commands/'));
