import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Org, StateAggregator } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { causesOf, explain, KNOWN_CODES } from '../../../src/app/explanations.ts';
import { fixes } from '../../../src/app/fixes.ts';
import { FLOW_NAMES } from '../../../src/app/flows.ts';
import { type CauseId, remedies } from '../../../src/app/refusals/causes.ts';
import EcaCertificateCreate from '../../../src/commands/eca/certificate/create.ts';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentials from '../../../src/commands/eca/credentials.ts';
import EcaCredentialsCloseAccess from '../../../src/commands/eca/credentials/close-access.ts';
import EcaCredentialsStatus from '../../../src/commands/eca/credentials/status.ts';
import EcaDisplay from '../../../src/commands/eca/display.ts';
import EcaEnable from '../../../src/commands/eca/enable.ts';
import EcaExport from '../../../src/commands/eca/export.ts';
import EcaList from '../../../src/commands/eca/list.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaOpen from '../../../src/commands/eca/open.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaUserCreate from '../../../src/commands/eca/user/create.ts';
import EcaUserDisplay from '../../../src/commands/eca/user/display.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import { readFacts } from '../../../src/org/app/facts.ts';
import { requireApp } from '../../../src/org/app/read.ts';
import { createPracticeServer, type PracticeServerOptions } from '../../../src/practice/practice.ts';
import { inWords } from '../../../src/texts.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { type LoggedIn, logIn, logInToPractice } from '../practice.ts';

/*
 * One thing is broken at a time. Verify has to say so in the right check, name the cause, and say what mends it. That is then
 * done, word by word where it is a command, and verify has to pass.
 *
 * The table is complete. Each cause of `explain` and each other fix of verify is mended by a row. NO_COMMAND has the
 * others, with the reason why no command mends them.
 */

type Mended = CauseId | keyof typeof fixes;

type Broken = {
  what: string;
  /** The causes and fixes whose commands are run here, or done by the one whom the fix names. */
  mends: Mended[];
  breakIt: () => unknown;
  check: string;
  status: 'failed' | 'warning' | 'unfinished' | 'skipped';
  /** What the finding says. */
  cause: RegExp;
  /** What the fix says. */
  fix: RegExp;
  /** What is as it should be before. */
  before?: () => unknown;
  /** What a person does whom the fix names; absent: the fix is made of commands, which are all run. */
  mend?: () => unknown;
  /** Run the commands of the fix besides, which show something to that person? */
  runs?: boolean;
  options?: PracticeServerOptions;
  /** Flags of verify, and others after the fix where that is to run verify otherwise. */
  flags?: () => string[];
  after?: () => string[];
  /** Other checks that complain, too, of the same. */
  also?: string[];
  /** Checks that do not pass afterwards either, for another reason. */
  left?: string[];
};

/** The longest names first: one command's name may begin another's. */
const COMMANDS: Record<string, (argv: string[]) => Promise<unknown>> = {
  'certificate create': (argv) => EcaCertificateCreate.run(argv),
  'credentials status': (argv) => EcaCredentialsStatus.run(argv),
  'oauth set': (argv) => EcaOauthSet.run(argv),
  'scopes set': (argv) => EcaScopesSet.run(argv),
  'user create': (argv) => EcaUserCreate.run(argv),
  'user display': (argv) => EcaUserDisplay.run(argv),
  display: (argv) => EcaDisplay.run(argv),
  enable: (argv) => EcaEnable.run(argv),
  export: (argv) => EcaExport.run(argv),
  list: (argv) => EcaList.run(argv),
  open: (argv) => EcaOpen.run([...argv, '--url-only']),
  'credentials close-access': (argv) => EcaCredentialsCloseAccess.run(argv),
  credentials: (argv) => EcaCredentials.run(argv),
  verify: (argv) => EcaVerify.run(argv),
};

