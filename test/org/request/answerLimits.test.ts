import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { strToU8, zipSync } from 'fflate';
import { createHttpClient } from '../../../src/client/httpClient.ts';
import { newWay } from '../../../src/net/exchange.ts';
import { NoAnswerError } from '../../../src/net/noAnswer.ts';
import { exchangeWithOrg } from '../../../src/org/request/orgExchange.ts';
import { unzip } from '../../../src/org/app/retrieve.ts';

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
