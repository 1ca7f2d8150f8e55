import { expect } from 'chai';

import type { App, Wish } from '../../src/app/app.ts';
import { changesOf, fieldOf, leaves, lossesOf, merge, notKept } from '../../src/app/changes.ts';

/** An app that says every field. */
const APP: App = {
  name: 'Order_Sync',
  label: 'Order Sync',
  contactEmail: 'it@example.com',
  description: 'Pulls orders\nevery night',
  contactPhone: '+49 30 1',
  infoUrl: 'https://example.com/info',
  logoUrl: 'https://example.com/logo',
  iconUrl: 'https://example.com/icon',
  distributionState: 'local',
  enabled: true,
  oauth: {
    callbackUrls: ['https://a.example/cb', 'https://b.example/cb'],
    flows: ['web-server', 'client-credentials', 'device'],
    runAs: 'order-sync@example.com',
    pkceRequired: true,
    secretRequired: true,
    secretRequiredForRefresh: true,
    secretRequiredForTokenExchange: true,
    refreshTokenRotation: true,
    introspectAllTokens: false,
    jwtAccessTokens: false,
    idToken: { audience: 'a', validityMinutes: 2, standardClaims: true, attributes: false, customPermissions: false },
    trustedIpRanges: [
      { start: '203.0.113.0', end: '203.0.113.255', description: 'Office' },
      { start: '2001:db8::', end: '2001:db8::ff' },
    ],
  },
  scopes: ['api', 'refresh_token'],
  customScopes: ['Orders'],
  policies: {
    permittedUsers: 'admin-approved',
    permissionSets: ['Order_Sync'],
    profiles: ['Minimum Access'],
    refreshToken: 'lifetime',
    refreshTokenValidity: '30 days',
    ipRelaxation: 'enforce',
    sessionTimeoutMinutes: 30,
    jwtTimeoutMinutes: 30,
    sessionLevel: 'standard',
    sessionLevelAction: 'raise',
  },
};

/** Another value for every field. */
const OTHER: App = {
  name: 'Order_Sync',
  label: 'Orders',
  contactEmail: 'crm@example.com',
  description: 'Pulls orders every night',
  contactPhone: '+49 30 2',
  infoUrl: 'https://example.org/info',
  logoUrl: 'https://example.org/logo',
  iconUrl: 'https://example.org/icon',
  distributionState: 'packaged',
  enabled: false,
  oauth: {
    callbackUrls: ['https://a.example/cb'],
    flows: ['web-server', 'client-credentials'],
    runAs: 'crm@example.com',
    pkceRequired: false,
    secretRequired: false,
    secretRequiredForRefresh: false,
    secretRequiredForTokenExchange: false,
    refreshTokenRotation: false,
    introspectAllTokens: true,
    jwtAccessTokens: true,
    idToken: { audience: 'b', validityMinutes: 5, standardClaims: false, attributes: true, customPermissions: true },
    trustedIpRanges: [{ start: '203.0.113.0', end: '203.0.113.255' }],
  },
  scopes: ['api'],
  customScopes: ['Orders', 'Invoices'],
  policies: {
    permittedUsers: 'all-users',
    permissionSets: [],
    profiles: ['System Administrator'],
    refreshToken: 'inactivity',
    refreshTokenValidity: '30 hours',
    ipRelaxation: 'relax',
    sessionTimeoutMinutes: 60,
    jwtTimeoutMinutes: 15,
    sessionLevel: 'low',
    sessionLevelAction: 'block',
  },
};

const fields = leaves(APP).map(([field]) => field);

/** A wish for one field. */
const only = (field: string, value: unknown): Wish => {
  const nested = field.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return { name: APP.name, ...(nested as object) };
};

