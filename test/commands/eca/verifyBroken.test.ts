import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentials from '../../../src/commands/eca/credentials.ts';
import EcaEnable from '../../../src/commands/eca/enable.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaUserCreate from '../../../src/commands/eca/user/create.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import type { PracticeServerOptions } from '../../../src/practice/practice.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { logInToPractice, type LoggedIn } from '../practice.ts';

/*
 * One thing is broken at a time. Verify has to say so in the right check, name the cause, and say what mends it; that is then
 * done, word by word where it is a command, and verify has to pass.
 */

type Words = Record<string, () => string>;

type Broken = {
  what: string;
  breakIt: () => unknown;
  check: string;
  status: 'failed' | 'warning';
  /** What the finding says. */
  cause: RegExp;
  /** What the fix says. */
  fix: RegExp;
  /** What a person does whom the fix names; absent: the fix is a command, which is run. */
  mend?: () => unknown;
  /** What the placeholders of the command stand for. */
  words?: Words;
  options?: PracticeServerOptions;
  /** Flags of verify. */
  flags?: () => string[];
};

const commands: Record<string, (argv: string[]) => Promise<unknown>> = {
  'oauth set': (argv) => EcaOauthSet.run(argv),
  'scopes set': (argv) => EcaScopesSet.run(argv),
  'user create': (argv) => EcaUserCreate.run(argv),
  enable: (argv) => EcaEnable.run(argv),
  credentials: (argv) => EcaCredentials.run(argv),
};