const AT_THE_CLIENT = 'the client is changed, outside this plugin';
const IN_SETUP = 'an administrator does it in Setup; no API of this plugin writes it';
const BY_WAITING = 'it passes by itself, or Salesforce mends it';
const IN_THE_NETWORK = 'a network, a proxy or a machine is changed';
const BY_A_PERSON = 'a person does it in a browser, at a terminal or with another program';
const SHOWN_ONLY = 'what is wrong is not known; the command shows where to look, and is run below';

/** Why no command of a fix makes these go away. The commands that their texts have are run on a sound org. */
const NO_COMMAND: Partial<Record<Mended, string>> = {
  accessDenied: BY_A_PERSON,
  apiDisabled: IN_SETUP,
  apiVersion: AT_THE_CLIENT,
  appBlocked: `${IN_SETUP}; its command approves the app for API Access Control, as that of apiAccessControl does`,
  appDeleted: SHOWN_ONLY,
  appNotInOrg: SHOWN_ONLY,
  assertionType: AT_THE_CLIENT,
  attestation: BY_A_PERSON,
  basicHeader: AT_THE_CLIENT,
  browserNotAllowed: IN_SETUP,
  callbackUrlInFile: AT_THE_CLIENT,
  challengeMissing: AT_THE_CLIENT,
  challengeWrong: AT_THE_CLIENT,
  clientOld: AT_THE_CLIENT,
  codeExpired: AT_THE_CLIENT,
  codeVerifierWrong: AT_THE_CLIENT,
  concurrentRequests: BY_WAITING,
  connectionFailed: IN_THE_NETWORK,
  corsBlocked: IN_SETUP,
  crossOrg: SHOWN_ONLY,
  devHub: BY_A_PERSON,
  distribution: SHOWN_ONLY,
  dpop: AT_THE_CLIENT,
  experienceSite: IN_SETUP,
  grantTypeOff: AT_THE_CLIENT,
  hostCertificateExpired: IN_THE_NETWORK,
  hostNameMismatch: IN_THE_NETWORK,
  hostNotFound: IN_THE_NETWORK,
  hostUntrusted: IN_THE_NETWORK,
  httpMethod: AT_THE_CLIENT,
  httpsNeeded: AT_THE_CLIENT,
  immediate: AT_THE_CLIENT,
  insufficientAccess: IN_SETUP,
  ipRestrictedByApp: IN_SETUP,
  jwtUsedTwice: AT_THE_CLIENT,
  keyMissing: AT_THE_CLIENT,
  keyUnreadable: AT_THE_CLIENT,
  licence: IN_SETUP,
  loginFailed: AT_THE_CLIENT,
  loginHours: IN_SETUP,
  loginPending: BY_A_PERSON,
  loginRate: BY_WAITING,
  loginSucceeded: 'nothing is broken',
  mutualTls: IN_SETUP,
  noAnswerInTime: IN_THE_NETWORK,
  noHandler: IN_SETUP,
  notOverTls: IN_THE_NETWORK,
  oauth1: AT_THE_CLIENT,
  oneTimeCode: BY_A_PERSON,
  orgInactive: BY_WAITING,
  orgTrouble: BY_WAITING,
  packageOld: 'the package is upgraded by another command of the CLI',
  pageNoAnswer: AT_THE_CLIENT,
  parameterMissing: AT_THE_CLIENT,
  passwordExpired: IN_SETUP,
  policiesMissing: SHOWN_ONLY,
  pollingTooFast: AT_THE_CLIENT,
  proxyRefused: IN_THE_NETWORK,
  recordState: AT_THE_CLIENT,
  redirectMissing: AT_THE_CLIENT,
  registration: AT_THE_CLIENT,
  requestMalformed: AT_THE_CLIENT,
  responseType: AT_THE_CLIENT,
  restrictedPlace: IN_SETUP,
  saml: IN_SETUP,
  scopeNotAllowed: AT_THE_CLIENT,
  scratchOrg: BY_WAITING,
  secretNotSpread: `${BY_WAITING}, as with keyNotSpread`,
  secretRefused: `${SHOWN_ONLY}; so is that of keyRefused`,
  securityPolicy: IN_SETUP,
  sessionLevel: 'the practice org gives every session the standard level; the command is run below',
  statusOnly: AT_THE_CLIENT,
  tokenType: AT_THE_CLIENT,
  userUnknown: SHOWN_ONLY,
  verificationNeeded: AT_THE_CLIENT,
  wrapperOnly: AT_THE_CLIENT,
  allowCodeAndCredentials: IN_SETUP,
  askSalesforce: SHOWN_ONLY,
  atTerminal: BY_A_PERSON,
  explainBrowser: BY_A_PERSON,
  freePort: BY_A_PERSON,
  lesserLogin: AT_THE_CLIENT,
  noAnswer: IN_THE_NETWORK,
  otherAppForSoap: AT_THE_CLIENT,
  probe: 'every org but a production org is probed without the command',
};

