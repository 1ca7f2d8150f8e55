import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { NotRegularError, writeWhole } from '../../src/local/wholeFile.ts';

const module = join(import.meta.dirname, '..', '..', 'src', 'local', 'wholeFile.ts');

describe('writing a file whole', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'whole-')));
    file = join(folder, 'eca.yaml');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  const scriptOf = (text: string): string[] => [
    '--input-type=module-typescript',
    '-e',
    `import { writeWhole } from ${JSON.stringify(module)};
     await writeWhole(${JSON.stringify(file)}, ${text}, { secret: true }).catch(({ code }) => process.stdout.write(code));`,
  ];

  it('makes a file, and puts a new one in the place of an old one', async () => {
    await writeWhole(file, 'one', { secret: false });
    await writeWhole(file, 'two', { secret: false });
    expect(readFileSync(file, 'utf8')).to.equal('two');
    expect(readdirSync(folder)).to.deep.equal(['eca.yaml']);
  });

  it('leaves the rights of a file as they are, whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      await writeWhole(file, 'one', { secret: false });
      expect(modeOf(file)).to.equal(0o600);
      for (const mode of [0o644, 0o660, 0o400]) {
        chmodSync(file, mode);
        await writeWhole(file, 'two', { secret: false });
        expect(modeOf(file)).to.equal(mode);
      }
    } finally {
      process.umask(umask);
    }
  });

  it('keeps a secret to the owner, whatever the rights were', async () => {
    writeFileSync(file, 'one');
    chmodSync(file, 0o644);
    await writeWhole(file, 'two', { secret: true });
    expect(modeOf(file)).to.equal(0o600);
  });

  it('leaves a link a link', async () => {
    mkdirSync(join(folder, 'apps'));
    symlinkSync(join('apps', 'all.yaml'), file);
    await writeWhole(file, 'one', { secret: false });
    expect(readlinkSync(file)).to.equal(join('apps', 'all.yaml'));
    expect(readFileSync(join(folder, 'apps', 'all.yaml'), 'utf8')).to.equal('one');
  });

  it('does not take the place of a device or a folder', async () => {
    for (const path of ['/dev/full', '/dev/null', folder]) {
      const error = await writeWhole(path, 'one', { secret: false }).catch((reason: unknown) => reason);
      expect(error, path).to.be.instanceOf(NotRegularError);
    }
    expect(statSync('/dev/null').isCharacterDevice()).to.equal(true);
  });

  it('leaves the old file, and nothing besides, when the disk is full', () => {
    writeFileSync(file, 'old');
    // A limit on the size of files stands in for the full disk: the write fails half-way just the same.
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 1; trap "" XFSZ; exec "$0" "$@"', process.execPath, ...scriptOf("'x'.repeat(10_000)")],
      { encoding: 'utf8' },
    );
    expect(stdout, stderr).to.equal('EFBIG');
    expect(readFileSync(file, 'utf8')).to.equal('old');
    expect(readdirSync(folder)).to.deep.equal(['eca.yaml']);
  });

  it('leaves nothing beside the file when the process ends meanwhile', () => {
    const script = `
      import { writeWhole } from ${JSON.stringify(module)};
      import { existsSync, readdirSync } from 'node:fs';
      void writeWhole(${JSON.stringify(file)}, 'x'.repeat(50_000_000), { secret: true });
      const look = () => readdirSync(${JSON.stringify(folder)}).length > 0
        ? (process.stdout.write(readdirSync(${JSON.stringify(folder)}).join()), process.exit(130)) : setImmediate(look);
      look();`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
    });
    expect(stdout).to.match(/^eca\.yaml\.\d+-[0-9a-f]{12}\.tmp$/);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('takes away what a killed process left beside it, and only that', async function () {
    this.timeout(20_000);
    writeFileSync(file, 'old');
    const child = spawn(process.execPath, [...scriptOf("(process.stdout.write('begun'), 'x'.repeat(300_000_000))")]);
    await once(child.stdout, 'data');
    while (readdirSync(folder).length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [, left = ''] = readdirSync(folder);
    expect(left).to.match(/\.tmp$/);
    expect(readFileSync(file, 'utf8')).to.equal('old');

    const others = [`eca.yaml.${process.ppid}-0123456789ab.tmp`, `other.yaml.1-0123456789ab.tmp`, 'eca.yaml.tmp'];
    for (const name of others) writeFileSync(join(folder, name), 'theirs');
    await writeWhole(file, 'new', { secret: true });
    expect(existsSync(join(folder, left))).to.equal(false);
    expect(readdirSync(folder).sort()).to.deep.equal([...others, 'eca.yaml'].sort());
  });

  it('gives one of two that write at the same time, whole', async () => {
    const texts = ['a'.repeat(100_000), 'b'.repeat(100_000)];
    await Promise.all(texts.map((text) => writeWhole(file, text, { secret: false })));
    expect(texts).to.include(readFileSync(file, 'utf8'));
    expect(readdirSync(folder)).to.deep.equal(['eca.yaml']);
  });
});
