import { createHmac } from 'node:crypto';

import { expect } from 'chai';
import * as oauth from 'oauth4webapi';

import {
  createPracticeServer,
  type PracticeServer,
  type PracticeServerOptions,
} from '../../../src/practice/practice.ts';
import { appInOrg, type AppOfTest } from './appInOrg.ts';
import { get, post, refusal, token } from './wire.ts';

const switches = (global: boolean, policy: boolean): AppOfTest => ({
  global: { isClientCredentialsFlowEnabled: global },
  oauthPolicies: { isClientCredentialsFlowEnabled: policy },
});

describe('client credentials', () => {
  let server: PracticeServer;

  const started = async (app: AppOfTest = {}, options: PracticeServerOptions = {}) => {
    server = await createPracticeServer(options);
    return appInOrg(server.org, app);
  };

  afterEach(() => server.close());

  const ask = (pair: { key: string; secret: string }, more: Record<string, string> = {}) =>
    token(server, {
      grant_type: 'client_credentials',
      client_id: pair.key,
      client_secret: pair.secret,
      ...more,
    });

  it('gives a token of the run-as user that the REST API takes', async () => {
    const { consumer } = await started();
    const { status, json } = await ask(consumer.primary);
    expect(status).to.equal(200);
    expect(json).to.have.all.keys(
      'access_token',
      'signature',
      'token_format',
      'scope',
      'instance_url',
      'id',
      'token_type',
      'issued_at',
    );
    expect(json.instance_url).to.equal(server.url);
    expect(json.id).to.equal(`${server.url}/id/${server.org.orgId}/${server.org.seeded.integrationUser.Id}`);
    const signed = createHmac('sha256', consumer.primary.secret).update(`${json.id}${json.issued_at}`).digest('base64');
    expect(json.signature).to.equal(signed);
    const api = await get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${json.access_token}` });
    expect(api.status).to.equal(200);
  });

  it("holds a user to the login IP ranges of the profile, unless the app's policies relax that", async () => {
    const { consumer } = await started();
    const { org } = server;
    const profileId = String(org.seeded.integrationUser.ProfileId);
    const letIn = (startAddress: string, endAddress: string): boolean =>
      org.update('Profile', profileId, { Metadata: { loginIpRanges: [{ startAddress, endAddress }] } });
    letIn('203.0.113.0', '203.0.113.255');
    expect((await ask(consumer.primary)).json).to.deep.equal({
      error: 'invalid_grant',
      error_description: 'ip restricted',
    });
    const [policies] = org.components('ExtlClntAppOauthConfigurablePolicies');
    policies!.body.ipRelaxationPolicyType = 'Enforce_RelaxRefresh';
    expect((await ask(consumer.primary)).status).to.equal(400);
    policies!.body.ipRelaxationPolicyType = 'Bypass';
    expect((await ask(consumer.primary)).status).to.equal(200);
    policies!.body.ipRelaxationPolicyType = 'Enforce';
    letIn('127.0.0.0', '127.255.255.255');
    expect((await ask(consumer.primary)).status).to.equal(200);
  });

  it('leaves out the scopes that are for users', async () => {
    const { consumer } = await started({
      settings: { commaSeparatedOauthScopes: 'Full, Web, Api, RefreshToken, OfflineAccess, CDP' },
    });
    expect((await ask(consumer.primary)).json.scope).to.equal('api cdp_api');
  });

  it('gives fewer scopes when fewer are asked for, and refuses others', async () => {
    const { consumer } = await started({ settings: { commaSeparatedOauthScopes: 'Api, CDP' } });
    expect((await ask(consumer.primary, { scope: 'api' })).json.scope).to.equal('api');
    expect(refusal(await ask(consumer.primary, { scope: 'web' }))).to.deep.equal([
      400,
      'invalid_scope',
      'the requested scope is not allowed',
    ]);
  });

  it('works with an independent client, secret in the body or by Basic, and ends with its revocation', async () => {
    const { consumer } = await started();
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(server.url);
    const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oidc' });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    const client = { client_id: consumer.primary.key };
    for (const auth of [
      oauth.ClientSecretPost(consumer.primary.secret),
      oauth.ClientSecretBasic(consumer.primary.secret),
    ]) {
      const response = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, insecure);
      const { access_token: accessToken } = await oauth.processClientCredentialsResponse(as, client, response);

      const introspected = await oauth.introspectionRequest(as, client, auth, accessToken, insecure);
      const claims = await oauth.processIntrospectionResponse(as, client, introspected);
      expect(claims).to.include({
        active: true,
        client_id: consumer.primary.key,
        username: server.org.seeded.integrationUser.Username,
        token_type: 'access_token',
      });
      const info = await oauth.userInfoRequest(as, client, accessToken, insecure);
      const user = await oauth.processUserInfoResponse(as, client, oauth.skipSubjectCheck, info);
      expect(user.user_id).to.equal(server.org.seeded.integrationUser.Id);

      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, accessToken, insecure));
      const after = await oauth.introspectionRequest(as, client, auth, accessToken, insecure);
      expect(await oauth.processIntrospectionResponse(as, client, after)).to.deep.equal({ active: false });
    }
  });

  const refusals: Array<[string, AppOfTest, PracticeServerOptions, [number, string, string]]> = [
    ['both switches are off', switches(false, false), {}, [400, 'unsupported_grant_type', 'grant type not supported']],
    [
      "the developer's switch is off",
      switches(false, true),
      {},
      [400, 'invalid_grant', 'no client credentials user enabled'],
    ],
    [
      "the admin's switch is off",
      switches(true, false),
      {},
      [400, 'invalid_grant', 'no client credentials user enabled'],
    ],
    [
      'one switch is off, in the other variant',
      switches(true, false),
      { variants: { 'client-credentials-half-on': 'unsupported' } },
      [400, 'unsupported_grant_type', 'grant type not supported'],
    ],
    [
      'no user is set',
      { oauthPolicies: { clientCredentialsFlowUser: undefined } },
      {},
      [400, 'invalid_grant', 'no client credentials user enabled'],
    ],
    [
      'the user is not approved by an admin',
      { oauthPolicies: { permittedUsersPolicyType: 'AdminApprovedPreAuthorized' } },
      {},
      [400, 'invalid_app_access', 'user is not admin approved to access this app'],
    ],
    [
      'the app is switched off',
      { policies: { isEnabled: false } },
      {},
      [400, 'OAUTH_APP_BLOCKED', 'this app is blocked by admin'],
    ],
    [
      "the app's OAuth is switched off",
      { policies: { isOauthPluginEnabled: false } },
      {},
      [400, 'OAUTH_APP_BLOCKED', 'this app is blocked by admin'],
    ],
  ];
  for (const [when, app, options, expected] of refusals) {
    it(`refuses when ${when}`, async () => {
      const { consumer } = await started(app, options);
      expect(refusal(await ask(consumer.primary))).to.deep.equal(expected);
    });
  }

  it('refuses an unknown key, a wrong secret and a missing one', async () => {
    const { consumer } = await started();
    const { key, secret } = consumer.primary;
    expect(refusal(await ask({ key: `${key}x`, secret }))).to.deep.equal([
      400,
      'invalid_client_id',
      'client identifier invalid',
    ]);
    expect(refusal(await ask({ key, secret: `${secret}0` }))).to.deep.equal([
      400,
      'invalid_client',
      'invalid client credentials',
    ]);
    expect(refusal(await token(server, { grant_type: 'client_credentials', client_id: key }))).to.deep.equal([
      400,
      'invalid_client',
      'invalid client credentials',
    ]);
  });

  it('refuses any other host than the My Domain', async () => {
    const { consumer } = await started();
    const { key, secret } = consumer.primary;
    const elsewhere = server.url.replace('127.0.0.1', 'localhost');
    const form = { grant_type: 'client_credentials', client_id: key, client_secret: secret };
    expect(refusal(await post(`${elsewhere}/services/oauth2/token`, form))).to.deep.equal([
      400,
      'invalid_grant',
      'request not supported on this domain',
    ]);
  });

  it('refuses a run-as user who is no longer active, and their tokens', async () => {
    const { consumer } = await started();
    const { json } = await ask(consumer.primary);
    server.org.update('User', server.org.seeded.integrationUser.Id, { IsActive: false });
    expect(refusal(await ask(consumer.primary))).to.deep.equal([400, 'inactive_user', 'user is inactive']);
    const info = await get(`${server.url}/services/oauth2/userinfo`, { authorization: `Bearer ${json.access_token}` });
    expect([info.status, info.text]).to.deep.equal([403, 'Bad_OAuth_Token']);
  });

  it('refuses the username-password flow', async () => {
    const { consumer } = await started();
    const { key, secret } = consumer.primary;
    const form = {
      grant_type: 'password',
      client_id: key,
      client_secret: secret,
      username: 'nobody@example.com',
      password: 'x',
    };
    expect(refusal(await token(server, form))).to.deep.equal([
      400,
      'unsupported_grant_type',
      'grant type not supported',
    ]);
  });

  for (const [how, setName] of [
    ['a permission set of the policies', 'Order_Sync_Users'],
    ['a SetupEntityAccess of a permission set', 'Another_Set'],
  ] as const) {
    it(`lets in a user by ${how}`, async () => {
      const { app, consumer } = await started({
        oauthPolicies: {
          permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
          commaSeparatedPermissionSet: 'Order_Sync_Users',
        },
      });
      const set = server.org.insert('PermissionSet', { Name: setName });
      expect((await ask(consumer.primary)).json.error).to.equal('invalid_app_access');
      if (setName === 'Another_Set')
        server.org.insert('SetupEntityAccess', { ParentId: set.Id, SetupEntityId: app.id });
      expect((await ask(consumer.primary)).json.error, 'not assigned yet').to.equal('invalid_app_access');
      server.org.insert('PermissionSetAssignment', {
        AssigneeId: server.org.seeded.integrationUser.Id,
        PermissionSetId: set.Id,
      });
      expect((await ask(consumer.primary)).status).to.equal(200);
    });
  }

  it('lets in a user by a profile of the policies', async () => {
    const { consumer } = await started({
      oauthPolicies: {
        permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
        commaSeparatedProfile: 'Standard User,Minimum Access - API Only Integrations',
      },
    });
    expect((await ask(consumer.primary)).status).to.equal(200);
  });

  it('does not know a new app until it has spread', async () => {
    const { consumer } = await started({}, { propagation: 60 });
    expect((await ask(consumer.primary)).json.error).to.equal('invalid_client_id');
    server.org.advance(61_000);
    expect((await ask(consumer.primary)).status).to.equal(200);
  });

  it('ends a token when its session times out', async () => {
    const { consumer } = await started({ oauthPolicies: { sessionTimeoutInMinutes: 15 } });
    const { json } = await ask(consumer.primary);
    const api = () => get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${json.access_token}` });
    server.org.advance(7 * 60_000);
    expect((await api()).status).to.equal(200);
    server.org.advance(8 * 60_000);
    expect((await api()).status, 'a use in the first half does not count').to.equal(401);
  });

  it('prolongs a session that is used in the second half of its time-out, but no token in JWT format', async () => {
    for (const [isNamedUserJwtEnabled, status] of [
      [false, 200],
      [true, 401],
    ] as const) {
      const { consumer } = await started({
        global: { isNamedUserJwtEnabled },
        oauthPolicies: { sessionTimeoutInMinutes: 15, namedUserJwtTimeout: 15 },
      });
      const { json } = await ask(consumer.primary);
      const api = () => get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${json.access_token}` });
      server.org.advance(14 * 60_000);
      expect((await api()).status).to.equal(200);
      server.org.advance(14 * 60_000);
      expect((await api()).status).to.equal(status);
      if (!isNamedUserJwtEnabled) await server.close();
    }
  });

  it('keeps a token without the api scope away from the REST API and the identity of its user', async () => {
    const { consumer } = await started({ settings: { commaSeparatedOauthScopes: 'CDP' } });
    const authorization = `Bearer ${(await ask(consumer.primary)).json.access_token}`;
    expect((await get(`${server.url}/services/data/v67.0/`, { authorization })).status).to.equal(401);
    expect((await get(`${server.url}/services/oauth2/userinfo`, { authorization })).status).to.equal(403);
  });
});
