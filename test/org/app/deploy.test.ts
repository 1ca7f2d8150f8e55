import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import { planDeletion } from '../../../src/org/app/plan.ts';
import { readApp } from '../../../src/org/app/read.ts';
import type { WriteOptions } from '../../../src/org/app/send.ts';
import { writeApp, writeApps } from '../../../src/org/app/write.ts';
import type { WriteResult } from '../../../src/org/app/writeResult.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import type { SfError } from '../../../src/salesforce.ts';
import { connectTo } from '../../connectTo.ts';
import { type Fault, FAULTS, type FaultyWire, type OnWire, openFaultyWire } from '../../faultyWire.ts';
import { withShortPauses } from '../../shortPauses.ts';

const OPTIONS: WriteOptions = { dryRun: false, wait: 1 };
const BASICS = { name: 'Order_Sync', label: 'Order Sync', contactEmail: 'it@example.com' };

describe('deploys in bad weather', () => {
  withShortPauses();
  let practice: PracticeServer;
  let wire: FaultyWire;
  let connection: Connection;
  let faultOf: (request: OnWire) => Fault | undefined;

  const start = async (): Promise<void> => {
    practice = await createPracticeServer();
    faultOf = () => undefined;
    wire = await openFaultyWire(practice, (request) => faultOf(request));
    connection = await connectTo({ url: wire.url, accessToken: practice.accessToken });
  };

  afterEach(async () => {
    await wire.close();
    await practice.close();
  });

  const write = (more: Partial<WriteOptions> = {}): Promise<WriteResult> =>
    writeApp(connection, undefined, BASICS, { ...OPTIONS, ...more });

  const remove = async (): Promise<WriteResult> => {
    const deletion = planDeletion(await readApp(connection, BASICS.name), BASICS.name);
    const [{ result }] = await writeApps(connection, [deletion], OPTIONS);
    return result;
  };

  const isDeploy = ({ method, path }: OnWire): boolean => method === 'POST' && path.endsWith('/deployRequest');
  const isLook = ({ method, path }: OnWire): boolean => method === 'GET' && /\/deployRequest\/0Af/.test(path);

  const once = (kind: Fault, which: (request: OnWire) => boolean): void => {
    let done = false;
    faultOf = (request) => (!done && which(request) ? ((done = true), kind) : undefined);
  };

  const failure = (run: Promise<unknown>): Promise<SfError> =>
    run.then(
      () => expect.fail('It went well.'),
      (error: SfError) => error,
    );

  for (const kind of FAULTS) {
    it(`make an app, once, when the request or its answer is lost (${kind})`, async () => {
      await start();
      once(kind, isDeploy);
      const { app, deployId, notApplied } = await write();
      expect(app.id).to.match(/^0xI/);
      expect(deployId).to.match(/^0Af/);
      expect(notApplied).to.deep.equal([]);
      expect(wire.seen.filter(isDeploy)).to.have.length(2);
      expect(practice.org.components('ExternalClientApplication')).to.have.length(1);
    });

    it(`take an app away when the request or its answer is lost (${kind})`, async () => {
      await start();
      await write();
      once(kind, isDeploy);
      await remove();
      expect(practice.org.components('ExternalClientApplication')).to.have.length(0);
    });

    it(`validate when the request or its answer is lost (${kind})`, async () => {
      await start();
      once(kind, isDeploy);
      expect((await write({ dryRun: true })).dryRun).to.equal(true);
      expect(practice.org.components('ExternalClientApplication')).to.have.length(0);
    });

    it(`are looked at again when the answer to a look is lost (${kind})`, async () => {
      await start();
      once(kind, isLook);
      expect((await write()).created).to.equal(true);
      expect(wire.seen.filter(isDeploy)).to.have.length(1);
    });
  }

  it('are not sent again before the one is done whose answer was lost', async () => {
    await start();
    practice.requests.clear();
    once('lost', isDeploy);
    await write();
    const order = wire.seen.flatMap((request) =>
      isDeploy(request) ? ['deploy'] : /tooling.*DeployRequest/.test(request.path) ? ['look'] : [],
    );
    expect(order).to.deep.equal(['deploy', 'look', 'deploy']);
  });

  it('that cannot be looked at any more are told with their id', async () => {
    await start();
    faultOf = (request) => (isLook(request) ? 'html' : undefined);
    const error = await failure(write());
    expect(error).to.include({ name: 'DeployOutOfSightError', exitCode: 69 });
    const { deployId } = error.data as { deployId: string };
    expect(error.actions?.join()).to.include(`--job-id ${deployId}`);
    faultOf = () => undefined;
    expect((await readApp(connection, BASICS.name))?.app.label).to.equal('Order Sync');
  });

  it('are told as done when only the reading back fails', async () => {
    await start();
    let deployed = false;
    faultOf = (request) => {
      deployed ||= isLook(request);
      return deployed && !isLook(request) ? 'unheard' : undefined;
    };
    const error = await failure(write());
    expect(error).to.include({ name: 'NotReadBackError', exitCode: 68 });
    expect(error.message).to.include((error.data as { deployId: string }).deployId);
    expect(practice.org.components('ExternalClientApplication')).to.have.length(1);
  });

  it('give up on an org that stays down, and leave nothing half done', async () => {
    await start();
    faultOf = (request) => (isDeploy(request) ? 'html' : undefined);
    expect((await failure(write())).name).to.equal('OrgAnsweredHtmlError');
    expect(wire.seen.filter(isDeploy)).to.have.length(5);
    expect(practice.org.components('ExternalClientApplication')).to.have.length(0);
  });

  describe('that find a record locked', () => {
    const startLocked = async (nth: number[]): Promise<void> => {
      practice = await createPracticeServer({
        faults: nth.map((one) => ({ method: 'POST', path: '*/deployRequest', nth: one, fault: 'locked-row' as const })),
      });
      faultOf = () => undefined;
      wire = await openFaultyWire(practice, (request) => faultOf(request));
      connection = await connectTo({ url: wire.url, accessToken: practice.accessToken });
    };

    it('are made again after a pause', async () => {
      await startLocked([1, 2]);
      expect((await write()).created).to.equal(true);
      expect(wire.seen.filter(isDeploy)).to.have.length(3);
    });

    it('are given up in the end, with what the org said', async () => {
      await startLocked([1, 2, 3, 4, 5, 6]);
      const error = await failure(write());
      expect(error.name).to.equal('DeployFailedError');
      expect(error.message).to.include('UNABLE_TO_LOCK_ROW');
      expect(wire.seen.filter(isDeploy)).to.have.length(5);
    });
  });
});
