import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

const reporter = join(import.meta.dirname, '..', '..', 'scripts', 'countingReporter.mjs');

describe('the counting reporter', () => {
  it('leaves the counts of a run in a file, and prints them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-counts-'));
    writeFileSync(
      join(folder, 'some.test.mjs'),
      "it('passes', () => {});\nit('passes too', () => {});\nit.skip('waits', () => {});\nit('fails', () => { throw new Error('so'); });\n",
    );
    const counts = join(folder, 'deep', 'counts.json');
    const run = spawnSync('mocha', ['--no-config', '--reporter', reporter, 'some.test.mjs'], {
      cwd: folder,
      env: { ...process.env, TEST_COUNTS: counts },
      encoding: 'utf8',
    });
    const left: unknown = JSON.parse(readFileSync(counts, 'utf8'));
    expect(left).to.deep.equal({ passed: 2, failed: 1, skipped: 1, failures: ['fails'] });
    expect(run.stdout).to.include('2 passing').and.include('1 failing');
    expect(run.status).to.equal(1);
    rmSync(folder, { recursive: true });
  });
});
