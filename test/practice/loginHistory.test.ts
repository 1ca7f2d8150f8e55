import { expect } from 'chai';

import { noteLogin, SUCCESS } from '../../src/practice/loginHistory.ts';
import { setPassword } from '../../src/practice/logins.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { runQuery } from '../../src/practice/soql/query.ts';
import { openPractice } from './client.ts';
import { appInOrg, CALLBACK } from './oauth/appInOrg.ts';
import { Browser, post, token } from './oauth/wire.ts';

type Row = Record<string, unknown>;

const rowsOf = (server: PracticeServer, soql: string, userId = server.org.seeded.admin.Id): Row[] =>
  runQuery({ org: server.org, userId, tooling: false }, soql, '', 2000).records;

describe('the logins of a practice org', () => {
  it('are all kept, also those that failed, with the flow, the app and the time of the org', async () => {
    const server = await createPracticeServer({ clock: new Date('2027-02-01T00:00:00Z') });
    const { org } = server;
    const { admin, standardUser, integrationUser } = org.seeded;
    const { consumer } = appInOrg(org, { global: { isPkceRequired: false } });
    const client = { client_id: consumer.primary.key, client_secret: consumer.primary.secret };
    const browser = new Browser(server.url);
    const query = new URLSearchParams({ response_type: 'code', client_id: client.client_id, redirect_uri: CALLBACK });

    const { page } = await browser.open(`/services/oauth2/authorize?${query.toString()}`);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const startURL = `/services/oauth2/authorize?${query.toString()}`;
    setPassword(org, standardUser.Id, 'right password');
    await browser.open('/', { csrf, username: String(standardUser.Username), pw: 'wrong password', startURL });
    const approval = await browser.open('/', { csrf, username: String(admin.Username), pw: '', startURL });
    const approve = /name="csrf" value="([^"]+)"/.exec(approval.page.text)?.[1] ?? '';
    const { elsewhere } = await browser.open(approval.url.href, { csrf: approve, save: 'Allow' });
    const code = elsewhere?.searchParams.get('code') ?? '';
    const tokens = await token(server, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...client });
    org.advance(60_000);
    const refresh_token = String(tokens.json.refresh_token);
    await token(server, { grant_type: 'refresh_token', refresh_token, ...client });
    await token(server, { grant_type: 'client_credentials', ...client });
    org.record('User', integrationUser.Id)!.IsActive = false;
    await token(server, { grant_type: 'client_credentials', ...client });
    await token(server, { grant_type: 'client_credentials', ...client, client_secret: 'wrong' });

    const found = rowsOf(
      server,
      'SELECT UserId, Application, LoginType, LoginSubType, Status, SourceIp FROM LoginHistory ORDER BY LoginTime, Id',
    );
    const short = found.map((row) => [row.UserId, row.Application, row.LoginType, row.LoginSubType, row.Status]);
    expect(short).to.deep.equal([
      [standardUser.Id, 'Browser', 'Application', 'UsernamePasswordUiLogin', 'Invalid password'],
      [admin.Id, 'Browser', 'Application', 'UsernamePasswordUiLogin', 'Success'],
      [admin.Id, 'Order Sync', 'Remote Access 2.0', 'OauthWebServer', 'Success'],
      [admin.Id, 'Order Sync', 'Remote Access 2.0', 'OauthRefreshToken', 'Success'],
      [integrationUser.Id, 'Order Sync', 'Remote Access 2.0', 'OauthClientCredentials', 'Success'],
      [integrationUser.Id, 'Order Sync', 'Remote Access 2.0', 'OauthClientCredentials', 'User is inactive'],
    ]);
    expect(org.record('User', admin.Id)?.LastLoginDate).to.match(/^2027-02-01T00:01:/);
    expect(org.record('User', standardUser.Id)?.LastLoginDate).to.equal(null);
    expect(rowsOf(server, `SELECT Id FROM LoginHistory WHERE LoginTime > ${org.now().toISOString()}`)).to.deep.equal(
      [],
    );
    const groups = rowsOf(
      server,
      "SELECT LoginSubType, COUNT(Id) n FROM LoginHistory WHERE LoginType = 'Remote Access 2.0' GROUP BY LoginSubType ORDER BY COUNT(Id) DESC",
    );
    expect(groups.map(({ LoginSubType, n }) => [LoginSubType, n])[0]).to.deep.equal(['OauthClientCredentials', 2]);
    // Others see their own.
    expect(rowsOf(server, 'SELECT UserId FROM LoginHistory', standardUser.Id)).to.have.lengthOf(1);
    await server.close();
  });

  it('name a user whom only the policies keep out', async () => {
    const server = await createPracticeServer();
    const { consumer } = appInOrg(server.org, {
      oauthPolicies: { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' },
    });
    const { key, secret } = consumer.primary;
    await token(server, { grant_type: 'client_credentials', client_id: key, client_secret: secret });
    const [row] = rowsOf(server, 'SELECT Status, LoginTime FROM LoginHistory');
    expect(row?.Status).to.equal('Failed: Not approved for access');
    await server.close();
  });

  it('are called by their API name where the org is told so', async () => {
    const server = await createPracticeServer({ variants: { 'login-type': 'name' } });
    noteLogin(server.org, { userId: server.org.seeded.admin.Id, way: 'device', application: 'TV' }, SUCCESS);
    expect(rowsOf(server, "SELECT LoginSubType FROM LoginHistory WHERE LoginType = 'Oauth2'")).to.have.lengthOf(1);
    await server.close();
  });

  it('may be a hundred thousand, and are still grouped in the time of a few', async () => {
    const practice = await openPractice();
    const { org } = practice.server;
    for (let nth = 0; nth < 100_000; nth += 1) {
      noteLogin(org, { userId: org.seeded.admin.Id, way: 'refresh', application: `App ${nth % 7}` }, SUCCESS);
    }
    const { records } = await practice.connection.query<Row>(
      'SELECT Application, COUNT(Id) n, MAX(LoginTime) latest FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:90 GROUP BY Application',
    );
    expect(records).to.have.lengthOf(7);
    expect(records.reduce((sum, { n }) => sum + Number(n), 0)).to.equal(100_000);
    // Each of them looked up among all: ten thousand million comparisons, were they done one by one.
    const all = rowsOf(practice.server, 'SELECT Id FROM LoginHistory WHERE Id IN (SELECT Id FROM LoginHistory)');
    expect(all).to.have.lengthOf(100_000);
    const [last] = rowsOf(practice.server, 'SELECT Id FROM LoginHistory ORDER BY Application DESC, Id LIMIT 1');
    expect(last?.Id).to.equal(all[6]?.Id);
    const chain = Array.from({ length: 300 }, (_, nth) => `LoginType = '${nth}'`).join(' OR ');
    expect(() => rowsOf(practice.server, `SELECT Id FROM LoginHistory WHERE ${chain}`)).to.throw('too complicated');
    await practice.close();
  });

  it('cannot be filtered by what the guide does not list', async () => {
    const server = await createPracticeServer();
    const refused = (soql: string): string => {
      try {
        rowsOf(server, soql);
        return 'not refused';
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const field of ['Application', 'Status', 'Browser']) {
      const text = refused(`SELECT Id FROM LoginHistory WHERE ${field} = 'x'`);
      expect(text).to.contain(`field '${field}' can not be filtered in a query call`);
    }
    expect(refused("SELECT Id FROM LoginHistory WHERE LoginSubType = 'x'")).to.equal('not refused');
    await server.close();
  });

  it('are refused over SOAP with a fault, as a new org does', async () => {
    const server = await createPracticeServer();
    const answer = await fetch(`${server.url}/services/Soap/u/67.0`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: '<Envelope><Body><login><username>a</username><password>b</password></login></Body></Envelope>',
    });
    const text = await answer.text();
    expect(answer.status).to.equal(500);
    expect(answer.headers.get('content-type')).to.contain('xml');
    expect(text).to.contain('<faultcode>sf:INVALID_OPERATION</faultcode>').and.to.contain('login() is disabled');
    expect((await post(`${server.url}/services/Soap/T/67.0`, {})).status).to.equal(404);
    await server.close();
  });
});
