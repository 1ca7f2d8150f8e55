import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'chai';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';

import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
/** What a foreign page, a broken client or somebody with bad intentions may send to a practice org. */
describe('the practice org, asked by a hostile client', () => {
  let server: PracticeServer;

  beforeEach(async () => {
    server = await createPracticeServer();
  });
  afterEach(() => server.close());

  type Sent = { method?: string; headers?: Record<string, string>; body?: string | Uint8Array };

  /** As it is: fetch sets Host, Origin and Sec-Fetch-Site itself. */
  const send = (path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<[number, string]> =>
    new Promise((resolve, reject) => {
      const sent = request(`${server.url}${path}`, { method, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve([answer.statusCode ?? 0, Buffer.concat(chunks).toString()]));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  const authorization = (): Record<string, string> => ({ authorization: `Bearer ${server.accessToken}` });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const isAlive = async (): Promise<void> => {
    const [status] = await send('/services/data/v67.0/query?q=SELECT+Id+FROM+User', { headers: authorization() });
    expect(status, 'it answers others').to.equal(200);
  };

  describe('from a page of another site', () => {
    const foreign: Array<Record<string, string>> = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' },
    ];
    for (const headers of foreign) {
      it(`takes nothing that has ${JSON.stringify(headers)}`, async () => {
        for (const [method, path] of [
          ['POST', '/'],
          ['POST', '/services/oauth2/token'],
          ['POST', '/setup/connect'],
          ['POST', '/setup/secur/RemoteAccessAuthorizationPage.apexp'],
          ['POST', '/__practice/clock'],
          ['DELETE', '/__practice/requests'],
          ['PUT', '/nothing'],
        ] as const) {
          const [status] = await send(path, { method, headers: { ...form, ...headers } });
          expect([path, status]).to.deep.equal([path, 403]);
        }
      });

      it(`shows itself to ${JSON.stringify(headers)}: that is how an app sends somebody to log in`, async () => {
        expect((await send('/', { headers }))[0]).to.equal(200);
      });
    }

    it('takes what its own pages and clients without a browser send', async () => {
      const ours: Array<Record<string, string>> = [
        {},
        { origin: server.url },
        { 'sec-fetch-site': 'same-origin' },
        { 'sec-fetch-site': 'none' },
      ];
      for (const headers of ours) {
        const [status, text] = await send('/services/oauth2/token', {
          method: 'POST',
          headers: { ...form, ...headers },
          body: 'grant_type=nothing',
        });
        expect([status, JSON.parse(text)]).to.deep.equal([
          400,
          { error: 'unsupported_grant_type', error_description: 'grant type not supported' },
        ]);
      }
    });

    it('lets nobody read its answers, nor take them for something else', async () => {
      const answer = await fetch(`${server.url}/__practice/requests`, { headers: { origin: 'https://evil.example' } });
      expect(answer.headers.get('access-control-allow-origin')).to.equal(null);
      expect(answer.headers.get('x-content-type-options')).to.equal('nosniff');
      const preflight = await fetch(`${server.url}/__practice/clock`, { method: 'OPTIONS' });
      expect(preflight.headers.get('access-control-allow-methods')).to.equal(null);
    });

    for (const elsewhere of [
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
      'https://x',
    ]) {
      it(`leads nobody to ${JSON.stringify(elsewhere)} after a login`, async () => {
        const { admin } = server.org.seeded;
        const { token } = server.org.openSession({
          userId: admin.Id,
          scopes: ['full'],
          format: 'opaque',
          expiresAt: new Date(server.org.now().getTime() + 60_000),
        });
        const query = new URLSearchParams({ sid: token, startURL: elsewhere });
        const answer = await fetch(`${server.url}/secur/frontdoor.jsp?${query.toString()}`, { redirect: 'manual' });
        expect(answer.headers.get('location')).to.equal('/');
      });
    }
  });

  describe('with too much', () => {
    for (const [what, path, bytes] of [
      ['a form', '/services/oauth2/token', 64_000],
      ['its own pages', '/__practice/clock', 64_000],
      ['a record', '/services/data/v67.0/sobjects/User', 1_000_000],
    ] as const) {
      for (const chunked of [false, true]) {
        it(`takes ${bytes} bytes for ${what} and no more, ${chunked ? 'in pieces' : 'announced'}`, async () => {
          const status = async (length: number): Promise<number> => {
            const headers = { ...authorization(), ...form, ...(chunked ? { 'transfer-encoding': 'chunked' } : {}) };
            return (await send(path, { method: 'POST', headers, body: 'a'.repeat(length) }))[0];
          };
          expect(await status(bytes)).not.to.equal(413);
          expect(await status(bytes + 1)).to.equal(413);
          await isAlive();
        });
      }
    }

    it('refuses a deploy that is larger than Salesforce takes, by what it announces', async () => {
      for (const path of ['/services/Soap/m/67.0', '/services/data/v67.0/metadata/deployRequest']) {
        const socket = connect(server.port, '127.0.0.1');
        const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.accessToken}\r\n`;
        socket.write(`${head}Content-Length: 52428801\r\n\r\n`);
        const [chunk] =
          (await new Promise<Buffer[]>((resolve) => socket.once('data', (data) => resolve([data])))) ?? [];
        expect(String(chunk)).to.match(/^HTTP\/1\.1 413 /);
        socket.destroy();
      }
      await isAlive();
    });

    it('answers a path of slashes, an endless query and headers without end at once', async () => {
      const started = process.cpuUsage();
      expect((await send(`/${'/'.repeat(15_000)}x`))[0]).to.equal(404);
      expect((await send(`/x${'/'.repeat(15_000)}`))[0]).to.equal(404);
      expect((await send(`/?${'a=b&'.repeat(3900)}`))[0]).to.equal(200);
      expect((await send('/', { headers: { cookie: 'a=b; '.repeat(4000) } }))[0]).to.equal(431);
      expect(process.cpuUsage(started).user / 1000).to.be.lessThan(3000);
    });
  });

  describe('slowly', () => {
    it('answers others beside a thousand who say nothing, and lets go of who dawdles', async function () {
      this.timeout(60_000);
      const started = performance.now();
      const sockets: Socket[] = [];
      const ended: Array<Promise<unknown>> = [];
      for (let index = 0; index < 1000; index++) {
        const socket = connect(server.port, '127.0.0.1');
        sockets.push(socket);
        ended.push(new Promise((resolve) => socket.on('error', resolve).on('close', resolve)));
        socket.resume();
        // One in ten begins to say something, a line now and then.
        if (index % 10 === 0) socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: 1\r\n');
      }
      const drip = setInterval(
        () => sockets.filter((one) => !one.destroyed).forEach((one) => one.write('X: 1\r\n')),
        3000,
      );
      await isAlive();
      await Promise.race([Promise.all(ended), pause(45_000)]);
      clearInterval(drip);
      const left = sockets.filter((socket) => !socket.destroyed);
      left.forEach((socket) => socket.destroy());
      expect(left).to.have.length(0);
      expect(performance.now() - started).to.be.greaterThan(5000);
      await isAlive();
    });
  });

  describe('in XML', () => {
    const soap = (body: string): Promise<[number, string]> =>
      send('/services/Soap/m/67.0', {
        method: 'POST',
        headers: { 'content-type': 'text/xml', soapaction: '""' },
        body,
      });
    const envelope = (inside: string): string =>
      `<e:Envelope xmlns:e="x"><e:Header><SessionHeader><sessionId>${server.accessToken}</sessionId></SessionHeader></e:Header><e:Body>${inside}</e:Body></e:Envelope>`;
    const fault = (text: string): string | undefined => /<faultcode>([^<]*)<\/faultcode>/.exec(text)?.[1];

    for (const [what, body] of [
      ['entities that multiply', '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
      ['a DOCTYPE in small letters', '<!doctype a SYSTEM "file:///etc/passwd"><a>&x;</a>'],
      ['elements within elements without end', `${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}`],
      ['tags that are never closed', '<a'.repeat(50_000)],
      ['CDATA that is never closed', '<a><![CDATA['.repeat(5000)],
      ['a comment that is never closed', `<a><!--${'-'.repeat(50_000)}`],
      ['nothing', ''],
      ['no XML', randomBytes(1000).toString('latin1')],
      ['an element called constructor', '<constructor/>'],
      ['an element called __proto__', '<__proto__><a>1</a></__proto__>'],
    ] as const) {
      it(`refuses ${what} with a fault`, async () => {
        const [status, text] = await soap(body);
        expect([status, fault(text)]).to.deep.equal([500, 'soapenv:Client']);
        await isAlive();
      });
    }

    it('knows no operation by the name of a method that every object has', async () => {
      for (const name of ['toString', 'valueOf', 'isPrototypeOf']) {
        const [, text] = await soap(envelope(`<${name}/>`));
        expect([name, fault(text)]).to.be.deep.oneOf([
          [name, 'sf:INVALID_OPERATION'],
          [name, 'soapenv:Client'],
        ]);
      }
    });

    it('never breaks down, whatever the elements are called and say', async () => {
      const name = fc.oneof(
        fc.stringMatching(/^[A-Za-z_][\w.-]{0,20}$/),
        fc.constantFrom(
          'constructor',
          'hasOwnProperty',
          'toString',
          'metadata',
          'fullName',
          'type',
          'queries',
          'ZipFile',
        ),
        fc.constantFrom('deploy', 'retrieve', 'readMetadata', 'listMetadata', 'checkDeployStatus', 'upsertMetadata'),
      );
      const text = fc
        .oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('*', '-1', 'NaN', '../../x', 'ExternalClientApplication', '__proto__'),
        )
        .map((said) => said.replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD]/g, '').replace(/[&<>]/g, '.'));
      const { element } = fc.letrec<{ element: string }>((tie) => ({
        element: fc
          .tuple(
            name,
            fc.oneof(
              { maxDepth: 4 },
              text,
              fc.array(tie('element'), { maxLength: 3 }).map((all) => all.join('')),
            ),
          )
          .map(([tag, inside]) => `<${tag}>${inside}</${tag}>`),
      }));
      await fc.assert(
        fc.asyncProperty(element, async (inside) => {
          const [status, answer] = await soap(envelope(inside));
          expect(answer).to.match(/^<\?xml/);
          expect(status).to.be.oneOf([200, 500]);
        }),
        { numRuns: 150 },
      );
      await isAlive();
    });
  });

  describe('in a deploy', () => {
    const deploy = async (files: Record<string, Uint8Array>): Promise<[number, string]> => {
      const body = new FormData();
      body.set('json', JSON.stringify({ deployOptions: { singlePackage: true, rollbackOnError: true } }));
      body.set('file', new Blob([Buffer.from(zipSync(files, { level: 1 }))]), 'package.zip');
      const path = `${server.url}/services/data/v67.0/metadata/deployRequest`;
      const answer = await fetch(path, { method: 'POST', headers: authorization(), body });
      return [answer.status, await answer.text()];
    };
    const manifest = strToU8(
      '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><version>67.0</version></Package>',
    );

    it('refuses a small zip that is large unpacked', async function () {
      this.timeout(60_000);
      const zeros = new Uint8Array(11_000_000);
      const bomb = Object.fromEntries(
        Array.from({ length: 10 }, (_, nth) => [`externalClientApps/A${nth}.eca`, zeros]),
      );
      const [status, text] = await deploy({ 'package.xml': manifest, ...bomb });
      expect([status, text]).to.deep.equal([
        400,
        '[{"errorCode":"LIMIT_EXCEEDED","message":"Unpacked, the zip has more than 100000000 bytes"}]',
      ]);
    });

    it('refuses more files than Salesforce takes', async function () {
      this.timeout(60_000);
      const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, nth) => [`a/${nth}`, new Uint8Array()]));
      expect((await deploy(many))[1]).to.include('Too many files in zip');
    });

    it('takes a path that leads out of the package for the name of a stray file', async () => {
      const outside = { '../../../etc/passwd': strToU8('x'), '/etc/passwd': strToU8('x'), __proto__x: strToU8('x') };
      const [status, text] = await deploy({ 'package.xml': manifest, ...outside });
      expect(status).to.equal(201);
      const { id } = JSON.parse(text) as { id: string };
      const path = `/services/data/v67.0/metadata/deployRequest/${id}?includeDetails=true`;
      const [, result] = await send(path, { headers: authorization() });
      expect(result.match(/Not in package\.xml/g)).to.have.length(3);
    });

    it('refuses what is no zip, or less than one', async () => {
      const whole = Buffer.from(zipSync({ 'package.xml': manifest }));
      for (const zip of [Buffer.alloc(0), randomBytes(5000), whole.subarray(0, whole.length - 30)]) {
        const body = new FormData();
        body.set('json', JSON.stringify({ deployOptions: {} }));
        body.set('file', new Blob([zip]), 'package.zip');
        const path = `${server.url}/services/data/v67.0/metadata/deployRequest`;
        const answer = await fetch(path, { method: 'POST', headers: authorization(), body });
        expect([answer.status, await answer.text()]).to.deep.equal([
          400,
          '[{"errorCode":"INVALID_ZIP_FILE","message":"Zip file is not valid"}]',
        ]);
      }
    });
  });

  describe('in JSON and SOQL', () => {
    const post = (path: string, body: string): Promise<[number, string]> =>
      send(path, { method: 'POST', headers: { ...authorization(), 'content-type': 'application/json' }, body });

    it('refuses lists within lists without end', async () => {
      const [status, text] = await post('/services/data/v67.0/sobjects/User', '['.repeat(300_000));
      expect([status, text]).to.deep.equal([
        400,
        '[{"message":"The request body is not a JSON object.","errorCode":"JSON_PARSER_ERROR","fields":[]}]',
      ]);
      const deep = `${'{"Name":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
      expect((await post('/services/data/v67.0/sobjects/PermissionSet', deep))[0]).to.equal(400);
      await isAlive();
    });

    it('never breaks down, whatever a record says', async () => {
      const key = fc.oneof(fc.constantFrom('Name', 'Label', '__proto__', 'constructor', 'Id'), fc.string());
      await fc.assert(
        fc.asyncProperty(fc.dictionary(key, fc.jsonValue(), { noNullPrototype: false }), async (record) => {
          const [status, text] = await post('/services/data/v67.0/sobjects/PermissionSet', JSON.stringify(record));
          expect(status, text).to.be.oneOf([201, 400]);
        }),
        { numRuns: 100 },
      );
      expect(({} as { Name?: unknown }).Name, 'prototype').to.equal(undefined);
    });

    for (const [what, soql] of [
      ['conditions within conditions', `SELECT Id FROM User WHERE ${'('.repeat(2000)}Id = 'x'${')'.repeat(2000)}`],
      ['NOT after NOT', `SELECT Id FROM User WHERE ${'NOT '.repeat(2000)}Id = 'x'`],
      ['hundreds of conditions', `SELECT Id FROM User WHERE ${Array(400).fill("Name = 'x'").join(' OR ')}`],
      ['a pattern of wildcards', `SELECT Id FROM User WHERE Username LIKE '${'%a'.repeat(1000)}%'`],
      ['a text that never ends', `SELECT Id FROM User WHERE Id = '${'\\'.repeat(5000)}`],
      ['queries within queries', `${'SELECT (SELECT Id FROM '.repeat(200)}User`],
      ['a field that every object has', 'SELECT constructor FROM User'],
      ['an object that every object has', 'SELECT Id FROM constructor'],
    ] as const) {
      it(`answers ${what} in good time`, async () => {
        const started = process.cpuUsage();
        const path = `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`;
        const [status, text] = await send(path, { headers: authorization() });
        expect(status, text.slice(0, 200)).to.be.oneOf([200, 400]);
        expect(process.cpuUsage(started).user / 1000).to.be.lessThan(5000);
      });
    }

    it('does not take its clock beyond the calendar', async () => {
      const move = (advanceSeconds: number): Promise<[number, string]> =>
        post('/__practice/clock', JSON.stringify({ advanceSeconds }));
      expect((await move(1e308))[0]).to.equal(400);
      expect((await move(1e12))[0]).to.equal(400);
      await isAlive();
    });
  });
});
