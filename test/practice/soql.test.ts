import { expect } from 'chai';
import { app, oauthApp } from './appFiles.ts';
import { openPractice } from './client.ts';
import type { Practice } from './client.ts';

type Row = Record<string, unknown>;

describe('SOQL in the practice org', () => {
  let practice: Practice;

  before(async () => {
    practice = await openPractice();
    await practice.deploy([...oauthApp('Order_Sync'), ...oauthApp('Billing'), app('No_Oauth')]);
  });
  after(() => practice.close());

  const rows = async (soql: string): Promise<Row[]> => {
    const { records } = await practice.connection.query<Row>(soql);
    return records.map(({ attributes: _attributes, ...fields }) => fields);
  };
  const refusal = async (soql: string): Promise<string> => {
    const error = (await practice.connection.query(soql).then(
      () => ({}),
      (reason: unknown) => reason,
    )) as {
      name: string;
      message: string;
    };
    return `${error.name} ${error.message.split('\n').at(-1)}`;
  };

  const found: Array<[soql: string, expected: Row[]]> = [
    [
      "SELECT DeveloperName FROM ExternalClientApplication WHERE DeveloperName = 'order_sync'",
      [{ DeveloperName: 'Order_Sync' }],
    ],
    [
      "SELECT DeveloperName FROM ExternalClientApplication WHERE DeveloperName IN ('Billing', 'No_Oauth') ORDER BY DeveloperName DESC",
      [{ DeveloperName: 'No_Oauth' }, { DeveloperName: 'Billing' }],
    ],
    [
      "SELECT DeveloperName FROM ExternalClientApplication WHERE DeveloperName LIKE '%\\_s%' OR (DistributionState = 'Packaged' AND Id != null)",
      [{ DeveloperName: 'Order_Sync' }],
    ],
    [
      "SELECT DeveloperName FROM ExternalClientApplication WHERE NOT DeveloperName LIKE '%i%' AND NOT (DeveloperName = 'Order_Sync')",
      [{ DeveloperName: 'No_Oauth' }],
    ],
    [
      'SELECT DeveloperName FROM ExternalClientApplication WHERE Id NOT IN (SELECT ExternalClientApplicationId FROM ExtlClntAppOauthSettings)',
      [{ DeveloperName: 'No_Oauth' }],
    ],
    [
      "SELECT OauthScopesAPI, OauthScopesREFRESH_TOKEN FROM ExtlClntAppOauthSettings s WHERE s.ExternalClientApplication.DeveloperName = 'Billing'",
      [{ OauthScopesAPI: true, OauthScopesREFRESH_TOKEN: false }],
    ],
    ['SELECT COUNT(Id) n FROM ExtlClntAppPlcyCnfg', [{ n: 3 }]],
    [
      'SELECT PermittedUsersPolicyType, COUNT(Id) FROM ExtlClntAppOauthPlcyCnfg GROUP BY PermittedUsersPolicyType HAVING COUNT(Id) > 1',
      [{ PermittedUsersPolicyType: 'AllSelfAuthorized', expr0: 2 }],
    ],
    [
      'SELECT DeveloperName FROM ExternalClientApplication ORDER BY DeveloperName LIMIT 1 OFFSET 1',
      [{ DeveloperName: 'No_Oauth' }],
    ],
    [
      'SELECT Name FROM Organization WHERE CreatedDate = TODAY AND CreatedDate >= LAST_N_DAYS:1',
      [{ Name: 'Practice Org' }],
    ],
    ['SELECT Name FROM Organization WHERE CreatedDate < 2020-01-01T00:00:00Z', []],
    [
      "SELECT Name FROM UserLicense WHERE UsedLicenses > 0 AND LicenseDefinitionKey = 'SalesforceIntegration'",
      [{ Name: 'Salesforce Integration' }],
    ],
    [
      'SELECT LastName FROM User WHERE Id IN (SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.PermissionsApiUserOnly = true)',
      [{ LastName: 'Integration' }],
    ],
  ];
  for (const [soql, expected] of found) {
    it(`finds: ${soql}`, async () => {
      expect(await rows(soql)).to.deep.equal(expected);
    });
  }

  it('nests the records on the way, and those that refer to it', async () => {
    const [admin] = await rows(
      "SELECT Profile.UserLicense.Name, (SELECT PermissionSet.IsOwnedByProfile FROM PermissionSetAssignments) FROM User WHERE Alias = 'admin'",
    );
    expect(admin).to.have.nested.property('Profile.UserLicense.Name', 'Salesforce');
    expect(admin).to.have.nested.property('PermissionSetAssignments.records[0].PermissionSet.IsOwnedByProfile', true);
  });

  it('counts without records', async () => {
    const { totalSize, records } = await practice.connection.query('SELECT COUNT() FROM ExternalClientApplication');
    expect({ totalSize, records }).to.deep.equal({ totalSize: 3, records: [] });
  });

  it('writes dates as Salesforce does, and ids with 18 signs', async () => {
    const [one] = await rows('SELECT Id, CreatedDate FROM ExternalClientApplication LIMIT 1');
    expect(one?.Id).to.match(/^0xI\w{15}$/);
    expect(one?.CreatedDate).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    const short = String(one?.Id).slice(0, 15);
    expect(await rows(`SELECT Id FROM ExternalClientApplication WHERE Id = '${short}'`)).to.have.length(1);
  });

  it('gives large answers in pages', async () => {
    const many = await openPractice();
    await many.deploy(Array.from({ length: 450 }, (_, nth) => app(`App${nth}`)));
    const headers = { 'Sforce-Query-Options': 'batchSize=200' };
    const first = await many.connection.query('SELECT Id FROM ExternalClientApplication', { headers });
    expect(first).to.include({ totalSize: 450, done: false });
    expect(first.records).to.have.length(200);
    const all = await many.connection.query('SELECT Id FROM ExternalClientApplication', {
      headers,
      autoFetch: true,
      maxFetch: 1000,
    });
    expect(new Set(all.records.map(({ Id }) => Id)).size).to.equal(450);
    await many.close();
  });

  it('has the settings of the org in the Tooling API alone', async () => {
    const soql = 'SELECT IsClientSecretInRestApiAccessEnabled FROM ExternalClientAppSettings';
    const { records } = await practice.connection.tooling.query<Row>(soql);
    expect(records[0]).to.include({ IsClientSecretInRestApiAccessEnabled: false });
    expect(await refusal(soql)).to.match(/^INVALID_TYPE/);
  });

  it('knows an empty sObject and the ways that begin there', async () => {
    expect(await rows('SELECT User.Username, AppMenuItem.ApplicationId FROM OauthToken')).to.deep.equal([]);
  });

  it('tells which sObjects there are', async () => {
    const soql = "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName LIKE 'External%'";
    expect((await rows(soql)).map(({ QualifiedApiName }) => QualifiedApiName)).to.include('ExternalClientApplication');
  });

  const refused: Array<[soql: string, error: RegExp]> = [
    ['SELECT Nope FROM ExtlClntAppPlcyCnfg', /^INVALID_FIELD No such column 'Nope' on entity 'ExtlClntAppPlcyCnfg'/],
    ["SELECT Id FROM ExtlClntAppOauthIpRange WHERE Nope = 'x'", /^INVALID_FIELD No such column 'Nope'/],
    ['SELECT Id FROM Nope', /^INVALID_TYPE sObject type 'Nope' is not supported/],
    ['SELECT Id FROM ExtlClntAppGlobalOauthSettings', /^INVALID_TYPE/],
    ['SELECT Nope.Name FROM User', /^INVALID_FIELD Didn't understand relationship 'Nope'/],
    ["SELECT Id FROM User WHERE IsActive = 'true'", /^INVALID_FIELD .*boolean and should not be enclosed in quotes/],
    ['SELECT Id FROM User WHERE', /^MALFORMED_QUERY/],
    ['SELECT FROM User', /^MALFORMED_QUERY/],
    ['SELECT FIELDS(ALL) FROM User', /^MALFORMED_QUERY/],
  ];
  for (const [soql, error] of refused) {
    it(`refuses: ${soql}`, async () => {
      expect(await refusal(soql)).to.match(error);
    });
  }

  it('hides the apps from a user who may not see them', async () => {
    const connection = practice.as(practice.server.org.seeded.standardUser.Id);
    const error = await connection.query('SELECT Id FROM ExternalClientApplication').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('name', 'INVALID_TYPE');
  });
});
