import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

import { expect } from 'chai';

import {
  type CallbackListener,
  canListenFor,
  listenForCallback,
  NobodyCameError,
  PortTakenError,
} from '../../src/client/callbackListener.ts';

const PAGES = {
  notOurs: { title: 'Not ours', text: 'Something else' },
  done: { title: 'Over', text: 'There was one' },
};

/** A port that nobody has at the moment. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

type Seen = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

type Asked = { host?: string; method?: string; headers?: Record<string, string> };

const ask = (
  port: number,
  path: string,
  { host = `localhost:${port}`, method = 'GET', headers = {} }: Asked = {},
): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject).end();
  });

describe('canListenFor', () => {
  for (const [url, can] of [
    ['http://localhost:1717/OauthRedirect', true],
    ['http://127.0.0.1:1717/cb', true],
    ['https://localhost:1717/cb', false],
    ['https://orders.example.com/cb', false],
    ['http://orders.example.com/cb', false],
    ['http://localhost.example.com/cb', false],
    ['com.example.app:/cb', false],
    ['nothing', false],
  ] as const) {
    it(`says ${can ? 'yes' : 'no'} to ${url}`, () => expect(canListenFor(url)).to.equal(can));
  }
});

describe('listenForCallback', () => {
  let port: number;
  let listener: CallbackListener;
  const state = randomBytes(16).toString('hex');

  beforeEach(async () => {
    port = await freePort();
    listener = await listenForCallback(
      `http://localhost:${port}/cb`,
      (query) => query.getAll('state').join() === state,
      PAGES,
    );
  });
  afterEach(() => listener.close());

  it('hands over the one answer that is ours, and shows the page once it is judged', async () => {
    const answer = ask(port, `/cb?code=x&state=${state}`);
    const { parameters, show } = await listener.callback(5000);
    expect(parameters.get('code')).to.equal('x');
    await show({ title: 'It <worked>', text: `"Fine" & 'well'` });
    const { status, headers, body } = await answer;
    expect(status).to.equal(200);
    expect(body).to.include('<html lang="en">').and.to.include('<h1>It &lt;worked&gt;</h1>');
    expect(body).to.include('<p>&quot;Fine&quot; &amp; &#39;well&#39;</p>');
    expect(body).not.to.include(state);
    expect(headers['cache-control']).to.equal('no-store');
    expect(headers['referrer-policy']).to.equal('no-referrer');
    expect(headers['content-security-policy']).to.include("default-src 'none'").and.not.to.include('unsafe');
  });

  it('takes one answer only', async () => {
    const first = ask(port, `/cb?code=x&state=${state}`);
    const { show } = await listener.callback(5000);
    const second = await ask(port, `/cb?code=y&state=${state}`);
    expect([second.status, second.body.includes('There was one')]).to.deep.equal([410, true]);
    await show({ title: 'Good', text: 'Good' });
    expect((await first).status).to.equal(200);
  });

  for (const [what, path, options, status] of [
    ['another host', '/cb?code=x&state=STATE', { host: 'evil.example.com' }, 421],
    ['another port in the host', '/cb?code=x&state=STATE', { host: 'localhost:1' }, 421],
    ['another path', '/other?code=x&state=STATE', {}, 404],
    ['a path below', '/cb/?code=x&state=STATE', {}, 404],
    ['another method', '/cb?code=x&state=STATE', { method: 'POST' }, 405],
    ['another state', '/cb?code=x&state=guessed', {}, 400],
    ['no state', '/cb?code=x', {}, 400],
    ['the state twice', '/cb?code=x&state=STATE&state=other', {}, 400],
    ['HEAD', '/cb?code=x&state=STATE', { method: 'HEAD' }, 405],
    ['a preflight', '/cb?code=x&state=STATE', { method: 'OPTIONS' }, 405],
    ['a picture of a page', '/cb?code=x&state=STATE', { headers: { 'sec-fetch-mode': 'no-cors' } }, 403],
    ['a frame in a page', '/cb?code=x&state=STATE', { headers: { 'sec-fetch-dest': 'iframe' } }, 403],
    ['a script of a page', '/cb?code=x&state=STATE', { headers: { origin: 'https://evil.example' } }, 403],
    ['an address that is none', '//', {}, 404],
    ['half an address', '//[', {}, 404],
    ['a host in the path', '//evil.example/cb?code=x&state=STATE', {}, 404],
    ['a path that leads up', '/x/../../cb?code=x&state=guessed', {}, 400],
    ['a whole address', 'http://evil.example/cb?code=x&state=STATE', {}, 404],
    ['headers without end', '/cb?code=x&state=STATE', { headers: { cookie: 'a=b; '.repeat(4000) } }, 431],
    ['an address without end', `/cb?code=x&state=STATE&${'a=b&'.repeat(5000)}`, {}, 431],
  ] as Array<[string, string, Asked, number]>) {
    it(`refuses ${what}, and goes on waiting`, async () => {
      const refused = await ask(port, path.replace('STATE', state), options);
      expect(refused.status).to.equal(status);
      const answer = ask(port, `/cb?code=good&state=${state}`);
      const { parameters, show } = await listener.callback(5000);
      expect(parameters.get('code')).to.equal('good');
      await show({ title: 'Good', text: 'Good' });
      await answer;
    });
  }

  it('takes the visit that an org sends a browser on', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const answer = ask(port, `/cb?code=good&state=${state}`, { headers });
    const { show } = await listener.callback(5000);
    await show({ title: 'Good', text: 'Good' });
    expect((await answer).status).to.equal(200);
  });

  it('tells nobody else that the answer has come', async () => {
    const first = ask(port, `/cb?code=x&state=${state}`);
    const { show } = await listener.callback(5000);
    const refused = await ask(port, '/cb?code=y&state=guessed');
    expect([refused.status, refused.body.includes('There was one')]).to.deep.equal([400, false]);
    await show({ title: 'Good', text: 'Good' });
    await first;
  });

  it('shows what an org says as text, and nothing of what a request says', async () => {
    const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
    const answer = ask(port, `/cb?error=${encodeURIComponent(evil)}&state=${state}`);
    const { parameters, show } = await listener.callback(5000);
    await show({ title: evil, text: `${parameters.get('error')}` });
    const { body } = await answer;
    expect(body).not.to.match(/<script|<img/);
    expect(body).to.include('&lt;script&gt;');
    const refused = await ask(port, `/cb?state=guessed&error=${encodeURIComponent(evil)}`);
    expect(refused.body).not.to.include('script');
    expect(refused.headers['content-security-policy']).to.include("frame-ancestors 'none'");
  });

  it('does not read what is sent along', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST /cb HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 1000000000\r\n\r\n`);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(String(answer)).to.match(/^HTTP\/1\.1 405 /);
    const flood = setInterval(() => !socket.destroyed && socket.write(Buffer.alloc(65_536)), 1);
    await ended;
    clearInterval(flood);
    expect(socket.bytesWritten).to.be.lessThan(50_000_000);
  });

  it('hears the answer beside hundreds who say nothing, and lets go of them', async function () {
    this.timeout(60_000);
    const sockets = Array.from({ length: 300 }, () =>
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    );
    const ended = sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
    sockets.slice(0, 30).forEach((socket) => socket.write('GET /cb HTTP/1.1\r\nHost: localhost'));
    const drip = setInterval(
      () => sockets.slice(0, 30).forEach((socket) => !socket.destroyed && socket.write('x')),
      500,
    );
    const answer = ask(port, `/cb?code=good&state=${state}`);
    const { show } = await listener.callback(20_000);
    await show({ title: 'Good', text: 'Good' });
    expect((await answer).status).to.equal(200);
    await Promise.all(ended);
    clearInterval(drip);
  });

  it('listens on the loopback address alone', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      const reached = await new Promise<boolean>((resolve) => {
        const socket = connect(port, address, () => resolve(true)).on('error', () => resolve(false));
        socket.unref();
      });
      expect([address, reached]).to.deep.equal([address, false]);
    }
    const taken = await listenForCallback(`http://localhost:${port}/cb`, () => true, PAGES).catch(
      (error: unknown) => error,
    );
    expect(taken).to.be.instanceOf(PortTakenError).and.to.include({ reason: 'EADDRINUSE' });
  });

  it('gives up after a while, and at once when it is told to', async () => {
    expect(await listener.callback(20).catch((error: unknown) => error)).to.be.instanceOf(NobodyCameError);
    const stop = new AbortController();
    const waiting = listener.callback(60_000, stop.signal).catch((error: unknown) => error);
    const reason = new Error('stopped');
    stop.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});
