import { expect } from 'chai';

import { SoqlError } from '../../src/practice/soql/errors.ts';
import { runQuery } from '../../src/practice/soql/query.ts';
import { app, oauthApp } from './appFiles.ts';
import { openPractice, type Practice } from './client.ts';
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
    ["SELECT LastName FROM User WHERE FirstName = ''", [{ LastName: 'Integration' }]],
    [
      'SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) FROM User WHERE DAY_ONLY(CreatedDate) = TODAY GROUP BY CALENDAR_YEAR(CreatedDate) ORDER BY CALENDAR_YEAR(CreatedDate)',
      [{ y: new Date().getUTCFullYear(), expr0: 3 }],
    ],
    ["SELECT toLabel(UserType) FROM User WHERE toLabel(Alias) = 'admin'", [{ UserType: 'Standard' }]],
    ['SELECT COUNT(Id) n FROM User WHERE CreatedDate = THIS_FISCAL_QUARTER', [{ n: 3 }]],
    [
      "SELECT u.Alias FROM User u, u.Profile p WHERE p.Name = 'Standard User' AND u.IsActive = TRUE",
      [{ Alias: 'user' }],
    ],
    ['SELECT FIELDS(CUSTOM) FROM ExternalClientApplication ORDER BY DeveloperName LIMIT 1', [{}]],
    [
      "SELECT Alias FROM User WHERE LastName = 'O\\'Neill \\\\ Sons' OR Alias IN ('user', 'SELECT')",
      [{ Alias: 'user' }],
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

  it('tells which fields an sObject has', async () => {
    const soql =
      "SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'ExtlClntAppOauthPlcyCnfg' AND QualifiedApiName LIKE '%Id' ORDER BY QualifiedApiName";
    expect(await rows(soql)).to.deep.include({
      QualifiedApiName: 'ExternalClientApplicationId',
      DataType: 'Lookup(ExternalClientApplication)',
    });
  });

  it('knows the sObject of a field by its name', async () => {
    const soql =
      "SELECT COUNT(Id) n FROM FieldDefinition WHERE EntityDefinitionId = 'UserPermissionAccess' AND DataType = 'Date/Time'";
    expect(await rows(soql)).to.deep.equal([{ n: 1 }]);
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
    ['SELECT FIELDS(ALL) FROM User', /^MALFORMED_QUERY The SOQL FIELDS function must have a LIMIT of at most 200/],
    ['SELECT FIELDS(ALL), Id FROM User LIMIT 1', /^MALFORMED_QUERY duplicate field selected: Id/],
    ['SELECT Id, id FROM User', /^MALFORMED_QUERY duplicate field selected: Id/],
    ['SELECT Name, COUNT(Id) FROM User', /^MALFORMED_QUERY Field must be grouped or aggregated: Name/],
    ['SELECT CreatedDate FROM User GROUP BY CreatedDate', /^MALFORMED_QUERY field 'CreatedDate' can not be grouped/],
    ['SELECT Name other FROM User', /^MALFORMED_QUERY only aggregate expressions use field aliasing/],
    ['SELECT SUM(Name) FROM User', /^MALFORMED_QUERY field Name does not support aggregate operator SUM/],
    ['SELECT Id FROM User LIMIT 1 OFFSET 2001', /^NUMBER_OUTSIDE_VALID_RANGE Maximum SOQL offset allowed is 2000/],
    ['SELECT Id FROM User ALL ROWS', /^MALFORMED_QUERY ALL ROWS not allowed in this context/],
    ['SELECT Id FROM User WHERE Id = :user', /^MALFORMED_QUERY Bind variables only allowed in Apex code/],
    ["SELECT Id FROM User WHERE Id = 'me'", /^INVALID_QUERY_FILTER_OPERATOR invalid ID field: me/],
    ["SELECT Id FROM User WHERE Id LIKE '005%'", /^INVALID_QUERY_FILTER_OPERATOR invalid operator on id field/],
    ['SELECT Id FROM User WHERE CreatedDate > 2020-01-01', /^INVALID_FIELD .*'CreatedDate' must be of type dateTime/],
    ["SELECT Id FROM UserLicense WHERE TotalLicenses > '3'", /^INVALID_FIELD .*must be of type int and should not be/],
    ['SELECT Id FROM User WHERE Name = 3', /^INVALID_FIELD .*must be of type string and should be enclosed in quotes/],
    ["SELECT Id FROM User WHERE Name = 'open", /^MALFORMED_QUERY line 1:33 mismatched character '<EOF>'/],
    ['SELECT Id, (SELECT Id FROM Nope) FROM User', /^INVALID_TYPE Didn't understand relationship 'Nope' in FROM part/],
    ['SELECT DAY_ONLY(Name) FROM User GROUP BY DAY_ONLY(Name)', /^MALFORMED_QUERY The date function DAY_ONLY is only/],
    ['SELECT Metadata FROM Profile', /^INVALID_FIELD No such column 'Metadata'/],
  ];
  for (const [soql, error] of refused) {
    it(`refuses: ${soql}`, async () => {
      expect(await refusal(soql)).to.match(error);
    });
  }

  const placed: Array<[soql: string, shown: string]> = [
    [
      'SELECT Id, FROM User',
      "\nSELECT Id, FROM User\n           ^\nERROR at Row:1:Column:12\nunexpected token: 'FROM'",
    ],
    [
      'SELECT Id FROM User WHERE',
      "\nSELECT Id FROM User WHERE\n                         ^\nERROR at Row:1:Column:26\nunexpected token: '<EOF>'",
    ],
    [
      "SELECT Id\nFROM User\nWHERE Name = 'Nope' AND Nope = 'x'",
      "\nFROM User\nWHERE Name = 'Nope' AND Nope = 'x'\n                        ^\nERROR at Row:3:Column:25\nNo such column 'Nope' on entity 'User'.",
    ],
    [
      'SELECT Profile.Nope FROM User',
      "\nSELECT Profile.Nope FROM User\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nope' on entity 'Profile'.",
    ],
    [
      "SELECT Id FROM User WHERE Id = 'x'",
      "\nSELECT Id FROM User WHERE Id = 'x'\n                          ^\nERROR at Row:1:Column:27\ninvalid ID field: x",
    ],
  ];
  for (const [soql, shown] of placed) {
    it(`shows where it is wrong: ${soql.replaceAll('\n', ' ')}`, async () => {
      const error = await practice.connection.query(soql).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message.slice(0, shown.length)).to.equal(shown);
    });
  }

  const chain = (length: number): string => Array.from({ length }, (_, nth) => `Name = '${nth}'`).join(' OR ');
  const tooMuch: Array<[what: string, soql: string]> = [
    ['a chain of 5,000 comparisons', `SELECT Id FROM User WHERE ${chain(5000)}`],
    ['a wrong word behind a long chain', `SELECT Id FROM User WHERE ${chain(5000)} OR OR`],
    ['brackets inside brackets', `SELECT Id FROM User WHERE ${'('.repeat(20_000)}`],
    ['NOT upon NOT', `SELECT Id FROM User WHERE ${'NOT '.repeat(10_000)} Name = 'x'`],
    ['query inside query', `${'SELECT Id FROM User WHERE Id IN ('.repeat(200)}SELECT Id FROM User${')'.repeat(200)}`],
    ['too many names in FROM', `SELECT Id FROM User u${', u.Profile p'.repeat(5000)}`],
  ];
  for (const [what, soql] of tooMuch) {
    it(`does not begin with ${what}`, () => {
      const { org } = practice.server;
      const reader = { org, userId: org.seeded.admin.Id, tooling: false };
      expect(() => runQuery(reader, soql, '', 2000))
        .to.throw(SoqlError)
        .with.property('errorCode', 'QUERY_TOO_COMPLICATED');
    });
  }

  it('takes what is long and not deep', async () => {
    expect(await rows(`SELECT Id FROM User WHERE ${chain(300)}`)).to.deep.equal([]);
    const parts = Array.from({ length: 60 }, (_, nth) => `(NOT Name = '${nth}')`).join(' AND ');
    expect(await rows(`SELECT COUNT(Id) n FROM User WHERE ${parts}`)).to.deep.equal([{ n: 3 }]);
  });

  it('finds an open quote behind many that are escaped', () => {
    const { org } = practice.server;
    const reader = { org, userId: org.seeded.admin.Id, tooling: false };
    const soql = `SELECT Id FROM User WHERE Name = '${"\\'".repeat(40_000)}`;
    expect(() => runQuery(reader, soql, '', 2000)).to.throw("line 1:33 mismatched character '<EOF>' expecting '''");
  });

  it('shows the place of the second of two equal words where the first is right', async () => {
    const error = await practice.connection.query("SELECT Id FROM User WHERE Name = 'a' OR OR Name = 'b'").then(
      () => '',
      (reason: unknown) => String(reason),
    );
    expect(error).to.contain("ERROR at Row:1:Column:41\nunexpected token: 'OR'");
  });

  it('orders by 32 fields at most', async () => {
    expect(await rows(`SELECT Id FROM User ORDER BY ${Array(32).fill('Name').join(', ')}`)).to.have.lengthOf(3);
    expect(await refusal(`SELECT Id FROM User ORDER BY ${Array(33).fill('Name').join(', ')}`)).to.contain(
      'more than 32 fields',
    );
  });

  it('gives an object of the Tooling API for one record at a time', async () => {
    const { tooling } = practice.connection;
    const one = await tooling.query<Row>("SELECT Metadata FROM Profile WHERE Name = 'Standard User'");
    expect(one.records[0]?.Metadata).to.be.an('object');
    const error = await tooling.query('SELECT Metadata FROM Profile').then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.include('must specify no more than one row for retrieval. Result size: 9');
  });

  it('hides the apps from a user who may not see them', async () => {
    const connection = practice.as(practice.server.org.seeded.standardUser.Id);
    const error = await connection.query('SELECT Id FROM ExternalClientApplication').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('name', 'INVALID_TYPE');
  });
});
