import { expect } from 'chai';

import { checkApiPath, isOwnHost, isSafeForSecrets, isSameMyDomain } from '../../src/app/host.ts';

describe('a path of an API', () => {
  for (const path of [
    '/services/data/v67.0/limits',
    '/services/data/v67.0/query?q=SELECT+Id+FROM+User+WHERE+Email=%27a@b.c%27',
    '/services/data/v67.0/sobjects/User/Ext__c/a@b.c',
    '/services/apexrest/orders',
    '/',
  ])
    it(`may be ${path}`, () => expect(checkApiPath(path)).to.equal(undefined));

  for (const path of [
    ...[
      '//evil.example/steal',
      '/\\evil.example',
      '\\\\evil.example',
      '\\/evil.example',
      '///evil.example',
      '/./\\evil',
    ],
    ...[
      'http://evil.example',
      'https:/evil.example',
      'HTTPS:evil.example',
      'javascript:alert(1)',
      '@evil.example',
      '/@evil.example',
    ],
    ...[
      '/\t/evil.example',
      '/\n/evil.example',
      ' //evil.example',
      '/\u0000/evil',
      '/%2f/evil.example',
      '/%2F%2Fevil.example',
    ],
    ...['%2f%2fevil.example', '/%5cevil.example', '/%252fevil.example', '/.//evil.example', '/x/..//evil.example'],
    ...['/user:password@evil.example', 'services/data', '', '?x', '#x', '/\u200b/evil.example'],
  ])
    it(`is not ${JSON.stringify(path)}`, () => expect(checkApiPath(path)?.code).to.equal('error.apiPathInvalid'));
});

describe('the host of an org', () => {
  it('is its own, with its port and its protocol', () => {
    expect(isOwnHost('https://acme.my.salesforce.com/x', 'https://acme.my.salesforce.com/')).to.equal(true);
    for (const other of [
      'http://acme.my.salesforce.com',
      'https://acme.my.salesforce.com:8443',
      'https://acme.my.salesforce.com.evil.example',
    ])
      expect(isOwnHost(other, 'https://acme.my.salesforce.com')).to.equal(false);
  });

  it('gets secrets encrypted, or on this machine', () => {
    for (const url of ['https://acme.my.salesforce.com', 'http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1'])
      expect(isSafeForSecrets(url), url).to.equal(true);
    for (const url of [
      'http://acme.my.salesforce.com',
      'http://127.0.0.2',
      'http://localhost.evil.example',
      'ftp://localhost',
    ])
      expect(isSafeForSecrets(url), url).to.equal(false);
  });

  it('may redirect within its My Domain, and to no other customer’s', () => {
    const same = (a: string, b: string): boolean => isSameMyDomain(`https://${a}`, `https://${b}`);
    expect(same('acme--uat.my.salesforce.com', 'acme--uat.sandbox.my.salesforce.com')).to.equal(true);
    expect(same('acme-dev-ed.my.salesforce.com', 'acme-dev-ed.develop.my.salesforce.com')).to.equal(true);
    for (const other of [
      'evil.my.salesforce.com',
      'acme.develop.my.salesforce.com',
      'acme--uat.sandbox.my.salesforce.com',
      'login.salesforce.com',
    ])
      expect(same('acme.my.salesforce.com', other), other).to.equal(false);
    expect(
      isSameMyDomain('https://acme--uat.my.salesforce.com', 'http://acme--uat.sandbox.my.salesforce.com'),
    ).to.equal(false);
  });
});
