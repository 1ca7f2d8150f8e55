import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaOauthSet, { type EcaOauthSetResult } from '../../../../src/commands/eca/oauth/set.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

const CALLBACK = 'https://orders.example.com/oauth/callback';

const fingerprintOf = (file: string): string => new X509Certificate(readFileSync(file)).fingerprint256;

describe('eca oauth set', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let deploysBefore: number;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$, { variants: { 'certificate-retrieved': 'never' } });
    await EcaCreate.run(['--target-org', org.username, '--name', 'Order_Sync', '--contact-email', 'it@example.com']);
    deploysBefore = org.deploys();
    ux.warn.resetHistory();
    ux.logToStderr.resetHistory();
  });

  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  const set = async (...flags: string[]): Promise<EcaOauthSetResult> =>
    EcaOauthSet.run(['--target-org', org.username, '--name', 'Order_Sync', ...flags]);
  const deploys = (): number => org.deploys() - deploysBefore;
  const warnings = (): unknown[] => ux.warn.args.flat().map((warning) => (warning as { name: string }).name);
  const globalSettings = (): unknown => org.org.components('ExtlClntAppGlobalOauthSettings')[0]?.body;

  const integrationUser = (): string => String(org.org.seeded.integrationUser.Username);

  /** A refusal that left the org as it was. */
  const refused = async (name: string, ...flags: string[]) => {
    const before = deploys();
    const error = await failure(set(...flags));
    expect(error.name, error.message).to.equal(name);
    expect(error.actions, error.message).to.have.length.greaterThan(0);
    expect(deploys()).to.equal(before);
    return error;
  };

  it('turns OAuth on', async () => {
    const { app, created, changes } = await set('--callback-url', CALLBACK);
    expect(created).to.equal(false);
    expect(app.oauth).to.deep.include({ callbackUrls: [CALLBACK], flows: ['web-server'] });
    expect(app.consumerKey).to.be.a('string');
    expect(changes).to.deep.include({ field: 'oauth.callbackUrls', after: [CALLBACK] });
    expect(ux.logToStderr.args.flat().join()).to.include(
      `eca scopes set --name Order_Sync --target-org ${org.username}`,
    );
  });

  it('sets the app up for client credentials in one deploy', async () => {
    const { app } = await set(
      ...['--callback-url', CALLBACK, '--flow', 'client-credentials'],
      ...['--run-as', integrationUser(), '--scope', 'Api,openid'],
    );
    expect(app.oauth?.flows).to.deep.equal(['web-server', 'client-credentials']);
    expect(app.oauth?.runAs).to.equal(integrationUser());
    expect(app.scopes).to.have.members(['api', 'openid']);
    expect(deploys()).to.equal(1);
    expect(warnings()).to.deep.equal([]);
    expect(ux.logToStderr.args.flat().join()).to.include('eca credentials --name Order_Sync');
  });

  it('takes every switch', async () => {
    const { app, notApplied } = await set(
      ...['--callback-url', CALLBACK, '--callback-url', 'myapp://callback', '--flow', 'device'],
      ...['--pkce', '--no-secret', '--no-secret-for-refresh', '--secret-for-token-exchange'],
      ...['--rotate-refresh-tokens', '--introspect-all-tokens', '--jwt-access-tokens'],
      ...['--trusted-ip-range', '203.0.113.0-203.0.113.255', '--trusted-ip-range', '198.51.100.7'],
      ...['--id-token-audience', 'https://orders.example.com', '--id-token-validity', '10'],
      ...['--id-token-standard-claims', '--no-id-token-attributes', '--id-token-custom-permissions'],
    );
    expect(notApplied).to.deep.equal([]);
    expect(app.oauth).to.deep.include({
      callbackUrls: [CALLBACK, 'myapp://callback'],
      flows: ['web-server', 'device'],
      pkceRequired: true,
      secretRequired: false,
      secretRequiredForRefresh: false,
      secretRequiredForTokenExchange: true,
      refreshTokenRotation: true,
      introspectAllTokens: true,
      jwtAccessTokens: true,
      trustedIpRanges: [
        { start: '203.0.113.0', end: '203.0.113.255' },
        { start: '198.51.100.7', end: '198.51.100.7' },
      ],
      idToken: {
        audience: 'https://orders.example.com',
        validityMinutes: 10,
        standardClaims: true,
        attributes: false,
        customPermissions: true,
      },
    });
  });

  it('deploys nothing the second time', async () => {
    const flags = ['--callback-url', CALLBACK, '--flow', 'client-credentials', '--scope', 'api'];
    flags.push('--run-as', integrationUser(), '--pkce');
    await set(...flags);
    const again = await set(...flags);
    expect(again).to.deep.include({ created: false, changes: [], notApplied: [] });
    expect(deploys()).to.equal(1);
    expect(process.exitCode).to.equal(undefined);
  });

  describe('--create-user', () => {
    const flags = ['--callback-url', CALLBACK, '--flow', 'client-credentials', '--scope', 'api'];
    const create = ['--create-user', ' order-sync@orders.example '];
    const usersNamed = (): unknown[] =>
      org.org.records('User').filter(({ Username }) => Username === 'order-sync@orders.example');

    it('makes the user, lets the user in and turns the flow on', async () => {
      const result = await set(...flags, ...create);
      expect(result.app.oauth).to.deep.include({ runAs: 'order-sync@orders.example' });
      expect(result.app.oauth?.flows).to.include('client-credentials');
      expect(result.app.policies).to.deep.include({
        permittedUsers: 'admin-approved',
        permissionSets: ['Order_Sync_Access'],
      });
      expect(result.integrationUser?.username).to.equal('order-sync@orders.example');
      expect(result.integrationUser?.steps.map(({ status }) => status)).to.deep.equal(['done', 'done', 'done', 'done']);
      expect(usersNamed()).to.have.lengthOf(1);
      const again = await set(...flags, ...create);
      expect(again.changes).to.deep.equal([]);
      expect(again.integrationUser?.steps.every(({ status }) => status === 'there')).to.equal(true);
      expect(deploys()).to.equal(1);
    });

    it('makes nobody in a dry run, nor after a no', async () => {
      const result = await set(...flags, ...create, '--dry-run');
      expect(result.app.oauth?.runAs).to.equal('order-sync@orders.example');
      expect(result.integrationUser?.steps[0]).to.include({ id: 'user', status: 'planned' });
      atTerminal(true);
      $$.SANDBOX.stub(PROMPTS, 'yes').resolves(false);
      const error = await failure(set(...flags, ...create));
      expect(error.name).to.equal('NotConfirmedError');
      expect(usersNamed()).to.have.lengthOf(0);
      expect(globalSettings()).to.equal(undefined);
    });

    it('is refused for what is no username, and beside --run-as', async () => {
      expect((await refused('UsernameInvalidError', ...flags, '--create-user', 'order-sync')).exitCode).to.equal(2);
      const both = await failure(set(...flags, ...create, '--run-as', integrationUser()));
      expect(both.message).to.include('--create-user');
    });

    it('is refused for a user of another kind', async () => {
      const error = await refused('UserNotForIntegrationsError', ...flags, '--create-user', org.username);
      expect(error.exitCode).to.equal(1);
    });
  });

  describe('a list', () => {
    const other = 'https://orders.example.com/second';

    it('grows and shrinks by what is named, and a second time there is nothing to do', async () => {
      await set('--callback-url', CALLBACK, '--flow', 'device');
      ux.warn.resetHistory();
      const flags = ['--add-callback-url', other, '--add-flow', 'clientCredentials', '--run-as', integrationUser()];
      const { app } = await set(...flags, '--no-certificate');
      expect(app.oauth?.callbackUrls).to.deep.equal([CALLBACK, other]);
      expect(app.oauth?.flows).to.have.members(['web-server', 'device', 'client-credentials']);
      expect((await set(...flags)).changes).to.deep.equal([]);
      const less = await set('--remove-callback-url', CALLBACK, '--remove-flow', 'device', '--no-certificate');
      expect(less.app.oauth?.callbackUrls).to.deep.equal([other]);
      expect(less.app.oauth?.flows).to.have.members(['web-server', 'client-credentials']);
      expect(warnings()).to.not.include('ShrinksWarning');
    });

    it('keeps its last callback URL', async () => {
      await set('--callback-url', CALLBACK);
      await refused('CallbackUrlsEmptyError', '--remove-callback-url', CALLBACK, '--no-certificate');
    });

    it('is warned about when a new one has less', async () => {
      await set('--callback-url', CALLBACK, '--flow', 'device');
      ux.warn.resetHistory();
      await set('--callback-url', other, '--flow', 'web-server', '--no-certificate');
      const [warning] = ux.warn.args.flat().filter((one) => (one as { name: string }).name === 'ShrinksWarning');
      expect((warning as { message: string }).message)
        .to.include(CALLBACK)
        .and.include('device')
        .and.not.include(other);
    });

    it('is asked about at a terminal when a new one has less', async () => {
      await set('--callback-url', CALLBACK);
      atTerminal(true);
      const yes = $$.SANDBOX.stub(PROMPTS, 'yes').resolves(false);
      await refused('NotConfirmedError', '--callback-url', other, '--no-certificate');
      expect(ux.logToStderr.args.flat().join('\n')).to.include(CALLBACK);
      yes.resolves(true);
      const { app } = await set('--callback-url', other, '--no-certificate');
      expect(app.oauth?.callbackUrls).to.deep.equal([other]);
      expect(yes.callCount).to.equal(2);
      // Only growing is nothing to ask about.
      await set('--callback-url', `${other} ${CALLBACK}`, '--no-certificate');
      expect(yes.callCount).to.equal(2);
    });
  });

  it('takes every spelling that is clear', async () => {
    const other = 'https://orders.example.com/second';
    const flags = ['--callback-url', ` ${CALLBACK},${other} `, '--flow', 'clientCredentials, webserver'];
    flags.push('--run-as', ` ${integrationUser()} `, '--scope', 'Api RefreshToken', '--id-token-validity', '2h');
    const { app } = await set(...flags, '--trusted-ip-range', '203.0.113.0/24, 198.51.100.7');
    expect(app.oauth).to.deep.include({
      callbackUrls: [CALLBACK, other],
      runAs: integrationUser(),
      trustedIpRanges: [
        { start: '203.0.113.0', end: '203.0.113.255' },
        { start: '198.51.100.7', end: '198.51.100.7' },
      ],
    });
    expect(app.oauth?.flows).to.have.members(['web-server', 'client-credentials']);
    expect(app.oauth?.idToken?.validityMinutes).to.equal(120);
    expect(app.scopes).to.have.members(['api', 'refresh_token']);
  });

  it('has the org check it and writes nothing with --dry-run', async () => {
    const result = await set('--callback-url', CALLBACK, '--dry-run');
    expect(result.dryRun).to.equal(true);
    expect(globalSettings()).to.equal(undefined);
  });

  describe('what is refused before anything is sent', () => {
    const cases: Array<[name: string, flags: string[]]> = [
      ['CallbackUrlNotHttpsError', ['--callback-url', 'http://orders.example.com/cb']],
      ['CallbackUrlInvalidError', ['--callback-url', 'orders.example.com/cb']],
      ['CallbackUrlSchemeError', ['--callback-url', 'javascript:alert(1)']],
      ['FlowPasswordError', ['--callback-url', CALLBACK, '--flow', 'password']],
      ['FlowUnknownError', ['--callback-url', CALLBACK, '--flow', 'client-credentals-x']],
      ['ScopeUnknownError', ['--callback-url', CALLBACK, '--scope', 'refresh_tokn']],
      ['IpRangeInvalidError', ['--callback-url', CALLBACK, '--trusted-ip-range', '203.0.113.0/33']],
      ['NumberNotAllowedError', ['--callback-url', CALLBACK, '--id-token-validity', '721']],
      ['CertificateOrFlowError', ['--callback-url', CALLBACK, '--flow', 'jwt-bearer', '--no-certificate']],
      ['SeveralProblemsError', ['--callback-url', 'http://a.example', '--flow', 'password', '--scope', 'apii']],
    ];
    for (const [name, flags] of cases) {
      it(`${flags.slice(-2).join(' ')}: ${name}`, async () => {
        const before = org.asked().length;
        expect((await refused(name, ...flags)).exitCode).to.equal(2);
        expect(org.asked().slice(before)).to.deep.equal([]);
      });
    }

    it('a certificate file that is not there', async () => {
      const flags = ['--callback-url', CALLBACK, '--certificate-file', '/nowhere/app.crt'];
      expect((await refused('CertificateNotFoundError', ...flags)).message).to.include('/nowhere/app.crt');
    });
  });

  it('needs a callback URL for an app that has none', async () => {
    const error = await refused('FlagsMissingError', '--pkce');
    expect(error.message).to.include('--callback-url');
    expect(error.exitCode).to.equal(2);
  });

  it('needs a run-as user for client credentials', async () => {
    const error = await refused('FlagsMissingError', '--callback-url', CALLBACK, '--flow', 'client-credentials');
    expect(error.message).to.include('--run-as').and.not.include('--callback-url');
  });

  it('refuses a run-as user who does not exist', async () => {
    const flags = ['--callback-url', CALLBACK, '--flow', 'client-credentials', '--run-as', "o'nobody@example.com"];
    expect((await refused('RunAsNotFoundError', ...flags)).message).to.include("o'nobody@example.com");
  });

  it('refuses a run-as user who is inactive', async () => {
    const { Id, Username } = org.org.seeded.integrationUser;
    org.org.update('User', Id, { IsActive: false });
    const flags = ['--callback-url', CALLBACK, '--flow', 'client-credentials', '--run-as', String(Username)];
    await refused('RunAsInactiveError', ...flags);
  });

  it('warns of a run-as user who can do everything, naming the permission', async () => {
    await set('--callback-url', CALLBACK, '--flow', 'client-credentials', '--run-as', org.username);
    expect(warnings()).to.deep.equal(['RunAsPowerfulWarning']);
    expect(JSON.stringify(ux.warn.args)).to.include('ModifyAllData').and.include('System Administrator');
  });

  it('warns of a run-as user without the flow that uses it', async () => {
    await set('--callback-url', CALLBACK, '--run-as', integrationUser());
    expect(warnings()).to.deep.equal(['RunAsUnusedWarning']);
  });

  it('warns of scopes that a flow cannot use', async () => {
    const flags = ['--flow', 'client-credentials', '--run-as', integrationUser(), '--scope', 'api,full'];
    await set('--callback-url', CALLBACK, ...flags);
    expect(warnings()).to.include('ScopeFullWarning').and.include('ScopesNotForFlowWarning');
  });

  it('names the nearest apps when there is none of the name', async () => {
    const error = await failure(
      EcaOauthSet.run(['--target-org', org.username, '--name', 'Order_Synk', '--callback-url', CALLBACK]),
    );
    expect(error.name).to.equal('AppNotFoundError');
    expect(error.message).to.include('Order_Sync');
    expect(deploys()).to.equal(0);
  });

  it('leaves scopes that are there to another command', async () => {
    await set('--callback-url', CALLBACK, '--scope', 'api');
    const error = await refused('ScopesThereError', '--scope', 'api,openid');
    expect(error.actions?.join()).to.include(
      `sf eca scopes set --name Order_Sync --target-org ${org.username} --scope api,openid`,
    );
    expect((await set('--scope', 'api')).changes).to.deep.equal([]);
  });

  it('refuses a lower API version for the app that is there', async () => {
    await refused('ApiVersionTooLowError', '--callback-url', CALLBACK, '--api-version', '62.0');
  });

  describe('what a flow needs beyond the app', () => {
    it('is named: the org’s switch for code and credentials, when it is off', async () => {
      const flows = ['--callback-url', CALLBACK, '--flow', 'code-and-credentials'];
      await set(...flows);
      expect(warnings()).to.deep.equal(['OrgSwitchOffWarning']);
      ux.warn.resetHistory();
      org.org.settings.OauthOidcSettings!.oAuthCdCrdtFlowEnable = true;
      await set(...flows);
      expect(warnings()).to.deep.equal([]);
    });

    it('is named: the handler of a token exchange', async () => {
      await set('--callback-url', CALLBACK, '--flow', 'token-exchange');
      expect(warnings()).to.deep.equal(['HandlerNeededWarning']);
    });
  });

  describe('the certificate', () => {
    let folder: string;
    let file: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'eca-certificate-'));
      file = join(folder, 'app.crt');
      writeFileSync(file, selfSigned().certificate);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    /** As after a write by another machine: what this machine noted no longer holds. */
    const changedElsewhere = (): void => {
      const [component] = org.org.components('ExtlClntAppGlobalOauthSettings');
      org.org.putComponent({ ...component!, lastModifiedDate: new Date(org.org.now().getTime() + 60_000) });
    };

    it('is checked before anything is sent', async () => {
      writeFileSync(file, selfSigned({ bits: 1024 }).certificate);
      await refused('CertificateKeyShortError', '--callback-url', CALLBACK, '--certificate-file', file);
    });

    for (const [what, made, warning] of [
      ['expires soon', { days: 29 }, 'CertificateExpiresSoonWarning'],
      ['is out of date', { days: -1 }, 'CertificateExpiredWarning'],
      ['is not valid yet', { startsIn: 2 }, 'CertificateNotYetValidWarning'],
    ] as const) {
      it(`has a warning when it ${what}, and then alone`, async () => {
        await set('--callback-url', CALLBACK, '--certificate-file', file);
        expect(warnings()).to.deep.equal([]);
        writeFileSync(file, selfSigned(made).certificate);
        const { changes } = await set('--introspect-all-tokens', '--certificate-file', file);
        expect(changes.map(({ field }) => field)).to.deep.equal(['oauth.introspectAllTokens', 'oauth.certificateFile']);
        expect(warnings()).to.deep.equal([warning]);
      });
    }

    it('is needed for the JWT bearer flow of an app without OAuth', async () => {
      await refused('CertificateMissingError', '--callback-url', CALLBACK, '--flow', 'jwt-bearer');
      const { app } = await set('--callback-url', CALLBACK, '--flow', 'jwt-bearer', '--certificate-file', file);
      expect(globalSettings()).to.have.property('certificate').that.includes('BEGIN CERTIFICATE');
      expect(JSON.stringify(app)).not.to.include('BEGIN CERTIFICATE');
      expect(app.oauth?.flows).to.deep.equal(['web-server', 'jwt-bearer']);
    });

    it('is needed for the JWT bearer flow of an app that is known to have none', async () => {
      await set('--callback-url', CALLBACK);
      await refused('CertificateMissingError', '--flow', 'jwt-bearer');
    });

    it('may be missing where the JWT bearer flow is asked for again', async () => {
      await set('--callback-url', CALLBACK, '--flow', 'jwt-bearer', '--certificate-file', file);
      expect((await set('--flow', 'jwt-bearer')).changes).to.deep.equal([]);
      expect(warnings()).to.deep.equal([]);
      changedElsewhere();
      expect((await set('--flow', 'jwt-bearer')).changes).to.deep.equal([]);
      expect(warnings()).to.deep.equal(['CertificateUnseenWarning']);
    });

    it('keeps its flow on, with a warning, where the flows that are named lack it', async () => {
      await set('--callback-url', CALLBACK, '--certificate-file', file);
      const { app } = await set('--flow', 'device', '--certificate-file', file);
      expect(app.oauth?.flows).to.deep.equal(['web-server', 'jwt-bearer', 'device']);
      await set('--flow', 'device');
      // Without a callback URL on localhost, the device flow ends as Salesforce announced.
      expect(warnings()).to.deep.equal(['AnnouncedChangeWarning', 'JwtBearerStaysWarning']);
      const [{ actions = [] }] = ux.warn.args.flat() as unknown as [{ actions?: string[] }];
      const url = 'http://localhost:1717/OauthRedirect';
      const line = `sf eca oauth set --name Order_Sync --add-callback-url ${url} --target-org ${org.username}`;
      expect(actions.join()).to.include(line);
      ux.warn.resetHistory();
      await set('--add-callback-url', url, '--certificate-file', file);
      expect(warnings()).to.deep.equal([]);
    });

    it('has to be spoken of before settings are changed that somebody else wrote', async () => {
      await set('--callback-url', CALLBACK);
      expect((await set('--rotate-refresh-tokens')).app.oauth?.refreshTokenRotation).to.equal(true);
      changedElsewhere();
      const error = await refused('CertificateNeededError', '--no-rotate-refresh-tokens');
      expect(error.actions?.join()).to.include('--no-certificate').and.include('--certificate-file');
      const { app } = await set('--no-rotate-refresh-tokens', '--no-certificate');
      expect(app.oauth?.refreshTokenRotation).to.equal(false);
    });

    it('has to be given again where this machine knows of it and the org does not return it', async () => {
      await set('--callback-url', CALLBACK, '--certificate-file', file);
      const error = await refused('CertificateFileNeededError', '--rotate-refresh-tokens');
      expect(error.message).to.include(fingerprintOf(file));
      await refused('CertificateThereError', '--rotate-refresh-tokens', '--no-certificate');
      await refused('CertificateThereError', '--no-certificate');
      const { changes, app } = await set('--rotate-refresh-tokens', '--certificate-file', file);
      expect(changes.map(({ field }) => field)).to.deep.equal(['oauth.refreshTokenRotation']);
      expect(app.oauth?.certificate).to.equal(fingerprintOf(file));
      expect(globalSettings()).to.have.property('certificate').that.includes('BEGIN CERTIFICATE');
    });

    it('is replaced by another one, which is shown as that', async () => {
      await set('--callback-url', CALLBACK, '--certificate-file', file);
      const before = fingerprintOf(file);
      expect((await set('--certificate-file', file)).changes).to.deep.equal([]);
      writeFileSync(file, selfSigned().certificate);
      const dry = await set('--certificate-file', file, '--dry-run');
      const { changes, app } = await set('--certificate-file', file);
      expect(changes).to.deep.equal([{ field: 'oauth.certificateFile', before, after: file }]);
      expect(dry.changes).to.deep.equal(changes);
      expect([dry.app.oauth?.certificate, app.oauth?.certificate]).to.deep.equal(Array(2).fill(fingerprintOf(file)));
      expect(dry.app.oauth?.flows).to.deep.equal(app.oauth?.flows);
    });

    it('is taken away by --remove-certificate alone, and by nothing else', async () => {
      await set('--callback-url', CALLBACK, '--certificate-file', file);
      const dry = await set('--remove-certificate', '--dry-run');
      expect(globalSettings()).to.have.property('certificate');
      const { changes, app } = await set('--remove-certificate');
      expect(globalSettings()).not.to.have.property('certificate');
      expect(changes).to.deep.equal([{ field: 'oauth.certificateFile', before: fingerprintOf(file), after: 'none' }]);
      expect(dry.changes).to.deep.equal(changes);
      expect([app.oauth?.flows, app.oauth?.certificate]).to.deep.equal([['web-server'], undefined]);
      expect(warnings()).to.deep.equal(['CertificateRemovedWarning', 'CertificateRemovedWarning']);
      expect((await set('--remove-certificate')).changes).to.deep.equal([]);
    });

    it('is taken away where nobody can see it, too', async () => {
      await set('--callback-url', CALLBACK, '--certificate-file', file);
      changedElsewhere();
      await set('--remove-certificate');
      expect(globalSettings()).not.to.have.property('certificate');
    });

    it('stays when the question is answered with no', async () => {
      await set('--callback-url', CALLBACK, '--certificate-file', file);
      atTerminal(true);
      const confirm = $$.SANDBOX.stub(EcaOauthSet.prototype, 'confirm').resolves(false);
      expect((await failure(set('--remove-certificate'))).name).to.equal('NotConfirmedError');
      expect(JSON.stringify(confirm.args)).to.include('will fail');
      expect(globalSettings()).to.have.property('certificate');
      confirm.resolves(true);
      await set('--remove-certificate');
      expect(globalSettings()).not.to.have.property('certificate');
    });

    it('is asked for at a terminal, where nothing is known', async () => {
      await set('--callback-url', CALLBACK);
      changedElsewhere();
      atTerminal(true);
      const choice = $$.SANDBOX.stub(PROMPTS, 'choice').resolves('file');
      const text = $$.SANDBOX.stub(PROMPTS, 'text').resolves(file);
      await set('--rotate-refresh-tokens');
      expect([choice.callCount, text.callCount]).to.deep.equal([1, 1]);
      expect(globalSettings()).to.have.property('certificate').that.includes('BEGIN CERTIFICATE');
      // It is known by now, and only where its file is cannot be.
      await set('--no-rotate-refresh-tokens');
      expect([choice.callCount, text.callCount]).to.deep.equal([1, 2]);
      expect(text.secondCall.args[0].message).to.include(fingerprintOf(file));
      changedElsewhere();
      choice.resolves('none');
      await set('--rotate-refresh-tokens');
      expect(globalSettings()).not.to.have.property('certificate');
    });

    it('is looked for first by a user who does not know, and nothing is written', async () => {
      await set('--callback-url', CALLBACK);
      changedElsewhere();
      atTerminal(true);
      $$.SANDBOX.stub(PROMPTS, 'choice').resolves('unsure');
      const before = globalSettings();
      const error = await failure(set('--rotate-refresh-tokens'));
      expect(error.name).to.equal('CertificateUnsureError');
      expect(error.actions?.join()).to.include('sf eca open --name Order_Sync --target-org');
      expect(globalSettings()).to.deep.equal(before);
    });

    it('is not asked for where this machine wrote the settings last, or nothing of them changes', async () => {
      await set('--callback-url', CALLBACK);
      atTerminal(true);
      const choice = $$.SANDBOX.stub(PROMPTS, 'choice');
      await set('--rotate-refresh-tokens');
      changedElsewhere();
      await set('--trusted-ip-range', '203.0.113.1', '--scope', 'api');
      expect(choice.called).to.equal(false);
    });
  });

  it('asks at a terminal for what OAuth cannot do without', async () => {
    atTerminal(true);
    const text = $$.SANDBOX.stub(PROMPTS, 'text');
    text.onFirstCall().callsFake((question) => Promise.resolve(question.default ?? ''));
    text.onSecondCall().resolves(integrationUser());
    const { app } = await set('--flow', 'client-credentials');
    expect(app.oauth?.callbackUrls).to.deep.equal(['http://localhost:1717/OauthRedirect']);
    expect(app.oauth?.runAs).to.equal(integrationUser());
    expect(text.firstCall.args[0].problem?.('http://elsewhere.example/cb')).to.include('http');
  });

  it('warns with exit code 68 of what the org did not keep', async () => {
    await set('--callback-url', CALLBACK, '--pkce');
    const result = await set('--no-pkce');
    expect(result.notApplied).to.deep.equal([{ field: 'oauth.pkceRequired', before: false, after: true }]);
    expect(warnings()).to.include('NotAppliedWarning');
    expect(process.exitCode).to.equal(68);
  });
});

