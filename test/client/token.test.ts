import { randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { Secret } from '../../src/app/secret.ts';
import { documentedEndpoints } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { RefusedError, type Token } from '../../src/client/salesforceOauth.ts';
import { requestClientCredentialsToken, revokeToken } from '../../src/client/token.ts';
import { type Answer, openWire, type Wire } from './wire.ts';
describe('a client-credentials token', () => {
  let wire: Wire;
  let answer: Answer;
  const accessToken = `00D${randomBytes(40).toString('hex')}`;
  const secret = randomBytes(20).toString('base64');
  const consumer = { consumerKey: 'key', consumerSecret: new Secret(secret) };

  beforeEach(async () => {
    wire = await openWire({
      '/services/oauth2/token': () => answer,
      '/services/oauth2/revoke': () => ({ status: 200 }),
    });
  });
  afterEach(() => wire.close());

  const request = () =>
    requestClientCredentialsToken(createHttpClient(), { server: documentedEndpoints(wire.url) }, consumer);
  const refused = async (): Promise<Error> =>
    request().then(
      () => expect.fail('not refused'),
      (error: unknown) => error as Error,
    );

  it('is asked for with key and secret in the body, and read as Salesforce sends it', async () => {
    answer = {
      body: {
        access_token: accessToken,
        signature: 'x',
        scope: 'api chatter_api',
        instance_url: wire.url,
        id: 'https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001SwiUAAS',
        token_type: 'Bearer',
        issued_at: '1763870000000',
      },
    };
    const token = await request();
    expect(Object.fromEntries(wire.seen[0]?.form ?? [])).to.deep.equal({
      grant_type: 'client_credentials',
      client_id: consumer.consumerKey,
      client_secret: secret,
    });
    expect(token).to.deep.include({ scopes: ['api', 'chatter_api'], userId: '005xx000001SwiUAAS', format: 'opaque' });
  });

  it('is known for a JWT by its format', async () => {
    answer = { body: { access_token: 'eyJh.eyJz.c2ln', token_type: 'Bearer' } };
    expect((await request()).format).to.equal('jwt');
  });

  it('is refused in the org’s own words, also behind a challenge', async () => {
    answer = {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="x"' },
      body: { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    };
    expect(await refused())
      .to.have.property('refusal')
      .that.deep.equals({ error: 'invalid_client_id', description: 'client identifier invalid' });
  });

  for (const [what, odd] of Object.entries<Answer>({
    'a 500 with HTML': { status: 500, body: '<html>oops</html>' },
    'HTML instead of JSON': { body: '<html>a proxy</html>' },
    'a token without a type': { body: { access_token: accessToken } },
  })) {
    it(`of ${what} is a refusal that keeps nothing of the answer`, async () => {
      answer = odd;
      const error = await refused();
      expect(error).to.be.instanceOf(RefusedError);
      expect((error as RefusedError).refusal.error).to.equal('unexpected_answer');
      expect(error.cause).to.equal(undefined);
      expect(JSON.stringify(error) + error.message).not.to.include(accessToken);
    });
  }

  it('is revoked, the refresh token rather than the access token', async () => {
    const [access, refresh] = [new Secret(accessToken), new Secret('refresh')];
    const token: Token = { accessToken: access, refreshToken: refresh, scopes: [], format: 'opaque' };
    await revokeToken(createHttpClient(), { server: documentedEndpoints(wire.url) }, 'key', token);
    expect(wire.seen[0]?.form.get('token')).to.equal('refresh');
    expect(wire.seen[0]?.form.has('client_secret')).to.equal(false);
  });
});
