import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import type { PracticeOrg } from '../../src/practice/org.ts';
import { createPracticeServer, type PracticeServer, type PracticeServerOptions } from '../../src/practice/practice.ts';
import { type FaultyWire, type OnWire, openFaultyWire } from '../faultyWire.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { failure, logIn } from './practice.ts';

const never = new Promise<undefined>(() => {});

const signals = Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const);

/** Commands that have something to put back, and are told to end while they wait. */
describe('a command that is told to end while it waits', function () {
  this.timeout(60_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let org: PracticeOrg;
  let username: string;
  let wire: FaultyWire | undefined;

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(async () => {
    await wire?.close();
    wire = undefined;
    await practice?.close();
    process.exitCode = undefined;
  });

  const start = async (
    options: PracticeServerOptions = {},
    onRequest: (request: OnWire) => Promise<undefined> = () => Promise.resolve(undefined),
  ): Promise<void> => {
    practice = await createPracticeServer(options);
    org = practice.org;
    username = String(org.seeded.admin.Username);
    wire = await openFaultyWire(practice, onRequest);
    await logIn($$, username, wire.url, practice.accessToken);
  };

  const app = (): string[] => ['--target-org', username, '--name', 'Order_Sync', '--no-prompt'];
  const verify = (): Promise<unknown> =>
    EcaVerify.run([...app(), '--flow', 'client-credentials', '--allow-secret-access', '--wait', '10']);
  const tokens = (): unknown[] => [...org.sessions.values()].filter(({ appId }) => appId !== undefined);
  const isOpen = (): unknown => org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess;

  for (const [signal, exitCode] of signals) {
    it(`verify, until the org knows the app (${signal})`, async () => {
      let refusals = 0;
      await start({ propagation: 600 }, ({ path }) => {
        // By then the answer is there, and the first pause is under way.
        if (path.endsWith('/oauth2/token') && ++refusals === 1)
          setTimeout(() => process.emit(signal as NodeJS.Signals, signal as NodeJS.Signals), 200);
        return Promise.resolve(undefined);
      });
      const { consumer } = appInOrg(org);
      // The org names the key, so that it cannot be a wrong one.
      org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')!.body.consumerKey = consumer.primary.key;
      const begun = Date.now();
      const error = await failure(verify());
      expect(error).to.include({ name: 'InterruptedError', exitCode });
      expect(Date.now() - begun).to.be.lessThan(20_000);
      expect(refusals).to.equal(1);
      expect(isOpen()).not.to.equal(true);
    });
  }

  it('verify, for a user whom the org does not name', async () => {
    let tokenGiven = false;
    await start({}, ({ path }) => {
      // The token is another user's than was meant, so that the org is asked for that user.
      if (path.endsWith('/oauth2/token')) {
        tokenGiven = true;
        const { body } = org.component('ExtlClntAppOauthConfigurablePolicies', 'Order_Sync_oauthPlcy')!;
        body.clientCredentialsFlowUser = org.seeded.admin.Username;
      }
      if (!tokenGiven || !/\/query\?.*FROM(\+|%20)User/i.test(path)) return Promise.resolve(undefined);
      expect(tokens()).to.have.length(1);
      process.emit('SIGTERM', 'SIGTERM');
      return never;
    });
    appInOrg(org);
    const begun = Date.now();
    expect(await failure(verify())).to.include({ name: 'InterruptedError', exitCode: 143 });
    expect(Date.now() - begun).to.be.lessThan(20_000);
    expect(tokens()).to.deep.equal([]);
    expect(isOpen()).not.to.equal(true);
  });

  for (const [signal, exitCode] of signals) {
    it(`scopes set, for a deploy that takes access away (${signal})`, async () => {
      let looked = 0;
      await start({ variants: { 'setup-entity-access': 'goes' } }, ({ method, path }) => {
        if (method === 'GET' && path.includes('/deployRequest/') && ++looked === 1)
          process.emit(signal as NodeJS.Signals, signal as NodeJS.Signals);
        return Promise.resolve(undefined);
      });
      const { app: component } = appInOrg(org);
      const { Id: ParentId } = org.insert('PermissionSet', {
        ...{ Name: 'Packaged', NamespacePrefix: 'acme', Label: 'Packaged', Type: 'Regular' },
        ...{ IsOwnedByProfile: false, HasActivationRequired: false },
      });
      const grant = { ParentId, SetupEntityId: component.id, SetupEntityType: 'ExternalClientApplication' };
      org.insert('SetupEntityAccess', grant);
      await EcaScopesSet.run([...app(), '--session-timeout', '30']);
      expect(looked).to.be.greaterThan(0);
      expect(process.exitCode).to.equal(exitCode);
      expect(org.records('SetupEntityAccess').filter((one) => one.ParentId === ParentId)).to.have.length(1);
    });
  }
});
