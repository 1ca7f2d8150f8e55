import { expect } from 'chai';

import { openPractice, type Practice } from '../client.ts';
import { appInOrg, type AppOfTest } from './appInOrg.ts';
import { get, refusal, token } from './wire.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SWITCHED_ON: AppOfTest = {
  global: { isTokenExchangeEnabled: true },
  oauthPolicies: { isTokenExchangeFlowEnabled: true },
};

describe('token exchange', () => {
  let practice: Practice;
  let key: string;
  let secret: string;

  const started = async (app: AppOfTest = SWITCHED_ON): Promise<void> => {
    practice = await openPractice();
    ({ key, secret } = appInOrg(practice.server.org, app).consumer.primary);
  };

  afterEach(() => practice.close());

  const handler = (
    more: { apex?: string; isDefault?: boolean; app?: string; user?: string; enabled?: boolean } = {},
  ) => {
    const { apex = 'PracticeTokenExchangeHandler', isDefault = true, app = 'Order_Sync', enabled = true } = more;
    const user = more.user ?? String(practice.server.org.seeded.integrationUser.Username);
    return {
      type: 'OauthTokenExchangeHandler',
      name: apex,
      xml: `<description>Ours</description><developerName>${apex}</developerName>
        <enablements><apexExecutionUser>${user}</apexExecutionUser><externalClientApp>${app}</externalClientApp>
        <isDefault>${isDefault}</isDefault></enablements>
        <isAccessTokenSupported>true</isAccessTokenSupported><isEnabled>${enabled}</isEnabled>
        <isIdTokenSupported>false</isIdTokenSupported><isJwtSupported>true</isJwtSupported>
        <isRefreshTokenSupported>false</isRefreshTokenSupported><isSaml2Supported>false</isSaml2Supported>
        <isUserCreationAllowed>false</isUserCreationAllowed><masterLabel>Ours</masterLabel>
        <tokenHandlerApex>${apex}</tokenHandlerApex>`,
    };
  };

  const exchange = (more: Record<string, string> = {}) =>
    token(practice.server, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: practice.server.accessToken,
      subject_token_type: ACCESS_TOKEN,
      client_id: key,
      client_secret: secret,
      ...more,
    });

  it('takes a token of this org through the default handler, and gives one of the app for its user', async () => {
    await started();
    expect(await practice.problems([handler()])).to.equal('');
    const { status, json } = await exchange({ scope: 'api' });
    expect([status, json.scope]).to.deep.equal([200, 'api']);
    const info = await get(`${practice.server.url}/services/oauth2/userinfo`, {
      authorization: `Bearer ${String(json.access_token)}`,
    });
    expect(info.json.user_id).to.equal(practice.server.org.seeded.admin.Id);
  });

  it('takes a token in JWT format by its signature', async () => {
    await started({ ...SWITCHED_ON, global: { ...SWITCHED_ON.global, isNamedUserJwtEnabled: true } });
    await practice.deploy([handler()]);
    const { json } = await token(practice.server, {
      grant_type: 'client_credentials',
      client_id: key,
      client_secret: secret,
      scope: 'api',
    });
    practice.server.org.sessions.delete(String(json.access_token));
    const answer = await exchange({
      subject_token: String(json.access_token),
      subject_token_type: 'urn:ietf:params:oauth:token-type:JWT',
    });
    expect(String(answer.json.id)).to.contain(practice.server.org.seeded.integrationUser.Id);
  });

  it('goes by the class that the request names, else by the default', async () => {
    await started();
    await practice.deploy([handler({ isDefault: false })]);
    const none = [400, 'invalid_request', 'no token exchange handler enabled for this app'];
    expect(refusal(await exchange())).to.deep.equal(none);
    expect((await exchange({ token_handler: 'PracticeTokenExchangeHandler' })).status).to.equal(200);
    expect(refusal(await exchange({ token_handler: 'Other' }))).to.deep.equal(none);
  });

  for (const [what, more, request, error, description] of [
    [
      'a handler that is switched off',
      { enabled: false },
      {},
      'invalid_request',
      'no token exchange handler enabled for this app',
    ],
    [
      'another class',
      { apex: 'OrderSyncHandler' },
      {},
      'invalid_grant',
      'the token exchange handler did not run: a practice org has no Apex',
    ],
    [
      "a token that is not the org's",
      {},
      { subject_token: 'x' },
      'invalid_grant',
      'the token exchange handler did not accept the subject token',
    ],
    [
      'a type that the handler does not take',
      {},
      { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
      'invalid_request',
      'the token exchange handler does not support this subject_token_type',
    ],
    ['no subject token', {}, { subject_token: '' }, 'invalid_request', 'must provide subject_token'],
    ['too wide a scope', {}, { scope: 'full' }, 'invalid_scope', 'the requested scope is not allowed'],
    ['a wrong secret', {}, { client_secret: 'x' }, 'invalid_client', 'invalid client credentials'],
  ] as Array<[string, Parameters<typeof handler>[0], Record<string, string>, string, string]>) {
    it(`is refused with ${what}`, async () => {
      await started();
      await practice.deploy([handler(more)]);
      expect(refusal(await exchange(request))).to.deep.equal([400, error, description]);
    });
  }

  it('needs the secret only where the app says so', async () => {
    await started({ ...SWITCHED_ON, global: { ...SWITCHED_ON.global, isSecretRequiredForTokenExchange: true } });
    await practice.deploy([handler()]);
    expect((await exchange({ client_secret: '' })).json.error).to.equal('invalid_client');
    const [settings] = practice.server.org.components('ExtlClntAppGlobalOauthSettings');
    settings!.body.isSecretRequiredForTokenExchange = false;
    expect((await exchange({ client_secret: '' })).status).to.equal(200);
  });

  it('refuses a handler for an app or a user that is not there', async () => {
    await started();
    expect(await practice.problems([handler({ app: 'Nobody' })])).to.equal(
      'In field: externalClientApp - no ExternalClientApplication named Nobody found',
    );
    expect(await practice.problems([handler({ user: 'nobody@example.com' })])).to.equal(
      'In field: apexExecutionUser - no User named nobody@example.com found',
    );
  });

  it('shows in SOQL which handlers are enabled for an app', async () => {
    await started();
    await practice.deploy([handler()]);
    const { records } = await practice.connection.query(
      `SELECT IsDefault, OauthTokenExchangeHandler.DeveloperName, OauthTokenExchangeHandler.IsEnabled, ApexExecutionUser.LastName
       FROM OauthTokenExchHandlerApp WHERE ExternalClientApplication.DeveloperName = 'Order_Sync'`,
    );
    expect(records).to.have.length(1);
    expect(records[0]).to.deep.include({ IsDefault: true });
    expect(records[0]!.OauthTokenExchangeHandler).to.include({
      DeveloperName: 'PracticeTokenExchangeHandler',
      IsEnabled: true,
    });
  });
});
