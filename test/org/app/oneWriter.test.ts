import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Wish } from '../../../src/app/app.ts';
import { takeLock } from '../../../src/local/lock.ts';
import { planDeletion, planWish } from '../../../src/org/app/plan.ts';
import { readApp, type StoredApp } from '../../../src/org/app/read.ts';
import type { WriteOptions } from '../../../src/org/app/send.ts';
import { writeApp, writeApps } from '../../../src/org/app/write.ts';
import type { WriteResult } from '../../../src/org/app/writeResult.ts';
import { createPracticeServer, type Fault, type PracticeServer } from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';

const NAME = 'Order_Sync';
const OPTIONS: WriteOptions = { dryRun: false, wait: 1 };
const WISH: Wish = {
  name: NAME,
  label: 'Order Sync',
  contactEmail: 'it@example.com',
  oauth: { callbackUrls: ['https://orders.example.com/cb'] },
  scopes: ['api'],
};

describe('two runs on one machine that write the same app', () => {
  let practice: PracticeServer;
  let trace: string;
  const faults: Fault[] = [];

  beforeEach(async () => {
    faults.length = 0;
    practice = await createPracticeServer({ faults, clock: new Date(Date.now() - 3_600_000) });
    trace = join(homedir(), '.sf', 'sf-plugin-eca', 'last-write-00D000000000001.json');
    rmSync(trace, { force: true });
  });

  afterEach(async () => {
    rmSync(trace, { force: true, recursive: true });
    await practice.close();
  });

  type Admin = { connection: Connection; stored: StoredApp | undefined };

  /** Somebody who has read the app and is about to write it. */
  const admin = async (): Promise<Admin> => {
    const connection = await connectTo(practice);
    return { connection, stored: await readApp(connection, NAME) };
  };

  const write = ({ connection, stored }: Admin, wanted: Wish, more?: Partial<WriteOptions>): Promise<WriteResult> =>
    writeApp(connection, stored, wanted, { ...OPTIONS, ...more });

  const make = async (): Promise<void> => {
    await write(await admin(), WISH);
    practice.org.advance(60_000);
  };

  const now = async (): Promise<StoredApp | undefined> => (await admin()).stored;

  /** How often the apps were read. Each time, the org was asked which there are, and again after a write. */
  const reads = (): number =>
    practice.requests.entries().filter(({ query }) => / FROM ExternalClientApplication\b/.test(query.q ?? '')).length;

  it('both change it, also the same part of it, when each has read it before the other wrote', async () => {
    await make();
    const [first, second] = [await admin(), await admin()];
    await write(first, { name: NAME, label: 'Orders' });
    const result = await write(second, { name: NAME, description: 'From the shop' });
    expect(result.changes.map(({ field }) => field)).to.deep.equal(['description']);
    expect((await now())?.app).to.include({ label: 'Orders', description: 'From the shop' });
  });

  it('both change it when they write at the same time', async () => {
    await make();
    const [first, second] = [await admin(), await admin()];
    const news: string[] = [];
    await Promise.all([
      write(first, { name: NAME, label: 'Orders' }),
      write(second, { name: NAME, description: 'From the shop' }, { onProgress: (status) => news.push(status) }),
    ]);
    expect((await now())?.app).to.include({ label: 'Orders', description: 'From the shop' });
    expect(news.join()).to.include('Waiting for another run on this machine');
  });

  it('have nothing left to do when the other did the same', async () => {
    await make();
    const [first, second] = [await admin(), await admin()];
    await write(first, { name: NAME, label: 'Orders' });
    const result = await write(second, { name: NAME, label: 'Orders' });
    expect(result).to.deep.include({ changes: [], created: false });
    expect(result.deployId).to.equal(undefined);
  });

  it('make the same new app once', async () => {
    const [first, second] = [await admin(), await admin()];
    expect(await write(first, WISH)).to.include({ created: true });
    expect(await write(second, WISH)).to.include({ created: false });
  });

  it('do not overwrite an app of the same name that the other has made', async () => {
    const [first, second] = [await admin(), await admin()];
    await write(first, WISH);
    await refused(write(second, { ...WISH, label: 'Another' }), 'MadeOrDeletedMeanwhileError');
    expect((await now())?.app.label).to.equal('Order Sync');
  });

  it('do not make half an app of one that the other has deleted', async () => {
    await make();
    const [first, second, third] = [await admin(), await admin(), await admin()];
    await writeApps(first.connection, [planDeletion(first.stored, NAME)], OPTIONS);
    await refused(write(second, { name: NAME, label: 'Orders' }), 'MadeOrDeletedMeanwhileError');
    const [{ result: deleted }] = await writeApps(third.connection, [planDeletion(third.stored, NAME)], OPTIONS);
    expect(deleted.deployId).to.equal(undefined);
    expect(await now()).to.equal(undefined);
  });

  it('do not make an app that is to be absent, and is, when the other wrote something else', async () => {
    await make();
    const [first, second] = [await admin(), await admin()];
    const plans = [
      planDeletion(undefined, 'Old_Import'),
      planWish(second.stored, { name: NAME, description: 'From the shop' }),
    ] as const;
    await write(first, { name: NAME, label: 'Orders' });
    const [{ result: absent }, { result: changed }] = await writeApps(second.connection, plans, OPTIONS);
    expect(absent.deployId).to.equal(undefined);
    expect(changed.deployId).to.match(/^0Af/);
    expect(await readApp(second.connection, 'Old_Import')).to.equal(undefined);
    expect((await now())?.app).to.include({ label: 'Orders', description: 'From the shop' });
  });

  it('leave an app alone that is to be absent and that the other has made', async () => {
    const [first, second] = [await admin(), await admin()];
    const plans = [planDeletion(undefined, NAME), planWish(undefined, { ...WISH, name: 'Invoices' })];
    await write(first, WISH);
    await refused(writeApps(second.connection, plans, OPTIONS), 'MadeOrDeletedMeanwhileError');
    expect((await now())?.app.label).to.equal('Order Sync');
  });

  it('read nothing again when the other was done before', async () => {
    await make();
    const later = await admin();
    practice.requests.clear();
    await write(later, { name: NAME, label: 'Orders' });
    expect(reads()).to.equal(1);
  });

  it('read again after a run of which nobody knows what became, but not after one that the org refused', async () => {
    await make();
    const killed = { id: 'killed' };
    writeFileSync(trace, JSON.stringify(killed));
    const second = await admin();
    practice.requests.clear();
    await write(second, { name: NAME, label: 'Orders' });
    expect(reads()).to.equal(2);

    await refused(write(await admin(), { name: NAME, oauth: { runAs: 'nobody@example.com' } }), 'DeployFailedError');
    practice.org.advance(60_000);
    const third = await admin();
    practice.requests.clear();
    await write(third, { name: NAME, label: 'More orders' });
    expect(reads()).to.equal(1);
  });

  it('wait for what one of them has left to the org', async () => {
    await make();
    const username = String(practice.org.seeded.admin.Username);
    const patient: Admin = { connection: await connectTo(practice, username), stored: await now() };
    const impatient = await admin();
    faults.push({ path: '*/deployRequest', fault: 'slow-deploy', seconds: 1 });
    await refused(write(impatient, { name: NAME, label: 'Orders' }, { wait: 0 }), 'DeployStillRunningError');
    faults.length = 0;
    await write(patient, { name: NAME, description: 'From the shop' });
    expect((await now())?.app).to.include({ label: 'Orders', description: 'From the shop' });
  });

  it('read again where the trace of the other is half a file', async () => {
    await make();
    writeFileSync(trace, '{"id":"so');
    const later = await admin();
    practice.requests.clear();
    await write(later, { name: NAME, label: 'Orders' });
    expect(reads()).to.equal(2);
    expect(JSON.parse(readFileSync(trace, 'utf8'))).to.have.keys('id', 'until');
  });

  it('wait as long as they may, and no longer', async () => {
    await make();
    const letGo = await takeLock(trace, 0);
    await refused(write(await admin(), { name: NAME, label: 'Orders' }, { wait: 0 }), 'OthersWriteError');
    await letGo();
    expect((await now())?.app.label).to.equal('Order Sync');
  });

  it('do without taking turns where this machine cannot write anything down', async () => {
    await make();
    rmSync(trace);
    // Neither a file nor half of one can take the place of a folder.
    mkdirSync(join(trace, 'in the way'), { recursive: true });
    await write(await admin(), { name: NAME, label: 'Orders' });
    rmSync(trace, { recursive: true });
    const folder = dirname(trace);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder should be');
    try {
      await write(await admin(), { name: NAME, label: 'More orders' });
    } finally {
      rmSync(folder);
    }
    expect((await now())?.app.label).to.equal('More orders');
  });

  it('look at it with a dry run without waiting for the other', async () => {
    await make();
    const letGo = await takeLock(trace, 0);
    const looked = await write(await admin(), { name: NAME, label: 'Orders' }, { dryRun: true, wait: 0 });
    expect(looked).to.deep.include({ dryRun: true });
    await letGo();
  });
});

const refused = async (writing: Promise<unknown>, errorName: string): Promise<void> => {
  const error: unknown = await writing.catch((thrown: unknown) => thrown);
  expect(error).to.be.an('error').with.property('name', errorName);
};
