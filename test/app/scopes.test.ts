import { expect } from 'chai';

import {
  allowsRefreshToken,
  judgeScopes,
  parseScope,
  parseScopes,
  SCOPES,
  scopeToken,
  wireName,
} from '../../src/app/scopes.ts';

describe('scope names', () => {
  it('are each there once', () => {
    for (const key of ['wire', 'token'] as const) {
      const names = SCOPES.map((scope) => scope[key].toLowerCase());
      expect(new Set(names).size, key).to.equal(names.length);
    }
  });

  it('go from wire name to token and back, both ways', () => {
    for (const { wire, token } of SCOPES) {
      expect(scopeToken(wire)).to.equal(token);
      expect(wireName(token)).to.equal(wire);
      expect(wireName(scopeToken(wire))).to.equal(wire);
      expect(scopeToken(wireName(token))).to.equal(token);
    }
  });

  it('pass through unharmed where the table does not know them', () => {
    for (const token of ['NewThing', 'SFAP', 'constructor', '']) {
      expect(wireName(token)).to.equal(token);
      expect(scopeToken(wireName(token))).to.equal(token);
    }
  });

  it('never name two different scopes, whether read as wire name or as token', () => {
    for (const { wire, token } of SCOPES) {
      const sameWord = SCOPES.filter(
        (other) => other.wire === token.toLowerCase() || other.token.toLowerCase() === wire,
      );
      for (const other of sameWord) expect(other.wire).to.equal(wire);
    }
  });
});

describe('parseScope', () => {
  it('understands wire names and tokens in any case', () => {
    for (const { wire, token } of SCOPES) {
      for (const text of [wire, token, wire.toUpperCase(), ` ${token.toLowerCase()} `])
        expect(parseScope(text)).to.equal(wire);
    }
  });

  it("understands a Connected App's token", () => expect(parseScope('SFAP')).to.equal('sfap_api'));

  const labels: Record<string, string> = {
    'Access MCP servers (mcp_api)': 'mcp_api',
    'Do anything, later (refresh_token, offline_access)': 'refresh_token',
    'Some new words (API)': 'api',
    'Manage user data via APIs': 'api',
    'Manage user data via APIs (api)': 'api',
    'manage  user data via apis': 'api',
    'Full access (full)': 'full',
    'Perform requests at any time': 'refresh_token',
    'Perform requests at any time (refresh_token, offline_access)': 'refresh_token',
    'Access Salesforce hosted MCP servers': 'mcp_api',
  };
  for (const [label, wire] of Object.entries(labels)) {
    it(`understands "${label}"`, () => expect(parseScope(label)).to.equal(wire));
  }

  it('refuses a label that several scopes share, and names them', () => {
    expect(parseScope('Access the identity URL service')).to.deep.equal({
      code: 'error.scopeAmbiguous',
      values: ['Access the identity URL service', 'id, profile, email, address, phone'],
      field: 'scopes',
    });
  });

  const slips: Record<string, string> = {
    refresh_tokn: 'refresh_token',
    RefreshTokn: 'refresh_token',
    ChatterApi: 'chatter_api',
    'Manage user data via API': 'api',
    wave: 'wave_api',
    opneid: 'openid',
  };
  for (const [slip, wire] of Object.entries(slips)) {
    it(`has ${wire} for ${slip}, or names it`, () => {
      const parsed = parseScope(slip);
      expect(typeof parsed === 'string' ? [parsed] : parsed.values[1]?.split(', ')).to.include(wire);
    });
  }

  it('names the nearest once', () => {
    expect(parseScope('conten')).to.deep.equal({
      code: 'error.scopeUnknown',
      values: ['conten', 'content'],
      field: 'scopes',
    });
  });

  it('lists all where nothing is near', () => {
    for (const text of ['zzzzz', '', '__proto__']) {
      const problem = parseScope(text);
      expect(problem, text).to.include({ code: 'error.scopeUnlike', field: 'scopes' });
      expect(problem).to.have.nested.property('values[1]', SCOPES.map(({ wire }) => wire).join(', '));
    }
  });

  it('lets pass what the app has already', () => {
    expect(parseScope('newthing', ['api', 'NewThing'])).to.equal('NewThing');
    expect(parseScope('NewThing', ['api'])).to.have.property('code');
  });
});

