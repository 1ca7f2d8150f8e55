import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import doctorHook from '../../src/hooks/doctor.ts';
import { PracticeOrg } from '../../src/practice/org.ts';
import { COMMANDS } from '../faults/commands.ts';
import { failure, logIn } from './practice.ts';

const USERNAME = 'admin@insecure.example';

describe('a login at an address that is not encrypted', () => {
  const $$ = new TestContext();
  let server: Server;
  let folder: string;
  let address: string;
  let heard: string[];

  beforeEach(async () => {
    heard = [];
    // The way there is this machine's own, but by a name that is not: what is sent is heard.
    server = createServer((request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://0.0.0.0:${(server.address() as AddressInfo).port}`;
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-insecure-'));
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    await logIn($$, USERNAME, address, `00D${'x'.repeat(12)}!${'y'.repeat(40)}`);
    await $$.stubConfig({ 'target-org': USERNAME });
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  for (const { title, command, prepare, flags } of COMMANDS) {
    it(`is refused by ${title} before anything is sent`, async () => {
      const scene = { org: new PracticeOrg(), folder };
      prepare?.(scene);
      for (const more of [['--target-org', USERNAME], [], ['--json']]) {
        const error = await failure(command.run([...more, ...flags(scene)]));
        expect(error.name).to.equal('InsecureInstanceError');
        expect(error.message).to.include(new URL(address).origin).and.include('not encrypted');
        expect(error.actions?.join(' ')).to.include('https');
        expect(heard, more.join(' ')).to.deep.equal([]);
      }
    });
  }

  it('is not asked for by sf doctor', async () => {
    await doctorHook({ doctor: { addSuggestion: () => {}, addPluginData: () => {} } });
    expect(heard).to.deep.equal([]);
  });

  it('would be heard', async () => {
    await fetch(`${address}/services/data`);
    expect(heard).to.have.length(1);
  });
});
