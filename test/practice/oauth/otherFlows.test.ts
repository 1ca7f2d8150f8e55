import { expect } from 'chai';

import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { appInOrg, type AppOfTest } from './appInOrg.ts';
import { Browser, get, post, refusal, token } from './wire.ts';

describe('the other flows', () => {
  let server: PracticeServer;
  let key: string;
  let secret: string;

  const started = async (app: AppOfTest = {}) => {
    server = await createPracticeServer();
    ({ key, secret } = appInOrg(server.org, app).consumer.primary);
  };

  afterEach(() => server.close());

  describe('device', () => {
    const codes = (more: Record<string, string> = {}) =>
      token(server, { response_type: 'device_code', client_id: key, scope: 'api refresh_token', ...more });

    const poll = (code: unknown) => token(server, { grant_type: 'device', client_id: key, code: String(code) });

    /** Types in a code as a user does, and goes as far as the question. */
    const typed = async (userCode: unknown) => {
      const browser = new Browser(server.url);
      const connect = await browser.logIn('/setup/connect', String(server.org.seeded.standardUser.Username));
      return { browser, asked: await browser.submit(connect, { user_code: String(userCode) }) };
    };

    it('waits for the user, and gets tokens once they allow it', async () => {
      await started();
      const { status, json } = await codes();
      expect(status).to.equal(200);
      expect(json.verification_uri).to.equal(`${server.url}/setup/connect`);
      expect((await poll(json.device_code)).json.error).to.equal('authorization_pending');
      expect((await poll(json.device_code)).json.error, 'too soon').to.equal('slow_down');
      server.org.advance(Number(json.interval) * 1000);
      expect((await poll(json.device_code)).json.error).to.equal('authorization_pending');

      const { browser, asked } = await typed(String(json.user_code).toLowerCase());
      expect(asked.page.text).to.contain('Order Sync').and.contain('Allow Access?');
      expect((await browser.submit(asked, { save: 'Allow' })).page.text).to.contain('Connected');
      const tokens = await poll(json.device_code);
      expect(tokens.json).to.include({ scope: 'api refresh_token', token_type: 'Bearer' });
      expect(tokens.json.refresh_token).to.be.a('string');
      expect((await poll(json.device_code)).json.error, 'a second time').to.equal('invalid_grant');
    });

    it('is told when the user says no', async () => {
      await started();
      const { json } = await codes();
      const { browser, asked } = await typed(json.user_code);
      await browser.submit(asked, { cancel: 'Deny' });
      expect((await poll(json.device_code)).json.error).to.equal('access_denied');
    });

    it('knows no other code, nor one that is out of date', async () => {
      await started();
      expect((await typed('NOSUCHCD')).asked.page.status).to.equal(400);
      const { json } = await codes();
      server.org.advance(11 * 60_000);
      expect((await typed(json.user_code)).asked.page.status).to.equal(400);
      expect(refusal(await poll(json.device_code))).to.deep.equal([400, 'invalid_grant', 'expired device code']);
    });

    it('is refused where the app has no device flow', async () => {
      await started({ global: { isDeviceFlowEnabled: false } });
      expect((await codes()).json.error).to.equal('unsupported_grant_type');
      expect((await poll('x')).json.error).to.equal('unsupported_grant_type');
    });
  });

  describe('token exchange', () => {
    const exchange = () =>
      token(server, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'x',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        client_id: key,
        client_secret: secret,
      });

    for (const [what, app, error, description] of [
      ['both switches', {}, 'unsupported_grant_type', 'grant type not supported'],
      [
        "the admin's switch",
        { global: { isTokenExchangeEnabled: true } },
        'unsupported_grant_type',
        'grant type not supported',
      ],
      [
        'a handler',
        { global: { isTokenExchangeEnabled: true }, oauthPolicies: { isTokenExchangeFlowEnabled: true } },
        'invalid_request',
        'no token exchange handler enabled for this app',
      ],
      [
        'a handler of its own: the class of its policies is for something else',
        {
          global: { isTokenExchangeEnabled: true },
          oauthPolicies: { isTokenExchangeFlowEnabled: true, apexHandler: 'OrderSyncHandler' },
        },
        'invalid_request',
        'no token exchange handler enabled for this app',
      ],
    ] as Array<[string, AppOfTest, string, string]>) {
      it(`is refused without ${what}`, async () => {
        await started(app);
        expect(refusal(await exchange())).to.deep.equal([400, error, description]);
      });
    }
  });

  describe('looking at tokens', () => {
    const clientToken = async (pair: { key: string; secret: string }): Promise<string> => {
      const form = { grant_type: 'client_credentials', client_id: pair.key, client_secret: pair.secret };
      return String((await token(server, form)).json.access_token);
    };

    const introspect = (pair: { key: string; secret: string }, value: string) =>
      post(`${server.url}/services/oauth2/introspect`, {
        token: value,
        client_id: pair.key,
        client_secret: pair.secret,
      });

    it("shows an app its own tokens, and others' only if it may see all", async () => {
      await started();
      const own = { key, secret };
      const other = appInOrg(server.org, { name: 'Other_App' }).consumer.primary;
      const auditor = appInOrg(server.org, { name: 'Auditor', global: { isIntrospectAllTokens: true } }).consumer
        .primary;
      const value = await clientToken(own);
      expect((await introspect(own, value)).json).to.include({ active: true, client_id: key, scope: 'api openid' });
      expect((await introspect(other, value)).json).to.deep.equal({ active: false });
      expect((await introspect(auditor, value)).json).to.include({ active: true, client_id: key });
      expect((await introspect(own, 'nonsense')).json).to.deep.equal({ active: false });
      expect((await introspect({ key, secret: 'wrong' }, value)).json.error).to.equal('invalid_client');
    });

    it('says who a token stands for, at userinfo and at the identity URL', async () => {
      await started();
      const authorization = `Bearer ${await clientToken({ key, secret })}`;
      const { Id: userId, Username: username } = server.org.seeded.integrationUser;
      const info = (await get(`${server.url}/services/oauth2/userinfo`, { authorization })).json;
      expect(info).to.include({ user_id: userId, organization_id: server.org.orgId, preferred_username: username });
      const identity = (await get(String(info.sub), { authorization })).json;
      expect(identity).to.include({ user_id: userId, username, asserted_user: true });
      const other = await get(`${server.url}/id/${server.org.orgId}/${server.org.seeded.admin.Id}`, { authorization });
      expect(other.json).to.include({ asserted_user: false });
      expect((await get(`${server.url}/id/00D000000000000EAA/${userId}`, { authorization })).text).to.equal(
        'Wrong_Org',
      );
      expect((await get(`${server.url}/services/oauth2/userinfo`)).text).to.equal('Missing_OAuth_Token');
      expect((await get(`${server.url}/services/oauth2/userinfo`, { authorization: 'Bearer x' })).text).to.equal(
        'Bad_OAuth_Token',
      );
    });

    it('logs a browser in by URL, once', async () => {
      await started();
      const authorization = `Bearer ${server.accessToken}`;
      const { json } = await get(`${server.url}/services/oauth2/singleaccess?redirect_uri=lightning/setup`, {
        authorization,
      });
      const url = String(json.frontdoor_uri);
      expect((await new Browser(server.url).open(url)).page.text).to.contain('no such page: /lightning/setup');
      expect((await new Browser(server.url).open(url)).page.text).to.contain('Log in');
    });
  });

  it('takes all that an app was given when the app goes', async () => {
    await started();
    const form = { grant_type: 'client_credentials', client_id: key, client_secret: secret };
    const { access_token: accessToken } = (await token(server, form)).json;
    server.org.removeComponent('ExternalClientApplication', 'Order_Sync');
    expect((await token(server, form)).json.error).to.equal('invalid_client_id');
    const info = await get(`${server.url}/services/oauth2/userinfo`, { authorization: `Bearer ${accessToken}` });
    expect(info.text).to.equal('Bad_OAuth_Token');
  });
});
