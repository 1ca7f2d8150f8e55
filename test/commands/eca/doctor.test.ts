import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaDoctor, { type EcaDoctorResult } from '../../../src/commands/eca/doctor.ts';
import type { PracticeServerOptions } from '../../../src/practice/practice.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca doctor', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });
  afterEach(async () => {
    await org.close();
    process.exitCode = undefined;
  });

  const examine = async (): Promise<EcaDoctorResult> => EcaDoctor.run(['--target-org', org.username]);
  /** What is not well, by id, with its status. */
  const amiss = ({ checks }: EcaDoctorResult): Record<string, string> =>
    Object.fromEntries(checks.filter(({ status }) => status !== 'passed').map(({ id, status }) => [id, status]));
  const licence = () => org.org.records('UserLicense').find(({ Name }) => Name === 'Salesforce Integration')!;
  const psl = () => org.org.records('PermissionSetLicense')[0]!;
  const revoke = (permission: string): void => {
    const [set] = org.org.permissionSetsOf(org.org.seeded.admin.Id);
    org.org.update('PermissionSet', set!.Id, { [`Permissions${permission}`]: false });
  };

  it('finds nothing amiss in a new practice org, and says how many licences are left', async () => {
    org = await logInToPractice($$);
    const result = await examine();
    expect(amiss(result)).to.deep.equal({});
    expect(result.healthy).to.equal(true);
    expect(process.exitCode).to.equal(undefined);
    const details = result.checks.map(({ detail }) => detail).join('\n');
    expect(details).to.include('"Salesforce Integration": 4 of 5').and.include('You may run "sf eca create"');
    const permissions = result.checks.filter(({ id }) => id.startsWith('permission.'));
    expect(ux.log.args.flat()).to.have.length(result.checks.length - permissions.length + 1);
    expect(result.missingPermissions).to.deep.equal([]);
  });

  it('says once what is missing for all commands, and writes it as a permission set that an org takes', async () => {
    org = await logInToPractice($$);
    for (const permission of [
      'ModifyMetadata',
      'ModifyAllData',
      'ViewClientSecret',
      'ManageUsers',
      'ManageInternalUsers',
    ])
      revoke(permission);
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    const file = join(folder, 'Eca_Access.permissionset-meta.xml');
    const result = await EcaDoctor.run(['--target-org', org.username, '--permission-set-file', file]);
    const missing = ['ManageInternalUsers', 'ModifyMetadata', 'ViewClientSecret'];
    expect(result).to.deep.include({ missingPermissions: missing, permissionSetFile: file });
    const said = ux.log.args.flat().join('\n');
    expect(said.split('(ModifyMetadata)')).to.have.length(2);
    const xml = readFileSync(file, 'utf8');
    expect([...xml.matchAll(/<name>(\w+)<\/name>/g)].map(([, name]) => name)).to.deep.equal(missing);
    expect(xml).to.include('<label>Eca Access</label>');

    expect(await failure(EcaDoctor.run(['--target-org', org.username, '--permission-set-file', file]))).to.include({
      name: 'PermissionSetFileThereError',
      exitCode: 2,
    });
    expect(readFileSync(file, 'utf8')).to.equal(xml);
    for (const name of ['Eca.xml', '1.permissionset-meta.xml', 'a<b.permissionset-meta.xml']) {
      const wrong = EcaDoctor.run(['--target-org', org.username, '--permission-set-file', join(folder, name)]);
      expect((await failure(wrong)).name).to.equal('PermissionSetFileNameError');
    }
    rmSync(folder, { recursive: true });
  });

  it('writes no permission set when nothing is missing', async () => {
    org = await logInToPractice($$);
    const file = join(tmpdir(), `None${Date.now()}.permissionset-meta.xml`);
    const result = await EcaDoctor.run(['--target-org', org.username, '--permission-set-file', file]);
    expect(result).not.to.have.property('permissionSetFile');
    expect(existsSync(file)).to.equal(false);
  });

  const orgs: Array<
    [what: string, finds: Record<string, string>, advice: string, spoil: () => unknown, options?: PracticeServerOptions]
  > = [
    [
      'external client apps',
      { 'external-client-apps': 'failed' },
      'ExternalClientApps',
      () => undefined,
      { externalClientApps: false },
    ],
    ['a newer API version', { 'api-version': 'warning' }, 'next release', () => undefined, { apiVersion: 64 }],
    [
      'the licence',
      { 'integration-licence': 'warning', 'integration-profile': 'skipped' },
      'account executive',
      () => {
        const { Id } = licence();
        for (const profile of org.org.records('Profile'))
          if (profile.UserLicenseId === Id) org.org.update('Profile', profile.Id, { UserLicenseId: null });
        org.org.delete('UserLicense', Id);
      },
    ],
    [
      'an active licence',
      { 'integration-licence': 'warning' },
      'renew',
      () => org.org.update('UserLicense', licence().Id, { Status: 'Disabled' }),
    ],
    [
      'a free licence',
      { 'integration-licence': 'warning' },
      'Deactivate an integration user',
      () => org.org.update('UserLicense', licence().Id, { TotalLicenses: 1 }),
    ],
    [
      'the profile',
      { 'integration-profile': 'warning' },
      'Setup > Profiles',
      () => {
        const profile = org.org.records('Profile').find(({ Name }) => String(Name).includes('API Only'))!;
        org.org.update('Profile', profile.Id, { Name: 'Other', PermissionsApiUserOnly: false });
      },
    ],
    [
      'the permission set licence',
      { 'integration-permission-set-licence': 'warning' },
      'Permission Set Licenses',
      () => org.org.delete('PermissionSetLicense', psl().Id),
    ],
    [
      'a free permission set licence',
      { 'integration-permission-set-licence': 'warning' },
      'Remove the licence from a user',
      () => org.org.update('PermissionSetLicense', psl().Id, { TotalLicenses: 1 }),
    ],
    [
      'a permission for secrets',
      { 'permission.credentials': 'failed' },
      'ViewClientSecret',
      () => revoke('ViewClientSecret'),
    ],
    [
      'a permission for users',
      { 'permission.user-create': 'failed' },
      'AssignPermissionSets',
      () => revoke('AssignPermissionSets'),
    ],
    [
      'a closed secret access',
      { 'secret-access': 'warning' },
      'switch it off',
      () => {
        org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
      },
    ],
    [
      'open API access',
      { 'api-access-control': 'warning' },
      'admin-approved',
      () => {
        org.org.settings.ConnectedAppSettings!.enableAdminApprovedAppsOnly = true;
      },
    ],
  ];
  for (const [what, finds, advice, spoil, options = {}] of orgs) {
    it(`gives the right advice in an org without ${what}`, async () => {
      org = await logInToPractice($$, options);
      spoil();
      const result = await examine();
      expect(amiss(result)).to.deep.equal(finds);
      const [first] = result.checks.filter(({ fix }) => fix);
      expect(first?.fix).to.include(advice);
      const fails = Object.values(finds).includes('failed');
      expect(result.healthy).to.equal(!fails);
      expect(process.exitCode).to.equal(fails ? 1 : undefined);
    });
  }

  it('names each command that a standard user may not run', async () => {
    org = await logInToPractice($$, {}, (practice) => practice.org.seeded.standardUser);
    const { checks } = await examine();
    const mayNot = checks.filter(({ id, status }) => id.startsWith('permission.') && status === 'failed');
    expect(mayNot.map(({ id }) => id)).to.include.members([
      'permission.create',
      'permission.delete',
      'permission.user-create',
    ]);
    expect(mayNot.every(({ fix }) => fix?.includes(org.username))).to.equal(true);
  });

  it('tells a missing permission to see apps as that, and not as a missing feature', async () => {
    org = await logInToPractice($$, {}, (practice) => practice.org.seeded.standardUser);
    const { checks } = await examine();
    const { status, detail, fix } = checks.find(({ id }) => id === 'external-client-apps')!;
    expect(status).to.equal('failed');
    expect(detail).to.include('ExternalClientAppViewer').and.not.include('has no external client apps');
    expect(fix).to.include(org.username).and.include('ExternalClientAppViewer').and.not.include('scratch org');
  });

  it('says that the login is over', async () => {
    org = await logInToPractice($$);
    for (const token of [...org.org.sessions.keys()]) org.org.sessions.delete(token);
    expect((await failure(examine())).name).to.equal('SessionInvalidError');
  });
});
