import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import EcaPracticeStart from '../../src/commands/eca/practice/start.ts';
import EcaPracticeStop from '../../src/commands/eca/practice/stop.ts';
import { NOT_RUN, RECIPES, shellBlocks } from '../docs/blocks.ts';
import { blocksOf, isForShell, keyOf } from '../docs/pages.ts';
import { SCENES_OF_CLONE } from '../docs/scenesOfClone.ts';
import { SCENES_OF_ORG } from '../docs/scenesOfOrg.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the commands of the pages', () => {
  const named = [...Object.keys(NOT_RUN), ...Object.keys(SCENES_OF_CLONE), ...Object.keys(SCENES_OF_ORG)];

  it('are run by a test, or there is a reason why not', () => {
    const there = shellBlocks.map(keyOf);
    // A new block needs a scene in scenesOfClone.ts or scenesOfOrg.ts, or a reason in blocks.ts.
    expect(there.filter((key) => !named.includes(key))).to.deep.equal([]);
    expect(named.filter((key) => !there.includes(key))).to.deep.equal([]);
    // No two blocks of a page begin alike: one of them would not be seen. No block is named twice.
    expect(new Set(there).size).to.equal(there.length);
    expect(new Set(named).size).to.equal(named.length);
  });

  it('are seen in every form', () => {
    const page = ['```\na\n```', '  ```sh\n  b\n  ```', '```bash title="x"\nc\n```', '`d.sh`:\n\n```bash\nd\n```'].join(
      '\n\n',
    );
    const found = blocksOf('x.md', page);
    expect(found.map(({ text }) => text)).to.deep.equal(['a\n', 'b\n', 'c\n', 'd\n']);
    expect(found.map(isForShell)).to.deep.equal([true, true, true, true]);
    expect(found.map(({ file }) => file)).to.deep.equal([undefined, undefined, undefined, 'd.sh']);
  });

  it('list the flags of the practice org as they are', () => {
    const synopsis = shellBlocks.find(({ page }) => page === 'docs/practice-org.md')?.text ?? '';
    const [ofStart = '', ofStop = ''] = synopsis.split('sf eca practice stop');
    for (const [text, { flags }] of [
      [ofStart, EcaPracticeStart],
      [ofStop, EcaPracticeStop],
    ] as const) {
      const listed = [...text.matchAll(/--([\w-]+)/g)].map(([, flag]) => flag);
      expect(listed.toSorted()).to.deep.equal(Object.keys(flags).toSorted());
    }
  });
});

describe('the recipes', () => {
  it('install nothing unpinned, and name no address of somebody else', () => {
    for (const page of ['README.md', ...RECIPES]) {
      const text = readFileSync(join(root, 'docs/recipes', page), 'utf8');
      expect(text, page).to.not.match(/unpkg|plugins install sf-plugin|@salesforce\/cli(?!@\d)|uses: \S+@v\d/);
    }
  });

  it('have no script that their commands do not run', () => {
    for (const page of RECIPES) {
      const blocks = blocksOf(`docs/recipes/${page}`);
      const commands = blocks.filter((block) => !block.file || !isForShell(block)).map(({ text }) => text);
      for (const { file } of blocks.filter((block) => block.file && isForShell(block)))
        expect(commands.join('\n'), page).to.include(String(file));
      const others = blocks.filter((block) => isForShell(block) && !block.file && block.language !== 'sh');
      expect(others, 'of these only `sh` is run').to.deep.equal([]);
    }
  });

  it('are all of them tried', () => {
    const listed = [
      ...readFileSync(join(root, 'docs/recipes/README.md'), 'utf8').matchAll(/^- \[.*\]\(([\w-]+\.md)\)/gm),
    ];
    expect(listed.map(([, page]) => page)).to.have.members(RECIPES);
    // Each by its name, and by what is in it.
    const tests = readFileSync(join(import.meta.dirname, '..', 'docs', 'recipes.test.ts'), 'utf8');
    for (const page of RECIPES) expect(tests).to.include(page);
  });
});