describe('judgeScopes', () => {
  const codes = (scopes: string[], ...flows: Parameters<typeof judgeScopes>[1][number][]): string[] =>
    judgeScopes(scopes, flows).map(({ code }) => code);

  it('has nothing to say about a modest app', () => {
    expect(judgeScopes(['api', 'refresh_token'], ['web-server'])).to.deep.equal([]);
    expect(judgeScopes(['api'], ['web-server', 'client-credentials'])).to.deep.equal([]);
    expect(judgeScopes([], ['web-server', 'client-credentials', 'jwt-bearer'])).to.deep.equal([]);
  });

  it('warns of full, and that it brings no refresh token', () => {
    expect(codes(['full'], 'web-server')).to.deep.equal(['warning.scopeFull', 'warning.scopeFullNoRefreshToken']);
    expect(codes(['full', 'refresh_token'], 'web-server')).to.deep.equal(['warning.scopeFull']);
    expect(codes(['full', 'offline_access'], 'web-server')).to.deep.equal(['warning.scopeFull']);
  });

  it('warns of the same scope under two names', () => {
    expect(codes(['refresh_token', 'offline_access'], 'web-server')).to.deep.equal(['warning.scopeRefreshTokenTwice']);
  });

  it('names what a client-credentials token leaves out', () => {
    expect(judgeScopes(['api', 'web', 'refresh_token'], ['web-server', 'client-credentials'])).to.deep.equal([
      { code: 'warning.scopesNotForFlow', values: ['Client Credentials Flow', 'web, refresh_token'] },
    ]);
  });

  it('says so when that leaves nothing', () => {
    expect(codes(['refresh_token'], 'client-credentials')).to.deep.equal(['warning.flowWithoutScopes']);
    expect(codes(['refresh_token'], 'web-server')).to.deep.equal([]);
  });

  it('knows that JWT bearer wants a refresh-token scope, under either name', () => {
    expect(judgeScopes(['api'], ['jwt-bearer'])).to.deep.equal([
      { code: 'warning.flowNeedsScope', values: ['JWT Bearer Flow', 'refresh_token'] },
    ]);
    expect(codes(['api', 'refresh_token'], 'jwt-bearer')).to.deep.equal([]);
    expect(codes(['api', 'offline_access'], 'jwt-bearer')).to.deep.equal([]);
  });
});

describe('allowsRefreshToken', () => {
  it('wants one of the two', () => {
    expect(allowsRefreshToken(['api', 'refresh_token'])).to.equal(true);
    expect(allowsRefreshToken(['offline_access'])).to.equal(true);
    expect(allowsRefreshToken(['api', 'full'])).to.equal(false);
  });
});

describe('scopes in one text or several', () => {
  for (const [texts, wanted] of [
    [['api,refresh_token'], ['api', 'refresh_token']],
    [['api refresh_token'], ['api', 'refresh_token']],
    [
      [' api,  refresh_token ', 'web'],
      ['api', 'refresh_token', 'web'],
    ],
    [['Manage user data via APIs (api)'], ['api']],
    [['Manage user data via APIs (api), Perform requests at any time'], ['api', 'refresh_token']],
  ] as const) {
    it(JSON.stringify(texts), () => {
      expect(parseScopes(texts)).to.deep.equal(wanted);
    });
  }

  it('name the one that is wrong, and an empty text', () => {
    expect(parseScopes(['api refresh_tokn'])[1]).to.have.property('code', 'error.scopeUnknown');
    expect(parseScopes([''])).to.have.length(1);
    expect(parseScopes([''])[0]).to.have.property('code');
  });
});
