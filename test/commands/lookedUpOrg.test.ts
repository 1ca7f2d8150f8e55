import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaList from '../../src/commands/eca/list.ts';
import { withShortPauses } from '../shortPauses.ts';
import { failure, logIn } from './practice.ts';

const megabyte = Buffer.alloc(1_000_000, 'x');
/** Far more than a run may read, and less than what ends the process of the tests. */
const MEGABYTES_MAX = 400;

describe('an org that answers without end when it is looked up', function () {
  this.timeout(120_000);
  const $$ = new TestContext();
  let server: Server;
  let megabytes: number;
  let asked: Array<string | undefined>;

  beforeEach(async () => {
    [megabytes, asked] = [0, []];
    server = createServer((request, response) => {
      asked.push(request.url);
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
    expect(asked).to.deep.equal(['/services/data']);
    expect(megabytes).to.be.lessThan(MEGABYTES_MAX);
  });
});

describe('an org that does not answer as a whole when it is looked up', function () {
  this.timeout(60_000);
  const $$ = new TestContext();
  const username = 'admin@halting.example';
  let server: Server;
  let answer: (response: ServerResponse) => void;

  withShortPauses({ limits: 'short' });

  beforeEach(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('["');
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await logIn($$, username, url, `00D${'x'.repeat(12)}!${'y'.repeat(40)}`);
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(() => {
    server.close();
    process.exitCode = undefined;
  });

  it('is given up when it cuts the connection', async () => {
    answer = (response) => setImmediate(() => response.destroy());
    const error = await failure(EcaList.run(['--target-org', username]));
    expect(error.name).to.equal('OrgUnreachableError');
    expect(process.hasUncaughtExceptionCaptureCallback()).to.equal(false);
  });

  it('is given up when it sends a letter now and then', async () => {
    const letters = new Set<NodeJS.Timeout>();
    answer = (response) => letters.add(setInterval(() => response.write('x'), 50));
    try {
      const error = await failure(EcaList.run(['--target-org', username]));
      expect(error.name).to.equal('AnswerTooSlowError');
    } finally {
      letters.forEach(clearInterval);
    }
  });
});
