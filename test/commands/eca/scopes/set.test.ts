import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet, { type EcaScopesSetResult } from '../../../../src/commands/eca/scopes/set.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca scopes set', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([...target(), '--contact-email', 'it@example.com']);
  });

  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  const target = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
  const withOauth = async (...flags: string[]): Promise<void> => {
    await EcaOauthSet.run([...target(), '--callback-url', 'https://orders.example.com/cb', ...flags]);
    ux.warn.resetHistory();
  };
  const set = async (...flags: string[]): Promise<EcaScopesSetResult> => EcaScopesSet.run([...target(), ...flags]);
  const warnings = (): unknown[] => ux.warn.args.flat().map((warning) => (warning as { name: string }).name);

  /** A refusal that left the org as it was. */
  const refused = async (name: string, ...flags: string[]) => {
    const before = org.deploys();
    const error = await failure(set(...flags));
    expect(error.name, error.message).to.equal(name);
    expect(error.actions, error.message).to.have.length.greaterThan(0);
    expect(org.deploys()).to.equal(before);
    return error;
  };

  it('sends an app without OAuth to oauth set', async () => {
    const error = await refused('OauthNotSetError', '--scope', 'api');
    expect(error.actions?.join()).to.include('sf eca oauth set --name Order_Sync');
  });

  it('says that there is no such app', async () => {
    const error = await failure(EcaScopesSet.run(['--target-org', org.username, '--name', 'Nope', '--scope', 'api']));
    expect(error.name).to.equal('AppNotFoundError');
  });

  it('sets the whole set, in the words of OAuth, of metadata and of Setup', async () => {
    await withOauth('--scope', 'full');
    const { app, changes } = await set('--scope', 'api,RefreshToken', '--scope', 'Access unique user identifiers');
    expect(app.scopes).to.have.members(['api', 'refresh_token', 'openid']);
    expect(changes.map(({ field }) => field)).to.deep.equal(['scopes']);
    expect(ux.logToStderr.args.flat().join()).to.include('eca credentials --name Order_Sync');
  });

  it('needs no word on the certificate', async () => {
    await withOauth();
    await set('--scope', 'api');
    expect((await set('--scope', 'openid')).app.scopes).to.deep.equal(['openid']);
  });

  it('adds and removes', async () => {
    await withOauth('--scope', 'api,full');
    const { app } = await set('--add', 'openid', '--remove', 'full,web');
    expect(app.scopes).to.have.members(['api', 'openid']);
  });

  it('removes a scope that it does not know, and leaves such scopes alone', async () => {
    await withOauth('--scope', 'api');
    const settings = org.org.components('ExtlClntAppOauthSettings')[0]!;
    settings.body.commaSeparatedOauthScopes = 'Api, BrandNew';
    await refused('ScopeUnlikeError', '--add', 'EvenNewer');
    expect((await set('--remove', 'brandnew')).app.scopes).to.deep.equal(['api']);
  });

  it('deploys nothing the second time', async () => {
    await withOauth();
    const flags = ['--scope', 'api', '--permitted-users', 'all-users', '--refresh-token-policy', 'inactivity'];
    flags.push('--refresh-token-validity', '30 days', '--session-timeout', '30');
    await set(...flags);
    const before = org.deploys();
    expect(await set(...flags)).to.deep.include({ changes: [], notApplied: [] });
    expect(org.deploys()).to.equal(before);
  });

  it('sets every policy', async () => {
    await withOauth('--scope', 'api,refresh_token');
    org.org.insert('PermissionSet', { Name: 'Order_Sync', Label: 'Order Sync', IsOwnedByProfile: false });
    const { app, notApplied } = await set(
      ...['--permitted-users', 'admin-approved', '--permission-set', 'Order_Sync', '--profile', 'Standard User'],
      ...['--refresh-token-policy', 'lifetime', '--refresh-token-validity', '30 days', '--ip-relaxation', 'relax-2fa'],
      ...['--session-timeout', '30', '--jwt-timeout', '15'],
      ...['--session-level', 'high-assurance', '--session-level-action', 'raise'],
    );
    expect(notApplied).to.deep.equal([]);
    expect(app.policies).to.deep.equal({
      permittedUsers: 'admin-approved',
      permissionSets: ['Order_Sync'],
      profiles: ['Standard User'],
      refreshToken: 'lifetime',
      refreshTokenValidity: '30 days',
      ipRelaxation: 'relax-2fa',
      sessionTimeoutMinutes: 30,
      jwtTimeoutMinutes: 15,
      sessionLevel: 'high-assurance',
      sessionLevelAction: 'raise',
    });
    expect(warnings()).to.deep.equal([]);
    const emptied = await set('--permission-set', '');
    expect(emptied.app.policies?.permissionSets).to.equal(undefined);
    expect(emptied.app.policies?.profiles).to.deep.equal(['Standard User']);
  });

  it('warns of policies that are still as Salesforce made them, with the command to run', async () => {
    await withOauth();
    await set('--scope', 'api,refresh_token');
    expect(warnings()).to.include.members([
      'PermittedUsersDefaultWarning',
      'RefreshTokenDefaultWarning',
      'SessionTimeoutDefaultWarning',
    ]);
    expect(JSON.stringify(ux.warn.args)).to.include(
      `sf eca scopes set --name Order_Sync --target-org ${org.username} --session-timeout 30`,
    );
  });

  it('warns of full, and of scopes that a flow cannot use', async () => {
    const runAs = String(org.org.seeded.integrationUser.Username);
    await withOauth('--flow', 'client-credentials', '--run-as', runAs);
    await set('--scope', 'api,full');
    expect(warnings()).to.include.members(['ScopeFullWarning', 'ScopesNotForFlowWarning']);
  });

  describe('an app that has no scopes', () => {
    it('needs some', async () => {
      await withOauth();
      const error = await refused('FlagsMissingError', '--session-timeout', '30');
      expect(error.message).to.include('--scope');
      expect(error.exitCode).to.equal(2);
    });

    it('is asked about at a terminal, without any being picked', async () => {
      await withOauth();
      atTerminal(true);
      const text = $$.SANDBOX.stub(PROMPTS, 'text').resolves('api, refresh_token');
      const { app } = await set();
      expect(app.scopes).to.have.members(['api', 'refresh_token']);
      expect(text.firstCall.args[0].default).to.equal(undefined);
      expect(text.firstCall.args[0].problem?.('api, refresh_tokn')).to.include('refresh_token');
      expect(text.firstCall.args[0].problem?.('api')).to.equal(undefined);
    });

    it('asks whom to let in, where the policies would let nobody in', async () => {
      await withOauth('--scope', 'api');
      for (const name of ['Orders', 'Returns'])
        org.org.insert('PermissionSet', { Name: name, Label: name, IsOwnedByProfile: false });
      const text = $$.SANDBOX.stub(PROMPTS, 'text').resolves(' Orders, Returns ,');
      const policies = async (...flags: string[]) =>
        (await set('--permitted-users', 'admin-approved', ...flags)).app.policies;
      await policies('--no-prompt');
      expect(text.called).to.equal(false);
      const warning = ux.warn.args.flat().find((one) => (one as { name: string }).name === 'NobodyApprovedWarning');
      expect((warning as { actions: string[] }).actions.join()).to.include(
        `sf eca scopes set --name Order_Sync --target-org ${org.username} --permitted-users admin-approved`,
      );
      atTerminal(true);
      expect((await policies())?.permissionSets).to.have.members(['Orders', 'Returns']);
      await policies();
      const yes = $$.SANDBOX.stub(PROMPTS, 'yes').resolves(true);
      await policies('--permission-set', 'Orders');
      expect(yes.callCount).to.equal(1);
      expect(text.callCount).to.equal(1);
    });
  });

  describe('an app that came with a package', () => {
    const installed = ['--name', 'acme__Order_Sync'];

    beforeEach(async () => {
      await withOauth('--scope', 'api');
      const { org: inside } = org;
      for (const component of inside.componentsOfApp('Order_Sync')) {
        const { body } = component;
        inside.putComponent({
          ...component,
          id: inside.newId(component.type),
          // An app's policies are the subscriber's own.
          ...(!/Policies$/.test(component.type) && { namespace: 'acme' }),
          body: 'externalClientApplication' in body ? { ...body, externalClientApplication: 'acme__Order_Sync' } : body,
        });
      }
    });

    const setIt = (...flags: string[]) => EcaScopesSet.run(['--target-org', org.username, ...installed, ...flags]);

    it('gets policies', async () => {
      const { app } = await setIt('--session-timeout', '60');
      expect(app.policies?.sessionTimeoutMinutes).to.equal(60);
    });

    it('keeps its scopes, and says why', async () => {
      const before = org.deploys();
      const error = await failure(setIt('--scope', 'api,openid'));
      expect(error.name).to.equal('InstalledAppError');
      expect(error.actions).to.have.length.greaterThan(0);
      expect(org.deploys()).to.equal(before);
    });
  });

  it('warns of scopes that a new set leaves out, and not of those that are named', async () => {
    await withOauth('--scope', 'api web id');
    await set('--remove', 'id');
    expect(warnings()).to.not.include('ShrinksWarning');
    await set('--scope', 'api');
    expect(warnings()).to.include('ShrinksWarning');
  });

  it('takes every spelling that is clear', async () => {
    await withOauth('--scope', 'full');
    const flags = ['--permitted-users', 'AllUsers', '--refresh-token-policy', 'SpecificLifetime'];
    flags.push('--refresh-token-validity', '30d', '--session-timeout', '2h', '--ip-relaxation', 'Enforce');
    const { app } = await set(...flags, '--wait', '10m');
    expect(app.policies).to.deep.include({
      permittedUsers: 'all-users',
      refreshToken: 'lifetime',
      refreshTokenValidity: '30 days',
      sessionTimeoutMinutes: 120,
      ipRelaxation: 'enforce',
    });
  });

  describe('what is refused', () => {
    const cases: Array<[name: string, flags: string[]]> = [
      ['ScopeUnknownError', ['--scope', 'refresh_tokn']],
      ['ScopeAmbiguousError', ['--scope', 'Access the identity URL service']],
      ['ScopeUnlikeError', ['--scope', '<script>&"']],
      ['RefreshTokenValidityInvalidError', ['--scope', 'api', '--refresh-token-validity', 'soon']],
      [
        'RefreshTokenValidityUnusedError',
        ['--scope', 'api', '--refresh-token-policy', 'infinite', '--refresh-token-validity', '3 days'],
      ],
      ['ValueNotAllowedError', ['--scope', 'api', '--jwt-timeout', '7']],
      ['NameInListError', ['--scope', 'api', '--permission-set', ',']],
      ['LengthInvalidError', ['--scope', 'api', '--session-timeout', '30s']],
      ['LengthInvalidError', ['--scope', 'api', '--wait', '30s']],
    ];
    for (const [name, flags] of cases) {
      it(`${flags.slice(-2).join(' ')}: ${name}`, async () => {
        await withOauth();
        expect((await refused(name, ...flags)).exitCode).to.equal(2);
      });
    }

    it('a policy that needs a validity which nobody gave', async () => {
      await withOauth();
      await set('--scope', 'api', '--refresh-token-policy', 'infinite');
      const error = await refused('RefreshTokenValidityMissingError', '--refresh-token-policy', 'inactivity');
      expect(error.actions?.join()).to.include('--refresh-token-validity');
    });

    it('--scope together with --add', async () => {
      const error = await failure(set('--scope', 'api', '--add', 'openid'));
      expect(error.exitCode).to.equal(2);
      expect(error.message).to.include('--add').and.include('--scope');
    });

    it('a permission set that the org does not have', async () => {
      await withOauth();
      const error = await failure(set('--scope', 'api', '--permission-set', 'Nope'));
      expect(error.name).to.equal('DeployFailedError');
      expect(error.message).to.include('Nope');
      expect(org.org.components('ExtlClntAppOauthSettings')[0]?.body).not.to.have.property('commaSeparatedOauthScopes');
    });
  });
});

describe('eca scopes set on an org of an older version', () => {
  const $$ = new TestContext();

  it('names the field, the version that it needs and the one there is, and sends nothing', async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    const org = await logInToPractice($$, { apiVersion: 61 });
    try {
      const target = ['--target-org', org.username, '--name', 'Order_Sync'];
      await EcaCreate.run([...target, '--contact-email', 'it@example.com']);
      await EcaOauthSet.run([...target, '--callback-url', 'https://orders.example.com/cb']);
      const before = org.deploys();
      const error = await failure(EcaScopesSet.run([...target, '--scope', 'api', '--profile', 'Standard User']));
      expect(error.name).to.equal('FieldNeedsVersionError');
      expect(error.message).to.include('policies.profiles').and.include('62.0').and.include('61.0');
      expect(org.deploys()).to.equal(before);
    } finally {
      await org.close();
    }
  });
});
