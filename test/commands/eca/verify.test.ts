import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { SfCommand, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import { grantsOf } from '../../../src/practice/oauth/grants.ts';
import { PROMPTS } from '../../../src/ui/prompts.ts';
import type { EcaVerifyCheck } from '../../../src/ui/verification.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca verify', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = await mkdtemp(join(tmpdir(), 'sf-plugin-eca-verify-'));
  });

  afterEach(async () => {
    asItIs();
    await org?.close();
    await rm(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /** An app as the how-to's five steps make it. */
  const start = async (
    ...options: Parameters<typeof logInToPractice> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    org = await logInToPractice($$, ...options);
    const app = ['--target-org', org.username, '--name', 'Order_Sync'];
    const runAs = String(org.org.seeded.integrationUser.Username);
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...app,
      ...['--callback-url', 'https://orders.example.com/oauth/callback', '--scope', 'api'],
      ...['--flow', 'web-server', '--flow', 'client-credentials', '--run-as', runAs],
    ]);
    await EcaScopesSet.run([
      ...app,
      ...['--scope', 'api,refresh_token', '--refresh-token-policy', 'lifetime'],
      ...['--refresh-token-validity', '30 days', '--session-timeout', '30'],
    ]);
  };

  const verify = async (...flags: string[]): Promise<EcaVerifyResult> =>
    EcaVerify.run(['--target-org', org.username, '--name', 'Order_Sync', '--wait', '0', ...flags]);

  const consumer = () => [...org.org.consumers.values()][0]!.primary;

  const notPassed = ({ checks }: EcaVerifyResult): Record<string, EcaVerifyCheck> =>
    Object.fromEntries(checks.filter(({ status }) => status !== 'passed').map((check) => [check.id, check]));

  /** Logins that the app was given and that are still good. */
  const living = () => [...org.org.sessions.values()].filter(({ appId }) => appId !== undefined);

  it('passes what the five steps made, with the secret from the org, and leaves nothing behind', async () => {
    await start();
    const result = await verify('--allow-secret-access', '--strict');
    expect(notPassed(result)).to.deep.equal({});
    expect(result).to.include({ name: 'Order_Sync', result: 'passed', passed: true });
    expect(result.flows).to.deep.equal([
      { flow: 'web-server', result: 'accepted' },
      { flow: 'client-credentials', result: 'worked' },
    ]);
    expect(result.checks.map(({ id }) => id)).to.include.members([
      'client-credentials.token',
      'client-credentials.api',
      'client-credentials.running-user',
      'client-credentials.revoked',
      'web-server.authorize',
      'web-server.pkce',
      'probe.wrong-secret',
      'probe.password',
    ]);
    expect(process.exitCode).to.equal(undefined);
    expect(org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess).to.equal(false);
    expect(living()).to.deep.equal([]);
  });

  it('takes the secret from a file, in dotenv or JSON', async () => {
    await start();
    const { key, secret } = consumer();
    const env = join(folder, 'app.env');
    await writeFile(env, `export SF_CLIENT_ID=${key}\nSF_CLIENT_SECRET="${secret}"\n`);
    expect((await verify('--credentials-file', env)).passed).to.equal(true);
    const json = join(folder, 'app.json');
    await writeFile(json, JSON.stringify({ status: 0, result: { consumerKey: key, consumerSecret: secret } }));
    expect((await verify('--credentials-file', json)).passed).to.equal(true);
    expect(org.asked().filter((asked) => asked.includes('/apps/oauth/credentials'))).to.deep.equal([]);
  });

  it('calls nothing of an installed app wrong that the org does not return', async () => {
    org = await logInToPractice($$, { installed: ['acme__Orders'] });
    const app = ['--target-org', org.username, '--name', 'acme__Orders', '--json'];
    const unseen = await EcaVerify.run(app);
    expect(notPassed(unseen)).to.include.keys('web-server.callback-url').and.not.to.include.keys('consumer-key');
    expect(notPassed(unseen)['web-server.callback-url']).to.include({ status: 'skipped' });
    expect(notPassed(unseen)['web-server.callback-url']?.fix).to.match(/verify --name acme__Orders --credentials-file/);
    expect(unseen).to.include({ result: 'unfinished' });

    const [consumer] = org.org.consumers.values();
    const file = join(folder, 'orders.env');
    const { key, secret } = consumer!.primary;
    const url = 'https://acme.example/callback';
    await writeFile(file, `CONSUMER_KEY=${key}\nCONSUMER_SECRET=${secret}\nREDIRECT_URI=${url}\n`);
    const seen = await EcaVerify.run([...app, '--credentials-file', file]);
    expect(seen.checks.find(({ id }) => id === 'web-server.callback-url')).to.include({ status: 'passed' });
  });

  it('fails with exit code 1 and a fix when the secret in the file is wrong', async () => {
    await start();
    const file = join(folder, 'app.env');
    const wrong = randomBytes(16).toString('hex');
    await writeFile(file, `CONSUMER_SECRET=${wrong}\n`);
    const result = await verify('--credentials-file', file);
    const { 'client-credentials.token': check } = notPassed(result);
    expect(check?.status).to.equal('failed');
    expect(check?.detail)
      .to.include('invalid client credentials')
      .and.to.include('does not belong to the consumer key');
    expect(check?.fix).to.include(
      `sf eca credentials --name Order_Sync --show-secret --allow-secret-access --target-org ${org.username}`,
    );
    expect(result.passed).to.equal(false);
    expect(process.exitCode).to.equal(1);
    expect(JSON.stringify([result, ux.log.args, ux.table.args])).not.to.include(wrong);
  });

  it('tests the web server flow, and says what is missing for the other, when the org keeps the secret back', async () => {
    await start();
    const result = await verify();
    const { 'client-credentials.secret': check } = notPassed(result);
    expect(check?.status).to.equal('skipped');
    expect(check?.fix).to.include('--allow-secret-access').and.to.include('--credentials-file');
    expect(check?.commands).to.deep.equal([
      `sf eca verify --name Order_Sync --allow-secret-access --target-org ${org.username}`,
      `sf eca verify --name Order_Sync --credentials-file Order_Sync.env --target-org ${org.username}`,
    ]);
    expect([result.result, result.passed, process.exitCode]).to.deep.equal(['unfinished', false, 68]);
    expect(result.flows).to.deep.equal([
      { flow: 'web-server', result: 'accepted' },
      { flow: 'client-credentials', result: 'notTried' },
    ]);
    for (const flags of [['--flow', 'client-credentials'], ['--strict']]) {
      process.exitCode = undefined;
      expect((await verify(...flags)).result, flags.join(' ')).to.equal('unfinished');
      expect(process.exitCode).to.equal(68);
    }
  });

  describe('at a terminal, when the org keeps the secret back,', () => {
    const answering = (answer: boolean) => {
      atTerminal(true);
      return $$.SANDBOX.stub(SfCommand.prototype, 'confirm').resolves(answer);
    };
    const isOpen = () => org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess;

    it('opens the switch for one read after a yes', async () => {
      await start();
      const confirm = answering(true);
      const result = await verify();
      expect(String(confirm.args[0]?.[0]?.message)).to.include('Order_Sync').and.to.include(org.username);
      expect([result.result, isOpen()]).to.deep.equal(['passed', false]);
    });

    it('goes on after a no, unfinished, with nothing opened', async () => {
      await start();
      const confirm = answering(false);
      const deploys = org.deploys();
      const result = await verify();
      expect([confirm.callCount, result.result, org.deploys()]).to.deep.equal([1, 'unfinished', deploys]);
    });

    it('does not ask under --no-prompt, with --allow-secret-access, or without need', async () => {
      await start();
      const confirm = answering(true);
      await verify('--no-prompt');
      await verify('--allow-secret-access');
      await verify('--flow', 'web-server');
      expect(confirm.callCount).to.equal(0);
    });

    it('does not ask somebody who may not read secrets, for whom it would fail', async () => {
      await start();
      const confirm = answering(true);
      for (const table of ['Profile', 'PermissionSet'])
        for (const { Id } of org.org.records(table)) org.org.update(table, Id, { PermissionsViewClientSecret: false });
      expect((await verify()).result).to.equal('unfinished');
      expect(confirm.callCount).to.equal(0);
    });
  });

  it('waits until the org knows the app', async () => {
    await start({ propagation: 2 });
    const result = await EcaVerify.run([
      ...['--target-org', org.username, '--name', 'Order_Sync', '--allow-secret-access', '--wait', '1'],
    ]);
    expect(result.passed).to.equal(true);
  });

  const breakages: [string, () => unknown, string, RegExp][] = [
    [
      'the run-as user is inactive',
      () => org.org.update('User', org.org.seeded.integrationUser.Id, { IsActive: false }),
      'client-credentials.run-as',
      /is inactive/,
    ],
    [
      'the run-as user is an administrator',
      () => {
        const policies = org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!;
        policies.body.clientCredentialsFlowUser = org.org.seeded.admin.Username;
      },
      'client-credentials.running-user',
      /"Modify All Data" \(ModifyAllData\)/,
    ],
    [
      'the policy switch is off',
      () => {
        org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.isClientCredentialsFlowEnabled = false;
      },
      'client-credentials.configured',
      /off in its policies/,
    ],
    [
      'the developer’s switch is off',
      () => {
        org.org.components('ExtlClntAppGlobalOauthSettings')[0]!.body.isClientCredentialsFlowEnabled = false;
      },
      'client-credentials.configured',
      /off in its settings/,
    ],
    [
      'only approved users may use the app',
      () => {
        org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.permittedUsersPolicyType =
          'AdminApprovedPreAuthorized';
      },
      'client-credentials.access',
      /is not approved/,
    ],
    [
      'the OAuth plugin is off',
      () => {
        org.org.components('ExtlClntAppConfigurablePolicies')[0]!.body.isOauthPluginEnabled = false;
      },
      'app',
      /switched off/,
    ],
    [
      'the app is off',
      () => {
        org.org.components('ExtlClntAppConfigurablePolicies')[0]!.body.isEnabled = false;
      },
      'app',
      /switched off/,
    ],
    [
      'the org leaves secrets open',
      () => {
        org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
      },
      'secret-access',
      /returns consumer secrets/,
    ],
  ];
  for (const [what, breakIt, id, detail] of breakages) {
    it(`finds that ${what}`, async () => {
      await start();
      await breakIt();
      const result = await verify('--allow-secret-access');
      const check = notPassed(result)[id];
      expect(check?.status).to.be.oneOf(['failed', 'warning']);
      expect(check?.detail).to.match(detail);
      expect(check?.fix).to.be.a('string').and.not.equal('');
      expect(result.passed).to.equal(check?.status === 'warning');
    });
  }

  describe('with a key for the JWT bearer flow', () => {
    const pair = selfSigned();

    /** The five steps' app with a certificate, for users whom an admin approved. */
    const startWithCertificate = async (
      options: Parameters<typeof logInToPractice>[1] = {},
      certificate = pair.certificate,
    ) => {
      await start(options);
      const app = ['--target-org', org.username, '--name', 'Order_Sync'];
      const file = join(folder, 'app.crt');
      await writeFile(file, certificate);
      await EcaOauthSet.run([...app, '--certificate-file', file]);
      const policies = org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body;
      policies.permittedUsersPolicyType = 'AdminApprovedPreAuthorized';
      policies.commaSeparatedProfile = 'Minimum Access - API Only Integrations';
    };

    const verifyJwt = async (...flags: string[]): Promise<EcaVerifyResult> => {
      const key = join(folder, 'app.key');
      await writeFile(key, pair.key.export({ type: 'pkcs8', format: 'pem' }));
      return verify('--flow', 'jwt-bearer', '--jwt-key-file', key, ...flags);
    };

    it('gets a token for the app’s run-as user', async () => {
      await startWithCertificate();
      const result = await verifyJwt('--strict');
      expect(notPassed(result)).to.deep.equal({});
      const token = result.checks.find(({ id }) => id === 'jwt-bearer.token');
      expect(token?.detail).to.include('https://login.salesforce.com');
      expect(result.passed).to.equal(true);
      expect(living()).to.deep.equal([]);
    });

    it('tries the My Domain when the general login host is not the audience', async () => {
      await startWithCertificate({ variants: { 'jwt-audience': 'my-domain' } });
      const { passed, checks } = await verifyJwt();
      expect(passed).to.equal(true);
      expect(checks.find(({ id }) => id === 'jwt-bearer.token')?.detail).to.include(org.url);
    });

    it('names a certificate of another key', async () => {
      await startWithCertificate({}, selfSigned().certificate);
      const { 'jwt-bearer.token': check } = notPassed(await verifyJwt());
      expect(check?.status).to.equal('failed');
      expect(check?.detail).to.include('invalid assertion');
      expect(check?.fix).to.include('sf eca certificate create --name Order_Sync --replace');
    });

    it('names an expired certificate', async () => {
      await startWithCertificate({ variants: { 'expired-certificate': 'refused' } });
      org.org.components('ExtlClntAppGlobalOauthSettings')[0]!.body.certificate = selfSigned({ days: -1 }).certificate;
      expect(notPassed(await verifyJwt())['jwt-bearer.token']?.detail).to.include('the JWT has expired');
    });

    it('names the scope that the flow needs', async () => {
      await startWithCertificate();
      org.org.components('ExtlClntAppOauthSettings')[0]!.body.commaSeparatedOauthScopes = 'Api';
      const { 'jwt-bearer.scopes-needed': check } = notPassed(await verifyJwt());
      expect(check?.fix).to.include('sf eca scopes set --name Order_Sync --add refresh_token');
    });

    it('names scopes and approval in the first round', async () => {
      await startWithCertificate();
      org.org.components('ExtlClntAppOauthSettings')[0]!.body.commaSeparatedOauthScopes = '';
      org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.permittedUsersPolicyType =
        'AllSelfAuthorized';
      const found = notPassed(await verifyJwt());
      expect(found['jwt-bearer.scopes-needed']?.commands[0]).to.include('--add refresh_token --add api');
      expect(found['jwt-bearer.access']?.status).to.equal('warning');
      expect(found['jwt-bearer.access']?.commands[0]).to.include('sf eca user create --name Order_Sync');
    });

    it('names a user with the key, where the app has none, and where the named one is not there', async () => {
      await startWithCertificate();
      const policies = org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body;
      delete policies.clientCredentialsFlowUser;
      policies.isClientCredentialsFlowEnabled = false;
      policies.commaSeparatedProfile = 'System Administrator';
      const key = join(folder, 'app.key');
      /** Runs the fix's command, word for word but for the file's name. */
      const followed = async (fix: string[] = []): Promise<boolean> => {
        const words = fix[0]!.split(' ').map((word) => (word === 'Order_Sync.key' ? key : word));
        expect(words.slice(0, 3).join(' ')).to.equal('sf eca verify');
        return (await EcaVerify.run([...words.slice(3), '--wait', '0'])).passed;
      };
      expect((await failure(verifyJwt())).name).to.equal('NoJwtUserError');
      const untried = await verify('--flow', 'jwt-bearer');
      const needsKey = untried.checks.find(({ id }) => id === 'jwt-bearer.user');
      expect(needsKey?.fix).to.match(/The value of --run-as is the user/);
      expect(await followed(needsKey?.commands)).to.equal(true);
      const unknown = notPassed(await verifyJwt('--run-as', 'nobody@example.com'))['jwt-bearer.user'];
      expect(unknown?.status).to.equal('failed');
      expect(unknown?.commands[0]).not.to.include('nobody@');
      expect(await followed(unknown?.commands)).to.equal(true);

      atTerminal(true);
      try {
        const asked = $$.SANDBOX.stub(PROMPTS, 'text').resolves(org.username);
        expect((await verifyJwt()).passed).to.equal(true);
        expect(asked.callCount).to.equal(1);
      } finally {
        asItIs();
      }
    });

    it('shows the line by which sf logs in', async () => {
      await startWithCertificate();
      await verifyJwt();
      expect(ux.logToStderr.args.flat().join('\n')).to.match(
        new RegExp(
          `sf org login jwt --client-id \\S+ --jwt-key-file \\S+app\\.key --username integration@\\S+ --instance-url ${org.url}`,
        ),
      );
    });

    it('names a user who is not let in, or is not there', async () => {
      await startWithCertificate();
      const other = String(org.org.seeded.standardUser.Username);
      expect(notPassed(await verifyJwt('--run-as', other))['jwt-bearer.access']?.detail).to.include('is not approved');
      const none = notPassed(await verifyJwt('--run-as', 'nobody@example.com'))['jwt-bearer.user'];
      expect([none?.status, none?.detail.includes('nobody@example.com')]).to.deep.equal(['failed', true]);
    });

    it('cannot be tested without one, and says so', async () => {
      await start();
      const result = await verify('--flow', 'jwt-bearer');
      expect(notPassed(result)['jwt-bearer.user']?.fix).to.include('--jwt-key-file');
      expect([result.result, process.exitCode]).to.deep.equal(['unfinished', 68]);
    });
  });

  describe('with the device flow', () => {
    const startWithDevice = async (): Promise<void> => {
      await start();
      const { body } = org.org.components('ExtlClntAppGlobalOauthSettings')[0]!;
      // Salesforce announced that the flow needs such a callback URL.
      Object.assign(body, {
        isDeviceFlowEnabled: true,
        callbackUrl: `${String(body.callbackUrl)}\nhttp://localhost:1717/cb`,
      });
    };

    it('shows somebody the code and waits until the app is let in', async () => {
      await startWithDevice();
      atTerminal(true);
      const userId = org.org.seeded.standardUser.Id;
      ux.logToStderr.callsFake((text = '') => {
        const [code] = /(?<=enter )\S+/.exec(text) ?? [];
        const waiting = code && grantsOf(org.org).waitingDevice(code);
        if (waiting) waiting.answer = { userId };
      });
      const result = await verify('--flow', 'device');
      expect(notPassed(result)).to.deep.equal({});
      expect(result.passed).to.equal(true);
      expect(result.checks.find(({ id }) => id === 'device.running-user')?.detail).to.include(
        String(org.org.seeded.standardUser.Username),
      );
      expect(living()).to.deep.equal([]);
    });

    it('goes as far as the code where nobody is there', async () => {
      await startWithDevice();
      const result = await verify('--flow', 'device');
      expect(notPassed(result)).to.deep.equal({});
      expect(result.checks.find(({ id }) => id === 'device.code')?.detail).to.include('nobody is there');
      expect(result.flows).to.deep.equal([{ flow: 'device', result: 'accepted' }]);
      expect(result.passed).to.equal(true);
    });

    it('names the flow that is off', async () => {
      await start();
      const { 'device.configured': check } = notPassed(await verify('--flow', 'device'));
      expect(check?.fix).to.include('--flow web-server --flow client-credentials --flow device');
    });
  });

  it('shows each check once, what to do, and how it ended', async () => {
    await start();
    ux.log.resetHistory();
    await verify('--flow', 'client-credentials');
    const shown = ux.log.args.flat().join('\n');
    expect(shown).to.include('✔ App is on: ');
    expect(shown).to.match(/Not tried because of the problem above: Client credentials: token, /);
    expect(shown.match(/Client credentials: token\b/g)).to.have.length(2);
    expect(shown).to.include(
      '- Client credentials: consumer secret\n  Run this command, which changes the setting for one read:\n',
    );
    expect(shown).to.include(
      `\n    sf eca verify --name Order_Sync --flow client-credentials --allow-secret-access --target-org ${org.username}\n`,
    );
    expect(shown).to.match(/\nclient-credentials: not tried .*\nOrder_Sync is unfinished: nothing failed/);
    expect(shown).not.to.include('not seen');
    await verify();
    expect(ux.log.args.flat().join('\n')).not.to.include('not seen');
    // What somebody else wrote since is not known here.
    const [settings] = org.org.components('ExtlClntAppGlobalOauthSettings');
    org.org.putComponent({ ...settings!, lastModifiedDate: new Date(org.org.now().getTime() + 60_000) });
    await verify();
    expect(ux.log.args.flat().join('\n')).to.match(/- jwt-bearer: not seen\./);
  });

  it('writes a JUnit report, and nothing else, to stdout', async () => {
    await start();
    ux.log.resetHistory();
    ux.table.resetHistory();
    await verify('--allow-secret-access', '--result-format', 'junit');
    expect(ux.log.args.flat()).to.have.length(1);
    expect(ux.log.args.flat().join()).to.match(
      /^<\?xml[^]*<testsuite name="eca verify Order_Sync" tests="22" failures="0" skipped="0" errors="0"/,
    );
    ux.log.resetHistory();
    await verify('--result-format', 'junit');
    expect(ux.log.args.flat().join()).to.match(/ failures="0" skipped="\d" errors="1"/);
  });

  it('refuses a credentials file that is not there or has no secret, before it asks the org', async () => {
    org = await logInToPractice($$);
    const missing = await failure(verify('--credentials-file', join(folder, 'none')));
    expect(missing.name).to.equal('CredentialsFileNotFoundError');
    expect(missing.actions?.join()).to.include('Check the path').and.not.include('permission');
    const empty = join(folder, 'empty.env');
    const key = randomBytes(10).toString('hex');
    await writeFile(empty, `CLIENT_ID=${key}\n`);
    const error = await failure(verify('--credentials-file', empty));
    expect(error.name).to.equal('CredentialsFileEmptyError');
    expect(JSON.stringify(error.toObject())).not.to.include(key);
    expect(org.asked()).to.deep.equal([]);
  });

  it('names the apps that are near when there is none of that name', async () => {
    await start();
    const error = await failure(EcaVerify.run(['--target-org', org.username, '--name', 'Order_Sink']));
    expect([error.name, error.message.includes('Order_Sync')]).to.deep.equal(['AppNotFoundError', true]);
  });
});
