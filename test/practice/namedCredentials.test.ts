import { expect } from 'chai';

import { openPractice, type Practice } from './client.ts';

type Json = Record<string, unknown>;

const ACME = {
  developerName: 'Acme',
  masterLabel: 'Acme',
  authenticationProtocol: 'OAuth',
  authenticationProtocolVariant: 'ClientCredentialsClientSecret',
  principals: [{ principalName: 'Sync', principalType: 'NamedPrincipal' }],
};

const OF_SYNC = { externalCredential: 'Acme', principalName: 'Sync', principalType: 'NamedPrincipal' };

const VALUES = { clientId: { value: 'the-id', encrypted: false }, clientSecret: { value: 'hidden', encrypted: true } };

describe('the named credentials of the practice org', () => {
  let practice: Practice;

  beforeEach(async () => {
    practice = await openPractice();
  });
  afterEach(() => practice.close());

  const call = async (
    method: string,
    path: string,
    body?: Json,
    { version = 67, token = practice.server.accessToken } = {},
  ): Promise<{ status: number; json: Json }> => {
    const response = await fetch(`${practice.server.url}/services/data/v${version}.0/named-credentials/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Json };
  };

  const make = (body: Json = ACME) => call('POST', 'external-credentials', body);
  const write = (method: string, more: Json = {}) =>
    call(method, 'credential', { ...OF_SYNC, authenticationProtocol: 'OAuth', credentials: VALUES, ...more });
  const read = async () => (await call('GET', `credential?${new URLSearchParams(OF_SYNC)}`)).json;

  it('take values once, replace all of them, and never give out what is encrypted', async () => {
    expect((await make()).status).to.equal(201);
    expect(await read()).to.deep.include({ authenticationStatus: 'NotConfigured', credentials: {} });
    expect((await write('PUT')).status).to.equal(404);
    expect((await write('POST')).status).to.equal(201);
    expect((await write('POST')).status).to.equal(400);
    expect(await read()).to.deep.include({
      authenticationStatus: 'Configured',
      authenticationProtocolVariant: 'ClientCredentialsClientSecret',
      credentials: {
        clientId: { encrypted: false, value: 'the-id' },
        clientSecret: { encrypted: true, value: null },
      },
    });
    const { json } = await call('GET', 'external-credentials/Acme');
    expect(json).to.have.nested.property('principals[0].authenticationStatus', 'Configured');
    expect((await write('PUT', { credentials: { clientId: VALUES.clientId } })).status).to.equal(200);
    expect(await read()).to.have.property('authenticationStatus', 'NotConfigured');
    expect(Object.keys((await read()).credentials as Json)).to.deep.equal(['clientId']);
  });

  it('refuse what is not there, and what does not fit', async () => {
    await make();
    expect((await make()).status).to.equal(400);
    expect((await call('GET', 'external-credentials/Other')).status).to.equal(404);
    expect((await write('POST', { principalName: 'Other' })).status).to.equal(404);
    for (const wrong of [
      { authenticationProtocol: 'Custom' },
      { authenticationProtocolVariant: 'JwtBearer' },
      { credentials: { clientSecret: { value: 'shown', encrypted: false } } },
      { credentials: { other: { value: 'x', encrypted: true } } },
      { credentials: 'none' },
    ])
      expect((await write('POST', wrong)).status, JSON.stringify(wrong)).to.equal(400);
    expect(await read()).to.have.property('authenticationStatus', 'NotConfigured');
  });

  it('are there since version 56, for users who manage them', async () => {
    await make();
    expect((await call('GET', 'external-credentials', undefined, { version: 55 })).status).to.equal(404);
    expect((await call('POST', 'external-credentials', ACME, { version: 57 })).status).to.equal(404);
    const { org } = practice.server;
    const expiresAt = new Date(org.now().getTime() + 3_600_000);
    const userId = org.seeded.standardUser.Id;
    const { token } = org.openSession({ userId, scopes: ['full'], format: 'opaque', expiresAt });
    expect((await call('GET', 'external-credentials', undefined, { token })).status).to.equal(403);
  });
});
