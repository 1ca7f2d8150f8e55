import { createHash, type KeyObject, randomBytes } from 'node:crypto';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import { SignJWT } from 'jose';

import type { Flow } from '../../src/app/app.ts';
import { explain, type Refusal } from '../../src/app/explanations.ts';
import { type Known, NOTHING_KNOWN } from '../../src/app/fixes.ts';
import { Secret } from '../../src/app/secret.ts';
import { callApi } from '../../src/client/apiCall.ts';
import { askAuthorize, type AuthorizeRequest } from '../../src/client/authorize.ts';
import { documentedEndpoints, type Endpoints } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { RefusedError } from '../../src/client/salesforceOauth.ts';
import { requestClientCredentialsToken, requestPasswordToken } from '../../src/client/token.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import { createPracticeServer, type PracticeServer, type PracticeServerOptions } from '../../src/practice/practice.ts';
import { type LoggedIn, logInToPractice } from '../commands/practice.ts';
import { oauthApp, oauthPolicies, oauthSettings, type Piece, policies, SCOPES } from '../practice/appFiles.ts';
import { openPractice, type Practice } from '../practice/client.ts';
import { appInOrg, type AppOfTest, CALLBACK } from '../practice/oauth/appInOrg.ts';
import { Browser, get, post } from '../practice/oauth/wire.ts';
import { selfSigned } from './selfSigned.ts';

const CALLBACK_URL = 'https://orders.example.com/oauth/callback';

