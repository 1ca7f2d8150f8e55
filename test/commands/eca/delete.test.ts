import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaDelete from '../../../src/commands/eca/delete.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca delete', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
  });

  afterEach(async () => {
    asItIs();
    await org.close();
  });

  const target = (name = 'Order_Sync'): string[] => ['--target-org', org.username, '--name', name];
  const isThere = (): boolean => org.org.component('ExternalClientApplication', 'Order_Sync') !== undefined;

  it('deletes the app with all its parts, and gives it as it was', async () => {
    await EcaOauthSet.run([...target(), '--callback-url', 'https://a.example.com/cb', '--scope', 'api']);
    const result = await EcaDelete.run([...target(), '--no-prompt']);
    expect(result).to.deep.include({ deleted: true, created: false, changes: [], notApplied: [], dryRun: false });
    expect(result.deployId).to.match(/^0Af/);
    expect(result.app).to.deep.include({ name: 'Order_Sync', scopes: ['api'] });
    expect(isThere()).to.equal(false);
    expect(org.org.componentsOfApp('Order_Sync')).to.deep.equal([]);
  });

  it('asks at a terminal, and does nothing after a no', async () => {
    atTerminal(true);
    const confirm = $$.SANDBOX.stub(EcaDelete.prototype, 'confirm').resolves(false);
    expect((await failure(EcaDelete.run(target()))).name).to.equal('NotConfirmedError');
    expect(isThere()).to.equal(true);
    confirm.resolves(true);
    await EcaDelete.run(target());
    expect(isThere()).to.equal(false);
  });

  it('wants --no-prompt where nobody can be asked', async () => {
    for (const flags of [[], ['--json']]) {
      const before = process.exitCode;
      const error = await failure(
        EcaDelete.run([...target(), ...flags]).then(() => {
          if (process.exitCode)
            throw Object.assign(new Error('json'), { name: 'ConfirmationNeededError', exitCode: process.exitCode });
        }),
      );
      process.exitCode = before;
      expect(error).to.include({ name: 'ConfirmationNeededError', exitCode: 2 });
    }
    expect(isThere()).to.equal(true);
  });

  it('lets the org check it, and deletes nothing, with a dry run', async () => {
    const result = await EcaDelete.run([...target(), '--dry-run']);
    expect(result).to.include({ deleted: false, dryRun: true });
    expect(isThere()).to.equal(true);
  });

  it('refuses an installed app with the reason', async () => {
    const app = org.org.component('ExternalClientApplication', 'Order_Sync')!;
    org.org.removeComponent('ExternalClientApplication', 'Order_Sync');
    org.org.putComponent({ ...app, namespace: 'acme' });
    const error = await failure(EcaDelete.run([...target('acme__Order_Sync'), '--no-prompt']));
    expect(error.message).to.include('installed app').and.include('package');
    expect(error.actions?.join()).to.include('sf eca disable --name acme__Order_Sync');
  });

  it('has nothing to do a second time', async () => {
    await EcaDelete.run([...target(), '--no-prompt']);
    const deploys = org.deploys();
    const again = await EcaDelete.run(target());
    expect(again).to.deep.include({
      app: { name: 'Order_Sync' },
      deleted: false,
      nearest: [],
      changes: [],
      dryRun: false,
    });
    expect(org.deploys()).to.equal(deploys);
    expect(process.exitCode).to.equal(undefined);
  });

  it('names the nearest apps where there is no such app', async () => {
    const result = await EcaDelete.run([...target('Order_Snc'), '--no-prompt']);
    expect(result).to.deep.include({ deleted: false, nearest: ['Order_Sync'] });
    expect(JSON.stringify(ux.warn.args)).to.include('NearestWarning').and.include('Order_Sync.');
    expect(isThere()).to.equal(true);
  });
});

describe('eca delete by a user who may not see apps', () => {
  const $$ = new TestContext();

  it('does not say that there is no such app', async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    const org = await logInToPractice($$, {}, ({ org: inside }) => inside.seeded.standardUser);
    const run = EcaDelete.run(['--target-org', org.username, '--name', 'Order_Sync', '--no-prompt']);
    expect((await failure(run)).name).to.equal('PermissionMissingError');
    await org.close();
  });
});
