import { expect } from 'chai';

import { keyPrefix } from '../../src/practice/ids.ts';
import { noteLogin, SUCCESS } from '../../src/practice/loginHistory.ts';
import { isOfDevHub, SOBJECTS } from '../../src/practice/sobjects/definitions.ts';
import { rows } from '../../src/practice/sobjects/rows.ts';
import { openPractice, type Practice } from './client.ts';
import { appInOrg, CALLBACK } from './oauth/appInOrg.ts';
import { get, token } from './oauth/wire.ts';

type Row = Record<string, unknown>;

describe('resources of the practice org that clients look at', () => {
  let practice: Practice;
  before(async () => {
    practice = await openPractice({ installed: ['acme__Orders', 'acme__Stock', 'zeta__Pay'] });
    const range = [{ startIpAddress: '10.0.0.0', endIpAddress: '10.0.0.9' }];
    appInOrg(practice.server.org, { settings: { trustedIpRanges: [...range, ...range] } });
    appInOrg(practice.server.org, { name: 'Other', settings: { trustedIpRanges: range } });
  });
  after(() => practice.close());

  const read = async (
    path: string,
    accessToken = practice.server.accessToken,
  ): Promise<{ status: number; json: Row }> =>
    get(`${practice.server.url}/services/data/v67.0${path}`, { authorization: `Bearer ${accessToken}` });

  const refusal = async (query: PromiseLike<unknown>): Promise<{ errorCode?: string; message?: string }> => {
    try {
      await query;
      return {};
    } catch (error) {
      return error as { errorCode?: string; message?: string };
    }
  };

  it('tell who somebody is who has nothing but an access token', async () => {
    expect((await read('')).json).to.include.keys('identity', 'sobjects', 'jobs', 'recent', 'apps');
    const { username } = (await practice.connection.identity()) as { username: string };
    expect(username).to.equal(practice.server.org.seeded.admin.Username);
  });

  it('answer what a client asks on its way, and 404 for the rest of the list', async () => {
    expect((await read('/recent')).json).to.deep.equal([]);
    expect((await read('/tabs')).json).to.deep.equal([]);
    expect((await read('/jobs')).json).to.have.property('query');
    expect((await read('/tooling')).json).to.have.property('sobjects');
    expect((await read('/limits/recordCount?sObjects=user,Nope')).json).to.deep.equal({
      sObjects: [{ count: 3, name: 'User' }],
    });
    expect((await read('/limits/recordCount')).status).to.equal(400);
    expect((await read('/chatter/users/me')).json).to.deep.include({
      username: practice.server.org.seeded.admin.Username,
    });
    const { plans } = (await read(`/query?explain=${encodeURIComponent('SELECT Id FROM User')}`)).json as {
      plans: Row[];
    };
    expect(plans[0]).to.deep.include({ sobjectType: 'User', cardinality: 3 });
    expect((await read('/query?explain=nonsense')).status).to.equal(400);
    expect((await read('/wave')).status).to.equal(404);
  });

  it('give every sObject a prefix of its own, which its records begin with', async () => {
    const { org } = practice.server;
    noteLogin(org, { userId: org.seeded.admin.Id, way: 'device', application: 'TV' }, SUCCESS);
    const described = await practice.connection.describeGlobal();
    const prefixes = new Map<string, string>();
    for (const { name, tooling } of SOBJECTS.values()) {
      const prefix = keyPrefix(name);
      if (prefix === null) continue;
      expect(prefix, name).not.to.equal('0zz');
      expect(prefixes.get(prefix), `${name} shares ${prefix}`).to.equal(undefined);
      prefixes.set(prefix, name);
      for (const { Id } of rows(org, name, org.seeded.admin.Id)) expect(Id.slice(0, 3), name).to.equal(prefix);
      const there = described.sobjects.find((one) => one.name === name);
      if (there) expect(there.keyPrefix).to.equal(prefix);
      else expect(tooling === true || isOfDevHub(name), name).to.equal(true);
    }
    const ranges = rows(org, 'ExtlClntAppOauthIpRange', org.seeded.admin.Id);
    expect(new Set(ranges.map(({ Id }) => Id)).size).to.equal(3);
  });

  it('list the packages that apps came with, one for a namespace', async () => {
    const { records } = await practice.connection.tooling.query<Row>(
      'SELECT Id, SubscriberPackage.NamespacePrefix, SubscriberPackageVersion.Id, SubscriberPackageVersion.MajorVersion, SubscriberPackageVersion.Package2ContainerOptions FROM InstalledSubscriberPackage ORDER BY SubscriberPackageId',
    );
    expect(records.map((row) => (row.SubscriberPackage as Row).NamespacePrefix)).to.deep.equal(['acme', 'zeta']);
    for (const name of ['ApexLog', 'IdpEventLog']) {
      expect((await practice.connection.query(`SELECT Id FROM ${name}`)).totalSize).to.equal(0);
    }
  });

  it('lead from a consumer to its settings, and from a token to the app menu', async () => {
    const { records } = await practice.connection.query<Row>(
      "SELECT Id, ExtlClntAppOauthSettings.DeveloperName FROM ExtlClntAppOauthConsumer WHERE ExternalClientApplication.DeveloperName = 'Other'",
    );
    expect((records[0]?.ExtlClntAppOauthSettings as Row).DeveloperName).to.equal('Other_oauth');
    for (const [variant, linked] of [
      ['linked', true],
      ['none', false],
    ] as const) {
      const other = await openPractice({ variants: { 'app-menu-item': variant } });
      const { org } = other.server;
      const { app, consumer } = appInOrg(org, { global: { isPkceRequired: false } });
      const { grantsOf } = await import('../../src/practice/oauth/grants.ts');
      const { appById } = await import('../../src/practice/oauth/oauthApp.ts');
      const oauthApp = appById(org, app.id)!;
      const code = grantsOf(org).newCode({
        app: oauthApp,
        userId: org.seeded.admin.Id,
        scopes: ['refresh_token'],
        redirectUri: CALLBACK,
      });
      const { key, secret } = consumer.primary;
      await token(other.server, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        client_id: key,
        client_secret: secret,
      });
      const found = await other.connection.query<Row>('SELECT AppName, AppMenuItem.ApplicationId FROM OauthToken');
      expect(found.records[0]?.AppMenuItem !== null).to.equal(linked);
      if (linked) expect((found.records[0]?.AppMenuItem as Row).ApplicationId).to.equal(app.id);
      await other.close();
    }
  });

  it('keep from an integration user what needs View Setup and Configuration', async () => {
    const { org } = practice.server;
    const connection = practice.as(org.seeded.integrationUser.Id);
    for (const name of ['Organization', 'SetupEntityAccess', 'PermissionSetAssignment', 'PermissionSet']) {
      const error = await refusal(connection.query(`SELECT Id FROM ${name}`));
      expect([name, error.errorCode]).to.deep.equal([name, 'INVALID_TYPE']);
    }
    expect((await connection.query('SELECT Id FROM User')).totalSize).to.equal(3);
    const other = await openPractice({ variants: { 'organization-without-view-setup': 'allowed' } });
    const allowed = other.as(other.server.org.seeded.integrationUser.Id);
    expect((await allowed.query('SELECT Id FROM Organization')).totalSize).to.equal(1);
    await other.close();
  });

  it('set a password over SOAP for whoever may', async () => {
    const { org } = practice.server;
    const { standardUser, integrationUser } = org.seeded;
    await practice.connection.soap.setPassword(standardUser.Id, 'a new password');
    const error = await practice
      .as(standardUser.Id)
      .soap.setPassword(integrationUser.Id, 'a new password')
      .catch(String);
    expect(String(error)).to.contain('INSUFFICIENT_ACCESS');
  });

  it('put a limit to what one query gives', async () => {
    const { org } = practice.server;
    for (let nth = 0; nth < 2600; nth += 1)
      org.insert('OauthToken', { AppName: `App ${nth}`, UserId: org.seeded.admin.Id });
    const seen: number[] = [];
    let result = await practice.connection.query<Row>('SELECT AppName FROM OauthToken');
    for (;;) {
      seen.push(result.records.length);
      if (result.done || !result.nextRecordsUrl) break;
      result = await practice.connection.queryMore<Row>(result.nextRecordsUrl);
    }
    expect(seen).to.deep.equal([500, 500, 500, 500, 500]);
    expect((await practice.connection.query('SELECT COUNT() FROM OauthToken')).totalSize).to.equal(2600);
    const grouped = 'SELECT AppName, COUNT(Id) FROM OauthToken GROUP BY AppName';
    const error = await refusal(practice.connection.query(grouped));
    expect([error.errorCode, error.message]).to.deep.equal([
      'EXCEEDED_ID_LIMIT',
      'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
    ]);
    expect((await practice.connection.query(`${grouped} LIMIT 2000`)).records).to.have.lengthOf(2000);
  });

  it('match a pattern without going back again and again', async () => {
    const { org } = practice.server;
    org.insert('Account', { Name: 'a'.repeat(250) });
    org.insert('Account', { Name: '100% of_it 😀' });
    const names = async (pattern: string): Promise<string[]> => {
      const { records } = await practice.connection.query<Row>(`SELECT Name FROM Account WHERE Name LIKE '${pattern}'`);
      return records.map(({ Name }) => String(Name).slice(0, 10));
    };
    const started = process.cpuUsage();
    expect(await names('%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b')).to.deep.equal([]);
    expect(await names('%_a%_a%_a%_a%_a%_a%_a%_a%_a%_a%_a%_a%_a_%b%')).to.deep.equal([]);
    expect(process.cpuUsage(started).user / 1000).to.be.lessThan(3000);
    expect(await names('100\\% of\\_it _')).to.deep.equal(['100% of_it']);
    expect(await names('%OF_IT%')).to.deep.equal(['100% of_it']);
    expect(await names('%a')).to.deep.equal(['aaaaaaaaaa']);
    expect(await names('100_ of')).to.deep.equal([]);
    expect(await names('%')).to.have.lengthOf(2);
  });
});
