import { expect } from 'chai';

import { settings } from './appFiles.ts';
import { openPractice, type Practice } from './client.ts';
import { appInOrg, type AppOfTest } from './oauth/appInOrg.ts';
import { get, token } from './oauth/wire.ts';

/** What stands between a token and the APIs: how many calls are left, and API Access Control. */
describe('access to the APIs', () => {
  let practice: Practice;

  afterEach(() => practice.close());

  const data = (path: string, accessToken = practice.server.accessToken) =>
    get(`${practice.server.url}/services/data/v67.0/${path}`, { authorization: `Bearer ${accessToken}` });
  const firstError = (text: string) => (JSON.parse(text) as Array<{ errorCode: string; message: string }>)[0];
  const LIMIT = { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' };

  describe('the daily limit', () => {
    it('is counted down call by call, and told in every answer', async () => {
      practice = await openPractice();
      expect((await data('limits')).json.DailyApiRequests).to.deep.equal({ Max: 15_000, Remaining: 14_999 });
      const { headers } = await data('sobjects');
      expect(headers.get('sforce-limit-info')).to.equal('api-usage=2/15000');
      await get(`${practice.server.url}/services/data`);
      await data('limits', 'x');
      expect(practice.server.org.apiRequests.remaining(), 'the versions and a bad token do not count').to.equal(14_998);
    });

    it('refuses every call once it is reached, until a day has passed', async () => {
      practice = await openPractice({ clock: new Date('2026-11-23T10:10:00Z') });
      const { org, url } = practice.server;
      const left = await fetch(`${url}/__practice/limits`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ DailyApiRequests: { Remaining: 1 } }),
      });
      expect(await left.json()).to.deep.equal({ DailyApiRequests: { Max: 15_000, Remaining: 1 } });
      expect((await data('limits')).status).to.equal(200);
      const refused = await data('limits');
      expect([refused.status, firstError(refused.text)]).to.deep.equal([403, LIMIT]);
      const soap = await practice.connection.metadata.describe('67.0').catch((error: Error) => error.message);
      expect(soap).to.equal('REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.');
      org.advance(23 * 3_600_000);
      expect((await data('limits')).status).to.equal(403);
      org.advance(3_600_000);
      expect((await data('limits')).json.DailyApiRequests).to.deep.equal({ Max: 15_000, Remaining: 14_999 });
    });

    it('is higher in a production org, and is set by numbers alone', async () => {
      practice = await openPractice({ production: true });
      expect(practice.server.org.apiRequests.max).to.equal(110_000);
      for (const [body, type, status] of [
        ['{"DailyApiRequests":{"Remaining":-1}}', 'application/json', 400],
        ['{}', 'application/json', 400],
        ['{"DailyApiRequests":{"Remaining":1}}', 'text/plain', 415],
      ] as const) {
        const answer = await fetch(`${practice.server.url}/__practice/limits`, {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        });
        expect(answer.status).to.equal(status);
      }
    });
  });

  describe('API Access Control', () => {
    const tokenOf = async (wanted: AppOfTest = {}): Promise<string> => {
      const { key, secret } = appInOrg(practice.server.org, wanted).consumer.primary;
      const form = { grant_type: 'client_credentials', client_id: key, client_secret: secret };
      return String((await token(practice.server, form)).json.access_token);
    };
    const switchOn = (on = true) =>
      practice.problems([settings('ConnectedApp', `<enableAdminApprovedAppsOnly>${on}</enableAdminApprovedAppsOnly>`)]);
    const REFUSED = {
      errorCode: 'INVALID_SESSION_ID',
      message: 'This session is not valid for use with the REST API',
    };

    it('keeps the tokens of an app from the APIs that no admin has approved', async () => {
      practice = await openPractice();
      const accessToken = await tokenOf();
      expect((await data('limits', accessToken)).status).to.equal(200);
      expect(await switchOn()).to.equal('');
      const refused = await data('limits', accessToken);
      expect([refused.status, firstError(refused.text)]).to.deep.equal([401, REFUSED]);
      expect((await data('limits', await tokenOf({ name: 'Other' }))).status, 'a new token').to.equal(401);
      const connection = practice.as(practice.server.org.seeded.integrationUser.Id);
      connection.accessToken = accessToken;
      const soap = await connection.metadata.describe('67.0').catch((error: Error) => error.message);
      expect(soap).to.equal('INVALID_SESSION_ID: This session is not valid for use with the API');
      expect(await switchOn(false), 'the login of the admin is no app').to.equal('');
      expect((await data('limits', accessToken)).status).to.equal(200);
    });

    it('may keep such an app from tokens already: the reports differ', async () => {
      practice = await openPractice({ variants: { 'api-access-control': 'login' } });
      const accessToken = await tokenOf();
      await switchOn();
      const { key, secret } = [...practice.server.org.consumers.values()][0]!.primary;
      const form = { grant_type: 'client_credentials', client_id: key, client_secret: secret };
      const { json } = await token(practice.server, form);
      expect(json).to.deep.equal({ error: 'OAUTH_APP_BLOCKED', error_description: 'this app is blocked by admin' });
      expect((await data('limits', accessToken)).status, 'a token from before').to.equal(401);
    });

    it('lets in the users of an app that an admin has approved for them', async () => {
      practice = await openPractice();
      await switchOn();
      const approved = await tokenOf({
        oauthPolicies: {
          permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
          commaSeparatedProfile: 'Minimum Access - API Only Integrations',
        },
      });
      expect((await data('limits', approved)).status).to.equal(200);
      const [policies] = practice.server.org.components('ExtlClntAppOauthConfigurablePolicies');
      policies!.body.commaSeparatedProfile = 'Standard User';
      expect((await data('limits', approved)).status, 'another profile').to.equal(401);
    });
  });
});
