import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { keepSecret } from '../../src/app/secret.ts';
import { filteringOutput } from '../../src/ui/outlet.ts';

const outlet = join(import.meta.dirname, '..', '..', 'src', 'ui', 'outlet.ts');
const value = randomBytes(20).toString('hex');

/** What reaches a stream that was there before the filter. */
const writtenBy = async (work: () => unknown): Promise<string> => {
  let written = '';
  process.stderr.write = (chunk: string | Uint8Array) => {
    written += String(chunk);
    return true;
  };
  try {
    await filteringOutput({ log: undefined, spinner: undefined }, async () => {
      keepSecret(value);
      await work();
    });
    process.stderr.write(`then ${value}`);
  } finally {
    Reflect.deleteProperty(process.stderr, 'write');
  }
  return written;
};

describe('the outlet of a command', () => {
  it('masks what is written, and is gone afterwards', async () => {
    expect(await writtenBy(() => process.stderr.write(`a ${value} b `))).to.equal(`a ******** b then ${value}`);
  });

  it('masks what comes in pieces, bytes among them', async () => {
    const pieces = [value.slice(0, 7), Buffer.from(value.slice(7, 30)), value.slice(30)];
    const written = await writtenBy(() => pieces.forEach((piece) => process.stderr.write(piece)));
    expect(written).to.equal(`********then ${value}`);
  });

  it('shows what nobody would see, and leaves colours and lines', async () => {
    const written = await writtenBy(() => process.stderr.write('\u001b[31mred\u001b[0m\nx\u202e\u200b\n'));
    expect(written).to.equal(`\u001b[31mred\u001b[0m\nx<U+202E><U+200B>\nthen ${value}`);
  });

  it('masks warnings of Node’s and errors that nobody catches', () => {
    const secret = join(import.meta.dirname, '..', '..', 'src', 'app', 'secret.ts');
    const script = `
      import { filteringOutput } from ${JSON.stringify(outlet)};
      import { keepSecret } from ${JSON.stringify(secret)};
      await filteringOutput({}, async () => {
        const value = Buffer.from(process.env.IN_HEX, 'hex').toString();
        keepSecret(value);
        process.emitWarning('warned of ' + value);
        setTimeout(() => { throw new Error('thrown with ' + value, { cause: { value } }); }, 50);
        await new Promise((resolve) => setTimeout(resolve, 5000));
      });`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, IN_HEX: Buffer.from(value).toString('hex') },
    });
    expect(stderr).to.include('warned of ********').and.to.include('thrown with ********');
    expect(stderr).not.to.include(value);
  });

  it('goes on when nobody takes the output any more, as with a terminal that is closed', async () => {
    const script = `import { setTimeout as pause } from 'node:timers/promises';
      import { filteringOutput } from ${JSON.stringify(outlet)};
      process.stdout.on('error', (error) => { throw error; });
      process.stderr.write('ready');
      await filteringOutput({ log: undefined, spinner: undefined }, async () => {
        await new Promise((resolve) => process.once('message', resolve));
        for (const stream of [process.stdout, process.stderr, process.stdout]) {
          stream.write('nobody reads this');
          await pause(50);
        }
      });
      process.exit(42);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    await once(child.stderr as Readable, 'data');
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.send('go on');
    expect(await once(child, 'exit')).to.deep.equal([42, null]);
  }).timeout(60_000);
});
