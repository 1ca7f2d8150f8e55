import { expect } from 'chai';

import { findUser, findUserById } from '../../../src/org/users/users.ts';
import { userLogin } from '../../../src/practice/logins.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';

describe('users of an org', () => {
  let practice: PracticeServer;
  let connection: Awaited<ReturnType<typeof connectTo>>;

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await connectTo(practice);
  });
  afterEach(() => practice.close());

  const integration = () => practice.org.seeded.integrationUser;

  it('are found by username, with what an integration needs and should not have', async () => {
    const username = String(integration().Username);
    expect(await findUser(connection, username)).to.deep.equal({
      id: integration().Id,
      username,
      active: true,
      locked: false,
      profileName: 'Minimum Access - API Only Integrations',
      licence: 'Salesforce Integration',
      isAdmin: false,
      modifyAllData: false,
      viewAllData: false,
      apiEnabled: true,
      apiOnly: true,
      permissionSets: [],
    });
  });

  it('are found by Id', async () => {
    expect((await findUserById(connection, integration().Id))?.username).to.equal(integration().Username);
  });

  it('are administrators by what they may do', async () => {
    const admin = await findUser(connection, String(practice.org.seeded.admin.Username));
    expect(admin).to.include({ isAdmin: true, modifyAllData: true, apiOnly: false });
  });

  it('have what their permission sets add', async () => {
    const set = practice.org.insert('PermissionSet', {
      Name: 'Too_Much',
      Label: 'Too Much',
      IsOwnedByProfile: false,
      PermissionsModifyAllData: true,
    });
    practice.org.insert('PermissionSetAssignment', { AssigneeId: integration().Id, PermissionSetId: set.Id });
    const user = await findUser(connection, String(integration().Username));
    expect(user).to.deep.include({ modifyAllData: true, isAdmin: false, permissionSets: ['Too_Much'] });
  });

  it('are inactive, or frozen', async () => {
    practice.org.update('User', integration().Id, { IsActive: false });
    practice.org.update('UserLogin', String(userLogin(practice.org, integration().Id)?.Id), { IsFrozen: true });
    expect(await findUserById(connection, integration().Id)).to.include({ active: false, locked: true });
  });

  it('are not found by another name, nor by a crafted one', async () => {
    expect(await findUser(connection, 'nobody@example.com')).to.equal(undefined);
    expect(await findUser(connection, "x' OR Username != '")).to.equal(undefined);
  });
});
