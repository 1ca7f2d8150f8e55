import type { KeyObject } from 'node:crypto';

import { expect } from 'chai';
import { SignJWT } from 'jose';

import {
  createPracticeServer,
  type PracticeServer,
  type PracticeServerOptions,
} from '../../../src/practice/practice.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { appInOrg, type AppOfTest } from './appInOrg.ts';
import { Browser, get, refusal, token } from './wire.ts';

const PREAUTHORIZED = {
  permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
  commaSeparatedProfile: 'Standard User',
};
const LOGIN_HOST = 'https://login.salesforce.com';
const WRONG_ASSERTION = [400, 'invalid_grant', 'invalid assertion'];

describe('JWT bearer', () => {
  const { certificate, key: privateKey } = selfSigned();
  let server: PracticeServer;
  let key: string;

  const started = async (app: AppOfTest = {}, options: PracticeServerOptions = {}) => {
    server = await createPracticeServer(options);
    const made = appInOrg(server.org, {
      ...app,
      global: { certificate, ...app.global },
      oauthPolicies: { ...PREAUTHORIZED, ...app.oauthPolicies },
    });
    key = made.consumer.primary.key;
  };

  afterEach(() => server.close());

  type Assertion = { iss?: string; sub?: string; aud?: string; life?: number; signer?: KeyObject; alg?: string };

  const ask = async ({ iss, sub, aud, life = 180, signer = privateKey, alg = 'RS256' }: Assertion = {}) => {
    const assertion = await new SignJWT({
      iss: iss ?? key,
      sub: sub ?? String(server.org.seeded.standardUser.Username),
      aud: aud ?? LOGIN_HOST,
      exp: Math.floor(server.org.now().getTime() / 1000) + life,
    })
      .setProtectedHeader({ alg })
      .sign(signer);
    return token(server, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  };

  it('gives a token to a user whom an admin has approved', async () => {
    await started();
    const { status, json } = await ask();
    expect(status).to.equal(200);
    expect(json).to.include({ scope: 'api openid', token_type: 'Bearer', instance_url: server.url });
    expect(json).to.not.have.any.keys('refresh_token', 'signature');
    const api = await get(`${server.url}/services/data/v67.0/`, { authorization: `Bearer ${json.access_token}` });
    expect(api.status).to.equal(200);
  });

  it('takes a certificate without its first and last line', async () => {
    await started({ global: { certificate: certificate.replace(/-----[A-Z ]+-----/g, '').trim() } });
    expect((await ask()).status).to.equal(200);
  });

  it('refuses another key, another algorithm, an assertion that is over, no certificate and no JWT', async () => {
    await started();
    expect(refusal(await ask({ signer: selfSigned().key }))).to.deep.equal(WRONG_ASSERTION);
    expect(refusal(await ask({ alg: 'RS512' }))).to.deep.equal(WRONG_ASSERTION);
    expect(refusal(await ask({ life: -10 }))).to.deep.equal(WRONG_ASSERTION);
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    expect(refusal(await token(server, { grant_type: grant, assertion: 'x.y.z' }))).to.deep.equal(WRONG_ASSERTION);
    server.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')!.body.certificate = undefined;
    expect(refusal(await ask())).to.deep.equal(WRONG_ASSERTION);
  });

  it('says of a wrong certificate what one report or the other says', async () => {
    await started({}, { variants: { 'jwt-wrong-certificate': 'invalid-client' } });
    const signer = selfSigned().key;
    expect(refusal(await ask({ signer }))).to.deep.equal([400, 'invalid_client', 'invalid client credentials']);
  });

  for (const [answer, status] of [
    ['refused', 400],
    ['accepted', 200],
  ] as const) {
    it(`goes by a certificate that is out of date, or not: ${answer}`, async () => {
      const old = selfSigned({ days: -1 });
      await started({ global: { certificate: old.certificate } }, { variants: { 'expired-certificate': answer } });
      expect((await ask({ signer: old.key })).status).to.equal(status);
    });
  }

  it('is held to the IP ranges of the profile, whatever the policies relax', async () => {
    await started({ oauthPolicies: { ipRelaxationPolicyType: 'Bypass' } });
    expect((await ask()).status).to.equal(200);
    server.org.update('Profile', String(server.org.seeded.standardUser.ProfileId), {
      Metadata: { loginIpRanges: [{ startAddress: '203.0.113.0', endAddress: '203.0.113.255' }] },
    });
    expect(refusal(await ask())).to.deep.equal([400, 'invalid_grant', 'ip restricted']);
  });

  it('refuses an unknown app, an unknown user and one who is not approved', async () => {
    await started();
    expect((await ask({ iss: 'nobody' })).json.error).to.equal('invalid_client_id');
    expect(refusal(await ask({ sub: 'nobody@example.com' }))).to.deep.equal([
      400,
      'invalid_grant',
      "user hasn't approved this consumer",
    ]);
    expect(refusal(await ask({ sub: String(server.org.seeded.admin.Username) }))).to.deep.equal([
      400,
      'invalid_app_access',
      'user is not admin approved to access this app',
    ]);
  });

  it('refuses an app whose scopes leave out refresh_token', async () => {
    await started({ settings: { commaSeparatedOauthScopes: 'Api' } });
    expect(refusal(await ask())).to.deep.equal([
      400,
      'invalid_request',
      'refresh_token scope is required and the connected app should be installed and preauthorized',
    ]);
  });

  it('wants the approval of users who approve for themselves', async () => {
    await started({
      oauthPolicies: { permittedUsersPolicyType: 'AllSelfAuthorized' },
      global: { isPkceRequired: false },
    });
    expect(refusal(await ask())).to.deep.equal([400, 'invalid_grant', "user hasn't approved this consumer"]);
    const browser = new Browser(server.url);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: key,
      redirect_uri: 'http://localhost:1717/OauthRedirect',
      scope: 'api refresh_token',
    });
    const asked = await browser.logIn(
      `/services/oauth2/authorize?${query}`,
      String(server.org.seeded.standardUser.Username),
    );
    await browser.submit(asked, { save: 'Allow' });
    expect((await ask()).json.scope).to.equal('api');
  });

  for (const [variant, fits] of Object.entries({
    both: [true, true, true],
    'login-host': [true, true, false],
    'my-domain': [false, false, true],
  })) {
    it(`takes the audiences of the variant ${variant}`, async () => {
      await started({}, { variants: { 'jwt-audience': variant } });
      const answers = [LOGIN_HOST, 'https://test.salesforce.com', server.url].map(
        async (aud) => (await ask({ aud })).status === 200,
      );
      expect(await Promise.all(answers)).to.deep.equal(fits);
      expect(refusal(await ask({ aud: 'https://example.com' }))).to.deep.equal([
        400,
        'invalid_grant',
        'Audience validation failed',
      ]);
    });
  }
});
