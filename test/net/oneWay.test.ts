import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';

import { expect } from 'chai';

import { createHttpClient } from '../../src/client/httpClient.ts';
import { newWay } from '../../src/net/exchange.ts';
import { exchangeWithOrg } from '../../src/org/request/orgExchange.ts';
import { selfSigned } from '../client/selfSigned.ts';

/** How the two halves of the plugin ask a host: for the org, and as a client of it. */
const HALVES: Array<[string, (url: string) => Promise<unknown>]> = [
  ['a request of the org', (url) => exchangeWithOrg({ method: 'GET', url }, newWay())],
  ["a client's request", (url) => createHttpClient(10_000)(url)],
];

const VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];

describe('the way to a host', () => {
  const saved = Object.fromEntries(
    [...VARIABLES, 'NODE_TLS_REJECT_UNAUTHORIZED'].map((name) => [name, process.env[name]]),
  );
  let proxy: Server;
  let proxyUrl: string;
  let host: Http2SecureServer;
  let hostPort: number;
  /** What the proxy was asked for, and the HTTP versions that the host was spoken to in. */
  let proxied: string[];
  let versions: string[];

  before(async () => {
    const { key, certificate } = selfSigned();
    const options = { key: key.export({ type: 'pkcs8', format: 'pem' }), cert: certificate, allowHTTP1: true };
    host = createSecureServer(options, (request, response) => {
      versions.push(request.httpVersion);
      response.end('{}');
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    hostPort = (host.address() as AddressInfo).port;
    proxy = createServer((request, response) => {
      proxied.push(
        `${request.method} ${request.url?.startsWith('/') ? `http://${request.headers.host}/` : request.url}`,
      );
      response.end('{}');
    });
    proxy.on('connect', ({ url = '' }, socket) => {
      proxied.push(`CONNECT ${url}`);
      // Whatever the name, the host is the one on this machine; and for plain http the proxy itself.
      const target = connect(url.endsWith(':80') ? (proxy.address() as AddressInfo).port : hostPort, '127.0.0.1');
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
      for (const end of [target, socket]) end.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });

  after(() => {
    for (const server of [proxy, host]) server.close();
    proxy.closeAllConnections();
  });

  beforeEach(() => {
    [proxied, versions] = [[], []];
    for (const name of VARIABLES) delete process.env[name];
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  });

  afterEach(() => {
    for (const [name, value] of Object.entries(saved)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  const secure = 'https://orders.invalid/';
  const plain = 'http://orders.invalid/';
  const cases: Array<[environment: Record<string, string>, url: string, byProxy: boolean]> = [
    [{ HTTPS_PROXY: 'proxy' }, secure, true],
    [{ https_proxy: 'proxy' }, secure, true],
    [{ HTTPS_PROXY: 'proxy' }, plain, false],
    [{ HTTP_PROXY: 'proxy' }, plain, true],
    [{ http_proxy: 'proxy' }, plain, true],
    [{ HTTPS_PROXY: 'proxy', NO_PROXY: 'orders.invalid' }, secure, false],
    [{ HTTPS_PROXY: 'proxy', no_proxy: 'orders.invalid' }, secure, false],
    [{ HTTPS_PROXY: 'proxy', NO_PROXY: '.invalid' }, secure, false],
    [{ HTTPS_PROXY: 'proxy', NO_PROXY: '*' }, secure, false],
    [{ HTTPS_PROXY: 'proxy', NO_PROXY: 'other.invalid, orders.invalid:443' }, secure, false],
    [{ HTTPS_PROXY: 'proxy', NO_PROXY: 'orders.invalid:8443' }, secure, true],
    [{ HTTPS_PROXY: 'proxy', NO_PROXY: 'invalid.example' }, secure, true],
  ];

  for (const [half, ask] of HALVES) {
    describe(`of ${half}`, () => {
      for (const [environment, url, byProxy] of cases) {
        it(`is ${byProxy ? 'the proxy' : 'direct'} for ${url} with ${JSON.stringify(environment)}`, async () => {
          for (const [name, value] of Object.entries(environment))
            process.env[name] = value === 'proxy' ? proxyUrl : value;
          await ask(url).catch(() => undefined);
          expect(proxied.join()).to.match(byProxy ? /orders\.invalid/ : /^$/);
        });
      }

      for (const name of ['localhost', '127.0.0.1']) {
        it(`is direct to this machine (${name}), and in HTTP/1.1 also where the host knows HTTP/2`, async () => {
          process.env.HTTPS_PROXY = proxyUrl;
          await ask(`https://${name}:${hostPort}/`);
          expect([proxied, versions]).to.deep.equal([[], ['1.1']]);
        });
      }

      it('is direct to this machine ([::1])', async () => {
        process.env.HTTP_PROXY = proxyUrl;
        await ask('http://[::1]:1/').catch(() => undefined);
        expect(proxied).to.deep.equal([]);
      });

      it('is HTTP/1.1 through a proxy as well', async () => {
        process.env.HTTPS_PROXY = proxyUrl;
        await ask(secure);
        expect([proxied, versions]).to.deep.equal([['CONNECT orders.invalid:443'], ['1.1']]);
      });

      it('leads to an error with a code and the host, and nothing of the request', async () => {
        const secret = randomBytes(16).toString('hex');
        const error = await ask(`http://127.0.0.1:1/?secret=${secret}`).catch((thrown: unknown) => thrown);
        expect(error).to.include({ name: 'NoAnswerError', host: '127.0.0.1:1', code: 'PORT_BLOCKED' });
        const all = JSON.stringify(error, Object.getOwnPropertyNames(error));
        expect(all).not.to.include(secret).and.not.to.include('cause');
      });
    });
  }
});