describe('eca verify, with one thing broken,', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  /** The org, as long as it is to be closed. */
  let opened: LoggedIn | undefined;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const pair = selfSigned();
  const startFolder = process.cwd();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-broken-'));
    writeFileSync(join(folder, 'app.crt'), pair.certificate);
    writeFileSync(join(folder, 'app.key'), pair.key.export({ type: 'pkcs8', format: 'pem' }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    // The files that a fix names are in the folder where somebody works.
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(startFolder);
    // No fix writes over a key that is there.
    for (const ending of ['key', 'crt']) rmSync(join(folder, `Order_Sync.${ending}`), { force: true });
    await opened?.close();
    opened = undefined;
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
    opened = org = await logInToPractice($$, options);
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

  /** The commands that a fix has, each on a line of its own. */
  const linesOf = (fix: string): string[] => fix.match(/(?<=^ +)sf eca .*$/gm) ?? [];

  /** Runs a command word for word, where nobody can answer a question. */
  const runLine = async (line: string): Promise<void> => {
    const [, ...words] = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
    const rest = words.slice(1);
    const name = Object.keys(COMMANDS).find((one) => rest.join(' ').startsWith(one));
    if (!name) throw new Error(`No command to run in "${line}".`);
    await COMMANDS[name]?.(rest.slice(name.split(' ').length));
  };

  const run = async (fix: string): Promise<void> => {
    const lines = linesOf(fix);
    expect(lines, fix).not.to.deep.equal([]);
    for (const line of lines) await runLine(line);
  };

  const table: Broken[] = [
    {
      what: 'a wrong secret',
      mends: ['secretWrong'],
      breakIt: () => credentialsFile(pairOfKeys().key, randomBytes(16).toString('hex')),
      flags: withCredentials,
      check: 'client-credentials.token',
      status: 'failed',
      cause: /invalid client credentials.*does not belong to the consumer key/,
      fix: /sf eca credentials --name Order_Sync --show-secret --allow-secret-access/,
      // The command asks somebody before it shows the secret.
      mend: () => credentialsFile(pairOfKeys().key, pairOfKeys().secret),
    },
    {
      what: 'a key that is nobody’s',
      mends: ['keyUnknown'],
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
      mends: ['keyUnknown'],
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
      mends: ['askHere'],
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
      mends: ['notMyDomain'],
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
      mends: ['keyNotSpread'],
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
      mends: ['flowOff'],
      breakIt: () => (globalSettings().isClientCredentialsFlowEnabled = false),
      check: 'client-credentials.configured',
      status: 'failed',
      cause: /off in its settings/,
      fix: /sf eca oauth set/,
    },
    {
      what: 'the admin’s switch of client credentials off',
      mends: ['flowOff'],
      breakIt: () => (oauthPolicies().isClientCredentialsFlowEnabled = false),
      check: 'client-credentials.configured',
      status: 'failed',
      cause: /off in its policies/,
      fix: /sf eca oauth set/,
    },
    {
      what: 'no run-as user',
      mends: ['noRunAs', 'runAs'],
      breakIt: () => delete oauthPolicies().clientCredentialsFlowUser,
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /no run-as user/,
      fix: /sf eca user create --name Order_Sync --base-username order-sync@example\.com/,
    },
    {
      what: 'a run-as user who is not in the org',
      mends: ['runAs'],
      breakIt: () => (oauthPolicies().clientCredentialsFlowUser = 'gone@example.com'),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /gone@example\.com does not exist in this org/,
      fix: /sf eca user create --name Order_Sync --base-username order-sync@example\.com/,
    },
    {
      what: 'an inactive run-as user',
      mends: ['userInactive'],
      breakIt: () => change({ IsActive: false }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /is inactive/,
      fix: /administrator to activate/,
      mend: () => change({ IsActive: true }),
    },
    {
      what: 'a run-as user who is frozen',
      mends: ['userLocked', 'userRefused'],
      breakIt: () => userLogin({ IsFrozen: true }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /frozen or locked out/,
      fix: /administrator to unfreeze or unlock/,
      mend: () => userLogin({ IsFrozen: false }),
    },
    {
      what: 'a run-as user who is locked out',
      mends: ['userLocked'],
      breakIt: () => userLogin({ IsPasswordLocked: true }),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /frozen or locked out/,
      fix: /administrator to unfreeze or unlock the user integration@/,
      mend: () => userLogin({ IsPasswordLocked: false }),
    },
    {
      what: 'a run-as user without API access',
      mends: ['apiAccess'],
      breakIt: () => permissionOfProfile('ApiEnabled', false),
      check: 'client-credentials.run-as',
      status: 'failed',
      cause: /ApiEnabled.*missing/,
      fix: /API Enabled/,
      mend: () => permissionOfProfile('ApiEnabled', true),
    },
    {
      what: 'an administrator for a run-as user',
      mends: ['lesserUser'],
      breakIt: () => (oauthPolicies().clientCredentialsFlowUser = org.org.seeded.admin.Username),
      check: 'client-credentials.running-user',
      status: 'warning',
      cause: /ModifyAllData/,
      fix: /sf eca user create --name Order_Sync --base-username order-sync@example\.com/,
    },
    {
      what: 'admin approval without the permission set',
      mends: ['notApproved'],
      breakIt: () => (permissionSet(), approvedOnly({ commaSeparatedPermissionSet: 'Order_Sync' })),
      check: 'client-credentials.access',
      status: 'failed',
      cause: /is not approved.*Order_Sync/,
      fix: /sf org assign permset --name Order_Sync --on-behalf-of integration@/,
      mend: assign,
    },
    {
      what: 'admin approval by another profile than the one of the admin as whom the app runs',
      mends: ['notApproved'],
      breakIt: () => {
        oauthPolicies().clientCredentialsFlowUser = org.org.seeded.admin.Username;
        approvedOnly({ commaSeparatedProfile: 'Standard User' });
      },
      check: 'client-credentials.access',
      status: 'failed',
      cause: /admin@.* is not approved.*Standard User/,
      fix: /admin@\S+ is not for integrations only.*\n +sf eca user create --name Order_Sync --base-username order-sync@/,
    },
    {
      what: 'admin approval by another profile',
      mends: ['notApproved'],
      breakIt: () => approvedOnly({ commaSeparatedProfile: 'Standard User' }),
      check: 'client-credentials.access',
      status: 'failed',
      cause: /is not approved.*Standard User/,
      fix: /sf eca user create --name Order_Sync --base-username integration@/,
    },
    {
      what: 'the OAuth plugin off',
      mends: ['switchOauthOn'],
      breakIt: () => (policies().isOauthPluginEnabled = false),
      check: 'app',
      status: 'failed',
      cause: /OAuth is switched off/,
      fix: /sf eca oauth set/,
    },
    {
      what: 'the app disabled',
      mends: ['enableApp'],
      breakIt: () => (policies().isEnabled = false),
      check: 'app',
      status: 'failed',
      cause: /app is switched off/,
      fix: /sf eca enable/,
    },
    {
      what: 'the scope api missing',
      mends: ['addScope'],
      breakIt: () => (settings().commaSeparatedOauthScopes = 'RefreshToken'),
      check: 'client-credentials.api',
      also: ['scope-width'],
      status: 'failed',
      cause: /access to no API/,
      fix: /sf eca scopes set --name Order_Sync --add api/,
    },
    {
      what: 'the scope full',
      mends: ['removeScope'],
      breakIt: () => (settings().commaSeparatedOauthScopes = 'Api, RefreshToken, Full'),
      check: 'scope-width',
      status: 'warning',
      cause: /scope "full"/,
      fix: /--remove full/,
    },
    {
      what: 'no callback URL',
      mends: ['firstCallback'],
      breakIt: () => delete globalSettings().callbackUrl,
      check: 'web-server.callback-url',
      status: 'failed',
      cause: /no callback URL/,
      fix: /sf eca oauth set --name Order_Sync .*--callback-url http:\/\/localhost:1717\/OauthRedirect/,
    },
    {
      what: 'a callback URL over http',
      mends: ['callbackUrls'],
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
      mends: ['redirectMismatch'],
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
      mends: ['requirePkce'],
      breakIt: () => (globalSettings().isPkceRequired = false),
      check: 'web-server.pkce',
      status: 'warning',
      cause: /does not require PKCE/,
      fix: /--pkce/,
    },
    {
      what: 'JWT-format tokens',
      mends: ['jwtForSoap', 'opaqueTokens'],
      breakIt: () => (globalSettings().isNamedUserJwtEnabled = true),
      check: 'token-format',
      status: 'warning',
      cause: /SOAP/,
      fix: /--no-jwt-access-tokens/,
    },
    {
      what: 'policies left at Salesforce’s defaults',
      mends: ['policies'],
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
      mends: ['closeSecretAccess'],
      breakIt: () => (org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true),
      check: 'secret-access',
      status: 'warning',
      cause: /returns consumer secrets/,
      fix: /sf eca credentials close-access/,
    },
    {
      what: 'secrets closed to the REST API',
      mends: ['allowSecret'],
      // One command of the fix opens the switch, the other one takes the secret from the client's own file.
      before: () => (clientSays(), copyFileSync(join(folder, 'app.env'), join(folder, 'Order_Sync.env'))),
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
      mends: ['sessionInvalid', 'tokenExpired'],
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
      mends: ['apiLimit'],
      breakIt: () => afterCheck('Client credentials: scopes', () => org.org.apiRequests.leave(0)),
      check: 'client-credentials.api',
      status: 'failed',
      cause: /TotalRequests Limit exceeded.*limit of API requests is used up/,
      fix: /Wait until the limit allows new requests/,
      mend: () => org.org.apiRequests.leave(1000),
    },
    {
      what: 'API Access Control, with an app that nobody approved',
      mends: ['apiAccessControl'],
      breakIt: () => (org.org.settings.ConnectedAppSettings!.enableAdminApprovedAppsOnly = true),
      check: 'client-credentials.api',
      status: 'failed',
      cause: /not valid for use with the REST API.*only apps that an administrator approved.*API Access Control/,
      fix: /approve the app.*\n +sf eca user create --name Order_Sync --base-username integration@/,
    },
    {
      what: 'an IP address that the user’s profile does not allow',
      mends: ['ipRestricted'],
      breakIt: () => loginIpRanges(['203.0.113.1', '203.0.113.9']),
      check: 'client-credentials.token',
      status: 'failed',
      cause: /ip restricted.*IP address/,
      fix: /allowed ranges.*\n +sf eca scopes set .*--ip-relaxation relax/,
    },
    {
      what: 'an IP address that the user’s profile does not allow, with JWT bearer, for which nothing relaxes that',
      mends: ['ipRestricted'],
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
      mends: ['audienceWrong', 'thisAudience'],
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
      mends: ['newCertificate'],
      breakIt: () => {
        const old = selfSigned({ days: -1 });
        giveCertificate(old.certificate);
        writeFileSync(join(folder, 'app.pem'), pemOf(old));
      },
      flags: () => ['--flow', 'jwt-bearer', '--jwt-key-file', join(folder, 'app.pem')],
      check: 'jwt-bearer.certificate',
      status: 'warning',
      cause: /expired on \d{4}-\d\d-\d\d/,
      fix: /new key, and give its certificate to the app:\n +sf eca certificate create --name Order_Sync .*--replace/,
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
          /certificate create .*--replace/,
        ],
        [
          'the certificate of another key, in an org that speaks of the client',
          () => giveCertificate(selfSigned().certificate),
          /invalid client credentials.*not signed with the private key/,
          /certificate create .*--replace/,
          { variants: { 'jwt-wrong-certificate': 'invalid-client' } },
        ],
        [
          'an expired certificate, in an org that minds',
          () => giveCertificate(selfSigned({ days: -1 }).certificate),
          /the JWT has expired/,
          /certificate create .*--replace/,
          { variants: { 'expired-certificate': 'refused' } },
        ],
      ] as const
    ).map(([what, breakIt, cause, fix, options]): Broken => ({
      what,
      mends: ['assertionWrong', 'certificateWrong'],
      breakIt,
      ...(options && { options }),
      flags: withKey,
      check: 'jwt-bearer.token',
      status: 'failed',
      cause,
      fix,
      // The client signs with the key that the first command of the fix makes.
      after: () => ['--flow', 'jwt-bearer', '--jwt-key-file', 'Order_Sync.key'],
    })),
    {
      what: 'refresh_token missing for JWT bearer',
      mends: ['refreshTokenScope'],
      breakIt: () => (settings().commaSeparatedOauthScopes = 'Api'),
      flags: withKey,
      check: 'jwt-bearer.scopes-needed',
      status: 'failed',
      cause: /does not have scopes that this flow needs: refresh_token\./,
      fix: /--add refresh_token\b/,
    },
    {
      what: 'every scope missing for JWT bearer',
      mends: ['addScope'],
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
      mends: ['noScopes'],
      breakIt: () => (settings().commaSeparatedOauthScopes = ''),
      flags: () => ['--flow', 'web-server'],
      check: 'scope-width',
      status: 'failed',
      cause: /no scopes: its tokens can do nothing/,
      fix: /--add api/,
    },
    {
      what: 'opaque tokens for an MCP server',
      mends: ['mcpNeedsJwt', 'jwtTokens'],
      breakIt: () => (settings().commaSeparatedOauthScopes = 'MCP, RefreshToken'),
      flags: () => ['--flow', 'web-server'],
      check: 'token-format',
      status: 'warning',
      cause: /opaque, but the services of mcp_api accept only JWTs/,
      fix: /oauth set .*--jwt-access-tokens/,
    },
    {
      what: 'an app without OAuth',
      mends: ['configureOauth', 'clientCredentials'],
      breakIt: () => {
        const types = ['GlobalOauthSettings', 'OauthSettings', 'OauthConfigurablePolicies'];
        for (const type of types.map((one) => `ExtlClntApp${one}`)) {
          const [component] = org.org.components(type);
          if (component) org.org.removeComponent(type, component.fullName);
        }
      },
      check: 'app',
      status: 'failed',
      cause: /no global OAuth settings/,
      fix: /callback-url http:\/\/localhost:1717.*\n.*\n +sf eca user create .*\n +sf eca oauth set .*--flow client-credentials/,
      // Nobody wished for these yet.
      left: ['web-server.pkce', 'policies', 'scope-width'],
    },
    {
      what: 'the device flow off',
      mends: ['addFlow'],
      breakIt: () => undefined,
      flags: () => ['--flow', 'device'],
      check: 'device.configured',
      status: 'failed',
      cause: /does not have this flow/,
      fix: /--flow device/,
      // Nobody is there to log in.
      left: ['device.token', 'announced-changes'],
    },
    {
      what: 'the device flow without a callback URL on this machine, which Salesforce announced to end',
      mends: ['announcedChange'],
      breakIt: () => (globalSettings().isDeviceFlowEnabled = true),
      flags: () => ['--allow-secret-access', '--flow', 'client-credentials'],
      check: 'announced-changes',
      status: 'warning',
      cause: /2026-11-30: The device flow works only in local apps/,
      fix: /Give Order_Sync a callback URL .*\n +sf eca oauth set --name Order_Sync --add-callback-url http/,
    },
    {
      what: 'JWT bearer for a user who has not approved the app',
      mends: ['notPreapproved'],
      breakIt: () => approvedOnly({ permittedUsersPolicyType: 'AllSelfAuthorized', commaSeparatedProfile: '' }),
      flags: withKey,
      check: 'jwt-bearer.token',
      status: 'failed',
      cause: /hasn't approved this consumer.*this flow cannot ask/,
      fix: /sf eca user create --name Order_Sync --base-username integration@/,
    },
    {
      what: 'JWT bearer for a user of another profile than the approved one',
      mends: ['letIn'],
      breakIt: () => approvedOnly({ commaSeparatedProfile: 'Standard User' }),
      flags: withKey,
      check: 'jwt-bearer.access',
      status: 'failed',
      cause: /is not approved.*Standard User/,
      fix: /sf eca user create --name Order_Sync --base-username integration@/,
    },
    {
      what: 'JWT bearer for an admin whom nobody approved',
      mends: ['letIn'],
      breakIt: () => approvedOnly({ commaSeparatedProfile: 'Standard User' }),
      flags: () => [...withKey(), '--run-as', org.username],
      check: 'jwt-bearer.access',
      status: 'failed',
      cause: /admin@.* is not approved.*Standard User/,
      fix: /admin@\S+ is not for integrations only.*\n +sf eca user create --name Order_Sync --base-username order-sync@/,
      after: () => [...withKey(), '--run-as', 'order-sync@example.com'],
    },
    {
      what: 'JWT bearer for a user who is not in the org',
      mends: ['otherJwtUser'],
      breakIt: () => approvedOnly({ commaSeparatedProfile: 'System Administrator' }),
      flags: () => [...withKey(), '--run-as', 'gone@example.com'],
      check: 'jwt-bearer.user',
      status: 'failed',
      cause: /gone@example\.com/,
      fix: /sf eca verify .*--run-as admin@/,
      after: () => [...withKey(), '--run-as', org.username],
      left: ['jwt-bearer.running-user'],
    },
    {
      what: 'JWT bearer for an inactive user',
      mends: ['activate'],
      breakIt: () => change({ IsActive: false }),
      flags: withKey,
      check: 'jwt-bearer.user',
      status: 'failed',
      cause: /inactive/,
      fix: /administrator to activate the user integration@/,
      mend: () => change({ IsActive: true }),
    },
    {
      what: 'JWT bearer without a key',
      mends: ['giveKey'],
      before: () => writeFileSync(join(folder, 'Order_Sync.key'), pemOf(pair)),
      breakIt: () => undefined,
      flags: () => ['--flow', 'jwt-bearer'],
      check: 'jwt-bearer.user',
      status: 'skipped',
      cause: /private key/,
      fix: /sf eca verify .*--jwt-key-file Order_Sync\.key/,
      after: withKey,
    },
    {
      what: 'a client that calls a path that is not there',
      mends: ['pathWrong'],
      breakIt: () => undefined,
      flags: () => ['--allow-secret-access', '--api-path', '/services/data/v1.0/nothing'],
      check: 'client-credentials.api',
      status: 'failed',
      cause: /nothing at this path/,
      fix: /sf eca verify --name Order_Sync --allow-secret-access/,
      after: () => ['--allow-secret-access'],
    },
    {
      what: 'a client that calls the REST API without its scope',
      mends: ['scopeMissing'],
      breakIt: () => (settings().commaSeparatedOauthScopes = 'OpenID, RefreshToken'),
      flags: () => ['--allow-secret-access', '--api-path', '/services/data/v67.0/limits'],
      check: 'client-credentials.api',
      status: 'failed',
      cause: /not valid for use with the REST API.*does not have the scope/,
      fix: /--add api/,
    },
    {
      what: 'the app’s own key refused, though nothing changed for an hour',
      mends: ['keyRefused'],
      options: { propagation: 3000 },
      breakIt: () => {
        const lastModifiedDate = new Date(Date.now() - 3_600_000);
        for (const component of org.org.componentsOfApp('Order_Sync'))
          org.org.putComponent({ ...component, lastModifiedDate });
        const [there] = org.org.components('ExternalClientApplication');
        org.org.putComponent({ ...there!, lastModifiedDate });
      },
      check: 'client-credentials.token',
      also: ['web-server.authorize'],
      status: 'failed',
      cause: /login servers refuse the key.*over 30 minutes ago/,
      fix: /Waiting does not help.*\n +sf eca credentials status --name Order_Sync .*--allow-secret-access/,
      runs: true,
      mend: () => org.org.advance(3_001_000),
    },
    {
      what: 'no callback URL on this machine, for a login in a browser',
      mends: ['localCallback'],
      breakIt: () => undefined,
      flags: () => ['--flow', 'web-server', '--browser', '--allow-secret-access'],
      check: 'web-server.token',
      status: 'skipped',
      cause: /points to this machine/,
      fix: /--callback-url https:\/\/orders\.example\.com\/oauth\/callback --callback-url http:\/\/localhost:1717/,
      after: () => ['--flow', 'web-server', '--allow-secret-access'],
    },
  ];

  for (const broken of table) {
    const { what, before: prepare, breakIt, check: id, status, cause, fix, mend, runs, options, flags, after } = broken;
    const { also = [], left = [] } = broken;
    it(`${what}: says so in ${id}, and what mends it`, async () => {
      const given = flags ?? (() => ['--allow-secret-access']);
      await start(options, id.startsWith('jwt-bearer'));
      await prepare?.();
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
      ).to.have.members([id, ...also]);

      if (mend === undefined || runs) await run(check?.fix ?? '');
      await mend?.();
      const mended = await verify((after ?? given)());
      const complaints = mended.checks.filter((one) => one.status !== 'passed' && !left.includes(one.id));
      expect(complaints).to.deep.equal([]);
      if (left.length === 0) expect(mended.passed).to.equal(true);
      expect(
        [...org.org.sessions.values()].filter(({ appId, token }) => appId !== undefined && org.org.session(token)),
        'tokens left',
      ).to.deep.equal([]);
    });
  }

  it('has a row, or a reason, for every cause and every fix, and not both', () => {
    const run = new Set<string>(table.flatMap(({ mends }) => mends));
    const usedByCauses = new Set<unknown>(Object.values(remedies));
    const others = Object.entries(fixes).filter(([, fixOf]) => !usedByCauses.has(fixOf));
    // The last four are parts of the remedies of causes.
    const parts = ['preapprove', 'allowIpAddress', 'ipAddress', 'useMyDomain', 'waitLonger'];
    const all = [...Object.keys(remedies), ...others.map(([name]) => name)].filter((name) => !parts.includes(name));
    expect(all.filter((name) => !run.has(name) && !(name in NO_COMMAND))).to.deep.equal([]);
    expect(Object.keys(NO_COMMAND).filter((name) => run.has(name) || !all.includes(name))).to.deep.equal([]);
  });

  it('has no command in the fix of any cause that does not run on a sound org, where nobody is asked', async () => {
    await start({}, true);
    const connection = (await Org.create({ aliasOrUsername: org.username })).getConnection('67.0');
    const stored = await requireApp(connection, 'Order_Sync');
    const facts = await readFacts(connection, stored, org.username, true);
    const said = [...KNOWN_CODES].flatMap((error) =>
      [undefined, ...FLOW_NAMES].flatMap((flow) => causesOf(explain({ error, description: '' }, flow, facts))),
    );
    // These ask somebody: for the answer to explain, and whether the secret may be shown.
    const lines = [...new Set(said.flatMap((one) => linesOf(inWords(one.fix))))].filter(
      (line) => line !== 'sf eca verify explain' && !line.includes('--show-secret'),
    );
    expect(lines.length).to.be.greaterThan(15);
    // Keys and certificates are made first.
    for (const line of [...lines].sort((one) => (one.includes('certificate create') ? -1 : 0))) {
      await runLine(line).catch((error: Error) => expect.fail(`${line}: ${error.name}: ${error.message}`));
    }
  });
});
