import { expect } from 'chai';
import * as client from 'openid-client';

import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { appInOrg, CALLBACK } from './appInOrg.ts';
import { Browser, get, post } from './wire.ts';

/** A client that was not made for the practice org. Nothing of it is changed, but that it may use http. */
describe('openid-client with the practice org', () => {
  let server: PracticeServer;
  let config: client.Configuration;
  let key: string;
  let secret: string;

  beforeEach(async () => {
    server = await createPracticeServer();
    ({ key, secret } = appInOrg(server.org, {
      settings: { commaSeparatedOauthScopes: 'Api, RefreshToken, OpenID, Profile, Email' },
    }).consumer.primary);
    config = await discovered(client.ClientSecretPost(secret));
  });
  afterEach(() => server.close());

  const discovered = (authentication: client.ClientAuth): Promise<client.Configuration> =>
    client.discovery(new URL(server.url), key, {}, authentication, { execute: [client.allowInsecureRequests] });

  const user = () => server.org.seeded.standardUser;

  /** The user logs in and allows; gives the tokens that the client makes of where the browser was sent. */
  const allowed = async (
    scope = 'openid api refresh_token',
  ): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> => {
    const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const browser = new Browser(server.url);
    const approval = await browser.logIn(url.href, String(user().Username));
    const { elsewhere } = await browser.submit(approval, { save: 'Allow' });
    return client.authorizationCodeGrant(config, elsewhere!, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      ...(scope.includes('openid') ? { expectedNonce: nonce, idTokenExpected: true } : {}),
    });
  };

  const apiAnswer = async (accessToken: string): Promise<number> =>
    (
      await client.fetchProtectedResource(
        config,
        accessToken,
        new URL(`${server.url}/services/data/v67.0/sobjects`),
        'GET',
      )
    ).status;

  it('finds the endpoints', () => {
    expect(config.serverMetadata()).to.include({
      issuer: server.url,
      token_endpoint: `${server.url}/services/oauth2/token`,
      introspection_endpoint: `${server.url}/services/oauth2/introspect`,
    });
  });

  it('gets tokens for a code with PKCE, an id token that it has checked among them', async () => {
    const tokens = await allowed();
    expect(tokens.claims()).to.include({ aud: key });
    expect(await apiAnswer(tokens.access_token)).to.equal(200);
    const about = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub);
    expect(about).to.include({ preferred_username: user().Username, user_id: user().Id });
  });

  it('refuses a code whose verifier is another one', async () => {
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'api',
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const browser = new Browser(server.url);
    const { elsewhere } = await browser.submit(await browser.logIn(url.href, String(user().Username)), {
      save: 'Allow',
    });
    const error = await client
      .authorizationCodeGrant(config, elsewhere!, { pkceCodeVerifier: client.randomPKCECodeVerifier() })
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(client.ResponseBodyError);
    expect(error).to.include({ error: 'invalid_grant', error_description: 'invalid code verifier' });
  });

  it('refreshes', async () => {
    const first = await allowed();
    const second = await client.refreshTokenGrant(config, first.refresh_token!);
    expect(second.access_token).to.be.a('string').and.not.equal(first.access_token);
    expect(await apiAnswer(second.access_token)).to.equal(200);
  });

  for (const [how, authentication] of [
    ['in the body', client.ClientSecretPost],
    ['by Basic', client.ClientSecretBasic],
  ] as const) {
    it(`gets tokens for client credentials, the secret ${how}`, async () => {
      config = await discovered(authentication(secret));
      const tokens = await client.clientCredentialsGrant(config);
      expect(await apiAnswer(tokens.access_token)).to.equal(200);
    });
  }

  it('gets tokens for a device', async () => {
    // Salesforce begins this flow at its token endpoint, with parameters of its own. The polling is a grant as any.
    const { json } = await post(`${server.url}/services/oauth2/token`, {
      response_type: 'device_code',
      client_id: key,
      scope: 'api',
    });
    const poll = (): Promise<client.TokenEndpointResponse> =>
      client.genericGrantRequest(config, 'device', { code: String(json.device_code) });
    expect(await poll().catch((reason: unknown) => reason)).to.include({ error: 'authorization_pending' });
    const browser = new Browser(server.url);
    const connected = await browser.logIn(String(json.verification_uri), String(user().Username));
    const approval = await browser.submit(connected, { user_code: String(json.user_code) });
    await browser.submit(approval, { save: 'Allow' });
    server.org.advance(6000);
    expect(await apiAnswer((await poll()).access_token)).to.equal(200);
  });

  it('introspects and revokes', async () => {
    const { access_token: accessToken, refresh_token: refreshToken } = await allowed();
    expect(await client.tokenIntrospection(config, accessToken)).to.include({ active: true, client_id: key });
    await client.tokenRevocation(config, refreshToken!);
    expect(await client.tokenIntrospection(config, refreshToken!)).to.deep.equal({ active: false });
    expect(
      (await get(`${server.url}/services/data/v67.0/sobjects`, { authorization: `Bearer ${accessToken}` })).status,
    ).to.equal(401);
  });
});