/** The practice org gives the answer; the table must know it. */
describe('what an org answers to a client', () => {
  const $$ = new TestContext();
  const http = createHttpClient();
  let org: LoggedIn;

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(() => org.close());

  const start = async (options: Parameters<typeof logInToPractice>[1] = {}): Promise<void> => {
    org = await logInToPractice($$, options);
    const app = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...app,
      ...['--callback-url', CALLBACK_URL, '--scope', 'api', '--flow', 'web-server', '--flow', 'client-credentials'],
      ...['--run-as', String(org.org.seeded.integrationUser.Username)],
    ]);
  };

  const endpoints = (): Endpoints => ({ server: documentedEndpoints(org.url) });
  const pair = () => [...org.org.consumers.values()][0]!.primary;
  const body = (type: string) => org.org.components(type)[0]!.body;
  const policies = () => body('ExtlClntAppOauthConfigurablePolicies');
  const settings = () => body('ExtlClntAppGlobalOauthSettings');

  type Asking = () => Promise<Refusal>;

  const refusalOf = async (request: Promise<unknown>): Promise<Refusal> => {
    const error: unknown = await request.then(
      () => expect.fail('The org did not refuse.'),
      (thrown: unknown) => thrown,
    );
    if (error instanceof RefusedError) return error.refusal;
    throw error;
  };

  const token =
    (changed: { consumerKey?: string; consumerSecret?: string } = {}): Asking =>
    () =>
      refusalOf(
        requestClientCredentialsToken(http, endpoints(), {
          consumerKey: changed.consumerKey ?? pair().key,
          consumerSecret: new Secret(changed.consumerSecret ?? pair().secret),
        }),
      );

  const authorize =
    (changed: Partial<AuthorizeRequest> = {}): Asking =>
    async () => {
      const request = { consumerKey: pair().key, callbackUrl: CALLBACK_URL, scopes: ['api'], pkce: true, ...changed };
      const answer = await askAuthorize(http, endpoints(), request);
      return answer.accepted ? expect.fail('The org did not refuse.') : answer.refusal;
    };

  const password: Asking = () =>
    refusalOf(
      requestPasswordToken(
        http,
        endpoints(),
        { consumerKey: pair().key, consumerSecret: new Secret(pair().secret) },
        { username: 'nobody@example.com', password: randomBytes(8).toString('hex') },
      ),
    );

  const call =
    (scopes: string[], format: 'opaque' | 'jwt' = 'opaque', path = '/services/data/v67.0/'): Asking =>
    async () => {
      const { token: accessToken } = org.org.openSession({
        userId: org.org.seeded.integrationUser.Id,
        appId: org.org.components('ExternalClientApplication')[0]!.id,
        scopes,
        format,
        expiresAt: new Date(org.org.now().getTime() + 60_000),
      });
      const { refusal } = await callApi(http, org.url, path, new Secret(accessToken));
      return refusal ?? expect.fail('The org did not refuse.');
    };

  const inactive = (): void => {
    org.org.update('User', org.org.seeded.integrationUser.Id, { IsActive: false });
  };

  const cases: [what: string, flow: Flow | undefined, breakIt: (() => void) | undefined, ask: Asking, id: string][] = [
    ['a wrong key', 'client-credentials', undefined, token({ consumerKey: 'nobody' }), 'keyUnknown'],
    ['a wrong secret', 'client-credentials', undefined, token({ consumerSecret: 'x' }), 'secretWrong'],
    ['no run-as user', 'client-credentials', () => delete policies().clientCredentialsFlowUser, token(), 'noRunAs'],
    [
      'the policy switch off',
      'client-credentials',
      () => (policies().isClientCredentialsFlowEnabled = false),
      token(),
      'noRunAs',
    ],
    [
      'both switches off',
      'client-credentials',
      () => {
        policies().isClientCredentialsFlowEnabled = false;
        settings().isClientCredentialsFlowEnabled = false;
      },
      token(),
      'flowOff',
    ],
    [
      'a user who is not approved',
      'client-credentials',
      () => (policies().permittedUsersPolicyType = 'AdminApprovedPreAuthorized'),
      token(),
      'notApproved',
    ],
    ['an inactive user', 'client-credentials', inactive, token(), 'userInactive'],
    ['the username-password flow', undefined, undefined, password, 'grantTypeOff'],
    ['a login with a wrong key', 'web-server', undefined, authorize({ consumerKey: 'nobody' }), 'keyUnknown'],
    [
      'another callback URL',
      'web-server',
      undefined,
      authorize({ callbackUrl: `${CALLBACK_URL}/` }),
      'redirectMismatch',
    ],
    ['a scope that the app lacks', 'web-server', undefined, authorize({ scopes: ['api', 'full'] }), 'scopeNotAllowed'],
    ['no code challenge', 'web-server', undefined, authorize({ pkce: false }), 'challengeMissing'],
    ['a token without the scope api', undefined, undefined, call(['openid']), 'scopeMissing'],
    ['a path that is not there', undefined, undefined, call(['api'], 'opaque', '/services/apexrest/none'), 'pathWrong'],
  ];

  for (const [what, flow, breakIt, ask, id] of cases) {
    it(`is explained: ${what}`, async () => {
      await start();
      breakIt?.();
      const refusal = await ask();
      expect(explain(refusal, flow).id, JSON.stringify(refusal)).to.equal(id);
    });
  }

  it('is explained: an app that has not spread yet', async () => {
    await start({ propagation: 600 });
    const { id, mayPass } = explain(await token()(), 'client-credentials');
    expect({ id, mayPass }).to.deep.equal({ id: 'keyUnknown', mayPass: true });
  });

  it('is explained: a token whose session has ended', async () => {
    await start();
    const { refusal } = await callApi(
      http,
      org.url,
      '/services/data/v67.0/',
      new Secret(`00D${randomBytes(9).toString('hex')}`),
    );
    expect(explain(refusal!).id).to.equal('sessionInvalid');
  });
});

/**
 * What Salesforce was documented or reported to answer, a row for each state of the org. No fault is made up, and no
 * text.
 * The org gives that very answer on the wire, and the table has its cause.
 */
