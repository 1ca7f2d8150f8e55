import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateApply from '../../../../src/commands/eca/migrate/apply.ts';
import EcaMigrateStatus, { type EcaMigrateStatusResult } from '../../../../src/commands/eca/migrate/status.ts';
import EcaUpdate from '../../../../src/commands/eca/update.ts';
import { noteLogin, SUCCESS, type Way } from '../../../../src/practice/loginHistory.ts';
import type { PracticeOrg } from '../../../../src/practice/org.ts';
import { connectedAppInOrg } from '../../../practice/connectedAppInOrg.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('eca migrate status', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });
  afterEach(() => org.close());

  const run = async (...flags: string[]): Promise<EcaMigrateStatusResult> =>
    EcaMigrateStatus.run(['--target-org', org.username, '--name', 'Portal', ...flags]);
  /** @param before what happened in the org before anybody logged in to it */
  const start = async (before: (practice: PracticeOrg) => void = () => undefined): Promise<void> => {
    org = await logInToPractice($$, { clock: new Date(Date.now() - 60 * DAY) }, ({ org: practice }) => {
      connectedAppInOrg(practice, 'Portal');
      before(practice);
      return practice.seeded.admin;
    });
  };
  const login = (practice: PracticeOrg, application: string, way: Way = 'jwt-bearer', status = SUCCESS): void =>
    noteLogin(practice, { userId: practice.seeded.admin.Id, way, application, sourceIp: '192.0.2.7' }, status);

  it('shows both apps, by the note of this machine, with their logins apart', async () => {
    await start((practice) => {
      login(practice, 'Portal', 'web-server');
      practice.advance(20 * DAY + HOUR);
      login(practice, 'Portal 2', 'client-credentials');
    });
    await EcaMigrateApply.run(['--target-org', org.username, '--name', 'Portal', '--no-prompt']);
    await EcaUpdate.run(['--target-org', org.username, '--name', 'Portal_ECA', '--label', 'Portal 2', '--no-prompt']);
    const { old, new: other, pair, quiet, notes } = await run();
    expect(pair.from).to.equal('note');
    expect(old).to.deep.include({ name: 'Portal', users: [org.username], addresses: ['192.0.2.7'] });
    expect(old.flows.map(({ flow }) => flow)).to.deep.equal(['web-server']);
    expect(other).to.include({ name: 'Portal_ECA', label: 'Portal 2' });
    expect(other?.flows.map(({ flow }) => flow)).to.deep.equal(['client-credentials']);
    expect([quiet.days, quiet.unread, notes]).to.deep.equal([20, [], []]);
    expect(ux.log.args.flat().join('\n')).to.include('quiet for 20 days').and.include('noted on this machine');
    expect(process.exitCode).to.equal(undefined);
  });

  it('counts every login for the old app while both have one label, and says how to tell them apart', async () => {
    await start((practice) => {
      appInOrg(practice, { name: 'Portal_New', app: { label: 'Portal' } });
      login(practice, 'Portal');
      practice.advance(DAY + HOUR);
    });
    const { quiet, new: other, notes } = await run('--as', 'Portal_New');
    expect([quiet.days, other?.flows]).to.deep.equal([1, []]);
    expect(notes.join()).to.include('Both apps have the label');
    expect(ux.logToStderr.args.flat().join('\n')).to.include('eca update --name Portal_New --label');
  });

  it('takes a refused attempt for use', async () => {
    await start((practice) => {
      login(practice, 'Portal', 'jwt-bearer', 'Failed: app blocked');
      practice.advance(3 * DAY + HOUR);
    });
    const { quiet, old } = await run();
    expect([quiet.days, old.failedLogins, old.flows]).to.deep.equal([3, 1, []]);
  });

  it('calls a silent app quiet for as long as was looked', async () => {
    await start();
    expect((await run('--days', '30')).quiet).to.deep.equal({ days: 30, atLeast: true, unread: [] });
  });

  it('never pairs by a likeness of names, and says when the new app is not there', async () => {
    await start((practice) => void appInOrg(practice, { name: 'Portal_ECA' }));
    const alone = await run();
    expect(alone.pair).to.deep.equal({ from: 'nowhere' });
    expect(alone).to.not.have.property('new');
    expect(ux.log.args.flat().join('\n')).to.include('No new app is known');
    const gone = await run('--as', '\'"--x');
    expect(gone).to.not.have.property('new');
    expect(ux.warn.args.flat().map((warning) => (warning as { name?: string }).name)).to.include('NewMissingWarning');
  });

  it('never calls an app quiet where something was not read', async () => {
    await start();
    for (const set of org.org.permissionSetsOf(org.org.seeded.admin.Id))
      Object.assign(set, { PermissionsManageUsers: false, PermissionsMonitorLoginHistory: false });
    const { quiet } = await run();
    expect(quiet.days).to.equal(undefined);
    expect(quiet.unread.join()).to.include('MonitorLoginHistory');
    expect(process.exitCode).to.equal(68);
  });

  it('says that there is no such Connected App', async () => {
    await start();
    const error = await failure(EcaMigrateStatus.run(['--target-org', org.username, '--name', 'Nothing']));
    expect(error.name).to.equal('ConnectedAppNotFoundError');
  });
});
