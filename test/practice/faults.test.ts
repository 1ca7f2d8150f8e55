import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';

import {
  BadFaults,
  createPracticeServer,
  type Fault,
  type PracticeServer,
  readFaults,
} from '../../src/practice/practice.ts';
import { app } from './appFiles.ts';
import { openPractice } from './client.ts';

describe('misbehaviour on demand', () => {
  let server: PracticeServer;
  afterEach(() => server.close());

  const path = '/services/data/v67.0/sobjects/User/describe';
  const start = async (...faults: Fault[]): Promise<void> => {
    server = await createPracticeServer({ faults });
  };
  const get = (at = path, signal?: AbortSignal): Promise<Response> =>
    fetch(`${server.url}${at}`, { headers: { authorization: `Bearer ${server.accessToken}` }, signal });

  it('hits the request that was named, the nth time', async () => {
    await start({ method: 'GET', path: '*/describe', nth: 2, fault: 'error-500' });
    const statuses = [];
    for (const one of [path, '/services/data', path, path]) statuses.push((await get(one)).status);
    expect(statuses).to.deep.equal([200, 200, 500, 200]);
  });

  const answers: Array<[fault: Fault['fault'], status: number, text: string]> = [
    ['invalid-session', 401, 'INVALID_SESSION_ID'],
    ['request-limit', 403, 'REQUEST_LIMIT_EXCEEDED'],
    ['html-503', 503, '<html>'],
    ['ip-restricted', 400, 'ip restricted'],
    ['api-access-control', 403, 'API Access Control'],
  ];
  for (const [fault, status, text] of answers) {
    it(`answers with ${fault}`, async () => {
      await start({ path: '/services/data/*', fault });
      const answer = await get();
      expect(answer.status).to.equal(status);
      expect(await answer.text()).to.contain(text);
    });
  }

  it('cuts the connection', async () => {
    await start({ fault: 'reset', path });
    expect(await get().catch((error: Error) => error)).to.be.instanceOf(TypeError);
  });

  it('does what it was asked for, and loses the answer', async () => {
    await start({ fault: 'answer-lost', method: 'POST', path: '*/sobjects/Account' });
    const created = fetch(`${server.url}/services/data/v67.0/sobjects/Account`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ Name: 'Acme' }),
    });
    expect(await created.catch((error: Error) => error)).to.be.instanceOf(TypeError);
    expect(server.org.records('Account').map(({ Name }) => Name)).to.deep.equal(['Acme']);
  });

  it('goes on with it, from the nth request onwards', async () => {
    await start({ path, nth: 2, onwards: true, fault: 'html-503' });
    const statuses = [];
    for (const one of [path, path, '/services/data', path]) statuses.push((await get(one)).status);
    expect(statuses).to.deep.equal([200, 503, 200, 503]);
  });

  it('finds the row of a record locked, and lets it be read', async () => {
    await start({ path: '*/sobjects/*', fault: 'locked-row' });
    const { Id } = server.org.insert('Account', { Name: 'Acme' });
    const account = `/services/data/v67.0/sobjects/Account/${Id}`;
    const headers = { authorization: `Bearer ${server.accessToken}` };
    const deleted = await fetch(`${server.url}${account}`, { method: 'DELETE', headers });
    expect([deleted.status, await deleted.text()]).to.deep.equal([
      400,
      '[{"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record or 1 records"}]',
    ]);
    expect((await get(account)).status).to.equal(200);
  });

  it('cuts an answer in two', async () => {
    await start({ fault: 'truncated', path });
    const answer = await get();
    expect(answer.status).to.equal(200);
    expect(await answer.text().catch((error: Error) => error)).to.be.instanceOf(Error);
  });

  it('never answers', async () => {
    await start({ fault: 'hang', path });
    const error = await get(path, AbortSignal.timeout(150)).catch((reason: Error) => reason);
    expect(error).to.have.property('name', 'TimeoutError');
  });

  it('lets a deploy wait, and lets one fail on a lock', async () => {
    const locked = await openPractice({ faults: [{ path: '*/m/67.0', nth: 1, fault: 'locked-row' }] });
    server = locked.server;
    expect(await locked.problems([app('A')])).to.match(/^UNABLE_TO_LOCK_ROW/);
    expect(server.org.components('ExternalClientApplication')).to.deep.equal([]);
    expect((await locked.deploy([app('A')])).success).to.equal(true);

    const slow = await openPractice({ faults: [{ path: '*/deployRequest', fault: 'slow-deploy', seconds: 0.2 }] });
    const started = performance.now();
    expect((await slow.deploy([app('A')], { rest: true })).success).to.equal(true);
    expect(performance.now() - started).to.be.greaterThan(190);
    await slow.close();
  });

  it('shows a waiting deploy as a DeployRequest, and changes nothing before it is run', async () => {
    const slow = await openPractice({ faults: [{ path: '*/deployRequest', fault: 'slow-deploy', seconds: 600 }] });
    server = slow.server;
    const request = async () =>
      (
        await slow.connection.tooling.query<{ Status: string; CheckOnly: boolean; CreatedBy: { Username: string } }>(
          'SELECT Status, CheckOnly, CreatedBy.Username FROM DeployRequest',
        )
      ).records[0];
    const deployed = slow.deploy([app('A')], { rest: true });
    while (!(await request())) await setTimeout(10);
    expect(await request()).to.deep.include({ Status: 'Pending', CheckOnly: false });
    expect((await request())?.CreatedBy.Username).to.equal(slow.server.org.seeded.admin.Username);
    expect(slow.server.org.components('ExternalClientApplication')).to.deep.equal([]);
    server.org.advance(600_000);
    await deployed;
    expect((await request())?.Status).to.equal('Succeeded');
    expect(slow.server.org.components('ExternalClientApplication')).to.have.length(1);
  });

  it('tells the calls of the Metadata API apart, which have one path', async () => {
    const { connection, server: started } = await openPractice({
      faults: [
        { operation: 'readMetadata *OauthSettings', nth: 2, fault: 'invalid-session' },
        { operation: 'listMetadata*', fault: 'html-503' },
        { operation: 'updateMetadata *', fault: 'locked-row' },
      ],
    });
    server = started;
    const { metadata } = connection;
    const said = (work: Promise<unknown>): Promise<string> => work.then((answer) => JSON.stringify(answer), String);
    const reading = (type: string): Promise<string> => said(metadata.read(type as never, 'A'));
    expect(await reading('ExtlClntAppOauthSettings')).to.equal('{}');
    expect(await reading('ExternalClientApplication')).to.equal('{}');
    expect(await reading('ExtlClntAppGlobalOauthSettings')).to.contain('INVALID_SESSION_ID');
    expect(await reading('ExtlClntAppOauthSettings')).to.equal('{}');
    expect(await said(metadata.list({ type: 'ExternalClientApplication' }))).to.contain('503');
    const update = metadata.update('ConnectedAppSettings' as never, { fullName: 'ConnectedApp' } as never);
    expect(await said(update)).to.contain('UNABLE_TO_LOCK_ROW');
    expect((await metadata.describe('67.0')).organizationNamespace).to.equal('');
  });

  describe('the file', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'faults-'));
    });
    after(() => rm(folder, { recursive: true }));
    beforeEach(() => start());

    const reading = async (text: string): Promise<unknown> => {
      const file = join(folder, 'faults.json');
      await writeFile(file, text);
      return readFaults(file).catch((error: unknown) => error);
    };

    it('is a list', async () => {
      expect(await reading('[{ "path": "/x", "nth": 1, "fault": "hang" }]')).to.deep.equal([
        { path: '/x', nth: 1, fault: 'hang' },
      ]);
    });

    for (const [text, reason] of [
      ['{', /JSON/],
      ['{}', /not a list/],
      ['[{ "fault": "explode" }]', /Entry 1: fault is one of/],
      ['[{ "fault": "hang", "when": 1 }]', /Entry 1 has when/],
      ['[{ "fault": "hang", "nth": "first" }]', /nth is a number/],
      ['[{ "fault": "hang", "operation": ["deploy"] }]', /operation is a string/],
      ['[{ "fault": "hang", "onwards": 1 }]', /onwards is a boolean/],
    ] as const) {
      it(`is refused when it is ${text}`, async () => {
        const error = await reading(text);
        expect(error).to.be.instanceOf(BadFaults).with.property('message').that.matches(reason);
      });
    }
  });
});
