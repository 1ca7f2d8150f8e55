import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { expect } from 'chai';

import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { type Cli, createCli } from './cli.ts';
import { logIn } from './login.ts';
import { variants } from './variants.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
const APP = ['--target-org', 'practice', '--name', 'Order_Sync'];
const ROTATE = ['eca', 'credentials', 'rotate', ...APP, '--allow-secret-access'];

describe('credentials, with the built commands', function () {
  this.timeout(300_000);
  let practice: PracticeServer;
  let cli: Cli;
  /** Every secret that the app ever had. */
  const secrets = new Set<string>();

  before(async () => {
    // What a staged pair gets before it is promoted is up to the tests.
    practice = await createPracticeServer({ variants: { ...variants, 'staged-pair': 'unknown' } });
    const { org } = practice;
    cli = createCli({ env: { SF_LOG_LEVEL: 'trace', SF_DISABLE_LOG_FILE: 'false' } });
    mkdirSync(join(cli.home, 'tmp'));
    const { Username: admin } = org.seeded.admin;
    const login = { username: String(admin), alias: 'practice', instanceUrl: practice.url };
    await logIn(cli, { ...login, accessToken: practice.accessToken });
    await cli.run(['eca', 'create', ...APP, '--contact-email', 'it@example.com']);
    const runAs = String(org.seeded.integrationUser.Username);
    const flow = ['--flow', 'client-credentials', '--run-as', runAs];
    await cli.run([
      'eca',
      'oauth',
      'set',
      ...APP,
      '--callback-url',
      'https://x.example.com/cb',
      '--scope',
      'api',
      ...flow,
    ]);
  });

  after(async () => {
    await practice?.close();
    cli?.remove();
  });

  afterEach(() => {
    for (const pair of [consumer().primary, consumer().staged]) if (pair) secrets.add(pair.secret);
    expect(isOpen()).to.equal(false);
  });

  const consumer = () => [...practice.org.consumers.values()][0]!;
  const isOpen = () => practice.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess;

  /** Runs a rotation until it waits for the org to know the new pair, and ends it then. */
  const endWhileWaiting = async (signal: NodeJS.Signals): Promise<{ code: number | null; stderr: string }> => {
    const child = spawn(process.execPath, [program, ...ROTATE], {
      cwd: cli.home,
      env: {
        PATH: process.env.PATH,
        HOME: cli.home,
        TMPDIR: join(cli.home, 'tmp'),
        SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!stderr.includes('trying again') && (stderr + text).includes('trying again')) child.kill(signal);
      stderr += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr };
  };

  it('go through a pipe with nothing else on stdout', async () => {
    const flags = ['--show-secret', '--no-prompt', '--allow-secret-access', '--format', 'dotenv'];
    const { code, stdout, stderr } = await cli.run(['eca', 'credentials', ...APP, ...flags]);
    const { key, secret } = consumer().primary;
    expect(code).to.equal(0);
    expect(parseEnv(stdout)).to.include({ SALESFORCE_CLIENT_ID: key, SALESFORCE_CLIENT_SECRET: secret });
    expect(stdout.trim().split('\n')).to.have.length(Object.keys(parseEnv(stdout)).length);
    expect(stderr).not.to.include(secret);
    cli.outcomes.pop();
  });

  it('are as they were after Ctrl-C', async () => {
    const before = consumer().primary;
    const { code, stderr } = await endWhileWaiting('SIGINT');
    expect(code, stderr).to.equal(130);
    expect(consumer().primary).to.deep.equal(before);
    expect(consumer().staged).to.equal(undefined);
  });

  it('are gone on with after the process was killed', async () => {
    const old = consumer().primary.key;
    await endWhileWaiting('SIGKILL');
    const { key: staged } = consumer().staged!;
    expect([isOpen(), consumer().primary.key]).to.deep.equal([true, old]);

    const looked = await cli.run(['eca', 'credentials', 'status', ...APP]);
    expect(looked.stderr).to.include('Restoring the setting');
    expect(isOpen()).to.equal(false);

    practice.org.variants['staged-pair'] = 'works';
    const { result } = await cli.json<{ outcome: string; consumerKey: string; verified: boolean }>(ROTATE);
    expect(result).to.include({ outcome: 'promoted', consumerKey: staged, verified: true });
  });

  it('go into a file, and are verified from there', async () => {
    const finished = await cli.json<{ outcome: string }>([...ROTATE, '--finish', '--no-prompt']);
    expect(finished.result.outcome).to.equal('finished');
    const file = join(cli.home, '.env');
    const { code } = await cli.run([...ROTATE, '--show-secret', '--no-prompt', '--output-file', file]);
    expect(code).to.equal(0);
    const { key, secret } = consumer().primary;
    expect(parseEnv(readFileSync(file, 'utf8'))).to.include({
      SALESFORCE_CLIENT_ID: key,
      SALESFORCE_CLIENT_SECRET: secret,
    });
    const flags = ['--flow', 'client-credentials', '--credentials-file', file];
    const { result } = await cli.json<{ passed: boolean }>(['eca', 'verify', ...APP, ...flags]);
    expect(result.passed).to.equal(true);
  });

  it('are in no output, log or other file where they were not asked for', () => {
    expect(secrets.size).to.be.greaterThan(2);
    const places = new Map(cli.outcomes.map(({ args, stdout, stderr }) => [args.join(' '), stdout + stderr]));
    for (const entry of readdirSync(cli.home, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) places.set(file, readFileSync(file, 'latin1'));
    }
    const found = [...places].filter(([, text]) => [...secrets].some((secret) => text.includes(secret)));
    expect(found.map(([place]) => place)).to.deep.equal([join(cli.home, '.env')]);
  });
});
