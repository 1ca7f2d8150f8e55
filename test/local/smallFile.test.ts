import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { NotOwnError } from '../../src/local/owner.ts';
import { readSmallFile, TooLargeError } from '../../src/local/smallFile.ts';
import { NotRegularError } from '../../src/local/wholeFile.ts';

const module = join(import.meta.dirname, '..', '..', 'src', 'local', 'smallFile.ts');

describe('reading a small file that a user names', () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'small-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const reading = (path: string, bytes = 100, options = {}): Promise<unknown> =>
    readSmallFile(path, bytes, options).catch((error: unknown) => error);

  it('gives the bytes of a file that is as large as it may be, also by a link', async () => {
    writeFileSync(join(folder, 'file'), 'x'.repeat(100));
    symlinkSync('file', join(folder, 'link'));
    for (const name of ['file', 'link']) {
      expect(String(await readSmallFile(join(folder, name), 100))).to.equal('x'.repeat(100));
    }
    expect(await reading(join(folder, 'file'), 99)).to.be.instanceOf(TooLargeError);
  });

  it('refuses at once what is no regular file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    mkdirSync(join(folder, 'folder'));
    symlinkSync('pipe', join(folder, 'link'));
    const socket = createServer().listen(join(folder, 'socket'));
    await once(socket, 'listening');
    try {
      for (const path of ['pipe', 'folder', 'link', 'socket', '/dev/zero', '/dev/null', '/dev/tty']) {
        const error = await reading(path.startsWith('/') ? path : join(folder, path));
        expect(error, path).to.be.instanceOf(NotRegularError);
      }
    } finally {
      socket.close();
    }
  });

  it('refuses the files of /proc, which have content and no size', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const path of ['/proc/self/environ', '/proc/cpuinfo', '/proc/self/stat']) {
      const error = await reading(path, 1_000_000);
      expect(error, path).to.be.instanceOf(NotRegularError);
    }
  });

  it('takes an empty file for an empty file', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await readSmallFile(join(folder, 'file'), 100)).to.have.length(0);
  });

  it('refuses links and the files of others where it is to be a file of one’s own', async () => {
    writeFileSync(join(folder, 'file'), 'x');
    symlinkSync('file', join(folder, 'link'));
    expect(await reading(join(folder, 'link'), 100, { own: true })).to.be.instanceOf(NotOwnError);
    expect(String(await reading(join(folder, 'file'), 100, { own: true }))).to.equal('x');
    if (process.getuid?.() !== 0) return;
    chownSync(join(folder, 'file'), 54_321, 54_321);
    expect(await reading(join(folder, 'file'), 100, { own: true })).to.be.instanceOf(NotOwnError);
  });

  const fromInput = (): ReturnType<typeof spawn> =>
    spawn(
      process.execPath,
      [
        '--input-type=module-typescript',
        '-e',
        `import { readSmallInput } from ${JSON.stringify(module)};
         const read = await readSmallInput(100).catch(({ name }) => name);
         process.stdout.write(String(read));
         process.exit();`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );

  const outputOf = async (child: ReturnType<typeof spawn>): Promise<string> => {
    let output = '';
    child.stdout?.on('data', (chunk) => (output += String(chunk)));
    await once(child, 'exit');
    return output;
  };

  it('reads standard input to its end, and not beyond what it may have', async () => {
    for (const [length, expected] of [
      [100, 'x'.repeat(100)],
      [101, 'TooLargeError'],
    ] as const) {
      const child = fromInput();
      const output = outputOf(child);
      child.stdin?.end('x'.repeat(length));
      expect(await output).to.equal(expected);
    }
  });

  it('does not wait for the end of an input without one', async () => {
    const child = fromInput();
    const output = outputOf(child);
    child.stdin?.on('error', () => undefined);
    child.stdin?.write('x'.repeat(5000));
    expect(await output).to.equal('TooLargeError');
  });
});
