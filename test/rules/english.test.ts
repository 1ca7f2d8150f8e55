import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

/**
 * Many readers have English as a second language and read a text once. So a sentence has 20 words at most. This holds
 * in the texts for users, in the pages that people write, and in comments. Names do not count as words: code, flags,
 * placeholders,
 * addresses, commands after a colon, and text in quotes.
 */

const root = join(import.meta.dirname, '..', '..');
const LIMIT = 20;

/** Pages that a script makes from texts that are checked here, or from a run. */
const GENERATED = ['docs/fields.md', 'docs/reliability.md', 'docs/commands/', 'docs/rules/'];

/** A piece of text that is read in one go, and where it is. */
type Passage = { place: string; text: string };

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);

/** The texts of a message file. Of the examples, the lines that say what an example is for. */
const inMessages = (file: string): Passage[] =>
  read(file)
    .split(/^# /m)
    .slice(1)
    .flatMap((entry) => {
      const [key = '', ...lines] = entry.split('\n');
      return lines
        .filter((line) => line.trim() !== '' && (key !== 'examples' || line.startsWith('- ')))
        .map((line) => ({ place: `${file} ${key}`, text: line }));
    });

/** The paragraphs and list items of a page, without its code, tables, headings and measured figures. */
const inPage = (file: string): Passage[] =>
  read(file)
    .replaceAll(/<!-- bench: begin -->[^]*<!-- bench: end -->/g, '')
    .replaceAll(/^ *```[^]*?^ *```$/gm, '\n')
    .replaceAll(/^ *(?:\||#|!\[).*$/gm, '')
    .split(/\n\s*\n|\n(?= *(?:-|\d+\.) )/)
    .map((text) => ({ place: file, text: text.replaceAll(/\s+/g, ' ').trim() }));

/** The comments of a source file that stand on lines of their own. Each paragraph, list item and tag is a passage. */
const inComments = (file: string): Passage[] =>
  read(file)
    .split('\n')
    .map((line) => /^ *(?:\/\*\*?|\*\/?|\/\/)(?: (?<text>.*))?$/.exec(line))
    .map((found) => (found ? (found.groups?.text ?? '').replace(/ ?\*\/$/, '') : ''))
    .join('\n')
    .split(/\n\s*\n|\n(?= *(?:- |--|@\w))/)
    .map((text) => ({ place: file, text: text.replaceAll(/\s+/g, ' ').trim() }))
    .filter(({ text }) => text !== '')
    .map(({ place, text }) => ({ place, text: text.replace(/^@\w+ /, '') }));

const withoutNames = (text: string): string =>
  text
    .replaceAll(/`[^`]*`/g, '')
    .replaceAll(/<%=.*?%>/g, '')
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/https?:\/\/\S+/g, '')
    .replaceAll(/--\[?[a-z][\w[\]-]*/g, '')
    .replaceAll(/: (?:sf|openssl|ssh-keygen|base64) .*/g, '')
    .replaceAll('%s', '');

/** A sentence ends with a mark and a blank. What follows begins as a sentence does, so that "e.g. x" is no end. */
const sentencesOf = (text: string): string[] =>
  text.replaceAll('**', '').split(/(?<=[.!?]["')]*)\s+(?=["'(`[]*(?:[A-Z]|%s|--|[a-z-]+:|`|"))/);

const wordsIn = (sentence: string): number =>
  withoutNames(sentence)
    .split(/\s+/)
    .filter((word) => /[A-Za-z0-9]/.test(word)).length;

const tooLong = (passages: Passage[]): string[] =>
  passages.flatMap(({ place, text }) =>
    sentencesOf(text)
      .filter((sentence) => wordsIn(sentence) > LIMIT)
      .map((sentence) => `${place}: ${wordsIn(sentence)} words: ${sentence}`),
  );

const messages = markdownIn('messages');
const PAGES = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'GLOSSARY.md', 'SECURITY.md'],
  ...markdownIn('docs').filter((file) => !GENERATED.some((made) => file.startsWith(made))),
];

const sources = ['src', 'scripts', 'test']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  )
  .filter((file) => /\.m?[jt]s$/.test(file));

describe('plain English', () => {
  for (const [what, passages] of [
    ['the texts for users', messages.flatMap(inMessages)],
    ['the pages', PAGES.flatMap(inPage)],
    ['comments', sources.flatMap(inComments)],
  ] as const) {
    it(`has no sentence of more than ${LIMIT} words in ${what}`, () => {
      expect(passages.length).to.be.greaterThan(100);
      expect(tooLong(passages)).to.deep.equal([]);
    });
  }

  it('finds a sentence that is too long, behind a short one', () => {
    const text = `This is short. ${'word '.repeat(LIMIT)}and one more. This is short too.`;
    expect(tooLong([{ place: 'here', text: text.replace('word', 'Word') }])).to.have.length(1);
  });

  it('counts no names', () => {
    expect(
      wordsIn('Run `sf eca list --json` with --flow or "Create, edit, and delete" at https://a.example for %s.'),
    ).to.equal(5);
    expect(wordsIn('To see the tokens: sf eca tokens list --name %s')).to.equal(4);
  });

  it('knows where a sentence ends', () => {
    expect(
      sentencesOf('It is done. (So it is.) "Why?" %s is there. sf-plugin-eca, e.g. this one, is 1.2 MB.'),
    ).to.have.length(4);
  });
});
