import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { RULES } from '../../../src/app/audit/rules.ts';
import EcaAudit, { type EcaAuditResult } from '../../../src/commands/eca/audit.ts';
import EcaCertificateCreate from '../../../src/commands/eca/certificate/create.ts';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaCredentialsCloseAccess from '../../../src/commands/eca/credentials/close-access.ts';
import EcaCredentialsRotate from '../../../src/commands/eca/credentials/rotate.ts';
import EcaDisable from '../../../src/commands/eca/disable.ts';
import EcaMigratePlan from '../../../src/commands/eca/migrate/plan.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaTokensRevoke from '../../../src/commands/eca/tokens/revoke.ts';
import EcaUserCreate from '../../../src/commands/eca/user/create.ts';
import { newKeyPair } from '../../../src/practice/keyPairs.ts';
import { pressButton } from '../../../src/practice/migrateButton.ts';
import { grantsOf } from '../../../src/practice/oauth/grants.ts';
import { appById } from '../../../src/practice/oauth/oauthApp.ts';
import type { PracticeServerOptions } from '../../../src/practice/practice.ts';
import { selfSigned } from '../../client/selfSigned.ts';
import { connectedAppInOrg } from '../../practice/connectedAppInOrg.ts';
import { type LoggedIn, logInToPractice } from '../practice.ts';

/*
 * One thing is broken at a time in an app that passes every rule. The audit has to find it, and the printed commands have to mend it
 * word by word.
 */

const COMMANDS: Record<string, (argv: string[]) => Promise<unknown>> = {
  'oauth set': (argv) => EcaOauthSet.run(argv),
  'scopes set': (argv) => EcaScopesSet.run(argv),
  'user create': (argv) => EcaUserCreate.run(argv),
  'tokens revoke': (argv) => EcaTokensRevoke.run([...argv, '--no-prompt']),
  disable: (argv) => EcaDisable.run(argv),
  'certificate create': (argv) => EcaCertificateCreate.run(argv),
  'migrate plan': (argv) => EcaMigratePlan.run(argv),
  'credentials rotate': (argv) => EcaCredentialsRotate.run([...argv, '--no-prompt']),
  'credentials close-access': (argv) => EcaCredentialsCloseAccess.run(argv),
};

/** The words of a line as a POSIX shell takes them. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll(/'([^']*)'/g, '$1'));

const DAY = 86_400_000;

/** The policies of a Connected App that passes the rules about them. */
const CLOSED_POLICY = { ipRelaxation: 'ENFORCE', refreshTokenPolicy: 'specific_inactivity:30:DAYS' };

type Case = {
  rule: string;
  what: string;
  breakIt: () => unknown;
  severity: string;
  detail: RegExp;
  /** What a person does, where the fix is no command of ours, or needs a decision. */
  mend?: () => unknown;
  /** What a person does after the commands of the fix. */
  after?: () => unknown;
  flags?: string[];
  options?: PracticeServerOptions;
};

