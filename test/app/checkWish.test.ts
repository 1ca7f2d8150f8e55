import { expect } from 'chai';

import type { App, Flow, Wish } from '../../src/app/app.ts';
import { checkNewApp, checkWholeApp, checkWish } from '../../src/app/checkWish.ts';

const found = (wish: Partial<Wish>, before?: App): Array<[code: string, field: string | undefined]> =>
  checkWish({ name: 'A', ...wish }, before).map(({ code, field }) => [code, field]);

describe('checkWish', () => {
  it('finds nothing wrong with a wish that says nothing, and with one that says it all', () => {
    expect(found({})).to.deep.equal([]);
    expect(
      found({
        label: 'Café <&> "Sync"',
        contactEmail: 'it@example.com',
        description: 'Line\nline\t<&>"\'',
        contactPhone: '+49 30 1',
        infoUrl: 'https://example.com',
        logoUrl: '',
        distributionState: 'packaged',
        enabled: false,
        oauth: {
          callbackUrls: ['https://example.com/cb'],
          flows: ['web-server', 'jwt-bearer'],
          certificateFile: 'certs/a.crt',
          idToken: { audience: 'a', validityMinutes: 720 },
          trustedIpRanges: [{ start: '10.0.0.0', end: '10.0.0.1', description: 'Office' }],
        },
        scopes: ['api'],
        customScopes: ['Orders'],
        policies: { permissionSets: ['A'], profiles: [], refreshToken: 'lifetime', refreshTokenValidity: '1 day' },
      }),
    ).to.deep.equal([]);
  });

  const wrong: Array<[wish: Partial<Wish>, code: string, field: string]> = [
    [{ label: ' ' }, 'error.valueEmpty', 'label'],
    [{ label: 'a\nb' }, 'error.valueControlCharacters', 'label'],
    [{ description: 'a\u0000b' }, 'error.valueControlCharacters', 'description'],
    [{ description: 'a\u001bb' }, 'error.valueControlCharacters', 'description'],
    [{ description: 'a\ud800b' }, 'error.valueControlCharacters', 'description'],
    [{ contactPhone: '1\t2' }, 'error.valueControlCharacters', 'contactPhone'],
    [{ contactEmail: 'it' }, 'error.contactEmailInvalid', 'contactEmail'],
    [{ infoUrl: 'x' }, 'error.urlInvalid', 'infoUrl'],
    [{ logoUrl: 'x' }, 'error.urlInvalid', 'logoUrl'],
    [{ iconUrl: 'x' }, 'error.urlInvalid', 'iconUrl'],
    [{ distributionState: 'managed' }, 'error.valueNotAllowed', 'distributionState'],
    [{ oauth: { callbackUrls: ['http://example.com'] } }, 'error.callbackUrlNotHttps', 'oauth.callbackUrls'],
    [{ oauth: { callbackUrls: [] } }, 'error.callbackUrlsEmpty', 'oauth.callbackUrls'],
    [{ oauth: { flows: ['password' as Flow] } }, 'error.valueNotAllowed', 'oauth.flows'],
    [{ oauth: { flows: ['jwt-bearer'], certificateFile: 'none' } }, 'error.certificateOrFlow', 'oauth.certificateFile'],
    [{ oauth: { runAs: 'a\nb' } }, 'error.valueControlCharacters', 'oauth.runAs'],
    [{ oauth: { idToken: { validityMinutes: -1 } } }, 'error.numberNotAllowed', 'oauth.idToken.validityMinutes'],
    [{ oauth: { idToken: { validityMinutes: 721 } } }, 'error.numberNotAllowed', 'oauth.idToken.validityMinutes'],
    [{ oauth: { idToken: { audience: 'a\nb' } } }, 'error.valueControlCharacters', 'oauth.idToken.audience'],
    [{ oauth: { trustedIpRanges: [{ start: 'a', end: 'b' }] } }, 'error.ipRangeInvalid', 'oauth.trustedIpRanges'],
    [
      { oauth: { trustedIpRanges: [{ start: '10.0.0.1', end: '10.0.0.1', description: 'a\u0007' }] } },
      'error.valueControlCharacters',
      'oauth.trustedIpRanges',
    ],
    [{ scopes: ['apo'] }, 'error.scopeUnknown', 'scopes'],
    [{ scopes: ['Api'] }, 'error.scopeUnknown', 'scopes'],
    [{ scopes: ['zzzzz'] }, 'error.scopeUnlike', 'scopes'],
    [{ customScopes: ['A,B'] }, 'error.nameInList', 'customScopes'],
    [{ policies: { permissionSets: ['A,B'] } }, 'error.nameInList', 'policies.permissionSets'],
    [{ policies: { profiles: [' '] } }, 'error.nameInList', 'policies.profiles'],
    [{ policies: { profiles: [''] } }, 'error.nameInList', 'policies.profiles'],
    [{ policies: { profiles: ['a\nb'] } }, 'error.valueControlCharacters', 'policies.profiles'],
    [{ policies: { jwtTimeoutMinutes: 2 } }, 'error.valueNotAllowed', 'policies.jwtTimeoutMinutes'],
  ];
  for (const [wish, code, field] of wrong) {
    it(`answers ${JSON.stringify(wish)} with ${code}`, () => {
      expect(found(wish)).to.deep.equal([[code, field]]);
      expect(found(wish, { name: 'A', label: 'x', oauth: { callbackUrls: ['https://a.example'] } })).to.deep.include([
        code,
        field,
      ]);
    });
  }

  it('tells about all at once', () => {
    expect(
      found({ contactEmail: 'x', scopes: ['apo', 'api', 'wub'], policies: { sessionTimeoutMinutes: -1 } }),
    ).to.have.lengthOf(4);
  });

  it('names the right word for a scope in other words', () => {
    expect(checkWish({ name: 'A', scopes: ['RefreshToken'] })[0]?.values).to.deep.equal([
      'RefreshToken',
      'refresh_token',
    ]);
  });

  it('lets an app have what it has, however odd', () => {
    const odd: App = {
      name: 'ns__A',
      contactEmail: 'it',
      distributionState: 'managed',
      oauth: { callbackUrls: ['http://example.com'] },
      scopes: ['api', 'NewThing'],
    };
    expect(checkWish(odd, odd)).to.deep.equal([]);
    expect(found({ scopes: ['api', 'NewThing', 'id'] }, odd)).to.deep.equal([]);
    expect(found({ scopes: ['api', 'OtherThing'] }, odd)).to.have.lengthOf(1);
    expect(found({ contactEmail: 'crm' }, odd)).to.deep.equal([['error.contactEmailInvalid', 'contactEmail']]);
  });
});

