import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'chai';

import { keepSecret } from '../../src/app/secret.ts';
import { filteringOutput } from '../../src/ui/outlet.ts';

const outlet = join(import.meta.dirname, '..', '..', 'src', 'ui', 'outlet.ts');
const secretModule = join(import.meta.dirname, '..', '..', 'src', 'app', 'secret.ts');
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

  it('masks the rest of a secret whose other pieces come late, and shows no more than the little that waited', async () => {
    for (const first of [3, 8, 15, 16, 39]) {
      const written = await writtenBy(async () => {
        process.stderr.write(`a ${value.slice(0, first)}`);
        await pause(120);
        process.stderr.write(`${value.slice(first)} b `);
      });
      const shown = first < 16 ? value.slice(0, first) : '';
      expect(written, `${first}`).to.equal(`a ${shown}******** b then ${value}`);
    }
  });

  it('goes on after what only began like a secret, and writes it once', async () => {
    const written = await writtenBy(async () => {
      for (const piece of ['org ', value.slice(0, 9), value.slice(9, 12), '?\n', value.slice(0, 4)]) {
        process.stderr.write(piece);
        await pause(80);
      }
    });
    expect(written).to.equal(`org ${value.slice(0, 12)}?\n${value.slice(0, 4)}then ${value}`);
  });

  it('masks a secret that breaks off when the command ends, and keeps the end of the line', async () => {
    const base64 = Buffer.from(value).toString('base64');
    for (const broken of [value.slice(0, -1), value.slice(0, 16), base64.slice(0, 20)]) {
      expect(await writtenBy(() => process.stderr.write(`a ${broken}\n`))).to.equal(`a ********\nthen ${value}`);
    }
  });

  it('writes to both streams in their order, also where the end of a line could begin a secret', async () => {
    const erase = '\u001b[G\u001b[1A\u001b[J';
    let screen = '';
    const show = (chunk: string | Uint8Array): boolean => {
      screen += String(chunk);
      return true;
    };
    Object.assign(process.stdout, { write: show });
    Object.assign(process.stderr, { write: show });
    try {
      await filteringOutput({ log: undefined, spinner: undefined }, async () => {
        keepSecret(value);
        process.stderr.write(`Testing ${value.slice(0, 3)}\n`);
        process.stderr.write(erase);
        process.stdout.write('tested\n');
        // What tells much of a secret waits all the same.
        process.stderr.write(value.slice(0, 20));
        process.stdout.write('done\n');
        process.stderr.write(value.slice(20));
        await pause(0);
      });
    } finally {
      Reflect.deleteProperty(process.stdout, 'write');
      Reflect.deleteProperty(process.stderr, 'write');
    }
    expect(screen).to.equal(`Testing ${value.slice(0, 3)}\n${erase}tested\ndone\n********`);
  });

  it('shows an org’s Id, with which its sessions begin', async () => {
    const id = '00D5g000004abcd';
    const written = await writtenBy(() => {
      keepSecret(`${id}!${value}`);
      process.stderr.write(`org ${id}\n`);
    });
    expect(written).to.equal(`org ${id}\nthen ${value}`);
  });

  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 })) {
    it(`loses nothing of what waits and shows no secret that breaks off, when ${signal} ends the process`, async () => {
      const script = `
        import { filteringOutput } from ${JSON.stringify(outlet)};
        import { keepSecret } from ${JSON.stringify(secretModule)};
        const value = Buffer.from(process.env.IN_HEX, 'hex').toString();
        process.on(${JSON.stringify(signal)}, () => process.exit(${code}));
        await filteringOutput({}, async () => {
          keepSecret(value);
          process.stdout.write('key ' + value.slice(0, 5));
          process.stderr.write('secret ' + value.slice(0, 30));
          process.kill(process.pid, ${JSON.stringify(signal)});
          await new Promise((resolve) => setTimeout(resolve, 5000));
        });`;
      const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
        encoding: 'utf8',
        env: { ...process.env, IN_HEX: Buffer.from(value).toString('hex') },
      });
      expect({ stdout, stderr, status }).to.deep.equal({
        stdout: `key ${value.slice(0, 5)}`,
        stderr: 'secret ********',
        status: code,
      });
    });
  }

  it('masks warnings of Node’s and errors that nobody catches', () => {
    const script = `
      import { filteringOutput } from ${JSON.stringify(outlet)};
      import { keepSecret } from ${JSON.stringify(secretModule)};
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
