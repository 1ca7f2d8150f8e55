import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { failure, logIn } from './practice.ts';

/** What is done to an answer of the org's on its way; undefined leaves it alone. */
type Change = (path: string, text: string) => { status?: number; location?: string; text?: string } | undefined;

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const NAME = ['--name', 'Order_Sync'];

describe('an org whose answers lead to another host', function () {
  this.timeout(60_000);
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: Server;
  let elsewhere: Server;
  let orgUrl: string;
  let elsewhereUrl: string;
  let folder: string;
  let change: Change;
  /** What the other host was asked for. */
  let heard: string[];
  let asked: string[];

  beforeEach(async () => {
    [change, heard, asked] = [() => undefined, [], []];
    practice = await createPracticeServer();
    wire = createServer((incoming, outgoing) => {
      const { method, url = '', headers } = incoming;
      asked.push(url);
      const to = { host: '127.0.0.1', port: practice.port, method, path: url, headers, agent: false };
      const onward = request(to, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks);
          const changed = change(url, String(body));
          const sent = changed?.text === undefined ? body : Buffer.from(changed.text);
          const { 'transfer-encoding': _, ...kept } = answer.headers;
          const location = changed?.location === undefined ? {} : { location: changed.location };
          outgoing
            .writeHead(changed?.status ?? answer.statusCode ?? 500, {
              ...kept,
              ...location,
              'content-length': sent.length,
            })
            .end(sent);
        });
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
    elsewhere = createServer((incoming, outgoing) => {
      heard.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`);
      incoming.socket.on('error', () => {});
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"records":[],"done":true}');
    });
    orgUrl = await listen(wire);
    elsewhereUrl = await listen(elsewhere);
    practice.org.instanceUrl = orgUrl;
    practice.org.settings.ExternalClientAppSettings = { enableClientSecretInRestApiAccess: true };
    appInOrg(practice.org);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-foreign-'));
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    await logIn($$, username(), orgUrl, practice.accessToken);
  });

  afterEach(async () => {
    for (const server of [wire, elsewhere]) {
      server.closeAllConnections();
      server.close();
    }
    await practice.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const username = (): string => String(practice.org.seeded.admin.Username);
  const target = (): string[] => ['--target-org', username()];
  const inQuery = (path: string): boolean => path.includes('/query');

  describe('is not followed there with the session', () => {
    it('for more rows', async () => {
      change = (path, text) =>
        inQuery(path) && text.startsWith('{')
          ? {
              text: JSON.stringify({
                ...(JSON.parse(text) as object),
                done: false,
                nextRecordsUrl: `${elsewhereUrl}/services/data/v67.0/query/01g-2000`,
              }),
            }
          : undefined;
      const error = await failure(EcaList.run(target()));
      expect(heard).to.deep.equal([]);
      expect(error.name).to.equal('OrgSaidNoError');
      expect(error.message).to.include(elsewhereUrl);
      expect(error.actions).not.to.deep.equal([]);
    });

    for (const status of [301, 302, 303, 307, 308]) {
      it(`by status ${status}`, async () => {
        change = (path) => (inQuery(path) ? { status, location: `${elsewhereUrl}${path}`, text: '' } : undefined);
        const error = await failure(EcaDisplay.run([...target(), ...NAME]));
        expect(heard).to.deep.equal([]);
        expect(error.message).to.include(elsewhereUrl);
      });
    }

    it('which would be heard', async () => {
      await fetch(`${elsewhereUrl}/services/data`);
      expect(heard).to.have.length(1);
    });
  });

  describe('is not followed there with a secret or a token', () => {
    const discovery = (path: string): boolean => path.includes('/.well-known/');
    const inToken = (path: string): boolean => path.endsWith('/oauth2/token');
    const withOthers = (text: string, others: object): { text: string } => ({
      text: JSON.stringify({ ...(JSON.parse(text) as object), ...others }),
    });

    const misleading: Record<string, Change> = {
      'by a token endpoint': (path, text) =>
        discovery(path) ? withOthers(text, { token_endpoint: `${elsewhereUrl}/services/oauth2/token` }) : undefined,
      'by all endpoints': (path, text) =>
        discovery(path) ? { text: text.replaceAll(orgUrl, elsewhereUrl) } : undefined,
      'by an address of the org in a token’s answer': (path, text) =>
        inToken(path) ? withOthers(text, { instance_url: elsewhereUrl }) : undefined,
      'by the user’s address in a token’s answer': (path, text) =>
        inToken(path) ? withOthers(text, { id: `${elsewhereUrl}/id/00D/005` }) : undefined,
      'by a redirection of the token request': (path) =>
        inToken(path) ? { status: 307, location: `${elsewhereUrl}${path}`, text: '' } : undefined,
      'by a redirection of the API request': (path) =>
        path.startsWith('/services/data/') && !inQuery(path)
          ? { status: 302, location: `${elsewhereUrl}${path}`, text: '' }
          : undefined,
    };

    for (const [how, what] of Object.entries(misleading)) {
      it(`${how}, with an org and without one`, async () => {
        const [{ primary } = { primary: undefined }] = practice.org.consumers.values();
        const file = join(folder, 'app.env');
        const entries = {
          SF_CLIENT_ID: primary?.key,
          SF_CLIENT_SECRET: primary?.secret,
          SF_TOKEN_URL: `${orgUrl}/services/oauth2/token`,
        };
        writeFileSync(
          file,
          Object.entries(entries)
            .map(([key, value]) => `${key}=${value}\n`)
            .join(''),
        );
        const alone = () => EcaVerify.run(['--credentials-file', file, '--wait', '0']);
        expect((await alone()).flows).to.deep.equal([{ flow: 'client-credentials', result: 'worked' }]);
        change = what;
        await alone().catch(() => undefined);
        expect(heard, 'without an org').to.deep.equal([]);
        await EcaVerify.run([...target(), ...NAME, '--wait', '0', '--flow', 'client-credentials']).catch(
          () => undefined,
        );
        expect(heard, 'with an org').to.deep.equal([]);
      });
    }

    it('by a file that names a host that is not encrypted', async () => {
      const file = join(folder, 'app.env');
      const port = new URL(elsewhereUrl).port;
      // This machine, by a name that is not known for it.
      const url = `http://0.0.0.0:${port}`;
      writeFileSync(
        file,
        `SF_CLIENT_ID=key\nSF_CLIENT_SECRET=${'s'.repeat(20)}\nSF_TOKEN_URL=${url}/services/oauth2/token\n`,
      );
      const error = await failure(EcaVerify.run(['--credentials-file', file]));
      expect(error.name).to.equal('CredentialsFileHttpError');
      expect(heard).to.deep.equal([]);
    });
  });

  for (const spelling of [
    (url: string) => url,
    (url: string) => url.replace('http:', ''),
    (url: string) => url.replace('http://', '/\\'),
    (url: string) => url.replace('http://', '\\\\'),
    (url: string) => url.replace('http://', 'http:\\\\'),
    (url: string) => url.replace('http://', '/\t/'),
    (url: string) => url.replace('http://', '/%2F'),
    (url: string) => url.replace('http://', '/%5c'),
    (url: string) => url.replace('http://', '@'),
    (url: string) => url.replace('http://', '/@'),
    () => '//services/data/v67.0/limits',
    () => 'services/data/v67.0/limits',
    () => '',
  ]) {
    const shown = JSON.stringify(spelling('http://HOST/steal'));
    it(`verify --api-path ${shown} is refused with exit code 2, and nothing is sent`, async () => {
      asked = [];
      const error = await failure(
        EcaVerify.run([...target(), ...NAME, '--api-path', spelling(`${elsewhereUrl}/steal`)]),
      );
      expect([error.name, error.exitCode]).to.deep.equal(['ApiPathInvalidError', 2]);
      expect(asked.filter((path) => path !== '/services/data' && !/FROM(%20|\+)Organization/.test(path))).to.deep.equal(
        [],
      );
      expect(heard).to.deep.equal([]);
    });
  }
});
