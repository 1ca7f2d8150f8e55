import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';

import { isProblem } from '../../src/app/problem.ts';
import { Secret } from '../../src/app/secret.ts';
import { type Destination, itemsOf } from '../../src/app/targets/targets.ts';
import { lookAtTarget, sendPair } from '../../src/client/sending.ts';
import { findProgram } from '../../src/local/program.ts';
import { newKeyPair } from '../../src/practice/keyPairs.ts';
import { createPracticeServer } from '../../src/practice/practice.ts';

/** What GitHub's API was asked. `github.localhost` is the one host for which `gh` takes plain HTTP. */
const openGithub = async (): Promise<{ asked: string[]; bodies: string[]; server: Server; port: number }> => {
  const asked: string[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push(`${request.method} ${new URL(request.url ?? '', 'http://api.github.localhost').pathname}`);
      bodies.push(body);
      response.setHeader('content-type', 'application/json');
      const key = { key_id: '1', key: Buffer.alloc(32, 9).toString('base64') };
      if (request.method === 'GET')
        response.end(JSON.stringify(asked.at(-1)?.endsWith('public-key') ? key : { total_count: 0, secrets: [] }));
      else response.writeHead(201).end('{}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { asked, bodies, server, port: (server.address() as AddressInfo).port };
};

describe('sending to a target', function () {
  this.timeout(30_000);
  const { signal } = new AbortController();

  it("is what GitHub's own gh does, where this machine has it", async () => {
    if ((await findProgram('gh')) === undefined) return;
    const github = await openGithub();
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: `http://127.0.0.1:${github.port}`, GH_TOKEN: 'of-nobody' });
    try {
      const practice = await createPracticeServer();
      const { key, secret } = newKeyPair(practice.org);
      await practice.close();
      const destination: Destination = { to: 'github', place: { repo: 'github.localhost/acme/orders' } };
      const ready = await lookAtTarget(destination, itemsOf({}), signal);
      if ('why' in ready) throw new Error(JSON.stringify(ready));
      const sent = await sendPair(ready, { consumerKey: key, consumerSecret: new Secret(secret) }, signal);
      expect(sent).to.deep.include({ sent: true });
      expect(isProblem(sent)).to.equal(false);
      const secrets = '/repos/acme/orders/actions/secrets';
      expect(github.asked[0]).to.equal(`GET ${secrets}`);
      expect(github.asked.slice(2).sort()).to.deep.equal([
        `PUT ${secrets}/SALESFORCE_CLIENT_ID`,
        `PUT ${secrets}/SALESFORCE_CLIENT_SECRET`,
      ]);
      expect(github.bodies.join('')).to.include('encrypted_value').and.to.not.include(secret);
    } finally {
      for (const name of ['HTTP_PROXY', 'GH_TOKEN']) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
      github.server.closeAllConnections();
      github.server.close();
    }
  });
});
