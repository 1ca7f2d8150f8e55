import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentials, { type EcaCredentialsResult, type EcaCredentialsShown } from '../../../src/commands/eca/credentials.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, logInToPractice, type LoggedIn } from '../practice.ts';

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
    expect(ux.warn.args).to.deep.equal([]);
  });

  it('does not after a no, and asks the org for nothing', async () => {
    await start();
    openSecrets();
    atTerminal(true);
    prompter.confirm.resolves(false);
    const before = org.asked().length;
    expect((await failure(credentials('--show-secret'))).name).to.equal('SecretNotConfirmedError');
    expect(org.asked()).to.have.length(before);
    expect(shown()).not.to.include(pair().secret);
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
      expect(JSON.stringify(ux.warn.args)).to.include('Whoever knows it can act as the app');
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
    expect(error.actions?.join()).to.include('sf eca oauth set --name Order_Sync');
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
});
