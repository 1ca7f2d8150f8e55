import { mock } from 'node:test';

import { expect } from 'chai';

import { HEARTBEAT, showingProgress, showingWork, showingWrite } from '../../src/ui/progress.ts';
import { tellingChecks } from '../../src/ui/verifying.ts';
import { asItIs, atTerminal } from './atTerminal.ts';

const spinner = () => {
  const seen: string[] = [];
  return {
    seen,
    start: (action: string) => void seen.push(`start ${action}`),
    stop: () => void seen.push('stop'),
    set status(status: string | undefined) {
      seen.push(`status ${status}`);
    },
    pause: (action: () => unknown) => action(),
  };
};

describe('progress', () => {
  const { CI, TERM } = process.env;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval', 'Date'] });
    atTerminal(false);
    delete process.env.CI;
    process.env.TERM = 'xterm';
  });

  afterEach(() => {
    mock.timers.reset();
    asItIs();
    for (const [name, value] of Object.entries({ CI, TERM })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('tells each status once, in a log on a line of its own', async () => {
    const shown = spinner();
    const result = await showingProgress(shown, 'Creating Order_Sync', (onProgress) => {
      onProgress('Pending');
      onProgress('Pending');
      onProgress('Succeeded');
      return Promise.resolve(42);
    });
    expect(result).to.equal(42);
    expect(shown.seen).to.deep.equal([
      'start Creating Order_Sync',
      'start Creating Order_Sync: Pending (0 s)',
      'start Creating Order_Sync: Succeeded (0 s)',
      'stop',
    ]);
  });

  it('gives a log a line now and then while nothing changes', async () => {
    const shown = spinner();
    await showingProgress(shown, 'Deploying', (onProgress) => {
      onProgress('InProgress');
      mock.timers.tick(HEARTBEAT - 1);
      expect(shown.seen).to.have.lengthOf(2);
      mock.timers.tick(1);
      mock.timers.tick(HEARTBEAT);
      return Promise.resolve();
    });
    expect(shown.seen.slice(2)).to.deep.equal([
      'start Deploying: InProgress (30 s)',
      'start Deploying: InProgress (60 s)',
      'stop',
    ]);
    mock.timers.tick(10 * HEARTBEAT);
    expect(shown.seen, 'after the end').to.have.lengthOf(5);
  });

  for (const [where, change] of Object.entries({
    'a dumb terminal': { TERM: 'dumb' },
    'a job of CI': { CI: 'true' },
  })) {
    it(`takes ${where} for a log`, async () => {
      atTerminal(true);
      Object.assign(process.env, change);
      const shown = spinner();
      await showingProgress(shown, 'Deploying', (onProgress) => {
        onProgress('Pending');
        mock.timers.tick(5000);
        return Promise.resolve();
      });
      expect(shown.seen).to.deep.equal(['start Deploying', 'start Deploying: Pending (0 s)', 'stop']);
    });
  }

  it('counts the seconds at a terminal', async () => {
    atTerminal(true);
    const shown = spinner();
    await showingWork(shown, 'Reading', () => {
      mock.timers.tick(1000);
      mock.timers.tick(1000);
      return Promise.resolve();
    });
    expect(shown.seen).to.deep.equal(['start Reading', 'status (1 s)', 'status (2 s)', 'stop']);
  });

  it('ends with the work that fails', async () => {
    const shown = spinner();
    const failed = await showingWork(shown, 'Reading', () => Promise.reject(new Error('no'))).catch(String);
    expect(failed).to.equal('Error: no');
    mock.timers.tick(10 * HEARTBEAT);
    expect(shown.seen).to.deep.equal(['start Reading', 'stop']);
  });

  it('is silent when there is nothing to tell', async () => {
    const shown = spinner();
    await showingProgress(shown, 'Creating Order_Sync', () => Promise.resolve());
    expect(shown.seen).to.deep.equal([]);
  });

  it('says of a dry run that it checks, and tells org/ of it', async () => {
    const shown = spinner();
    const flags = { 'dry-run': true, wait: { minutes: 3 }, 'api-version': '67.0' };
    const what = { name: 'Order_Sync', writing: 'Creating Order_Sync' };
    const write = async (dryRun: boolean): Promise<unknown> =>
      showingWrite(shown, { ...flags, 'dry-run': dryRun }, what, ({ onProgress, ...told }) => {
        onProgress('sent');
        return Promise.resolve(told);
      });
    expect(await write(true)).to.deep.equal({ dryRun: true, wait: 3, apiVersion: '67.0' });
    expect(shown.seen[0]).to.equal('start Checking Order_Sync');
    await write(false);
    expect(shown.seen).to.include('start Creating Order_Sync');
  });

  it('tells on stderr that a check waits, such as for a login in a browser', () => {
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const command = {
      spinner: spinner(),
      jsonEnabled: () => false,
      log: (line = '') => void stdout.push(line),
      logToStderr: (line = '') => void stderr.push(line),
    };
    const telling = tellingChecks(command, 'human', { checks: [], restored: false }, 15_000);
    telling.onStart({ title: { code: 'check.app', values: [] } });
    mock.timers.tick(HEARTBEAT);
    expect(stderr).to.have.lengthOf(1);
    expect(stderr[0]).to.include('30 s');
    telling.onEnd();
    mock.timers.tick(10 * HEARTBEAT);
    expect(stderr).to.have.lengthOf(1);
    expect(stdout).to.deep.equal([]);
  });
});
