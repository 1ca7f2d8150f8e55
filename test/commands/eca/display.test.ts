import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaDisplay from '../../../src/commands/eca/display.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaUserCreate from '../../../src/commands/eca/user/create.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

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
    ux.log.resetHistory();
  });

  afterEach(() => org.close());

  /** What stands on the screen, line by line. */
  const shown = (): string[] => ux.log.args.map(([line]) => String(line));

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
    expect(shown()).to.include.members(['  Contact Email: it@example.com', '  Description: Read <U+202E>backwards']);
  });

  it('groups the settings as Setup does, and keeps the names of eca.yaml for programs', async () => {
    const target = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaOauthSet.run([...target, '--callback-url', 'http://localhost:1717/cb', '--scope', 'api']);
    ux.log.resetHistory();
    const { oauth, consumerKey } = await display('--name', 'Order_Sync');
    const lines = shown();
    expect(lines.filter((line) => !line.startsWith(' '))).to.include.ordered.members([
      ...['Basic', '', 'OAuth', '', 'Scopes', '', 'Policies'],
    ]);
    const inOauth = lines.slice(lines.indexOf('OAuth'), lines.indexOf('Scopes'));
    expect(inOauth).to.include.members(['  Callback URL: http://localhost:1717/cb', `  Consumer Key: ${consumerKey}`]);
    expect(lines.slice(lines.indexOf('Policies'))).to.include('  Permitted Users: all-users');
    expect(oauth?.callbackUrls).to.deep.equal(['http://localhost:1717/cb']);
  });

  it('leads to the step that comes next', async () => {
    const last = () => String(ux.logToStderr.lastCall.args[0]);
    await display('--name', 'Order_Sync');
    expect(last()).to.match(/ oauth set .*--name Order_Sync/);
    const target = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaOauthSet.run([...target, '--callback-url', 'http://localhost:1717/cb', '--scope', 'api']);
    await display('--name', 'Order_Sync');
    expect(last()).to.match(/ verify .*--name Order_Sync/);
  });

  it('tells the announced changes that the app meets, wrapped, and none to other apps', async () => {
    const target = ['--target-org', org.username, '--name', 'Order_Sync'];
    const announced = (): string => shown().join(' ').replaceAll(/\s+/g, ' ');
    await EcaOauthSet.run([...target, '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
    await display('--name', 'Order_Sync');
    expect(announced()).to.not.include('As announced');
    await EcaOauthSet.run([...target, '--add-flow', 'device', '--no-certificate', '--no-prompt']);
    ux.log.resetHistory();
    await display('--name', 'Order_Sync');
    expect(announced()).to.match(/As announced.* 2026-11-30: The device flow .*Source: /);
    expect(Math.max(...shown().map((line) => line.length))).to.be.lessThan(200);
  });

  it('tells who is let in, and how many', async () => {
    const target = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaOauthSet.run([...target, '--callback-url', 'http://localhost:1717/cb', '--scope', 'api']);
    expect((await display('--name', 'Order_Sync')).letIn).to.deep.include({ everybody: true });

    await EcaUserCreate.run([...target, '--base-username', 'order-sync@example.com']);
    org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.commaSeparatedProfile = 'Standard User';
    ux.log.resetHistory();
    expect((await display('--name', 'Order_Sync')).letIn).to.deep.equal({
      everybody: false,
      permissionSets: [{ name: 'Order_Sync_Access', users: 1 }],
      profiles: [{ name: 'Standard User', users: 1 }],
    });
    expect(shown().join('\n')).to.include(
      [
        '  Users Who Are Let In:',
        '    permission set Order_Sync_Access (active users: 1)',
        '    profile Standard User (active users: 1)',
      ].join('\n'),
    );
  });

  it('needs a name, and one that is there', async () => {
    expect((await failure(display())).name).to.equal('FlagsMissingError');
    expect((await failure(display('--name', 'Order_Sink'))).message).to.include('Did you mean Order_Sync?');
  });
});
