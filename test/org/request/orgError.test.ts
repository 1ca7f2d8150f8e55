import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SfError } from '@salesforce/core';
import { expect } from 'chai';

import { isAbsent, isInterruption, isKeptBack, isPassing, isRefusal } from '../../../src/app/errorNature.ts';
import { NoAnswerError } from '../../../src/net/noAnswer.ts';
import { askOrg, orgError } from '../../../src/org/request/orgError.ts';
import { connectTo } from '../../connectTo.ts';

const TOKEN = `00D000000000001!${'x'.repeat(20)}${Date.now()}`;

describe('an org that says no', () => {
  let server: Server;

  /** What comes of a request that the org answers in one way. */
  const answeredBy = async (listener: RequestListener): Promise<SfError> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const connection = await connectTo({ url, accessToken: TOKEN });
    return askOrg(connection, 'counting sheep', () => connection.requestPost('/services/data/v67.0/sheep', {})).then(
      () => expect.fail('it was no refusal'),
      (error: SfError) => error,
    );
  };

  const answer =
    (status: number, type: string, body: string): RequestListener =>
    (_request, response) =>
      response.writeHead(status, { 'content-type': type }).end(body);

  const json = (status: number, body: unknown): RequestListener =>
    answer(status, 'application/json', JSON.stringify(body));

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const cases: Array<[what: string, listener: RequestListener, name: string, says: string]> = [
    [
      '403 REQUEST_LIMIT_EXCEEDED',
      json(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]),
      'RequestLimitError',
      'TotalRequests Limit exceeded.',
    ],
    [
      'a right that is missing',
      json(403, [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'not for you' }]),
      'InsufficientAccessError',
      'not for you',
    ],
    [
      'a refusal of its own kind',
      json(400, [{ errorCode: 'ODD', message: 'something else' }]),
      'OrgSaidNoError',
      'ODD: something else',
    ],
    ['500', json(500, [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'oops' }]), 'OrgBusyError', 'oops'],
    [
      'too many requests at once',
      json(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests Limit exceeded.' }]),
      'ConcurrentLimitError',
      'ConcurrentRequests Limit exceeded.',
    ],
    [
      'a web page',
      answer(503, 'text/html', '<html><body>Down for maintenance</body></html>'),
      'OrgAnsweredHtmlError',
      'web page',
    ],
    [
      'nothing: the connection breaks',
      (request) => request.socket.destroy(),
      'OrgUnreachableError',
      'could not be reached',
    ],
  ];

  for (const [what, listener, name, says] of cases) {
    it(`names ${what}, and says what to do next`, async () => {
      const error = await answeredBy(listener);
      expect(error.name, error.message).to.equal(name);
      expect(error.message).to.include(says).and.include('counting sheep');
      expect(error.actions).to.have.length.greaterThan(0);
    });
  }

  it('names a login that has run out', async () => {
    const error = await answeredBy(
      json(401, [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]),
    );
    expect(error.name, error.message).to.equal('SessionInvalidError');
    expect(error.actions?.join()).to.include('sf org login');
  });

  it('keeps nothing of the request or the answer but the message', async () => {
    const error = await answeredBy(json(400, [{ errorCode: 'ODD', message: 'no', secret: TOKEN }]));
    expect(error.cause).to.equal(undefined);
    expect(error.data).to.equal(undefined);
    expect(JSON.stringify(error.toObject())).not.to.include(TOKEN);
  });

  it('shortens an answer of pages to a line', () => {
    const error = orgError(Object.assign(new Error(`a\n${'b'.repeat(5000)}`), { errorCode: 'LONG' }), 'reading');
    expect(error.message).not.to.include('\n');
    expect(error.message.length).to.be.lessThan(600);
  });

  it("does not let an org's words command the terminal", () => {
    const error = orgError(Object.assign(new Error('a\u001b[2Jb\u202Ec'), { errorCode: 'ODD' }), 'reading');
    expect(error.message).to.include('a<U+001B>[2Jb<U+202E>c');
  });

  it('names a login that cannot be refreshed', () => {
    const error = orgError(new Error('Unable to refresh session due to: expired access/refresh token'), 'reading');
    expect(error.name).to.equal('SessionInvalidError');
  });

  it('leaves an error alone that has a next step already', () => {
    const named = orgError(new Error('x'), 'reading');
    expect(orgError(named, 'writing')).to.equal(named);
  });

  it('names the login whose token SOAP refuses', () => {
    const error = orgError(
      new Error('SOAP API does not support JWT-based access tokens for API versions below 68.0.'),
      'reading',
    );
    expect(error.name).to.equal('JwtLoginError');
  });

  const natures: Array<[code: string, meant: Array<typeof isPassing>]> = [
    ['UND_ERR_SOCKET', [isPassing]],
    ['ORG_SILENT', [isPassing]],
    ['ANSWER_TOO_LARGE', []],
    ['SERVER_UNAVAILABLE', [isPassing]],
    ['ERROR_HTTP_503', [isPassing]],
    ['UNABLE_TO_LOCK_ROW', [isPassing]],
    ['sf:UNABLE_TO_LOCK_ROW', [isPassing]],
    ['INSUFFICIENT_ACCESS_OR_READONLY', [isRefusal, isKeptBack]],
    ['INVALID_SESSION_ID', [isRefusal]],
    ['API_CURRENTLY_DISABLED', [isRefusal]],
    ['REQUEST_LIMIT_EXCEEDED', []],
    ['FOREIGN_HOST', []],
    ['ODD', [isKeptBack]],
    ['ENTITY_IS_DELETED', [isKeptBack, isAbsent]],
    ['INVALID_CROSS_REFERENCE_KEY', [isKeptBack, isAbsent]],
  ];
  for (const [code, meant] of natures) {
    it(`says with ${code} that it is ${meant.map(({ name }) => name).join(' and ') || 'nothing in particular'}`, () => {
      const thrown = /^(UND|ORG|ANSWER)_/.test(code)
        ? new NoAnswerError('orders.example.com', code)
        : Object.assign(new Error('no'), { errorCode: code });
      const error = orgError(thrown, 'reading');
      const asked = [isPassing, isRefusal, isKeptBack, isAbsent, isInterruption];
      expect(asked.filter((ask) => ask(error))).to.deep.equal(meant);
      // Its name alone means nothing.
      expect(asked.some((ask) => ask(Object.assign(new Error('no'), { name: error.name })))).to.equal(false);
    });
  }
});
