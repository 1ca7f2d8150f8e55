import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCertificateCreate from '../../src/commands/eca/certificate/create.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsSend from '../../src/commands/eca/credentials/send.ts';
import EcaMigrateApply from '../../src/commands/eca/migrate/apply.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import { newKeyPair } from '../../src/practice/keyPairs.ts';
import type { SfError } from '../../src/salesforce.ts';
import { PROMPTS } from '../../src/ui/prompts.ts';
import { type CommandOfCampaign, COMMANDS } from '../faults/commands.ts';
import { connectedAppInOrg } from '../practice/connectedAppInOrg.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { asItIs, atTerminal } from '../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

/*
 * At a terminal. Nobody has to answer a question and then learn that the org refuses, or that there is nothing to do. So each
 * command looks before it asks.
 */
describe('a command at a terminal', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let asked: string[];
  /** Is called while a question waits. */
  let onQuestion: () => void;

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-looks-'));
    asked = [];
    onQuestion = () => undefined;
    $$.SANDBOX.stub(PROMPTS, 'text').callsFake(note((question) => question.default ?? 'answer@example.com'));
    $$.SANDBOX.stub(PROMPTS, 'choice').callsFake(note(() => 'command' as never));
    const no = note(() => false);
    $$.SANDBOX.stub(PROMPTS, 'yes').callsFake((_, message) => no({ message }));
    atTerminal(true);
  });
  afterEach(async () => {
    asItIs();
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /** Notes a question, and answers it. */
  const note =
    <T>(answer: (question: { default?: string }) => T) =>
    (question: { message: string; default?: string }): Promise<T> => {
      asked.push(question.message);
      onQuestion();
      return Promise.resolve(answer(question));
    };

  const target = (): string[] => ['--target-org', org.username];
  const named = (...flags: string[]): string[] => [...target(), '--name', 'Order_Sync', ...flags];
  const start = async (prepare: () => void = () => void appInOrg(org.org)): Promise<void> => {
    org = await logInToPractice($$);
    prepare();
  };
  const openAccess = (open: boolean): unknown =>
    Object.assign(org.org.settings.ExternalClientAppSettings!, { enableClientSecretInRestApiAccess: open });
  const isOpen = (): unknown => org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess;
  const rotated = (state: 'Active' | 'Rotated'): void => {
    const { consumer } = appInOrg(org.org);
    const expirationDate = new Date(org.org.now().getTime() + 30 * 24 * 3_600_000);
    consumer.staged = { ...newKeyPair(org.org), state, expirationDate };
  };

  /** What a command is refused with, before anybody was asked. */
  const refusedUnasked = async (run: Promise<unknown>): Promise<SfError> => {
    const error = await failure(run);
    expect(asked, error.message).to.deep.equal([]);
    return error;
  };

  const withoutPrompts = (flags: string[]): string[] => flags.filter((flag) => flag !== '--no-prompt');
  const withoutName = (flags: string[]): string[] =>
    flags.filter((flag, index) => flag !== '--name' && flags[index - 1] !== '--name');

  for (const one of COMMANDS) {
    for (const [how, change] of [
      ['', withoutPrompts],
      [', without a name', (flags: string[]) => withoutName(withoutPrompts(flags))],
    ] as const) {
      // A Connected App is asked for by its name, before the org is read.
      if (how !== '' && one.words.startsWith('migrate')) continue;
      it(`asks nobody who may not do it: ${one.title}${how}`, async () => {
        org = await logInToPractice($$, {}, ({ org: practice }) => practice.seeded.standardUser);
        const scene: Parameters<CommandOfCampaign['flags']>[0] = { org: org.org, folder };
        one.prepare?.(scene);
        const failed = await one.command.run([...target(), ...change(one.flags(scene))]).then(
          () => false,
          () => true,
        );
        if (failed) expect(asked).to.deep.equal([]);
      });
    }
  }

  describe('that revokes an old pair', () => {
    const finish = (...flags: string[]) => EcaCredentialsRotate.run(named('--finish', '--wait', '0', ...flags));

    it('asks nothing when there is none', async () => {
      await start();
      expect((await finish('--allow-secret-access')).outcome).to.equal('nothing-to-finish');
      expect(asked).to.deep.equal([]);
      expect(isOpen()).to.equal(false);
    });

    it('asks nothing when a new pair is staged and not in use yet', async () => {
      await start(() => rotated('Active'));
      expect((await refusedUnasked(finish('--allow-secret-access'))).name).to.equal('NotPromotedError');
      expect(isOpen()).to.equal(false);
    });

    it('asks nothing when the org does not return pairs', async () => {
      await start(() => rotated('Rotated'));
      expect((await refusedUnasked(finish())).name).to.equal('SecretAccessOffError');
    });

    it('has closed the access to secrets again while it asks', async () => {
      await start(() => rotated('Rotated'));
      const open: unknown[] = [];
      onQuestion = () => open.push(isOpen());
      expect((await failure(finish('--allow-secret-access'))).name).to.equal('NotConfirmedError');
      expect(asked).to.have.length(1);
      expect(open).to.deep.equal([false]);
    });
  });

  describe('that shows or sends a secret', () => {
    it('asks nothing when the org does not return secrets', async () => {
      await start(() => void connectedAppInOrg(org.org, 'Portal'));
      appInOrg(org.org);
      const program = ['--', process.execPath, '-e', 'process.stdin.resume()'];
      const runs = [
        () => EcaCredentialsRotate.run(named('--show-secret', '--wait', '0')),
        () => EcaCredentialsRotate.run(named('--wait', '0', '--send-to', 'command', ...program)),
        () => EcaCredentialsSend.run(named('--to', 'command', ...program)),
        () => EcaMigrateApply.run([...target(), '--name', 'Portal', '--show-secret']),
      ];
      for (const run of runs) expect((await refusedUnasked(run())).name).to.equal('SecretAccessOffError');
      expect(org.deploys()).to.equal(0);
    });

    it('asks when the org does', async () => {
      await start();
      openAccess(true);
      const error = await failure(EcaCredentialsRotate.run(named('--show-secret', '--wait', '0')));
      expect(error.name).to.equal('SecretNotConfirmedError');
      expect(asked).to.have.length(1);
    });
  });

  it('asks for no certificate to be replaced when the files for the new one are in the way', async () => {
    await start();
    const key = join(folder, 'app.key');
    writeFileSync(key, 'there');
    const flags = ['--replace', '--key-file', key, '--certificate-file', join(folder, 'app.crt')];
    await refusedUnasked(EcaCertificateCreate.run(named(...flags)));
  });

  it('asks for no user of an app that has no OAuth, or that is not there', async () => {
    await start(() => undefined);
    expect((await refusedUnasked(EcaUserCreate.run(named()))).name).to.equal('AppNotFoundError');
    await EcaCreate.run(named('--contact-email', 'it@example.com'));
    expect((await refusedUnasked(EcaUserCreate.run(named()))).name).to.equal('OauthNotSetError');
  });

  it('asks for no details of an app that is there', async () => {
    await start();
    const result = await EcaCreate.run<EcaCreate>(named());
    expect(result).to.deep.include({ created: false, changes: [] });
    expect(asked).to.deep.equal([]);
  });
});
