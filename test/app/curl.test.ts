import { expect } from 'chai';

import { curlOf } from '../../src/app/curl.ts';
import type { Handover } from '../../src/app/handover.ts';

describe('the calls of curl', () => {
  const handover = (more: Partial<Handover> = {}): Handover => ({
    name: 'Order_Sync',
    consumerKey: '3MVG9.key_1',
    tokenUrl: 'https://acme.my.salesforce.com/services/oauth2/token',
    authorizeUrl: 'https://acme.my.salesforce.com/services/oauth2/authorize',
    myDomainUrl: 'https://acme.my.salesforce.com',
    scopes: ['api'],
    flows: ['web-server', 'client-credentials'],
    ...more,
  });

  it('take the secret from a variable of the prefix, and an API of the scopes', () => {
    expect(curlOf(handover(), 'ORDERS_'))
      .to.include('printf %s "$ORDERS_CLIENT_SECRET"')
      .and.include('https://acme.my.salesforce.com/services/data/v60.0/ --header @-');
    expect(curlOf(handover({ scopes: ['openid'] }), '')).to.include('/services/oauth2/userinfo');
    expect(curlOf(handover({ scopes: ['refresh_token', 'pardot_api'] }), '')).to.not.include('--header');
  });

  it('quote what a shell would obey', () => {
    expect(curlOf(handover({ consumerKey: "a'$(id)" }), '')).to.include(`'client_id=a'\\''$(id)'`);
    expect(curlOf(handover({ consumerKey: 'a\u001b[2J' }), '')).to.deep.include({ code: 'error.valueNotForDotenv' });
  });

  it('are for the client-credentials flow', () => {
    expect(curlOf(handover({ flows: ['web-server'] }), '')).to.deep.equal({
      code: 'error.curlNeedsFlow',
      values: ['Order_Sync'],
    });
  });
});
