import { expect } from 'chai';

import type { App } from '../../../src/app/app.ts';
import { fieldOf } from '../../../src/app/changes.ts';
import { type Component, type Components, PARTS, withText } from '../../../src/org/app/components.ts';
import {
  bothSwitches,
  fields,
  oauthPluginOn,
  readFields,
  switchOauthPluginOn,
  withElement,
} from '../../../src/org/app/fields.ts';
import { existsAt } from '../../../src/practice/metadata/versions.ts';

/** A value for every field, none of them Salesforce's default. */
const EVERYTHING: App = {
  name: 'Order_Sync',
  label: 'Order "Sync" & <more>',
  contactEmail: 'it@example.com',
  description: 'line one\nline two',
  contactPhone: '+1 555 0100',
  infoUrl: 'https://example.com/info',
  logoUrl: 'https://example.com/logo.png',
  iconUrl: 'https://example.com/icon.png',
  distributionState: 'packaged',
  enabled: false,
  startPage: 'custom',
  startUrl: 'https://orders.example.com/start',
  oauth: {
    callbackUrls: ['https://orders.example.com/cb', 'http://localhost:1717/cb'],
    flows: ['web-server', 'client-credentials', 'device', 'token-exchange', 'code-and-credentials'],
    runAs: 'order-sync@example.com',
    pkceRequired: false,
    secretRequired: false,
    secretRequiredForRefresh: false,
    secretRequiredForTokenExchange: true,
    refreshTokenRotation: true,
    introspectAllTokens: true,
    jwtAccessTokens: true,
    idToken: {
      audience: 'https://a.example',
      validityMinutes: 5,
      standardClaims: true,
      attributes: true,
      customPermissions: true,
    },
    trustedIpRanges: [
      { start: '203.0.113.0', end: '203.0.113.255', description: 'office' },
      { start: '2001:db8::1', end: '2001:db8::2' },
    ],
    customAttributes: [
      { key: 'country', formula: 'User.Country' },
      { key: 'odd "<&>"', formula: "IF(User.IsActive, 'a=b', 'c')" },
    ],
    singleLogoutUrl: 'https://orders.example.com/out',
    assetToken: {
      audiences: '["https://a.example","urn:b"]',
      validitySeconds: 90,
      signingCertificate: '0P1000000000001',
      attributes: true,
      customPermissions: true,
    },
    credentialsByPostOnly: true,
    guestCredentials: true,
    refreshTokenIdleLimit: true,
    refreshTokenIpRanges: [{ start: '198.51.100.1', end: '198.51.100.9', description: 'NAT "1"' }],
    dpop: true,
    mutualTls: { enabled: true, certificateField: 'san-dns', certificateValue: 'client.example.com' },
  },
  scopes: ['api', 'refresh_token', 'visualforce'],
  customScopes: ['Orders', 'Stock'],
  policies: {
    permittedUsers: 'admin-approved',
    permissionSets: ['Order_Sync', 'Other'],
    profiles: ['Minimum Access - API Only Integrations'],
    refreshToken: 'inactivity',
    refreshTokenValidity: '12 hours',
    ipRelaxation: 'enforce-relax-refresh',
    sessionTimeoutMinutes: 15,
    jwtTimeoutMinutes: 30,
    sessionLevel: 'high-assurance',
    sessionLevelAction: 'raise',
    guestJwtTimeoutMinutes: 15,
    customAttributes: [{ key: 'division', formula: 'User.Division' }],
    apexHandler: 'OrderSyncHandler',
    apexHandlerRunAs: 'handler@example.com',
    singleLogoutUrl: 'https://orders.example.com/admin-out',
    startUrl: 'https://orders.example.com/oauth-start',
  },
  saml: {
    enabled: false,
    acsUrl: 'https://sp.example.com/acs',
    entityUrl: 'urn:sp',
    issuer: 'https://idp.example.com',
    certificate: 'one\ntwo',
    encryptionCertificate: 'three',
    encryptionType: 'aes-256',
    nameIdFormat: 'persistent',
    signingAlgorithm: 'sha256',
    subjectType: 'custom-attribute',
    subjectCustomAttribute: 'Employee "1"',
    singleLogoutBinding: 'post',
    singleLogoutUrl: 'https://sp.example.com/slo',
    permissionSets: ['Portal'],
    profiles: ['Standard User'],
    customAttributes: [{ key: 'role', formula: 'UserRole.Name' }],
  },
};

