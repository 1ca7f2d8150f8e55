import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import EcaUserCreate from '../../../../src/commands/eca/user/create.ts';
import EcaUserDisplay, { type EcaUserDisplayResult } from '../../../../src/commands/eca/user/display.ts';
import { type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca user display', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...target(), '--callback-url', 'http://localhost:1717/cb', '--scope', 'api']);
  });
  afterEach(() => org.close());

  const target = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
  const display = async (): Promise<EcaUserDisplayResult> => EcaUserDisplay.run(target());
  const userOf = (username: string) => org.org.userByUsername(username)!;
  /** The IDs of the findings that are not as they should be. */
  const amiss = ({ checks }: EcaUserDisplayResult): string[] =>
    checks.filter(({ status }) => status === 'warning' || status === 'failed').map(({ id }) => id);
  const runAs = (username: string): void => {
    org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.clientCredentialsFlowUser = username;
  };

  it('finds nothing amiss with a user that user create made', async () => {
    await EcaUserCreate.run([...target(), '--base-username', 'order-sync@example.com']);
    const result = await display();
    expect(result.user).to.deep.include({
      username: 'order-sync@example.com',
      licence: 'Salesforce Integration',
      profileName: 'Minimum Access - API Only Integrations',
      permissionSetLicences: ['Salesforce API Integration'],
      permissionSets: ['Order_Sync_Access'],
    });
    expect(amiss(result)).to.deep.equal([]);
    expect(result.checks.map(({ id }) => id)).to.include.members(['active', 'let-in', 'api-only', 'login-ip-ranges']);
  });

  it('names each power of an administrator, with what to do', async () => {
    runAs(org.username);
    const result = await display();
    expect(amiss(result)).to.deep.equal([
      'api-only',
      'modify-all-data',
      'view-all-data',
      'author-apex',
      'manage-users',
      'customize-application',
    ]);
    expect(
      result.checks
        .filter(({ status }) => status === 'warning')
        .every(({ fix, commands }) => fix && Array.isArray(commands)),
    ).to.equal(true);
  });

  it('names what Salesforce would refuse', async () => {
    await EcaUserCreate.run([...target(), '--base-username', 'order-sync@example.com']);
    const { Id } = userOf('order-sync@example.com');
    org.org.update('User', Id, { IsActive: false });
    const login = org.org.records('UserLogin').find(({ UserId }) => UserId === Id)!;
    org.org.update('UserLogin', login.Id, { IsFrozen: true });
    for (const { Id: assignment, AssigneeId } of org.org.records('PermissionSetAssignment')) {
      if (AssigneeId === Id) org.org.delete('PermissionSetAssignment', assignment);
    }
    const result = await display();
    const refused = result.checks.filter(({ status }) => status === 'failed');
    expect(refused.map(({ id }) => id)).to.include.members(['active', 'unlocked', 'let-in']);
    expect(refused.every(({ fix, commands }) => fix && Array.isArray(commands))).to.equal(true);
  });

  it('tells from where and when the profile lets the user in, without judging it', async () => {
    await EcaUserCreate.run([...target(), '--base-username', 'order-sync@example.com']);
    const { ProfileId } = userOf('order-sync@example.com');
    org.org.update('Profile', String(ProfileId), {
      Metadata: {
        loginIpRanges: [{ startAddress: '203.0.113.0', endAddress: '203.0.113.9' }],
        loginHours: { mondayStart: '480', mondayEnd: '1020' },
      },
    });
    const result = await display();
    expect(result.user).to.deep.include({
      loginIpRanges: [{ start: '203.0.113.0', end: '203.0.113.9' }],
      loginHours: true,
    });
    expect(result.checks.find(({ id }) => id === 'login-ip-ranges')?.detail).to.include('203.0.113.0 - 203.0.113.9');
    expect(amiss(result)).to.deep.equal([]);
  });

  it('tells for each flow who it runs as', async () => {
    await EcaUserCreate.run([...target(), '--base-username', 'order-sync@example.com']);
    await EcaOauthSet.run([...target(), '--flow', 'client-credentials', '--flow', 'device', '--no-certificate']);
    expect((await display()).flows).to.deep.equal([
      { flow: 'web-server', as: 'logs-in' },
      { flow: 'client-credentials', as: 'configured', username: 'order-sync@example.com' },
      { flow: 'device', as: 'logs-in' },
    ]);
  });

  it('suggests a user where there is none', async () => {
    const result = await display();
    expect(result).not.to.have.property('user');
    expect(ux.logToStderr.args.flat().join()).to.include('eca user create --name Order_Sync');
    runAs('gone@example.com');
    await display();
    expect(ux.log.args.flat().join()).to.include('gone@example.com');
  });
});
