import { expect } from 'chai';

import { askAuthorize, type AuthorizeAnswer } from '../../src/client/authorize.ts';
import { documentedEndpoints } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { type Answer, openWire, type Wire } from './wire.ts';

const CALLBACK_URL = 'https://orders.example.com/oauth/callback';

describe('an authorize request without a login', () => {
  let wire: Wire;
  let answer: Answer;

  beforeEach(async () => {
    wire = await openWire({ '/services/oauth2/authorize': () => answer });
  });
  afterEach(() => wire.close());

  const ask = (pkce = true): Promise<AuthorizeAnswer> =>
    askAuthorize(
      createHttpClient(),
      { server: documentedEndpoints(wire.url) },
      { consumerKey: 'key', callbackUrl: CALLBACK_URL, scopes: ['api', 'id'], pkce },
    );

  it('asks as a client would, with PKCE or without', async () => {
    answer = { status: 302, headers: { location: '/login' } };
    await ask();
    await ask(false);
    const [withPkce, without] = wire.seen.map(({ query }) => Object.fromEntries(query));
    expect(withPkce).to.include({
      response_type: 'code',
      client_id: 'key',
      redirect_uri: CALLBACK_URL,
      scope: 'api id',
      code_challenge_method: 'S256',
    });
    expect(withPkce?.code_challenge).to.have.length(43);
    expect(withPkce?.state).not.to.equal(without?.state);
    expect(without).not.to.have.any.keys('code_challenge', 'code_challenge_method');
  });

  const accepted: Record<string, Answer> = {
    'a redirect to the login page': { status: 302, headers: { location: '/login?startURL=%2Fsetup%2Fsecur' } },
    'a redirect to another identity provider': { status: 302, headers: { location: 'https://sso.example.com/saml' } },
    'a page that goes on to the login by script': {
      body: `<script>window.location.replace('/?ec=302&startURL=%2Fx');</script>`,
    },
    'the login itself': { body: '<form id="login_form"><input type="password" name="pw"></form>' },
  };
  for (const [what, given] of Object.entries(accepted)) {
    it(`is accepted by ${what}`, async () => {
      answer = given;
      expect(await ask()).to.deep.equal({ accepted: true });
    });
  }

  const refused: [string, Answer, string, string][] = [
    [
      'the callback URL with an error',
      {
        status: 302,
        headers: {
          location: `${CALLBACK_URL}?error=invalid_request&error_description=missing%20required%20code%20challenge&state=x`,
        },
      },
      'invalid_request',
      'missing required code challenge',
    ],
    [
      'an error page of the org',
      {
        status: 302,
        headers: {
          location:
            '/_nc_external/identity/sso/ui/AuthorizationError?ErrorCode=OAUTH_EC_APP_NOT_FOUND&ErrorDescription=x',
        },
      },
      'OAUTH_EC_APP_NOT_FOUND',
      'x',
    ],
    [
      'a page with the error in its text',
      {
        status: 400,
        body: 'error=redirect_uri_mismatch&amp;error_description=redirect_uri%20must%20match%20configuration',
      },
      'redirect_uri_mismatch',
      'redirect_uri must match configuration',
    ],
    [
      'JSON',
      { status: 400, body: { error: 'invalid_client_id', error_description: 'client identifier invalid' } },
      'invalid_client_id',
      'client identifier invalid',
    ],
    ['a page with a code alone', { body: '<h1>OAUTH_APPROVAL_ERROR_GENERIC</h1>' }, 'OAUTH_APPROVAL_ERROR_GENERIC', ''],
    ['a page that shows no login', { body: '<h1>We are down for maintenance</h1>' }, 'unexpected_answer', 'HTTP 200'],
    ['a 500', { status: 500, body: '' }, 'unexpected_answer', 'HTTP 500'],
  ];
  for (const [what, given, error, description] of refused) {
    it(`is refused by ${what}`, async () => {
      answer = given;
      expect(await ask()).to.deep.equal({ accepted: false, refusal: { error, description } });
    });
  }

  it('is refused by the callback URL without a reason', async () => {
    answer = { status: 302, headers: { location: CALLBACK_URL } };
    expect(await ask()).to.have.property('accepted', false);
  });
});