describe('every refusal of Salesforce that is known', () => {
  const { certificate, key: signer } = selfSigned();
  const callback = 'http://localhost:1717/OauthRedirect';
  let server: PracticeServer;
  let other: PracticeServer | undefined;
  let pair: { key: string; secret: string };

  afterEach(async () => {
    await server.close();
    await other?.close();
    other = undefined;
  });

  const start = async (app: AppOfTest = {}, options: PracticeServerOptions = {}): Promise<void> => {
    server = await createPracticeServer(options);
    pair = appInOrg(server.org, { ...app, global: { certificate, ...app.global } }).consumer.primary;
  };

  const user = () => server.org.seeded.standardUser;
  const runAs = () => server.org.seeded.integrationUser;
  const body = (type: string) => server.org.components(type)[0]!.body;
  const adminApproved = { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' };
  const preapproved = { ...adminApproved, commaSeparatedProfile: 'Standard User' };
  const userLogin = (of: { Id: string }, fields: Record<string, unknown>): void => {
    const record = server.org.records('UserLogin').find(({ UserId }) => UserId === of.Id);
    server.org.update('UserLogin', record!.Id, fields);
  };
  const fromElsewhere = { loginIpRanges: [{ startAddress: '203.0.113.0', endAddress: '203.0.113.255' }] };

  // -- asking

  const refused = ({ json }: { json: Record<string, unknown> }): Refusal => ({
    error: String(json.error),
    description: String(json.error_description),
  });

  const ask = async (form: Record<string, string>, url = server.url): Promise<Refusal> =>
    refused(await post(`${url}/services/oauth2/token`, form));

  const clientCredentials = (more: Record<string, string> = {}, url?: string): Promise<Refusal> =>
    ask({ grant_type: 'client_credentials', client_id: pair.key, client_secret: pair.secret, ...more }, url);

  const jwtBearer = async (more: { aud?: string; key?: KeyObject } = {}): Promise<Refusal> => {
    const { aud = 'https://login.salesforce.com', key = signer } = more;
    const exp = Math.floor(server.org.now().getTime() / 1000) + 180;
    const assertion = await new SignJWT({ iss: pair.key, sub: String(user().Username), aud, exp })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(key);
    return ask({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  };

  const verifier = randomBytes(32).toString('base64url');
  const authorizeUrl = (more: Record<string, string | undefined> = {}): string => {
    const parameters = {
      response_type: 'code',
      client_id: pair.key,
      redirect_uri: callback,
      scope: 'api refresh_token',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      ...more,
    };
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return `${server.url}/services/oauth2/authorize?${new URLSearchParams(given).toString()}`;
  };

  const inQuery = (parameters: URLSearchParams): Refusal => ({
    error: String(parameters.get('error')),
    description: String(parameters.get('error_description')),
  });

  /** What a user who logs in and allows is answered, at the callback URL or on the page. */
  const browse = async (url = authorizeUrl(), of = user()): Promise<URLSearchParams> => {
    const browser = new Browser(server.url);
    let shown = await browser.logIn(url, String(of.Username));
    if (shown.page.text.includes('Allow Access?')) shown = await browser.submit(shown, { save: 'Allow' });
    return shown.elsewhere?.searchParams ?? new URLSearchParams(shown.page.text);
  };

  const redeem = (code: string | null, more: Record<string, string> = {}) =>
    post(`${server.url}/services/oauth2/token`, {
      grant_type: 'authorization_code',
      code: String(code),
      client_id: pair.key,
      client_secret: pair.secret,
      redirect_uri: callback,
      code_verifier: verifier,
      ...more,
    });

  const refresh = async (refreshToken: unknown): Promise<Refusal> =>
    ask({
      grant_type: 'refresh_token',
      refresh_token: String(refreshToken),
      client_id: pair.key,
      client_secret: pair.secret,
    });

  const authorize = async (more: Record<string, string | undefined>): Promise<Refusal> => {
    const { headers, text } = await get(authorizeUrl(more));
    const location = headers.get('location');
    return inQuery(location ? new URL(location).searchParams : new URLSearchParams(text));
  };

  /** What the REST API says to a new token of the app. */
  const api = async (): Promise<Refusal> => {
    const form = { grant_type: 'client_credentials', client_id: pair.key, client_secret: pair.secret };
    const { json } = await post(`${server.url}/services/oauth2/token`, form);
    const path = '/services/data/v67.0/limits';
    const { refusal } = await callApi(createHttpClient(), server.url, path, new Secret(String(json.access_token)));
    return refusal ?? expect.fail('The org did not refuse.');
  };

  type Case = {
    what: string;
    flow?: Flow;
    app?: AppOfTest;
    options?: PracticeServerOptions;
    /** Brings the org into the state, once the app is there. */
    state?: () => unknown;
    ask: () => Promise<Refusal>;
    /** The answer, as `error: description`. */
    answer: string;
    cause: string;
    /** What is known of the app beside the answer. */
    known?: Partial<Known>;
  };

  const jwt = { flow: 'jwt-bearer', app: { oauthPolicies: preapproved } } as const;
  const web = { flow: 'web-server' } as const;
  const cc = { flow: 'client-credentials', ask: clientCredentials } as const;

  const cases: Case[] = [
    // -- OAuth errors
    {
      ...cc,
      what: 'the key of an app that has gone',
      state: () => server.org.removeComponent('ExternalClientApplication', 'Order_Sync'),
      answer: 'invalid_client_id: client identifier invalid',
      cause: 'keyUnknown',
    },
    {
      ...cc,
      what: 'an app that has not spread yet',
      options: { propagation: 600 },
      answer: 'invalid_client_id: client identifier invalid',
      cause: 'keyUnknown',
    },
    {
      ...cc,
      what: 'a secret that was rotated away',
      state: () => {
        pair = { ...pair };
        [...server.org.consumers.values()][0]!.primary.secret = randomBytes(32).toString('hex');
      },
      answer: 'invalid_client: invalid client credentials',
      cause: 'secretWrong',
    },
    {
      ...cc,
      what: 'no run-as user',
      app: { oauthPolicies: { clientCredentialsFlowUser: undefined } },
      answer: 'invalid_grant: no client credentials user enabled',
      cause: 'noRunAs',
    },
    {
      ...cc,
      what: 'the flow switched off by the admin',
      app: { oauthPolicies: { isClientCredentialsFlowEnabled: false } },
      answer: 'invalid_grant: no client credentials user enabled',
      cause: 'noRunAs',
    },
    {
      what: 'a host that is not the My Domain',
      flow: 'client-credentials',
      ask: () => clientCredentials({}, server.url.replace('127.0.0.1', 'localhost')),
      answer: 'invalid_grant: request not supported on this domain',
      cause: 'notMyDomain',
    },
    {
      ...cc,
      what: 'a user whom no admin has approved',
      app: { oauthPolicies: adminApproved },
      answer: 'invalid_app_access: user is not admin approved to access this app',
      cause: 'notApproved',
    },
    {
      what: 'a user who has not approved the app for a JWT',
      flow: 'jwt-bearer',
      ask: jwtBearer,
      answer: "invalid_grant: user hasn't approved this consumer",
      cause: 'notPreapproved',
    },
    {
      ...jwt,
      what: 'a JWT that another key signed',
      ask: () => jwtBearer({ key: selfSigned().key }),
      answer: 'invalid_grant: invalid assertion',
      cause: 'assertionWrong',
    },
    {
      ...jwt,
      what: 'an app without a certificate',
      state: () => delete body('ExtlClntAppGlobalOauthSettings').certificate,
      ask: jwtBearer,
      answer: 'invalid_grant: invalid assertion',
      cause: 'assertionWrong',
    },
    {
      ...jwt,
      what: 'a JWT that another key signed, as others reported it',
      options: { variants: { 'jwt-wrong-certificate': 'invalid-client' } },
      ask: () => jwtBearer({ key: selfSigned().key }),
      answer: 'invalid_client: invalid client credentials',
      cause: 'certificateWrong',
    },
    {
      ...jwt,
      what: 'a JWT for another audience',
      ask: () => jwtBearer({ aud: 'https://example.com' }),
      answer: 'invalid_grant: Audience validation failed',
      cause: 'audienceWrong',
    },
    {
      ...jwt,
      what: 'a JWT for an app without the scope refresh_token',
      app: { ...jwt.app, settings: { commaSeparatedOauthScopes: 'Api' } },
      ask: jwtBearer,
      answer:
        'invalid_request: refresh_token scope is required and the connected app should be installed and preauthorized',
      cause: 'refreshTokenScope',
    },
    {
      ...web,
      what: 'a refresh token past its life',
      ask: async () => {
        const { json } = await redeem((await browse()).get('code'));
        server.org.advance(366 * 24 * 3_600_000);
        return refresh(json.refresh_token);
      },
      answer: 'invalid_grant: expired access/refresh token',
      cause: 'tokenExpired',
    },
    {
      ...web,
      what: 'an authorization code that is too old',
      ask: async () => {
        const code = (await browse()).get('code');
        server.org.advance(16 * 60_000);
        return refused(await redeem(code));
      },
      answer: 'invalid_grant: expired authorization code',
      cause: 'codeExpired',
    },
    {
      ...cc,
      what: 'a frozen user',
      state: () => userLogin(runAs(), { IsFrozen: true }),
      answer: 'invalid_grant: authentication failure',
      cause: 'userRefused',
    },
    {
      ...cc,
      what: 'a user who is locked out',
      state: () => userLogin(runAs(), { IsPasswordLocked: true }),
      answer: 'invalid_grant: authentication failure',
      cause: 'userRefused',
    },
    {
      what: 'a wrong password',
      flow: 'code-and-credentials',
      app: { global: { isCodeCredFlowEnabled: true, isPkceRequired: false } },
      state: () => (server.org.settings.OauthOidcSettings!.oAuthCdCrdtFlowEnable = true),
      ask: async () => {
        const { headers } = await post(
          `${server.url.replace('127.0.0.1', 'localhost')}/services/oauth2/authorize`,
          { response_type: 'code_credentials', client_id: pair.key, redirect_uri: callback },
          {
            'auth-request-type': 'Named-User',
            authorization: `Basic ${Buffer.from(`${String(user().Username)}:wrong`).toString('base64')}`,
          },
        );
        return inQuery(new URL(headers.get('location')!).searchParams);
      },
      answer: 'invalid_grant: authentication failure',
      cause: 'loginFailed',
    },
    {
      ...cc,
      what: 'an inactive user',
      state: () => server.org.update('User', runAs().Id, { IsActive: false }),
      answer: 'inactive_user: user is inactive',
      cause: 'userInactive',
    },
    {
      ...web,
      what: 'another code verifier',
      ask: async () => refused(await redeem((await browse()).get('code'), { code_verifier: 'x'.repeat(43) })),
      answer: 'invalid_grant: invalid code verifier',
      cause: 'codeVerifierWrong',
    },
    {
      ...web,
      what: 'a callback URL that the app has not got',
      ask: () => authorize({ redirect_uri: `${callback}/` }),
      answer: 'redirect_uri_mismatch: redirect_uri must match configuration',
      cause: 'redirectMismatch',
    },
    {
      ...web,
      what: 'another callback URL for the code than for the login',
      ask: async () => refused(await redeem((await browse()).get('code'), { redirect_uri: CALLBACK })),
      answer: 'redirect_uri_mismatch: redirect_uri must match configuration',
      cause: 'redirectMismatch',
    },
    {
      ...web,
      what: 'no code challenge',
      ask: () => authorize({ code_challenge: undefined }),
      answer: 'invalid_request: missing required code challenge',
      cause: 'challengeMissing',
    },
    {
      ...web,
      what: 'no code challenge, where the org wants one of all apps',
      app: { global: { isPkceRequired: false } },
      state: () => (server.org.settings.OauthOidcSettings!.isPkceRequired = true),
      ask: () => authorize({ code_challenge: undefined }),
      answer: 'invalid_request: missing required code challenge',
      cause: 'challengeMissing',
    },
    {
      ...web,
      what: 'a scope that the app has not got',
      ask: () => authorize({ scope: 'api cdp_api' }),
      answer: 'invalid_scope: the requested scope is not allowed',
      cause: 'scopeNotAllowed',
    },
    {
      what: 'the username-password flow',
      ask: () => clientCredentials({ grant_type: 'password', username: 'nobody@example.com', password: 'x' }),
      answer: 'unsupported_grant_type: grant type not supported',
      cause: 'grantTypeOff',
    },
    {
      what: 'a flow that is off',
      flow: 'device',
      app: { global: { isDeviceFlowEnabled: false } },
      ask: () => ask({ response_type: 'device_code', client_id: pair.key }),
      answer: 'unsupported_grant_type: grant type not supported',
      cause: 'flowOff',
    },
    // -- in the browser
    {
      ...web,
      what: 'a user who may only use the API',
      ask: async () => inQuery(await browse(authorizeUrl(), runAs())),
      answer: 'OAUTH_APPROVAL_ERROR_GENERIC: An unexpected error has occurred during authentication. Please try again.',
      cause: 'browserNotAllowed',
    },
    {
      ...web,
      what: 'a login of a user whom no admin has approved',
      app: { oauthPolicies: adminApproved },
      ask: async () => inQuery(await browse()),
      answer: 'OAUTH_APP_ACCESS_DENIED: user is not admin approved to access this app',
      cause: 'notApproved',
    },
    {
      ...web,
      what: 'a login with the key of a packaged app that is not installed',
      ask: async () => {
        other = await createPracticeServer();
        const { key } = appInOrg(other.org, { app: { distributionState: 'Packaged' } }).consumer.primary;
        return inQuery(await browse(authorizeUrl({ client_id: key })));
      },
      answer: 'OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org',
      cause: 'appNotInOrg',
    },
    {
      ...web,
      what: 'a user who says no',
      ask: async () => {
        const browser = new Browser(server.url);
        const asked = await browser.logIn(authorizeUrl(), String(user().Username));
        return inQuery((await browser.submit(asked, { cancel: 'Deny' })).elsewhere!.searchParams);
      },
      answer: 'access_denied: end-user denied authorization',
      cause: 'accessDenied',
    },
    {
      ...web,
      what: 'an app that is switched off',
      app: { policies: { isEnabled: false } },
      ask: () => authorize({}),
      answer: 'OAUTH_APP_BLOCKED: this app is blocked by admin',
      cause: 'appBlocked',
    },
    // -- addresses
    {
      ...cc,
      what: "an address outside the ranges of the user's profile",
      state: () => server.org.update('Profile', String(runAs().ProfileId), { Metadata: fromElsewhere }),
      answer: 'invalid_grant: ip restricted',
      cause: 'ipRestricted',
    },
    {
      ...web,
      what: "an address outside the app's ranges for refresh tokens",
      ask: async () => {
        const { json } = await redeem((await browse()).get('code'));
        const range = { startIpAddress: '203.0.113.0', endIpAddress: '203.0.113.255' };
        const settings = server.org.components('ExtlClntAppOauthSettings')[0]!;
        server.org.putComponent({
          ...settings,
          id: server.org.newId('ExtlClntAppOauthSecuritySettings'),
          type: 'ExtlClntAppOauthSecuritySettings',
          body: { externalClientApplication: 'Order_Sync', tokenIpRanges: [range] },
        });
        return refresh(json.refresh_token);
      },
      answer: 'invalid_grant: ip restricted by app developer',
      cause: 'ipRestrictedByApp',
    },
    // -- the API
    {
      what: 'no calls left today',
      state: () => server.org.apiRequests.leave(0),
      ask: api,
      answer: 'REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.',
      cause: 'apiLimit',
    },
    {
      what: 'an app that API Access Control keeps out',
      state: () => (server.org.settings.ConnectedAppSettings!.enableAdminApprovedAppsOnly = true),
      ask: api,
      answer: 'INVALID_SESSION_ID: This session is not valid for use with the REST API',
      cause: 'apiAccessControl',
      known: { app: { name: 'Order_Sync', scopes: ['api'] } },
    },
    {
      what: 'a token without the scope api',
      app: { settings: { commaSeparatedOauthScopes: 'CDP' } },
      ask: api,
      answer: 'INVALID_SESSION_ID: This session is not valid for use with the REST API',
      cause: 'scopeMissing',
      known: { app: { name: 'Order_Sync', scopes: ['cdp_api'] } },
    },
    {
      what: 'a user without API Enabled',
      state: () => {
        for (const set of server.org.permissionSetsOf(runAs().Id)) {
          server.org.update('PermissionSet', set.Id, { PermissionsApiEnabled: false });
        }
      },
      ask: api,
      answer: 'API_DISABLED_FOR_ORG: The REST API is not enabled for this Organization.',
      cause: 'apiDisabled',
    },
  ];

  for (const { what, flow, app, options, state, ask: asked, answer, cause, known } of cases) {
    it(`is given and explained: ${what}`, async () => {
      await start(app, options);
      state?.();
      const refusal = await asked();
      expect(`${refusal.error}: ${refusal.description}`).to.equal(answer);
      expect(explain(refusal, flow, known && { ...NOTHING_KNOWN, ...known }).id).to.equal(cause);
    });
  }

  describe('of a deploy', () => {
    let practice: Practice;

    beforeEach(async () => {
      practice = await openPractice();
      ({ server } = practice);
      expect(await practice.problems([...oauthApp('Order_Sync'), oauthPolicies('Order_Sync')])).to.equal('');
    });

    const policiesWith = (xml: string) => oauthPolicies('Order_Sync', xml);

    for (const [what, pieces, problem] of [
      [
        'a run-as user who is not there',
        () => [policiesWith('<clientCredentialsFlowUser>nobody@example.com</clientCredentialsFlowUser>')],
        'Enter a valid execution user for the OAuth client credentials flow.',
      ],
      [
        'a run-as user who is inactive',
        () => {
          practice.server.org.update('User', practice.server.org.seeded.integrationUser.Id, { IsActive: false });
          const username = String(practice.server.org.seeded.integrationUser.Username);
          return [policiesWith(`<clientCredentialsFlowUser>${username}</clientCredentialsFlowUser>`)];
        },
        'Enter a valid execution user for the OAuth client credentials flow.',
      ],
      [
        'an app that is not there',
        () => [policies('Nobody', '<isEnabled>true</isEnabled>')],
        'INVALID_CROSS_REFERENCE_KEY: In field: externalClientApplication - no ExternalClientApplication named Nobody found',
      ],
      [
        'an element that the API version has not',
        () => [policiesWith('<isRefreshTokenEnabled>true</isRefreshTokenEnabled>')],
        'Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}isRefreshTokenEnabled invalid at this location in type ExtlClntAppOauthConfigurablePolicies',
      ],
      [
        'a permission set by its Id',
        () => [policiesWith('<commaSeparatedPermissionSet>0PS000000000001AAA</commaSeparatedPermissionSet>')],
        "INVALID_FIELD: We couldn't find permission sets called 0PS000000000001AAA.",
      ],
      [
        'a second policy under another name',
        () => [oauthPolicies('Order_Sync', '', 'Another_Policy')],
        'duplicate value found: ExtlClntAppOauthSettingsId duplicates value on Order_Sync_oauthPlcy',
      ],
      [
        'the link to a consumer of another org',
        () => [oauthSettings('Order_Sync', `${SCOPES}<oauthLink>00D000000000001:888000000000001</oauthLink>`)],
        "We couldn't update your OAuth link because the external client app doesn't have distribution state PACKAGED.",
      ],
      [
        'a new connected app',
        () => [{ type: 'ConnectedApp', name: 'Old_Way', xml: '<label>Old Way</label>' }],
        "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support.",
      ],
    ] as Array<[string, () => Piece[], string]>) {
      it(`is given: ${what}`, async () => {
        expect(await practice.problems(pieces())).to.equal(problem);
      });
    }

    it('is given: SOAP with a token in JWT format', async () => {
      const { org } = practice.server;
      const { token } = org.openSession({
        userId: org.seeded.admin.Id,
        scopes: ['api'],
        format: 'jwt',
        expiresAt: new Date(org.now().getTime() + 60_000),
      });
      practice.connection.accessToken = token;
      const said = await practice.connection.metadata.describe('67.0').catch((error: Error) => error.message);
      expect(said).to.match(/SOAP API does not support JWT-based access tokens\. /);
    });
  });
});
