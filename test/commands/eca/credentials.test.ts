import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentials, {
  type EcaCredentialsResult,
  type EcaCredentialsShown,
} from '../../../src/commands/eca/credentials.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca credentials', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
  });

  afterEach(async () => {
    asItIs();
    await org?.close();
    process.exitCode = undefined;
  });

  const start = async (options = {}, withOauth = true): Promise<void> => {
    org = await logInToPractice($$, options);
    const app = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    if (withOauth) {
      await EcaOauthSet.run([...app, '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
    }
    ux.log.resetHistory();
    ux.warn.resetHistory();
  };

  const openSecrets = (): void => {
    org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
  };

  const run = async (...flags: string[]): Promise<EcaCredentialsResult> =>
    EcaCredentials.run(['--target-org', org.username, ...flags]);

  const credentials = async (...flags: string[]): Promise<EcaCredentialsShown> =>
    (await run('--name', 'Order_Sync', ...flags)) as EcaCredentialsShown;

  const pair = () => [...org.org.consumers.values()][0]!.primary;
  const shown = (): string =>
    [...ux.log.args, ...ux.logToStderr.args, ...ux.warn.args, ...ux.info.args].flat().map(String).join('\n');

  it('gives what a client needs, and not the secret', async () => {
    await start();
    openSecrets();
    const result = await credentials();
    expect(result).to.deep.equal({
      name: 'Order_Sync',
      consumerKey: pair().key,
      tokenUrl: `${org.url}/services/oauth2/token`,
      authorizeUrl: `${org.url}/services/oauth2/authorize`,
      myDomainUrl: org.url,
      scopes: ['api'],
      flows: ['web-server'],
    });
    expect(shown()).to.include(pair().key).and.to.include('********');
    expect(shown()).not.to.include(pair().secret);
    expect(shown()).to.include(`eca verify --name Order_Sync --target-org ${org.username}`);
    expect(prompter.confirm.called).to.equal(false);
  });

  it('shows the secret after a yes', async () => {
    await start();
    openSecrets();
    atTerminal(true);
    prompter.confirm.resolves(true);
    expect((await credentials('--show-secret')).consumerSecret).to.equal(pair().secret);
    expect(shown()).to.include(pair().secret);
    expect(JSON.stringify(ux.warn.args)).not.to.include('Anyone who knows the secret');
  });

  it('does not after a no, and does not ask the org for it', async () => {
    await start();
    openSecrets();
    atTerminal(true);
    prompter.confirm.resolves(false);
    const before = org.asked().length;
    expect((await failure(credentials('--show-secret'))).name).to.equal('SecretNotConfirmedError');
    expect(org.asked().slice(before).join('\n')).not.to.include('/credentials');
    expect(shown()).not.to.include(pair().secret);
  });

  it('looks before it asks: a closed setting can be opened for one read', async () => {
    await start();
    atTerminal(true);
    prompter.confirm.resolves(false);
    expect((await failure(credentials('--show-secret'))).name).to.equal('SecretAccessOffError');
    expect(prompter.confirm.callCount).to.equal(1);
    expect(prompter.confirm.firstCall.args[0].message).to.include('does not return consumer secrets');
    prompter.confirm.resolves(true);
    expect((await credentials('--show-secret')).consumerSecret).to.equal(pair().secret);
    expect(prompter.confirm.callCount).to.equal(2);
  });

  it('does not where nobody can be asked', async () => {
    await start();
    atTerminal(false);
    expect((await failure(credentials('--show-secret'))).name).to.equal('SecretNotConfirmedError');
    expect(prompter.confirm.called).to.equal(false);
  });

  for (const flag of ['--no-prompt', '--json']) {
    it(`warns instead of asking with ${flag}`, async () => {
      await start();
      openSecrets();
      expect((await credentials('--show-secret', flag)).consumerSecret).to.equal(pair().secret);
      expect(prompter.confirm.called).to.equal(false);
      expect(JSON.stringify(ux.warn.args)).to.include('Anyone who knows the secret can act as the app');
    });
  }

  for (const answer of ['error', 'omitted']) {
    it(`says that the org keeps the secret back (answer: ${answer})`, async () => {
      await start({ variants: { 'secret-access-off': answer } });
      const error = await failure(credentials('--show-secret', '--no-prompt'));
      expect(error.name).to.equal('SecretAccessOffError');
      expect(error.actions?.join()).to.include('--allow-secret-access');
    });

    it(`opens that for one read and closes it again (answer: ${answer})`, async () => {
      await start({ variants: { 'secret-access-off': answer } });
      const result = await credentials('--show-secret', '--no-prompt', '--allow-secret-access');
      expect(result.consumerSecret).to.equal(pair().secret);
      expect(org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess).to.equal(false);
    });
  }

  it('leaves the switch alone where it is on', async () => {
    await start();
    openSecrets();
    const before = org.deploys();
    await credentials('--show-secret', '--no-prompt', '--allow-secret-access');
    expect(org.deploys()).to.equal(before);
    expect(org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess).to.equal(true);
  });

  it('names the permissions that are missing', async () => {
    org = await logInToPractice($$, {}, ({ org: practice }) => practice.seeded.standardUser);
    const error = await failure(credentials('--show-secret', '--no-prompt'));
    expect(error.name).to.equal('PermissionMissingError');
    expect(error.message).to.include('ExternalClientAppDeveloper').and.to.include('ViewClientSecret');
  });

  it('says to turn on OAuth first', async () => {
    await start({}, false);
    const error = await failure(credentials());
    expect(error.name).to.equal('NoConsumerError');
    expect(error.actions?.join()).to.include(`sf eca oauth set --name Order_Sync --target-org ${org.username}`);
  });

  it('takes --allow-secret-access only with --show-secret', async () => {
    await start();
    expect((await failure(credentials('--allow-secret-access'))).exitCode).to.equal(2);
  });

  it('puts no secret into an error when the org answers nonsense', async () => {
    await start();
    openSecrets();
    const { secret } = pair();
    Object.assign(pair(), { secret: '' });
    const error = await failure(credentials('--show-secret', '--no-prompt'));
    expect(error.name).to.equal('SecretAccessOffError');
    expect(JSON.stringify(error.toObject())).not.to.include(secret);
  });

  describe('hands over', () => {
    let folder: string;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'credentials-'));
      await start();
      openSecrets();
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    const onStdout = (): string => ux.log.args.flat().map(String).join('\n');

    it('in a format for a program, with nothing else on stdout', async () => {
      await credentials('--show-secret', '--no-prompt', '--format', 'dotenv');
      expect(parseEnv(onStdout())).to.deep.equal({
        SALESFORCE_CLIENT_ID: pair().key,
        SALESFORCE_CLIENT_SECRET: pair().secret,
        SALESFORCE_TOKEN_URL: `${org.url}/services/oauth2/token`,
        SALESFORCE_AUTHORIZE_URL: `${org.url}/services/oauth2/authorize`,
        SALESFORCE_MY_DOMAIN_URL: org.url,
        SALESFORCE_SCOPES: 'api',
        SALESFORCE_FLOWS: 'web-server',
      });
      ux.log.resetHistory();
      const result = await credentials('--show-secret', '--no-prompt', '--format', 'json');
      expect(JSON.parse(onStdout())).to.deep.equal(result);
      ux.log.resetHistory();
      await credentials('--format', 'shell', '--prefix', 'ORDERS_');
      expect(onStdout())
        .to.match(/^export ORDERS_CLIENT_ID=/)
        .and.not.to.include('SECRET');
    });

    it('into a file, and the secret goes nowhere else', async () => {
      const file = join(folder, 'settings.json');
      writeFileSync(file, '{ "port": 8080 }');
      const result = await credentials('--show-secret', '--no-prompt', '--output-file', file);
      expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ port: 8080, consumerSecret: pair().secret });
      expect(result).to.include({ outputFile: file, consumerSecret: undefined });
      expect(shown()).not.to.include(pair().secret);
      expect(shown()).to.include(`--credentials-file ${file}`);
    });

    it('into a file after a yes', async () => {
      atTerminal(true);
      prompter.confirm.resolves(false);
      const file = join(folder, '.env');
      expect((await failure(credentials('--show-secret', '--output-file', file))).name).to.equal(
        'SecretNotConfirmedError',
      );
      expect(existsSync(file)).to.equal(false);
      expect(prompter.confirm.args[0]?.[0].message).to.include(file);
    });

    it('not into a file that git would commit, unless told so', async () => {
      execFileSync('git', ['init', '--quiet'], { cwd: folder });
      const file = join(folder, '.env');
      const before = org.asked().length;
      const flags = ['--show-secret', '--no-prompt', '--output-file', file];
      const error = await failure(credentials(...flags));
      expect(error.name).to.equal('OutputFileTrackedError');
      expect(error.actions?.join()).to.include('--allow-tracked-file');
      expect(org.asked()).to.have.length(before);
      await credentials('--output-file', file);
      expect(readFileSync(file, 'utf8')).not.to.include('SECRET');
      await credentials(...flags, '--allow-tracked-file');
      expect(readFileSync(file, 'utf8')).to.include(pair().secret);
    });

    it('not in ways that make no sense', async () => {
      const file = join(folder, '.env');
      for (const flags of [
        ['--prefix', '1_', '--format', 'dotenv'],
        ['--prefix', 'A_'],
        ['--prefix', 'A_', '--format', 'json'],
        ['--format', 'human', '--output-file', file],
        ['--format', 'xml'],
        ['--allow-tracked-file'],
      ]) {
        expect((await failure(credentials(...flags))).exitCode, flags.join(' ')).to.equal(2);
      }
    });

    it('not a secret that a .env file cannot hold', async () => {
      const secret = `'"\`#${pair().secret}`;
      Object.assign(pair(), { secret });
      const error = await failure(credentials('--show-secret', '--no-prompt', '--format', 'dotenv'));
      expect(error.name).to.equal('ValueNotForDotenvError');
      expect(JSON.stringify([error.toObject(), shown()])).not.to.include(secret);
      expect(onStdout()).to.equal('');
    });
  });

  it('closes the switch by the old flag, too', async () => {
    await start();
    expect(await run('--close-secret-access')).to.deep.equal({ secretAccessWasOpen: false });
    openSecrets();
    expect(await run('--close-secret-access')).to.deep.equal({ secretAccessWasOpen: true });
    expect(org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess).to.equal(false);
    expect((await failure(run('--close-secret-access', '--show-secret'))).exitCode).to.equal(2);
  });

  it('prints the calls of curl, with a variable in the place of the secret', async () => {
    await start();
    openSecrets();
    expect(await failure(credentials('--format', 'curl'))).to.include({ name: 'CurlNeedsFlowError' });
    const runAs = String(org.org.seeded.integrationUser.Username);
    const flow = ['--flow', 'client-credentials', '--run-as', runAs, '--no-certificate'];
    await EcaOauthSet.run(['--target-org', org.username, '--name', 'Order_Sync', ...flow]);
    ux.log.resetHistory();
    expect(await credentials('--format', 'curl', '--prefix', 'ORDERS_')).to.not.have.property('consumerSecret');
    expect(shown()).to.include(`client_id=${pair().key}`).and.include('"$ORDERS_CLIENT_SECRET"');
    expect(shown()).to.not.include(pair().secret);
    for (const flags of [
      ['--show-secret', '--no-prompt'],
      ['--output-file', 'calls.sh'],
    ])
      expect(await failure(credentials('--format', 'curl', ...flags))).to.include({
        name: 'CurlWithoutSecretError',
        exitCode: 2,
      });
    expect(existsSync('calls.sh')).to.equal(false);
  });
});
