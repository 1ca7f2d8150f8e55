import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaDisplay from '../../../src/commands/eca/display.ts';
import { failure, logInToPractice, type LoggedIn } from '../practice.ts';

describe('eca display', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([
      ...['--target-org', org.username, '--name', 'Order_Sync', '--contact-email', 'it@example.com'],
    ]);
    ux.table.resetHistory();
  });

  afterEach(() => org.close());

  const display = (...flags: string[]) => EcaDisplay.run(['--target-org', org.username, ...flags]);

  it('gives the app in its one shape, with what only the org can say', async () => {
    const app = await display('--name', 'Order_Sync', '--json');
    expect(app).to.deep.include({ name: 'Order_Sync', label: 'Order Sync', contactEmail: 'it@example.com' });
    expect(app.id).to.match(/^0xI/);
    expect(app.setupUrl).to.include(app.id);
  });

  it('shows it field by field, with nothing that a terminal would obey', async () => {
    const app = org.org.component('ExternalClientApplication', 'Order_Sync')!;
    org.org.putComponent({ ...app, body: { ...app.body, description: 'Read \u202Ebackwards' } });
    await display('--name', 'Order_Sync');
    const [{ data }] = ux.table.firstCall.args as unknown as [{ data: Array<{ field: string; value: string }> }];
    expect(data).to.deep.include({ field: 'contactEmail', value: 'it@example.com' });
    expect(data.find(({ field }) => field === 'description')?.value).to.equal('Read <U+202E>backwards');
  });

  it('needs a name, and one that is there', async () => {
    expect((await failure(display())).name).to.equal('FlagsMissingError');
    expect((await failure(display('--name', 'Order_Sink'))).message).to.include('Did you mean Order_Sync?');
  });
});
