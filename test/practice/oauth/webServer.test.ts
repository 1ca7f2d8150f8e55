import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';

import { OAuth2 } from '@jsforce/jsforce-node';
import { expect } from 'chai';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';

import {
  createPracticeServer,
  type PracticeServer,
  type PracticeServerOptions,
} from '../../../src/practice/practice.ts';
import { appInOrg, type AppOfTest, CALLBACK } from './appInOrg.ts';
import { Browser, get, refusal, token } from './wire.ts';

const HALF_HOUR = 30 * 60_000;

describe('the web server flow', () => {
  let server: PracticeServer;
  let key: string;
  let secret: string;
  let verifier: string;

  const started = async (app: AppOfTest = {}, options: PracticeServerOptions = {}) => {
    server = await createPracticeServer(options);
    const made = appInOrg(server.org, app);
    ({ key, secret } = made.consumer.primary);
    verifier = randomBytes(32).toString('base64url');
    return made;
  };

  afterEach(() => server.close());

  const challenge = () => createHash('sha256').update(verifier).digest('base64url');

  /** The authorize URL; a parameter of undefined is left out. */
  const authorizeUrl = (more: Record<string, string | undefined> = {}): string => {
    const parameters = {
      response_type: 'code',
      client_id: key,
      redirect_uri: CALLBACK,
      scope: 'api refresh_token openid',
      state: 's t&te',
      code_challenge: challenge(),
      code_challenge_method: 'S256',
      ...more,
    };
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return `${server.url}/services/oauth2/authorize?${new URLSearchParams(given).toString()}`;
  };

  const username = () => String(server.org.seeded.standardUser.Username);

  /** Logs in, allows, and gives the address that the browser was sent to. */
  const allowed = async (browser = new Browser(server.url), url = authorizeUrl()): Promise<URL> => {
    const approval = await browser.logIn(url, username());
    expect(approval.page.text).to.contain('Allow Access?');
    const { elsewhere } = await browser.submit(approval, { save: 'Allow' });
    return elsewhere!;
  };

  const redeem = (code: string | null, more: Record<string, string> = {}) =>
    token(server, {
      grant_type: 'authorization_code',
      code: code!,
      client_id: key,
      client_secret: secret,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      ...more,
    });

  const refresh = (refreshToken: unknown, more: Record<string, string> = {}) =>
    token(server, {
      grant_type: 'refresh_token',
      refresh_token: String(refreshToken),
      client_id: key,
      client_secret: secret,
      ...more,
    });

  const tokens = async (): Promise<Record<string, unknown>> =>
    (await redeem((await allowed()).searchParams.get('code'))).json;

  describe('the authorize request', () => {
    it('goes to the login page when it is good and nobody is logged in', async () => {
      await started();
      const { status, headers } = await get(authorizeUrl());
      expect(status).to.equal(302);
      const location = new URL(headers.get('location')!, server.url);
      expect(location.origin).to.equal(server.url);
      expect(location.searchParams.get('startURL')).to.contain('/services/oauth2/authorize');
    });

    for (const [what, more, shown] of [
      [
        'an unknown key',
        { client_id: 'nobody' },
        'error=invalid_client_id&error_description=client%20identifier%20invalid',
      ],
      [
        'a callback URL that the app does not have',
        { redirect_uri: `${CALLBACK}/` },
        'error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration',
      ],
      [
        'no callback URL',
        { redirect_uri: undefined },
        'error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration',
      ],
    ] as const) {
      it(`is refused on the spot with ${what}`, async () => {
        await started();
        const { status, text, headers } = await get(authorizeUrl(more));
        expect([status, text]).to.deep.equal([400, shown]);
        expect(headers.get('location')).to.equal(null);
      });
    }

    for (const [what, app, more, error, description] of [
      [
        'no challenge where one is required',
        {},
        { code_challenge: undefined },
        'invalid_request',
        'missing required code challenge',
      ],
      ['a plain challenge', {}, { code_challenge_method: 'plain' }, 'invalid_request', 'invalid code challenge'],
      ['a challenge that is no hash', {}, { code_challenge: 'abc' }, 'invalid_request', 'invalid code challenge'],
      [
        'a scope that the app does not have',
        {},
        { scope: 'api cdp_api' },
        'invalid_scope',
        'the requested scope is not allowed',
      ],
      [
        'another response type',
        {},
        { response_type: 'token' },
        'unsupported_response_type',
        'response type not supported',
      ],
      [
        'an app that is switched off',
        { policies: { isEnabled: false } },
        {},
        'OAUTH_APP_BLOCKED',
        'this app is blocked by admin',
      ],
      ['nobody logged in and no page allowed', {}, { prompt: 'none' }, 'login_required', 'user is not logged in'],
    ] as Array<[string, AppOfTest, Record<string, string | undefined>, string, string]>) {
      it(`is refused at the callback URL with ${what}`, async () => {
        await started(app);
        const { status, headers } = await get(authorizeUrl(more));
        expect(status).to.equal(302);
        const location = headers.get('location')!;
        expect(location).to.match(new RegExp(`^${CALLBACK}\\?`));
        expect(Object.fromEntries(new URL(location).searchParams)).to.deep.equal({
          error,
          error_description: description,
          state: 's t&te',
        });
      });
    }

    it('needs a challenge where the org requires one of all apps', async () => {
      await started({ global: { isPkceRequired: false } });
      server.org.settings.OauthOidcSettings!.isPkceRequired = true;
      const { headers } = await get(authorizeUrl({ code_challenge: undefined }));
      expect(new URL(headers.get('location')!).searchParams.get('error_description')).to.equal(
        'missing required code challenge',
      );
    });

    it('needs no challenge where the app does not require one', async () => {
      await started({ global: { isPkceRequired: false } });
      const more = { code_challenge: undefined, code_challenge_method: undefined };
      const sentTo = await allowed(undefined, authorizeUrl(more));
      expect((await redeem(sentTo.searchParams.get('code'), { code_verifier: '' })).status).to.equal(200);
    });
  });

  describe('in the browser', () => {
    it('logs in, asks, and goes back to the app with a code and the state', async () => {
      await started();
      const sentTo = await allowed();
      expect(sentTo.href).to.match(new RegExp(`^${CALLBACK}\\?code=`));
      expect(sentTo.searchParams.get('state')).to.equal('s t&te');
    });

    it('has the username filled in that the app hints at', async () => {
      await started();
      const { page } = await new Browser(server.url).open(authorizeUrl({ login_hint: 'ann@example.com' }));
      expect(page.text).to.match(/id="username"[^>]* value="ann@example\.com"/);
    });

    it('asks once, and again when it is told to', async () => {
      await started();
      const browser = new Browser(server.url);
      await allowed(browser);
      expect((await browser.open(authorizeUrl())).elsewhere?.searchParams.get('code')).to.be.a('string');
      expect((await browser.open(authorizeUrl({ prompt: 'consent' }))).page.text).to.contain('Allow Access?');
      expect((await browser.open(authorizeUrl({ prompt: 'login' }))).page.text).to.contain('Log in');
    });

    it('does not ask where an admin has approved the user, and refuses where none has', async () => {
      await started({
        oauthPolicies: {
          permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
          commaSeparatedProfile: 'Standard User',
        },
      });
      expect(
        (await new Browser(server.url).logIn(authorizeUrl(), username())).elsewhere?.searchParams.get('code'),
      ).to.be.a('string');
      const admin = String(server.org.seeded.admin.Username);
      const { elsewhere } = await new Browser(server.url).logIn(authorizeUrl(), admin);
      expect(elsewhere?.searchParams.get('error')).to.equal('OAUTH_APP_ACCESS_DENIED');
    });

    it('says no when the user does', async () => {
      await started();
      const browser = new Browser(server.url);
      const { elsewhere } = await browser.submit(await browser.logIn(authorizeUrl(), username()), { cancel: 'Deny' });
      expect(elsewhere?.searchParams.get('error')).to.equal('access_denied');
      expect(elsewhere?.searchParams.get('code')).to.equal(null);
    });

    it('refuses a user who may only use the API', async () => {
      await started();
      const integration = String(server.org.seeded.integrationUser.Username);
      const { page, elsewhere } = await new Browser(server.url).logIn(authorizeUrl(), integration);
      expect([page.status, elsewhere]).to.deep.equal([400, undefined]);
      expect(page.text).to.contain('error=OAUTH_APPROVAL_ERROR_GENERIC');
    });

    for (const [distributionState, error, description] of [
      ['Local', 'OAUTH_AUTHORIZATION_BLOCKED', 'Cross-org OAuth flows are not supported for this external client app'],
      ['Packaged', 'OAUTH_EC_APP_NOT_FOUND', 'External client app is not installed in this org'],
    ] as const) {
      it(`refuses whoever logs in with the key of another org's app, ${distributionState}`, async () => {
        await started();
        const other = await createPracticeServer();
        const foreign = appInOrg(other.org, { app: { distributionState } }).consumer.primary.key;
        await other.close();
        const local = 'http://localhost:1717/OauthRedirect';
        const url = (redirectUri: string) => authorizeUrl({ client_id: foreign, redirect_uri: redirectUri });
        expect((await get(url(local))).headers.get('location')).to.match(/^\/\?ec=302&startURL=/);
        const browser = new Browser(server.url);
        const { elsewhere } = await browser.logIn(url(local), username());
        expect(elsewhere!.href.split('?')[0]).to.equal(local);
        expect(Object.fromEntries(elsewhere!.searchParams)).to.deep.equal({
          error,
          error_description: description,
          state: 's t&te',
        });
        const { page } = await browser.open(url('https://elsewhere.example.com/cb'));
        expect([page.status, page.text.split('&')[0]]).to.deep.equal([400, `error=${error}`]);
        const split = await browser.open(url(`${local}\r\nX-Injected: yes`));
        expect(split.elsewhere!.pathname, 'no line break comes through').to.equal('/OauthRedirectX-Injected:%20yes');
        expect(refusal(await redeem('x', { client_id: foreign }))).to.deep.equal([
          400,
          'invalid_client_id',
          'client identifier invalid',
        ]);
      });
    }

    it('knows a key of its own no more once its app is gone', async () => {
      await started();
      server.org.removeComponent('ExternalClientApplication', 'Order_Sync');
      expect((await get(authorizeUrl())).text).to.contain('error=invalid_client_id');
    });

    it('refuses a username that it does not know', async () => {
      await started();
      const { page } = await new Browser(server.url).logIn(authorizeUrl(), '"><script>x</script>@example.com');
      expect(page.status).to.equal(401);
      expect(page.text).to.contain('Please check your username').and.not.contain('<script>x');
    });

    it('takes no form that another page sent', async () => {
      await started();
      const browser = new Browser(server.url);
      const login = await browser.open(authorizeUrl());
      const forged = await browser.submit(login, { csrf: 'forged', username: username() });
      expect(forged.page.status).to.equal(401);
      const approval = await browser.logIn(authorizeUrl(), username());
      const again = await browser.submit(approval, { csrf: 'forged', save: 'Allow' });
      expect(again.elsewhere).to.equal(undefined);
      expect(again.page.text).to.contain('Allow Access?');
    });

    it('goes nowhere but to the org after a login', async () => {
      await started();
      for (const startUrl of ['https://evil.example/', '//evil.example/', '/\\evil.example/']) {
        const login = await new Browser(server.url).logIn(`/?startURL=${encodeURIComponent(startUrl)}`, username());
        expect(login.elsewhere, startUrl).to.equal(undefined);
        expect(login.page.text).to.contain(`Logged in as ${username()}`);
      }
    });
  });

  describe('the code', () => {
    it('becomes tokens: opaque access, refresh, and an id token that the published key verifies', async () => {
      await started({
        global: {
          idTokenConfig: {
            idTokenAudience: 'https://audience.example.com',
            idTokenValidityInMinutes: 5,
            idTokenIncludeStandardClaims: true,
          },
        },
      });
      const sentTo = await allowed(undefined, authorizeUrl({ nonce: 'n-1' }));
      const { json } = await redeem(sentTo.searchParams.get('code'));
      expect(json).to.include({ token_format: 'opaque', scope: 'api refresh_token openid', token_type: 'Bearer' });
      expect(json.refresh_token).to.be.a('string');
      const keys = (await get(`${server.url}/id/keys`)).json as unknown as JSONWebKeySet;
      const { payload } = await jwtVerify(String(json.id_token), createLocalJWKSet(keys), {
        issuer: server.url,
        audience: key,
      });
      expect(payload).to.include({ nonce: 'n-1', sub: json.id, preferred_username: username() });
      expect(payload.aud).to.deep.equal([key, 'https://audience.example.com']);
      expect(payload.exp! - payload.iat!).to.equal(300);
      expect(keys.keys[0]).to.not.have.property('d');
    });

    it('works with an independent client from discovery to refresh', async () => {
      await started();
      const insecure = { [oauth.allowInsecureRequests]: true };
      const issuer = new URL(server.url);
      const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
      const client = { client_id: key };
      const sentTo = await allowed();
      const parameters = oauth.validateAuthResponse(as, client, sentTo, 's t&te');
      const auth = oauth.ClientSecretPost(secret);
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        parameters,
        CALLBACK,
        verifier,
        insecure,
      );
      const first = await oauth.processAuthorizationCodeResponse(as, client, answer);
      expect(oauth.getValidatedIdTokenClaims(first)?.sub).to.equal(first.id);
      const refreshed = await oauth.refreshTokenGrantRequest(as, client, auth, first.refresh_token!, insecure);
      const second = await oauth.processRefreshTokenResponse(as, client, refreshed);
      expect(second.access_token).to.be.a('string').and.not.equal(first.access_token);
    });

    it('works with jsforce, which names no challenge method', async () => {
      await started();
      const client = new OAuth2({
        loginUrl: server.url,
        clientId: key,
        clientSecret: secret,
        redirectUri: CALLBACK,
        useVerifier: true,
      });
      const sentTo = await allowed(undefined, client.getAuthorizationUrl({ scope: 'api refresh_token' }));
      const first = await client.requestToken(sentTo.searchParams.get('code')!);
      const second = await client.refreshToken(first.refresh_token!);
      expect(second.access_token).to.be.a('string').and.not.equal(first.access_token);
      await client.revokeToken(first.refresh_token!);
      const gone = await client.refreshToken(first.refresh_token!).catch((error: Error) => error.name);
      expect(gone).to.equal('invalid_grant');
      const twice = await client.revokeToken(first.refresh_token!).catch((error: Error) => error.name);
      expect(twice).to.equal('unsupported_token_type');
    });

    it('is good once', async () => {
      await started();
      const code = (await allowed()).searchParams.get('code');
      expect((await redeem(code)).status).to.equal(200);
      expect(refusal(await redeem(code))).to.deep.equal([400, 'invalid_grant', 'invalid authorization code']);
    });

    it('expires', async () => {
      await started();
      const code = (await allowed()).searchParams.get('code');
      server.org.advance(16 * 60_000);
      expect(refusal(await redeem(code))).to.deep.equal([400, 'invalid_grant', 'expired authorization code']);
    });

    it('is refused with another verifier, callback URL, secret or app', async () => {
      await started();
      const other = appInOrg(server.org, { name: 'Other_App' }).consumer.primary;
      const browser = new Browser(server.url);
      await allowed(browser);
      const code = async () => (await browser.open(authorizeUrl())).elsewhere!.searchParams.get('code');
      expect(refusal(await redeem(await code(), { code_verifier: verifier.replace(/^./, '-') }))).to.deep.equal([
        400,
        'invalid_grant',
        'invalid code verifier',
      ]);
      expect(
        refusal(await redeem(await code(), { redirect_uri: 'http://localhost:1717/OauthRedirect' })),
      ).to.deep.equal([400, 'redirect_uri_mismatch', 'redirect_uri must match configuration']);
      expect(refusal(await redeem(await code(), { client_secret: 'x' }))).to.deep.equal([
        400,
        'invalid_client',
        'invalid client credentials',
      ]);
      expect(refusal(await redeem(await code(), { client_id: other.key, client_secret: other.secret }))).to.deep.equal([
        400,
        'invalid_grant',
        'invalid authorization code',
      ]);
    });

    it('needs no secret where the app says so, but no wrong one either', async () => {
      await started({ global: { isConsumerSecretOptional: true } });
      const browser = new Browser(server.url);
      await allowed(browser);
      const code = async () => (await browser.open(authorizeUrl())).elsewhere!.searchParams.get('code');
      expect((await redeem(await code(), { client_secret: '' })).status).to.equal(200);
      expect((await redeem(await code(), { client_secret: 'wrong' })).json.error).to.equal('invalid_client');
    });

    it('gives tokens in JWT format where the app is set up for it', async () => {
      await started({ global: { isNamedUserJwtEnabled: true }, oauthPolicies: { namedUserJwtTimeout: 5 } });
      const { json } = await redeem((await allowed()).searchParams.get('code'));
      expect(json.token_format).to.equal('jwt');
      const keys = (await get(`${server.url}/id/keys`)).json as unknown as JSONWebKeySet;
      const { payload } = await jwtVerify(String(json.access_token), createLocalJWKSet(keys), { issuer: server.url });
      expect(payload).to.include({ client_id: key, scp: 'api refresh_token openid' });
      expect(payload.exp! - payload.iat!).to.equal(300);
      const api = () => get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${json.access_token}` });
      expect((await api()).status).to.equal(200);
      server.org.advance(6 * 60_000);
      expect((await api()).status).to.equal(401);
    });
  });

  describe('the refresh token', () => {
    it('gives new access tokens and stays the same', async () => {
      await started();
      const first = await tokens();
      const { json } = await refresh(first.refresh_token);
      expect(json.access_token).to.be.a('string').and.not.equal(first.access_token);
      expect(json).to.not.have.property('refresh_token');
      expect((await refresh(first.refresh_token)).status).to.equal(200);
    });

    it('is one of five that a user has of an app: with the sixth, the oldest ends', async () => {
      await started();
      const first = await tokens();
      const later = async () => {
        const browser = new Browser(server.url);
        const { elsewhere } = await browser.logIn(authorizeUrl(), username());
        return (await redeem(elsewhere!.searchParams.get('code'))).json;
      };
      const second = await later();
      for (let login = 3; login <= 5; login += 1) await later();
      expect((await refresh(first.refresh_token)).status).to.equal(200);
      await later();
      expect((await refresh(first.refresh_token)).json.error_description).to.equal('expired access/refresh token');
      expect((await refresh(second.refresh_token)).status).to.equal(200);
    });

    it('is not given without its scope', async () => {
      await started();
      const sentTo = await allowed(undefined, authorizeUrl({ scope: 'api' }));
      const { json } = await redeem(sentTo.searchParams.get('code'));
      expect(json).to.not.have.any.keys('refresh_token', 'id_token');
    });

    it('needs the secret, unless the app says otherwise', async () => {
      await started();
      const first = await tokens();
      expect((await refresh(first.refresh_token, { client_secret: '' })).json.error).to.equal('invalid_client');
      const settings = server.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')!;
      settings.body.isSecretRequiredForRefreshToken = false;
      expect((await refresh(first.refresh_token, { client_secret: '' })).status).to.equal(200);
    });

    it('rotates where the app says so, and a used one that comes back ends them all', async () => {
      await started({ global: { isRefreshTokenRotationEnabled: true } });
      const first = await tokens();
      const second = (await refresh(first.refresh_token)).json;
      expect(second.refresh_token).to.be.a('string').and.not.equal(first.refresh_token);
      const third = (await refresh(second.refresh_token)).json;
      const api = (accessToken: unknown) =>
        get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${accessToken}` });
      expect((await api(third.access_token)).status).to.equal(200);
      expect(refusal(await refresh(first.refresh_token))).to.deep.equal([
        400,
        'invalid_grant',
        'expired access/refresh token',
      ]);
      expect((await refresh(third.refresh_token)).json.error).to.equal('invalid_grant');
      expect((await api(third.access_token)).status).to.equal(401);
    });

    for (const [policy, before, after] of [
      [
        {
          refreshTokenPolicyType: 'SpecificLifetime',
          refreshTokenValidityPeriod: 2,
          refreshTokenValidityUnit: 'Hours',
        },
        1.9,
        2,
      ],
      [
        { refreshTokenPolicyType: 'SpecificLifetime', refreshTokenValidityPeriod: 2, refreshTokenValidityUnit: 'Days' },
        47,
        48,
      ],
      [
        {
          refreshTokenPolicyType: 'SpecificLifetime',
          refreshTokenValidityPeriod: 1,
          refreshTokenValidityUnit: 'Months',
        },
        719,
        720,
      ],
    ] as const) {
      it(`lives for ${policy.refreshTokenValidityPeriod} ${policy.refreshTokenValidityUnit}, used or not`, async () => {
        await started({ oauthPolicies: policy });
        const { refresh_token: refreshToken } = await tokens();
        server.org.advance(before * 2 * HALF_HOUR);
        expect((await refresh(refreshToken)).status).to.equal(200);
        server.org.advance((after - before) * 2 * HALF_HOUR);
        expect(refusal(await refresh(refreshToken))).to.deep.equal([
          400,
          'invalid_grant',
          'expired access/refresh token',
        ]);
      });
    }

    it('dies of inactivity, and each use begins the time anew', async () => {
      const policy = {
        refreshTokenPolicyType: 'SpecificInactivity',
        refreshTokenValidityPeriod: 1,
        refreshTokenValidityUnit: 'Hours',
      };
      await started({ oauthPolicies: policy });
      const { refresh_token: refreshToken } = await tokens();
      for (let use = 0; use < 4; use += 1) {
        server.org.advance(HALF_HOUR);
        expect((await refresh(refreshToken)).status).to.equal(200);
      }
      server.org.advance(2 * HALF_HOUR);
      expect((await refresh(refreshToken)).json.error).to.equal('invalid_grant');
    });

    it('is of no use under the policy that ends it at once, and never ends under the one that does not', async () => {
      await started({ oauthPolicies: { refreshTokenPolicyType: 'Zero' } });
      const { refresh_token: refreshToken } = await tokens();
      expect((await refresh(refreshToken)).json.error).to.equal('invalid_grant');
      server.org.component(
        'ExtlClntAppOauthConfigurablePolicies',
        'Order_Sync_oauthPlcy',
      )!.body.refreshTokenPolicyType = 'Infinite';
      server.org.advance(3650 * 24 * 2 * HALF_HOUR);
      expect((await refresh(refreshToken)).status).to.equal(200);
    });

    it('is neither given nor of use outside the IP ranges that the app has for it', async () => {
      await started();
      const before = await tokens();
      const put = (startIpAddress: string, endIpAddress: string): void => {
        const now = server.org.now();
        const { Id: userId } = server.org.seeded.admin;
        server.org.putComponent({
          id: server.org.newId('ExtlClntAppOauthSecuritySettings'),
          type: 'ExtlClntAppOauthSecuritySettings',
          fullName: 'Order_Sync_security',
          body: { externalClientApplication: 'Order_Sync', tokenIpRanges: [{ startIpAddress, endIpAddress }] },
          createdById: userId,
          createdDate: now,
          lastModifiedById: userId,
          lastModifiedDate: now,
        });
      };
      const again = async () => {
        const { elsewhere } = await new Browser(server.url).logIn(authorizeUrl(), username());
        return redeem(elsewhere!.searchParams.get('code'));
      };
      put('203.0.113.0', '203.0.113.255');
      const restricted = [400, 'invalid_grant', 'ip restricted by app developer'];
      expect(refusal(await refresh(before.refresh_token))).to.deep.equal(restricted);
      expect(refusal(await again())).to.deep.equal(restricted);
      const clientCredentials = { grant_type: 'client_credentials', client_id: key, client_secret: secret };
      expect((await token(server, clientCredentials)).status, 'a flow without refresh tokens').to.equal(200);
      put('127.0.0.1', '127.0.0.1');
      expect((await refresh(before.refresh_token)).status).to.equal(200);
      expect((await again()).status).to.equal(200);
    });

    for (const [relaxation, trusted, code, refreshed] of [
      ['Enforce', undefined, 400, 400],
      ['Enforce_RelaxRefresh', undefined, 400, 200],
      ['Bypass', undefined, 200, 200],
      ['Bypass_2factor', undefined, 200, 200],
      ['Bypass_2factor', '127.0.0.1', 200, 200],
      ['Bypass_2factor', '203.0.113.1', 400, 400],
    ] as const) {
      it(`goes by the ranges of the profile under ${relaxation}, trusted ${trusted ?? 'nowhere'}`, async () => {
        await started({ oauthPolicies: { ipRelaxationPolicyType: relaxation } });
        const before = await tokens();
        const [settings] = server.org.components('ExtlClntAppOauthSettings');
        if (trusted) settings!.body.trustedIpRanges = [{ startIpAddress: trusted, endIpAddress: trusted }];
        server.org.update('Profile', String(server.org.seeded.standardUser.ProfileId), {
          Metadata: { loginIpRanges: [{ startAddress: '203.0.113.0', endAddress: '203.0.113.255' }] },
        });
        const { elsewhere } = await new Browser(server.url).logIn(authorizeUrl(), username());
        expect((await redeem(elsewhere!.searchParams.get('code'))).status).to.equal(code);
        expect((await refresh(before.refresh_token)).status).to.equal(refreshed);
      });
    }

    it('takes its access tokens along when it is revoked', async () => {
      await started();
      const { access_token: accessToken, refresh_token: refreshToken } = await tokens();
      const revoked = await get(
        `${server.url}/services/oauth2/revoke?token=${encodeURIComponent(String(refreshToken))}`,
      );
      expect(revoked.status).to.equal(200);
      expect((await refresh(refreshToken)).json.error).to.equal('invalid_grant');
      expect(
        (await get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${accessToken}` })).status,
      ).to.equal(401);
    });
  });

  it("knows the CLI's own app, on any port of this machine and with no secret", async () => {
    await started();
    const port = await freePort();
    const client = new OAuth2({
      loginUrl: server.url,
      clientId: 'PlatformCLI',
      redirectUri: `http://localhost:${port}/OauthRedirect`,
      useVerifier: true,
    });
    const url = client.getAuthorizationUrl({ scope: 'refresh_token api web', prompt: 'login', state: 'abc' });
    const sentTo = await allowed(undefined, url);
    expect(sentTo.origin).to.equal(`http://localhost:${port}`);
    const first = await client.requestToken(sentTo.searchParams.get('code')!);
    expect((await client.refreshToken(first.refresh_token!)).access_token).to.be.a('string');
    const elsewhere = url.replace(
      encodeURIComponent(`http://localhost:${port}/OauthRedirect`),
      encodeURIComponent(CALLBACK),
    );
    expect((await get(elsewhere)).text).to.contain('error=redirect_uri_mismatch');
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
