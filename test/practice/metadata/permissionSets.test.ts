import { expect } from 'chai';

import { app, CALLBACK, globalSettings, oauthPolicies, oauthSettings, type Piece, SCOPES } from '../appFiles.ts';
import { openPractice, type Practice } from '../client.ts';
describe('permission sets in the practice org', () => {
  let practice: Practice;

  beforeEach(async () => {
    practice = await openPractice();
  });
  afterEach(() => practice.close());

  const set = (name: string, xml = ''): Piece => ({ type: 'PermissionSet', name, xml: `${xml}<label>${name}</label>` });
  const permission = (name: string, enabled = true): string =>
    `<userPermissions><enabled>${enabled}</enabled><name>${name}</name></userPermissions>`;

  const records = async (soql: string): Promise<Array<Record<string, unknown>>> =>
    (await practice.connection.query(soql)).records;

  const read = (name: string): Promise<Record<string, unknown>> =>
    practice.connection.metadata.read('PermissionSet', name);

  it('come with the app whose policies name them', async () => {
    const { success } = await practice.deploy([
      app('A'),
      oauthSettings('A', SCOPES),
      globalSettings('A', CALLBACK),
      oauthPolicies(
        'A',
        '<commaSeparatedPermissionSet>Orders</commaSeparatedPermissionSet><permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>',
      ),
      set('Orders', permission('ApiEnabled')),
    ]);
    expect(success).to.equal(true);
    const [access] = await records('SELECT Parent.Name, Parent.PermissionsApiEnabled FROM SetupEntityAccess');
    expect(access).to.have.nested.property('Parent.Name', 'Orders');
    expect(access).to.have.nested.property('Parent.PermissionsApiEnabled', true);
  });

  it('are records of the data API too, whichever way they were made', async () => {
    await practice.connection.sobject('PermissionSet').create({ Name: 'By_Rest', Label: 'By REST' });
    const { successes } = await practice.deploy([
      set('By_Deploy', permission('ApiEnabled') + permission('RunReports', false)),
    ]);
    const found = await records(
      'SELECT Id, Name, PermissionsApiEnabled, PermissionsRunReports FROM PermissionSet WHERE IsOwnedByProfile = false ORDER BY Name',
    );
    expect(found.map(({ Name }) => Name)).to.deep.equal(['By_Deploy', 'By_Rest']);
    expect(found[0]).to.include({ PermissionsApiEnabled: true, PermissionsRunReports: false });
    expect(successes.find(({ fullName }) => fullName === 'By_Deploy')).to.include({ created: true, id: found[0]?.Id });
    const listed = await practice.connection.metadata.list({ type: 'PermissionSet' });
    expect([listed].flat().map(({ fullName }) => fullName)).to.have.members(['By_Deploy', 'By_Rest']);
  });

  it('come back as they were deployed, and change nothing when they are deployed again', async () => {
    const xml =
      '<description>Orders &amp; more</description><hasActivationRequired>false</hasActivationRequired>' +
      '<license>Salesforce Integration</license>' +
      '<objectPermissions><allowCreate>true</allowCreate><allowDelete>false</allowDelete><allowEdit>true</allowEdit><allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Account</object><viewAllRecords>false</viewAllRecords></objectPermissions>' +
      permission('ApiEnabled');
    await practice.deploy([set('Orders', xml)]);
    const one = await read('Orders');
    expect(one).to.include({ label: 'Orders', description: 'Orders & more', license: 'Salesforce Integration' });
    expect(one).to.have.nested.property('objectPermissions[0].object', 'Account');
    expect(one).to.have.nested.property('userPermissions[0].name', 'ApiEnabled');
    const again = await practice.deploy([set('Orders', xml)]);
    expect(again.successes.find(({ fullName }) => fullName === 'Orders')).to.include({
      created: false,
      changed: false,
    });
    await practice.deploy([set('Orders')]);
    const bare = await read('Orders');
    expect([bare.userPermissions, bare.objectPermissions].flat()).to.deep.equal([]);
    expect(bare.license).to.be.oneOf([undefined, null]);
  });

  it('go with their assignments', async () => {
    await practice.deploy([set('Orders')]);
    const [{ Id } = {}] = await records("SELECT Id FROM PermissionSet WHERE Name = 'Orders'");
    await practice.connection
      .sobject('PermissionSetAssignment')
      .create({ PermissionSetId: Id, AssigneeId: practice.server.org.seeded.standardUser.Id });
    const { success } = await practice.deploy([], { destroy: [{ type: 'PermissionSet', name: 'Orders' }] });
    expect(success).to.equal(true);
    expect(await records("SELECT Id FROM PermissionSet WHERE Name = 'Orders'")).to.deep.equal([]);
    expect(await records("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Orders'")).to.deep.equal(
      [],
    );
  });

  it('are not there after a validation', async () => {
    await practice.deploy([set('Orders')], { checkOnly: true });
    expect(await records("SELECT Id FROM PermissionSet WHERE Name = 'Orders'")).to.deep.equal([]);
  });

  const refused: Array<[what: string, piece: Piece, problem: RegExp]> = [
    [
      'a permission that nobody knows',
      set('Orders', permission('FlyToTheMoon')),
      /Unknown user permission: FlyToTheMoon/,
    ],
    ['a licence that the org has not', set('Orders', '<license>Nope</license>'), /no UserLicense named Nope found/],
    ['a name with two underscores', set('Orders__x'), /can only contain underscores and alphanumeric/],
    [
      'an element that there is not',
      set('Orders', '<nope>1</nope>'),
      /nope invalid at this location in type PermissionSet/,
    ],
  ];
  for (const [what, piece, problem] of refused) {
    it(`are refused with ${what}`, async () => {
      expect(await practice.problems([piece])).to.match(problem);
    });
  }
});
