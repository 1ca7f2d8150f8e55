import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');

/** A small house in which each import but the last few breaks one rule: file -> what it imports. */
const HOUSE: Record<string, string[]> = {
  'src/salesforce.ts': ["export { SfError } from '@salesforce/core';"],
  'src/app/app.ts': ["import { org } from '../org/org.ts';", "import { readFileSync } from 'node:fs';"],
  'src/app/one.ts': ["import { two } from './two.ts';"],
  'src/app/two.ts': ["import { one } from './one.ts';"],
  'src/app/three.ts': ["import type { four } from './four.ts';"],
  'src/app/four.ts': ["import { three } from './three.ts';"],
  'src/org/org.ts': ["import { SfError } from '@salesforce/core';"],
  'src/client/client.ts': [
    "import { SfError } from '../salesforce.ts';",
    "import { exchange } from '../net/exchange.ts';",
  ],
  'src/net/exchange.ts': ["import { SfError } from '../salesforce.ts';", "import type { App } from '../app/app.ts';"],
  'src/net/retry.ts': ["import { org } from '../org/org.ts';", "import { once } from 'node:events';"],
  'src/ui/ui.ts': ["import { org } from '../org/org.ts';"],
  'src/practice/practice.ts': ["import type { App } from '../app/app.ts';", "import { inside } from './inside.ts';"],
  'src/practice/inside.ts': ["import { expect } from 'chai';"],
  'src/commands/eca/create.ts': [
    "import { inside } from '../../practice/inside.ts';",
    "import 'node:fs';",
    "import '../../net/retry.ts';",
  ],
  'src/commands/eca/allowed.ts': [
    "import { practice } from '../../practice/practice.ts';",
    "import { SfError } from '../../salesforce.ts';",
    "import type { Connection } from '@salesforce/core';",
    "import { org } from '../../org/org.ts';",
  ],
};

type Violation = { from: string; to: string; rule: { name: string } };

describe('the layer rules', function () {
  this.timeout(180_000);
  let folder: string;
  let violations: string[];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-layers-'));
    for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
      cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, imports] of Object.entries(HOUSE)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), imports.join('\n'));
    }
    const cruise = spawnSync('depcruise', ['--output-type', 'json', 'src'], { cwd: folder, encoding: 'utf8' });
    const report = JSON.parse(cruise.stdout) as { summary: { violations: Violation[] } };
    violations = report.summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const violation of [
    'app-rooms: src/app/app.ts -> src/org/org.ts',
    'app-node: src/app/app.ts -> fs',
    'no-cycles: src/app/one.ts -> src/app/two.ts',
    'client-rooms: src/client/client.ts -> src/salesforce.ts',
    'net-rooms: src/net/retry.ts -> src/org/org.ts',
    'net-node: src/net/retry.ts -> events',
    'commands-rooms: src/commands/eca/create.ts -> src/net/retry.ts',
    'ui-rooms: src/ui/ui.ts -> src/org/org.ts',
    'practice-rooms: src/practice/practice.ts -> src/app/app.ts',
    'commands-rooms: src/commands/eca/create.ts -> src/practice/inside.ts',
    'commands-node: src/commands/eca/create.ts -> fs',
  ]) {
    it(`find ${violation}`, () => {
      expect(violations).to.include(violation);
    });
  }

  it('find a value of the Salesforce libraries that did not come through the door', () => {
    expect(violations.filter((text) => text.startsWith('one-door: src/org/org.ts'))).to.have.length(1);
  });

  it('find a package that a layer has no use for, and that does not ship', () => {
    expect(violations.filter((text) => text.startsWith('practice-packages: src/practice/inside.ts'))).to.have.length(1);
    expect(
      violations.filter((text) => text.startsWith('no-dev-dependency-in-src: src/practice/inside.ts')),
    ).to.have.length(1);
  });

  it('have nothing against what is allowed', () => {
    expect(violations.filter((text) => text.includes('src/app/four.ts'))).to.deep.equal([]);
    expect(violations.filter((text) => text.includes('allowed.ts ->'))).to.deep.equal([]);
    expect(violations.filter((text) => text.includes('src/net/exchange.ts'))).to.deep.equal([]);
    expect(
      violations.filter((text) => text.includes(': src/practice/practice.ts -> src/practice/inside.ts')),
    ).to.deep.equal([]);
    expect(violations.filter((text) => text.includes(': src/salesforce.ts ->'))).to.deep.equal([]);
  });
});
