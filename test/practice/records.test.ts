import { expect } from 'chai';

import { app } from './appFiles.ts';
import { openPractice, type Practice } from './client.ts';
const user = (fields: Record<string, unknown>): Record<string, unknown> => ({
  LastName: 'Sync',
  Alias: 'sync',
  Email: 'it@example.com',
  TimeZoneSidKey: 'Europe/London',
  LocaleSidKey: 'en_US',
  EmailEncodingKey: 'UTF-8',
  LanguageLocaleKey: 'en_US',
  ...fields,
});

describe('records in the practice org', () => {
  let practice: Practice;
  let profileId: string;

  beforeEach(async () => {
    practice = await openPractice({ takenUsernames: ['taken@example.com'] });
    const { org } = practice.server;
    profileId = String(org.seeded.integrationUser.ProfileId);
  });
  afterEach(() => practice.close());

  const create = async (sObject: string, fields: Record<string, unknown>): Promise<string> => {
    const result = await practice.connection.sobject(sObject).create(fields as never);
    return (result as unknown as { id: string }).id;
  };
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error = (await work.then(
      () => ({}),
      (reason: unknown) => reason,
    )) as { errorCode?: string; message?: string };
    return `${error.errorCode}: ${error.message}`;
  };

  it('makes a user, lets it go, and knows it by its profile', async () => {
    const id = await create('User', user({ Username: 'sync@example.com', ProfileId: profileId }));
    expect(id).to.match(/^005/);
    const { org } = practice.server;
    expect(org.can(id, 'ApiUserOnly')).to.equal(true);
    await practice.connection.sobject('User').update({ Id: id, IsActive: false });
    expect(org.can(id, 'ApiUserOnly')).to.equal(false);
  });

  it('gives a user who changes the profile what the new one grants', async () => {
    const { org } = practice.server;
    const { Id } = org.seeded.standardUser;
    await practice.connection.sobject('User').update({ Id, ProfileId: profileId });
    expect(org.can(Id, 'ApiUserOnly')).to.equal(true);
    expect(org.can(Id, 'ViewSetup')).to.equal(false);
  });

  it('refuses users that Salesforce refuses', async () => {
    const make = (fields: Record<string, unknown>): Promise<string> =>
      refusal(create('User', user({ ProfileId: profileId, ...fields })));
    expect(await make({})).to.equal('REQUIRED_FIELD_MISSING: Required fields are missing: [Username]');
    expect(await make({ Username: 'nobody' })).to.match(/^INVALID_EMAIL_ADDRESS/);
    expect(await make({ Username: 'taken@example.com' })).to.match(/^DUPLICATE_USERNAME/);
    const { integrationUser } = practice.server.org.seeded;
    expect(await make({ Username: integrationUser.Username })).to.match(/^DUPLICATE_USERNAME/);
    expect(await make({ Username: 'a@example.com', Nope: 1 })).to.match(/^INVALID_FIELD: No such column 'Nope'/);
    expect(await make({ Username: 'a@example.com', ProfileId: 'x' })).to.match(/^MALFORMED_ID/);
  });

  it('gives out no more licences than the org has', async () => {
    for (const nth of [1, 2, 3, 4])
      await create('User', user({ Username: `u${nth}@example.com`, ProfileId: profileId }));
    const sixth = user({ Username: 'u5@example.com', ProfileId: profileId });
    expect(await refusal(create('User', sixth))).to.equal('LICENSE_LIMIT_EXCEEDED: License Limit Exceeded');
    expect(await create('User', { ...sixth, IsActive: false })).to.match(/^005/);
  });

  it('assigns a permission set once, and one that needs a licence to those who have it', async () => {
    const { org } = practice.server;
    const [psl] = org.records('PermissionSetLicense');
    const AssigneeId = org.seeded.standardUser.Id;
    const free = await create('PermissionSet', { Name: 'Free', Label: 'Free' });
    const bound = await create('PermissionSet', { Name: 'Bound', Label: 'Bound', LicenseId: psl?.Id });
    await create('PermissionSetAssignment', { AssigneeId, PermissionSetId: free });
    expect(await refusal(create('PermissionSetAssignment', { AssigneeId, PermissionSetId: free }))).to.match(
      /^DUPLICATE_VALUE/,
    );
    const assignment = { AssigneeId, PermissionSetId: bound };
    expect(await refusal(create('PermissionSetAssignment', assignment))).to.match(/^FIELD_INTEGRITY_EXCEPTION/);
    await create('PermissionSetLicenseAssign', { AssigneeId, PermissionSetLicenseId: psl?.Id });
    expect(await create('PermissionSetAssignment', assignment)).to.match(/^0Pa/);
  });

  it('grants a user of the integration licence nothing beyond it, without the permission set licence', async () => {
    const { org } = practice.server;
    const [psl] = org.records('PermissionSetLicense');
    const AssigneeId = await create('User', user({ Username: 'sync@example.com', ProfileId: profileId }));
    const strong = await create('PermissionSet', { Name: 'Strong', Label: 'Strong', PermissionsViewAllData: true });
    const weak = await create('PermissionSet', { Name: 'Weak', Label: 'Weak', PermissionsApiEnabled: true });
    expect(await create('PermissionSetAssignment', { AssigneeId, PermissionSetId: weak })).to.match(/^0Pa/);
    expect(await refusal(create('PermissionSetAssignment', { AssigneeId, PermissionSetId: strong }))).to.match(
      /^FIELD_INTEGRITY_EXCEPTION: .*doesn't allow the permission: View All Data/,
    );
    await create('PermissionSetLicenseAssign', { AssigneeId, PermissionSetLicenseId: psl?.Id });
    expect(await create('PermissionSetAssignment', { AssigneeId, PermissionSetId: strong })).to.match(/^0Pa/);
  });

  it('tells over the Tooling API when and from where the users of a profile may log in', async () => {
    const soql = `SELECT Metadata FROM Profile WHERE Id = '${profileId}'`;
    const { records } = await practice.connection.tooling.query<Record<string, unknown>>(soql);
    expect(records[0]?.Metadata).to.deep.include({ loginHours: null, loginIpRanges: [] });
    expect(await refusal(Promise.resolve(practice.connection.query(soql)))).to.match(/No such column 'Metadata'/);
  });

  it('lets a permission set in to an app, but none that goes with a licence', async () => {
    await practice.deploy([app('Order_Sync')]);
    const { org } = practice.server;
    const [one] = org.components('ExternalClientApplication');
    const free = await create('PermissionSet', { Name: 'Free', Label: 'Free' });
    const [psl] = org.records('PermissionSetLicense');
    const bound = await create('PermissionSet', { Name: 'Bound', Label: 'Bound', LicenseId: psl?.Id });
    const access = await create('SetupEntityAccess', { ParentId: free, SetupEntityId: one?.id });
    expect(org.record('SetupEntityAccess', access)).to.include({ SetupEntityType: 'ExternalClientApplication' });
    expect(await refusal(create('SetupEntityAccess', { ParentId: bound, SetupEntityId: one?.id }))).to.match(
      /^FIELD_INTEGRITY_EXCEPTION/,
    );
    await practice.connection.sobject('SetupEntityAccess').delete(access);
    expect(org.records('SetupEntityAccess')).to.deep.equal([]);
  });

  it('has no REST way to make an app', async () => {
    expect(await refusal(create('ExternalClientApplication', { DeveloperName: 'A' }))).to.match(
      /^CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY/,
    );
  });

  it('makes nothing for a user who may not', async () => {
    const connection = practice.as(practice.server.org.seeded.standardUser.Id);
    const made = connection.sobject('PermissionSet').create({ Name: 'A', Label: 'A' } as never);
    expect(await refusal(made)).to.match(/^INSUFFICIENT_ACCESS_OR_READONLY/);
  });

  it('reads a record with the fields that were asked for, and describes its sObject', async () => {
    const { Id } = practice.server.org.seeded.admin;
    const record = await practice.connection.sobject('User').retrieve(Id, { fields: ['Alias'] });
    expect(record).to.include({ Alias: 'admin' }).and.not.to.have.property('Email');
    const { fields, createable } = await practice.connection.sobject('ExternalClientApplication').describe();
    expect(createable).to.equal(false);
    expect(fields.map(({ name }) => name)).to.include.members(['Id', 'DeveloperName', 'ContactEmail']);
    expect(await refusal(practice.connection.sobject('User').retrieve('005000000000000AAA'))).to.match(/^NOT_FOUND/);
  });

  describe('several at once', () => {
    const post = (path: string, body: unknown): Promise<Record<string, unknown>> =>
      practice.connection.requestPost(`/composite${path}`, body as object);

    it('makes, changes and deletes records, and says of each how it went', async () => {
      const { connection } = practice;
      const made = await connection.sobject('Account').create([{ Name: 'One' }, { Nope: 1 }, { Name: 'Two' }] as never);
      const [one, nope, two] = made as unknown as Array<{ id: string; success: boolean; errors: unknown[] }>;
      expect([one?.success, nope?.success, two?.success]).to.deep.equal([true, false, true]);
      expect(nope?.errors[0]).to.have.property('statusCode', 'INVALID_FIELD');
      const changed = await connection.sobject('Account').update([{ Id: one!.id, Name: 'First' }]);
      expect(changed).to.deep.equal([{ id: one?.id, success: true, errors: [] }]);
      await connection.sobject('Account').destroy([two!.id]);
      const { records } = await connection.query('SELECT Name, Owner.Alias FROM Account');
      expect(records.map(({ Name, Owner }) => [Name, (Owner as { Alias: string }).Alias])).to.deep.equal([
        ['First', 'admin'],
      ]);
    });

    it('lets a request use what an earlier one answered', async () => {
      const { compositeResponse } = (await post('', {
        compositeRequest: [
          { method: 'POST', url: '/services/data/v67.0/sobjects/Account', referenceId: 'made', body: { Name: 'One' } },
          { method: 'GET', url: '/services/data/v67.0/sobjects/Account/@{made.id}?fields=Name', referenceId: 'read' },
          { method: 'GET', url: '/services/data/v67.0/sobjects/Nope', referenceId: 'nope' },
        ],
      })) as {
        compositeResponse: Array<{ httpStatusCode: number; referenceId: string; body: Record<string, unknown> }>;
      };
      expect(compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).to.deep.equal([201, 200, 404]);
      expect(compositeResponse[1]?.body).to.include({ Name: 'One' });
    });

    it('does requests in a batch until one goes wrong, where that is asked for', async () => {
      const batchRequests = [
        { method: 'GET', url: 'v67.0/sobjects/Nope' },
        { method: 'GET', url: 'v67.0/query?q=SELECT+COUNT()+FROM+User' },
      ];
      const all = await post('/batch', { batchRequests });
      expect(all).to.have.property('hasErrors', true);
      expect(all).to.have.nested.property('results[1].result.totalSize', 3);
      expect((await post('/batch', { batchRequests, haltOnError: true })).results).to.have.length(1);
    });

    it('grows a tree whole or not at all', async () => {
      const record = (referenceId: string, fields: object): object => ({
        attributes: { type: 'Account', referenceId },
        ...fields,
      });
      const good = await post('/tree/Account', { records: [record('a', { Name: 'A' }), record('b', { Name: 'B' })] });
      expect(good).to.include({ hasErrors: false });
      const bad = practice.connection.requestPost('/composite/tree/Account', {
        records: [record('c', { Name: 'C' }), record('d', {})],
      });
      expect(await bad.catch((error: Error) => error)).to.be.instanceOf(Error);
      expect((await practice.connection.query('SELECT Id FROM Account')).totalSize).to.equal(2);
    });

    it('minds who asks', async () => {
      const connection = practice.as(practice.server.org.seeded.standardUser.Id);
      const [refused] = (await connection
        .sobject('User')
        .create([user({ Username: 'x@example.com' })] as never)) as unknown as Array<{
        success: boolean;
      }>;
      expect(refused?.success).to.equal(false);
    });
  });
});
