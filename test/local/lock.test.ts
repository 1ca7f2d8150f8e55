import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { takeLock } from '../../src/local/lock.ts';

const module = join(import.meta.dirname, '..', '..', 'src', 'local', 'lock.ts');

describe('a lock', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(folder, 'new', 'what-it-is-for.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is had by one at a time, who comes later waits', async () => {
    const letGo = await takeLock(file, 0);
    const order: string[] = [];
    const second = takeLock(file, 10_000, { onWait: () => order.push('waits') }).then(async (letSecondGo) => {
      order.push('second');
      await letSecondGo();
    });
    while (order.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    order.push('first');
    await letGo();
    await second;
    expect(order.filter((one) => one !== 'waits')).to.deep.equal(['first', 'second']);
  });

  it('is refused when the patience is over', async () => {
    const letGo = await takeLock(file, 0);
    const refused = await takeLock(file, 300).catch((error: NodeJS.ErrnoException) => error.code);
    expect(refused).to.equal('ELOCKED');
    await letGo();
    await (
      await takeLock(file, 0)
    )();
  });

  it('of a process that was killed is free after a few seconds', async function () {
    this.timeout(30_000);
    const script = `import { takeLock } from ${JSON.stringify(module)};
      await takeLock(${JSON.stringify(file)}, 0);
      setInterval(() => {}, 1000);
      process.stdout.write('taken');`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    let waited = 0;
    const letGo = await takeLock(file, 20_000, { onWait: () => ++waited });
    await letGo();
    expect(waited).to.be.greaterThan(0);
  });

  it('that cannot be made says why at once', async () => {
    writeFileSync(join(folder, 'new'), 'a file where the folder should be');
    const refused = await takeLock(file, 60_000).catch((error: NodeJS.ErrnoException) => error.code);
    expect(refused).to.equal('EEXIST');
  });
});
