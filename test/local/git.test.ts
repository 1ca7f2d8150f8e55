import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { gitWouldCommit } from '../../src/local/git.ts';

describe('whether git would commit a file', () => {
  let folder: string;
  let repository: string;
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    environment = { ...process.env };
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'git-')));
    repository = newRepository('repository');
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    rmSync(folder, { recursive: true });
  });

  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8', stdio: 'pipe' });

  const newRepository = (name: string, ...options: string[]): string => {
    const path = join(folder, name);
    git('init', '--quiet', ...options, path);
    return path;
  };

  const inRepository = (...names: string[]): string => join(repository, ...names);

  /** A program that leaves a trace when it is run. */
  const trap = (): { program: string; ran: () => boolean } => {
    const program = join(folder, 'trap.sh');
    writeFileSync(program, `#!/bin/sh\necho ran >> '${folder}/trace'\n`);
    chmodSync(program, 0o755);
    return { program, ran: () => existsSync(join(folder, 'trace')) };
  };

  it('goes by what is ignored, tracked, and no repository at all', async () => {
    writeFileSync(inRepository('.gitignore'), '*.env\n');
    writeFileSync(inRepository('tracked.env'), '');
    git('-C', repository, 'add', '--force', 'tracked.env');
    expect(await gitWouldCommit(inRepository('x.env'))).to.equal(false);
    expect(await gitWouldCommit(inRepository('x.txt'))).to.equal(true);
    expect(await gitWouldCommit(inRepository('tracked.env'))).to.equal(true);
    expect(await gitWouldCommit(inRepository('.git', 'x'))).to.equal(true);
    expect(await gitWouldCommit(join(folder, 'x.env'))).to.equal(false);
  });

  it('runs no program that the repository names', async () => {
    const { program, ran } = trap();
    mkdirSync(inRepository('hooks'));
    for (const setting of [
      `[core]\n\tfsmonitor = ${program}\n\thooksPath = hooks\n\tpager = ${program}\n\tsshCommand = ${program}\n\teditor = ${program}\n`,
      `[alias]\n\tcheck-ignore = !${program}\n[pager]\n\tcheck-ignore = ${program}\n`,
      `[credential]\n\thelper = !${program}\n[filter "x"]\n\tclean = ${program}\n`,
    ]) {
      appendFileSync(inRepository('.git', 'config'), setting);
    }
    writeFileSync(inRepository('.gitignore'), 'x.env\n');
    writeFileSync(inRepository('.gitattributes'), '* filter=x\n');
    writeFileSync(inRepository('file'), '');
    git('-c', 'core.fsmonitor=false', '-c', 'filter.x.clean=cat', '-C', repository, 'add', '.gitignore');
    rmSync(join(folder, 'trace'), { force: true });
    expect(await gitWouldCommit(inRepository('x.env'))).to.equal(false);
    expect(ran()).to.equal(false);
  });

  it('fetches nothing that a clone lacks, since a program would do it', async () => {
    const { program, ran } = trap();
    // Two .gitignore that are not checked out: git reads them from the index, where their contents are not there.
    for (const name of ['.gitignore', join('sub', '.gitignore')]) {
      mkdirSync(join(inRepository(name), '..'), { recursive: true });
      writeFileSync(inRepository(name), `${name}\n`);
      git('-C', repository, 'add', '--force', name);
    }
    git('-C', repository, 'update-index', '--skip-worktree', '.gitignore', 'sub/.gitignore');
    for (const name of ['.gitignore', join('sub', '.gitignore')]) rmSync(inRepository(name));
    execFileSync('find', [inRepository('.git', 'objects'), '-type', 'f', '-delete']);
    for (const address of ['ssh://example.invalid/x', `ext::${program}`, `file://${folder}/no`]) {
      const settings = `[core]\n\trepositoryFormatVersion = 1\n\tsshCommand = ${program}\n[extensions]\n\tpartialClone = origin
[remote "origin"]\n\turl = ${address}\n\tpromisor = true\n\tuploadPack = ${program}\n[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n`;
      const before = readFileSync(inRepository('.git', 'config'), 'utf8');
      appendFileSync(inRepository('.git', 'config'), settings);
      await gitWouldCommit(inRepository('sub', 'x.env'));
      expect(ran(), address).to.equal(false);
      writeFileSync(inRepository('.git', 'config'), before);
    }
  });

  it('takes no word of the environment', async () => {
    const other = newRepository('other');
    writeFileSync(join(other, '.git', 'info', 'exclude'), '*\n');
    const { program, ran } = trap();
    const { GIT_DIR: _none, ...plain } = environment;
    for (const variables of [
      { GIT_DIR: join(other, '.git') },
      { GIT_DIR: join(other, '.git'), GIT_WORK_TREE: repository },
      { GIT_CEILING_DIRECTORIES: repository, GIT_DIR: join(folder, 'no') },
      {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'core.excludesFile',
        GIT_CONFIG_VALUE_0: join(other, '.git', 'info', 'exclude'),
      },
      { GIT_CONFIG_PARAMETERS: `'core.excludesFile'='${join(other, '.git', 'info', 'exclude')}'` },
      { GIT_CONFIG_GLOBAL: join(other, 'global') },
      { GIT_INDEX_FILE: join(other, 'index'), GIT_COMMON_DIR: join(other, '.git') },
      { GIT_EXEC_PATH: folder, GIT_TRACE: join(folder, 'trace'), GIT_SSH_COMMAND: program },
    ]) {
      writeFileSync(join(other, 'global'), `[core]\n\texcludesFile = ${join(other, '.git', 'info', 'exclude')}\n`);
      Object.assign(process.env, plain, variables);
      expect(await gitWouldCommit(inRepository('x.env')), Object.keys(variables).join()).to.equal(true);
      for (const name of Object.keys(variables)) delete process.env[name];
    }
    expect(ran()).to.equal(false);
  });

  it('is yes in a folder that looks like a bare repository and lies in another', async () => {
    const bare = newRepository(join('repository', 'fixture'), '--bare');
    writeFileSync(join(bare, 'info', 'exclude'), '*\n');
    git('-C', bare, 'config', 'core.bare', 'false');
    git('-C', bare, 'config', 'core.worktree', bare);
    expect(await gitWouldCommit(join(bare, 'x.env'))).to.equal(true);
  });

  it('is yes where the repository cannot be asked', async () => {
    writeFileSync(inRepository('.gitignore'), '*.env\n');
    git('-C', repository, 'config', 'core.worktree', join(folder, 'elsewhere'));
    expect(await gitWouldCommit(inRepository('x.env')), 'work tree elsewhere').to.equal(true);
    mkdirSync(inRepository('sub'));
    writeFileSync(inRepository('sub', '.git'), `gitdir: ${join(folder, 'no')}\n`);
    expect(await gitWouldCommit(inRepository('sub', 'x.env')), 'link to nothing').to.equal(true);
    appendFileSync(inRepository('.git', 'config'), '[broken');
    expect(await gitWouldCommit(inRepository('x.env')), 'broken settings').to.equal(true);
  });

  it('is yes where there is no git, and only a relative path leads to one', async () => {
    writeFileSync(inRepository('.gitignore'), '*.env\n');
    const { program, ran } = trap();
    writeFileSync(inRepository('git'), readFileSync(program));
    chmodSync(inRepository('git'), 0o755);
    process.env.PATH = ['.', '', relativeTo(repository)].join(':');
    expect(await gitWouldCommit(inRepository('x.env'))).to.equal(true);
    expect(await gitWouldCommit(join(folder, 'x.env')), 'no repository').to.equal(false);
    expect(ran()).to.equal(false);
  });

  const relativeTo = (path: string): string => path.slice(1);

  it('is yes when git gives no answer', async function () {
    this.timeout(30_000);
    writeFileSync(inRepository('.gitignore'), '*.env\n');
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    appendFileSync(inRepository('.git', 'config'), `[include]\n\tpath = ${join(folder, 'pipe')}\n`);
    expect(await gitWouldCommit(inRepository('x.env'))).to.equal(true);
  });
});
