import { parseEnv } from 'node:util';

import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCredentialsSend, { type EcaCredentialsSendResult } from '../../../../src/commands/eca/credentials/send.ts';
import type { SfError } from '../../../../src/salesforce.ts';
import { type StandIn, type StandIns, standIns } from '../../../local/standInProgram.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca credentials send', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;
  let programs: StandIns;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    programs = standIns();
    org = await logInToPractice($$);
    appInOrg(org.org);
    openSecrets(true);
  });

  afterEach(async () => {
    asItIs();
    programs.remove();
    await org.close();
    process.exitCode = undefined;
  });

  const openSecrets = (open: boolean): void => {
    org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = open;
  };
  const isOpen = (): unknown => org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess;
  const pair = (): { key: string; secret: string } => [...org.org.consumers.values()][0]!.primary;

  const send = async (...flags: string[]): Promise<EcaCredentialsSendResult> =>
    EcaCredentialsSend.run(['--target-org', org.username, '--name', 'Order_Sync', '--no-prompt', ...flags]);

  const toGithub = ['--to', 'github', '--repo', 'acme/orders'];
  const toGitlab = ['--to', 'gitlab', '--project', 'acme/shop/orders'];
  const toVault = ['--to', 'vault', '--path', 'apps/orders'];

  const shown = (): string =>
    [...ux.log.args, ...ux.logToStderr.args, ...ux.logSuccess.args, ...ux.warn.args].flat().map(String).join('\n');

  /** The secret is in the input of the program, and in nothing else that it gets. */
  const expectSecretOnlyInInput = (program: StandIn): void => {
    for (const { argv, env } of program.runs()) expect(JSON.stringify([argv, env])).not.to.include(pair().secret);
    expect(program.runs().some(({ input }) => input.includes(pair().secret))).to.equal(true);
    expect(shown()).not.to.include(pair().secret);
  };

  const expectNoSecretIn = (error: SfError): void => {
    expect(JSON.stringify([error.message, error.stack, error.actions, error.data, error.cause])).not.to.include(
      pair().secret,
    );
  };

  describe('--to github', () => {
    it('looks first, then sends both values in one call', async () => {
      const gh = programs.program('gh');
      gh.answers({ words: 'secret list', stdout: 'OTHER\t2026-01-01\nSALESFORCE_CLIENT_ID\t2026-01-01\n' });
      process.env.SF_ACCESS_TOKEN = 'of-another-org';
      const result = await send(...toGithub, '--environment', 'prod').finally(() => {
        delete process.env.SF_ACCESS_TOKEN;
      });
      expect(result).to.deep.include({
        name: 'Order_Sync',
        consumerKey: pair().key,
        target: 'github',
        destination: 'GitHub repository acme/orders, environment prod',
        items: [
          { name: 'SALESFORCE_CLIENT_ID', holds: 'consumerKey', replaced: true },
          { name: 'SALESFORCE_CLIENT_SECRET', holds: 'consumerSecret', replaced: false },
        ],
        dryRun: false,
      });
      expect(JSON.stringify(result)).not.to.include(pair().secret);
      expect(gh.runs().map(({ argv }) => argv.join(' '))).to.deep.equal([
        '--version',
        'secret list --repo=acme/orders --env=prod',
        'secret set -f - --repo=acme/orders --env=prod',
      ]);
      const last = gh.runs().at(-1)!;
      expect(parseEnv(last.input)).to.deep.equal({
        SALESFORCE_CLIENT_ID: pair().key,
        SALESFORCE_CLIENT_SECRET: pair().secret,
      });
      expect(last.env).not.to.have.property('SF_ACCESS_TOKEN');
      expect(last.env).to.have.property('GH_PROMPT_DISABLED', '1');
      // Where the user happens to be, a folder could have settings for the program.
      expect(last.cwd).to.equal('/');
      expectSecretOnlyInInput(gh);
      expect(shown()).to.include(`eca verify --name Order_Sync --target-org ${org.username}`);
    });

    it('gives a name with shell characters as one word', async () => {
      const gh = programs.program('gh');
      const environment = 'prod"; $(touch x) `id` & \'';
      await send(...toGithub, '--environment', environment, '--key-name', 'KEY', '--secret-name', 'S_1');
      expect(gh.runs().at(-1)!.argv.at(-1)).to.equal(`--env=${environment}`);
      expect(parseEnv(gh.runs().at(-1)!.input)).to.have.all.keys('KEY', 'S_1');
    });

    it('reads no secret for a user who is not logged in there', async () => {
      openSecrets(false);
      const gh = programs.program('gh');
      gh.answers({ words: 'secret list', exitCode: 4, stderr: 'To get started, please run:  gh auth login\n' });
      const error = await failure(send(...toGithub, '--allow-secret-access'));
      expect(error).to.include({ name: 'LookFailedError', exitCode: 1 });
      expect(error.message).to.include('exit code 4').and.to.include('To get started');
      expect(error.actions?.join(' ')).to.include('gh auth login');
      expect(gh.runs()).to.have.lengthOf(2);
      expect(org.deploys()).to.equal(0);
      expect(org.asked().filter((request) => request.includes('keyandsecret'))).to.deep.equal([]);
    });

    it('refuses a program that is missing, too old or broken', async () => {
      const path = process.env.PATH;
      process.env.PATH = programs.folder;
      try {
        expect(await failure(send(...toGithub))).to.include({ name: 'ProgramNotFoundError' });
        programs.program('gh', '2.3.1');
        const old = await failure(send(...toGithub));
        expect(old).to.include({ name: 'ProgramTooOldError' });
        expect(old.message).to.include('2.4');
        const gh = programs.program('gh');
        gh.answers({ words: '--version', exitCode: 1, stderr: 'bad library' });
        expect(await failure(send(...toGithub))).to.include({ name: 'LookFailedError' });
      } finally {
        process.env.PATH = path;
      }
    });

    it('says that the target may have a part, and what the program printed, without the secret', async () => {
      const gh = programs.program('gh');
      const stderr = 'failed to set secret "SALESFORCE_CLIENT_SECRET": HTTP 500\n';
      gh.answers({ words: 'secret set', exitCode: 1, stderr, echoes: true });
      const error = await failure(send(...toGithub));
      expect(error).to.include({ name: 'NotSentError', exitCode: 1 });
      expect(error.message).to.include('HTTP 500').and.to.include('may have a part').and.to.include('********');
      expect(error.data).to.deep.equal({
        target: 'github',
        exitCode: 1,
        written: [],
        notWritten: ['SALESFORCE_CLIENT_ID', 'SALESFORCE_CLIENT_SECRET'],
      });
      expectNoSecretIn(error);
    });
  });

  describe('--to gitlab', () => {
    const notThere = { exitCode: 1, stdout: '{"message":"404 Variable Not Found"}', stderr: 'glab: 404 (HTTP 404)' };

    it('sets what is not there, and updates what is there as it is', async () => {
      const glab = programs.program('glab');
      const old = 'an-old-secret-that-nobody-must-see';
      glab.answers(
        { words: 'variables/SALESFORCE_CLIENT_ID', ...notThere },
        { words: 'variables/SALESFORCE_CLIENT_SECRET', stdout: JSON.stringify({ value: old, protected: true }) },
        { words: 'variable update', stderr: `was ${old}` },
      );
      const { items } = await send(...toGitlab, '--scope', 'production/*');
      expect(items.map(({ replaced }) => replaced)).to.deep.equal([false, true]);
      const [, look, , key, secret] = glab.runs();
      expect(look?.argv).to.deep.equal([
        'api',
        'projects/acme%2Fshop%2Forders/variables/SALESFORCE_CLIENT_ID?filter[environment_scope]=production%2F*',
      ]);
      const common = ['--repo=acme/shop/orders', '--scope=production/*', '--raw'];
      expect(key?.argv).to.deep.equal(['variable', 'set', 'SALESFORCE_CLIENT_ID', ...common]);
      expect(key?.input).to.equal(pair().key);
      expect(secret?.argv).to.deep.equal([
        ...['variable', 'update', 'SALESFORCE_CLIENT_SECRET', ...common],
        ...['--masked', '--protected'],
      ]);
      expect(secret?.input).to.equal(pair().secret);
      expectSecretOnlyInInput(glab);
      expect(shown()).not.to.include(old);
    });

    it('names what is there and what is not when it breaks between the two', async () => {
      const glab = programs.program('glab');
      glab.answers(
        { words: 'api', ...notThere },
        { words: 'set SALESFORCE_CLIENT_SECRET', exitCode: 1, stderr: 'value cannot be masked' },
      );
      const error = await failure(send(...toGitlab));
      expect(error).to.include({ name: 'SentInPartError', exitCode: 68 });
      expect(error.data).to.deep.include({
        written: ['SALESFORCE_CLIENT_ID'],
        notWritten: ['SALESFORCE_CLIENT_SECRET'],
      });
      expectNoSecretIn(error);
      glab.answers({ words: 'set SALESFORCE_CLIENT_SECRET' });
      await send(...toGitlab);
      expect(glab.runs().at(-1)!.input).to.equal(pair().secret);
    });

    it('takes a project that is not there for no variable that is not there', async () => {
      const glab = programs.program('glab');
      glab.answers({ words: 'api', exitCode: 1, stdout: '{"message":"404 Project Not Found"}' });
      expect(await failure(send(...toGitlab))).to.include({ name: 'LookFailedError' });
    });
  });

  describe('--to vault', () => {
    it('adds to the path, and keeps its other keys', async () => {
      const vault = programs.program('vault', 'v1.15.0');
      await send(...toVault, '--mount', 'kv');
      const { argv, input } = vault.runs().at(-1)!;
      expect(argv).to.deep.equal(['kv', 'patch', '-mount=kv', 'apps/orders', '-']);
      expect(JSON.parse(input)).to.deep.equal({
        SALESFORCE_CLIENT_ID: pair().key,
        SALESFORCE_CLIENT_SECRET: pair().secret,
      });
      expectSecretOnlyInInput(vault);
    });

    it('begins a path that is not there, and writes over nothing that came meanwhile', async () => {
      const vault = programs.program('vault');
      vault.answers({ words: 'kv patch', exitCode: 2, stderr: 'No value found at secret/data/apps/orders' });
      await send(...toVault);
      expect(vault.runs().at(-1)!.argv).to.deep.equal(['kv', 'put', '-cas=0', '-mount=secret', 'apps/orders', '-']);
      expect(vault.runs().at(-1)!.input).to.include(pair().secret);
    });

    it('puts nothing after another failure', async () => {
      const vault = programs.program('vault');
      vault.answers({ words: 'kv patch', exitCode: 2, stderr: 'Code: 403. Errors: * permission denied' });
      expect(await failure(send(...toVault))).to.include({ name: 'NotSentError' });
      expect(vault.runs().map(({ argv }) => argv[1])).to.deep.equal([undefined, 'patch']);
    });
  });

  describe('--to command', () => {
    it('gives dotenv lines, JSON or the secret alone, and the words as they are', async () => {
      const store = programs.program('my-store');
      const words = ['--', 'my-store', '--name', '$(id)', '--dry-run', '--'];
      await send('--to', 'command', ...words);
      await send('--to', 'command', '--input', 'json', '--key-name', 'key', '--secret-name', 'secret', ...words);
      await send('--to', 'command', '--input', 'secret', ...words);
      const [dotenv, json, secret] = store.runs();
      expect(dotenv?.argv).to.deep.equal(['--name', '$(id)', '--dry-run', '--']);
      expect(parseEnv(dotenv?.input ?? '')).to.include({ SALESFORCE_CLIENT_SECRET: pair().secret });
      expect(JSON.parse(json?.input ?? '')).to.deep.equal({ key: pair().key, secret: pair().secret });
      expect(secret?.input).to.equal(pair().secret);
      expect(dotenv?.cwd).to.equal(process.cwd());
      expectSecretOnlyInInput(store);
    });

    it('shows what the command printed, without the secret', async () => {
      programs.program('my-store').answers({ words: 'add', echoes: true, stdout: 'stored\n' });
      await send('--to', 'command', '--', 'my-store', 'add');
      expect(shown()).to.include('my-store: stored').and.to.include('SALESFORCE_CLIENT_SECRET=********');
      expect(shown()).not.to.include(pair().secret);
    });

    it('ends the command with the run, and says that the target may have a part', async () => {
      const store = programs.program('my-store');
      store.answers({ words: 'add', hangs: true });
      const sending = failure(send('--to', 'command', '--', 'my-store', 'add'));
      while (store.runs().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      process.emit('SIGTERM', 'SIGTERM');
      const error = await sending;
      expect(error).to.include({ name: 'SendStoppedError', exitCode: 143 });
      expect(error.actions?.join(' ')).to.include('same command again');
      expectNoSecretIn(error);
    });
  });

  describe('before it sends', () => {
    it('opens the switch for one read only', async () => {
      openSecrets(false);
      const vault = programs.program('vault');
      expect(await failure(send(...toVault))).to.include({ name: 'SecretAccessOffError' });
      expect(vault.runs()).to.have.lengthOf(1);
      await send(...toVault, '--allow-secret-access');
      expect(isOpen()).to.equal(false);
      expectSecretOnlyInInput(vault);
    });

    it('says with --dry-run what would be written and where, and reads no secret', async () => {
      openSecrets(false);
      const gh = programs.program('gh');
      gh.answers({ words: 'secret list', stdout: 'SALESFORCE_CLIENT_SECRET\t2026-01-01\n' });
      const result = await send(...toGithub, '--dry-run', '--allow-secret-access');
      expect(result).to.include({ dryRun: true, consumerKey: pair().key });
      expect(shown()).to.include('SALESFORCE_CLIENT_SECRET: consumer secret (replaces');
      expect(shown()).to.include('$ gh secret set -f - --repo=acme/orders');
      expect(shown()).to.match(
        /credentials send .*--no-prompt --to github --repo acme\/orders --allow-secret-access$/m,
      );
      expect(gh.runs().map(({ argv }) => argv[1])).to.deep.equal([undefined, 'list']);
      expect(org.asked().filter((request) => request.includes('keyandsecret'))).to.deep.equal([]);
      programs.program('my-store');
      await send('--dry-run', '--to', 'command', '--', 'my-store', '--dry-run');
      expect(shown()).to.include('--to command -- my-store --dry-run');
    });

    it('asks, and names what it replaces', async () => {
      const gh = programs.program('gh');
      gh.answers({ words: 'secret list', stdout: 'SALESFORCE_CLIENT_SECRET\t2026-01-01\n' });
      atTerminal(true);
      prompter.confirm.resolves(false);
      const asked = EcaCredentialsSend.run(['--target-org', org.username, 'order_sync', ...toGithub]);
      expect(await failure(asked)).to.include({ name: 'NotConfirmedError' });
      expect(JSON.stringify(prompter.confirm.args)).to.include('This replaces SALESFORCE_CLIENT_SECRET');
      expect(JSON.stringify(prompter.confirm.args)).to.include('Order_Sync');
      expect(gh.runs().map(({ argv }) => argv[1])).to.deep.equal([undefined, 'list']);
    });

    it('needs a yes where nobody can be asked', async () => {
      const vault = programs.program('vault');
      const unasked = EcaCredentialsSend.run(['--target-org', org.username, '-n', 'Order_Sync', '--json', ...toVault]);
      expect(await failure(unasked)).to.include({ name: 'ConfirmationNeededError', exitCode: 2 });
      expect(vault.runs().map(({ argv }) => argv.join(' '))).to.deep.equal(['--version']);
    });

    it('refuses flags that do not fit, before anything runs', async () => {
      const gh = programs.program('gh');
      const wrong: Array<[string, string[]]> = [
        ['FlagsMissingError', []],
        ['FlagsMissingError', ['--to', 'github']],
        ['FlagsMissingError', ['--to', 'vault', '--mount', 'kv']],
        ['FlagOfOtherTargetError', [...toGithub, '--scope', 'x']],
        ['FlagOfOtherTargetError', [...toGithub, '--input', 'json']],
        ['FlagOfOtherTargetError', ['--to', 'command', '--repo', 'acme/orders', '--', 'cat']],
        ['ProgramMissingError', ['--to', 'command']],
        ['ProgramMissingError', ['--to', 'command', '--', '']],
        ['ProgramNotTakenError', [...toGithub, '--', 'gh']],
        ['RepoInvalidError', ['--to', 'github', '--repo', 'orders']],
        ['RepoInvalidError', ['--to', 'github', '--repo', 'acme/orders/../x y']],
        ['ProjectInvalidError', ['--to', 'gitlab', '--project', 'acme/orders?x=1']],
        ['VaultPathInvalidError', ['--to', 'vault', '--path=-force']],
        ['PlaceInvalidError', [...toGithub, '--environment', 'prod\u001b[2J']],
        ['PlaceInvalidError', [...toGithub, '--environment', ' ']],
        ['ValueNameInvalidError', [...toGithub, '--key-name', 'GITHUB_ID']],
        ['ValueNameInvalidError', [...toGithub, '--secret-name', 'A=B']],
        ['ValueNamesSameError', [...toGithub, '--key-name', 'a', '--secret-name', 'A']],
      ];
      for (const [name, flags] of wrong) {
        expect(await failure(send(...flags)), flags.join(' ')).to.include({ name, exitCode: 2 });
      }
      expect(gh.runs()).to.deep.equal([]);
      expect(org.asked()).to.deep.equal([]);
    });

    it('refuses an app without key and secret', async () => {
      appInOrg(org.org, { name: 'Plain' });
      org.org.consumers.clear();
      programs.program('vault');
      const error = await failure(send(...toVault));
      expect(error).to.include({ name: 'NoConsumerError' });
    });
  });
});
