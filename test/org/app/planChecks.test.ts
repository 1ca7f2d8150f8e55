import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Wish } from '../../../src/app/app.ts';
import { planDeletion, planWanted } from '../../../src/org/app/plan.ts';
import { checkPlan, permissionsFor } from '../../../src/org/app/planChecks.ts';
import { readApp, requireApp } from '../../../src/org/app/read.ts';
import { writeApp, writeApps } from '../../../src/org/app/write.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';

const BASICS: Wish = { name: 'Order_Sync', label: 'Order Sync', contactEmail: 'it@example.com' };
const OAUTH: Wish = { ...BASICS, oauth: { callbackUrls: ['https://a.example.com/cb'] }, scopes: ['api'] };
const OPTIONS = { dryRun: false, wait: 1 };

const planNew = (wish: Wish) =>
  planWanted(undefined, { wish, absent: false, source: undefined }, { sendCertificates: false });
const codes = (wish: Wish): string[] => checkPlan(planNew(wish)).map(({ code }) => code);

describe('planning apps', () => {
  it('gives a new app what it would have got from create', () => {
    const { action, changes } = planNew({ name: 'Order_Sync', contactEmail: 'it@example.com' });
    expect(action).to.equal('create');
    expect(changes).to.deep.include.members([
      { field: 'label', after: 'Order Sync' },
      { field: 'distributionState', after: 'local' },
    ]);
  });

  it('has nothing to do for an app that is to be gone and is', () => {
    const planned = planWanted(
      undefined,
      { wish: { name: 'Gone' }, absent: true, source: undefined },
      { sendCertificates: false },
    );
    expect(planned.action).to.equal('none');
    expect(checkPlan(planned)).to.deep.equal([]);
  });

  it('finds what a new app lacks', () => {
    expect(codes(OAUTH)).to.deep.equal([]);
    expect(codes({ name: 'Order_Sync' })).to.deep.equal(['error.contactEmailMissing']);
    expect(codes({ ...BASICS, scopes: ['api'] })).to.deep.equal(['plan.oauthMissing']);
    expect(codes({ ...BASICS, policies: { sessionTimeoutMinutes: 5 } })).to.deep.equal(['plan.oauthMissing']);
    expect(codes({ ...BASICS, oauth: {} })).to.deep.equal(['error.callbackUrlMissing']);
    expect(codes({ ...OAUTH, oauth: { ...OAUTH.oauth, flows: ['client-credentials'] } })).to.deep.equal([
      'error.runAsMissing',
    ]);
    expect(codes({ ...OAUTH, oauth: { ...OAUTH.oauth, flows: ['jwt-bearer'] } })).to.deep.equal([
      'plan.certificateMissing',
    ]);
  });

  it('knows which permissions a plan needs', () => {
    expect(permissionsFor([])).to.deep.equal([]);
    expect(permissionsFor([planNew(BASICS)])).to.deep.equal(['ExternalClientAppDeveloper']);
    expect(permissionsFor([planNew({ ...OAUTH, policies: { refreshToken: 'infinite' } })])).to.deep.equal([
      'ExternalClientAppAdmin',
      'ExternalClientAppDeveloper',
    ]);
  });
});

describe('carrying plans out', () => {
  let practice: PracticeServer;
  let connection: Connection;

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await connectTo(practice);
  });

  afterEach(() => practice.close());

  const globalSettings = () => practice.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')?.body;

  it('deletes and makes in one transaction: when one fails, nothing happens', async () => {
    await writeApp(connection, undefined, BASICS, OPTIONS);
    const stored = await requireApp(connection, 'Order_Sync');
    const broken = planNew({ ...OAUTH, name: 'Broken', policies: { permissionSets: ['No_Such_Set'] } });
    const error = await writeApps(connection, [planDeletion(stored, 'Order_Sync'), broken], OPTIONS).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('name', 'DeployFailedError');
    expect(await readApp(connection, 'Order_Sync')).to.not.equal(undefined);
    const good = planNew({ ...OAUTH, name: 'Good' });
    const [{ result: deleted }, { result: made }] = await writeApps(
      connection,
      [planDeletion(stored, 'Order_Sync'), good],
      OPTIONS,
    );
    expect(deleted).to.deep.include({ created: false, changes: [], notApplied: [], deployId: made.deployId });
    expect(made.created).to.equal(true);
    expect(await readApp(connection, 'Order_Sync')).to.equal(undefined);
  });

  it('takes a certificate away by sending the settings without it, and nothing else', async () => {
    await writeApp(connection, undefined, OAUTH, OPTIONS);
    const kept = globalSettings();
    practice.org.putComponent({
      ...practice.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')!,
      body: { ...kept, certificate: 'a certificate' },
      lastModifiedDate: practice.org.now(),
    });
    const stored = await requireApp(connection, 'Order_Sync');
    const removal = { given: new Map(), alone: true, removes: true };
    await writeApp(connection, stored, { name: 'Order_Sync', oauth: { certificateFile: 'none' } }, OPTIONS, removal);
    expect(globalSettings()).to.deep.equal(kept);
  });

  it('leaves an OAuth plugin off that is off, when no flow is wished for', async () => {
    await writeApp(connection, undefined, OAUTH, OPTIONS);
    const policies = practice.org
      .componentsOfApp('Order_Sync')
      .find(({ type }) => type === 'ExtlClntAppConfigurablePolicies')!;
    practice.org.putComponent({ ...policies, body: { ...policies.body, isOauthPluginEnabled: false } });
    const stored = await requireApp(connection, 'Order_Sync');
    const plan = (flows: NonNullable<Wish['oauth']>['flows']) =>
      planWanted(
        stored,
        { wish: { name: 'Order_Sync', oauth: { flows } }, absent: false, source: undefined },
        { sendCertificates: false },
      );
    expect(plan([]).action).to.equal('none');
    expect(plan(['web-server']).changes).to.deep.equal([{ field: 'oauth.flows', before: [], after: ['web-server'] }]);
  });
});
