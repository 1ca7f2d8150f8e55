import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { expect } from 'chai';

import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsSend from '../../src/commands/eca/credentials/send.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { Logger } from '../../src/salesforce.ts';
import { type EchoWire, ENVELOPES, openEchoWire, secretsSaid, spellings } from '../echoWire.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { logIn } from './practice.ts';

type Command = { run(argv: string[]): Promise<unknown> };

const NAME = ['--name', 'Order_Sync'];

/**
 * FOLDER: see below. The secret that was asked for goes into a file. So no secret is on the screen for a good reason.
 */
const COMMANDS: Record<string, [Command, ...string[]]> = {
  verify: [EcaVerify, ...NAME, '--wait', '0', '--probe'],
  'verify --json': [EcaVerify, ...NAME, '--wait', '0', '--json'],
  'verify --result-format junit': [EcaVerify, ...NAME, '--wait', '0', '--result-format', 'junit'],
  display: [EcaDisplay, ...NAME],
  'list --json': [EcaList, '--json'],
  export: [EcaExport, '--output-file', 'FOLDER/eca.yaml'],
  'credentials --output-file': [
    ...([EcaCredentials, ...NAME, '--show-secret', '--no-prompt'] as [Command, ...string[]]),
    ...['--output-file', 'FOLDER/app.env'],
  ],
  // This program prints all that it is given.
  'credentials send': [
    ...([EcaCredentialsSend, ...NAME, '--no-prompt', '--to', 'command'] as [Command, ...string[]]),
    ...['--', process.execPath, '-e', 'process.stdin.pipe(process.stdout)'],
  ],
  'credentials rotate': [
    ...([EcaCredentialsRotate, ...NAME, '--wait', '0', '--no-prompt', '--promote-unverified'] as [
      Command,
      ...string[],
    ]),
  ],
};

describe('an org that answers with what it was sent', () => {
  // The first logger of a process decides whether logs can be read. Another test may have made one that writes a file.
  Logger.destroyRoot();
  const $$ = new TestContext();
  let practice: PracticeServer;
  let wire: EchoWire;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-echo-'));
    practice = await createPracticeServer({ variants: { 'staged-pair': 'works' } });
    const settings = practice.org.settings.ExternalClientAppSettings ?? {};
    Object.assign(settings, { enableClientSecretInRestApiAccess: true });
    appInOrg(practice.org);
    wire = await openEchoWire(practice);
    await logIn($$, String(practice.org.seeded.admin.Username), wire.url, practice.accessToken);
  });

  afterEach(async () => {
    await wire.close();
    await practice.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /**
   * All that a run says: on both streams, in its error, and in the log. Also in files, but for the one with the
   * credentials.
   */
  const run = async (id: string): Promise<string> => {
    const [command, ...argv] = COMMANDS[id] ?? [];
    if (!command) throw new Error(`No command ${id}`);
    let said = '';
    const streams = [process.stdout, process.stderr];
    const tap = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      said += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      (rest.find((one) => typeof one === 'function') as (() => void) | undefined)?.();
      return true;
    };
    for (const stream of streams) stream.write = tap;
    try {
      const words = argv.map((word) => word.replace('FOLDER', folder));
      await command.run(['--target-org', String(practice.org.seeded.admin.Username), ...words]);
    } catch (error) {
      const { message, stack, ...rest } = error as Error;
      said += [message, stack, JSON.stringify(rest), String((error as Error).cause)].join('\n');
    } finally {
      for (const stream of streams) Reflect.deleteProperty(stream, 'write');
    }
    const files = readdirSync(folder).filter((file) => !file.endsWith('.env'));
    const log = JSON.stringify(Logger.getRoot().getBufferedRecords());
    return [said, log, ...files.map((file) => readFileSync(join(folder, file), 'utf8'))].join('\n');
  };

  for (const id of Object.keys(COMMANDS)) {
    it(`hears nothing of it in ${id}`, async function () {
      this.timeout(240_000);
      await run(id);
      const requests = wire.count();
      const names = Object.keys(spellings);
      // Each request in one envelope and one spelling; the fault campaign tries the others.
      for (let index = 0; index < requests; index++) {
        const envelope = ENVELOPES[index % ENVELOPES.length] ?? 'error';
        const spelling = names[index % names.length] ?? '';
        wire.set({ index, spelling, envelope });
        const said = await run(id);
        const found = secretsSaid(wire.secrets, said);
        expect(found, `request ${index}, ${envelope}, ${spelling}:\n${said}`).to.deep.equal([]);
      }
      wire.set(undefined);
    });
  }

  it('hears nothing of it in any spelling', async function () {
    this.timeout(240_000);
    await run('verify');
    const token = practice.requests.entries().findIndex(({ path }) => path.endsWith('/oauth2/token'));
    expect(token).to.be.greaterThan(0);
    for (const spelling of Object.keys(spellings)) {
      wire.set({ index: token, spelling, envelope: 'error' });
      const said = await run('verify');
      expect(said, spelling).to.include('********');
      expect(secretsSaid(wire.secrets, said), `${spelling}:\n${said}`).to.deep.equal([]);
    }
  });

  it('would be heard', async () => {
    await run('verify');
    const [secret = ''] = [...practice.org.consumers.values()].map(({ primary }) => primary.secret);
    expect([...wire.secrets])
      .to.include(secret)
      .and.to.include(practice.accessToken);
    for (const [spelling, spell] of Object.entries(spellings))
      expect(secretsSaid([secret], `said ${spell(`you sent ${secret} and more`)}`), spelling).to.deep.equal([secret]);
  });
});
