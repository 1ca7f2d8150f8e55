import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { expect } from 'chai';

import { flagOf } from '../../src/app/fieldFlags.ts';

const root = join(import.meta.dirname, '..', '..');

/** Which files in messages/ a room may load: those of commands are for commands and for ui/. */
const BUNDLES_OF: Record<string, RegExp> = {
  org: /^(org|app|findings)$/,
  local: /^(local|app|findings)$/,
  ui: /^eca/,
  commands: /^eca/,
  hooks: /^eca/,
};

const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

/** The bundles that a source loads through the door. */
const loaded = (source: string): string[] =>
  [...source.matchAll(/\btexts(?:Under)?\('([\w.]+)'/g)].map(([, bundle = '']) => bundle);

describe('the texts', () => {
  it('are loaded by the rooms that they are for, and through the door', () => {
    const wrong = sources.flatMap((file) => {
      const path = relative(join(root, 'src'), file);
      const [room = ''] = path.split(sep);
      const source = readFileSync(file, 'utf8');
      const byHand =
        !/^(texts|salesforce)\.ts$/.test(path) && /loadMessages\(/.test(source) ? [`${path}: by hand`] : [];
      const foreign = loaded(source).filter((bundle) => !BUNDLES_OF[room]?.test(bundle));
      return [...byHand, ...foreign.map((bundle) => `${path}: ${bundle}`)];
    });
    expect(wrong).to.deep.equal([]);
    expect(loaded("const messages = texts('eca.create');")).to.deep.equal(['eca.create']);
    expect(BUNDLES_OF['org']?.test('eca.create')).to.equal(false);
  });

  it('name fields that have a flag', () => {
    const named = readdirSync(join(root, 'messages')).flatMap((file) =>
      [...readFileSync(join(root, 'messages', file), 'utf8').matchAll(/(?<!\$)\{([a-z][\w.]*(?:: \w+)?)\}/gi)].map(
        ([, field = '']) => field,
      ),
    );
    expect(named).to.include('oauth.runAs');
    expect(named.filter((field) => flagOf(field) === undefined)).to.deep.equal([]);
  });
});
