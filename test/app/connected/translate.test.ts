import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

import { checkNewApp, checkWholeApp } from '../../../src/app/checkWish.ts';
import type { ConnectedApp, ConnectedAppElement } from '../../../src/app/connected/connectedApp.ts';
import { type MigrationOptions, newNameOf } from '../../../src/app/connected/context.ts';
import { ELEMENTS, type Migration, type PlannedElement, translate } from '../../../src/app/connected/translate.ts';
import { NAME_MAX_LENGTH } from '../../../src/app/name.ts';
import { MASK } from '../../../src/app/secret.ts';

type Tree = { [name: string]: string | Tree | Array<string | Tree> };

const elementsOf = (tree: Tree): ConnectedAppElement[] =>
  Object.entries(tree).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): ConnectedAppElement =>
      typeof one === 'string' ? { name, text: one } : { name, children: elementsOf(one) },
    ),
  );

const connectedApp = (tree: Tree, name = 'Order_Sync'): ConnectedApp => ({
  name,
  elements: elementsOf({ label: 'Order Sync', contactEmail: 'it@example.com', ...tree }),
});

const withOauth = (oauthConfig: Tree = {}, more: Tree = {}): ConnectedApp =>
  connectedApp({ oauthConfig: { callbackUrl: 'https://orders.example.com/cb', ...oauthConfig }, ...more });

const plan = (app: ConnectedApp, options?: MigrationOptions): Migration => translate(app, options);

/** The first entry of an element. */
const of = ({ elements }: Migration, path: string): PlannedElement | undefined =>
  elements.find(({ element }) => element === path);

const outcome = (migration: Migration, path: string): string | undefined => of(migration, path)?.outcome;

const ids = ({ findings }: Migration): string[] => findings.map(({ id }) => id);

/** All paths of a type in Salesforce's own definitions, such as `oauthConfig.idTokenConfig.idTokenAudience`. */
const pathsOfSalesforce = (): string[] => {
  const types = join(dirname(createRequire(import.meta.url).resolve('@salesforce/types/metadata')), 'metadata.d.ts');
  const source = readFileSync(types, 'utf8');
  const fieldsOf = (type: string): Array<[string, string]> => {
    const [, body] = new RegExp(`export type ${type} = (?:Metadata & )?\\{([^}]*)\\}`).exec(source) ?? [];
    return [...(body ?? '').matchAll(/^\s+(\w+)\??: (\w+)/gm)].map(([, name = '', of = '']) => [name, of]);
  };
  const walk = (type: string, prefix: string): string[] =>
    fieldsOf(type).flatMap(([name, of]) => {
      const children = walk(of, `${prefix}${name}.`);
      return children.length > 0 ? children : [`${prefix}${name}`];
    });
  return walk('ConnectedApp', '');
};

