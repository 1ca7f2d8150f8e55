import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'chai';

import { type Cli, createCli } from './cli.ts';
import type { LoggedRequest } from './org.ts';
import { variantFlags } from './variants.ts';

const root = join(import.meta.dirname, '..', '..');

type Applied = { apps: Array<{ action: string }>; deployId?: string };

/** The requests at which a run is ended, by what they are for. */
const MOMENTS: Array<[what: string, isIt: (request: LoggedRequest) => boolean]> = [
  ['while it reads the org', ({ path }) => path.endsWith('/query')],
  ['once the deploy is sent', ({ method, path }) => method === 'POST' && path.endsWith('/deployRequest')],
  ['while it waits for the deploy', ({ method, path }) => method === 'GET' && path.includes('/deployRequest/')],
];

describe('eca apply, killed', function () {
  this.timeout(400_000);
  let cli: Cli;
  let instanceUrl: string;
  let file: string;

  before(async function () {
    if (process.env.SF_ECA_TEST_ORG) this.skip();
    cli = createCli();
    file = join(cli.home, 'eca.yaml');
    const apps = Array.from({ length: 5 }, (_, index) => `- { name: App_${index}, contactEmail: it@example.com }\n`);
    writeFileSync(file, `apps:\n${apps.join('')}`);
  });

  beforeEach(async () => {
    // Slow enough to be killed on the way.
    const started = await cli.json<{ instanceUrl: string }>([
      ...['eca', 'practice', 'start', '--latency', '150', ...variantFlags],
    ]);
    expect(started.status, started.message).to.equal(0);
    ({ instanceUrl } = started.result);
  });

  afterEach(async () => {
    await cli?.run(['eca', 'practice', 'stop']);
  });

  after(() => cli?.remove());

  const args = (): string[] => ['eca', 'apply', '--target-org', 'practice', '--file', file, '--no-prompt'];

  const requests = async (): Promise<LoggedRequest[]> =>
    (await (await fetch(`${instanceUrl}/__practice/requests`)).json()) as LoggedRequest[];

  const killAt = async (isIt: (request: LoggedRequest) => boolean): Promise<void> => {
    const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...args()], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, HOME: cli.home, USERPROFILE: cli.home, SF_USE_GENERIC_UNIX_KEYCHAIN: 'true' },
    });
    const ended = once(child, 'exit');
    while (child.exitCode === null && !(await requests()).some(isIt)) await pause(20);
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode, 'it was killed and had not ended').to.equal('SIGKILL');
  };

  for (const [what, isIt] of MOMENTS) {
    it(`${what}, finishes with the next run`, async () => {
      await killAt(isIt);
      const next = await cli.json<Applied>(args());
      expect(next.status, next.message).to.equal(0);
      const last = await cli.json<Applied>([...args(), '--detailed-exitcode']);
      expect(last.status, last.message).to.equal(0);
      expect(last.result.apps.map(({ action }) => action)).to.deep.equal(Array(5).fill('none'));
      const deploys = (await requests()).filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/deployRequest'),
      );
      expect(deploys, 'nothing was deployed twice').to.have.length(1);
    });
  }
});
