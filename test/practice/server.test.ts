import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

import { expect } from 'chai';

import { createPracticeServer, type PracticeServer, UnknownVariant } from '../../src/practice/practice.ts';
import { oauthApp } from './appFiles.ts';
import { openPractice } from './client.ts';

describe('the practice server', () => {
  let server: PracticeServer;

  beforeEach(async () => {
    server = await createPracticeServer();
  });
  afterEach(() => server.close());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.accessToken}`, ...headers } });

  /** fetch sets the Host header itself. */
  const statusForHost = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`${server.url}/services/data`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });

  it('listens on loopback, and refuses requests that were meant for another host', async () => {
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await statusForHost('evil.example')).to.equal(421);
    expect(await statusForHost('127.0.0.1.evil.example:80')).to.equal(421);
    expect(await statusForHost(`localhost:${server.port}`)).to.equal(200);
  });

  it('serves the API versions, without a login', async () => {
    const versions = (await (await fetch(`${server.url}/services/data/`)).json()) as Array<{
      version: string;
      label: string;
    }>;
    expect(versions[0]).to.include({ version: '50.0', label: "Winter '21" });
    expect(versions.at(-1)).to.include({ version: '68.0', label: "Winter '27" });
    const older = await createPracticeServer({ apiVersion: 62 });
    const answer = await fetch(`${older.url}/services/data/v63.0/query?q=SELECT+Id+FROM+User`, {
      headers: { authorization: `Bearer ${older.accessToken}` },
    });
    expect(answer.status).to.equal(404);
    await older.close();
  });

  it('takes paths with two slashes at the beginning, and with one at the end', async () => {
    expect((await get('//services/data/v67.0/')).status).to.equal(200);
    expect((await get('/services/data/v67.0/query/?q=SELECT+Id+FROM+User')).status).to.equal(200);
  });

  it('asks for a live token', async () => {
    const path = '/services/data/v67.0/query?q=SELECT+Id+FROM+Organization';
    const answer = await get(path, { authorization: `Bearer ${randomBytes(9).toString('hex')}` });
    expect(answer.status).to.equal(401);
    expect(await answer.json()).to.deep.equal([
      { errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' },
    ]);
    expect((await get(path, { authorization: `OAuth ${server.accessToken}` })).status).to.equal(200);
    server.org.advance(366 * 24 * 3600 * 1000);
    expect((await get(path)).status).to.equal(401);
  });

  it('lets nobody in who may not use the API', async () => {
    const { org } = server;
    const set = org.permissionSetsOf(org.seeded.standardUser.Id)[0];
    org.update('PermissionSet', String(set?.Id), { PermissionsApiEnabled: false });
    const { token } = org.openSession({
      userId: org.seeded.standardUser.Id,
      scopes: ['full'],
      format: 'opaque',
      expiresAt: new Date(org.now().getTime() + 60_000),
    });
    const answer = await get('/services/data/v67.0/sobjects', { authorization: `Bearer ${token}` });
    expect([answer.status, await answer.text()]).to.deep.equal([
      403,
      '[{"errorCode":"API_DISABLED_FOR_ORG","message":"The REST API is not enabled for this Organization."}]',
    ]);
  });

  it('writes down what it was asked, and no secret', async () => {
    const secret = randomBytes(20).toString('hex');
    await get(`/services/oauth2/authorize?client_id=abc&code_verifier=${secret}&access_token=${secret}`);
    await fetch(`${server.url}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'abc', client_secret: secret }),
    });
    await get('/services/data/v67.0/query?q=SELECT+Id+FROM+User');
    const text = await (await fetch(`${server.url}/__practice/requests`)).text();
    expect(text).not.to.contain(secret).and.not.to.contain(server.accessToken);
    const log = JSON.parse(text) as Array<Record<string, unknown>>;
    expect(log.map(({ method, path, summary }) => [method, path, summary])).to.deep.equal([
      ['GET', '/services/oauth2/authorize', undefined],
      ['POST', '/services/oauth2/token', 'client_credentials'],
      ['GET', '/services/data/v67.0/query', undefined],
    ]);
    expect(log[0]?.query).to.include({ client_id: 'abc', code_verifier: '(not kept)' });
    await fetch(`${server.url}/__practice/requests`, { method: 'DELETE' });
    expect(server.requests.entries()).to.deep.equal([]);
  });

  it('moves its clock when it is told to, by someone who can send JSON', async () => {
    const before = server.org.now().getTime();
    const move = (body: string, type: string): Promise<Response> =>
      fetch(`${server.url}/__practice/clock`, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await move('{"advanceSeconds":3600}', 'text/plain')).status).to.equal(415);
    expect((await move('{"advanceSeconds":"x"}', 'application/json')).status).to.equal(400);
    expect((await move('{"advanceSeconds":3600}', 'application/json')).status).to.equal(200);
    expect(server.org.now().getTime() - before).to.be.within(3_600_000, 3_610_000);
  });

  it('knows its variants, and no others', async () => {
    const wrong = await createPracticeServer({ variants: { 'pkce-sticky': 'perhaps' } }).catch((error: Error) => error);
    expect(wrong).to.be.instanceOf(UnknownVariant);
  });

  it('makes every answer late when it is slow', async () => {
    const slow = await createPracticeServer({ latency: 80 });
    const started = performance.now();
    await fetch(`${slow.url}/services/data`);
    expect(performance.now() - started).to.be.greaterThan(75);
    await slow.close();
  });

  it('lets the token endpoint hear of a new app when its time has come', async () => {
    const practice = await openPractice({ propagation: 300 });
    await practice.deploy(oauthApp('A'));
    const { org } = practice.server;
    const [one] = org.components('ExternalClientApplication');
    expect(org.hasPropagated(String(one?.id))).to.equal(false);
    org.advance(300_000);
    expect(org.hasPropagated(String(one?.id))).to.equal(true);
    await practice.close();
  });
});
