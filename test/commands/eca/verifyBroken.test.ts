import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StateAggregator } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentials from '../../../src/commands/eca/credentials.ts';
import EcaEnable from '../../../src/commands/eca/enable.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaUserCreate from '../../../src/commands/eca/user/create.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import { createPracticeServer, type PracticeServerOptions } from '../../../src/practice/practice.ts';
import { PROMPTS } from '../../../src/ui/prompts.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { asItIs, atTerminal } from '../../ui/atTerminal.ts';
import { type LoggedIn, logIn, logInToPractice } from '../practice.ts';

/*
 * One thing is broken at a time. Verify has to say so in the right check, name the cause, and say what mends it; that is then
 * done, word by word where it is a command, and verify has to pass.
 */

type Words = Record<string, () => string>;

type Broken = {
  what: string;
  breakIt: () => unknown;
  check: string;
  status: 'failed' | 'warning' | 'unfinished' | 'skipped';
  /** What the finding says. */
  cause: RegExp;
  /** What the fix says. */
  fix: RegExp;
  /** What is as it should be before. */
  before?: () => unknown;
  /** What a person does whom the fix names; absent: the fix is a command, which is run. */
  mend?: () => unknown;
  /** Files that the command names, and where they are. */
  words?: Words;
  /** What is typed where the command asks. */
  answers?: () => string;
  options?: PracticeServerOptions;
  /** Flags of verify, and others after the fix where that is to run verify otherwise. */
  flags?: () => string[];
  after?: () => string[];
  /** Other checks that complain, too, of the same. */
  also?: string[];
};

const commands: Record<string, (argv: string[]) => Promise<unknown>> = {
  'oauth set': (argv) => EcaOauthSet.run(argv),
  'scopes set': (argv) => EcaScopesSet.run(argv),
  'user create': (argv) => EcaUserCreate.run(argv),
  enable: (argv) => EcaEnable.run(argv),
  credentials: (argv) => EcaCredentials.run(argv),
  verify: (argv) => EcaVerify.run(argv),
};