describe('checkNewApp', () => {
  it('wants a name, an e-mail address, and nothing wrong besides', () => {
    expect(checkNewApp({ name: 'A', contactEmail: 'it@example.com' })).to.deep.equal([]);
    const codes = checkNewApp({ name: 'ns__A', label: '' }).map(({ code }) => code);
    expect(codes).to.deep.equal(['error.nameInvalid', 'error.contactEmailMissing', 'error.valueEmpty']);
    expect(checkNewApp({ name: 'A', contactEmail: '' }).map(({ code }) => code)).to.deep.equal([
      'error.contactEmailInvalid',
    ]);
  });
});

describe('checkWholeApp', () => {
  it('is content with an app without OAuth, and with one that has all it needs', () => {
    expect(checkWholeApp({ name: 'A' })).to.deep.equal([]);
    expect(
      checkWholeApp({
        name: 'A',
        oauth: { callbackUrls: ['https://a.example'], flows: ['client-credentials'], runAs: 'it@example.com' },
        policies: { refreshToken: 'lifetime', refreshTokenValidity: '1 day' },
      }),
    ).to.deep.equal([]);
  });

  it('misses a callback URL, a user to run as, a validity', () => {
    expect(
      checkWholeApp({
        name: 'A',
        oauth: { flows: ['client-credentials'], runAs: '' },
        policies: { refreshToken: 'inactivity' },
      }),
    ).to.deep.equal([
      { code: 'error.callbackUrlMissing', values: ['A'], field: 'oauth.callbackUrls' },
      { code: 'error.runAsMissing', values: ['A'], field: 'oauth.runAs' },
      {
        code: 'error.refreshTokenValidityMissing',
        values: ['A', 'inactivity'],
        field: 'policies.refreshTokenValidity',
      },
    ]);
  });

  it('leaves a flow that there is not to checkWish', () => {
    const oauth = { callbackUrls: ['https://a.example'], flows: ['password' as Flow] };
    expect(checkWholeApp({ name: 'A', oauth })).to.deep.equal([]);
  });

  it('asks for a user only where a flow runs as one', () => {
    expect(
      checkWholeApp({ name: 'A', oauth: { callbackUrls: ['https://a.example'], flows: ['web-server', 'device'] } }),
    ).to.deep.equal([]);
  });
});
