import { expect } from 'chai';

import type { Flow } from '../../src/app/app.ts';
import { FLOW_NAMES, FLOWS, parseFlow, parseFlows, sameFlows } from '../../src/app/flows.ts';
import { SCOPES } from '../../src/app/scopes.ts';

describe('flow rules', () => {
  it('stand under the name of their flow', () => {
    for (const name of FLOW_NAMES) expect(FLOWS[name].flow).to.equal(name);
  });

  it('name scopes that there are', () => {
    const wires = SCOPES.map(({ wire }) => wire);
    for (const name of FLOW_NAMES) {
      expect(wires).to.include.members([...FLOWS[name].scopesNotGranted, ...FLOWS[name].scopesNeeded]);
    }
  });

  it('know that client credentials and token exchange take a yes from both sides', () => {
    const both = FLOW_NAMES.filter((name) => FLOWS[name].switches.length === 2);
    expect(both).to.deep.equal(['client-credentials', 'token-exchange']);
  });
});

describe('parseFlow', () => {
  it('gives back every name, label, and label as Setup has it on its switch', () => {
    for (const name of FLOW_NAMES) {
      for (const text of [
        name,
        name.toUpperCase(),
        ` ${name.replaceAll('-', '_')} `,
        FLOWS[name].label,
        `Enable ${FLOWS[name].label}`,
      ]) {
        expect(parseFlow(text), text).to.equal(name);
      }
    }
  });

  const others: Record<string, Flow> = {
    authorization_code: 'web-server',
    'Web Server Flow': 'web-server',
    client_credentials: 'client-credentials',
    clientCredentials: 'client-credentials',
    ClientCredentialsFlow: 'client-credentials',
    'client credentials': 'client-credentials',
    webserver: 'web-server',
    jwtBearer: 'jwt-bearer',
    'auth code': 'web-server',
    jwt: 'jwt-bearer',
    'urn:ietf:params:oauth:grant-type:jwt-bearer': 'jwt-bearer',
    device_code: 'device',
    'urn:ietf:params:oauth:grant-type:token-exchange': 'token-exchange',
  };
  for (const [text, flow] of Object.entries(others)) {
    it(`understands ${text}`, () => expect(parseFlow(text)).to.equal(flow));
  }

  it('reads several in one text, and keeps a name with blanks whole', () => {
    const both = ['web-server', 'client-credentials'];
    const texts = [
      'web-server,client-credentials',
      'webserver clientCredentials',
      'Web Server Flow, Client Credentials Flow',
    ];
    for (const text of texts) expect(parseFlows([text]), text).to.deep.equal(both);
    expect(parseFlows(['Client Credentials Flow'])).to.deep.equal(['client-credentials']);
    expect(parseFlows(['jwt', 'web servr'])[1]).to.deep.include({ code: 'error.flowUnknown' });
  });

  const refused: Record<string, string[]> = {
    'error.flowPassword': [
      'password',
      'username-password',
      'Username-Password Flow',
      'USERNAME_PASSWORD',
      'usernamePassword',
    ],
    'error.flowUserAgent': ['user-agent', 'implicit', 'User Agent Flow'],
    'error.flowRefreshToken': ['refresh_token', 'refresh-token'],
  };
  for (const [code, texts] of Object.entries(refused)) {
    for (const text of texts) {
      it(`refuses ${text} with its reason`, () =>
        expect(parseFlow(text)).to.deep.equal({ code, values: [text], field: 'oauth.flows' }));
    }
  }

  it('names the nearest for a slip', () => {
    expect(parseFlow('client-credntials')).to.deep.equal({
      code: 'error.flowUnknown',
      values: ['client-credntials', 'client-credentials'],
      field: 'oauth.flows',
    });
  });

  it('names all of them where nothing is near, also for words that every object knows', () => {
    for (const text of ['zzz', '', 'constructor', '__proto__', 'toString']) {
      expect(parseFlow(text), text).to.deep.include({
        code: 'error.flowUnknown',
        values: [text, FLOW_NAMES.join(', ')],
      });
    }
  });
});

describe('sameFlows', () => {
  const same: Array<[Flow[] | undefined, Flow[] | undefined]> = [
    [undefined, []],
    [undefined, ['web-server']],
    [['web-server'], ['jwt-bearer']],
    [['web-server', 'device'], ['device']],
    [
      ['device', 'client-credentials'],
      ['client-credentials', 'device', 'device'],
    ],
  ];
  for (const [a, b] of same) {
    it(`holds ${JSON.stringify(a)} and ${JSON.stringify(b)} for the same`, () => {
      expect(sameFlows(a, b)).to.equal(true);
      expect(sameFlows(b, a)).to.equal(true);
    });
  }

  it('sees every other switch', () => {
    for (const flow of FLOW_NAMES.filter((name) => FLOWS[name].switches.length > 0)) {
      expect(sameFlows([], [flow]), flow).to.equal(false);
      expect(sameFlows(['web-server', flow], ['web-server', 'jwt-bearer']), flow).to.equal(false);
    }
  });
});