describe('eca oauth set by a user who may make apps and not edit policies', () => {
  const $$ = new TestContext();
  let org: LoggedIn;

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$, {}, ({ org: inside }) => {
      const { seeded } = inside;
      const PermissionSetId = inside.insert('PermissionSet', {
        Name: 'Maker',
        Label: 'Maker',
        IsOwnedByProfile: false,
        PermissionsExternalClientAppDeveloper: true,
        PermissionsModifyMetadata: true,
      }).Id;
      inside.insert('PermissionSetAssignment', { AssigneeId: seeded.standardUser.Id, PermissionSetId });
      return seeded.standardUser;
    });
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
  });
  afterEach(() => org.close());

  const target = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];

  it('names the permission where policies are written', async () => {
    const runAs = String(org.org.seeded.integrationUser.Username);
    const flags = ['--callback-url', CALLBACK, '--flow', 'client-credentials', '--run-as', runAs];
    const error = await failure(EcaOauthSet.run([...target(), ...flags]));
    expect(error.name).to.equal('PermissionMissingError');
    expect(error.data).to.deep.equal({ missing: [['ExternalClientAppAdmin']] });
    expect(org.deploys()).to.equal(1);
  });

  it('does not ask for it elsewhere', async () => {
    const { app } = await EcaOauthSet.run([...target(), '--callback-url', CALLBACK]);
    expect(app.oauth?.callbackUrls).to.deep.equal([CALLBACK]);
  });
});
