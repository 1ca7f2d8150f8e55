import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { expect } from 'chai';
import { strToU8, zipSync } from 'fflate';
import { createSandbox } from 'sinon';

import { createHttpClient } from '../../../src/client/httpClient.ts';
import { newWay } from '../../../src/net/exchange.ts';
import { NoAnswerError } from '../../../src/net/noAnswer.ts';
import { unzip } from '../../../src/org/app/retrieve.ts';
import { exchangeWithOrg } from '../../../src/org/request/orgExchange.ts';
import { query } from '../../../src/org/request/query.ts';
import { connectTo } from '../../connectTo.ts';

/** Lets what has come over the wire be read. */
const nextTurns = (turns: number, work: () => void): void =>
  void setImmediate(() => (turns > 0 ? nextTurns(turns - 1, work) : work()));

describe('an answer without an end', function () {
  this.timeout(60_000);
  let server: Server;
  let url: string;
  let listener: RequestListener;

  beforeEach(async () => {
    server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const packed = gzipSync(Buffer.alloc(400_000_000, ' '));

  it('is not unpacked to its end, in what the org sends', async () => {
    listener = (_request, response) => response.setHeader('content-encoding', 'gzip').end(packed);
    const before = process.memoryUsage().rss;
    const error = await exchangeWithOrg({ method: 'GET', url }, newWay()).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(NoAnswerError).and.include({ code: 'ANSWER_TOO_LARGE' });
    expect(process.memoryUsage().rss - before).to.be.below(400_000_000);
  });

  it('is not unpacked to its end, in what a client is sent', async () => {
    listener = (_request, response) => response.setHeader('content-encoding', 'gzip').end(packed);
    const error = await createHttpClient()(url).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(NoAnswerError).and.include({ code: 'ANSWER_TOO_LARGE' });
  });

  it('is taken when it is as large as a thousand apps and more', async () => {
    listener = (_request, response) => response.end(Buffer.alloc(40_000_000, ' '));
    expect((await exchangeWithOrg({ method: 'GET', url }, newWay())).body).to.have.length(40_000_000);
  });

  describe('in time', () => {
    const sandbox = createSandbox();
    afterEach(() => sandbox.restore());

    /** Drips a byte each time that so many seconds are over, by a clock that nobody else moves. */
    const dripping = (seconds: number): void => {
      // No others are faked: the wire itself goes on.
      const clock = sandbox.useFakeTimers({ now: Date.now(), toFake: ['setTimeout', 'clearTimeout', 'Date'] });
      listener = (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = (): void => {
          if (response.destroyed) return;
          response.write(' ');
          // The byte has arrived before the clock goes on.
          nextTurns(20, () => {
            clock.tick(seconds * 1000);
            drip();
          });
        };
        drip();
      };
    };

    for (const [seconds, error, longest] of [
      [60, { name: 'NoAnswerError', code: 'ANSWER_TOO_SLOW' }, 600],
      [110, { name: 'NoAnswerError', code: 'ANSWER_TOO_SLOW' }, 600],
      [130, { name: 'NoAnswerError', code: 'ORG_SILENT' }, 130],
    ] as const) {
      it(`ends after ${longest} seconds where a byte comes every ${seconds}`, async () => {
        dripping(seconds);
        const began = Date.now();
        const thrown = await exchangeWithOrg({ method: 'GET', url }, newWay()).catch((reason: unknown) => reason);
        expect(thrown).to.include(error);
        expect((Date.now() - began) / 1000).to.be.within(longest, longest + 2 * seconds);
      });
    }

    it('ends for all pages of a query together', async () => {
      const clock = sandbox.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
      let pages = 0;
      listener = (_request, response) => {
        // Each page comes just in time for itself.
        clock.tick(119_000);
        const nextRecordsUrl = `/services/data/v67.0/query/01g-${++pages}`;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ done: false, records: [{ Id: '005' }], nextRecordsUrl }));
      };
      const connection = await connectTo({ url: url.slice(0, -1), accessToken: 'token' });
      const thrown = await query(connection, 'looking', 'SELECT Id FROM User').catch((reason: unknown) => reason);
      expect(thrown).to.have.property('name', 'AnswerTooSlowError');
      expect(pages).to.equal(6);
    });

    it('ends for all answers of a run together, and leaves it time to put back what it changed', async () => {
      const clock = sandbox.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
      let answers = 0;
      listener = (_request, response) => {
        answers++;
        clock.tick(500_000);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ done: true, records: [] }));
      };
      const connection = await connectTo({ url: url.slice(0, -1), accessToken: 'token' });
      const ask = (): Promise<unknown> =>
        query(connection, 'looking', 'SELECT Id FROM User').then(
          () => 'answered',
          (error: Error) => error.name,
        );
      // An hour in which somebody thinks about a question is not the org's.
      const asked: unknown[] = [];
      for (let count = 0; count < 20; count++) {
        clock.tick(3_600_000);
        asked.push(await ask());
      }
      const answered = (count: number): string[] => Array<string>(count).fill('answered');
      const ended = 'AnswerTooSlowError';
      expect(asked).to.deep.equal([...answered(15), ended, ...answered(1), ended, ended, ended]);
      expect(answers).to.equal(16);
    });
  });

  for (const [what, files] of [
    ['one large file', { 'a.eca': strToU8(' '.repeat(1_000_001)) }],
    [
      'many files',
      Object.fromEntries(Array.from({ length: 60 }, (_none, at) => [`${at}.eca`, strToU8(' '.repeat(999_999))])),
    ],
  ] as const) {
    it(`is not unpacked when it is a zip with ${what}`, async () => {
      const error = await unzip(zipSync(files)).catch((thrown: unknown) => thrown);
      expect(error).to.include({ name: 'MetadataUnreadableError' });
    });
  }

  it('is not unpacked when it is a zip whose entry is larger than it says', async () => {
    const zip = zipSync({ 'a.eca': strToU8(' '.repeat(900_000)) });
    // The size is at 24 of the entry in the list at the end (PKWARE's APPNOTE, 4.3.12).
    const list = Buffer.from(zip).indexOf('PK\u0001\u0002');
    new DataView(zip.buffer, zip.byteOffset).setUint32(list + 24, 10, true);
    const read = await unzip(zip).catch(() => ({}));
    expect(Object.values(read).join('').length).to.be.at.most(10);
  });

  it('is a zip with a thousand apps that is taken', async () => {
    const names = Array.from({ length: 5000 }, (_none, at) => `externalClientApps/App_${at}.eca`);
    const zip = zipSync(Object.fromEntries(names.map((name) => [name, strToU8('<a>'.repeat(700))])));
    expect(Object.keys(await unzip(zip))).to.have.length(5000);
  });
});
