import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { type Gate, openGate } from './gate.ts';
import { logIn } from './practice.ts';

const USERNAME = 'admin@practice.example';

/**
 * What a command costs its user in an org far away. Trips are requests that wait for one another, and jobs stand in the
 * org's queue.
 */
type Cost = { trips: number; jobs: number };

/** Requests that `sf` itself sends about an org that it opens are not the command's. The command's own begins with the Id. */
const isOwn = (path: string): boolean =>
  !/^\/services\/data\/?$/.test(path) &&
  (!/FROM[ +%20]+Organization\b/.test(decodeURIComponent(path)) ||
    /SELECT Id, IsSandbox/.test(decodeURIComponent(path)));

describe('what commands cost in an org far away', () => {
  const $$ = new TestContext();
  let org: PracticeServer;
  let gate: Gate;
  let folder: string;

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'trips-'));
    org = await createPracticeServer({ clock: new Date(Date.now() - 3_600_000) });
    gate = await openGate(org.url, isOwn);
    await logIn($$, USERNAME, gate.url, org.accessToken);
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...target(), '--callback-url', 'https://orders.example.com/cb']);
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await gate.close();
    await org.close();
  });

  const target = (name = 'Order_Sync'): string[] => ['--target-org', USERNAME, '--name', name];
  const file = (text: string): string => {
    const path = join(folder, 'eca.yaml');
    writeFileSync(path, text);
    return path;
  };
  const whole = (name: string): string =>
    `apps:\n  - name: ${name}\n    contactEmail: it@example.com\n    oauth: { callbackUrls: [https://orders.example.com/cb] }\n    scopes: [api]\n`;
  const apply = (text: string): Promise<unknown> =>
    EcaApply.run(['--target-org', USERNAME, '--file', file(text), '--no-prompt']);

  const costOf = async (run: () => Promise<unknown>): Promise<Cost> => {
    // The components are older than a minute, so nobody is writing them at the moment.
    org.org.advance(60_000);
    org.requests.clear();
    gate.reset();
    await run();
    const jobs = org.requests
      .entries()
      .filter(
        ({ method, path, summary }) =>
          summary === 'retrieve' || summary === 'deploy' || (method === 'POST' && path.endsWith('/deployRequest')),
      );
    return { trips: gate.trips(), jobs: jobs.length };
  };

  const commands: Array<[what: string, run: () => Promise<unknown>, cost: Cost]> = [
    [
      'create',
      () => EcaCreate.run([...target('Invoices'), '--contact-email', 'it@example.com']),
      { trips: 4, jobs: 1 },
    ],
    [
      'oauth set',
      () => EcaOauthSet.run([...target(), '--callback-url', 'https://orders.example.com/new']),
      { trips: 4, jobs: 1 },
    ],
    ['scopes set', () => EcaScopesSet.run([...target(), '--scope', 'api']), { trips: 4, jobs: 1 }],
    ['apply of a whole app', () => apply(whole('Invoices')), { trips: 4, jobs: 1 }],
    ['disable', () => EcaDisable.run(target()), { trips: 3, jobs: 0 }],
    ['enable, where it is', () => EcaEnable.run(target()), { trips: 1, jobs: 0 }],
    ['list', () => EcaList.run(['--target-org', USERNAME]), { trips: 2, jobs: 0 }],
    ['display', () => EcaDisplay.run(target()), { trips: 1, jobs: 0 }],
    ['credentials', () => EcaCredentials.run(target()), { trips: 1, jobs: 0 }],
    ['export', () => EcaExport.run([...target(), '--output-file', join(folder, 'out.yaml')]), { trips: 1, jobs: 0 }],
  ];
  for (const [what, run, cost] of commands) {
    it(`${what}: ${cost.trips} trips, ${cost.jobs} jobs`, async () => {
      expect(await costOf(run)).to.deep.equal(cost);
    });
  }

  it('apply, nothing to change: 1 trip, 0 jobs', async () => {
    await apply(whole('Invoices'));
    expect(await costOf(() => apply(whole('Invoices')))).to.deep.equal({ trips: 1, jobs: 0 });
  });
});
