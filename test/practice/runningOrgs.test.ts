import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PracticeProblem, runningPracticeOrg, startPracticeOrg, stopPracticeOrg } from '../../src/practice/practice.ts';
import { untilGone } from '../untilGone.ts';

describe('a practice org in the background', () => {
  let folder: string;
  const started: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'practice-orgs-'));
  });
  afterEach(async () => {
    for (const alias of started.splice(0)) await stopPracticeOrg(folder, alias).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  const start = (
    alias: string,
    options: Parameters<typeof startPracticeOrg>[2] = {},
  ): ReturnType<typeof startPracticeOrg> => {
    started.push(alias);
    return startPracticeOrg(folder, alias, options);
  };
  const problem = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.catch((reason: unknown) => reason);
    return error instanceof PracticeProblem ? error.code : `no problem: ${String(error)}`;
  };

  it('answers, with the options it was given, and is gone when it was stopped', async () => {
    const org = await start('one', { production: true, variants: { 'pkce-sticky': 'no' } });
    const identity = (await (await fetch(`${org.instanceUrl}/__practice`)).json()) as Record<string, unknown>;
    expect(identity).to.deep.include({ orgId: org.orgId, pid: org.pid, production: true });
    expect(org.integrationUsername).to.match(/^integration@/);
    await stopPracticeOrg(folder, 'one');
    await untilGone(org.pid);
    expect(await runningPracticeOrg(folder, 'one')).to.equal(undefined);
  });

  it('keeps no token where it is written down', async () => {
    const org = await start('one');
    const [file = ''] = await readdir(join(folder, 'practice-orgs'));
    expect(await readFile(join(folder, 'practice-orgs', file), 'utf8')).not.to.contain(org.accessToken);
  });

  it('runs beside others, but once under an alias', async () => {
    const [one, two] = await Promise.all([start('one'), start('two/../2')]);
    expect(one.username).not.to.equal(two.username);
    expect(one.orgId).not.to.equal(two.orgId);
    expect(await problem(start('one'))).to.equal('alreadyRunning');
    expect(await problem(stopPracticeOrg(folder, 'three'))).to.equal('notRunning');
  });

  it('says when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    expect(await problem(start('one', { port: (other.address() as AddressInfo).port }))).to.equal('portInUse');
    other.close();
  });

  it('ends no process that is not its own', async () => {
    const org = await start('one');
    const file = join(folder, 'practice-orgs', 'one.json');
    const state = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...state, pid: process.pid }));
    expect(await problem(stopPracticeOrg(folder, 'one'))).to.equal('notRunning');
    process.kill(org.pid, 'SIGTERM');
  });

  it('is stopped as well where nobody takes note of processes that have ended, as in a container', async function () {
    if (process.platform !== 'linux') this.skip();
    const program = join(folder, 'org.ts');
    const source = JSON.stringify(join(import.meta.dirname, '..', '..', 'src', 'practice', 'server.ts'));
    await writeFile(
      program,
      `import { createPracticeServer } from ${source};
       const { org, port, url } = await createPracticeServer({});
       console.log(JSON.stringify({ alias: 'one', pid: process.pid, orgId: org.orgId, port, instanceUrl: url }));`,
    );
    // The shell becomes a program that does not know of the child it has.
    const parent = spawn('sh', ['-c', '"$0" "$1" & exec sleep 60', process.execPath, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    await mkdir(join(folder, 'practice-orgs'));
    await writeFile(join(folder, 'practice-orgs', 'one.json'), line);
    const { pid } = (await stopPracticeOrg(folder, 'one')) as { pid: number };
    expect(await readFile(`/proc/${pid}/stat`, 'utf8')).to.include(') Z ');
    parent.kill();
  });
});
