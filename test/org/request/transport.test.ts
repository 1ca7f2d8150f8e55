import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Connection } from '@salesforce/core';
import { expect } from 'chai';

import { askOrg } from '../../../src/org/request/orgError.ts';
import { query } from '../../../src/org/request/query.ts';
import { Lifecycle, type SfError } from '../../../src/salesforce.ts';
import { connectTo } from '../../connectTo.ts';
import { withShortPauses } from '../../shortPauses.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const ROWS = { totalSize: 1, done: true, records: [{ Id: '005000000000001AAA' }] };

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const html =
  (status: number): Answer =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'text/html' })
      .end('<html><body>Down for maintenance</body></html>');
const soapFault = (code: string): Answer => {
  const fault = `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: no</faultstring></soapenv:Fault>`;
  return (_request, response) =>
    void response
      .writeHead(500, { 'content-type': 'text/xml;charset=UTF-8' })
      .end(`<soapenv:Envelope xmlns:soapenv="x"><soapenv:Body>${fault}</soapenv:Body></soapenv:Envelope>`);
};
const refusal = (status: number, errorCode: string): Answer => json(status, [{ errorCode, message: 'no' }]);
const reset: Answer = (request) => void request.socket.destroy();
const silence: Answer = () => undefined;
const truncated: Answer = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"records":[', () => setImmediate(() => request.socket.destroy()));
};
const fine = json(200, ROWS);

