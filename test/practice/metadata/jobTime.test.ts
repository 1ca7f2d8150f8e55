import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';

import { app, oauthApp, packageOf, type Piece, zipOf } from '../appFiles.ts';
import { openPractice, type Practice } from '../client.ts';
/** Longer than any of these tests: what is done by then is done because the org's time was moved forward. */
const JOB_TIME = 3_600_000;

describe('jobs of the practice org that take their time', () => {
  let practice: Practice;

  const opened = async (jobTime = JOB_TIME): Promise<void> => {
    practice = await openPractice({ jobTime });
  };
  afterEach(() => practice.close());

  const apps = (): string[] =>
    practice.server.org.components('ExternalClientApplication').map(({ fullName }) => fullName);

  /** Moves the org's time by a part of the job's time, as a client of the practice org does. */
  const pass = async (part: number): Promise<void> => {
    const answer = await fetch(`${practice.server.url}/__practice/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advanceSeconds: (JOB_TIME * part) / 1000 }),
    });
    expect(answer.status).to.equal(200);
  };

  const options = { singlePackage: true, rollbackOnError: true };
  const send = async (pieces: Piece[], checkOnly = false): Promise<string> => {
    const { id } = await practice.connection.metadata.deploy(zipOf(packageOf(pieces)), { ...options, checkOnly });
    return String(id);
  };
  const overRest = async (pieces: Piece[]): Promise<string> => {
    const { id } = await practice.connection.metadata.deployRest(zipOf(packageOf(pieces)), options);
    return String(id);
  };
  const status = async (id: string): Promise<Record<string, unknown>> => ({
    ...(await practice.connection.metadata.checkDeployStatus(id)),
  });
  const statusOverRest = async (id: string): Promise<Record<string, unknown>> => {
    const path = `/services/data/v67.0/metadata/deployRequest/${id}`;
    const { deployResult } = await practice.connection.request<{ deployResult: Record<string, unknown> }>(path);
    return deployResult;
  };
  const deployRequest = async (): Promise<Record<string, unknown>> => {
    const soql = 'SELECT Status, StartDate, CompletedDate FROM DeployRequest';
    return (await practice.connection.tooling.query(soql)).records[0] ?? {};
  };

  for (const [name, sent, asked] of [
    ['SOAP', send, status],
    ['REST', overRest, statusOverRest],
  ] as const) {
    it(`takes a deploy over ${name} through its states, and changes nothing before the end`, async () => {
      await opened();
      const id = await sent(oauthApp('A'));
      expect(await asked(id))
        .to.include({ status: 'Pending', done: false, success: false, numberComponentsTotal: 0 })
        .and.not.have.any.keys('startDate', 'completedDate');
      expect(await deployRequest()).to.include({ Status: 'Pending', StartDate: null });

      await pass(0.3);
      const first = await asked(id);
      expect(first).to.include({ status: 'InProgress', done: false, numberComponentsTotal: 3 });
      expect(Date.parse(String(first.startDate))).to.be.greaterThan(Date.parse(String(first.createdDate)));
      expect((await deployRequest()).Status).to.equal('InProgress');
      await pass(0.5);
      expect(await asked(id)).to.include({ status: 'InProgress', numberComponentsDeployed: 2 });
      expect(Number(first.numberComponentsDeployed)).to.be.lessThan(2);
      expect(apps()).to.deep.equal([]);

      await pass(0.3);
      const last = await asked(id);
      expect(last).to.include({ status: 'Succeeded', done: true, numberComponentsDeployed: 3 });
      expect(last.startDate).to.equal(first.startDate);
      const took = Date.parse(String(last.completedDate)) - Date.parse(String(last.createdDate));
      expect(took, 'ends at its own time, however far the clock was moved').to.be.closeTo(JOB_TIME, 2000);
      expect(apps()).to.deep.equal(['A']);
      expect(await deployRequest()).to.include({ Status: 'Succeeded' });
    });
  }

  it('needs no clock to be moved: a short job is done after its time', async () => {
    await opened(300);
    const started = performance.now();
    expect((await practice.deploy([app('A')])).success).to.equal(true);
    expect(performance.now() - started).to.be.greaterThan(290);
    expect(apps()).to.deep.equal(['A']);
  });

  it('runs one deploy at a time, in the order in which they came', async () => {
    await opened();
    const ids = [await send([app('A')]), await send([app('B')])];
    await pass(0.5);
    expect((await status(ids[0] ?? '')).status).to.equal('InProgress');
    expect((await status(ids[1] ?? '')).status).to.equal('Pending');
    await pass(0.6);
    expect(apps()).to.deep.equal(['A']);
    await pass(1);
    expect(apps()).to.deep.equal(['A', 'B']);
  });

  it('moves on from one that is stopped in the queue', async () => {
    await opened();
    const [first, second] = [await send([app('A')]), await send([app('B')])];
    const cancelled = await practice.connection.metadata.cancelDeploy(first);
    expect(String(cancelled.done)).to.equal('true');
    expect(await status(first))
      .to.include({ status: 'Canceled', done: true })
      .and.not.have.property('startDate');
    await pass(1.1);
    expect((await status(second)).status).to.equal('Succeeded');
    expect(apps()).to.deep.equal(['B']);
  });

  it('stops one in progress after a while, over Canceling', async () => {
    await opened();
    const id = await send([app('A')]);
    await pass(0.4);
    // jsforce takes cancelDeploy to be done at once.
    await practice.connection.request({
      method: 'PATCH',
      url: `/services/data/v67.0/metadata/deployRequest/${id}`,
      body: JSON.stringify({ deployResult: { status: 'Canceling' } }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await status(id)).to.include({ status: 'Canceling', done: false, canceledByName: 'Ada Admin' });
    expect((await deployRequest()).Status).to.equal('Canceling');
    await pass(0.3);
    expect(await status(id)).to.include({ status: 'Canceled', done: true, success: false });
    await pass(1);
    expect(await status(id)).to.include({ status: 'Canceled' });
    expect(apps()).to.deep.equal([]);
  });

  it('takes the same time for a quick deploy, which waits for what was validated', async () => {
    await opened();
    const validated = await send([app('A')], true);
    const quick = (): Promise<string> =>
      practice.connection.metadata.deployRecentValidation({ id: validated, rest: true });
    expect(await quick().catch((error: Error) => error.message)).to.match(/invalid or no longer valid/);
    await pass(1);
    const id = await quick();
    expect(await status(id)).to.include({ status: 'Pending' });
    await pass(1);
    expect(await status(id)).to.include({ status: 'Succeeded' });
    expect(apps()).to.deep.equal(['A']);
  });

  it('takes a retrieve through its states; what is written while it is in progress is not in it', async () => {
    await opened();
    await send([app('A')]);
    await pass(1);
    const { metadata } = practice.connection;
    const types = [{ name: 'ExternalClientApplication', members: ['*'] }];
    const { id } = await metadata.retrieve({ apiVersion: '67.0', unpackaged: { types, version: '67.0' } } as never);
    const check = async (): Promise<Record<string, unknown>> => ({
      ...(await metadata.checkRetrieveStatus(String(id))),
    });
    expect(await check()).to.include({ status: 'Pending', done: false, success: false });
    await pass(0.5);
    expect(await check()).to.include({ status: 'InProgress', done: false });
    expect((await check()).zipFile ?? '').to.equal('');
    await metadata.create(
      'ExternalClientApplication' as never,
      {
        fullName: 'B',
        contactEmail: 'it@example.com',
        label: 'B',
      } as never,
    );
    await pass(0.6);
    const done = await check();
    expect(done).to.include({ status: 'Succeeded', done: true, success: true });
    const names = [done.fileProperties].flat().map((one) => (one as { fullName: string }).fullName);
    expect(names).to.deep.equal(['A']);
  });

  it('takes no processor time while it waits', async () => {
    await opened();
    await send([app('A')]);
    await pass(0.5);
    const before = process.cpuUsage();
    await setTimeout(300);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).to.be.lessThan(150);
  });

  it('does without time what it did before', async () => {
    await opened(0);
    expect(await status(await send([app('A')]))).to.include({ status: 'Succeeded', done: true });
    expect(apps()).to.deep.equal(['A']);
  });
});
