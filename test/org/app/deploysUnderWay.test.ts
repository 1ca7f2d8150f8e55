import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';
import { createSandbox } from 'sinon';

import { waitForDeploys } from '../../../src/org/app/deploysUnderWay.ts';
import { connectTo } from '../../connectTo.ts';

/** An org that knows of some deploys; each is done after it was asked after so many times. */
type Deploys = { query: { status: number; body: unknown }; doneAfter: Record<string, number> };

describe('waiting for earlier deploys', () => {
  let server: Server;
  let asked: string[];

  const sandbox = createSandbox();

  afterEach((done) => {
    sandbox.restore();
    server.close(done);
    server.closeAllConnections();
  });

  const orgWith = async ({ query, doneAfter }: Deploys) => {
    asked = [];
    const looks: Record<string, number> = {};
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://org');
      const answer = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      if (url.pathname.endsWith('/tooling/query')) {
        asked.push(url.searchParams.get('q') ?? '');
        return answer(query.status, query.body);
      }
      const id = url.pathname.split('/').at(-1) ?? '';
      asked.push(id);
      looks[id] = (looks[id] ?? 0) + 1;
      const done = looks[id] > (doneAfter[id] ?? 0);
      return answer(200, { id, deployResult: { id, done, status: done ? 'Succeeded' : 'InProgress', success: done } });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    return connectTo({ url: `http://127.0.0.1:${port}`, accessToken: '00D000000000001!token' });
  };

  const found = (...ids: string[]) => ({
    status: 200,
    body: { totalSize: ids.length, done: true, records: ids.map((Id) => ({ Id })) },
  });

  it('has nothing to wait for when there is none, after one look', async () => {
    const connection = await orgWith({ query: found(), doneAfter: {} });
    expect(await waitForDeploys(connection, 1, () => {})).to.deep.equal([]);
    expect(asked).to.have.length(1);
    expect(asked[0]).to.include("Status IN ('Pending', 'InProgress')").and.include(`'${connection.getUsername()}'`);
  });

  it('waits until each is done, and tells how it goes', async () => {
    const [first, second] = ['0Af000000000001AAA', '0Af000000000002AAA'];
    const connection = await orgWith({ query: found(first, second), doneAfter: { [first]: 2 } });
    const news: string[] = [];
    const waited = await waitForDeploys(connection, 1, (status) => news.push(status));
    expect(waited).to.deep.equal([first, second]);
    expect(news).to.deep.equal(['InProgress', 'InProgress', 'Succeeded', 'Succeeded']);
  });

  it('gives up when the time is up, with the id to go on with', async () => {
    const id = '0Af000000000001AAA';
    const connection = await orgWith({ query: found(id), doneAfter: { [id]: Infinity } });
    const error = await waitForDeploys(connection, 0.002, () => {}).catch((reason: unknown) => reason);
    expect(error).to.deep.include({ name: 'DeployBeforeError', exitCode: 69, data: { deployId: id } });
    expect((error as { actions: string[] }).actions.join()).to.include(`--job-id ${id}`);
  });

  it('gives up when the time for all of them is up', async () => {
    const clock = sandbox.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
    const ids = Array.from({ length: 50 }, (_none, at) => `0Af00000000000${at}AAA`);
    const connection = await orgWith({ query: found(...ids), doneAfter: Object.fromEntries(ids.map((id) => [id, 1])) });
    const looked = (): void => void clock.tick(10_000);
    const error = await waitForDeploys(connection, 1, looked).catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'DeployBeforeError' });
    expect(asked).to.have.length.below(10);
  });

  it('waits for nothing in an org that does not tell', async () => {
    const refusal = [{ errorCode: 'INVALID_TYPE', message: "sObject type 'DeployRequest' is not supported." }];
    const connection = await orgWith({ query: { status: 400, body: refusal }, doneAfter: {} });
    expect(await waitForDeploys(connection, 1, () => {})).to.deep.equal([]);
  });
});
