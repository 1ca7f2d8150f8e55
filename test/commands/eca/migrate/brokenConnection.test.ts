import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateApply from '../../../../src/commands/eca/migrate/apply.ts';
import EcaMigrateBlock from '../../../../src/commands/eca/migrate/block.ts';
import EcaMigrateFinish from '../../../../src/commands/eca/migrate/finish.ts';
import EcaMigrateUnblock from '../../../../src/commands/eca/migrate/unblock.ts';
import { blockOf, setBlocked } from '../../../../src/practice/blockedConsumers.ts';
import { createPracticeServer, type PracticeServer } from '../../../../src/practice/practice.ts';
import { type FaultyWire, openFaultyWire } from '../../../faultyWire.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { logIn } from '../../practice.ts';
import { keyOfOld, OLD, OLD_APP, wait } from './blocking.ts';

/** What a command does, and how to see that it did it, or that it did not. */
type Step = {
  run: (flags: string[], folder: string) => Promise<unknown>;
  /** Puts the org into the state before. */
  prepare: (org: PracticeServer) => void;
  isDone: (org: PracticeServer, key: string) => boolean;
};

const NEW = `${OLD}_ECA`;
const isBlocked = ({ org }: PracticeServer, key: string): boolean => blockOf(org, key) !== undefined;

const STEPS: Record<string, Step> = {
  apply: {
    run: (flags) => EcaMigrateApply.run([...flags, '--no-prompt']),
    prepare: ({ org }) => org.removeComponent('ExternalClientApplication', NEW),
    isDone: ({ org }) => org.component('ExternalClientApplication', NEW) !== undefined,
  },
  block: {
    run: (flags) => EcaMigrateBlock.run([...flags, '--no-prompt']),
    prepare: ({ org }) => void setBlocked(org, OLD, false),
    isDone: isBlocked,
  },
  unblock: {
    run: (flags) => EcaMigrateUnblock.run([...flags, '--no-prompt']),
    prepare: ({ org }) => void setBlocked(org, OLD, true),
    isDone: (org, key) => !isBlocked(org, key),
  },
  finish: {
    run: (flags, folder) =>
      EcaMigrateFinish.run([...flags, '--confirm-name', OLD, '--output-file', join(folder, 'old.xml')]),
    prepare: (org) => {
      setBlocked(org.org, OLD, true);
      wait(org, 31);
    },
    isDone: ({ org }) => org.component('ConnectedApp', OLD) === undefined,
  },
};

describe('a move whose connection breaks', function () {
  this.timeout(120_000);
  withShortPauses();
  const $$ = new TestContext();
  let org: PracticeServer;
  let wire: FaultyWire;
  let folder: string;
  let username: string;
  /** Requests after the deploy until the connection breaks. The last one is carried out and not answered. -1: no deploy comes. */
  let cut: number;
  let since: number | undefined;

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'broken-'));
    [cut, since] = [Infinity, undefined];
    org = await createPracticeServer({ connectedApps: [OLD_APP] });
    wire = await openFaultyWire(org, ({ method, path }) => {
      if (since !== undefined) since++;
      else if (method === 'POST' && path.endsWith('/deployRequest')) since = 0;
      if (since === undefined || since < cut) return undefined;
      return since === cut ? 'lost' : 'unheard';
    });
    username = String(org.org.seeded.admin.Username);
    await logIn($$, username, wire.url, org.accessToken);
  });

  afterEach(async () => {
    await wire.close();
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  for (const [name, { run, prepare, isDone }] of Object.entries(STEPS))
    it(`leaves the org as before or as wanted, and the next run goes on: ${name}`, async () => {
      const flags = ['--target-org', username, '--name', OLD];
      const key = keyOfOld(org);
      const app = org.org.component('ConnectedApp', OLD)!;
      const consumer = org.org.consumers.get(app.id)!;
      for (const nth of [-1, 0, 1]) {
        // A run before may have deleted it.
        org.org.putComponent(app);
        org.org.consumers.set(app.id, consumer);
        prepare(org);
        [cut, since] = [nth, undefined];
        const went = await run(flags, folder).then(
          () => true,
          () => false,
        );
        if (went || nth < 0) expect(isDone(org, key), `${nth} requests after the deploy`).to.equal(went);
        cut = Infinity;
        await run(flags, folder);
        expect(isDone(org, key), `${nth} requests after the deploy: the second run`).to.equal(true);
      }
    });
});
