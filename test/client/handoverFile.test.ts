import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
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
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseEnv } from 'node:util';

import { expect } from 'chai';

import type { Handover, MachineFormat } from '../../src/app/handover.ts';
import { Secret } from '../../src/app/secret.ts';
import { checkHandoverFile, writeHandoverFile } from '../../src/client/handoverFile.ts';

const secret = randomBytes(32).toString('hex');

const HANDOVER: Handover = {
  name: 'Order_Sync',
  consumerKey: 'key',
  consumerSecret: new Secret(secret),
  tokenUrl: 'https://acme.example/token',
  authorizeUrl: 'https://acme.example/authorize',
  myDomainUrl: 'https://acme.example',
  scopes: ['api'],
  flows: ['web-server'],
};

describe('hand-over file', () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handover-')));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const target = (name: string, format: MachineFormat = 'dotenv') => ({
    path: join(folder, name),
    format,
    prefix: 'SF_',
  });
  const write = (name: string, format?: MachineFormat) => writeHandoverFile(target(name, format), HANDOVER);
  const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777;
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('makes a file that only its owner can read', async () => {
    const umask = process.umask(0);
    try {
      expect(await write('.env')).to.equal(undefined);
    } finally {
      process.umask(umask);
    }
    expect(modeOf('.env')).to.equal(0o600);
    expect(parseEnv(text('.env')).SF_CLIENT_SECRET).to.equal(secret);
    expect(readdirSync(folder)).to.deep.equal(['.env']);
  });

  it('never has the secret in a file that others can read, from the first byte on', async () => {
    const modes = new Set<number>();
    const watcher = watch(folder, (_event, name) => {
      try {
        if (name) modes.add(modeOf(name));
      } catch {
        // Gone already.
      }
    });
    for (let round = 0; round < 20; round++) await write(`.env${round}`);
    await pause(50);
    watcher.close();
    expect([...modes]).to.deep.equal([0o600]);
  });

  it('takes the rights of others away from a file that is there', async () => {
    writeFileSync(join(folder, '.env'), 'A=1\n');
    chmodSync(join(folder, '.env'), 0o644);
    await write('.env');
    expect(modeOf('.env')).to.equal(0o600);
    expect(text('.env')).to.match(/^A=1\nSF_CLIENT_ID=key\n/);
  });

  it('follows a link and leaves it a link, also one that leads to nothing yet', async () => {
    mkdirSync(join(folder, 'private'));
    for (const name of ['there', 'not-yet']) {
      if (name === 'there') writeFileSync(join(folder, 'private', name), 'A=1\n');
      symlinkSync(join('private', name), join(folder, `link-to-${name}`));
      expect(await write(`link-to-${name}`)).to.equal(undefined);
      expect(readlinkSync(join(folder, `link-to-${name}`))).to.equal(join('private', name));
      expect(parseEnv(text(join('private', name))).SF_CLIENT_SECRET).to.equal(secret);
    }
  });

  it('refuses what is no regular file', async () => {
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const name of ['folder', 'pipe']) {
      const problem = { code: 'error.outputFileNotRegular', values: [join(folder, name)] };
      expect(await checkHandoverFile(target(name), true)).to.deep.equal(problem);
      expect(await write(name)).to.deep.equal(problem);
    }
  });

  it('refuses a folder where others can write, and what belongs to others', async () => {
    mkdirSync(join(folder, 'open'));
    chmodSync(join(folder, 'open'), 0o777);
    const open = { code: 'error.outputFolderOpen', values: [join(folder, 'open', '.env'), join(folder, 'open')] };
    expect(await checkHandoverFile(target(join('open', '.env')), false)).to.deep.equal(open);
    expect(await write(join('open', '.env'))).to.deep.equal(open);
    if (process.getuid?.() !== 0) return;
    writeFileSync(join(folder, 'p.sh'), 'curl example.com\n');
    chownSync(join(folder, 'p.sh'), 54_321, 54_321);
    const foreign = { code: 'error.outputFileNotOwn', values: [join(folder, 'p.sh'), join(folder, 'p.sh')] };
    expect(await checkHandoverFile(target('p.sh', 'shell'), false)).to.deep.equal(foreign);
    expect(await write('p.sh', 'shell')).to.deep.equal(foreign);
  });

  it('writes beside a folder that has the name of a leftover, and leaves it', async () => {
    mkdirSync(join(folder, '.env.999999-aaaaaaaaaaaa.tmp'));
    expect(await write('.env')).to.equal(undefined);
    expect(readdirSync(folder)).to.deep.equal(['.env', '.env.999999-aaaaaaaaaaaa.tmp']);
  });

  it('says that a folder is not there, before there is anything to write', async () => {
    const problem = { code: 'error.outputFileUnwritable', values: [join(folder, 'no', '.env'), 'ENOENT'] };
    expect(await checkHandoverFile(target(join('no', '.env')), true)).to.deep.equal(problem);
    expect(await write(join('no', '.env'))).to.deep.equal(problem);
  });

  it('leaves a file alone that is not what its format says', async () => {
    writeFileSync(join(folder, 'config.json'), '{ "a": 1, // no JSON\n}');
    const problem = { code: 'error.notJsonObject', values: [join(folder, 'config.json')] };
    expect(await checkHandoverFile(target('config.json', 'json'), true)).to.deep.equal(problem);
    expect(await write('config.json', 'json')).to.deep.equal(problem);
    expect(text('config.json')).to.equal('{ "a": 1, // no JSON\n}');
  });

  it('leaves a .env file alone in which it would not be read back', async () => {
    const broken = 'A="left open\nSF_CLIENT_ID=x\nB="y"\n';
    writeFileSync(join(folder, '.env'), broken);
    const problem = { code: 'error.outputFileNotReadable', values: [join(folder, '.env')] };
    expect(await write('.env')).to.deep.equal(problem);
    expect(text('.env')).to.equal(broken);
  });

  it('leaves the old file whole when the disk is full', () => {
    const old = `A=1\n${'# a comment that makes the file longer than the disk has place for\n'.repeat(40)}`;
    writeFileSync(join(folder, '.env'), old);
    const module = join(import.meta.dirname, '..', '..', 'src', 'client', 'handoverFile.ts');
    const script = `
      import { writeHandoverFile } from ${JSON.stringify(module)};
      const handover = ${JSON.stringify({ ...HANDOVER, consumerSecret: undefined })};
      const problem = await writeHandoverFile(${JSON.stringify(target('.env'))}, handover);
      process.stdout.write(JSON.stringify(problem ?? null));`;
    // A limit on the size of files stands in for the full disk: the write fails half-way just the same.
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 2; trap "" XFSZ; exec "$0" --input-type=module-typescript -e "$1"', process.execPath, script],
      { encoding: 'utf8' },
    );
    expect(stdout, stderr).to.equal(
      JSON.stringify({ code: 'error.outputFileUnwritable', values: [join(folder, '.env'), 'EFBIG'] }),
    );
    expect(text('.env')).to.equal(old);
    expect(readdirSync(folder)).to.deep.equal(['.env']);
  });

  describe('in a git repository', () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
    const tracked = (name: string) => ({ code: 'error.outputFileTracked', values: [join(folder, name)] });

    beforeEach(() => {
      git('init', '--quiet');
      writeFileSync(join(folder, '.gitignore'), '.env*\nprivate/\n');
    });

    it('refuses a file that would be committed', async () => {
      mkdirSync(join(folder, 'src'));
      for (const name of ['credentials.json', join('src', 'settings.sh')]) {
        expect(await checkHandoverFile(target(name), true)).to.deep.equal(tracked(name));
        expect(await checkHandoverFile(target(name), false)).to.equal(undefined);
      }
    });

    it('takes one that is ignored', async () => {
      mkdirSync(join(folder, 'private'));
      for (const name of ['.env', '.env.local', join('private', 'x.json')]) {
        expect(await checkHandoverFile(target(name), true)).to.equal(undefined);
      }
    });

    it('refuses one that is ignored and committed all the same', async () => {
      writeFileSync(join(folder, '.env'), '');
      git('add', '--force', '.env');
      expect(await checkHandoverFile(target('.env'), true)).to.deep.equal(tracked('.env'));
    });

    it('looks where a link leads', async () => {
      symlinkSync('settings.sh', join(folder, '.env'));
      expect(await checkHandoverFile(target('.env'), true)).to.deep.equal(tracked('.env'));
    });

    it('refuses when git is not there to be asked', async () => {
      const { PATH } = process.env;
      process.env.PATH = '';
      try {
        expect(await checkHandoverFile(target('.env'), true)).to.deep.equal(tracked('.env'));
        rmSync(join(folder, '.git'), { recursive: true });
        expect(await checkHandoverFile(target('.env'), true)).to.equal(undefined);
      } finally {
        process.env.PATH = PATH;
      }
    });

    it('writes nothing while it looks', async () => {
      await checkHandoverFile(target('.env'), true);
      expect(existsSync(join(folder, '.env'))).to.be.false;
    });
  });
});
