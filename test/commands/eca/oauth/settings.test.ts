import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../../../src/commands/eca/apply.ts';
import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaDisplay from '../../../../src/commands/eca/display.ts';
import EcaExport from '../../../../src/commands/eca/export.ts';
import EcaOauthSet, { type EcaOauthSetResult } from '../../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet, { type EcaScopesSetResult } from '../../../../src/commands/eca/scopes/set.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

/**
 * What Setup has beside the five steps. Each setting is set by its flag, read back, written to a file, and applied
 * again.
 */
describe('every other OAuth setting', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  const callback = 'https://orders.example.com/cb';

  const start = async (options: Parameters<typeof logInToPractice>[1] = {}, url = callback): Promise<void> => {
    org = await logInToPractice($$, options);
    await EcaCreate.run(['--target-org', org.username, '--name', 'Order_Sync', '--contact-email', 'it@example.com']);
    await oauth('--callback-url', url, '--scope', 'api,refresh_token');
  };

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-settings-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const app = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
  const oauth = async (...flags: string[]): Promise<EcaOauthSetResult> => EcaOauthSet.run([...app(), ...flags]);
  const policies = async (...flags: string[]): Promise<EcaScopesSetResult> => EcaScopesSet.run([...app(), ...flags]);
  const body = (type: string): Record<string, unknown> => org.org.components(type)[0]?.body ?? {};
  const apply = async (yaml: string): ReturnType<typeof EcaApply.run<EcaApply>> => {
    const file = join(folder, 'eca.yaml');
    writeFileSync(file, yaml);
    return EcaApply.run(['--target-org', org.username, '--file', file]);
  };
  const problems = async (yaml: string): Promise<string> => (await failure(apply(yaml))).message;

  const oauthFlags = [
    ...['--custom-attribute', "country=IF(User.Country = 'GB', 'a', 'b')", '--custom-attribute', 'id=User.Id'],
    ...['--single-logout-url', 'https://orders.example.com/out'],
    ...['--asset-token-audiences', 'https://a.example', '--asset-token-validity', '120'],
    ...['--asset-token-certificate', '0P1000000000001', '--asset-token-attributes', '--asset-token-custom-permissions'],
    ...['--flow', 'code-and-credentials', '--credentials-by-post-only', '--guest-credentials'],
    ...['--refresh-token-idle-limit', '--refresh-token-ip-range', '203.0.113.1-203.0.113.9'],
    ...['--dpop', '--mutual-tls', '--mutual-tls-field', 'san-dns', '--mutual-tls-value', 'client.example.com'],
  ];
  const policyFlags = (): string[] => [
    ...['--guest-jwt-timeout', '15', '--start-page', 'custom', '--start-url', 'https://orders.example.com/start'],
    ...['--oauth-start-url', 'https://orders.example.com/oauth-start', '--policy-attribute', 'division=User.Division'],
    ...['--policy-single-logout-url', 'https://orders.example.com/admin-out'],
    ...['--apex-handler', 'OrderSyncHandler', '--apex-handler-run-as', String(org.org.seeded.standardUser.Username)],
  ];

  it('is kept by the org where Salesforce keeps it', async () => {
    await start();
    expect((await oauth(...oauthFlags)).notApplied).to.deep.equal([]);
    expect((await policies(...policyFlags())).notApplied).to.deep.equal([]);
    expect(body('ExtlClntAppOauthSettings')).to.deep.include({
      customAttributes: [
        { formula: "IF(User.Country = 'GB', 'a', 'b')", key: 'country' },
        { formula: 'User.Id', key: 'id' },
      ],
      singleLogoutUrl: 'https://orders.example.com/out',
      assetTokenAudiences: 'https://a.example',
      assetTokenValidity: 120,
      assetTokenSigningCertificate: '0P1000000000001',
      areAttributesIncludedInAssetToken: true,
      areCustomPermsIncludedInAssetToken: true,
    });
    expect(body('ExtlClntAppGlobalOauthSettings')).to.deep.include({
      isCodeCredPostOnly: true,
      isEnforceRefreshTokenTTL: true,
      isDPopEnabled: true,
      isMtlsEnabled: true,
    });
    expect(body('ExtlClntAppOauthSecuritySettings')).to.deep.include({
      tokenIpRanges: [{ endIpAddress: '203.0.113.9', startIpAddress: '203.0.113.1' }],
      tlsClientAuthCertParamType: 'tls_client_auth_san_dns',
      tlsClientAuthCertParamValue: 'client.example.com',
    });
    expect(body('ExtlClntAppOauthConfigurablePolicies')).to.deep.include({
      isGuestCodeCredFlowEnabled: true,
      guestJwtTimeout: 15,
      guestJwtSessionTimeoutType: 'Custom',
      customAttributes: [{ formula: 'User.Division', key: 'division' }],
      apexHandler: 'OrderSyncHandler',
      executeHandlerAs: org.org.seeded.standardUser.Username,
      singleLogoutUrl: 'https://orders.example.com/admin-out',
      startUrl: 'https://orders.example.com/oauth-start',
    });
    expect(body('ExtlClntAppConfigurablePolicies')).to.deep.include({
      startPage: 'Custom',
      startUrl: 'https://orders.example.com/start',
    });
  });

  it('comes back by export, and applies without a change there and whole elsewhere', async () => {
    await start();
    await oauth(...oauthFlags);
    await policies(...policyFlags());
    const deploys = org.deploys();
    const { yaml } = await EcaExport.run(['--target-org', org.username]);
    expect((await apply(yaml)).apps.map(({ action }) => action)).to.deep.equal(['none']);
    expect(org.deploys()).to.equal(deploys);

    const before = await EcaDisplay.run(app());
    await apply(yaml.replace('name: Order_Sync', 'name: Copy'));
    const { id, setupUrl, consumerKey, ...copy } = await EcaDisplay.run([
      ...['--target-org', org.username, '--name', 'Copy'],
    ]);
    expect([id, setupUrl, consumerKey]).to.not.include.members([before.id]);
    expect(copy).to.deep.equal({
      ...Object.fromEntries(Object.entries(before).filter(([key]) => !['id', 'setupUrl', 'consumerKey'].includes(key))),
      name: 'Copy',
    });
  }).timeout(60_000);

  it('is left alone by a write that does not name it', async () => {
    await start();
    await oauth(...oauthFlags);
    const security = { ...body('ExtlClntAppOauthSecuritySettings') };
    await oauth('--pkce');
    expect(body('ExtlClntAppOauthSecuritySettings')).to.deep.equal(security);
    expect(body('ExtlClntAppGlobalOauthSettings')).to.include({ isDPopEnabled: true, isEnforceRefreshTokenTTL: true });
  });

  it('adds ranges to those that are there, and takes some away', async () => {
    await start();
    await oauth('--refresh-token-ip-range', '203.0.113.1', '--refresh-token-ip-range', '2001:db8::1');
    const { app: more } = await oauth('--add-refresh-token-ip-range', '203.0.113.7');
    expect(more.oauth?.refreshTokenIpRanges?.map(({ start: first }) => first)).to.deep.equal([
      ...['203.0.113.1', '2001:db8::1', '203.0.113.7'],
    ]);
    const { app: fewer } = await oauth('--remove-refresh-token-ip-range', '2001:0db8::0001');
    expect(fewer.oauth?.refreshTokenIpRanges?.map(({ start: first }) => first)).to.deep.equal([
      ...['203.0.113.1', '203.0.113.7'],
    ]);
    expect((await oauth('--refresh-token-ip-range', '')).app.oauth).to.not.have.property('refreshTokenIpRanges');
  }).timeout(30_000);

  it('uses the security settings that an org makes by itself', async () => {
    await start({ variants: { 'security-settings': 'made-by-org' } });
    const { app: after } = await oauth('--refresh-token-ip-range', '203.0.113.1');
    expect(after.oauth?.refreshTokenIpRanges).to.have.length(1);
    expect(org.org.components('ExtlClntAppOauthSecuritySettings')).to.have.length(1);
  });

  it('shows when refresh tokens really end', async () => {
    await start();
    await oauth('--refresh-token-idle-limit');
    ux.log.resetHistory();
    const { refreshTokenEnd, policies: said } = await EcaDisplay.run(app());
    expect(said).to.include({ refreshToken: 'lifetime', refreshTokenValidity: '365 days' });
    expect(refreshTokenEnd).to.deep.equal({ unused: '30 days', atMost: '365 days' });
    expect(ux.log.args.flat().join('\n')).to.include('after 30 days without use');
  });

  const newer: Array<[version: number, since: string, flags: string[]]> = [
    [66, '67.0', ['--refresh-token-idle-limit']],
    [66, '67.0', ['--refresh-token-ip-range', '203.0.113.1']],
    [67, '68.0', ['--dpop']],
    [67, '68.0', ['--mutual-tls-field', 'san-ip', '--mutual-tls-value', '203.0.113.1']],
  ];
  for (const [version, since, flags] of newer) {
    it(`names both versions for ${flags[0]} in an org of v${version}`, async () => {
      await start({ apiVersion: version });
      const { name, message } = await failure(oauth(...flags));
      expect([name, message.includes(since), message.includes(`${version}.0`)], message).to.deep.equal([
        'FieldNeedsVersionError',
        true,
        true,
      ]);
    });
  }

  it('that is off is no change in an org that does not have it', async () => {
    await start({ apiVersion: 66 });
    const yaml =
      'apps: [{ name: Order_Sync, oauth: { dpop: false, refreshTokenIdleLimit: false, mutualTls: { enabled: false } } }]';
    expect((await apply(yaml)).apps.map(({ action }) => action)).to.deep.equal(['none']);
  });

  const wrong: Array<[reason: string, flags: string[]]> = [
    ['AttributeFormulaEmpty', ['--custom-attribute', 'country=']],
    ['AttributeInvalid', ['--custom-attribute', 'User.Country']],
    ['AttributeTwice', ['--custom-attribute', 'a=User.Id', '--custom-attribute', 'a=User.Email']],
    ['IpRangeBackwards', ['--refresh-token-ip-range', '203.0.113.9-203.0.113.1']],
    ['IpRangeBackwards', ['--add-refresh-token-ip-range', '203.0.113.9-203.0.113.1']],
    ['IpAddressesTooMany', ['--refresh-token-ip-range', '203.0.112.0-203.0.113.255']],
    ['IpRangeMapped', ['--refresh-token-ip-range', '::ffff:203.0.113.1']],
    ['UrlInvalid', ['--single-logout-url', 'orders.example.com']],
    ['NumberNotAllowed', ['--asset-token-validity', '2147483648']],
  ];
  for (const [reason, flags] of wrong) {
    it(`refuses ${flags.join(' ')} before the org is asked`, async () => {
      await start();
      const deploys = org.deploys();
      const { name, actions } = await failure(oauth(...flags));
      expect(name).to.equal(`${reason}Error`);
      expect(actions).to.have.length.greaterThan(0);
      expect(org.deploys()).to.equal(deploys);
    });
  }

  it('refuses ranges for an app whose callback URLs are all on localhost or of a custom scheme', async () => {
    await start({}, 'http://localhost:1717/cb');
    await oauth('--callback-url', 'http://localhost:1717/cb', '--callback-url', 'myapp://cb');
    const deploys = org.deploys();
    expect((await failure(oauth('--refresh-token-ip-range', '203.0.113.1'))).name).to.equal(
      'RefreshIpRangesUnusedError',
    );
    expect(
      await problems(
        'apps: [{ name: Order_Sync, oauth: { refreshTokenIpRanges: [{ start: 203.0.113.1, end: 203.0.113.1 }] } }]',
      ),
    ).to.include('no use');
    expect(org.deploys()).to.equal(deploys);
  });

  it('refuses a handler class that is not there, and a user for it who is not there or inactive', async () => {
    await start();
    const deploys = org.deploys();
    expect((await failure(policies('--apex-handler', 'Nobody'))).name).to.equal('ApexHandlerUnknownError');
    expect((await failure(policies('--apex-handler-run-as', 'nobody@example.com'))).name).to.equal(
      'ApexHandlerRunAsUnknownError',
    );
    const user = org.org.seeded.standardUser;
    org.org.update('User', user.Id, { IsActive: false });
    expect((await failure(policies('--apex-handler-run-as', String(user.Username)))).name).to.equal(
      'ApexHandlerRunAsInactiveError',
    );
    const told = await problems(
      'apps: [{ name: Order_Sync, policies: { apexHandler: Nobody, apexHandlerRunAs: nobody@example.com } }]',
    );
    expect(told).to.match(/eca\.yaml:1:\d+/);
    expect([told.includes('Nobody'), told.includes('nobody@example.com')]).to.deep.equal([true, true]);
    expect(org.deploys()).to.equal(deploys);
  });

  it('refuses the same in a file, with the place', async () => {
    await start();
    const told = await problems(`apps:
  - name: Order_Sync
    startPage: oauth
    startUrl: https://orders.example.com/start
    oauth:
      customAttributes: [{ key: a, formula: "" }, { key: a, formula: User.Id }, { key: b }]
      mutualTls: { certificateField: san }
      refreshTokenIpRanges: [{ start: 203.0.112.0, end: 203.0.113.255 }]
    policies: { guestJwtTimeoutMinutes: 7 }
`);
    for (const part of [
      'no use with the start page',
      '"a" has no formula',
      '"a" is there twice',
      'san-dns',
      '512 addresses',
      '7',
    ]) {
      expect(told).to.include(part);
    }
  });
});
