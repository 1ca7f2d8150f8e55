import { createHash, randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { appInOrg, type AppOfTest } from './appInOrg.ts';
import { get, post, refusal } from './wire.ts';

describe('the authorization code and credentials flow', () => {
  let server: PracticeServer;
  let site: string;
  let echo: string;
  let key: string;
  let secret: string;
  let password: string;
  const verifier = randomBytes(32).toString('base64url');

  const started = async (app: AppOfTest = {}, allowed = true): Promise<void> => {
    server = await createPracticeServer();
    site = server.url.replace('127.0.0.1', 'localhost');
    echo = `${site}/services/oauth2/echo`;
    ({ key, secret } = appInOrg(server.org, {
      ...app,
      global: { callbackUrl: echo, isCodeCredFlowEnabled: true, ...app.global },
    }).consumer.primary);
    server.org.settings.OauthOidcSettings!.oAuthCdCrdtFlowEnable = allowed;
    password = randomBytes(12).toString('base64url');
    expect((await setPassword(password)).status).to.equal(204);
  };

  afterEach(() => server.close());

  const username = () => String(server.org.seeded.standardUser.Username);

  const setPassword = (newPassword: string, accessToken = server.accessToken) =>
    fetch(`${server.url}/services/data/v67.0/sobjects/User/${server.org.seeded.standardUser.Id}/password`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ NewPassword: newPassword }),
    });

  const basic = (name = username(), secretWord = password) => ({
    authorization: `Basic ${Buffer.from(`${name}:${secretWord}`).toString('base64')}`,
  });

  const request = (more: Record<string, string> = {}): Record<string, string> => ({
    response_type: 'code_credentials',
    client_id: key,
    redirect_uri: echo,
    scope: 'api',
    state: 'x y',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    ...more,
  });

  const ask = (more: Record<string, string> = {}, headers: Record<string, string> = basic(), host = site) =>
    post(`${host}/services/oauth2/authorize`, request(more), { 'auth-request-type': 'Named-User', ...headers });

  /** What the callback URL is given, whether it is a code or a refusal. */
  const given = async (answer: ReturnType<typeof ask>): Promise<Record<string, string>> => {
    const { status, headers } = await answer;
    expect(status).to.equal(302);
    return Object.fromEntries(new URL(headers.get('location')!).searchParams);
  };

  const tokens = (code: string, more: Record<string, string> = {}) =>
    post(`${site}/services/oauth2/token`, {
      grant_type: 'authorization_code',
      code,
      client_id: key,
      client_secret: secret,
      redirect_uri: echo,
      code_verifier: verifier,
      ...more,
    });

  it('gives a code for name and password, and tokens for the code', async () => {
    await started();
    const { code, ...rest } = await given(ask());
    expect(rest).to.deep.include({ state: 'x y', sfdc_community_url: site });
    expect(rest.sfdc_community_id).to.match(/^0DB/);
    const { status, json } = await tokens(code!);
    expect([status, json.scope, json.sfdc_community_url]).to.deep.equal([200, 'api', site]);
    const info = await get(`${site}/services/oauth2/userinfo`, {
      authorization: `Bearer ${String(json.access_token)}`,
    });
    expect(info.json.preferred_username).to.equal(username());
  });

  it('has an endpoint that gives a page the code as JSON', async () => {
    await started();
    const { headers } = await ask();
    expect((await get(headers.get('location')!)).json).to.include.keys('code', 'state', 'sfdc_community_url');
  });

  it('holds the code to the challenge, and to one use', async () => {
    await started();
    const { code } = await given(ask());
    expect(refusal(await tokens(code!, { code_verifier: 'x'.repeat(43) }))).to.deep.equal([
      400,
      'invalid_grant',
      'invalid code verifier',
    ]);
    expect((await tokens(code!)).json.error_description).to.equal('invalid authorization code');
  });

  it('takes name and password in the form, and there alone where the app says so', async () => {
    await started({ global: { isCodeCredPostOnly: true } });
    expect(await given(ask())).to.include({ error: 'invalid_request' });
    expect(await given(ask({ username: username(), password }, {}))).to.include.keys('code');
  });

  for (const [what, more, headers, error] of [
    ['a wrong password', {}, () => basic(username(), 'wrong'), 'invalid_grant: authentication failure'],
    ['a user who is not there', {}, () => basic('nobody@example.com'), 'invalid_grant: authentication failure'],
    ['a scope that the app lacks', { scope: 'full' }, basic, 'invalid_scope: the requested scope is not allowed'],
    ['no challenge', { code_challenge: '' }, basic, 'invalid_request: missing required code challenge'],
    [
      'another kind of request',
      {},
      () => ({ ...basic(), 'auth-request-type': 'user-registration' }),
      'invalid_request: must provide Auth-Request-Type',
    ],
  ] as Array<[string, Record<string, string>, () => Record<string, string>, string]>) {
    it(`refuses ${what}`, async () => {
      await started();
      const { error: name, error_description: description } = await given(ask(more, headers()));
      expect(`${name}: ${description}`).to.equal(error);
    });
  }

  for (const [what, app, allowed, error] of [
    ['the org does not allow the flow', {}, false, 'unsupported_response_type'],
    ['the app has not got it', { global: { isCodeCredFlowEnabled: false } }, true, 'unsupported_response_type'],
    ['the app is switched off', { policies: { isEnabled: false } }, true, 'OAUTH_APP_BLOCKED'],
    [
      'the user is not approved',
      { oauthPolicies: { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' } },
      true,
      'invalid_app_access',
    ],
  ] as Array<[string, AppOfTest, boolean, string]>) {
    it(`refuses where ${what}`, async () => {
      await started(app, allowed);
      expect(await given(ask())).to.include({ error, state: 'x y' });
    });
  }

  it('is for a site, and not for the My Domain', async () => {
    await started();
    expect(await given(ask({}, basic(), server.url))).to.include({
      error: 'invalid_grant',
      error_description: 'request not supported on this domain',
    });
  });

  it('answers an unknown app, another callback URL and another response type there and then', async () => {
    await started();
    const told = async (more: Record<string, string>) => {
      const { status, text } = await ask(more);
      return [status, new URLSearchParams(text).get('error')];
    };
    expect(await told({ client_id: 'nobody' })).to.deep.equal([400, 'invalid_client_id']);
    expect(await told({ redirect_uri: `${echo}/` })).to.deep.equal([400, 'redirect_uri_mismatch']);
    expect(await told({ response_type: 'code' })).to.deep.equal([400, 'unsupported_response_type']);
  });

  describe('passwords', () => {
    it('are set by who manages users, or by the user, and have eight characters', async () => {
      await started();
      const session = (userId: string) =>
        server.org.openSession({
          userId,
          scopes: ['full'],
          format: 'opaque',
          expiresAt: new Date(server.org.now().getTime() + 60_000),
        }).token;
      const { standardUser, integrationUser } = server.org.seeded;
      expect((await setPassword(password, session(integrationUser.Id))).status).to.equal(403);
      expect((await setPassword(password, session(standardUser.Id))).status).to.equal(204);
      const short = await setPassword('short');
      expect(((await short.json()) as unknown[])[0]).to.deep.equal({
        errorCode: 'INVALID_NEW_PASSWORD',
        message: 'Your password must be at least 8 characters long.',
      });
    });

    it('are made by the org when an admin resets one', async () => {
      await started();
      const reset = await fetch(
        `${server.url}/services/data/v67.0/sobjects/User/${server.org.seeded.standardUser.Id}/password`,
        { method: 'DELETE', headers: { authorization: `Bearer ${server.accessToken}` } },
      );
      const { NewPassword: made } = (await reset.json()) as { NewPassword: string };
      expect((await given(ask())).error).to.equal('invalid_grant');
      expect(await given(ask({}, basic(username(), made)))).to.include.keys('code');
    });
  });
});
