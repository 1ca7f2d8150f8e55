import { request } from 'node:http';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  NobodyCameError,
  PortTakenError,
  canListenFor,
  listenForCallback,
  type CallbackListener,
} from '../../src/client/callbackListener.ts';

const pages = {
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

const ask = (port: number, path: string, { host = `localhost:${port}`, method = 'GET' } = {}): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
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
    listener = await listenForCallback(`http://localhost:${port}/cb`, (query) => query.get('state') === state, pages);
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
  ] as const) {
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

  it('listens on the loopback address alone', async () => {
    const taken = await listenForCallback(`http://localhost:${port}/cb`, () => true, pages).catch(
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
