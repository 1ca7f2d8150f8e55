import { expect } from 'chai';

import { findEndpoints, looksLikeMyDomain } from '../../src/client/endpoints.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { NoAnswerError } from '../../src/net/noAnswer.ts';
import { type Answer, openWire, type Wire } from './wire.ts';

const WELL_KNOWN = '/.well-known/openid-configuration';

describe('an org’s endpoints', () => {
  let wire: Wire;
  let description: (url: string) => Answer;

  beforeEach(async () => {
    wire = await openWire({ [WELL_KNOWN]: () => description(wire.url) });
  });
  afterEach(() => wire.close());

  const described = (url: string, other: Record<string, string> = {}): Answer => ({
    body: {
      issuer: url,
      authorization_endpoint: `${url}/a`,
      token_endpoint: `${url}/t`,
      revocation_endpoint: `${url}/r`,
      introspection_endpoint: `${url}/i`,
      userinfo_endpoint: `${url}/u`,
      ...other,
    },
  });

  it('are the ones that the org describes', async () => {
    description = (url) => described(url);
    const { server, undescribed } = await findEndpoints(createHttpClient(), wire.url);
    expect(undescribed).to.equal(undefined);
    expect(server.token_endpoint).to.equal(`${wire.url}/t`);
  });

  const unusable: [string, (url: string) => Answer][] = [
    ['a 404', () => ({ status: 404, body: 'nothing' })],
    ['HTML', () => ({ body: '<html>maintenance</html>' })],
    ['another issuer', (url) => described(url, { issuer: 'https://login.salesforce.com' })],
    ['a token endpoint on another host', (url) => described(url, { token_endpoint: 'https://login.salesforce.com/t' })],
  ];
  for (const [what, answer] of unusable) {
    it(`are the documented ones when the org answers ${what}`, async () => {
      description = answer;
      const { server, undescribed } = await findEndpoints(createHttpClient(), wire.url);
      expect(undescribed).to.not.be.oneOf([undefined, '']);
      expect(server.token_endpoint).to.equal(`${wire.url}/services/oauth2/token`);
    });
  }

  it('are the asked host’s own also where the org has another My Domain, which is told if it surely is one', async () => {
    for (const [issuer, told] of [
      ['https://acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
      ['http://localhost:1', 'http://localhost:1'],
      ['https://login.salesforce.com', undefined],
      ['https://acme.my.salesforce.com.example.com', undefined],
      ['not an address', undefined],
    ] as const) {
      description = (url) => described(url, { issuer });
      const { server, myDomainUrl } = await findEndpoints(createHttpClient(), wire.url);
      expect(myDomainUrl, issuer).to.equal(told);
      expect(server.token_endpoint).to.equal(`${wire.url}/services/oauth2/token`);
    }
  });

  it('cannot be found where nobody answers', async () => {
    await wire.close();
    const error = await findEndpoints(createHttpClient(), wire.url).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(NoAnswerError);
  });

  it('are not looked for on hosts that are no My Domain', () => {
    for (const host of [
      'login.salesforce.com',
      'test.salesforce.com',
      'na139.salesforce.com',
      'acme.lightning.force.com',
    ]) {
      expect(looksLikeMyDomain(`https://${host}`), host).to.equal(false);
    }
    for (const host of ['acme.my.salesforce.com', 'acme--uat.sandbox.my.salesforce.com', 'acme.my.salesforce.mil']) {
      expect(looksLikeMyDomain(`https://${host}`), host).to.equal(true);
    }
  });
});
