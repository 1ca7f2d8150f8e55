import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { curlOf } from '../../src/app/curl.ts';
import { DEFAULT_PREFIX, type Handover, variablesOf } from '../../src/app/handover.ts';
import { Secret } from '../../src/app/secret.ts';
import { handoverOf } from '../../src/client/handover.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { blocksOf } from '../docs/pages.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';

describe('the examples for developers of clients', function () {
  this.timeout(30_000);
  let practice: PracticeServer;
  let folder: string;
  let handover: Handover;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clients-'));
    practice = await createPracticeServer();
    const { primary } = appInOrg(practice.org).consumer;
    const app = { name: 'Order_Sync', scopes: ['api'], oauth: { flows: ['client-credentials' as const] } };
    const pair = { consumerKey: primary.key, consumerSecret: new Secret(primary.secret) };
    handover = handoverOf(app, practice.url, pair);
    for (const { file, text } of blocksOf('docs/clients.md')) if (file) writeFileSync(join(folder, file), text);
    const printed = curlOf(handover, DEFAULT_PREFIX);
    if (typeof printed !== 'string') throw new Error(printed.code);
    writeFileSync(join(folder, 'printed.sh'), printed);
  });

  after(async () => {
    await practice.close();
    rmSync(folder, { recursive: true });
  });

  const run = (
    program: string,
    file: string,
    more: Record<string, string> = {},
  ): Promise<{ code: number; output: string }> =>
    new Promise((done) => {
      const variables = variablesOf(handover, DEFAULT_PREFIX).map(({ name, value }) => [name, value]);
      const env = { ...process.env, ...(Object.fromEntries(variables) as Record<string, string>), ...more };
      execFile(program, [join(folder, file)], { env }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });

  const calls = (): string[] => practice.requests.entries().map(({ method, path }) => `${method} ${path}`);

  for (const [program, file] of [
    ['sh', 'client.sh'],
    ['sh', 'printed.sh'],
    [process.execPath, 'client.mjs'],
    ['python3', 'client.py'],
  ] as const) {
    it(`${file} gets a token and uses it`, async () => {
      const before = calls().length;
      const { code, output } = await run(program, file);
      expect(code, output).to.equal(0);
      expect(Object.keys(JSON.parse(output) as object)).to.include('sobjects');
      expect(calls().slice(before)).to.deep.equal(['POST /services/oauth2/token', 'GET /services/data/v60.0']);
    });

    it(`${file} fails with a secret that is not right`, async () => {
      const { code } = await run(program, file, { SALESFORCE_CLIENT_SECRET: 'not the right one' });
      expect(code).to.not.equal(0);
    });
  }
});
