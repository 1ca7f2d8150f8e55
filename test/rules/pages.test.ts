import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

/** The pages for people who change the project name many files and scripts. A move of a file must not make a page wrong. */

const root = join(import.meta.dirname, '..', '..');

const PAGES = [
  ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'GLOSSARY.md', 'README.md', 'SECURITY.md'],
  ...['docs/adding.md', 'docs/debugging.md', 'docs/mutation.md', 'docs/dependencies.md'],
];

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** What a build or a run makes, and a fresh clone does not have. */
const MADE = /^(lib|node_modules|coverage|\.tmp)\b/;

/** Files and folders that a page names in backticks, from the root. Those of `app/` and other rooms are below src/. */
const pathsIn = (text: string): string[] =>
  [
    ...text.matchAll(
      /`((?:src|test|scripts|docs|bin|messages|schemas|\.vscode|app|org|client|file|local|ui|practice)\/[\w./-]*)`/g,
    ),
  ]
    .map(([, path = '']) => path)
    .filter((path) => !MADE.test(path));

/** Addresses of links to other pages of the project. */
const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([\w./-]+)(?:#[\w-]*)?\)/g)].map(([, path = '']) => path);

/** Scripts of package.json that a page runs. */
const scriptsIn = (text: string): string[] =>
  [...text.matchAll(/npm run (?:--silent |-s )?([a-z][\w:]*)/g)].map(([, script = '']) => script);

const exists = (path: string): boolean => existsSync(join(root, path)) || existsSync(join(root, 'src', path));

describe('the pages for those who change the project', () => {
  for (const page of PAGES) {
    const text = readFileSync(join(root, page), 'utf8');

    it(`${page} names files that are there`, () => {
      expect(pathsIn(text).filter((path) => !exists(path))).to.deep.equal([]);
    });

    it(`${page} leads to pages that are there`, () => {
      expect(linksIn(text).filter((path) => !existsSync(join(root, dirname(page), path)))).to.deep.equal([]);
    });

    it(`${page} names scripts that are there`, () => {
      expect(scriptsIn(text).filter((script) => !(script in scripts))).to.deep.equal([]);
    });
  }

  it('would notice what is not there', () => {
    const text = 'See `src/app/nowhere.ts`, `app/`, [it](nowhere.md#x), and run `npm run nothing:at:all`.';
    expect(pathsIn(text).filter((path) => !exists(path))).to.deep.equal(['src/app/nowhere.ts']);
    expect(linksIn(text)).to.deep.equal(['nowhere.md']);
    expect(scriptsIn(text)).to.deep.equal(['nothing:at:all']);
  });

  it('keeps each walk to ten steps', () => {
    const walks =
      readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('## Five walks')[1]?.split('\n## ')[0] ?? '';
    const lengths = walks
      .split(/^\*\*/m)
      .slice(1)
      .map((walk) => walk.match(/^\d+\. /gm)?.length ?? 0);
    expect(lengths).to.have.length(5);
    expect(Math.max(...lengths)).to.be.at.most(10);
  });
});
