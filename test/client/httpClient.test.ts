import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';

import { isLoopback } from '../../src/app/host.ts';
import { createHttpClient } from '../../src/client/httpClient.ts';
import { NoAnswerError } from '../../src/net/noAnswer.ts';
import { openWire, type Wire } from './wire.ts';

const caught = async (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => error,
  );

describe('the HTTP client', () => {
  let wire: Wire;
  const saved = { ...process.env };

  afterEach(async () => {
    await wire?.close();
    for (const name of ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy']) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  });

  it('gives an answer whatever its status, and follows no redirect', async () => {
    wire = await openWire({ '/there': () => ({ status: 302, headers: { location: '/elsewhere' } }) });
    const answer = await createHttpClient()(`${wire.url}/there`);
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([302, '/elsewhere']);
    expect(wire.seen.map(({ path }) => path)).to.deep.equal(['/there']);
  });

  it('says which host gave no answer, and nothing of the request', async () => {
    wire = await openWire({});
    await wire.close();
    const secret = `s${Math.random()}`;
    const error = await caught(() =>
      createHttpClient()(wire.url, { method: 'POST', body: new URLSearchParams({ secret }) }),
    );
    expect(error).to.be.instanceOf(NoAnswerError);
    expect((error as NoAnswerError).code).to.equal('ECONNREFUSED');
    expect((error as NoAnswerError).host).to.equal(new URL(wire.url).host);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).cause)).not.to.include(
      secret,
    );
  });

  it('does not wait for ever', async () => {
    wire = await openWire({ '/slow': () => new Promise((resolve) => setTimeout(() => resolve({}), 2000)) });
    const error = await caught(() => createHttpClient(50)(`${wire.url}/slow`));
    expect((error as NoAnswerError).code).to.equal('TIMEOUT');
  });

  it('notices that an answer breaks off', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half of');
      setTimeout(() => response.destroy(), 20);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await caught(() => createHttpClient()(`http://127.0.0.1:${port}/`));
    await once(server.close(), 'close');
    expect((error as NoAnswerError).code).to.equal('UND_ERR_SOCKET');
  });

  it('does not wait for ever for the rest of an answer', async () => {
    const server = createServer((_request, response) => void response.write('half of'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await caught(() => createHttpClient(50)(`http://127.0.0.1:${port}/`));
    server.closeAllConnections();
    await once(server.close(), 'close');
    expect((error as NoAnswerError).code).to.equal('TIMEOUT');
  });

  describe('with a proxy in the environment', () => {
    let proxy: Wire;

    beforeEach(async () => {
      proxy = await openWire({ '/': () => ({ body: 'by proxy' }) });
      process.env.HTTP_PROXY = proxy.url;
      process.env.http_proxy = proxy.url;
      delete process.env.NO_PROXY;
      delete process.env.no_proxy;
    });
    afterEach(() => proxy.close());

    it('asks the proxy for other hosts', async () => {
      const answer = await createHttpClient()('http://org.invalid/');
      expect(await answer.text()).to.equal('by proxy');
      expect(proxy.seen[0]?.headers.host).to.equal('org.invalid');
    });

    it('asks this machine itself', async () => {
      wire = await openWire({ '/': () => ({ body: 'direct' }) });
      expect(await (await createHttpClient()(`${wire.url}/`)).text()).to.equal('direct');
      expect(proxy.seen).to.deep.equal([]);
    });
  });

  it('knows this machine', () => {
    expect(['http://127.0.0.1:1', 'http://localhost/x', 'http://[::1]:8080'].every(isLoopback)).to.equal(true);
    expect(['http://127.0.0.1.example.com', 'https://org.my.salesforce.com'].some(isLoopback)).to.equal(false);
  });
});
