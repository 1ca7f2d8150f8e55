import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { accessSetDescription } from '../../../../src/app/integrationUser.ts';
import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import EcaUserCreate, { type EcaUserCreateResult } from '../../../../src/commands/eca/user/create.ts';
import { grantsOf } from '../../../../src/practice/oauth/grants.ts';
import { appById } from '../../../../src/practice/oauth/oauthApp.ts';
import { createPracticeServer, type PracticeServerOptions } from '../../../../src/practice/practice.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { type FaultyWire, type OnWire, openFaultyWire } from '../../../faultyWire.ts';
import { withShortPauses } from '../../../shortPauses.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logIn, logInToPractice } from '../../practice.ts';

describe('eca user create', () => {
  withShortPauses();

  const $$ = new TestContext();
  let org: LoggedIn;
  let wire: FaultyWire | undefined;
  let ux: ReturnType<typeof stubSfCommandUx>;

  const start = async (options: PracticeServerOptions = {}): Promise<void> => {
    org = await logInToPractice($$, options);
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
  };

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(async () => {
    await wire?.close();
    wire = undefined;
    await org.close();
    process.exitCode = undefined;
  });

  const username = 'order-sync@example.com';
  const target = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
  const withOauth = () =>
    EcaOauthSet.run([...target(), '--callback-url', 'http://localhost:1717/cb', '--scope', 'api']);
  const make = async (...flags: string[]): Promise<EcaUserCreateResult> =>
    EcaUserCreate.run([...target(), '--base-username', username, ...flags]);
  const writes = (): number =>
    org.requests.entries().filter(({ method, path }) => method === 'POST' && path.includes('/sobjects/')).length;
  const set = (name: string, fields: Record<string, unknown> = {}) =>
    org.org.insert('PermissionSet', {
      Name: name,
      Label: name.replaceAll('_', ' '),
      Type: 'Regular',
      IsOwnedByProfile: false,
      ...fields,
    });
  const psl = () => org.org.records('PermissionSetLicense')[0]!;
  const licence = () => org.org.records('UserLicense').find(({ Name }) => Name === 'Salesforce Integration')!;
  const setsOf = (id: string) => org.org.permissionSetsOf(id).map(({ Name }) => Name);

  it('makes the user with all that belongs to it, and lets it in', async () => {
    await start();
    await withOauth();
    set('Orders_Read', { LicenseId: psl().Id });
    const result = await make('--permission-set', 'Orders_Read');

    expect(result.user.username).to.equal(username);
    expect(result.steps.map(({ status }) => status)).to.deep.equal(['done', 'done', 'done', 'done', 'done']);
    const user = org.org.userByUsername(username)!;
    expect(user).to.include({ Email: 'it@example.com', LastName: 'Order Sync', IsActive: true });
    expect(org.org.record('Profile', String(user.ProfileId))?.Name).to.equal('Minimum Access - API Only Integrations');
    expect(setsOf(user.Id)).to.include.members(['Orders_Read', 'Order_Sync_Access']);
    expect(result.app.oauth?.runAs).to.equal(username);
    expect(result.app.policies).to.deep.include({
      permittedUsers: 'admin-approved',
      permissionSets: ['Order_Sync_Access'],
    });
    expect(result.changes.map(({ field }) => field)).to.have.members([
      'oauth.runAs',
      'policies.permittedUsers',
      'policies.permissionSets',
    ]);
  });

  it('has nothing to do a second time', async () => {
    await start();
    await withOauth();
    await make();
    const before = [writes(), org.deploys()];
    const again = await make();
    expect(again.steps.every(({ status }) => status === 'there')).to.equal(true);
    expect(again.changes).to.deep.equal([]);
    expect([writes(), org.deploys()]).to.deep.equal(before);
    expect(ux.logSuccess.lastCall.args[0]).to.include('nothing to do');
  });

  it('puts the ID of the org behind a username that another org has, and finds that user again', async () => {
    await start({ takenUsernames: [username] });
    await withOauth();
    const { user } = await make();
    expect(user.username).to.equal(`${username}.${org.org.orgId.toLowerCase()}`);
    const before = writes();
    expect((await make()).user).to.deep.equal(user);
    expect(writes()).to.equal(before);
  });

  it('finds the user of a sandbox, which has the name of the sandbox behind the username', async () => {
    await start();
    await withOauth();
    await make();
    const copied = `${username}.uat`;
    org.org.update('User', org.org.userByUsername(username)!.Id, { Username: copied });
    org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.clientCredentialsFlowUser = copied;
    const before = writes();
    const { user } = await make();
    expect(user.username).to.equal(copied);
    expect(writes()).to.equal(before);
  });

  it('keeps whom the app let in already', async () => {
    await start();
    await withOauth();
    set('Sales_Team');
    const policies = org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body;
    Object.assign(policies, {
      permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
      commaSeparatedPermissionSet: 'Sales_Team',
    });
    const { app } = await make();
    expect(app.policies?.permissionSets).to.have.members(['Sales_Team', 'Order_Sync_Access']);
  });

  it('shows the plan and writes nothing in a dry run, which the org checks', async () => {
    await start();
    await withOauth();
    const [records, deploys] = [writes(), org.deploys()];
    const result = await make('--dry-run');
    expect(result).to.include({ dryRun: true });
    expect(result.steps.map(({ status }) => status)).to.deep.equal(['planned', 'planned', 'planned', 'planned']);
    expect(result.changes.find(({ field }) => field === 'oauth.runAs')?.after).to.equal(username);
    expect(result.app.oauth?.runAs).to.equal(username);
    expect(writes()).to.equal(records);
    expect(org.deploys()).to.equal(deploys + 1);
    expect(org.org.userByUsername(username)).to.equal(undefined);
    expect(ux.log.args.flat().join('\n')).to.include(`+ user ${username}`);
    expect(ux.logToStderr.lastCall.args[0]).to.include(`--base-username ${username}`).and.not.include('--dry-run');
  });

  it('suggests the flow where it is off, with no word on a certificate that is known not to be there', async () => {
    await start();
    await withOauth();
    await make();
    expect(ux.logToStderr.args.flat().join('\n')).to.match(/--add-flow client-credentials\s*$/);
  });

  it('suggests no flow of the two where nobody knows whether there is a certificate', async () => {
    await start({ variants: { 'certificate-retrieved': 'never' } });
    await withOauth();
    // Somebody else has changed the settings since, so this machine's own note says nothing.
    const [settings] = org.org.components('ExtlClntAppGlobalOauthSettings');
    org.org.putComponent({ ...settings!, lastModifiedDate: new Date(org.org.now().getTime() + 60_000) });
    await make();
    const said = ux.logToStderr.args.flat().join('\n');
    expect(said).to.match(
      /a key and a secret.*\n\n +\$ \w+ eca oauth set --name Order_Sync .*--add-flow client-credentials\n/,
    );
    expect(said).to.match(
      /JWT bearer.*Order_Sync\.key:\n\n +\$ \w+ eca verify .*--flow jwt-bearer --jwt-key-file Order_Sync\.key$/,
    );
  });

  it('names what a permission set of the name grants, and how many have it', async () => {
    await start();
    await withOauth();
    const { Id } = set('order_sync_access', { PermissionsModifyAllData: true });
    for (const { Id: AssigneeId } of [org.org.seeded.admin, org.org.seeded.standardUser]) {
      org.org.insert('PermissionSetAssignment', { AssigneeId, PermissionSetId: Id, IsActive: true });
    }
    const error = await failure(make());
    expect(error.message).to.include('order_sync_access').and.include('ModifyAllData').and.include('have it: 2');
    expect(org.org.userByUsername(username)).to.equal(undefined);
  });

  it('takes its own permission set again, and says whom else it lets in', async () => {
    await start();
    await withOauth();
    const { Id } = set('Order_Sync_Access', { Description: accessSetDescription('Order_Sync') });
    org.org.insert('PermissionSetAssignment', {
      AssigneeId: org.org.seeded.standardUser.Id,
      PermissionSetId: Id,
      IsActive: true,
    });
    const { steps } = await make();
    expect(steps.find(({ id }) => id === 'access-set')?.status).to.equal('there');
    expect(ux.log.args.flat().join('\n')).to.include(
      'The permission set also gives other users access. Number of users: 1.',
    );
    ux.log.resetHistory();
    await make();
    expect(ux.log.args.flat().join('\n')).to.include(
      'The permission set also gives other users access. Number of users: 1.',
    );
  });

  it('refuses a permission set that turns up meanwhile, as the plan would have', async () => {
    await start();
    await withOauth();
    const { org: state } = org;
    const insert = state.insert.bind(state);
    // Somebody is quicker, right after the user is made.
    $$.SANDBOX.stub(state, 'insert').callsFake((sObject, fields) => {
      const record = insert(sObject, fields);
      if (sObject === 'User') set('Order_Sync_Access', { PermissionsModifyAllData: true });
      return record;
    });
    const error = await failure(make());
    expect(error.name).to.equal('UserHalfDoneError');
    expect(error.data).to.deep.include({ failed: 'AccessSetGrantsError' });
    expect(setsOf(org.org.userByUsername(username)!.Id)).to.not.include('Order_Sync_Access');
  });

  it('says before whom it locks out', async () => {
    await start();
    await withOauth();
    const app = appById(org.org, org.org.components('ExternalClientApplication')[0]!.id)!;
    grantsOf(org.org).newRefreshGrant(app, org.org.seeded.standardUser.Id, ['api']);
    await make('--no-prompt', '--dry-run');
    const warnings = ux.warn.args.flat() as Array<{ name: string; message: string }>;
    const told = warnings.find(({ name }) => name === 'LockOutWarning');
    expect(told?.message).to.include('Order_Sync').and.include(String(org.org.seeded.standardUser.Username));
    expect(ux.log.args.flat().join('\n')).to.include(told!.message);
  });

  const warned = (name: string): string[] =>
    (ux.warn.args.flat() as Array<{ name: string; message: string }>)
      .filter((warning) => warning.name === name)
      .map(({ message }) => message);

  for (const [permission, label] of [
    ['PermissionsModifyAllData', 'Modify All Data'],
    ['PermissionsViewAllData', 'View All Data'],
    ['PermissionsManageUsers', 'Manage Users'],
  ] as const) {
    it(`warns of a permission set that makes the user mighty by ${label}, before anything is made`, async () => {
      await start();
      await withOauth();
      set('Everything', { [permission]: true, LicenseId: psl().Id });
      const before = writes();
      await make('--permission-set', 'everything', '--dry-run');
      expect(writes()).to.equal(before);
      const [text] = warned('UserPowerfulWarning');
      expect(text).to.include(username).and.include(label).and.include('by the permission set Everything');
      ux.warn.resetHistory();
      await make('--permission-set', 'Everything');
      expect(warned('UserPowerfulWarning')).to.have.length(1);
    });
  }

  it('warns of what a group of permission sets grants to a user who is there', async () => {
    await start();
    await withOauth();
    const { user } = await make();
    expect(warned('UserPowerfulWarning')).to.deep.equal([]);
    const group = set('Group_of_sets', { Type: 'Group', PermissionsModifyAllData: true });
    org.org.insert('PermissionSetAssignment', {
      ...{ AssigneeId: user.id, PermissionSetId: group.Id, IsActive: true },
    });
    await make();
    expect(warned('UserPowerfulWarning')).to.have.length(1);
  });

  describe('where another run makes the user meanwhile', () => {
    /** The org has a user of the username by the time that this run wants to make it. */
    const meanwhile = (fields: Record<string, unknown>): void => {
      const { org: state } = org;
      const { seeded } = state;
      let isMade = false;
      const ask = state.userByUsername.bind(state);
      $$.SANDBOX.stub(state, 'userByUsername').callsFake((asked) => {
        if (asked.toLowerCase() === username && !isMade) {
          isMade = true;
          const { Id: _id, ...like } = seeded.integrationUser;
          state.insert('User', { ...like, Username: username, ...fields });
        }
        return ask(asked);
      });
    };

    it('takes the user who is as the plan wants it', async () => {
      await start();
      await withOauth();
      meanwhile({});
      const { user } = await make();
      expect(user.username).to.equal(username);
      expect(org.org.records('User').filter(({ Username }) => Username === username)).to.have.length(1);
    });

    it('refuses one who is not active', async () => {
      await start();
      await withOauth();
      meanwhile({ IsActive: false });
      expect((await failure(make())).name).to.equal('UserInactiveError');
    });

    it('refuses one with the licence and profile of a person', async () => {
      await start();
      await withOauth();
      meanwhile({ ProfileId: org.org.seeded.standardUser.ProfileId });
      const error = await failure(make());
      expect(error.name).to.equal('UserNotForIntegrationsError');
      expect(setsOf(org.org.userByUsername(username)!.Id)).to.not.include('Order_Sync_Access');
    });
  });

  describe('at a terminal', () => {
    beforeEach(() => atTerminal(true));
    afterEach(() => asItIs());

    const answer = (yes: boolean) => $$.SANDBOX.stub(PROMPTS, 'yes').resolves(yes);

    it('asks, with those whom it locks out in the question, and writes nothing after a no', async () => {
      await start();
      await withOauth();
      const app = appById(org.org, org.org.components('ExternalClientApplication')[0]!.id)!;
      grantsOf(org.org).newRefreshGrant(app, org.org.seeded.standardUser.Id, ['api']);
      const asked = answer(false);
      const before = [writes(), org.deploys()];
      const error = await failure(make());
      expect(error.name).to.equal('NotConfirmedError');
      expect(asked.firstCall.args[1]).to.include(String(org.org.seeded.standardUser.Username));
      expect([writes(), org.deploys()]).to.deep.equal(before);
      expect(warned('LockOutWarning')).to.deep.equal([]);
    });

    it('asks shortly where nobody is locked out, goes on after a yes, and asks nothing where all is done', async () => {
      await start();
      await withOauth();
      const asked = answer(true);
      await make();
      expect(asked.callCount).to.equal(1);
      expect(asked.firstCall.args[1]).to.not.include('admin-approved');
      await make();
      expect(asked.callCount).to.equal(1);
    });
  });

  describe('says what is missing before anything is done', () => {
    /** Everything refused at once is in one error: its parts' names are in its data. */
    const refused = async (...flags: string[]): Promise<string[]> => {
      const before = writes();
      const error = await failure(make(...flags));
      expect(error.actions, error.message).to.have.length.greaterThan(0);
      expect(writes()).to.equal(before);
      const parts = (error.data as { problems?: Array<{ name: string }> } | undefined)?.problems;
      return parts?.map(({ name }) => name) ?? [error.name];
    };

    const cases: Array<[what: string, name: string, spoil: () => unknown, flags?: string[]]> = [
      [
        'the licence',
        'IntegrationLicenceMissingError',
        () => org.org.update('UserLicense', licence().Id, { Name: 'Other' }),
      ],
      [
        'an active licence',
        'IntegrationLicenceDisabledError',
        () => org.org.update('UserLicense', licence().Id, { Status: 'Disabled' }),
      ],
      [
        'a free licence',
        'IntegrationLicenceFullError',
        () => org.org.update('UserLicense', licence().Id, { TotalLicenses: 1 }),
      ],
      [
        'the profile',
        'IntegrationProfileMissingError',
        () => {
          const profile = org.org.records('Profile').find(({ Name }) => String(Name).includes('API Only'))!;
          org.org.update('Profile', profile.Id, { Name: 'Other', PermissionsApiUserOnly: false });
        },
      ],
      [
        'the permission set licence',
        'PermissionSetLicenceMissingError',
        () => org.org.delete('PermissionSetLicense', psl().Id),
      ],
      [
        'an active permission set licence',
        'PermissionSetLicenceMissingError',
        () => org.org.update('PermissionSetLicense', psl().Id, { Status: 'Disabled' }),
      ],
      [
        'a free permission set licence',
        'PermissionSetLicenceFullError',
        () => org.org.update('PermissionSetLicense', psl().Id, { TotalLicenses: 1 }),
      ],
      [
        'a permission set, with the nearest names',
        'PermissionSetUnknownError',
        () => set('Orders_Read'),
        ['--permission-set', 'Order_Reed'],
      ],
      [
        'a permission set that is like no other',
        'PermissionSetUnlikeError',
        () => undefined,
        ['--permission-set', 'Zzzzzz'],
      ],
      [
        'a permission set for the licence',
        'PermissionSetOtherLicenceError',
        () => set('Sales_Only', { LicenseId: org.org.records('UserLicense')[0]!.Id }),
        ['--permission-set', 'Sales_Only'],
      ],
      ['room for the access set', 'AccessSetHasLicenceError', () => set('Order_Sync_Access', { LicenseId: psl().Id })],
      [
        "a username that is not a person's",
        'UserNotForIntegrationsError',
        () => org.org.update('User', org.org.seeded.standardUser.Id, { Username: username }),
      ],
      [
        'an active user',
        'UserInactiveError',
        () => org.org.update('User', org.org.seeded.integrationUser.Id, { Username: username, IsActive: false }),
      ],
    ];
    const accessSet = (fields: Record<string, unknown> = {}) =>
      set('Order_Sync_Access', { Description: accessSetDescription('Order_Sync'), ...fields });
    cases.push(
      ['a permission set of its own, and not a stranger’s', 'AccessSetForeignError', () => set('Order_Sync_Access')],
      [
        'a permission set that was made for another app',
        'AccessSetForeignError',
        () => accessSet({ Description: accessSetDescription('Order') }),
      ],
      [
        'a permission set that grants no user permission',
        'AccessSetGrantsError',
        () => accessSet({ PermissionsViewAllData: true }),
      ],
      [
        'a permission set that grants no object',
        'AccessSetGrantsError',
        () =>
          org.org.insert('ObjectPermissions', {
            ParentId: accessSet().Id,
            SobjectType: 'Account',
            PermissionsRead: true,
          }),
      ],
      [
        'a permission set that grants no field',
        'AccessSetGrantsError',
        () =>
          org.org.insert('FieldPermissions', {
            ParentId: accessSet().Id,
            SobjectType: 'Account',
            Field: 'Account.Phone',
          }),
      ],
      [
        'a permission set that grants no tab',
        'AccessSetGrantsError',
        () => org.org.insert('PermissionSetTabSetting', { ParentId: accessSet().Id, Name: 'standard-Account' }),
      ],
      [
        'a permission set that grants no Apex class and no other app',
        'AccessSetGrantsError',
        () =>
          org.org.insert('SetupEntityAccess', {
            ParentId: accessSet().Id,
            SetupEntityId: '01p000000000001AAA',
            SetupEntityType: 'ApexClass',
          }),
      ],
      [
        'a permission set in no group',
        'AccessSetGrantsError',
        () => {
          const group = org.org.insert('PermissionSetGroup', { DeveloperName: 'Sales' });
          org.org.insert('PermissionSetGroupComponent', {
            PermissionSetGroupId: group.Id,
            PermissionSetId: accessSet().Id,
          });
        },
      ],
      [
        'a permission set that no session activates',
        'AccessSetGrantsError',
        () => accessSet({ HasActivationRequired: true }),
      ],
    );
    for (const [what, name, spoil, flags = []] of cases) {
      it(what, async () => {
        await start();
        await withOauth();
        spoil();
        expect(await refused(...flags)).to.deep.equal([name]);
      });
    }

    it('all of it at once', async () => {
      await start();
      await withOauth();
      org.org.update('UserLicense', licence().Id, { TotalLicenses: 1 });
      org.org.update('PermissionSetLicense', psl().Id, { TotalLicenses: 1 });
      expect(await refused('--permission-set', 'Nope')).to.deep.equal([
        'IntegrationLicenceFullError',
        'PermissionSetLicenceFullError',
        'PermissionSetUnlikeError',
      ]);
    });

    it('OAuth', async () => {
      await start();
      expect(await refused()).to.deep.equal(['OauthNotSetError']);
    });

    it('a permission of the one who asks', async () => {
      await start();
      await withOauth();
      const profile = org.org.permissionSetsOf(org.org.seeded.admin.Id)[0]!;
      org.org.update('PermissionSet', profile.Id, { PermissionsAssignPermissionSets: false });
      const error = await failure(make());
      expect(error.name).to.equal('PermissionMissingError');
      expect(error.message).to.include('"Assign Permission Sets" (AssignPermissionSets)');
    });

    it('a username that can be one', async () => {
      await start();
      const error = await failure(EcaUserCreate.run([...target(), '--base-username', 'order-sync']));
      expect(error.name).to.equal('UsernameInvalidError');
      expect(error.exitCode).to.equal(2);
    });
  });

  it('knows a translated profile by what it allows', async () => {
    await start();
    await withOauth();
    const profile = org.org.records('Profile').find(({ Name }) => String(Name).includes('API Only'))!;
    org.org.update('Profile', profile.Id, { Name: 'Mindestzugriff - Nur API-Integrationen' });
    await make();
    expect(org.org.userByUsername(username)?.ProfileId).to.equal(profile.Id);
  });

  describe('half-way', () => {
    /** Like start, with a wire between that lets requests fail. */
    const startBehind = async (faultOf: Parameters<typeof openFaultyWire>[1]): Promise<void> => {
      const practice = await createPracticeServer();
      wire = await openFaultyWire(practice, faultOf);
      const admin = String(practice.org.seeded.admin.Username);
      await logIn($$, admin, wire.url, practice.accessToken);
      org = { ...practice, username: admin, deploys: () => 0, asked: () => [] };
      await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
    };

    const isInsert = ({ method, path }: OnWire): boolean =>
      method === 'POST' && /sobjects\/(User|Permission)/.test(path);

    const expectOneUser = async (): Promise<void> => {
      const users = org.org.records('User').filter(({ Username }) => String(Username).startsWith(username));
      expect(users).to.have.length(1);
      expect(setsOf(users[0]!.Id)).to.include.members(['Orders_Read', 'Order_Sync_Access']);
      expect((await make('--permission-set', 'Orders_Read')).steps.every(({ status }) => status === 'there')).to.equal(
        true,
      );
    };

    // Two permission set assignments, and before them user, permission set licence; the access set comes in between.
    for (let nth = 1; nth <= 5; nth++) {
      for (const fault of ['error', 'unheard', 'lost'] as const) {
        it(`makes nothing twice when request ${nth} fails once (${fault})`, async () => {
          let inserts = 0;
          await startBehind((request) => (isInsert(request) && ++inserts === nth ? fault : undefined));
          await withOauth();
          set('Orders_Read', { LicenseId: psl().Id });
          const { app } = await make('--permission-set', 'Orders_Read');
          expect(app.oauth?.runAs).to.equal(username);
          await expectOneUser();
        });
      }

      it(`says what is done when request ${nth} fails for good, and a second run finishes it`, async () => {
        let inserts = 0;
        let isDown = true;
        await startBehind((request) => (isDown && isInsert(request) && ++inserts >= nth ? 'error' : undefined));
        await withOauth();
        set('Orders_Read', { LicenseId: psl().Id });
        const error = await failure(make('--permission-set', 'Orders_Read'));
        if (nth > 1) {
          expect(error.name).to.equal('UserHalfDoneError');
          expect(error.exitCode).to.equal(68);
          expect(error.message).to.include(`The user ${username} was created.`);
          expect(error.actions?.at(-1)).to.include('run the same command again');
          expect((error.data as { done: unknown[] }).done).to.have.length(nth - 1);
        } else {
          expect(error.name).to.equal('OrgBusyError');
        }

        isDown = false;
        const { app } = await make('--permission-set', 'Orders_Read');
        expect(app.oauth?.runAs).to.equal(username);
        await expectOneUser();
      });
    }

    it('says what exists when the deploy is refused, and a second run finishes it', async () => {
      await start();
      await withOauth();
      const policies = org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!;
      policies.body.requiredSessionLevel = 'NONSENSE';
      const error = await failure(make());
      expect(error.name).to.equal('UserHalfDoneError');
      expect(error.data).to.deep.include({ failed: 'DeployFailedError' });
      policies.body.requiredSessionLevel = 'STANDARD';
      const { app, steps } = await make();
      expect(steps.every(({ status }) => status === 'there')).to.equal(true);
      expect(app.oauth?.runAs).to.equal(username);
    });
  });
});
