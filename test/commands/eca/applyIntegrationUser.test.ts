import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply, { type EcaApplyResult } from '../../../src/commands/eca/apply.ts';
import EcaExport from '../../../src/commands/eca/export.ts';
import EcaVerify from '../../../src/commands/eca/verify.ts';
import { grantsOf } from '../../../src/practice/oauth/grants.ts';
import { appById } from '../../../src/practice/oauth/oauthApp.ts';
import { createPracticeServer, type PracticeServerOptions } from '../../../src/practice/practice.ts';
import { PROMPTS } from '../../../src/ui/prompts.ts';
import { type FaultyWire, openFaultyWire } from '../../faultyWire.ts';
import { withShortPauses } from '../../shortPauses.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, type LoggedIn, logIn, logInToPractice } from '../practice.ts';

describe('eca apply with an integration user', () => {
  withShortPauses();

  const $$ = new TestContext();
  let org: LoggedIn;
  let wire: FaultyWire | undefined;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  let file: string;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-apply-'));
    file = join(folder, 'eca.yaml');
    write(orders());
  });
  afterEach(async () => {
    await wire?.close();
    wire = undefined;
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const username = 'order-sync@example.com';
  const start = async (options: PracticeServerOptions = {}): Promise<void> => {
    org = await logInToPractice($$, options);
    addSet();
  };
  const addSet = () =>
    org.org.insert('PermissionSet', {
      ...{ Name: 'Orders_Read', Label: 'Orders Read', Type: 'Regular', IsOwnedByProfile: false, NamespacePrefix: null },
      LicenseId: org.org.records('PermissionSetLicense')[0]!.Id,
    });
  const write = (...apps: string[]): void => writeFileSync(file, `apps:\n${apps.join('')}`);
  const orders = (
    user = `{ username: ${username}, permissionSets: [Orders_Read] }`,
    more = '',
    name = 'Order_Sync',
  ): string => `- name: ${name}
  contactEmail: it@example.com
  oauth:
    callbackUrls: [http://localhost:1717/callback]
    flows: [client-credentials]
    pkceRequired: true
${more}  scopes: [api]
  integrationUser: ${user}
  policies: { sessionTimeoutMinutes: 30 }
`;
  const apply = async (...flags: string[]): Promise<EcaApplyResult> =>
    EcaApply.run(['--target-org', org.username, '--file', file, ...flags]);
  const writes = (): number =>
    org.requests.entries().filter(({ method, path }) => method === 'POST' && path.includes('/sobjects/')).length;
  const refusal = async (...flags: string[]): Promise<string> => {
    const before = [writes(), org.deploys()];
    const error = await failure(apply(...flags));
    expect([writes(), org.deploys()]).to.deep.equal(before);
    return error.message;
  };

  it('gives an empty org an app that verify passes without a warning, with one deploy', async () => {
    await start();
    const { apps } = await apply();
    expect(org.deploys()).to.equal(1);
    expect(apps[0]).to.deep.include({ action: 'create', notApplied: [] });
    expect(apps[0]?.integrationUser?.username).to.equal(username);
    expect(apps[0]?.integrationUser?.steps.map(({ status }) => status)).to.deep.equal(Array(5).fill('done'));
    expect(apps[0]?.app.policies).to.deep.include({
      permittedUsers: 'admin-approved',
      permissionSets: ['Order_Sync_Access'],
    });
    // `sf` warns of http in a text of its own.
    expect(ux.warn.args.flat().filter((warning) => typeof warning !== 'string')).to.deep.equal([]);

    const { passed, checks } = await EcaVerify.run([
      ...['--target-org', org.username, '--name', 'Order_Sync', '--allow-secret-access', '--strict'],
    ]);
    const notPassed = checks.filter(({ status }) => status !== 'passed');
    expect(
      notPassed.filter(({ status }) => status !== 'skipped'),
      JSON.stringify(notPassed),
    ).to.deep.equal([]);
    expect(passed, JSON.stringify(notPassed)).to.equal(true);
  });

  it('has nothing to do a second time, also with what export writes', async () => {
    await start();
    await apply();
    const before = [writes(), org.deploys()];
    const { apps } = await apply();
    expect(apps[0]).to.deep.include({ action: 'none', changes: [] });
    await EcaExport.run(['--target-org', org.username, '--output-file', join(folder, 'exported.yaml')]);
    await EcaApply.run(['--target-org', org.username, '--file', join(folder, 'exported.yaml')]);
    write(orders(undefined, `    runAs: ${username}\n`));
    await apply();
    expect([writes(), org.deploys()]).to.deep.equal(before);
  });

  it('uses the username with the ID of the org where another org has the one that the file says', async () => {
    await start({ takenUsernames: [username] });
    const { apps } = await apply();
    const made = `${username}.${org.org.orgId.toLowerCase()}`;
    expect(apps[0]?.integrationUser?.username).to.equal(made);
    expect(apps[0]?.app.oauth?.runAs).to.equal(made);
    expect((await apply()).apps[0]?.action).to.equal('none');
  });

  it('shows the user in the plan, and has the org check the rest in a dry run', async () => {
    await start();
    const { apps } = await apply('--dry-run', '--detailed-exitcode');
    expect(org.deploys()).to.equal(1);
    expect(writes()).to.equal(0);
    expect(apps[0]?.integrationUser?.steps.map(({ status }) => status)).to.deep.equal(Array(5).fill('planned'));
    expect(apps[0]?.app.oauth?.runAs).to.equal(username);
    expect(ux.log.args.flat().join('\n')).to.include(`+ user ${username}`);
    expect(process.exitCode).to.equal(3);
  });

  it('finishes a user of whom something is missing, though the app is as it should be', async () => {
    await start();
    await apply();
    const set = org.org.records('PermissionSet').find(({ Name }) => Name === 'Order_Sync_Access')!;
    const assignment = org.org
      .records('PermissionSetAssignment')
      .find(({ PermissionSetId }) => PermissionSetId === set.Id)!;
    org.org.delete('PermissionSetAssignment', assignment.Id);
    const { apps } = await apply();
    expect(apps[0]?.action).to.equal('change');
    expect(apps[0]?.integrationUser?.steps.filter(({ status }) => status === 'done').map(({ id }) => id)).to.deep.equal(
      ['access'],
    );
    expect(org.deploys()).to.equal(1);
  });

  const warned = (name: string): string[] =>
    (ux.warn.args.flat() as Array<{ name: string; message: string }>)
      .filter((warning) => warning.name === name)
      .map(({ message }) => message);

  describe('for an app that is there, which everybody may approve', () => {
    const forAll = async (): Promise<void> => {
      await start();
      write(
        orders()
          .replace(/ {2}integrationUser: .*\n/, '')
          .replace('[client-credentials]', '[web-server]'),
      );
      await apply();
      write(orders());
    };
    const somebodyUsesIt = (): string => {
      const app = appById(org.org, org.org.components('ExternalClientApplication')[0]!.id)!;
      grantsOf(org.org).newRefreshGrant(app, org.org.seeded.standardUser.Id, ['api']);
      return String(org.org.seeded.standardUser.Username);
    };

    it('says before whom it locks out', async () => {
      await forAll();
      const who = somebodyUsesIt();
      const before = [writes(), org.deploys()];
      $$.SANDBOX.stub(PROMPTS, 'yes').resolves(false);
      atTerminal(true);
      try {
        expect((await failure(apply())).name).to.equal('NotConfirmedError');
      } finally {
        asItIs();
      }
      expect([writes(), org.deploys()]).to.deep.equal(before);
      const [text, ...others] = warned('LockOutWarning');
      expect(text).to.include('Order_Sync').and.include(who);
      expect(others).to.deep.equal([]);
    });

    it('says nothing where nobody uses it, or where the file leaves it to all users', async () => {
      await forAll();
      await apply('--dry-run');
      expect(warned('LockOutWarning')).to.deep.equal([]);
      somebodyUsesIt();
      write(orders().replace('policies: {', 'policies: { permittedUsers: all-users,'));
      await apply('--dry-run');
      expect(warned('LockOutWarning')).to.deep.equal([]);
    });
  });

  it('warns of a permission set that makes the user mighty, before anything is made', async () => {
    await start();
    const set = org.org.records('PermissionSet').find(({ Name }) => Name === 'Orders_Read')!;
    org.org.update('PermissionSet', set.Id, { PermissionsViewAllData: true });
    await apply('--dry-run');
    expect(warned('UserPowerfulWarning').join()).to.include(username).and.include('View All Data');
    expect(writes()).to.equal(0);
  });

  it('lets several apps have one user', async () => {
    await start();
    write(orders(), orders(undefined, '', 'Other_Sync'));
    org.org
      .records('UserLicense')
      .forEach(
        ({ Id, Name }) => Name === 'Salesforce Integration' && org.org.update('UserLicense', Id, { TotalLicenses: 2 }),
      );
    const { apps } = await apply();
    expect(apps.map(({ app }) => app.oauth?.runAs)).to.deep.equal([username, username]);
    expect(org.org.permissionSetsOf(org.org.userByUsername(username)!.Id).map(({ Name }) => Name)).to.include.members([
      'Order_Sync_Access',
      'Other_Sync_Access',
    ]);
  });

  it('says where in the file what the org lacks is asked for, before anything is done', async () => {
    await start();
    write(orders(`{ username: ${username}, permissionSets: [Orders_Reed] }`));
    expect(await refusal()).to.match(
      /eca\.yaml:9:\d+: The org has no permission set "Orders_Reed"\. Did you mean: Orders_Read\?/,
    );
    write(orders('{ username: order-sync }'));
    expect(await refusal()).to.match(/eca\.yaml:9:\d+: "order-sync" isn't valid as the username/);
    write(orders('{ permissionSets: [Orders_Read] }'));
    expect(await refusal()).to.include('username');
    write(orders(undefined, '    runAs: somebody@example.com\n'));
    expect(await refusal()).to.match(/eca\.yaml:8:\d+: The app can't run as somebody@example\.com/);
    write(
      '- { name: Order_Sync, policies: { permissionSets: [Orders_Read] }, absent: true, integrationUser: { username: a@b.example } }\n',
    );
    expect((await apply()).apps[0]?.action).to.equal('none');
  });

  it('says which permission for users is missing, before anything is done', async () => {
    await start();
    const [set] = org.org.permissionSetsOf(org.org.seeded.admin.Id);
    org.org.update('PermissionSet', set!.Id, { PermissionsManageProfilesPermissionsets: false });
    expect(await refusal()).to.include('(ManageProfilesPermissionsets)');
  });

  it('counts the licences for all users of the file', async () => {
    await start();
    org.org
      .records('UserLicense')
      .forEach(
        ({ Id, Name }) => Name === 'Salesforce Integration' && org.org.update('UserLicense', Id, { TotalLicenses: 2 }),
      );
    write(orders(), orders('{ username: other@example.com }', '', 'Other_Sync'));
    expect(await refusal()).to.include('All "Salesforce Integration" user licences are in use');
  });

  it('refuses a permission set that cannot let anybody in', async () => {
    await start();
    write(orders().replace('policies: {', 'policies: { permissionSets: [Orders_Read],'));
    expect(await refusal()).to.match(
      /eca\.yaml:10:\d+: The permission set "Orders_Read" belongs to the permission set licence/,
    );
  });

  for (let nth = 1; nth <= 6; nth++) {
    it(`makes nothing twice when the answer to write ${nth} is lost`, async () => {
      let count = 0;
      const practice = await createPracticeServer();
      wire = await openFaultyWire(practice, ({ method, path }) => {
        const isWrite = method === 'POST' && /sobjects\/|deployRequest/.test(path);
        return isWrite && ++count === nth ? 'lost' : undefined;
      });
      const admin = String(practice.org.seeded.admin.Username);
      await logIn($$, admin, wire.url, practice.accessToken);
      org = { ...practice, username: admin, deploys: () => 0, asked: () => [] };
      addSet();
      const { apps } = await apply();
      expect(count).to.be.greaterThan(nth);
      expect(apps[0]?.app.oauth?.runAs).to.equal(username);
      expect(org.org.records('User').filter(({ Username }) => String(Username).startsWith(username))).to.have.length(1);
      expect((await apply()).apps[0]?.action).to.equal('none');
    });
  }
});
