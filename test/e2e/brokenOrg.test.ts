import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

import { expect } from 'chai';

import { createPracticeServer } from '../../src/practice/practice.ts';
import { type Cli, createCli } from './cli.ts';
import { logIn } from './login.ts';

/** How an org, or what stands between it and us, can fail: what it answers to everything. */
const failures: Record<string, RequestListener> = {
  'answers 401': (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify([{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]));
  },
  'answers 500': (_request, response) => {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end('Internal Server Error');
  },
  'answers with a web page': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html><body><h1>Down for maintenance</h1></body></html>');
  },
  'hangs up': (request) => {
    request.socket.destroy();
  },
};

describe('an org that fails', () => {
  let cli: Cli;
  let port: number;
  let server: Server | undefined;

  before(async () => {
    // A practice org for as long as the login takes; then whatever the test puts on its port.
    const practice = await createPracticeServer();
    cli = createCli();
    port = practice.port;
    await logIn(cli, {
      username: String(practice.org.seeded.admin.Username),
      alias: 'broken',
      instanceUrl: practice.url,
      accessToken: practice.accessToken,
    });
    await practice.close();
  });

  afterEach(async () => {
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    server = undefined;
  });

  after(() => cli?.remove());

  const expectGoodError = async (): Promise<void> => {
    const error = await cli.json([
      'eca',
      'create',
      '--name',
      'Any',
      '--contact-email',
      'it@example.com',
      '-o',
      'broken',
    ]);
    expect(error.status).to.equal(1);
    expect(error.name).to.not.match(/^(Type|Syntax|Range)Error$/);
    expect(error.message).to.not.match(/undefined|\[object|<html/i);
    expect(error.actions, error.message).to.be.an('array').that.is.not.empty;
  };

  for (const [title, listener] of Object.entries(failures)) {
    it(`that ${title} gets a clear error with a next step`, async () => {
      server = createServer(listener).listen(port, '127.0.0.1');
      await once(server, 'listening');
      await expectGoodError();
    });
  }

  it('that is not there gets a clear error with a next step', expectGoodError);
});