describe('eca audit, with one thing broken,', function () {
  this.timeout(60_000);
  const $$ = new TestContext();
  const home = process.cwd();
  let org: LoggedIn;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-audit-rules-'));
    process.chdir(folder);
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });
  afterEach(async () => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
    await org.close();
    process.exitCode = undefined;
  });

  const target = (): string[] => ['--target-org', org.username];
  const body = (type: string): Record<string, unknown> => {
    const [component] = org.org.components(type);
    if (!component) throw new Error(`The org has no ${type}.`);
    return component.body;
  };
  const globals = (fields: Record<string, unknown>) => Object.assign(body('ExtlClntAppGlobalOauthSettings'), fields);
  const policies = (fields: Record<string, unknown>) =>
    Object.assign(body('ExtlClntAppOauthConfigurablePolicies'), fields);
  const scopes = (all: string) => Object.assign(body('ExtlClntAppOauthSettings'), { commaSeparatedOauthScopes: all });
  const settings = (type: string, fields: Record<string, unknown>) => Object.assign(org.org.settings[type]!, fields);
  const oauthConfig = (fields: Record<string, unknown>) =>
    Object.assign(body('ConnectedApp').oauthConfig as Record<string, unknown>, fields);
  const user = () => org.org.seeded.integrationUser;
  const clientCredentials = (username = String(user().Username)): void => {
    globals({ isClientCredentialsFlowEnabled: true });
    policies({ isClientCredentialsFlowEnabled: true, clientCredentialsFlowUser: username });
  };
  const holder = (permission: string): string => {
    const set = org.org.insert('PermissionSet', {
      ...{ Name: 'Wide', Label: 'Wide', IsOwnedByProfile: false, Type: 'Regular' },
      [`Permissions${permission}`]: true,
    });
    return org.org.insert('PermissionSetAssignment', {
      ...{ AssigneeId: org.org.seeded.standardUser.Id, PermissionSetId: set.Id, IsActive: true },
    }).Id;
  };
  const token = (fields: Record<string, unknown> = {}): void => {
    const now = org.org.now().toISOString();
    const { Id } = org.org.insert('OauthToken', {
      ...{ AppName: 'Order Sync', AppMenuItemId: '0DS000000000001AAA', UserId: user().Id, UseCount: 1 },
    });
    org.org.update('OauthToken', Id, { LastUsedDate: now, CreatedDate: now, ...fields });
  };
  /** A refresh token of the app, which a command can revoke. */
  const granted = (fields: Record<string, unknown> = {}): void => {
    const [appId = ''] = org.org.consumers.keys();
    const app = appById(org.org, appId);
    if (!app) throw new Error('The org has no app.');
    grantsOf(org.org).newRefreshGrant(app, user().Id, ['api']);
    const now = org.org.now().toISOString();
    for (const { Id } of org.org.records('OauthToken'))
      org.org.update('OauthToken', Id, { LastUsedDate: now, CreatedDate: now, ...fields });
  };
  const dropToken = () => org.org.records('OauthToken').forEach(({ Id }) => org.org.delete('OauthToken', Id));
  const days = (count: number): Date => new Date(Date.now() - count * DAY);

  /** An app that passes every rule. */
  const makeSafe = async (): Promise<void> => {
    const name = ['--name', 'Order_Sync', ...target()];
    org.org.insert('PermissionSet', { Name: 'Orders', Label: 'Orders', IsOwnedByProfile: false, Type: 'Regular' });
    await EcaCreate.run([
      ...name,
      '--contact-email',
      'it@acme.io',
      '--description',
      'Sends orders. Owner: team Orders',
    ]);
    await EcaOauthSet.run([
      ...[...name, '--callback-url', 'https://app.acme.io/cb', '--flow', 'web-server', '--pkce', '--no-certificate'],
      ...['--secret', '--secret-for-refresh', '--rotate-refresh-tokens', '--refresh-token-idle-limit'],
      ...['--refresh-token-ip-range', '203.0.113.0-203.0.113.9', '--scope', 'api', '--scope', 'refresh_token'],
    ]);
    await EcaScopesSet.run([
      ...[...name, '--permitted-users', 'admin-approved', '--permission-set', 'Orders'],
      ...['--refresh-token-policy', 'inactivity', '--refresh-token-validity', '30 days', '--ip-relaxation', 'enforce'],
      ...['--session-timeout', '60'],
    ]);
    settings('OauthOidcSettings', { isPkceRequired: true });
    settings('ConnectedAppSettings', { enableAdminApprovedAppsOnly: true });
  };

  const audit = async (flags: string[] = []): Promise<EcaAuditResult> => EcaAudit.run([...target(), ...flags]);
  const found = ({ findings }: EcaAuditResult): string[] => findings.map(({ rule }) => rule).sort();

  const CASES: Case[] = [
    {
      rule: 'ECA101',
      what: 'a client without a secret and without PKCE',
      breakIt: () => globals({ isPkceRequired: false, isConsumerSecretOptional: true }),
      severity: 'critical',
      detail: /no consumer secret/,
    },
    {
      rule: 'ECA102',
      what: 'PKCE that is not required',
      breakIt: () => globals({ isPkceRequired: false }),
      severity: 'medium',
      detail: /PKCE/,
    },
    {
      rule: 'ECA103',
      what: 'a callback URL over http',
      breakIt: () => globals({ callbackUrl: 'http://app.acme.io/cb' }),
      severity: 'critical',
      detail: /http:\/\/app\.acme\.io\/cb/,
    },
    {
      rule: 'ECA104',
      what: 'a callback URL for trials',
      breakIt: () => {
        org.org.update('Organization', org.org.orgId, { OrganizationType: 'Enterprise Edition' });
        globals({ callbackUrl: 'https://app.acme.io/cb\nhttps://oauth.pstmn.io/v1/callback' });
      },
      severity: 'low',
      detail: /oauth\.pstmn\.io/,
    },
    {
      rule: 'ECA105',
      what: 'the device flow',
      breakIt: () => globals({ isDeviceFlowEnabled: true, callbackUrl: 'https://app.acme.io/cb' }),
      severity: 'high',
      detail: /device flow/,
    },
    {
      rule: 'ECA106',
      what: 'a refresh without the secret',
      breakIt: () => globals({ isSecretRequiredForRefreshToken: false }),
      severity: 'medium',
      detail: /without the consumer secret/,
    },
    {
      rule: 'ECA107',
      what: 'introspection of all tokens',
      breakIt: () => globals({ isIntrospectAllTokens: true }),
      severity: 'medium',
      detail: /introspect/,
    },
    {
      rule: 'ECA108',
      what: 'no rotation',
      breakIt: () => globals({ isRefreshTokenRotationEnabled: false }),
      severity: 'medium',
      detail: /stays the same/,
    },
    {
      rule: 'ECA109',
      what: 'refresh tokens without an end',
      breakIt: () => {
        globals({ isEnforceRefreshTokenTTL: false });
        policies({ refreshTokenPolicyType: 'Infinite' });
      },
      severity: 'high',
      detail: /never expire/,
    },
    {
      rule: 'ECA110',
      what: 'refresh tokens that live for a year',
      breakIt: () =>
        policies({
          refreshTokenPolicyType: 'SpecificLifetime',
          refreshTokenValidityPeriod: 365,
          refreshTokenValidityUnit: 'Days',
        }),
      severity: 'medium',
      detail: /365 days/,
    },
    {
      rule: 'ECA111',
      what: 'no idle limit',
      breakIt: () => globals({ isEnforceRefreshTokenTTL: false }),
      severity: 'low',
      detail: /30 days/,
    },
    {
      rule: 'ECA112',
      what: 'no addresses for refresh tokens',
      breakIt: () => {
        delete body('ExtlClntAppOauthSecuritySettings').tokenIpRanges;
        Object.assign(body('ExtlClntAppOauthSettings'), {
          trustedIpRanges: [{ startIpAddress: '203.0.113.0', endIpAddress: '203.0.113.9' }],
        });
      },
      severity: 'low',
      detail: /every address/,
    },
    {
      rule: 'ECA113',
      what: 'a policy that the idle limit replaces',
      breakIt: () => policies({ refreshTokenPolicyType: 'Infinite' }),
      severity: 'low',
      detail: /infinite/,
    },
    {
      rule: 'ECA201',
      what: 'an app for all users',
      breakIt: () => policies({ permittedUsersPolicyType: 'AllSelfAuthorized' }),
      severity: 'high',
      detail: /All users/,
    },
    {
      rule: 'ECA202',
      what: 'an app for nobody',
      breakIt: () => {
        delete body('ExtlClntAppOauthConfigurablePolicies').commaSeparatedPermissionSet;
        org.org.records('SetupEntityAccess').forEach(({ Id }) => org.org.delete('SetupEntityAccess', Id));
      },
      severity: 'info',
      detail: /nobody/,
    },
    {
      rule: 'ECA203',
      what: 'an app for a profile',
      breakIt: () => {
        delete body('ExtlClntAppOauthConfigurablePolicies').commaSeparatedPermissionSet;
        org.org.records('SetupEntityAccess').forEach(({ Id }) => org.org.delete('SetupEntityAccess', Id));
        policies({ commaSeparatedProfile: 'System Administrator' });
      },
      severity: 'medium',
      detail: /System Administrator/,
    },
    {
      rule: 'ECA204',
      what: 'relaxed IP restrictions',
      breakIt: () => policies({ ipRelaxationPolicyType: 'Bypass' }),
      severity: 'medium',
      detail: /every address/,
    },
    {
      rule: 'ECA205',
      what: 'logins of guests',
      breakIt: () => {
        globals({ isCodeCredFlowEnabled: true });
        policies({ isGuestCodeCredFlowEnabled: true });
      },
      severity: 'high',
      detail: /Guests/,
    },
    {
      rule: 'ECA206',
      what: 'long sessions',
      breakIt: () => policies({ sessionTimeoutInMinutes: 720 }),
      severity: 'low',
      detail: /720/,
    },
    {
      rule: 'ECA301',
      what: 'the scope full',
      breakIt: () => scopes('Full, RefreshToken'),
      severity: 'high',
      detail: /full/,
    },
    {
      rule: 'ECA302',
      what: 'scopes for users where no user logs in',
      breakIt: () => {
        clientCredentials();
        scopes('Api, Web');
        globals({ callbackUrl: 'https://login.salesforce.com/services/oauth2/success' });
      },
      severity: 'low',
      detail: /web/,
    },
    {
      rule: 'ECA401',
      what: 'client credentials',
      breakIt: () => clientCredentials(),
      severity: 'info',
      detail: /secret alone/,
      mend: () =>
        globals({ isClientCredentialsFlowEnabled: false }) && policies({ isClientCredentialsFlowEnabled: false }),
    },
    {
      rule: 'ECA402',
      what: 'a run-as user with too many rights',
      breakIt: () => clientCredentials(String(org.org.seeded.admin.Username)),
      severity: 'high',
      detail: /Modify All Data/,
    },
    {
      rule: 'ECA403',
      what: 'a run-as user who is not active',
      breakIt: () => {
        clientCredentials();
        org.org.update('User', user().Id, { IsActive: false });
      },
      severity: 'high',
      detail: /not active/,
    },
    {
      rule: 'ECA404',
      what: 'half of client credentials',
      breakIt: () => {
        clientCredentials();
        globals({ isClientCredentialsFlowEnabled: false });
      },
      severity: 'low',
      detail: /developer's switch is off/,
    },
    {
      rule: 'ECA701',
      what: 'an owner whom nobody knows',
      breakIt: () => delete body('ExternalClientApplication').description,
      severity: 'info',
      detail: /it@acme\.io/,
      mend: () => Object.assign(body('ExternalClientApplication'), { description: 'Sends orders' }),
    },
    {
      rule: 'ORG801',
      what: 'secrets by REST',
      breakIt: () => settings('ExternalClientAppSettings', { enableClientSecretInRestApiAccess: true }),
      severity: 'high',
      detail: /REST/,
    },
    {
      rule: 'ORG802',
      what: 'secrets by metadata',
      breakIt: () => settings('ExternalClientAppSettings', { enableConsumerSecretApiAccess: true }),
      severity: 'high',
      detail: /Metadata API/,
      mend: () => settings('ExternalClientAppSettings', { enableConsumerSecretApiAccess: false }),
    },
    {
      rule: 'ORG803',
      what: 'an org without PKCE',
      breakIt: () => settings('OauthOidcSettings', { isPkceRequired: false }),
      severity: 'medium',
      detail: /PKCE/,
      mend: () => settings('OauthOidcSettings', { isPkceRequired: true }),
    },
    {
      rule: 'ORG804',
      what: 'the password flow',
      breakIt: () => settings('OauthOidcSettings', { blockOAuthUnPwFlow: false }),
      severity: 'high',
      detail: /password/,
      mend: () => settings('OauthOidcSettings', { blockOAuthUnPwFlow: true }),
    },
    {
      rule: 'ORG805',
      what: 'the user-agent flow',
      breakIt: () => settings('OauthOidcSettings', { blockOAuthUsrAgtFlow: false }),
      severity: 'high',
      detail: /user-agent/,
      mend: () => settings('OauthOidcSettings', { blockOAuthUsrAgtFlow: true }),
    },
    {
      rule: 'ORG806',
      what: 'API Access Control that is off',
      breakIt: () => settings('ConnectedAppSettings', { enableAdminApprovedAppsOnly: false }),
      severity: 'info',
      detail: /every app/,
      mend: () => settings('ConnectedAppSettings', { enableAdminApprovedAppsOnly: true }),
    },
    {
      rule: 'ORG807',
      what: 'Use Any API Client',
      breakIt: () => holder('UseAnyApiAuth'),
      severity: 'critical',
      detail: /1 active users .*\(Wide\)/,
      mend: () => dropWide(),
    },
    {
      rule: 'ORG808',
      what: 'Approve Uninstalled Connected Apps',
      breakIt: () => holder('CanApproveUninstalledApps'),
      severity: 'critical',
      detail: /1 active users .*\(Wide\)/,
      mend: () => dropWide(),
    },
    {
      rule: 'ECA601',
      what: 'an app that nobody uses',
      breakIt: () => {
        for (const type of [
          'ExternalClientApplication',
          'ExtlClntAppOauthSettings',
          'ExtlClntAppGlobalOauthSettings',
          'ExtlClntAppOauthSecuritySettings',
          'ExtlClntAppOauthConfigurablePolicies',
          'ExtlClntAppConfigurablePolicies',
        ])
          for (const one of org.org.components(type)) one.lastModifiedDate = days(200);
      },
      severity: 'low',
      detail: /No use is known/,
      flags: ['--include', 'tokens'],
    },
    {
      rule: 'ECA501',
      what: 'a secret that is years old',
      breakIt: () => {
        settings('ExternalClientAppSettings', { enableClientSecretInRestApiAccess: true });
        for (const one of org.org.components('ExtlClntAppOauthSettings')) one.createdDate = days(900);
      },
      severity: 'medium',
      detail: /(899|900) days old/,
      flags: ['--include', 'key-pairs'],
    },
    {
      rule: 'ECA502',
      what: 'a new key pair that nobody promoted',
      breakIt: () => {
        settings('ExternalClientAppSettings', { enableClientSecretInRestApiAccess: true });
        for (const consumer of org.org.consumers.values()) consumer.staged = newKeyPair(org.org);
      },
      severity: 'medium',
      detail: /staged/,
      flags: ['--include', 'key-pairs'],
    },
    {
      rule: 'ECA602',
      what: 'tokens of a user who is not active',
      breakIt: () => {
        granted();
        org.org.update('User', user().Id, { IsActive: false });
      },
      severity: 'medium',
      detail: /1 inactive/,
      flags: ['--include', 'tokens'],
    },
    {
      rule: 'ECA603',
      what: 'tokens that nobody uses',
      breakIt: () => granted({ LastUsedDate: days(100).toISOString() }),
      severity: 'medium',
      detail: /not used for 90 days/,
      flags: ['--include', 'tokens'],
    },
    {
      rule: 'ECA604',
      what: 'tokens that are older than the policies',
      breakIt: () => granted({ CreatedDate: days(10).toISOString() }),
      severity: 'medium',
      detail: /1 refresh tokens/,
      flags: ['--include', 'tokens'],
    },
    {
      rule: 'CA901',
      what: 'an app that nobody installed',
      breakIt: () => token({ AppName: 'Sync Helper', AppMenuItemId: null }),
      severity: 'critical',
      detail: /Sync Helper/,
      flags: ['--include', 'tokens'],
      mend: () => dropToken(),
    },
    {
      rule: 'ECA114',
      what: 'a flow that Salesforce ends',
      breakIt: () => globals({ isDeviceFlowEnabled: true }),
      severity: 'medium',
      detail: /2026-11-30.*[Dd]evice flow/,
    },
    {
      rule: 'CA902',
      what: 'a Connected App for everybody',
      breakIt: () => connectedAppInOrg(org.org, 'Old_Portal', { label: 'Old Portal' }),
      severity: 'high',
      detail: /All users/,
      flags: ['--include', 'connected-apps'],
      mend: () => oauthConfig({ isAdminApproved: true }),
    },
    {
      rule: 'CA903',
      what: 'a Connected App that sends codes in clear text',
      breakIt: () => {
        connectedAppInOrg(org.org, 'Old_Portal', { label: 'Old Portal' });
        Object.assign(body('ConnectedApp'), { oauthPolicy: CLOSED_POLICY });
        oauthConfig({ callbackUrl: 'http://p.acme.io/cb', isPkceRequired: true });
      },
      severity: 'critical',
      detail: /ECA103/,
      flags: ['--include', 'connected-apps'],
      mend: () => oauthConfig({ callbackUrl: 'https://p.acme.io/cb' }),
    },
    {
      rule: 'CA904',
      what: 'a Connected App that can move, by its API name',
      breakIt: () => connectedAppInOrg(org.org, 'Old_Portal', { label: "The team's portal" }),
      severity: 'info',
      detail: /no longer supported/,
      flags: ['--include', 'connected-apps'],
      // The printed command plans the move. What the plan leads to is the move itself.
      after: () => pressButton(org.org, 'Old_Portal', org.org.seeded.admin.Id),
    },
  ];

  const dropWide = (): void => {
    const [wide] = org.org.records('PermissionSet').filter(({ Name }) => Name === 'Wide');
    if (wide)
      org.org.update('PermissionSet', wide.Id, {
        PermissionsUseAnyApiAuth: false,
        PermissionsCanApproveUninstalledApps: false,
      });
  };

  const mendAsPrinted = async (result: EcaAuditResult, rule: string): Promise<void> => {
    const { commands = [] } = result.findings.find((one) => one.rule === rule) ?? {};
    expect(commands, 'commands of the fix').not.to.deep.equal([]);
    for (const line of commands) {
      const [program = '', topic, ...words] = wordsOf(line);
      expect([program, topic]).to.deep.equal(['sf', 'eca']);
      const known = Object.keys(COMMANDS).find((command) => `${words.join(' ')} `.startsWith(`${command} `)) ?? '';
      expect(known, `a command for ${line}`).not.to.equal('');
      await COMMANDS[known]?.(words.slice(known.split(' ').length));
    }
  };

  for (const { rule, what, breakIt, severity, detail, mend, after, flags = [], options } of CASES) {
    it(`finds ${what} (${rule}), and says what mends it`, async () => {
      org = await logInToPractice($$, { ...options });
      await makeSafe();
      expect(found(await audit(flags)).filter((one) => one === rule)).to.deep.equal([]);
      breakIt();
      const broken = await audit(flags);
      const finding = broken.findings.find((one) => one.rule === rule);
      expect(finding, found(broken).join()).to.deep.include({ severity });
      expect(finding?.detail).to.match(detail);
      if (mend) {
        // Somebody mends by hand only what no command of ours can: a page of Setup opens, or nothing is printed.
        expect(finding?.commands.filter((line) => !/^sf org open --path \/lightning\/setup\/\w+\/home /.test(line))).to
          .be.empty;
        await mend();
      } else await mendAsPrinted(broken, rule);
      await after?.();
      expect(found(await audit(flags))).not.to.include(rule);
    });
  }

  it('finds nothing in a safe org but what every org has', async () => {
    org = await logInToPractice($$);
    await makeSafe();
    expect(found(await audit())).to.deep.equal([]);
  });

  it('finds a certificate that ends (ECA405), and never passes without one that it saw', async () => {
    org = await logInToPractice($$);
    await makeSafe();
    const [component] = org.org.components('ExtlClntAppGlobalOauthSettings');
    globals({ certificate: selfSigned({ days: 10 }).certificate });
    const [finding] = (await audit()).findings.filter(({ rule }) => rule === 'ECA405');
    expect(finding?.commands.join('\n')).to.match(
      /^sf eca certificate create --name Order_Sync --replace --key-file Order_Sync\.new\.key .* --target-org/,
    );
    globals({ certificate: selfSigned({ days: 300 }).certificate });
    expect(found(await audit())).to.deep.equal([]);
    delete component?.body.certificate;
    component!.lastModifiedDate = new Date(component!.lastModifiedDate.getTime() + 60_000);
    expect((await audit()).notChecked.map(({ rule }) => rule)).to.deep.equal(['ECA405']);
    globals({ certificate: selfSigned({ days: 10 }).certificate });
    await mendAsPrinted(await audit(), 'ECA405');
    expect(found(await audit())).to.not.include('ECA405');
  });

  it('judges an installed app by what its admin sets (ECA702), and says what it cannot see', async () => {
    org = await logInToPractice($$, { installed: ['acme__Shop'] });
    const { findings, notChecked, apps } = await audit();
    expect(apps.map(({ name }) => name)).to.deep.equal(['acme__Shop']);
    const rules = findings.filter(({ kind }) => kind === 'app').map(({ rule }) => rule);
    expect(rules).to.include.members(['ECA201', 'ECA702']);
    expect(notChecked.map(({ rule }) => rule)).to.include.members(['ECA101', 'ECA102', 'ECA108', 'ECA112']);
    await mendAsPrinted(await audit(), 'ECA702');
    expect(found(await audit())).to.not.include('ECA702');
  });

  it('finds what a query shows of Connected Apps (CA902), and which the org can replace (CA904)', async () => {
    org = await logInToPractice($$);
    connectedAppInOrg(org.org, 'Own');
    org.org.insert('ConnectedApplication', { Name: 'Others', OptionsAllowAdminApprovedUsersOnly: false });
    const { findings } = await audit(['--include', 'connected-apps']);
    const ofApps = findings
      .filter(({ kind }) => kind === 'connectedApp')
      .map(({ rule, subject }) => `${rule} ${subject}`);
    expect(ofApps.filter((line) => !line.startsWith('CA903'))).to.deep.equal([
      'CA902 Others',
      'CA902 Own',
      'CA904 Own',
    ]);
    // A link in the App Launcher: nobody authorizes it.
    delete body('ConnectedApp').oauthConfig;
    const later = (await audit(['--include', 'connected-apps'])).findings.filter(({ rule }) => rule === 'CA902');
    expect(later.map(({ subject }) => subject)).to.deep.equal(['Others']);
    expect((await audit()).findings.map(({ rule }) => rule)).not.to.include('CA902');
  });

  it('says of key pairs that they were not checked while the access to secrets is off (ECA501, ECA502)', async () => {
    org = await logInToPractice($$);
    await makeSafe();
    const unchecked = async (): Promise<string[]> =>
      (await audit(['--include', 'key-pairs'])).notChecked.map(({ rule, why }) => `${rule} ${why.slice(0, 35)}`);
    expect(await unchecked()).to.deep.equal(["ECA502 The org's access to secrets by REST"]);
    for (const one of org.org.components('ExtlClntAppOauthSettings')) one.createdDate = days(900);
    expect((await unchecked()).map((line) => line.slice(0, 6))).to.deep.equal(['ECA501', 'ECA502']);
    expect(org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess).to.not.equal(true);
    settings('ExternalClientAppSettings', { enableClientSecretInRestApiAccess: true });
    expect(await unchecked()).to.deep.equal([]);
  });

  it('takes a rotation of the last days for one, and the pair before it for a second one', async () => {
    org = await logInToPractice($$);
    await makeSafe();
    settings('ExternalClientAppSettings', { enableClientSecretInRestApiAccess: true });
    for (const one of org.org.components('ExtlClntAppOauthSettings')) one.createdDate = days(900);
    await mendAsPrinted(await audit(['--include', 'key-pairs']), 'ECA501');
    const rotated = await audit(['--include', 'key-pairs']);
    expect(found(rotated)).to.include('ECA502').and.not.include('ECA501');
    const secrets = [...org.org.consumers.values()].flatMap(({ primary, staged }) => [
      primary.secret,
      staged?.secret ?? '-',
    ]);
    for (const secret of secrets) expect(JSON.stringify(rotated)).to.not.include(secret);
    await mendAsPrinted(rotated, 'ECA502');
    expect([...org.org.consumers.values()].map(({ staged }) => staged)).to.deep.equal([undefined]);
  });

  it('judges a Connected App by its metadata as an app is judged, and says where it has none (CA903)', async () => {
    const xml = (...config: string[]): string =>
      '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><label>P</label><contactEmail>a@b.io</contactEmail>' +
      `<oauthConfig>${config.join('')}</oauthConfig><oauthPolicy><ipRelaxation>ENFORCE</ipRelaxation>` +
      '<refreshTokenPolicy>specific_inactivity:30:DAYS</refreshTokenPolicy></oauthPolicy></ConnectedApp>';
    const secret = randomBytes(16).toString('hex');
    const safe = [
      ...['<callbackUrl>https://p.acme.io/cb</callbackUrl>', '<isPkceRequired>true</isPkceRequired>'],
      ...['<isConsumerSecretOptional>false</isConsumerSecretOptional>', '<scopes>Api</scopes>'],
    ];
    const unsafe = [
      ...['<callbackUrl>http://p.acme.io/cb</callbackUrl>', `<consumerSecret>${secret}</consumerSecret>`],
      ...['<isConsumerSecretOptional>true</isConsumerSecretOptional>', '<scopes>Full</scopes>'],
    ];
    org = await logInToPractice($$, {
      connectedApps: [
        { name: 'Safe', xml: xml(...safe).replace('>P<', '>Safe<') },
        { name: 'Unsafe', xml: xml(...unsafe).replace('>P<', '>Unsafe<') },
        { name: 'acme__Vendor', xml: xml(...unsafe).replace('>P<', '>Vendor<'), isOfVendor: true, isInstalled: true },
      ],
    });
    const result = await audit(['--include', 'connected-apps']);
    const [finding, ...others] = result.findings.filter(({ rule }) => rule === 'CA903');
    expect(others).to.deep.equal([]);
    expect(finding).to.include({ subject: 'Unsafe', severity: 'critical', score: 10 });
    expect(finding?.detail).to.match(/ECA101 .*ECA103 .*ECA301 /);
    expect(JSON.stringify(result)).to.not.include(secret);
    const unread = result.notChecked.filter(({ rule }) => rule === 'CA903');
    expect(unread.map(({ subject, why }) => `${subject} ${why}`)).to.deep.equal([
      'Vendor The org does not return the settings of a Connected App that was made in another org.',
    ]);
  });

  it('has a case, or a test of its own, for every rule', async () => {
    org = await logInToPractice($$);
    const ownTests = ['ECA405', 'ECA702'];
    expect([...CASES.map(({ rule }) => rule), ...ownTests].sort()).to.deep.equal(RULES.map(({ id }) => id).sort());
  });
});
