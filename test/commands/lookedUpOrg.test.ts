import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaList from '../../src/commands/eca/list.ts';
import { failure, logIn } from './practice.ts';

const megabyte = Buffer.alloc(1_000_000, 'x');
/** Far more than a run may read, and less than what ends the process of the tests. */
const MEGABYTES_MAX = 400;

describe('an org that answers without end when it is looked up', function () {
  this.timeout(120_000);
  const $$ = new TestContext();
  let server: Server;
  let megabytes: number;
  let asked: Array<{ url: string; sentBefore: number }>;

  beforeEach(async () => {
    [megabytes, asked] = [0, []];
    server = createServer((request, response) => {
      asked.push({ url: request.url ?? '', sentBefore: megabytes });
      const last = megabytes + MEGABYTES_MAX;
      response.writeHead(200, { 'content-type': 'application/json' }).write('["');
      const sendOn = async (): Promise<void> => {
        while (!response.destroyed && megabytes < last) {
          if (response.writableNeedDrain) await turn();
          else {
            megabytes += 1;
            response.write(megabyte);
          }
        }
        if (!response.destroyed) response.end('"]');
      };
      void sendOn();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(() => {
    // The library's connections stay open: cut off, one would throw an error that nobody can catch.
    server.close();
    process.exitCode = undefined;
  });

  it('is not read to the end', async () => {
    const username = 'admin@endless.example';
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await logIn($$, username, url, `00D${'x'.repeat(12)}!${'y'.repeat(40)}`);
    const error = await failure(EcaList.run(['--target-org', username]));
    expect(error.name).to.equal('AnswerTooLargeError');
    expect(asked[0]).to.deep.equal({ url: '/services/data', sentBefore: 0 });
    // The library asks for something else as soon as it has given up on the first answer.
    expect(asked[1]?.sentBefore).to.be.lessThan(MEGABYTES_MAX);
  });
});
