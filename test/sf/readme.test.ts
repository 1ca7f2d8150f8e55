import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { expect } from 'chai';

import { cloneInto } from '../docs/clone.ts';
import { blocksOf } from '../docs/pages.ts';
import { installSalesforceCli, waysToTheRegistry } from './sfCli.ts';

const root = join(import.meta.dirname, '..', '..');

/** What installs the plugin, and what shows that it is there. */
const BLOCKS = ['npm ci && npm pack', 'sf eca practice start --set-default'];

describe('the README, from a clone to the first app, in the real `sf`', () => {
  let folder: string;
  let clone: string;

  before(async function () {
    this.timeout(600_000);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-readme-'));
    clone = cloneInto(join(folder, 'clone'));
    const bin = join(folder, 'bin');
    const home = join(folder, 'home');
    for (const made of [bin, home]) mkdirSync(made);
    const program = (name: string, script: string): void => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    const sf = `'${process.execPath}' '${await installSalesforceCli()}' "$@"`;
    // The answer to the question whether a plugin is trusted that Salesforce has not signed.
    program('sf', `[ "$1" = plugins ] || exec ${sf}\necho y | ${sf}`);
    // The clone has its packages: CI's first step is `npm ci`.
    program('npm', `[ "$1" = ci ] && exit; PATH="\${PATH#*:}"; exec npm "$@"`);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (script: string): Promise<{ code: number; output: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
        cwd: clone,
        env: {
          ...waysToTheRegistry,
          PATH: [join(folder, 'bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
          HOME: join(folder, 'home'),
          SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
          SF_DISABLE_TELEMETRY: 'true',
          SF_AUTOUPDATE_DISABLE: 'true',
          SF_SKIP_NEW_VERSION_CHECK: 'true',
          NO_COLOR: '1',
        },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += String(text)));
      child.stdin.on('error', () => {});
      child.stdin.end();
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, output }));
    });

  for (const first of BLOCKS) {
    it(`runs as printed: ${first}`, async function () {
      this.timeout(600_000);
      const block = blocksOf('README.md').find(({ text }) => text.startsWith(`${first}\n`));
      if (!block) throw new Error('The README has no such block any more.');
      const { code, output } = await run(block.text);
      expect(code, output).to.equal(0);
      expect(output).to.include(first.startsWith('npm') ? 'sf-plugin-eca' : 'Order_Sync');
    });
  }
});
