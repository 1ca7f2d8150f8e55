/**
 * Makes src/messageKeys.ts from messages/*.md. It has the type of every text for users, with the number of its values. `--check` compares instead of writing.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = join(import.meta.dirname, '..');
const file = join(folder, 'src', 'messageKeys.ts');

/** The keys of one bundle with their texts, in the file's order. A key is a heading of the first level. */
const readBundle = (path: string): Map<string, string> =>
  new Map(
    readFileSync(path, 'utf8')
      .split(/^# /m)
      .slice(1)
      .map((section) => {
        const [key = '', ...lines] = section.split('\n');
        return [key.trim(), lines.join('\n')];
      }),
  );

/** The values of a list go to its items one after the other. */
const valuesOf = (text = ''): number => (text.match(/%s/g) ?? []).length;

const tuple = (count: number): string => `[${Array.from({ length: count }, () => 'V').join(', ')}]`;

const quoted = (key: string): string => (/^[a-z]\w*$/i.test(key) ? key : `'${key}'`);

const bundles = readdirSync(join(folder, 'messages'))
  .filter((name) => name.endsWith('.md'))
  .sort()
  .map((name) => ({ name: basename(name, '.md'), texts: readBundle(join(folder, 'messages', name)) }));

const typeOf = (rows: (texts: Map<string, string>) => string[]): string =>
  bundles
    .map(({ name, texts }) => {
      const lines = rows(texts).map((row) => `    ${row};`);
      const type = lines.length > 0 ? `{\n${lines.join('\n')}\n  }` : 'Record<never, never>';
      return `  ${quoted(name)}: ${type};`;
    })
    .join('\n');

const plain = typeOf((texts) => [...texts].map(([key, text]) => `${quoted(key)}: ${tuple(valuesOf(text))}`));

const errors = typeOf((texts) =>
  [...texts]
    .filter(([key]) => /^(error|warning)\./.test(key) && !key.endsWith('.actions'))
    .map(([key, text]) => {
      const [message, actions] = [valuesOf(text), valuesOf(texts.get(`${key}.actions`))];
      const all = Math.max(message, actions);
      return `${quoted(key)}: { message: ${tuple(message)}; actions: ${tuple(actions)}; both: ${tuple(all)} }`;
    }),
);

const CONTENT = `/* Made by \`npm run generate\` from messages/. Do not edit it here. */

/** What fills a placeholder: a text, lines, or words of ours in a colour. Line feeds in a text are shown as code points. */
export type TextValue = string | readonly string[] | { coloured: string };

type V = TextValue;

/** Each text of each file in messages/, with the values that it takes. */
export type MessageBundles = {
${plain}
};

/** The errors and warnings among them: what the message takes, what its actions take, and what fills both. */
export type NamedMessages = {
${errors}
};

/** The files in messages/. */
export type BundleName = keyof MessageBundles;
`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== CONTENT) {
    console.error('src/messageKeys.ts is not what messages/ has. Run: npm run generate');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, CONTENT);
}
