import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect } from 'chai';

import { endedBySignals } from '../../src/local/endedBySignals.ts';

const module = join(import.meta.dirname, '..', '..', 'src', 'local', 'endedBySignals.ts');

describe('work in one go', function () {
  this.timeout(60_000);

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    it(`is ended by ${signal}, whoever listens otherwise`, async () => {
      const script = `import { writeSync } from 'node:fs';
        import { endedBySignals } from ${JSON.stringify(module)};
        process.on('${signal}', () => process.exit(7));
        process.once('${signal}', () => process.exit(7));
        endedBySignals(() => {
          writeSync(1, 'at work');
          for (const end = Date.now() + 30_000; Date.now() < end;);
        });`;
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout.once('data', () => child.kill(signal));
      const begun = Date.now();
      expect(await once(child, 'exit')).to.deep.equal([null, signal]);
      expect(Date.now() - begun).to.be.lessThan(25_000);
    });
  }

  it('leaves the listeners as they were, also those for once, and also when it fails', () => {
    const listener = (): void => {};
    process.once('SIGTERM', listener);
    const before = process.rawListeners('SIGTERM');
    const fail = (): never => {
      expect(process.listenerCount('SIGTERM')).to.equal(0);
      throw new Error('No work.');
    };
    try {
      expect(() => endedBySignals(fail)).to.throw('No work.');
      expect(process.rawListeners('SIGTERM')).to.deep.equal(before);
    } finally {
      process.removeListener('SIGTERM', listener);
    }
  });
});
