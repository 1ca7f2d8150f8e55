import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaList from '../../../src/commands/eca/list.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import { type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca list', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    // The components are an hour old: of new ones the command may look twice, where the machine is slow.
    org = await logInToPractice($$, { clock: new Date(Date.now() - 3_600_000) });
  });

  afterEach(() => org.close());

  const target = (): string[] => ['--target-org', org.username];
  const make = (name: string) => EcaCreate.run([...target(), '--name', name, '--contact-email', 'it@example.com']);

  it('says that there is none, and how to make one', async () => {
    expect(await EcaList.run(target())).to.deep.equal([]);
    expect(ux.log.args.flat()).to.deep.equal(['The org has no external client apps.']);
    expect(ux.logToStderr.args.flat().join()).to.include(`eca create --target-org ${org.username}`);
  });

  it('lists the apps by name, each whole', async () => {
    await make('Order_Sync');
    await make('Billing');
    await EcaOauthSet.run([
      ...target(),
      '--name',
      'Order_Sync',
      '--callback-url',
      'https://a.example.com/cb',
      '--scope',
      'api',
    ]);
    ux.table.resetHistory();
    const apps = await EcaList.run(target());
    expect(apps.map(({ name }) => name)).to.deep.equal(['Billing', 'Order_Sync']);
    expect(apps[1]).to.deep.include({ label: 'Order Sync', scopes: ['api'] });
    expect(apps[1]).to.include.keys('id', 'consumerKey', 'setupUrl');
    const [{ data }] = ux.table.firstCall.args as unknown as [{ data: unknown[] }];
    expect(data).to.deep.equal([
      { name: 'Billing', label: 'Billing', enabled: 'yes', flows: '-', scopes: '-', permittedUsers: '-' },
      {
        name: 'Order_Sync',
        label: 'Order Sync',
        enabled: 'yes',
        flows: 'web-server',
        scopes: 'api',
        permittedUsers: 'all-users',
      },
    ]);
  });

  it('asks the org as often for several apps as for one', async () => {
    const asked = async (): Promise<number> => {
      org.requests.clear();
      await EcaList.run(target());
      return org.asked().length;
    };
    await make('Billing');
    const one = await asked();
    // Ten are read in one call, and many with one retrieve.
    for (let index = 0; index < 8; index += 1) await make(`App_${index}`);
    expect(await asked()).to.equal(one);
  });
});
