import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

const module = join(import.meta.dirname, '..', '..', 'src', 'local', 'interruption.ts');
const lockfile = createRequire(import.meta.url).resolve('proper-lockfile');
/** The copy that the lock's package loads. */
const signalExit = dirname(createRequire(lockfile).resolve('signal-exit'));

/** What others may do with signals while a run listens, or before it does. */
const OTHERS: Record<string, { before?: string; during?: string }> = {
  nobody: {},
  'a second copy of signal-exit, on a machine that is busy': {
    before: "require('signal-exit')(() => {});",
    // A signal that the copy sends again arrives late then, as the second one of somebody who is impatient would.
    during: "require(copy)(() => {}); signal.addEventListener('abort', () => Atomics.wait(still, 0, 0, 400));",
  },
  'a second copy of signal-exit': { before: "require('signal-exit')(() => {});", during: 'require(copy)(() => {});' },
  'a listener that ends the process': { during: "process.on('SIGTERM', () => process.exit(7));" },
  'a listener for once, before all others': {
    during: "process.prependOnceListener('SIGTERM', () => process.exit(7));",
  },
  'a listener that was there': { before: "process.on('SIGTERM', () => process.exit(7));" },
};

describe('a run that is told to end', function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'second-copy-'));
    cpSync(signalExit, join(folder, 'signal-exit'), { recursive: true });
  });

  after(() => rmSync(folder, { recursive: true }));

  for (const [who, { before: early = '', during = '' }] of Object.entries(OTHERS)) {
    it(`settles first, with ${who} beside it`, async () => {
      const script = `import { createRequire } from 'node:module';
        import { interruptible } from ${JSON.stringify(module)};
        const require = createRequire(${JSON.stringify(lockfile)});
        const copy = ${JSON.stringify(join(folder, 'signal-exit'))};
        const still = new Int32Array(new SharedArrayBuffer(4));
        ${early}
        const before = process.listenerCount('SIGTERM');
        await interruptible(async (signal) => {
          ${during}
          setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          await new Promise((resolve) => setTimeout(resolve, 300));
          throw signal.reason;
        }).catch((error) => console.log('settled', error.name, error.exitCode));
        if (process.listenerCount('SIGTERM') < before) console.log('a listener was lost');
        process.exit(0);`;
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (text: Buffer) => (output += text.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      expect(output.trim()).to.equal('settled InterruptedError 143');
      expect(code).to.equal(0);
    });
  }
});
