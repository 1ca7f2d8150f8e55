import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'test', 'e2e');

/** The modules of test/e2e that a file of it loads, with itself. */
const loadedBy = (file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, imported = ''] of text.matchAll(/from '\.\/(\w+\.ts)'/g)) loadedBy(imported, seen);
  return seen;
};

const dependsOnVariants = (file: string): boolean => loadedBy(file).has('variants.ts');

describe('the runs of the end-to-end tests with other answers of the org', () => {
  it('leave out the tests that no answer reaches, and no others', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const [, names = ''] =
      /--ignore "test\/e2e\/\{([\w,]+)\}\.test\.ts"/.exec(scripts['test:e2e:variants'] ?? '') ?? [];
    const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
    const unreached = tests.filter((file) => !dependsOnVariants(file)).map((file) => file.replace('.test.ts', ''));
    expect(names.split(',')).to.have.members(unreached);
  });

  it('would notice a test that they reach by way of another module', () => {
    expect(dependsOnVariants('fiveSteps.test.ts')).to.equal(true);
    expect(dependsOnVariants('staticTexts.test.ts')).to.equal(false);
  });
});
