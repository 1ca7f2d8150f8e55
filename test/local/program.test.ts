import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { expect } from 'chai';

import { findProgram, type ProgramTerms, runProgram } from '../../src/local/program.ts';
import { standIns } from './standInProgram.ts';

describe('another program', function () {
  this.timeout(20_000);

  const run = (script: string, terms: Partial<ProgramTerms> = {}) =>
    runProgram(process.execPath, ['-e', script], {
      input: '',
      env: process.env,
      ms: 15_000,
      signal: new AbortController().signal,
      ...terms,
    });

  it('gets its standard input, its words as they are, and only the variables that are given', async () => {
    const words = ["a 'b'", '$(echo x)', '`id`', '; rm -rf .', '--flag=*', ''];
    const ended = await runProgram(
      process.execPath,
      [
        '-e',
        'process.stdout.write(JSON.stringify([process.argv.slice(1), require("fs").readFileSync(0, "utf8")]))',
        ...words,
      ],
      { input: 'one\ntwo', env: {}, ms: 15_000, signal: new AbortController().signal },
    );
    expect(JSON.parse(ended.stdout)).to.deep.equal([words, 'one\ntwo']);
    expect(ended).to.include({ how: 'ended', exitCode: 0, stderr: '' });
    const { stdout } = await run('console.log(Object.keys(process.env).join())', { env: { ONLY: 'this' } });
    expect(stdout.trim()).to.equal('ONLY');
  });

  it('may end with any code, by a signal, or before it has read', async () => {
    expect(await run('console.error("no"); process.exit(7)')).to.include({ how: 'ended', exitCode: 7, stderr: 'no\n' });
    expect(await run('process.kill(process.pid, "SIGKILL")')).to.include({ how: 'ended', exitCode: undefined });
    const much = 'x'.repeat(5_000_000);
    expect(await run('process.stdin.destroy(); process.exit(0)', { input: much })).to.include({ exitCode: 0 });
  });

  it('is ended when it takes too long, also when it does not want to', async () => {
    const began = performance.now();
    const stubborn = 'process.on("SIGTERM", () => {}); console.log("here"); setInterval(() => {}, 1000)';
    expect(await run(stubborn, { ms: 1_000 })).to.include({ how: 'hung', exitCode: undefined, stdout: 'here\n' });
    expect(performance.now() - began).to.be.lessThan(10_000);
  });

  it('is ended by our signal, and by one that came before', async () => {
    const stop = new AbortController();
    const running = run('setInterval(() => {}, 1000)', { signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    expect(await running).to.include({ how: 'stopped' });
    expect(await run('setInterval(() => {}, 1000)', { signal: stop.signal })).to.include({ how: 'stopped' });
  });

  it('is done when it ends, though a child of its own keeps the output open', async () => {
    const began = performance.now();
    const script = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 8000)'], { stdio: 'inherit' }).unref(); console.log('mine'); process.exit(0)`;
    expect(await run(script)).to.include({ how: 'ended', exitCode: 0, stdout: 'mine\n' });
    expect(performance.now() - began).to.be.lessThan(6_000);
  });

  it('may print without end', async () => {
    const { stdout } = await run('for (let i = 0; i < 3000; i++) console.log("x".repeat(1000))');
    expect(stdout).to.have.lengthOf(64_000);
  });

  it('may not be a program at all', async () => {
    const programs = standIns();
    try {
      const terms = { input: '', env: {}, ms: 1_000, signal: new AbortController().signal };
      expect(await runProgram(join(programs.folder, 'none'), [], terms)).to.include({
        how: 'not-started',
        stderr: 'ENOENT',
      });
      expect(await runProgram(process.execPath, ['a\0b'], terms)).to.include({ how: 'not-started' });
    } finally {
      programs.remove();
    }
  });

  it('is found on the PATH or by its path, and a folder or a text is none', async () => {
    const programs = standIns();
    const path = process.env.PATH;
    try {
      programs.program('store');
      const file = join(programs.folder, 'store');
      expect(await findProgram('store')).to.equal(file);
      expect(await findProgram(file)).to.equal(file);
      expect(await findProgram('no-such-store')).to.equal(undefined);
      mkdirSync(join(programs.folder, 'folder'));
      writeFileSync(join(programs.folder, 'text'), '');
      expect(await findProgram('folder')).to.equal(undefined);
      expect(await findProgram('text')).to.equal(undefined);
      // The folder that somebody happens to be in says nothing about which program is meant.
      process.env.PATH = ['.', ''].join(delimiter);
      expect(await findProgram('package.json')).to.equal(undefined);
    } finally {
      process.env.PATH = path;
      programs.remove();
    }
  });
});