describe('changesOf', () => {
  it('finds none between an app and itself', () => {
    expect(changesOf(APP, APP)).to.deep.equal([]);
    expect(changesOf(APP, structuredClone(APP))).to.deep.equal([]);
  });

  it('finds none in a wish that says nothing', () => {
    for (const wish of [
      { name: APP.name },
      { name: APP.name, label: undefined, oauth: {}, policies: { permissionSets: undefined } },
      { name: APP.name, oauth: { idToken: {} } },
      { name: APP.name, description: null } as unknown as Wish,
    ]) {
      expect(changesOf(APP, wish)).to.deep.equal([]);
      expect(changesOf(undefined, wish)).to.deep.equal([]);
    }
  });

  it('finds every said field of a new app, but not its name', () => {
    expect(changesOf(undefined, APP)).to.deep.equal(
      fields.filter((field) => field !== 'name').map((field) => ({ field, after: fieldOf(APP, field) })),
    );
  });

  for (const field of fields.filter((path) => path !== 'name')) {
    it(`sees ${field}, and nothing else`, () => {
      const [before, after] = [fieldOf(APP, field), fieldOf(OTHER, field)];
      expect(changesOf(APP, only(field, after))).to.deep.equal([{ field, before, after }]);
      expect(changesOf(OTHER, only(field, before))).to.deep.equal([{ field, before: after, after: before }]);
      expect(changesOf(APP, only(field, before))).to.deep.equal([]);
    });
  }

  const unchanged: Array<[what: string, wish: Partial<Wish>]> = [
    ['another order of callback URLs', { oauth: { callbackUrls: ['https://b.example/cb', 'https://a.example/cb'] } }],
    ['a scope said twice, in another order', { scopes: ['refresh_token', 'api', 'api'] }],
    ['flows without web-server', { oauth: { flows: ['device', 'client-credentials'] } }],
    ['jwt-bearer', { oauth: { flows: ['web-server', 'client-credentials', 'device', 'jwt-bearer'] } }],
    [
      'IP ranges spelled and ordered otherwise',
      {
        oauth: {
          trustedIpRanges: [
            { start: '2001:DB8:0::', end: '2001:db8::00ff', description: '' },
            { description: 'Office', end: '203.0.113.255', start: '203.0.113.0' },
          ],
        },
      },
    ],
    ['line breaks from Windows', { description: 'Pulls orders\r\nevery night' }],
    ['a validity written otherwise', { policies: { refreshTokenValidity: '030 Days' } }],
    ['a username in capitals', { oauth: { runAs: 'Order-Sync@Example.com' } }],
    ['a permission set in lower case', { policies: { permissionSets: ['order_sync'], profiles: ['minimum access'] } }],
  ];
  for (const [what, wish] of unchanged) {
    it(`holds ${what} for no change`, () => expect(changesOf(APP, { name: APP.name, ...wish })).to.deep.equal([]));
  }

  const bare: App = { name: 'A', oauth: {}, policies: {} };

  it('holds an empty list or text for the same as none', () => {
    const wish: Wish = {
      name: 'A',
      description: '',
      scopes: [],
      customScopes: [],
      oauth: { callbackUrls: [], flows: [], runAs: '', trustedIpRanges: [] },
      policies: { permissionSets: [], profiles: [] },
    };
    expect(changesOf(bare, wish)).to.deep.equal([]);
    expect(changesOf(wish, wish)).to.deep.equal([]);
  });

  it('sees a list or a text being emptied', () => {
    expect(changesOf(APP, { name: APP.name, description: '', policies: { permissionSets: [] } })).to.deep.equal([
      { field: 'description', before: APP.description, after: '' },
      { field: 'policies.permissionSets', before: ['Order_Sync'], after: [] },
    ]);
  });

  it('sees a no where nothing was said before', () => {
    expect(changesOf(bare, { name: 'A', oauth: { pkceRequired: false } })).to.deep.equal([
      { field: 'oauth.pkceRequired', after: false },
    ]);
  });

  it('minds case, blanks and order of letters in texts', () => {
    for (const label of ['order sync', 'Order Sync ', 'Order  Sync']) {
      expect(changesOf(APP, { name: APP.name, label }), label).to.have.lengthOf(1);
    }
    expect(changesOf(APP, { name: APP.name, scopes: ['API', 'refresh_token'] })).to.have.lengthOf(1);
  });

  it('always counts a certificate, since no org gives it back', () => {
    for (const certificateFile of ['certs/a.crt', 'none']) {
      for (const before of [undefined, APP, { name: 'A', oauth: { certificateFile } }]) {
        expect(
          changesOf(before, { name: 'A', oauth: { certificateFile } }).map(({ field, after }) => [field, after]),
        ).to.deep.equal([['oauth.certificateFile', certificateFile]]);
      }
    }
  });
});