describe('the translation of a Connected App', () => {
  it('answers every element that Salesforce defines', () => {
    const paths = pathsOfSalesforce();
    expect(paths.length).to.be.greaterThan(70);
    expect(paths).to.include('oauthConfig.idTokenConfig.idTokenAudience');
    const known = (path: string): boolean =>
      Object.keys(ELEMENTS).some((one) => path === one || path.startsWith(`${one}.`));
    expect(paths.filter((path) => !known(path))).to.deep.equal([]);
  });

  it('passes over no element of a Connected App that has them all', () => {
    const tree: Tree = {};
    for (const path of pathsOfSalesforce()) {
      const names = path.split('.');
      const last = names.pop() ?? '';
      const group = names.reduce((at, name) => (at[name] ??= {}) as Tree, tree);
      group[last] = 'something';
    }
    tree['contactEmail'] = 'it@example.com';
    (tree['oauthConfig'] as Tree)['callbackUrl'] = 'https://orders.example.com/cb';
    const { elements, wish } = plan({ name: 'All', elements: elementsOf(tree) });
    const answered = elements.map(({ element }) => element);
    const silent = pathsOfSalesforce().filter(
      (path) => !answered.some((one) => path === one || path.startsWith(`${one}.`)),
    );
    expect(silent).to.deep.equal([]);
    expect(checkNewApp(wish)).to.deep.equal([]);
  });

  it('answers what it does not know, at any depth, and hides nothing in a group', () => {
    const migration = plan(
      withOauth(
        { isQuantumSafe: 'true', idTokenConfig: { flavour: 'vanilla' } },
        { futureThing: { depth: { more: '1' } }, ipRanges: { start: '192.0.2.1', end: '192.0.2.9', note: 'x' } },
      ),
    );
    for (const path of [
      'oauthConfig.isQuantumSafe',
      'oauthConfig.idTokenConfig.flavour',
      'futureThing.depth.more',
      'ipRanges.note',
    ])
      expect(of(migration, path), path).to.deep.include({
        outcome: 'needsYou',
        reason: { code: 'reason.unknown', values: [] },
      });
  });

  it('writes out the defaults of a Connected App, which an old file leaves out', () => {
    const { wish, elements } = plan(withOauth());
    expect(wish).to.deep.equal({
      name: 'Order_Sync_ECA',
      label: 'Order Sync',
      contactEmail: 'it@example.com',
      oauth: {
        callbackUrls: ['https://orders.example.com/cb'],
        flows: ['web-server'],
        pkceRequired: false,
        secretRequired: true,
        secretRequiredForRefresh: true,
        secretRequiredForTokenExchange: false,
        refreshTokenRotation: false,
        introspectAllTokens: false,
        jwtAccessTokens: false,
      },
      policies: { permittedUsers: 'all-users', ipRelaxation: 'enforce', refreshToken: 'infinite' },
    });
    expect(elements.find(({ element }) => element === 'oauthConfig.isPkceRequired')).to.not.have.property('value');
    expect(ids(plan(withOauth()))).to.include.members([
      'pkce',
      'open-to-all',
      'refresh-token-assumed',
      'not-in-metadata',
    ]);
  });

  it('turns the switches over that say the opposite', () => {
    const { wish } = plan(withOauth({ isConsumerSecretOptional: 'true', isPkceRequired: 'true' }));
    expect(wish.oauth).to.include({ secretRequired: false, pkceRequired: true });
    expect(ids(plan(withOauth({ isPkceRequired: 'true' })))).to.not.include('pkce');
  });

  for (const [text, policies] of [
    ['infinite', { refreshToken: 'infinite' }],
    ['zero', { refreshToken: 'immediate' }],
    ['specific_lifetime:12:HOURS', { refreshToken: 'lifetime', refreshTokenValidity: '12 hours' }],
    ['specific_inactivity:1:MONTHS', { refreshToken: 'inactivity', refreshTokenValidity: '1 months' }],
  ] as const) {
    it(`carries the refresh token policy ${text}`, () => {
      const migration = plan(withOauth({}, { oauthPolicy: { refreshTokenPolicy: text } }));
      expect(migration.wish.policies).to.deep.include(policies);
      expect(ids(migration)).to.not.include('refresh-token-assumed');
    });
  }

  for (const text of [
    'SPECIFIC_LIFETIME',
    'specific_lifetime:0:DAYS',
    'infinite:3:DAYS',
    'specific_lifetime:3:YEARS',
    'x',
  ]) {
    it(`leaves the refresh token policy ${text} to you`, () => {
      const migration = plan(withOauth({}, { oauthPolicy: { refreshTokenPolicy: text } }));
      expect(outcome(migration, 'oauthPolicy.refreshTokenPolicy')).to.equal('needsYou');
      expect(migration.wish.policies).to.not.have.property('refreshToken');
    });
  }

  it('tells an infinite policy, and a long one, from the idle limit', () => {
    const idle = (refreshTokenPolicy: string, scopes = 'RefreshToken'): boolean =>
      ids(plan(withOauth({ scopes }, { oauthPolicy: { refreshTokenPolicy } }))).includes('refresh-token-idle');
    expect(idle('infinite')).to.equal(true);
    expect(idle('specific_inactivity:60:DAYS')).to.equal(true);
    expect(idle('specific_inactivity:30:DAYS')).to.equal(false);
    expect(idle('infinite', 'Api')).to.equal(false);
  });

  it('keeps each callback URL, each once, and says which it cannot keep', () => {
    const long = `https://orders.example.com/${'x'.repeat(1900)}`;
    const urls = [
      'https://a.example.com/cb',
      'http://orders.example.com/cb',
      'https://a.example.com/cb',
      long,
      `${long}2`,
    ];
    const { wish, elements } = plan(connectedApp({ oauthConfig: { callbackUrl: urls.join('\r\n') } }));
    expect(wish.oauth?.callbackUrls).to.deep.equal(['https://a.example.com/cb', long]);
    const answers = elements.filter(({ element }) => element === 'oauthConfig.callbackUrl');
    expect(answers.map((one) => one.problem?.code ?? one.reason.code)).to.deep.equal([
      'reason.carried',
      'error.callbackUrlNotHttps',
      'reason.carried',
      'reason.callbackUrlsTooLong',
    ]);
  });

  it('plans no OAuth without a callback URL that can stay', () => {
    const migration = plan(
      connectedApp({ oauthConfig: { callbackUrl: 'http://orders.example.com/cb', scopes: 'Api' } }),
    );
    expect(migration.wish).to.have.keys('name', 'label', 'contactEmail');
    expect(outcome(migration, 'oauthConfig.scopes')).to.equal('needsYou');
  });

  it('warns before the new app takes the name of another', () => {
    const org = { permissionSets: [], profiles: [], apps: ['order_sync_eca'] };
    expect(ids(plan(withOauth(), { org }))).to.include('name-taken');
    expect(ids(plan(withOauth(), { org, as: 'Other' }))).to.not.include('name-taken');
  });

  it('cuts a label that is too long for an org', () => {
    const migration = plan(connectedApp({ label: 'L'.repeat(81), contactEmail: 'it@example.com' }));
    expect(migration.wish.label).to.equal('L'.repeat(80));
    expect(outcome(migration, 'label')).to.equal('changed');
  });

  it('spells the scopes of a Connected App as an external client app does', () => {
    const migration = plan(withOauth({ scopes: ['Api', 'SFAP', 'Profile', 'Email', 'Basic', 'A2A', 'Nonsense'] }));
    expect(migration.wish.scopes).to.deep.equal(['api', 'sfap_api', 'id']);
    expect(
      migration.elements.filter(({ element }) => element === 'oauthConfig.scopes').map((one) => one.outcome),
    ).to.deep.equal(['carried', 'changed', 'changed', 'changed', 'carried', 'needsYou', 'needsYou']);
    expect(ids(migration)).to.include('scope-sfap');
  });

  it('never guesses a permission set or a profile', () => {
    const closed = withOauth(
      { isAdminApproved: 'true' },
      {
        permissionSetName: ['Order Users', 'Twins', 'Nobody', 'Same_Name'],
        profileName: ['System Administrator', 'A, B', 'None'],
      },
    );
    const alone = plan(closed);
    expect(alone.wish.policies).to.include({ permittedUsers: 'admin-approved' });
    expect(alone.wish.policies).to.not.have.any.keys('permissionSets', 'profiles');
    expect(ids(alone)).to.include('nobody-approved');

    const org = {
      permissionSets: [
        { name: 'Order_Users_2', label: 'Order Users' },
        { name: 'Twin_1', label: 'Twins' },
        { name: 'Twin_2', label: 'twins' },
        { name: 'Same_Name', label: 'Same_Name' },
      ],
      profiles: ['System Administrator', 'A, B'],
    };
    const { wish, elements } = plan(closed, { org });
    expect(wish.policies).to.deep.include({
      permissionSets: ['Order_Users_2', 'Same_Name'],
      profiles: ['System Administrator'],
    });
    expect(
      elements.filter(({ element }) => /Name$/.test(element) && element !== 'fullName').map((one) => one.reason.code),
    ).to.deep.equal([
      'reason.permissionSetByName',
      'reason.permissionSetAmbiguous',
      'reason.permissionSetMissing',
      'reason.carried',
      'reason.carried',
      'reason.profileWithComma',
      'reason.profileMissing',
    ]);
  });

  it('carries the lists of an app for all users only when it is closed', () => {
    const app = withOauth({}, { profileName: 'Sales' });
    const org = { permissionSets: [], profiles: ['Sales'] };
    expect(plan(app, { org }).wish.policies).to.include({ permittedUsers: 'all-users' });
    expect(outcome(plan(app, { org }), 'profileName')).to.equal('changed');
    const closed = plan(app, { org, adminApproved: true });
    expect(closed.wish.policies).to.deep.include({ permittedUsers: 'admin-approved', profiles: ['Sales'] });
    expect(ids(closed)).to.not.include.members(['open-to-all', 'nobody-approved']);
  });

  it('asks for the user of the client credentials flow, and leaves the flow out until it is known', () => {
    const app = withOauth({ isClientCredentialEnabled: 'true' });
    expect(plan(app).wish.oauth?.flows).to.deep.equal(['web-server']);
    expect(outcome(plan(app), 'oauthConfig.isClientCredentialEnabled')).to.equal('needsYou');
    expect(ids(plan(app))).to.include('run-as-missing');

    const named = withOauth({ isClientCredentialEnabled: 'true', oauthClientCredentialUser: 'bot@example.com' });
    expect(plan(named).wish.oauth).to.deep.include({
      flows: ['web-server', 'client-credentials'],
      runAs: 'bot@example.com',
    });
    const other = plan(named, { runAs: 'other@example.com' });
    expect(other.wish.oauth).to.include({ runAs: 'other@example.com' });
    expect(outcome(other, 'oauthConfig.oauthClientCredentialUser')).to.equal('changed');
    expect(plan(app, { runAs: 'other@example.com' }).wish.oauth).to.include({ runAs: 'other@example.com' });
  });

  it('carries a flow with two switches only when both are on', () => {
    const half = plan(withOauth({ isTokenExchangeEnabled: 'true' }));
    expect(outcome(half, 'oauthConfig.isTokenExchangeEnabled')).to.equal('changed');
    expect(half.wish.oauth?.flows).to.deep.equal(['web-server']);
    const both = plan(
      withOauth({ isTokenExchangeEnabled: 'true' }, { oauthPolicy: { isTokenExchangeFlowEnabled: 'true' } }),
    );
    expect(both.wish.oauth?.flows).to.deep.equal(['web-server', 'token-exchange']);
    expect(ids(both)).to.include('token-exchange-handler');
  });

  it('keeps the certificate of a JWT client, or says why it cannot', () => {
    const app = withOauth({ certificate: 'MII', scopes: 'Api' });
    const expires = new Date(Date.now() + 1e9);
    const kept = plan(app, { certificate: { file: 'Order_Sync_ECA.crt', expires } });
    expect(kept.wish.oauth).to.deep.include({
      certificateFile: 'Order_Sync_ECA.crt',
      flows: ['web-server', 'jwt-bearer'],
    });
    expect(ids(kept)).to.include('jwt-scope').and.not.include('certificate-expired');
    expect(kept.worksheet.map((step) => step.for)).to.include('jwt-bearer');
    const old = plan(app, { certificate: { file: 'a.crt', expires: new Date(0) } });
    expect(ids(old)).to.include('certificate-expired');
    const refused = plan(app, { certificate: { refused: 'Too short.' } });
    expect(of(refused, 'oauthConfig.certificate')?.reason).to.deep.equal({
      code: 'reason.certificateRefused',
      values: ['Too short.'],
    });
    expect(refused.wish.oauth?.flows).to.deep.equal(['web-server']);
  });

  it('finds what an external client app cannot have', () => {
    const migration = plan(
      withOauth(
        {
          callbackUrl: 'http://localhost:1717/OauthRedirect',
          isDeviceFlowEnabled: 'true',
          scopes: 'Full',
          consumerSecret: MASK,
        },
        {
          plugin: 'OldHandler',
          canvasConfig: { canvasUrl: 'https://canvas.example.com', accessMethod: 'Post' },
          mobileStartUrl: 'https://m.example.com',
          samlConfig: { acsUrl: 'https://sp.example.com', entityUrl: 'urn:sp', encryptionType: 'Triple_Des' },
        },
      ),
    );
    expect(ids(migration)).to.include.members([
      'secret-in-file',
      'scope-full',
      'localhost',
      'cli-login',
      'device-flow',
      'apex-handler',
      'canvas',
      'mobile',
      'saml',
      'triple-des',
    ]);
    expect(outcome(migration, 'samlConfig.encryptionType')).to.equal('cannot');
    expect(outcome(migration, 'canvasConfig')).to.equal('cannot');
    expect(outcome(migration, 'plugin')).to.equal('needsYou');
  });

  it('knows the app that a Dev Hub makes by itself, by its page', () => {
    const idsFor = (callbackUrl: string): string[] => ids(plan(withOauth({ callbackUrl })));
    expect(idsFor('https://acme.my.salesforce.com/environmenthub/soma-callback.apexp')).to.include('dev-hub');
    for (const url of ['https://a.example/environmenthub/soma-callback.apexp', 'https://acme.my.salesforce.com/cb'])
      expect(idsFor(url), url).to.not.include('dev-hub');
  });

  it('carries what an OAuth app has beside its flows', () => {
    const { wish, elements } = plan(
      withOauth(
        {
          singleLogoutUrl: 'https://orders.example.com/out',
          isCodeCredentialPostOnly: 'true',
          isEnforceRefreshTokenTTL: 'true',
          isDPopEnabled: 'TRUE',
          assetTokenConfig: { assetAudiences: 'https://things.example.com', assetValidityPeriod: '120' },
        },
        {
          startUrl: 'https://orders.example.com/start',
          attributes: [
            { key: 'country', formula: 'User.Country' },
            { key: 'quote', formula: "'it''s \"here\"'" },
          ],
          oauthPolicy: { singleLogoutUrl: 'https://orders.example.com/out2' },
        },
      ),
    );
    expect(wish).to.include({ startPage: 'custom', startUrl: 'https://orders.example.com/start' });
    expect(wish.oauth).to.deep.include({
      singleLogoutUrl: 'https://orders.example.com/out',
      credentialsByPostOnly: true,
      refreshTokenIdleLimit: true,
      dpop: true,
      // The defaults of a Connected App, which an external client app does not share.
      assetToken: {
        audiences: 'https://things.example.com',
        validitySeconds: 120,
        attributes: true,
        customPermissions: true,
      },
      customAttributes: [
        { key: 'country', formula: 'User.Country' },
        { key: 'quote', formula: "'it''s \"here\"'" },
      ],
    });
    expect(wish.policies).to.include({ singleLogoutUrl: 'https://orders.example.com/out2' });
    expect(elements.filter(({ outcome: one }) => one === 'needsYou')).to.deep.equal([]);
  });

  it('writes no field for a switch that is off in both kinds of apps', () => {
    const off = plan(
      withOauth({ isCodeCredentialPostOnly: 'false', isEnforceRefreshTokenTTL: 'false', isDPopEnabled: 'false' }),
    );
    expect(off.wish).to.deep.equal(plan(withOauth()).wish);
    expect(outcome(off, 'oauthConfig.isDPopEnabled')).to.equal('carried');
  });

  it('leaves to you what the metadata does not say in full', () => {
    const migration = plan(
      withOauth(
        { isPKImTLSEnabled: 'true', isIpBindingEnabled: 'true', assetTokenConfig: { assetSigningCertId: '0P1' } },
        { plugin: 'OldHandler', pluginExecutionUser: 'bot@example.com', attributes: { key: 'a', formula: '' } },
      ),
    );
    for (const path of [
      'oauthConfig.isPKImTLSEnabled',
      'oauthConfig.isIpBindingEnabled',
      'oauthConfig.assetTokenConfig.assetSigningCertId',
      'plugin',
      'pluginExecutionUser',
      'attributes',
    ])
      expect(outcome(migration, path), path).to.equal('needsYou');
    expect(of(migration, 'attributes')?.problem?.code).to.equal('error.attributeFormulaEmpty');
    expect(migration.wish.oauth).to.not.have.any.keys('mutualTls', 'customAttributes', 'refreshTokenIpRanges');
    expect(migration.wish.policies).to.not.have.any.keys('apexHandler', 'apexHandlerRunAs');
  });

  const serviceProvider = { acsUrl: 'https://sp.example.com/acs', entityUrl: 'urn:sp' };

  it('carries the SAML settings, in the words of an external client app', () => {
    const migration = plan(
      connectedApp({
        samlConfig: {
          ...serviceProvider,
          issuer: 'https://idp.example.com',
          certificate: 'signs',
          encryptionCertificate: 'encrypts',
          encryptionType: 'AES_256',
          samlSubjectType: 'CustomAttribute',
          samlSubjectCustomAttr: 'EmployeeNumber',
          samlNameIdFormat: 'EmailAddress',
          samlSigningAlgoType: 'SHA256',
          samlIdpSLOBindingEnum: 'PostBinding',
          samlSloUrl: 'https://sp.example.com/out',
        },
        attributes: { key: 'country', formula: 'User.Country' },
      }),
    );
    expect(migration.wish).to.deep.equal({
      name: 'Order_Sync_ECA',
      label: 'Order Sync',
      contactEmail: 'it@example.com',
      saml: {
        acsUrl: 'https://sp.example.com/acs',
        entityUrl: 'urn:sp',
        issuer: 'https://idp.example.com',
        certificate: 'signs',
        encryptionCertificate: 'encrypts',
        encryptionType: 'aes-256',
        subjectType: 'custom-attribute',
        subjectCustomAttribute: 'EmployeeNumber',
        nameIdFormat: 'email-address',
        signingAlgorithm: 'sha256',
        singleLogoutBinding: 'post',
        singleLogoutUrl: 'https://sp.example.com/out',
        customAttributes: [{ key: 'country', formula: 'User.Country' }],
      },
    });
    expect(migration.elements.map((one) => one.outcome)).to.not.include.members(['needsYou', 'cannot']);
    expect(of(migration, 'samlConfig.certificate')?.value).to.equal('…');
    expect([...checkNewApp(migration.wish), ...checkWholeApp(migration.wish)]).to.deep.equal([]);
  });

  it('gives the lists of users to SAML, and to OAuth only where they have an effect', () => {
    const lists = { permissionSetName: 'Order Users', profileName: 'Sales', samlConfig: serviceProvider };
    const org = { permissionSets: [{ name: 'Order_Users', label: 'Order Users' }], profiles: ['Sales'] };
    const ofLists = { permissionSets: ['Order_Users'], profiles: ['Sales'] };
    const saml = plan(connectedApp(lists), { org }).wish;
    expect(saml.saml).to.deep.include(ofLists);
    expect(saml).to.not.have.any.keys('policies');
    const open = plan(withOauth({}, lists), { org }).wish;
    expect(open.saml).to.deep.include(ofLists);
    expect(open.policies).to.not.have.any.keys('permissionSets', 'profiles');
    const closed = plan(withOauth({ isAdminApproved: 'true' }, lists), { org }).wish;
    expect(closed.saml).to.deep.include(ofLists);
    expect(closed.policies).to.deep.include(ofLists);
  });

  it('plans no SAML without both addresses of the service provider', () => {
    const incomplete: Tree[] = [
      { acsUrl: 'https://sp.example.com/acs' },
      { acsUrl: 'sp.example.com', entityUrl: 'urn:sp' },
    ];
    for (const samlConfig of incomplete) {
      const migration = plan(
        connectedApp({ samlConfig, profileName: 'Sales', attributes: { key: 'a', formula: 'User.City' } }),
      );
      expect(migration.wish).to.not.have.any.keys('saml', 'policies', 'oauth');
      for (const path of ['samlConfig.acsUrl', 'profileName', 'attributes'])
        expect(of(migration, path)?.reason.code, path).to.equal('reason.withoutSaml');
    }
  });

  it('encrypts nothing in another way than the service provider knows', () => {
    const { wish, elements } = plan(
      connectedApp({
        samlConfig: { ...serviceProvider, encryptionType: 'Triple_Des', encryptionCertificate: 'encrypts' },
      }),
    );
    expect(wish.saml).to.deep.equal(serviceProvider);
    expect(elements.filter((one) => one.outcome === 'cannot').map(({ element }) => element)).to.deep.equal([
      'samlConfig.encryptionType',
      'samlConfig.encryptionCertificate',
    ]);
  });

  it('drops an encryption that has no certificate, as Salesforce writes it for every SAML app', () => {
    const migration = plan(
      connectedApp({
        samlConfig: { acsUrl: 'https://sp.example.com', entityUrl: 'urn:sp', encryptionType: 'AES_128' },
      }),
    );
    expect(outcome(migration, 'samlConfig.encryptionType')).to.equal('changed');
    expect(ids(migration)).to.not.include('no-login');
  });

  it('carries session policies, and ranges of addresses', () => {
    const { wish } = plan(
      withOauth(
        {},
        {
          ipRanges: [
            { start: '192.0.2.1', end: '192.0.2.9', description: 'Office' },
            { start: '192.0.2.9', end: '192.0.2.1' },
          ],
          oauthPolicy: { ipRelaxation: 'BYPASS_2FACTOR' },
          sessionPolicy: { policyAction: 'Block', sessionLevel: 'HIGH_ASSURANCE', sessionTimeout: '15' },
        },
      ),
    );
    expect(wish.oauth?.trustedIpRanges).to.deep.equal([
      { start: '192.0.2.1', end: '192.0.2.9', description: 'Office' },
    ]);
    expect(wish.policies).to.include({
      ipRelaxation: 'relax-2fa',
      sessionLevel: 'high-assurance',
      sessionLevelAction: 'block',
      sessionTimeoutMinutes: 15,
    });
  });

  it('takes a link in the App Launcher for what it is', () => {
    const migration = plan(
      connectedApp({ startUrl: 'https://wiki.example.com', oauthPolicy: { ipRelaxation: 'ENFORCE' } }),
    );
    expect(ids(migration)).to.include('no-login');
    expect(migration.wish).to.not.have.any.keys('oauth', 'policies', 'scopes');
    expect(migration.worksheet).to.deep.equal([]);
  });

  it("leaves a vendor's app to its vendor", () => {
    const migration = plan(connectedApp({}, 'vendor__Portal'));
    expect(outcome(migration, 'fullName')).to.equal('needsYou');
    expect(ids(migration)).to.include('vendor-app');
    expect(migration.wish.name).to.equal('Portal_ECA');
  });

  it('says it when an element is there twice, is empty, or is no value', () => {
    const migration = plan(
      withOauth({ isPkceRequired: ['true', 'false'], isAdminApproved: 'yes' }, { description: '  ' }),
    );
    expect(of(migration, 'oauthConfig.isPkceRequired')?.reason.code).to.equal('reason.severalTimes');
    expect(of(migration, 'oauthConfig.isAdminApproved')?.reason.code).to.equal('reason.unreadable');
    expect(of(migration, 'description')?.reason.code).to.equal('reason.empty');
  });

  it('gives what an external client app refuses back to you, with the reason', () => {
    const migration = plan(
      connectedApp({ contactEmail: 'nobody', logoUrl: '/logo.png', infoUrl: 'https://ok.example.com' }),
    );
    expect(migration.wish).to.not.have.any.keys('logoUrl', 'contactEmail');
    expect(migration.wish).to.include({ infoUrl: 'https://ok.example.com' });
    expect(of(migration, 'logoUrl')?.problem?.code).to.equal('error.urlInvalid');
    const missing = plan({ name: 'Bare', elements: [] });
    expect(of(missing, 'contactEmail')?.problem?.code).to.equal('error.contactEmailMissing');
  });

  it('plans an app that can be made', () => {
    const { wish } = plan(withOauth({ isCodeCredentialEnabled: 'true', scopes: ['Api', 'RefreshToken'] }));
    expect([...checkNewApp(wish), ...checkWholeApp(wish)]).to.deep.equal([]);
  });

  it('names the new app after the old one', () => {
    expect(newNameOf('Order_Sync')).to.equal('Order_Sync_ECA');
    expect(newNameOf('ns__Portal')).to.equal('Portal_ECA');
    expect(newNameOf('2. Café Sync')).to.equal('App_2_Cafe_Sync_ECA');
    expect(newNameOf('x'.repeat(100))).to.have.length(NAME_MAX_LENGTH);
    expect(newNameOf(`${'x'.repeat(75)}_yyy`)).to.equal(`${'x'.repeat(75)}_ECA`);
    expect(plan(withOauth(), { as: 'Other' }).wish.name).to.equal('Other');
  });
});
