import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect } from 'chai';

import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { type Cli, createCli } from './cli.ts';
import { logIn } from './login.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
const APP = ['--target-org', 'practice', '--name', 'Order_Sync'];

/** What a process that was told to end owes the org: the token that it holds. */
describe('verify that is told to end half-way, with the built commands', function () {
  this.timeout(300_000);
  let practice: PracticeServer;
  let cli: Cli;

  before(async () => {
    // The API call is never answered, so that there is a token out for as long as it takes.
    practice = await createPracticeServer({
      faults: [{ method: 'GET', path: '/services/data/v68.0', fault: 'hang' }],
    });
    cli = createCli();
    const { admin, integrationUser } = practice.org.seeded;
    const login = { username: String(admin.Username), alias: 'practice', instanceUrl: practice.url };
    await logIn(cli, { ...login, accessToken: practice.accessToken });
    await cli.run(['eca', 'create', ...APP, '--contact-email', 'it@example.com']);
    const oauth = ['--callback-url', 'https://x.example.com/cb', '--scope', 'api', '--flow', 'client-credentials'];
    await cli.run(['eca', 'oauth', 'set', ...APP, ...oauth, '--run-as', String(integrationUser.Username)]);
  });

  after(async () => {
    await practice?.close();
    cli?.remove();
  });

  const tokens = (): string[] =>
    [...practice.org.sessions.values()].flatMap(({ appId, token }) => (appId === undefined ? [] : [token]));

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`revokes its token on ${signal}, and ends with exit code ${exitCode}`, async () => {
      const args = ['eca', 'verify', ...APP, '--flow', 'client-credentials', '--allow-secret-access'];
      const child = spawn(process.execPath, [program, ...args], {
        cwd: cli.home,
        env: { PATH: process.env.PATH, HOME: cli.home, SF_USE_GENERIC_UNIX_KEYCHAIN: 'true' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const given: string[] = [];
      let output = '';
      const listen = (text: string): void => {
        output += text;
        if (given.length > 0 || !output.includes('Client credentials: scopes: ')) return;
        given.push(...tokens());
        child.kill(signal);
      };
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', listen);
      const [code] = (await once(child, 'close')) as [number | null];
      expect(given, output).to.have.length(1);
      expect(code, output).to.equal(exitCode);
      expect(tokens()).to.deep.equal([]);
      expect(output).not.to.include(given[0]);
      expect(output, 'what was found so far').to.include('✔ Client credentials: token: ');
      expect(output).to.include('Everything that this run changed was restored.');
    });
  }
});