describe('eca verify, with one thing broken,', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const pair = selfSigned();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-broken-'));
    writeFileSync(join(folder, 'app.crt'), pair.certificate);
    writeFileSync(join(folder, 'app.key'), pair.key.export({ type: 'pkcs8', format: 'pem' }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });
  afterEach(async () => {
    asItIs();
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
  /** The client's own configuration, with other settings as they are named. */
  const credentialsFile = (key: string, secret: string, others: Record<string, string> = {}): void => {
    const settings = { CLIENT_ID: key, CLIENT_SECRET: secret, ...others };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, 'app.env'), lines.join(''));
  };
  const clientSays = (others: Record<string, string> = {}): void =>
    credentialsFile(pairOfKeys().key, pairOfKeys().secret, others);
  /** Does something when a check is done, as time or another person might. */
  const afterCheck = (title: string, act: () => unknown): void => {
    let done = false;
    ux.log.callsFake((line = '') => {
      if (!line.includes(`${title}: `) || done) return;
      done = true;
      act();
    });
  };
  const loginIpRanges = (...ranges: [string, string][]): void => {
    const metadata = { loginIpRanges: ranges.map(([startAddress, endAddress]) => ({ startAddress, endAddress })) };
    org.org.update('Profile', String(integrationUser().ProfileId), { Metadata: metadata });
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
  /** As somebody else would: with the date of the change, or this machine would trust its own note. */
  const giveCertificate = (certificate: string): void => {
    const [component] = org.org.components('ExtlClntAppGlobalOauthSettings');
    org.org.putComponent({
      ...component!,
      body: { ...component!.body, certificate },
      lastModifiedDate: new Date(org.org.now().getTime() + 1),
    });
  };

  /** Key and certificate in one file. */
  const pemOf = ({ key, certificate }: typeof pair): string =>
    String(key.export({ type: 'pkcs8', format: 'pem' })) + certificate;
  const withCredentials = () => ['--credentials-file', join(folder, 'app.env')];
  const withKey = () => ['--flow', 'jwt-bearer', '--jwt-key-file', join(folder, 'app.key')];

  /** A login of the administrator's. */
  const adminToken = ({ org: practice }: Pick<LoggedIn, 'org'>): string => {
    const expiresAt = new Date(practice.now().getTime() + 3_600_000);
    const login = { userId: practice.seeded.admin.Id, scopes: ['full'], format: 'opaque' as const, expiresAt };
    return practice.openSession(login).token;
  };

  /** As `sf org login` does: the login that was there is forgotten. */
  const logInAnew = async (username: string, url: string, token: string): Promise<void> => {
    for (const fake of ($$.SANDBOX as unknown as { getFakes(): unknown[] }).getFakes()) {
      const { propName } = fake as { propName?: string };
      if (propName === 'getAllFiles' || propName === 'hasFile') (fake as { restore(): void }).restore();
    }
    StateAggregator.clearInstance();
    await logIn($$, username, url, token);
  };

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

  /** Somebody sits at a terminal, gives the same answer to every question and agrees to everything. */
  const typing = (answer: () => string): void => {
    atTerminal(true);
    $$.SANDBOX.stub(PROMPTS, 'text').callsFake(async () => answer());
    stubPrompter($$.SANDBOX).confirm.resolves(true);
  };

  const verify = async (flags: string[]): Promise<EcaVerifyResult> =>
    EcaVerify.run([...app(), '--wait', '0', ...flags]);

  /** Runs the command that a fix names, as a shell would. */
  const run = async (fix: string, words: Words): Promise<void> => {
    const [line = ''] = /(?<=^ +)sf eca .*$/m.exec(fix) ?? [];
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
      cause: /invalid client credentials.*does not belong to the consumer key/,
      fix: /sf eca credentials --name Order_Sync --show-secret/,
      mend: () => credentialsFile(pairOfKeys().key, pairOfKeys().secret),
    },
    {
      what: 'a key that is nobody’s',
      breakIt: () => credentialsFile(`3MVG9${randomBytes(30).toString('hex')}`, pairOfKeys().secret),
      flags: withCredentials,
      check: 'consumer-key',
      status: 'failed',
      cause: /differs from the app's key in the org/,
      fix: /sf eca credentials --name Order_Sync/,
      mend: () => credentialsFile(pairOfKeys().key, pairOfKeys().secret),
    },
    {
      what: 'key and secret of another org',
      breakIt: async () => {
        const other = await createPracticeServer();
        const username = String(other.org.seeded.admin.Username);
        await logInAnew(username, other.url, adminToken(other));
        const otherApp = ['--target-org', username, '--name', 'Order_Sync'];
        await EcaCreate.run([...otherApp, '--contact-email', 'it@example.com']);
        await EcaOauthSet.run([...otherApp, '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
        const { key, secret } = [...other.org.consumers.values()][0]!.primary;
        await logInAnew(org.username, org.url, adminToken(org));
        credentialsFile(key, secret);
        await other.close();
      },
      flags: withCredentials,
      check: 'consumer-key',
      status: 'failed',
      cause: /differs from the app's key in the org.* another app or org/,
      fix: /sf eca credentials --name Order_Sync/,
      mend: () => clientSays(),
    },
    ...(
      [
        ['login.salesforce.com', () => 'https://login.salesforce.com/services/oauth2/token'],
        ['the host of another org', () => 'https://acme.my.salesforce.com/services/oauth2/token'],
      ] as const
    ).map(([what, url]): Broken => ({
      what: `a client that asks at ${what}`,
      breakIt: () => clientSays({ TOKEN_URL: url() }),
      flags: withCredentials,
      check: 'host',
      status: 'failed',
      cause:
        /hosts that do not belong to this org \(TOKEN_URL: (login|acme\.my)\.salesforce\.com\).* is 127\.0\.0\.1:\d+/,
      fix: /use http:\/\/127\.0\.0\.1:\d+\..*\n +sf eca credentials --name Order_Sync --output-file Order_Sync\.env/,
      // As that command writes it.
      mend: () => clientSays({ TOKEN_URL: `${org.url}/services/oauth2/token`, MY_DOMAIN_URL: org.url }),
    })),
    {
      what: 'a login at another host than the org’s My Domain',
      // To the practice org the one name is its own, the other is not.
      breakIt: async () => logInAnew(org.username, org.url.replace('127.0.0.1', 'localhost'), adminToken(org)),
      flags: () => [...withCredentials(), '--flow', 'client-credentials'],
      before: () => clientSays(),
      check: 'client-credentials.token',
      also: ['endpoints'],
      status: 'failed',
      cause: /request not supported on this domain.*only on the org's My Domain/,
      fix: /use the org's My Domain.*\n +sf org open --path/,
      mend: async () => logInAnew(org.username, org.url, adminToken(org)),
    },
    {
      what: 'an app that has not reached every server yet',
      options: { propagation: 600 },
      breakIt: () => undefined,
      check: 'client-credentials.token',
      also: ['web-server.authorize'],
      status: 'unfinished',
      cause: /invalid_client_id.*The key is correct.*do not know the app/,
      fix: /up to 15 minutes.*\n +sf eca verify --name Order_Sync --allow-secret-access --wait 15/,
      mend: () => org.org.advance(601_000),
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
      fix: /sf eca user create --name Order_Sync/,
      answers: username,
    },
    {
      what: 'a run-as user who is not in the org',
      breakIt: () => (oauthPolicies().clientCredentialsFlowUser = 'gone@example.com'),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /gone@example\.com does not exist in this org/,
      fix: /sf eca user create --name Order_Sync/,
      answers: username,
    },
    {
      what: 'an inactive run-as user',
      breakIt: () => change({ IsActive: false }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /is inactive/,
      fix: /administrator to activate/,
      mend: () => change({ IsActive: true }),
    },
    {
      what: 'a run-as user who is frozen',
      breakIt: () => userLogin({ IsFrozen: true }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /frozen or locked out/,
      fix: /administrator to unfreeze or unlock/,
      mend: () => userLogin({ IsFrozen: false }),
    },
    {
      what: 'a run-as user who is locked out',
      breakIt: () => userLogin({ IsPasswordLocked: true }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /frozen or locked out/,
      fix: /administrator to unfreeze or unlock the user integration@/,
      mend: () => userLogin({ IsPasswordLocked: false }),
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
      answers: () => 'order-sync@example.com',
    },
    {
      what: 'admin approval without the permission set',
      breakIt: () => (permissionSet(), approvedOnly({ commaSeparatedPermissionSet: 'Order_Sync' })),
      check: 'client-credentials.access',
      status: 'failed',
      cause: /is not approved.*Order_Sync/,
      fix: /sf org assign permset --name Order_Sync --on-behalf-of integration@/,
      mend: assign,
    },
    {
      what: 'admin approval by another profile',
      breakIt: () => approvedOnly({ commaSeparatedProfile: 'Standard User' }),
      check: 'client-credentials.access',
      status: 'failed',
      cause: /is not approved.*Standard User/,
      fix: /sf eca user create --name Order_Sync --base-username integration@/,
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
      also: ['scope-width'],
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
      fix: /sf eca oauth set --name Order_Sync/,
      answers: () => 'https://orders.example.com/cb',
    },
    {
      what: 'a callback URL over http',
      breakIt: () => (globalSettings().callbackUrl = 'http://orders.example.com/cb'),
      check: 'web-server.callback-url',
      status: 'warning',
      cause: /Not https: http:\/\/orders/,
      fix: /--callback-url https:\/\/orders\.example\.com\/cb/,
    },
    ...(
      [
        ['another port', 'http://localhost:1717/cb', 'http://localhost:8080/cb'],
        ['a slash at the end', 'https://orders.example.com/cb', 'https://orders.example.com/cb/'],
      ] as const
    ).map(([what, ofTheApp, ofTheClient]): Broken => ({
      what: `a client whose redirect URI differs by ${what}`,
      breakIt: () => {
        globalSettings().callbackUrl = ofTheApp;
        clientSays({ REDIRECT_URI: ofTheClient });
      },
      flags: withCredentials,
      check: 'web-server.authorize',
      status: 'failed',
      cause: /redirect_uri_mismatch.*not, letter for letter/,
      fix: new RegExp(`letter for letter: ${ofTheApp}\n.*\n +sf eca oauth set .*--callback-url ${ofTheClient} `),
    })),
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
      cause: /still have Salesforce's defaults/,
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
    {
      what: 'secrets closed to the REST API',
      breakIt: () => undefined,
      flags: () => [],
      check: 'client-credentials.secret',
      status: 'skipped',
      cause: /does not allow the REST API to return the consumer secret/,
      fix: /\n +sf eca verify --name Order_Sync --allow-secret-access/,
      after: () => ['--allow-secret-access'],
    },
    {
      what: 'a token that ended with its session',
      breakIt: () => afterCheck('Client credentials: scopes', () => org.org.advance(31 * 60_000)),
      check: 'client-credentials.api',
      status: 'failed',
      cause: /Session expired or invalid.*expired/,
      fix: /get a new token.*\n +sf eca scopes set --name Order_Sync --session-timeout/,
      // The client gets a new token, as this command does each time.
      mend: () => undefined,
    },
    {
      what: 'the API limit reached',
      breakIt: () => afterCheck('Client credentials: scopes', () => org.org.apiRequests.leave(0)),
      check: 'client-credentials.api',
      status: 'failed',
      cause: /TotalRequests Limit exceeded.*limit of API requests is used up/,
      fix: /Wait until the limit allows new requests/,
      mend: () => org.org.apiRequests.leave(1000),
    },
    {
      what: 'API Access Control, with an app that nobody approved',
      breakIt: () => (org.org.settings.ConnectedAppSettings!.enableAdminApprovedAppsOnly = true),
      check: 'client-credentials.api',
      status: 'failed',
      cause: /not valid for use with the REST API.*only apps that an administrator approved.*API Access Control/,
      fix: /approve the app.*\n +sf eca user create --name Order_Sync --base-username integration@/,
    },
    {
      what: 'an IP address that the user’s profile does not allow',
      breakIt: () => loginIpRanges(['203.0.113.1', '203.0.113.9']),
      check: 'client-credentials.token',
      status: 'failed',
      cause: /ip restricted.*IP address/,
      fix: /allowed ranges.*\n +sf eca scopes set .*--ip-relaxation relax/,
    },
    {
      what: 'an IP address that the user’s profile does not allow, with JWT bearer, for which nothing relaxes that',
      breakIt: () => loginIpRanges(['203.0.113.1', '203.0.113.9']),
      flags: withKey,
      check: 'jwt-bearer.token',
      status: 'failed',
      cause: /ip restricted.*IP address/,
      fix: /allowed ranges.* the user's profile/,
      mend: () => loginIpRanges(['127.0.0.1', '127.0.0.1']),
    },
    {
      what: 'an audience that the org does not take',
      options: { variants: { 'jwt-audience': 'my-domain' } },
      breakIt: () => clientSays({ AUDIENCE: 'https://login.salesforce.com' }),
      flags: () => [...withKey(), ...withCredentials()],
      check: 'jwt-bearer.token',
      status: 'warning',
      cause:
        /no token for the audience in the credentials file, https:\/\/login\.salesforce\.com, but issued one for http/,
      fix: /"aud" of its JWTs to http:\/\/127/,
      mend: () => clientSays({ AUDIENCE: org.url }),
    },
    {
      what: 'an expired certificate, beside the key in the client’s file, in an org that does not mind',
      breakIt: () => {
        const old = selfSigned({ days: -1 });
        giveCertificate(old.certificate);
        writeFileSync(join(folder, 'app.pem'), pemOf(old));
      },
      flags: () => ['--flow', 'jwt-bearer', '--jwt-key-file', join(folder, 'app.pem')],
      check: 'jwt-bearer.certificate',
      status: 'warning',
      cause: /expired on \d{4}-\d\d-\d\d/,
      fix: /new key with a certificate:\n +openssl .*\n.*\n +sf eca oauth set --name Order_Sync --certificate-file Order_Sync\.crt/,
      mend: async () => {
        writeFileSync(join(folder, 'app.pem'), pemOf(pair));
        await EcaOauthSet.run([...app(), '--certificate-file', join(folder, 'app.crt')]);
      },
    },
    ...(
      [
        [
          'the certificate of another key',
          () => giveCertificate(selfSigned().certificate),
          /invalid assertion/,
          /--certificate-file/,
        ],
        [
          'the certificate of another key, in an org that speaks of the client',
          () => giveCertificate(selfSigned().certificate),
          /invalid client credentials.*not signed with the private key/,
          /--certificate-file/,
          { variants: { 'jwt-wrong-certificate': 'invalid-client' } },
        ],
        [
          'an expired certificate, in an org that minds',
          () => giveCertificate(selfSigned({ days: -1 }).certificate),
          /the JWT has expired/,
          /--certificate-file/,
          { variants: { 'expired-certificate': 'refused' } },
        ],
      ] as const
    ).map(([what, breakIt, cause, fix, options]): Broken => ({
      what,
      breakIt,
      ...(options && { options }),
      flags: withKey,
      check: 'jwt-bearer.token',
      status: 'failed',
      cause,
      fix,
      words: { 'Order_Sync.crt': () => join(folder, 'app.crt') },
    })),
    {
      what: 'refresh_token missing for JWT bearer',
      breakIt: () => (settings().commaSeparatedOauthScopes = 'Api'),
      flags: withKey,
      check: 'jwt-bearer.scopes-needed',
      status: 'failed',
      cause: /does not have scopes that this flow needs: refresh_token\./,
      fix: /--add refresh_token\b/,
    },
    {
      what: 'every scope missing for JWT bearer',
      breakIt: () => (settings().commaSeparatedOauthScopes = ''),
      flags: withKey,
      check: 'jwt-bearer.scopes-needed',
      also: ['scope-width'],
      status: 'failed',
      cause: /does not have scopes that this flow needs: refresh_token api\./,
      fix: /--add refresh_token --add api/,
    },
    {
      what: 'no scope at all',
      breakIt: () => (settings().commaSeparatedOauthScopes = ''),
      flags: () => ['--flow', 'web-server'],
      check: 'scope-width',
      status: 'failed',
      cause: /no scopes: its tokens can do nothing/,
      fix: /--add api/,
    },
    {
      what: 'opaque tokens for an MCP server',
      breakIt: () => (settings().commaSeparatedOauthScopes = 'MCP, RefreshToken'),
      flags: () => ['--flow', 'web-server'],
      check: 'token-format',
      status: 'warning',
      cause: /opaque, but the services of mcp_api accept only JWTs/,
      fix: /oauth set .*--jwt-access-tokens/,
    },
  ];

  for (const broken of table) {
    const {
      what,
      before,
      breakIt,
      check: id,
      status,
      cause,
      fix,
      mend,
      words = {},
      answers,
      options,
      flags,
      after,
      also,
    } = broken;
    it(`${what}: says so in ${id}, and what mends it`, async () => {
      const given = flags ?? (() => ['--allow-secret-access']);
      await start(options, id.startsWith('jwt-bearer'));
      await before?.();
      await breakIt();
      const result = await verify(given());
      const check = result.checks.find((one) => one.id === id);
      expect(check, result.checks.map((one) => `${one.id} ${one.status}`).join(', ')).to.include({ status });
      expect(check?.detail).to.match(cause);
      expect(check?.fix).to.match(fix);
      expect(result.result).to.equal(
        { failed: 'failed', warning: 'passed', unfinished: 'unfinished', skipped: 'unfinished' }[status],
      );
      const said = result.checks.filter(
        (one) => ['failed', 'warning', 'unfinished'].includes(one.status) || one.id === id,
      );
      expect(
        said.map((one) => one.id),
        'no other check complains',
      ).to.have.members([id, ...(also ?? [])]);

      if (mend) await mend();
      else {
        if (answers) typing(answers);
        await run(check?.fix ?? '', words);
        asItIs();
      }
      const mended = await verify((after ?? given)());
      expect(mended.checks.filter((one) => one.status !== 'passed')).to.deep.equal([]);
      expect(mended.passed).to.equal(true);
      expect(
        [...org.org.sessions.values()].filter(({ appId, token }) => appId !== undefined && org.org.session(token)),
        'tokens left',
      ).to.deep.equal([]);
    });
  }
});
