import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

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

  it('says when its port is one that no client uses', async () => {
    for (const port of [6000, 2049]) expect(await problem(start('one', { port }))).to.equal('portInUse');
  });

  it('ends no process that is not its own', async () => {
    const org = await start('one');
    const file = join(folder, 'practice-orgs', 'one.json');
    const state = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...state, pid: process.pid }));
    expect(await problem(stopPracticeOrg(folder, 'one'))).to.equal('notRunning');
    process.kill(org.pid, 'SIGTERM');
  });

  it('ends no process for a program that took the port and says all that can be known of it', async () => {
    const org = await start('one');
    const said = await (await fetch(`${org.instanceUrl}/__practice`)).text();
    const { proof } = (await (await fetch(`${org.instanceUrl}/__practice/proof?challenge=overheard`)).json()) as {
      proof: string;
    };
    const file = join(folder, 'practice-orgs', 'one.json');
    const state = await readFile(file, 'utf8');
    process.kill(org.pid, 'SIGKILL');
    await untilGone(org.pid);
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const impostor = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(request.url?.includes('/proof') ? JSON.stringify({ proof }) : said);
    }).listen(org.port, '127.0.0.1');
    await once(impostor, 'listening');
    await writeFile(file, JSON.stringify({ ...(JSON.parse(state) as object), pid: bystander.pid }));
    expect(await problem(stopPracticeOrg(folder, 'one'))).to.equal('notRunning');
    expect(bystander.exitCode).to.equal(null);
    expect(bystander.signalCode).to.equal(null);
    bystander.kill();
    impostor.close();
  });

  it('keeps what it proves itself with to itself', async () => {
    const org = await start('one');
    const file = join(folder, 'practice-orgs', 'one.json');
    const { nonce } = JSON.parse(await readFile(file, 'utf8')) as { nonce: string };
    expect(nonce).to.have.lengthOf.above(40);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(JSON.stringify(org)).not.to.contain(nonce);
    for (const page of ['', '/proof?challenge=x', '/requests']) {
      expect(await (await fetch(`${org.instanceUrl}/__practice${page}`)).text()).not.to.contain(nonce);
    }
    expect(JSON.stringify(await stopPracticeOrg(folder, 'one'))).not.to.contain(nonce);
  });

  it('has of the environment what it needs and nothing else', async function () {
    if (process.platform !== 'linux') this.skip();
    const secret = randomBytes(12).toString('hex');
    const names = ['DB_PASSWORD', 'SF_ACCESS_TOKEN', 'HTTPS_PROXY', 'Npm_Token', 'LC_SECRET-X'];
    for (const name of names) process.env[name] = `${secret}-${name}`;
    process.env.LC_ALL = 'C.UTF-8';
    try {
      const org = await start('one');
      const environment = await readFile(`/proc/${org.pid}/environ`, 'utf8');
      expect(environment).not.to.contain(secret);
      expect(environment).to.contain('LC_ALL=C.UTF-8');
    } finally {
      for (const name of [...names, 'LC_ALL']) delete process.env[name];
    }
  });

  it('is stopped as well where nobody takes note of processes that have ended, as in a container', async function () {
    if (process.platform !== 'linux') this.skip();
    const program = join(folder, 'org.ts');
    const source = JSON.stringify(join(import.meta.dirname, '..', '..', 'src', 'practice', 'server.ts'));
    await writeFile(
      program,
      `import { createPracticeServer } from ${source};
       const nonce = process.argv[2];
       const { org, port, url } = await createPracticeServer({ nonce });
       console.log(JSON.stringify({ alias: 'one', pid: process.pid, orgId: org.orgId, port, instanceUrl: url, nonce }));`,
    );
    const nonce = randomBytes(32).toString('hex');
    // The shell becomes a program that does not know of the child it has.
    const parent = spawn('sh', ['-c', '"$0" "$1" "$2" & exec sleep 60', process.execPath, program, nonce], {
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
