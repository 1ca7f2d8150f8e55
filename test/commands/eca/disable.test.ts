import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaDisable from '../../../src/commands/eca/disable.ts';
import EcaEnable from '../../../src/commands/eca/enable.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca disable and enable', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
    ux.logToStderr.resetHistory();
  });

  afterEach(() => org.close());

  const target = (name = 'Order_Sync'): string[] => ['--target-org', org.username, '--name', name];
  const isEnabled = (): unknown =>
    org.org.componentsOfApp('Order_Sync').find(({ type }) => type === 'ExtlClntAppConfigurablePolicies')?.body
      .isEnabled;

  it('switch the app off and on again, and change nothing else', async () => {
    const off = await EcaDisable.run(target());
    expect(off.changes).to.deep.equal([{ field: 'enabled', before: true, after: false }]);
    expect(isEnabled()).to.equal(false);
    expect(ux.logToStderr.args.flat().join()).to.include('eca enable --name Order_Sync');
    const on = await EcaEnable.run(target());
    expect(on.changes).to.deep.equal([{ field: 'enabled', before: false, after: true }]);
    expect(isEnabled()).to.equal(true);
  });

  const updates = (): number =>
    org.requests.entries().filter(({ summary = '' }) => summary.startsWith('updateMetadata')).length;

  it('take no deploy, and so no job in a queue', async () => {
    const before = org.deploys();
    const { deployId } = await EcaDisable.run(target());
    expect([updates(), org.deploys(), deployId]).to.deep.equal([1, before, undefined]);
  });

  it('send all that the org has of the component, with the one element changed', async () => {
    const policies = () =>
      org.org.componentsOfApp('Order_Sync').find(({ type }) => type === 'ExtlClntAppConfigurablePolicies')!;
    const before = policies();
    org.org.putComponent({ ...before, body: { ...before.body, label: 'By <hand> & so on' } });
    await EcaDisable.run(target());
    expect(policies().body).to.deep.equal({ ...before.body, label: 'By <hand> & so on', isEnabled: false });
  });

  it('deploy where the org would trim a text in the call', async () => {
    const before = org.org
      .componentsOfApp('Order_Sync')
      .find(({ type }) => type === 'ExtlClntAppConfigurablePolicies')!;
    org.org.putComponent({ ...before, body: { ...before.body, label: ' spaces ' } });
    const deploys = org.deploys();
    expect((await EcaDisable.run(target())).deployId).to.be.a('string');
    expect([isEnabled(), updates(), org.deploys()]).to.deep.equal([false, 0, deploys + 1]);
  });

  it('deploy nothing when it is so already', async () => {
    const before = org.deploys();
    const { changes } = await EcaEnable.run(target());
    expect(changes).to.deep.equal([]);
    expect(org.deploys()).to.equal(before);
  });

  it('write nothing with a dry run', async () => {
    const { dryRun, app } = await EcaDisable.run([...target(), '--dry-run']);
    expect(dryRun).to.equal(true);
    expect(app.enabled).to.equal(false);
    expect(isEnabled()).to.equal(true);
  });

  it('work for installed apps', async () => {
    const app = org.org.component('ExternalClientApplication', 'Order_Sync')!;
    const policies = org.org.componentsOfApp('Order_Sync');
    org.org.removeComponent('ExternalClientApplication', 'Order_Sync');
    org.org.putComponent({ ...app, namespace: 'acme' });
    for (const component of policies.filter(({ type }) => type === 'ExtlClntAppConfigurablePolicies')) {
      org.org.putComponent({
        ...component,
        body: { ...component.body, externalClientApplication: 'acme__Order_Sync' },
      });
    }
    const { app: after } = await EcaDisable.run(target('acme__Order_Sync'));
    expect(after.enabled).to.equal(false);
  });

  it('say that there is no such app', async () => {
    expect((await failure(EcaDisable.run(target('Nope')))).name).to.equal('AppNotFoundError');
  });
});

describe('eca disable, where something is wrong with its call', () => {
  const $$ = new TestContext();
  let org: LoggedIn | undefined;

  afterEach(() => org?.close());

  for (const fault of ['answer-lost', 'reset', 'error-500'] as const) {
    it(`switches the app once (${fault})`, async () => {
      stubSfCommandUx($$.SANDBOX);
      stubSpinner($$.SANDBOX);
      org = await logInToPractice($$, { faults: [{ operation: 'updateMetadata*', nth: 1, fault }] });
      const target = ['--target-org', org.username, '--name', 'Order_Sync'];
      await EcaCreate.run([...target, '--contact-email', 'it@example.com']);
      const deploys = org.deploys();
      const { app, notApplied } = await EcaDisable.run(target);
      expect([app.enabled, notApplied, org.deploys()]).to.deep.equal([false, [], deploys]);
      const carriedOut = org.requests
        .entries()
        .filter(({ summary, status }) => summary?.startsWith('updateMetadata') && status === 200);
      // Of a lost answer the log does not know whether it arrived.
      expect(carriedOut.length).to.be.at.most(1);
    }).timeout(60_000);
  }
});
