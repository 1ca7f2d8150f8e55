import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaCredentialsRotate, {
  type EcaCredentialsRotateResult,
} from '../../../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsStatus, {
  type EcaCredentialsStatusResult,
} from '../../../../src/commands/eca/credentials/status.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca credentials rotate and status', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;
  let folder: string;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'rotate-'));
  });

  afterEach(async () => {
    asItIs();
    await org?.close();
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });

  const start = async (variants: Record<string, string> = { 'staged-pair': 'works' }): Promise<void> => {
    org = await logInToPractice($$, { variants });
    const app = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    const runAs = String(org.org.seeded.integrationUser.Username);
    const flow = ['--flow', 'client-credentials', '--run-as', runAs];
    await EcaOauthSet.run([...app, '--callback-url', 'https://orders.example.com/cb', '--scope', 'api', ...flow]);
    for (const stub of [ux.log, ux.warn, ux.logToStderr]) stub.resetHistory();
  };

  const flagsFor = (flags: string[]): string[] => ['--target-org', org.username, '--name', 'Order_Sync', ...flags];
  const rotate = async (...flags: string[]): Promise<EcaCredentialsRotateResult> =>
    EcaCredentialsRotate.run(flagsFor(['--wait', '0', '--allow-secret-access', ...flags]));
  const status = async (...flags: string[]): Promise<EcaCredentialsStatusResult> =>
    EcaCredentialsStatus.run(flagsFor(flags));

  const consumer = () => [...org.org.consumers.values()][0]!;
  const isOpen = () => org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess;
  const onStdout = () => ux.log.args.flat().map(String).join('\n');
  const onStderr = () =>
    [...ux.logToStderr.args, ...ux.warn.args]
      .flat()
      .map((text) => JSON.stringify(text))
      .join('\n');

  it('gives the new key, and no secret that was not asked for', async () => {
    await start();
    const old = consumer().primary;
    const result = await rotate();
    expect(result).to.include({ outcome: 'promoted', verified: true, consumerKey: consumer().primary.key });
    expect(result.previous?.consumerKey).to.equal(old.key);
    expect(Date.parse(result.previous?.expirationDate ?? '')).to.be.greaterThan(Date.now() + 29 * 86_400_000);
    expect(isOpen()).to.equal(false);
    expect(process.exitCode).to.equal(undefined);
    for (const { secret } of [old, consumer().primary]) {
      expect(onStdout() + onStderr() + JSON.stringify(result)).not.to.include(secret);
    }
    expect(onStderr()).to.include('rotate --name Order_Sync --finish');
  });

  it('gives the new pair under --json when it was asked for', async () => {
    await start();
    const result = await rotate('--show-secret', '--json');
    expect(result).to.include({ consumerKey: consumer().primary.key, consumerSecret: consumer().primary.secret });
  });

  it('has the format alone on stdout', async () => {
    await start();
    await rotate('--show-secret', '--no-prompt', '--format', 'dotenv', '--prefix', 'ORDERS_');
    expect(parseEnv(onStdout())).to.include({
      ORDERS_CLIENT_ID: consumer().primary.key,
      ORDERS_CLIENT_SECRET: consumer().primary.secret,
    });
    expect(
      onStdout()
        .split('\n')
        .every((line) => line.startsWith('ORDERS_')),
    ).to.equal(true);
  });

  it('puts the new pair into a file in the place of the old one, and nowhere else', async () => {
    await start();
    const file = join(folder, '.env');
    writeFileSync(file, `# orders\nSALESFORCE_CLIENT_ID=old\nSALESFORCE_CLIENT_SECRET=old\n`);
    const result = await rotate('--show-secret', '--no-prompt', '--output-file', file);
    const { key, secret } = consumer().primary;
    expect(readFileSync(file, 'utf8')).to.include(
      `# orders\nSALESFORCE_CLIENT_ID=${key}\nSALESFORCE_CLIENT_SECRET=${secret}\n`,
    );
    expect(result).to.include({ outputFile: file, consumerSecret: undefined });
    expect(onStdout() + onStderr()).not.to.include(secret);
  });

  it('looks at the file before it stages anything', async () => {
    await start();
    const old = consumer().primary;
    const error = await failure(rotate('--show-secret', '--no-prompt', '--output-file', join(folder, 'no', '.env')));
    expect(error.name).to.equal('OutputFileUnwritableError');
    expect((await failure(rotate('--output-file', join(folder, '.env')))).name).to.equal('FileNeedsSecretError');
    expect(consumer().primary).to.deep.equal(old);
    expect(consumer().staged).to.equal(undefined);
  });

  it('says that the pair is promoted when the file could not be written after all', async () => {
    await start();
    const file = join(folder, 'sub', '.env');
    mkdirSync(join(folder, 'sub'));
    const before = consumer().primary.key;
    // The folder goes away between the look and the write.
    ux.logToStderr.callsFake((text) => {
      if (String(text).includes('has a new consumer key')) rmSync(join(folder, 'sub'), { recursive: true });
    });
    const error = await failure(rotate('--show-secret', '--no-prompt', '--output-file', file));
    expect(error).to.include({ name: 'OutputFileUnwritableError', exitCode: 68 });
    expect(error.actions?.join()).to.include('sf eca credentials --show-secret --name Order_Sync');
    expect(consumer().primary.key).not.to.equal(before);
    expect(isOpen()).to.equal(false);
  });

  it('takes away a pair that got no token, and says what to do', async () => {
    await start({ 'staged-pair': 'unknown' });
    const old = consumer().primary;
    const error = await failure(rotate());
    expect(error.name).to.equal('StagedPairUnverifiedError');
    expect(error.message).to.include('invalid_client_id');
    expect(error.actions?.join()).to.include('--promote-unverified');
    expect(consumer().primary).to.deep.equal(old);
    expect(consumer().staged).to.equal(undefined);
    expect(isOpen()).to.equal(false);
  });

  it('leads past the test where no flow can test a pair, and not to a longer wait', async () => {
    await start();
    await EcaOauthSet.run(flagsFor(['--flow', 'device']));
    const error = await failure(rotate());
    expect(error.name).to.equal('StagedPairUntestedError');
    const actions = error.actions?.join('\n') ?? '';
    expect(actions).not.to.match(/--wait|eca verify/);
    const [, words = ''] = /sf eca credentials rotate (.*)/.exec(actions) ?? [];
    const result = await EcaCredentialsRotate.run([...words.split(' '), '--wait', '0', '--allow-secret-access']);
    expect(result).to.include({ outcome: 'promoted', verified: false });
    expect(onStderr()).to.include('was not tested').and.not.include('did not get a token');
  });

  it('promotes it when told so', async () => {
    await start({ 'staged-pair': 'unknown' });
    expect(await rotate('--promote-unverified')).to.include({ outcome: 'promoted', verified: true });
  });

  it('warns of a pair that got a token before it was promoted, and not after', async () => {
    await start();
    // The org forgets the app for a while, right when the pair is promoted.
    $$.SANDBOX.stub(org.org, 'hasPropagated').callsFake(() => consumer().staged?.state !== 'Rotated');
    expect(await rotate()).to.include({ outcome: 'promoted', verified: false });
    expect(process.exitCode).to.equal(68);
    expect(onStderr()).to.include('did not get a token in a test');
  });

  it('revokes the old pair with --finish, after a yes', async () => {
    await start();
    await rotate();
    atTerminal(true);
    prompter.confirm.resolves(false);
    expect((await failure(rotate('--finish'))).name).to.equal('NotConfirmedError');
    expect(consumer().staged?.state).to.equal('Rotated');
    prompter.confirm.resolves(true);
    const previous = consumer().staged!.key;
    expect(await rotate('--finish')).to.deep.include({
      outcome: 'finished',
      consumerKey: consumer().primary.key,
      previous: { consumerKey: previous },
    });
    expect(consumer().staged).to.equal(undefined);
    expect(isOpen()).to.equal(false);
    expect((await rotate('--finish')).outcome).to.equal('nothing-to-finish');
  });

  it('revokes nothing where nobody can be asked, without --no-prompt', async () => {
    await start();
    await rotate();
    expect((await failure(rotate('--finish', '--json'))).exitCode).to.equal(2);
    expect(consumer().staged?.state).to.equal('Rotated');
  });

  it('says which permissions are missing before it asks for anything', async () => {
    org = await logInToPractice($$, {}, ({ org: practice }) => practice.seeded.standardUser);
    for (const run of [rotate(), status()]) {
      const error = await failure(run);
      expect(error.name).to.equal('PermissionMissingError');
      expect(error.message).to.include('ViewClientSecret');
    }
  });

  it('says with which flag the org gives staged pairs', async () => {
    await start();
    const error = await failure(status());
    expect(error.name).to.equal('SecretAccessOffError');
    expect(error.actions?.join()).to.include('--allow-secret-access');
  });

  it('shows both pairs, their state, age and expiry, and no secret', async () => {
    await start();
    await rotate();
    const { primary, staged } = consumer();
    staged!.createdDate = new Date(Date.now() - 3.5 * 86_400_000);
    const result = await status('--allow-secret-access');
    const app = {
      name: 'Order_Sync',
      pairs: 'seen',
      consumers: [
        {
          id: consumer().id,
          name: consumer().name,
          pairs: [
            { consumerKey: primary.key, state: 'in-use' },
            {
              consumerKey: staged!.key,
              state: 'rotated',
              createdDate: staged!.createdDate.toISOString(),
              expirationDate: staged!.expirationDate!.toISOString(),
              ageDays: 3,
              daysLeft: 29,
            },
          ],
        },
      ],
    };
    expect(result).to.deep.equal({ ...app, apps: [app] });
    const shown = JSON.stringify([result, ux.table.args]) + onStdout() + onStderr();
    for (const { secret } of [primary, staged!]) expect(shown).not.to.include(secret);
    expect(onStderr()).to.include('--finish');
    expect(isOpen()).to.equal(false);
  });
});
