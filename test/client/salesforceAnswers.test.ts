import { randomBytes } from 'node:crypto';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import type { Flow } from '../../src/app/app.ts';
import { explain, type Refusal } from '../../src/app/explanations.ts';
import { callApi } from '../../src/client/apiCall.ts';
import { askAuthorize, type AuthorizeRequest } from '../../src/client/authorize.ts';
import { documentedEndpoints, type Endpoints } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { RefusedError } from '../../src/client/salesforceOauth.ts';
import { requestClientCredentialsToken, requestPasswordToken } from '../../src/client/token.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import { logInToPractice, type LoggedIn } from '../commands/practice.ts';

const callbackUrl = 'https://orders.example.com/oauth/callback';

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
      ...['--callback-url', callbackUrl, '--scope', 'api', '--flow', 'web-server', '--flow', 'client-credentials'],
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
          consumerKey: pair().key,
          consumerSecret: pair().secret,
          ...changed,
        }),
      );

  const authorize =
    (changed: Partial<AuthorizeRequest> = {}): Asking =>
    async () => {
      const request = { consumerKey: pair().key, callbackUrl, scopes: ['api'], pkce: true, ...changed };
      const answer = await askAuthorize(http, endpoints(), request);
      return answer.accepted ? expect.fail('The org did not refuse.') : answer.refusal;
    };

  const password: Asking = () =>
    refusalOf(
      requestPasswordToken(
        http,
        endpoints(),
        { consumerKey: pair().key, consumerSecret: pair().secret },
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
      const { refusal } = await callApi(http, org.url, path, accessToken);
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
      authorize({ callbackUrl: `${callbackUrl}/` }),
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
    const { refusal } = await callApi(http, org.url, '/services/data/v67.0/', `00D${randomBytes(9).toString('hex')}`);
    expect(explain(refusal!).id).to.equal('sessionInvalid');
  });
});