const written = (app: App): Components => {
  const components: Components = {
    application: { fullName: app.name, elements: [] },
    globalOauthSettings: { fullName: 'g', elements: [] },
  };
  for (const field of fields) {
    const value = fieldOf(app, field.path);
    if (value === undefined) continue;
    field.write(value as never, {}).forEach((elementValue, index) => {
      const { part, element } = field.elements[index]!;
      const component: Component = components[part] ?? { fullName: part, elements: [] };
      components[part] = { ...component, elements: withElement(component.elements, element, elementValue) };
    });
  }
  return components;
};

/* The versions are compared with the practice org's own list, which is drawn from the WSDLs apart from this table. */
describe('the table of fields', () => {
  it('brings every field back as it was written', () => {
    expect(readFields('Order_Sync', written(EVERYTHING))).to.deep.equal(EVERYTHING);
  });

  it('covers every field of the shape: a value that is not in the table would be lost', () => {
    const paths = (group: object, path = ''): string[] =>
      Object.entries(group).flatMap(([key, value]) =>
        typeof value === 'object' && !Array.isArray(value)
          ? paths(value as object, `${path}${key}.`)
          : [`${path}${key}`],
      );
    expect(fields.map(({ path }) => path).sort()).to.deep.equal(
      [...paths(EVERYTHING).filter((path) => path !== 'name'), 'oauth.certificateFile'].sort(),
    );
  });

  it('names elements that the Metadata API has, with the version they came with', () => {
    for (const { elements } of fields) {
      for (const { part, element, since } of elements) {
        const [name = '', inner] = element.split('.');
        const exists = (version: number): boolean =>
          existsAt(PARTS[part].type, name, version) && (!inner || existsAt('ExternalAppIdTokenConfig', inner, version));
        expect(exists(since), `${element} at ${since}`).to.equal(true);
        expect(exists(since - 1), `${element} at ${since - 1}`).to.equal(false);
      }
    }
  });

  it('reads a flow as on only when all of its switches are', () => {
    const components = written(EVERYTHING);
    const half = withText(components.oauthPolicies!.elements, 'isClientCredentialsFlowEnabled', 'false');
    components.oauthPolicies = { ...components.oauthPolicies!, elements: half };
    expect(readFields('Order_Sync', components).oauth?.flows).not.to.include('client-credentials');
    expect(bothSwitches(components, 'client-credentials')).to.deep.equal({ global: true, policy: false });
  });

  it('reads no flow while the OAuth plugin is off, and can switch it on', () => {
    const off: Component = { fullName: 'p', elements: [{ name: 'isOauthPluginEnabled', text: 'false' }] };
    const components = { ...written(EVERYTHING), policies: off };
    expect(readFields('Order_Sync', components).oauth?.flows).to.deep.equal([]);
    expect(oauthPluginOn(components)).to.equal(false);
    expect(oauthPluginOn({ policies: switchOauthPluginOn(off) })).to.equal(true);
  });

  it('reads either spelling of Enforce_RelaxRefresh', () => {
    for (const text of ['Enforce_RelaxRefresh', 'Enforce_relaxrefresh']) {
      const components = { oauthPolicies: { fullName: 'p', elements: [{ name: 'ipRelaxationPolicyType', text }] } };
      expect(readFields('A', components).policies?.ipRelaxation).to.equal('enforce-relax-refresh');
    }
  });

  it('passes on a word of the org that it does not know', () => {
    const components = { oauthPolicies: { fullName: 'p', elements: [{ name: 'policyAction', text: 'Brand_New' }] } };
    expect(readFields('A', components).policies?.sessionLevelAction).to.equal('Brand_New');
  });

  it('has no jwt timeout while the session of the user decides', () => {
    const elements = [
      { name: 'namedUserJwtTimeout', text: '30' },
      { name: 'namedUserJwtSessionTimeoutType', text: 'UserSession' },
    ];
    expect(readFields('A', { oauthPolicies: { fullName: 'p', elements } }).policies).to.equal(undefined);
  });

  it('takes the validity away with a policy that has none, and keeps it with one that has', () => {
    const field = fields.find(({ path }) => path === 'policies.refreshToken')!;
    expect(field.write('immediate' as never, {})).to.deep.equal(['Zero', undefined, undefined]);
    expect(field.write('lifetime' as never, {})[0]).to.equal('SpecificLifetime');
    expect(field.write('lifetime' as never, {})[1]).to.be.a('symbol');
  });

  it('shows nothing where the org has nothing', () => {
    expect(
      readFields('A', { application: { fullName: 'A', elements: [{ name: 'description', text: '' }] } }),
    ).to.deep.equal({
      name: 'A',
    });
  });
});