describe('requests on the wire', () => {
  withShortPauses({ limits: 'short' });
  let server: Server;
  let url: string;
  /** Requests for what a test is about, and those for a token. */
  let asked: string[];
  let tokens: string[];
  let answers: Answer[];
  let loginAnswers: Answer[];

  beforeEach(async () => {
    [asked, tokens, answers, loginAnswers] = [[], [], [], []];
    server = createServer((request, response) => {
      request
        .resume()
        .on('end', () => {
          const path = request.url?.split('?')[0] ?? '';
          if (path.endsWith('/oauth2/token'))
            return (tokens.push(path), loginAnswers.shift() ?? token)(request, response);
          // What Salesforce's library wants to know of an org after it got a token.
          if (!path.includes('67.0')) return fine(request, response);
          asked.push(`${request.method} ${path}`);
          (answers.shift() ?? fine)(request, response);
        })
        .on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );

  const token: Answer = (request, response) =>
    json(200, {
      access_token: randomBytes(20).toString('hex'),
      instance_url: url,
      id: `${url}/id/00D000000000001AAA/005000000000001AAA`,
    })(request, response);

  const connect = (): Promise<Connection> => connectTo({ url, accessToken: randomBytes(20).toString('hex') });

  const look = (connection: Connection): Promise<Array<{ Id: string }>> =>
    query<{ Id: string }>(connection, 'looking', 'SELECT Id FROM User');

  const write = (connection: Connection): Promise<unknown> =>
    askOrg(connection, 'writing', () => connection.requestPost('/services/data/v67.0/sobjects/User', {}));

  const errorOf = (run: Promise<unknown>): Promise<SfError> =>
    run.then(
      () => expect.fail('It went well.'),
      (error: SfError) => error,
    );

  const bad: Array<[string, Answer]> = [
    ['status 500', refusal(500, 'UNKNOWN_EXCEPTION')],
    ['a page with status 503', html(503)],
    ['a reset', reset],
    ['a truncated answer', truncated],
    ['silence', silence],
    ['a query that took too long', refusal(400, 'QUERY_TIMEOUT')],
    ['a locked row', refusal(400, 'UNABLE_TO_LOCK_ROW')],
  ];
  for (const [what, answer] of bad) {
    it(`read again after ${what}`, async () => {
      answers = [answer];
      expect(await look(await connect())).to.deep.equal(ROWS.records);
      expect(asked).to.have.length(2);
    });
  }

  it('read the next page again', async () => {
    answers = [json(200, { ...ROWS, done: false, nextRecordsUrl: '/services/data/v67.0/query/01g-2000' }), reset];
    expect(await look(await connect())).to.have.length(2);
    expect(asked.slice(1)).to.deep.equal(Array(2).fill('GET /services/data/v67.0/query/01g-2000'));
  });

  it('give up after a while, and do not begin anew with the next request', async () => {
    const connection = await connect();
    answers = Array<Answer>(20).fill(html(503));
    expect((await errorOf(look(connection))).name).to.equal('OrgAnsweredHtmlError');
    expect(asked).to.have.length(5);
    await errorOf(look(connection));
    expect(asked).to.have.length(6);
    answers = [];
    await look(connection);
    answers = [reset];
    expect(await look(connection)).to.deep.equal(ROWS.records);
  });

  it('do not stay silent for ever', async () => {
    answers = [silence, silence, silence];
    const error = await errorOf(look(await connect()));
    expect(error.name).to.equal('OrgSilentError');
    expect(error.actions?.join()).to.include('again');
    expect(asked).to.have.length(2);
  });

  it('are not cut off while an answer goes on, however long that takes', async () => {
    const text = JSON.stringify(ROWS);
    answers = [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        // More than the longest silence altogether, which is 1.2 s here.
        [...text].forEach((character, index) => setTimeout(() => response.write(character), index * 3000));
        setTimeout(() => response.end(), text.length * 3000);
      },
    ];
    expect(await look(await connect())).to.deep.equal(ROWS.records);
    expect(asked).to.have.length(1);
  });

  it('name limits, and do not use up more of them', async () => {
    answers = [refusal(403, 'REQUEST_LIMIT_EXCEEDED')];
    expect((await errorOf(look(await connect()))).name).to.equal('RequestLimitError');
    expect(asked).to.have.length(1);
  });

  it('say at once when an org was never there', async () => {
    const connection = await connect();
    await new Promise((resolve) => server.close(resolve));
    const error = await errorOf(look(connection));
    expect(error.name).to.equal('OrgUnreachableError');
    expect(error.message).to.include('ECONNREFUSED');
    server.listen(0, '127.0.0.1');
  });

  it('do not take a page that a proxy shows for an answer', async () => {
    answers = [html(200)];
    expect((await errorOf(write(await connect()))).name).to.equal('OrgAnsweredHtmlError');
  });

  it('go through the proxy that the environment names, but not to this machine', async () => {
    const before = process.env.HTTPS_PROXY;
    process.env.HTTPS_PROXY = url;
    const tunnels: string[] = [];
    server.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      socket.destroy();
    });
    try {
      await look(await connect());
      expect(asked).to.deep.equal(['GET /services/data/v67.0/query']);
      const far = await connectTo({ url: 'https://acme.example', accessToken: randomBytes(20).toString('hex') });
      await look(far).catch(() => undefined);
      expect([...asked.slice(1), ...tunnels].join()).to.match(/acme\.example/);
    } finally {
      delete process.env.HTTPS_PROXY;
      if (before !== undefined) process.env.HTTPS_PROXY = before;
    }
  });

  it('follow an org that has moved, with the session, and only within its domain', async () => {
    const moved =
      (location: string): Answer =>
      (_request, response) =>
        void response.writeHead(302, { location }).end();
    answers = [moved('/services/data/v67.0/elsewhere')];
    expect(await look(await connect())).to.deep.equal(ROWS.records);
    expect(asked[1]).to.equal('GET /services/data/v67.0/elsewhere');
    answers = [moved('http://elsewhere.example/services/data/v67.0/query')];
    expect((await errorOf(look(await connect()))).message).to.include('elsewhere.example');
    answers = [moved('/services/data/v67.0/elsewhere')];
    expect((await errorOf(write(await connect()))).message).to.include('ERROR_HTTP_302');
  });

  it('tell once that the org lets one wait', async () => {
    const told: string[] = [];
    Lifecycle.getInstance().onWarning((warning) => Promise.resolve(void told.push(warning)));
    const connection = await connect();
    answers = [reset, reset, reset, reset];
    await look(connection);
    answers = [reset, reset, reset, reset];
    await look(connection);
    Lifecycle.getInstance().removeAllListeners(Lifecycle.warningEventName);
    expect(told).to.have.length(1);
    expect(told[0]).to.include('UND_ERR_SOCKET');
  });

  describe('that write', () => {
    for (const [what, answer] of [
      ['a reset', reset],
      ['a page with status 503', html(503)],
      ['status 500', refusal(500, 'UNKNOWN_EXCEPTION')],
      ['a truncated answer', truncated],
    ] as const) {
      it(`are not sent twice after ${what}: who knows what became of them`, async () => {
        answers = [answer];
        const error = await errorOf(write(await connect()));
        expect(error.name).to.match(/^(OrgUnreachable|OrgAnsweredHtml|OrgBusy)Error$/);
        expect(asked).to.have.length(1);
      });
    }

    for (const code of ['UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE']) {
      it(`are sent again when the org says that it did nothing (${code})`, async () => {
        answers = [fine, refusal(400, code)];
        const connection = await connect();
        await look(connection);
        await write(connection);
        expect(asked).to.have.length(3);
      });
    }
  });

  describe('by SOAP', () => {
    const soap = (connection: Connection): Promise<unknown> =>
      askOrg(connection, 'looking', () => connection.metadata.checkRetrieveStatus('09S000000000001AAA'));
    const status = (_request: IncomingMessage, response: ServerResponse): void =>
      void response
        .writeHead(200, { 'content-type': 'text/xml' })
        .end(
          '<soapenv:Envelope xmlns:soapenv="x"><soapenv:Body><checkRetrieveStatusResponse><result><done>true</done></result></checkRetrieveStatusResponse></soapenv:Body></soapenv:Envelope>',
        );

    for (const [what, answer] of [
      ...bad.slice(0, 5),
      ['a server that is overloaded', soapFault('SERVER_UNAVAILABLE')],
    ] as const) {
      it(`read again after ${what}`, async () => {
        answers = [answer, status];
        expect(await soap(await connect())).to.deep.include({ done: true });
      });
    }

    it('take a refusal for one, though its status is 500 as well', async () => {
      answers = [soapFault('INVALID_TYPE')];
      expect((await errorOf(soap(await connect()))).message).to.include('INVALID_TYPE');
      expect(asked).to.have.length(1);
    });
  });

  describe('of a session that is over', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wire-'));
    const keyFile = join(folder, 'jwt.key');
    after(() => rmSync(folder, { recursive: true }));

    /** A login that gets new tokens with a key. */
    const connectByKey = async (): Promise<Connection> => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const authInfo = (await connect()).getAuthInfo();
      authInfo.update({ privateKey: keyFile, clientId: 'PlatformCLI', loginUrl: url });
      return Connection.create({ authInfo, connectionOptions: { version: '67.0' } });
    };

    const expired = refusal(401, 'INVALID_SESSION_ID');
    for (const [what, ask] of [
      ['REST', look],
      [
        'a deploy',
        (connection: Connection) =>
          askOrg(
            connection,
            'deploying',
            async () => connection.metadata.deployRest(Buffer.from('PK'), {}) as PromiseLike<unknown>,
          ),
      ],
    ] as const) {
      it(`get a new one, once, and are sent again (${what})`, async () => {
        const connection = await connectByKey();
        answers = [expired];
        await ask(connection);
        expect(tokens).to.have.length(1);
        expect(asked.at(-1)).to.equal(asked[0]);
      });
    }

    it('by SOAP get a new one as well', async () => {
      const connection = await connectByKey();
      answers = [soapFault('INVALID_SESSION_ID'), soapFault('INVALID_TYPE')];
      await errorOf(askOrg(connection, 'looking', () => connection.metadata.checkRetrieveStatus('09S000000000001AAA')));
      expect(asked).to.have.length(2);
      expect(tokens).to.have.length(1);
    });

    it('end when the new one is refused, too', async () => {
      const connection = await connectByKey();
      answers = [expired, expired, expired];
      expect((await errorOf(look(connection))).name).to.equal('SessionInvalidError');
      expect(tokens).to.have.length(1);
    });

    it('ask again for a new one when the login is overloaded', async () => {
      const connection = await connectByKey();
      answers = [expired, expired];
      loginAnswers = [html(503), html(503), html(503)];
      expect(await look(connection)).to.deep.equal(ROWS.records);
    });

    it('say that the login is out of reach when it stays so', async () => {
      const connection = await connectByKey();
      answers = Array<Answer>(20).fill(expired);
      loginAnswers = Array<Answer>(50).fill(reset);
      expect((await errorOf(look(connection))).name).to.equal('LoginOutOfReachError');
    });

    it('say what to do when there is no way to a new one', async () => {
      answers = [expired];
      const error = await errorOf(look(await connect()));
      expect(error.name).to.equal('SessionInvalidError');
      expect(error.actions?.join()).to.include('sf org login');
      expect(asked).to.have.length(1);
    });
  });
});
