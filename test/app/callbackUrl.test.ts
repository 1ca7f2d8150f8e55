import { expect } from 'chai';

import {
  CALLBACK_URLS_MAX_LENGTH,
  checkCallbackUrl,
  checkCallbackUrls,
  parseCallbackUrls,
  wantsAllowlist,
} from '../../src/app/callbackUrl.ts';
describe('callback URL', () => {
  const taken = [
    'https://orders.example.com/oauth/callback',
    'HTTPS://orders.example.com',
    'https://orders.example.com:8443/cb?tenant=a&b=%20c',
    'https://192.0.2.1/cb',
    'myapp://callback',
    'com.example.app:/cb',
    'msal-1234+x://auth',
    'http://localhost/cb',
    'http://LOCALHOST:1717/OauthRedirect',
    'http://127.0.0.1:1717',
    'http://[::1]:1717/cb',
  ];
  for (const url of taken) it(`takes ${url}`, () => expect(checkCallbackUrl(url)).to.equal(undefined));

  const refused: Record<string, string[]> = {
    'error.callbackUrlNotHttps': [
      'http://orders.example.com/cb',
      'http://localhost.example.com/cb',
      'http://127.0.0.1.example.com',
      'http://127.0.0.2/cb',
      'http://0.0.0.0/cb',
      'http://[::2]/cb',
    ],
    'error.callbackUrlScheme': [
      'javascript:alert(1)',
      'JavaScript://example.com/%0aalert(1)',
      'data:text/html,x',
      'file:///etc/hosts',
      'vbscript:x',
      'blob:https://example.com/1',
      'ftp://example.com',
      'wss://example.com',
      'mailto:it@example.com',
    ],
    'error.callbackUrlFragment': ['https://example.com/cb#top', 'https://example.com/cb#', 'myapp://cb#x'],
    'error.callbackUrlWildcard': ['https://*.example.com/cb', 'https://example.com/*', 'http://localhost:*/cb'],
    'error.callbackUrlInvalid': [
      '',
      'callback',
      '/callback',
      '//example.com/cb',
      'orders.example.com/cb',
      'localhost:1717/cb',
      'orders.example.com:443/cb',
      'myapp:callback',
      'https:example.com',
      'https:/example.com',
      'https:///example.com',
      'https://',
      'https://?x',
      'https://example.com:99999/',
      'https:\\\\example.com',
      'https://exam ple.com/cb',
      ' https://example.com/cb',
      'https://example.com/cb\n',
      'https://example.com/a\r\nhttps://evil.example',
      'https://example.com/\u0000',
      'https://example.com/\u202e',
      'https://example.com/<b>',
      'https://example.com/"',
    ],
  };
  for (const [code, urls] of Object.entries(refused)) {
    for (const url of urls) {
      it(`refuses ${JSON.stringify(url)} (${code})`, () => {
        const problem = checkCallbackUrl(url);
        expect(problem).to.include({ code, field: 'oauth.callbackUrls' });
        expect(problem?.values[0]).to.equal(url);
      });
    }
  }

  it('names the way out of http', () => {
    expect(checkCallbackUrl('HTTP://example.com/cb')?.values[1]).to.equal('https://example.com/cb');
  });

  it('names the URL without its fragment', () => {
    expect(checkCallbackUrl('https://example.com/cb#a#b')?.values[1]).to.equal('https://example.com/cb');
  });

  for (const url of [
    'https://it:hidden@example.com/cb',
    'https://it:hid den@example.com',
    'javascript://it:hidden@example.com',
  ]) {
    it(`refuses a password in front of the host and does not repeat it (${url.split(':', 1)[0]})`, () => {
      expect(checkCallbackUrls([url, url])).to.deep.equal([
        { code: 'error.callbackUrlCredentials', values: ['example.com'], field: 'oauth.callbackUrls' },
      ]);
    });
  }
});

describe('callback URLs in one text', () => {
  const [a, b] = ['https://a.example/cb', 'https://b.example/cb'];
  for (const text of [`${a},${b}`, `${a}, ${b}`, `${a} ${b}`, ` ${a}\n${b} `, `${a};${b},`, `${a} , ${b}`]) {
    it(`are two in ${JSON.stringify(text)}`, () => expect(parseCallbackUrls([text])).to.deep.equal([a, b]));
  }

  it('are also told apart by a scheme of their own', () => {
    expect(parseCallbackUrls([`${a},com.example.app:/cb`, `myapp://cb ${b}`])).to.deep.equal([
      a,
      'com.example.app:/cb',
      'myapp://cb',
      b,
    ]);
  });

  for (const text of ['https://a.example/list,of;parts?x=1,2', 'https://a.example/my page', '']) {
    it(`are one in ${JSON.stringify(text)}`, () => expect(parseCallbackUrls([text])).to.deep.equal([text]));
  }

  it('are never taken for one URL', () => {
    expect(checkCallbackUrls([`${a},${b}`])).to.deep.equal([
      { code: 'error.callbackUrlSeveral', values: [`${a}, ${b}`], field: 'oauth.callbackUrls' },
    ]);
  });

  it('are read in a moment, however many blanks there are', () => {
    const started = Date.now();
    parseCallbackUrls([`${a}${' '.repeat(200_000)}x`, `a${',:'.repeat(100_000)}`]);
    expect(Date.now() - started).to.be.below(2000);
  });
});

describe('all callback URLs', () => {
  it('are fine when each is', () => {
    expect(checkCallbackUrls([])).to.deep.equal([]);
    expect(checkCallbackUrls(['https://a.example/1', 'https://a.example/2'])).to.deep.equal([]);
  });

  it('are told about one by one, all at once', () => {
    const codes = checkCallbackUrls(['http://a.example', 'b', 'https://c.example']).map(({ code }) => code);
    expect(codes).to.deep.equal(['error.callbackUrlNotHttps', 'error.callbackUrlInvalid']);
  });

  it('are there once each', () => {
    const url = 'https://a.example';
    expect(checkCallbackUrls([url, 'https://b.example', url, url])).to.deep.equal([
      { code: 'error.callbackUrlTwice', values: [url], field: 'oauth.callbackUrls' },
    ]);
  });

  it('have room for 2000 characters, line breaks between them counted', () => {
    const first = 'https://a.example/';
    const second = `https://b.example/${'x'.repeat(CALLBACK_URLS_MAX_LENGTH - 2 * first.length - 1)}`;
    expect(checkCallbackUrls([first, second])).to.deep.equal([]);
    expect(checkCallbackUrls([first, `${second}x`])).to.deep.equal([
      { code: 'error.callbackUrlsTooLong', values: ['2001', '2000'], field: 'oauth.callbackUrls' },
    ]);
  });
});

describe('a callback URL that wants a list of IP addresses for refresh tokens', () => {
  it('is one on a server of somebody else than Salesforce', () => {
    for (const url of ['https://orders.example.com/cb', 'HTTPS://salesforce.com.example.org/cb']) {
      expect(wantsAllowlist(url), url).to.equal(true);
    }
    for (const url of [
      'http://localhost:1717/cb',
      'https://127.0.0.1/cb',
      'http://[::1]:1717/cb',
      'myapp://cb',
      'com.example.app:/cb',
      'https://acme.my.salesforce.com/services/authcallback/Acme',
      'https://acme--uat.sandbox.my.salesforce.com/cb',
      'not a url',
    ]) {
      expect(wantsAllowlist(url), url).to.equal(false);
    }
  });
});