describe('merge', () => {
  it('is the wish where nothing was, and the app where nothing is wished', () => {
    expect(merge(undefined, APP)).to.deep.equal(APP);
    expect(merge(APP, { name: APP.name, label: undefined, oauth: {} })).to.deep.equal(APP);
  });

  it('takes what is said, list by list, and leaves the rest', () => {
    const merged = merge(APP, {
      name: APP.name,
      label: 'New',
      scopes: ['id'],
      oauth: { idToken: { validityMinutes: 9 } },
    });
    expect(merged).to.deep.equal({
      ...APP,
      label: 'New',
      scopes: ['id'],
      oauth: { ...APP.oauth, idToken: { ...APP.oauth?.idToken, validityMinutes: 9 } },
    });
  });

  for (const field of fields) {
    it(`leaves nothing to change in ${field}`, () => {
      const wish = only(field, fieldOf(OTHER, field));
      expect(changesOf(merge(APP, wish), wish)).to.deep.equal([]);
      expect(changesOf(merge(undefined, wish), wish)).to.deep.equal([]);
    });
  }

  it('takes the validity away with the policy that had it', () => {
    expect(merge(APP, { name: APP.name, policies: { refreshToken: 'infinite' } }).policies).to.not.have.property(
      'refreshTokenValidity',
    );
    expect(merge(APP, { name: APP.name, policies: { refreshToken: 'inactivity' } }).policies).to.have.property(
      'refreshTokenValidity',
      '30 days',
    );
  });

  it('shares nothing with app or wish', () => {
    const [before, wish] = [structuredClone(APP), structuredClone(OTHER)];
    const merged = merge(before, wish);
    merged.scopes?.push('x');
    merged.oauth?.trustedIpRanges?.push({ start: 'x', end: 'x' });
    const untouched = merge(before, { name: APP.name });
    untouched.oauth!.idToken!.audience = 'x';
    untouched.policies!.profiles!.push('x');
    expect(before).to.deep.equal(APP);
    expect(wish).to.deep.equal(OTHER);
  });
});

describe('notKept', () => {
  it('is empty when the org kept all', () => {
    expect(notKept(changesOf(APP, OTHER), OTHER)).to.deep.equal([]);
    expect(notKept(changesOf(undefined, APP), APP)).to.deep.equal([]);
  });

  it('says what was asked for and what is there', () => {
    const wished = changesOf(APP, {
      name: APP.name,
      oauth: { pkceRequired: false, runAs: 'x@example.com' },
      scopes: ['id'],
    });
    const after: App = { ...APP, oauth: { pkceRequired: true }, scopes: ['id'] };
    expect(notKept(wished, after)).to.deep.equal([
      { field: 'oauth.pkceRequired', before: false, after: true },
      { field: 'oauth.runAs', before: 'x@example.com' },
    ]);
  });

  it('does not mind how the org spells it', () => {
    const wished = changesOf(undefined, {
      name: 'A',
      description: 'a\r\nb',
      oauth: { runAs: 'IT@example.com', flows: ['device'] },
    });
    const after: App = {
      name: 'A',
      description: 'a\nb',
      oauth: { runAs: 'it@example.com', flows: ['web-server', 'device'] },
    };
    expect(notKept(wished, after)).to.deep.equal([]);
  });

  it('leaves the certificate out', () => {
    const wished = changesOf(APP, { name: APP.name, oauth: { certificateFile: 'a.crt' } });
    expect(wished).to.have.lengthOf(1);
    expect(notKept(wished, APP)).to.deep.equal([]);
  });
});

describe('lossesOf', () => {
  const lost = (before: App, wish: App) => lossesOf(changesOf(before, wish));

  it('names what goes, and nothing that stays or comes', () => {
    const before: App = {
      name: 'A',
      scopes: ['api', 'web'],
      oauth: {
        callbackUrls: ['https://a.example', 'https://b.example'],
        flows: ['web-server', 'jwt-bearer', 'device'],
        trustedIpRanges: [{ start: '10.0.0.0', end: '10.0.0.9' }],
      },
      policies: { permissionSets: ['Sales', 'IT'] },
    };
    const wish: App = {
      name: 'A',
      scopes: ['api', 'id'],
      oauth: {
        callbackUrls: ['https://c.example', 'https://b.example'],
        flows: ['token-exchange'],
        trustedIpRanges: [],
      },
      policies: { permissionSets: ['it'] },
    };
    expect(lost(before, wish)).to.deep.equal([
      { field: 'scopes', items: ['web'] },
      { field: 'oauth.callbackUrls', items: ['https://a.example'] },
      { field: 'oauth.flows', items: ['device'] },
      { field: 'oauth.trustedIpRanges', items: [{ start: '10.0.0.0', end: '10.0.0.9' }] },
      { field: 'policies.permissionSets', items: ['Sales'] },
    ]);
  });

  it('finds none in a list that only grows, nor in a text', () => {
    expect(
      lost({ name: 'A', label: 'x', scopes: ['api'] }, { name: 'A', label: '', scopes: ['id', 'api'] }),
    ).to.deep.equal([]);
  });
});

describe('fieldOf', () => {
  it('finds nothing where nothing is', () => {
    expect(fieldOf(undefined, 'label')).to.equal(undefined);
    expect(fieldOf({ name: 'A' }, 'oauth.idToken.audience')).to.equal(undefined);
    expect(fieldOf({ name: 'A', scopes: ['api'] }, 'scopes.length')).to.equal(undefined);
  });
});
