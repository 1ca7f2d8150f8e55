import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import { connectedAppNamed, requirePermissions, runningUserEmail } from '../../../src/org/users/permissions.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import type { SfError } from '../../../src/salesforce.ts';
import { connectTo } from '../../connectTo.ts';

describe('access', () => {
  let practice: PracticeServer;

  beforeEach(async () => {
    practice = await createPracticeServer();
  });
  afterEach(() => practice.close());

  /** A login of one of the org's users. */
  const as = (user: { Id: string }): Promise<Connection> => {
    const { token } = practice.org.openSession({
      userId: user.Id,
      scopes: ['full'],
      format: 'opaque',
      expiresAt: new Date(practice.org.now().getTime() + 60_000),
    });
    return connectTo({ url: practice.url, accessToken: token });
  };

  /** The standard user, with a permission set that grants some more. */
  const standardWith = (...permissions: string[]): Promise<Connection> => {
    const { org } = practice;
    const set = org.insert('PermissionSet', {
      Name: 'More',
      Label: 'More',
      IsOwnedByProfile: false,
      ...Object.fromEntries(permissions.map((name) => [`Permissions${name}`, true])),
    });
    org.insert('PermissionSetAssignment', { AssigneeId: org.seeded.standardUser.Id, PermissionSetId: set.Id });
    return as(org.seeded.standardUser);
  };

  const missing = async (promise: Promise<void>): Promise<SfError> => {
    const error = await promise.then(
      () => undefined,
      (reason: SfError) => reason,
    );
    expect(error?.name).to.equal('PermissionMissingError');
    return error!;
  };

  it('lets an administrator do everything', async () => {
    const admin = await as(practice.org.seeded.admin);
    await requirePermissions(admin, 'create');
    await requirePermissions(admin, 'oauth set', ['ExternalClientAppAdmin']);
    await requirePermissions(admin, 'credentials', ['ViewClientSecret']);
  });

  it('names all that is missing, by label and API name, and the command', async () => {
    const error = await missing(requirePermissions(await standardWith(), 'create'));
    expect(error.message)
      .to.include('sf eca create')
      .and.include('"Create, edit, and delete External Client Apps" (ExternalClientAppDeveloper)')
      .and.include('(ModifyMetadata) or "Modify All Data" (ModifyAllData)');
    expect(error.data).to.deep.equal({
      missing: [['ExternalClientAppDeveloper'], ['ModifyMetadata', 'ModifyAllData']],
    });
    expect(error.actions?.join()).to.include('administrator');
  });

  it('is content with either permission to deploy', async () => {
    await requirePermissions(await standardWith('ExternalClientAppDeveloper', 'ModifyMetadata'), 'create');
    await requirePermissions(await standardWith('ExternalClientAppDeveloper', 'ModifyAllData'), 'create');
  });

  it('asks for what a run needs besides', async () => {
    const connection = await standardWith('ModifyMetadata');
    await requirePermissions(connection, 'scopes set');
    const error = await missing(requirePermissions(connection, 'scopes set', ['ExternalClientAppAdmin']));
    expect(error.data).to.deep.equal({ missing: [['ExternalClientAppAdmin']] });
  });

  it('finds a connected app of the same name', async () => {
    practice.org.insert('ConnectedApplication', { Name: "O'Brien Sync" });
    const admin = await as(practice.org.seeded.admin);
    expect(await connectedAppNamed(admin, ['O_Brien_Sync', "O'Brien Sync"])).to.equal("O'Brien Sync");
    expect(await connectedAppNamed(admin, ['Other'])).to.equal(undefined);
  });

  it('has no e-mail address for a user that the org does not know', async () => {
    expect(await runningUserEmail(await as(practice.org.seeded.admin))).to.equal(undefined);
  });
});
