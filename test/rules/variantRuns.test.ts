import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');

/** The modules of test/ that a file there loads, with itself. */
const loadedBy = (file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, imported = ''] of text.matchAll(/from '(\.{1,2}\/[\w/]+\.ts)'/g))
    loadedBy(join(dirname(file), imported), seen);
  return seen;
};

const dependsOnVariants = (file: string): boolean => loadedBy(file).has('test/e2e/variants.ts');

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

describe('the runs of the tests with other answers of the org', () => {
  it('leave out the tests that no answer reaches, and no others', () => {
    const [, names = ''] =
      /--ignore "test\/e2e\/\{([\w,]+)\}\.test\.ts"/.exec(scripts['test:e2e:variants'] ?? '') ?? [];
    const tests = readdirSync(join(root, 'test', 'e2e')).filter((name) => name.endsWith('.test.ts'));
    const unreached = tests.filter((name) => !dependsOnVariants(`test/e2e/${name}`));
    expect(names.split(',')).to.have.members(unreached.map((name) => name.replace('.test.ts', '')));
  });

  it('follow the page about moving under the second answers', () => {
    const [, title = ''] = /--grep "([^"]+)" test\/docs\/recipes/.exec(scripts['test:docs:moving'] ?? '') ?? [];
    const tests = readFileSync(join(root, 'test', 'docs', 'recipes.test.ts'), 'utf8');
    expect(tests.split(`it('${title}`).length - 1).to.equal(2);
  });

  it('would notice a test that they reach by way of another module', () => {
    expect(dependsOnVariants('test/e2e/fiveSteps.test.ts')).to.equal(true);
    expect(dependsOnVariants('test/docs/blocksInOrg.test.ts')).to.equal(true);
    expect(dependsOnVariants('test/e2e/staticTexts.test.ts')).to.equal(false);
  });
});
