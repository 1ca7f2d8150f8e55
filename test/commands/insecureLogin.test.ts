import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsStatus from '../../src/commands/eca/credentials/status.ts';
import EcaDelete from '../../src/commands/eca/delete.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaDoctor from '../../src/commands/eca/doctor.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaMigratePlan from '../../src/commands/eca/migrate/plan.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaOpen from '../../src/commands/eca/open.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensList from '../../src/commands/eca/tokens/list.ts';
import EcaTokensRevoke from '../../src/commands/eca/tokens/revoke.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import EcaUserDisplay from '../../src/commands/eca/user/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import doctorHook from '../../src/hooks/doctor.ts';
import { failure, logIn } from './practice.ts';

type Command = { run(argv: string[]): Promise<unknown> };

const NAME = ['--name', 'Order_Sync'];

/** Every command with an org. FILE: see below. */
const COMMANDS: Record<string, [Command, ...string[]]> = {
  apply: [EcaApply, '--file', 'FILE'],
  create: [EcaCreate, ...NAME, '--contact-email', 'it@example.com'],
  credentials: [EcaCredentials, ...NAME, '--show-secret', '--allow-secret-access', '--no-prompt'],
  'credentials rotate': [EcaCredentialsRotate, ...NAME, '--no-prompt'],
  'credentials status': [EcaCredentialsStatus, ...NAME],
  delete: [EcaDelete, ...NAME, '--no-prompt'],
  disable: [EcaDisable, ...NAME],
  display: [EcaDisplay, ...NAME],
  doctor: [EcaDoctor],
  enable: [EcaEnable, ...NAME],
  export: [EcaExport],
  list: [EcaList],
  'list --json': [EcaList, '--json'],
  'migrate plan': [EcaMigratePlan, ...NAME],
  'oauth set': [EcaOauthSet, ...NAME, '--callback-url', 'https://a.example/cb', '--no-certificate'],
  open: [EcaOpen, '--url-only'],
  'scopes set': [EcaScopesSet, ...NAME, '--scope', 'api'],
  'tokens list': [EcaTokensList, ...NAME],
  'tokens revoke': [EcaTokensRevoke, ...NAME, '--no-prompt'],
  'user create': [EcaUserCreate, ...NAME, '--base-username', 'a@example.com', '--no-prompt'],
  'user display': [EcaUserDisplay, ...NAME],
  verify: [EcaVerify, ...NAME],
};

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
    writeFileSync(join(folder, 'eca.yaml'), 'apps:\n  - { name: Order_Sync, contactEmail: it@example.com }\n');
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

  const run = (id: string, ...more: string[]): Promise<unknown> => {
    const [command, ...argv] = COMMANDS[id] ?? [];
    if (!command) throw new Error(`No command ${id}`);
    return command.run([...argv.map((word) => word.replace('FILE', join(folder, 'eca.yaml'))), ...more]);
  };

  for (const id of Object.keys(COMMANDS)) {
    it(`is refused by ${id} before anything is sent`, async () => {
      for (const target of [['--target-org', USERNAME], []]) {
        const error = await failure(run(id, ...target));
        expect(error.name).to.equal('InsecureInstanceError');
        expect(error.message).to.include(new URL(address).origin).and.include('not encrypted');
        expect(error.actions?.join(' ')).to.include('https');
        expect(heard, target.join(' ')).to.deep.equal([]);
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