describe('eca verify, with one thing broken,', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  const pair = selfSigned();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-broken-'));
    writeFileSync(join(folder, 'app.crt'), pair.certificate);
    writeFileSync(join(folder, 'app.key'), pair.key.export({ type: 'pkcs8', format: 'pem' }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });
  afterEach(async () => {
    await org.close();
    process.exitCode = undefined;
  });

  const body = (type: string): Record<string, unknown> => {
    const [component] = org.org.components(type);
    if (!component) throw new Error(`The org has no ${type}.`);
    return component.body;
  };
  const globalSettings = () => body('ExtlClntAppGlobalOauthSettings');
  const settings = () => body('ExtlClntAppOauthSettings');
  const oauthPolicies = () => body('ExtlClntAppOauthConfigurablePolicies');
  const policies = () => body('ExtlClntAppConfigurablePolicies');
  const integrationUser = () => org.org.seeded.integrationUser;
  const username = () => String(integrationUser().Username);
  const pairOfKeys = () => [...org.org.consumers.values()][0]!.primary;
  const change = (fields: Record<string, unknown>) => org.org.update('User', integrationUser().Id, fields);
  const userLogin = (fields: Record<string, unknown>): void => {
    const [there] = org.org.records('UserLogin').filter(({ UserId }) => UserId === integrationUser().Id);
    if (there) org.org.update('UserLogin', there.Id, fields);
    else org.org.insert('UserLogin', { UserId: integrationUser().Id, IsPasswordLocked: false, ...fields });
  };
  const permissionOfProfile = (name: string, value: boolean): void => {
    for (const table of ['PermissionSet', 'Profile']) {
      for (const record of org.org.records(table)) {
        if (record.ProfileId === integrationUser().ProfileId || record.Id === integrationUser().ProfileId) {
          org.org.update(table, record.Id, { [`Permissions${name}`]: value });
        }
      }
    }
  };
  const credentialsFile = (key: string, secret: string): string => {
    const file = join(folder, 'app.env');
    writeFileSync(file, `CONSUMER_KEY=${key}\nCONSUMER_SECRET=${secret}\n`);
    return file;
  };
  const permissionSet = (): void => {
    org.org.insert('PermissionSet', { Name: 'Order_Sync', Label: 'Order Sync', IsOwnedByProfile: false });
  };
  const assign = (): void => {
    const set = org.org.records('PermissionSet').find(({ Name }) => Name === 'Order_Sync');
    org.org.insert('PermissionSetAssignment', { AssigneeId: integrationUser().Id, PermissionSetId: set?.Id });
  };
  const approvedOnly = (fields: Record<string, unknown>): void => {
    Object.assign(oauthPolicies(), { permittedUsersPolicyType: 'AdminApprovedPreAuthorized', ...fields });
  };
  const withCredentials = () => ['--credentials-file', join(folder, 'app.env')];
  const withKey = () => ['--flow', 'jwt-bearer', '--jwt-key-file', join(folder, 'app.key')];
  const runAs: Words = { '<username>': username };

  const app = () => ['--target-org', org.username, '--name', 'Order_Sync'];

  /** A client-credentials and web server app as it should be, and its certificate where a test is about that. */
  const start = async (options: PracticeServerOptions = {}, certificate = false): Promise<void> => {
    org = await logInToPractice($$, options);
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...app(),
      ...['--callback-url', 'https://orders.example.com/oauth/callback', '--scope', 'api', '--pkce'],
      ...['--flow', 'web-server', '--flow', 'client-credentials', '--run-as', username()],
      ...(certificate ? ['--flow', 'jwt-bearer', '--certificate-file', join(folder, 'app.crt')] : []),
    ]);
    await EcaScopesSet.run([
      ...app(),
      ...['--scope', 'api,refresh_token', '--refresh-token-policy', 'lifetime'],
      ...['--refresh-token-validity', '30 days', '--session-timeout', '30'],
    ]);
    if (certificate) approvedOnly({ commaSeparatedProfile: 'Minimum Access - API Only Integrations' });
  };

  const verify = async (flags: string[]): Promise<EcaVerifyResult> =>
    EcaVerify.run([...app(), '--wait', '0', ...flags]);

  /** Runs the command that a fix names, as a shell would. */
  const run = async (fix: string, words: Words): Promise<void> => {
    const [line = ''] = /sf eca .*?(?=$|\n| \(|; )/.exec(fix) ?? [];
    const [, , ...rest] = (line.match(/'[^']*'|<[^>]*>|\S+/g) ?? []).map((word) =>
      word in words ? words[word]!() : word.replaceAll("'", ''),
    );
    const name = Object.keys(commands).find((one) => rest.join(' ').startsWith(one));
    if (!name) throw new Error(`No command to run in "${fix}".`);
    expect(rest.join(' '), 'placeholders left').not.to.match(/<[\w ]+>/);
    await commands[name]?.(rest.slice(name.split(' ').length));
  };

  const table: Broken[] = [
    {
      what: 'a wrong secret',
      breakIt: () => credentialsFile(pairOfKeys().key, randomBytes(16).toString('hex')),
      flags: withCredentials,
      check: 'client-credentials.token',
      status: 'failed',
      cause: /invalid client credentials.*not the one that goes with the key/,
      fix: /sf eca credentials --name Order_Sync --show-secret/,
      mend: () => credentialsFile(pairOfKeys().key, pairOfKeys().secret),
    },
    {
      what: 'a key that is not the app’s, be it wrong or another org’s',
      breakIt: () => credentialsFile(`3MVG9${randomBytes(30).toString('hex')}`, pairOfKeys().secret),
      flags: withCredentials,
      check: 'consumer-key',
      status: 'failed',
      cause: /not the one that the org has/,
      fix: /sf eca credentials --name Order_Sync/,
      mend: () => credentialsFile(pairOfKeys().key, pairOfKeys().secret),
    },
    {
      what: 'the developer’s switch of client credentials off',
      breakIt: () => (globalSettings().isClientCredentialsFlowEnabled = false),
      check: 'client-credentials.configured',
      status: 'failed',
      cause: /off in its settings/,
      fix: /sf eca oauth set/,
    },
    {
      what: 'the admin’s switch of client credentials off',
      breakIt: () => (oauthPolicies().isClientCredentialsFlowEnabled = false),
      check: 'client-credentials.configured',
      status: 'failed',
      cause: /off in its policies/,
      fix: /sf eca oauth set/,
    },
    {
      what: 'no run-as user',
      breakIt: () => delete oauthPolicies().clientCredentialsFlowUser,
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /no run-as user/,
      fix: /sf eca oauth set .*--run-as/,
      words: runAs,
    },
    {
      what: 'an inactive run-as user',
      breakIt: () => change({ IsActive: false }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /is inactive/,
      fix: /administrator activate/,
      mend: () => change({ IsActive: true }),
    },
    {
      what: 'a run-as user who is frozen',
      breakIt: () => userLogin({ IsFrozen: true }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /frozen or locked out/,
      fix: /administrator unfreeze or unlock/,
      mend: () => userLogin({ IsFrozen: false }),
    },
    {
      what: 'a run-as user without API access',
      breakIt: () => permissionOfProfile('ApiEnabled', false),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /ApiEnabled.*missing/,
      fix: /API Enabled/,
      mend: () => permissionOfProfile('ApiEnabled', true),
    },
    {
      what: 'an administrator for a run-as user',
      breakIt: () => (oauthPolicies().clientCredentialsFlowUser = org.org.seeded.admin.Username),
      check: 'client-credentials.running-user',
      status: 'warning',
      cause: /ModifyAllData/,
      fix: /sf eca user create --name Order_Sync/,
      words: { '<username>': () => 'order-sync@example.com' },
    },
    {
      what: 'admin approval without the permission set',
      breakIt: () => (permissionSet(), approvedOnly({ commaSeparatedPermissionSet: 'Order_Sync' })),
      check: 'client-credentials.access',
      status: 'failed',
      cause: /not one of them.*Order_Sync/,
      fix: /sf org assign permset --name Order_Sync --on-behalf-of integration@/,
      mend: assign,
    },
    {
      what: 'admin approval by another profile',
      breakIt: () => approvedOnly({ commaSeparatedProfile: 'Standard User' }),
      check: 'client-credentials.access',
      status: 'failed',
      cause: /not one of them.*Standard User/,
      fix: /sf eca scopes set .*--permission-set/,
      words: { "'<permission set>'": () => 'Order_Sync', '<permission set>': () => 'Order_Sync' },
      mend: async () => {
        permissionSet();
        assign();
        await EcaScopesSet.run([...app(), '--permission-set', 'Order_Sync']);
      },
    },
    {
      what: 'the OAuth plugin off',
      breakIt: () => (policies().isOauthPluginEnabled = false),
      check: 'app',
      status: 'failed',
      cause: /OAuth is switched off/,
      fix: /sf eca oauth set/,
    },
    {
      what: 'the app disabled',
      breakIt: () => (policies().isEnabled = false),
      check: 'app',
      status: 'failed',
      cause: /app is switched off/,
      fix: /sf eca enable/,
    },
    {
      what: 'the scope api missing',
      breakIt: () => (settings().commaSeparatedOauthScopes = 'RefreshToken'),
      check: 'client-credentials.api',
      status: 'failed',
      cause: /access to no API/,
      fix: /sf eca scopes set --name Order_Sync --add api/,
    },
    {
      what: 'the scope full',
      breakIt: () => (settings().commaSeparatedOauthScopes = 'Api, RefreshToken, Full'),
      check: 'scope-width',
      status: 'warning',
      cause: /scope "full"/,
      fix: /--remove full/,
    },
    {
      what: 'no callback URL',
      breakIt: () => delete globalSettings().callbackUrl,
      check: 'web-server.callback-url',
      status: 'failed',
      cause: /no callback URL/,
      fix: /--callback-url/,
      words: {
        '<callback URL>': () => 'https://orders.example.com/cb',
        "'<callback URL>'": () => 'https://orders.example.com/cb',
      },
    },
    {
      what: 'a callback URL over http',
      breakIt: () => (globalSettings().callbackUrl = 'http://orders.example.com/cb'),
      check: 'web-server.callback-url',
      status: 'warning',
      cause: /Not https: http:\/\/orders/,
      fix: /--callback-url https:\/\/orders\.example\.com\/cb/,
    },
    {
      what: 'PKCE off',
      breakIt: () => (globalSettings().isPkceRequired = false),
      check: 'web-server.pkce',
      status: 'warning',
      cause: /does not require PKCE/,
      fix: /--pkce/,
    },
    {
      what: 'JWT-format tokens',
      breakIt: () => (globalSettings().isNamedUserJwtEnabled = true),
      check: 'token-format',
      status: 'warning',
      cause: /SOAP/,
      fix: /--no-jwt-access-tokens/,
    },
    {
      what: 'policies left at Salesforce’s defaults',
      breakIt: () => {
        Object.assign(oauthPolicies(), { refreshTokenValidityPeriod: 365, refreshTokenValidityUnit: 'Days' });
        delete oauthPolicies().sessionTimeoutInMinutes;
      },
      check: 'policies',
      status: 'warning',
      cause: /Still as Salesforce made them/,
      fix: /sf eca scopes set/,
    },
    {
      what: 'secrets left open to the REST API',
      breakIt: () => (org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true),
      check: 'secret-access',
      status: 'warning',
      cause: /returns consumer secrets/,
      fix: /sf eca credentials --close-secret-access/,
    },
    ...(
      [
        ['a token that ended', 'invalid-session', /Session expired or invalid/, /Log in once more/],
        ['the API limit reached', 'request-limit', /limit of API requests is used up/, /Wait until/],
        ['API Access Control', 'api-access-control', /only approved apps/, /administrator approve Order_Sync/],
      ] as const
    ).map(([what, fault, cause, fix]): Broken => ({
      what,
      // The first request is the one that goes wrong; the person whom the fix names has seen to the next.
      options: { faults: [{ method: 'GET', path: '/services/data/v68.0', nth: 1, fault }] },
      breakIt: () => undefined,
      check: 'client-credentials.api',
      status: 'failed',
      cause,
      fix,
      mend: () => undefined,
    })),
    {
      what: 'an IP address that is not allowed',
      options: { faults: [{ method: 'POST', path: '/services/oauth2/token', nth: 1, fault: 'ip-restricted' }] },
      breakIt: () => undefined,
      check: 'client-credentials.token',
      status: 'failed',
      cause: /ip restricted.*IP address/,
      fix: /allowed ranges.*sf eca scopes set .*--ip-relaxation relax/,
    },
    ...(
      [
        [
          'the certificate of another key',
          () => (globalSettings().certificate = selfSigned().certificate),
          /invalid assertion/,
          /--certificate-file/,
        ],
        [
          'an expired certificate',
          () => (globalSettings().certificate = selfSigned({ days: -1 }).certificate),
          /no longer valid/,
          /--certificate-file/,
        ],
        [
          'refresh_token missing for JWT bearer',
          () => (settings().commaSeparatedOauthScopes = 'Api'),
          /refresh_token scope is required/,
          /--add refresh_token/,
        ],
      ] as const
    ).map(([what, breakIt, cause, fix]): Broken => ({
      what,
      breakIt,
      flags: withKey,
      check: 'jwt-bearer.token',
      status: 'failed',
      cause,
      fix,
      words: { '<certificate>': () => join(folder, 'app.crt') },
    })),
  ];

  for (const { what, breakIt, check: id, status, cause, fix, mend, words = {}, options, flags } of table) {
    it(`${what}: says so in ${id}, and what mends it`, async () => {
      const given = flags ?? (() => ['--allow-secret-access']);
      await start(options, id.startsWith('jwt-bearer'));
      await breakIt();
      const result = await verify(given());
      const check = result.checks.find((one) => one.id === id);
      expect(check, result.checks.map((one) => `${one.id} ${one.status}`).join(', ')).to.include({ status });
      expect(check?.detail).to.match(cause);
      expect(check?.fix).to.match(fix);
      expect(result.passed).to.equal(status === 'warning');
      const said = result.checks.filter((one) => one.status === 'failed' || one.status === 'warning');
      expect(
        said.map((one) => one.id),
        'no other check complains',
      ).to.deep.equal([id]);

      if (mend) await mend();
      else await run(check?.fix ?? '', words);
      const after = await verify(given());
      expect(after.checks.filter((one) => one.status !== 'passed')).to.deep.equal([]);
      expect(after.passed).to.equal(true);
      expect(
        [...org.org.sessions.values()].filter(({ appId }) => appId !== undefined),
        'tokens left',
      ).to.deep.equal([]);
    });
  }
});
