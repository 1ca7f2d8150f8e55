import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { type Cli, createCli, type Json } from '../e2e/cli.ts';
import { installSalesforceCli } from './sfCli.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Metadata of an app with every element that came with API versions 57 to 68, as a project keeps it. */
const sources = (user: string): Record<string, string> => ({
  'externalClientApps/Parcels.eca-meta.xml': `<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>it@example.com</contactEmail>
    <contactPhone>+49 30 1234</contactPhone>
    <distributionState>Local</distributionState>
    <isProtected>false</isProtected>
    <label>Parcels &amp; "letters"</label>
</ExternalClientApplication>`,
  'extlClntAppOauthSettings/Parcels_oauth.ecaOauth-meta.xml': `<ExtlClntAppOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <areAttributesIncludedInAssetToken>true</areAttributesIncludedInAssetToken>
    <areCustomPermsIncludedInAssetToken>false</areCustomPermsIncludedInAssetToken>
    <assetTokenAudiences>https://parcels.example.com</assetTokenAudiences>
    <assetTokenSigningCertificate>0P1000000000007</assetTokenSigningCertificate>
    <assetTokenValidity>300</assetTokenValidity>
    <commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>
    <customAttributes>
        <formula>IF(User.IsActive, &quot;on&quot;, &quot;off&quot;)</formula>
        <key>state</key>
    </customAttributes>
    <externalClientApplication>Parcels</externalClientApplication>
    <isFirstPartyAppEnabled>false</isFirstPartyAppEnabled>
    <label>Parcels_oauth</label>
    <singleLogoutUrl>https://parcels.example.com/out</singleLogoutUrl>
</ExtlClntAppOauthSettings>`,
  'extlClntAppGlobalOauthSets/Parcels_glbloauth.ecaGlblOauth-meta.xml': `<ExtlClntAppGlobalOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <callbackUrl>https://parcels.example.com/cb</callbackUrl>
    <externalClientApplication>Parcels</externalClientApplication>
    <isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>
    <isCodeCredPostOnly>true</isCodeCredPostOnly>
    <isConsumerSecretOptional>false</isConsumerSecretOptional>
    <isDPopEnabled>true</isDPopEnabled>
    <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>
    <isMtlsEnabled>true</isMtlsEnabled>
    <isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>
    <isPkceRequired>true</isPkceRequired>
    <label>Parcels_glbloauth</label>
</ExtlClntAppGlobalOauthSettings>`,
  'extlClntAppOauthSecuritySettings/Parcels_oauthSecurity.ecaOauthSecurity-meta.xml': `<ExtlClntAppOauthSecuritySettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <externalClientApplication>Parcels</externalClientApplication>
    <label>Parcels_oauthSecurity</label>
    <tlsClientAuthCertParamType>tls_client_auth_san_dns</tlsClientAuthCertParamType>
    <tlsClientAuthCertParamValue>parcels.example.com</tlsClientAuthCertParamValue>
    <tokenIpRanges>
        <description>the depot</description>
        <endIpAddress>2001:db8::f</endIpAddress>
        <startIpAddress>2001:db8::1</startIpAddress>
    </tokenIpRanges>
</ExtlClntAppOauthSecuritySettings>`,
  'extlClntAppOauthPolicies/Parcels_oauthPlcy.ecaOauthPlcy-meta.xml': `<ExtlClntAppOauthConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata">
    <apexHandler>OrderSyncHandler</apexHandler>
    <customAttributes>
        <formula>User.Division</formula>
        <key>division</key>
    </customAttributes>
    <executeHandlerAs>${user}</executeHandlerAs>
    <externalClientApplication>Parcels</externalClientApplication>
    <guestJwtSessionTimeoutType>Custom</guestJwtSessionTimeoutType>
    <guestJwtTimeout>15</guestJwtTimeout>
    <ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>
    <isGuestCodeCredFlowEnabled>true</isGuestCodeCredFlowEnabled>
    <label>Parcels_oauthPlcy</label>
    <namedUserJwtSessionTimeoutType>Custom</namedUserJwtSessionTimeoutType>
    <namedUserJwtTimeout>30</namedUserJwtTimeout>
    <permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>
    <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
    <requiredSessionLevel>STANDARD</requiredSessionLevel>
    <singleLogoutUrl>https://parcels.example.com/admin-out</singleLogoutUrl>
    <startUrl>https://parcels.example.com/oauth-start</startUrl>
</ExtlClntAppOauthConfigurablePolicies>`,
  'extlClntAppPolicies/Parcels_plcy.ecaPlcy-meta.xml': `<ExtlClntAppConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata">
    <externalClientApplication>Parcels</externalClientApplication>
    <isEnabled>true</isEnabled>
    <isOauthPluginEnabled>true</isOauthPluginEnabled>
    <isSamlPluginEnabled>true</isSamlPluginEnabled>
    <label>Parcels_plcy</label>
    <startPage>Custom</startPage>
    <startUrl>https://parcels.example.com/start</startUrl>
</ExtlClntAppConfigurablePolicies>`,
  'extlClntAppSamlConfigurablePolicies/Parcels_samlPlcy.ecaSamlPlcy-meta.xml': `<ExtlClntAppSamlConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata">
    <acsUrl>https://parcels.example.com/acs</acsUrl>
    <commaSeparatedProfile>System Administrator</commaSeparatedProfile>
    <customAttributes>
        <formula>User.Email</formula>
        <key>mail</key>
    </customAttributes>
    <entityUrl>https://parcels.example.com</entityUrl>
    <externalClientApplication>Parcels</externalClientApplication>
    <label>Parcels_samlPlcy</label>
    <nameIdFormat>Persistent</nameIdFormat>
    <signingAlgorithmType>SHA256</signingAlgorithmType>
    <subjectType>FederationId</subjectType>
</ExtlClntAppSamlConfigurablePolicies>`,
});

/** The types that an app is made of, as `sf project retrieve start` names them. */
const TYPES = [
  ...['ExternalClientApplication', 'ExtlClntAppOauthSettings', 'ExtlClntAppGlobalOauthSettings'],
  ...['ExtlClntAppOauthSecuritySettings', 'ExtlClntAppOauthConfigurablePolicies'],
  ...['ExtlClntAppConfigurablePolicies', 'ExtlClntAppSamlConfigurablePolicies'],
];

/** The elements of a file, each on a line of its own, sorted; the consumer is the org's own. */
const elementsOf = (xml: string): string[] =>
  xml
    .replace(/^<\?xml.*\?>/, '')
    .split(/(?<=>)\s*\n\s*(?=<)/)
    .map((line) => line.trim().replaceAll('&quot;', '"'))
    .filter((line) => line !== '' && !/<(consumerKey|oauthLink|orgScopedExternalApp)>/.test(line))
    .sort();

describe("the newer elements of an app, between Salesforce's own commands and this plugin", function () {
  this.timeout(600_000);
  let folder: string;
  let practice: PracticeServer;
  let salesforce: Cli;
  let plugin: Cli;

  const inOrg = async <Result>(cli: Cli, ...args: string[]): Promise<Result> => {
    const admin = String(practice.org.seeded.admin.Username);
    const outcome: Json<Result> = await cli.json<Result>([...args, '--target-org', admin]);
    // A deploy that failed says why in its result.
    const why = outcome.message ?? JSON.stringify(outcome.result);
    expect(outcome.status, `${args.join(' ')}: ${outcome.name} ${why}`).to.equal(0);
    return outcome.result;
  };
  const retrieve = () =>
    inOrg(salesforce, ...'project retrieve start --metadata'.split(' '), ...TYPES, '--ignore-conflicts');
  const source = (path: string): string => join(salesforce.home, 'force-app', 'main', 'default', path);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-elements-'));
    const home = join(folder, 'home');
    mkdirSync(home);
    practice = await createPracticeServer();
    salesforce = createCli({ command: [process.execPath, await installSalesforceCli()], home });
    plugin = createCli({ home });
    writeFileSync(
      join(home, 'sfdx-project.json'),
      JSON.stringify({ packageDirectories: [{ path: 'force-app', default: true }], sourceApiVersion: '68.0' }),
    );
    await salesforce.json(['org', 'login', 'access-token', '--no-prompt', '--instance-url', practice.url], {
      env: { SF_ACCESS_TOKEN: practice.accessToken },
    });
  });

  after(async () => {
    await practice?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('go in by project deploy, and come back by export and apply without a change', async () => {
    const files = sources(String(practice.org.seeded.standardUser.Username));
    for (const [path, xml] of Object.entries(files)) {
      mkdirSync(join(source(path), '..'), { recursive: true });
      writeFileSync(source(path), `${HEAD}${xml}\n`);
    }
    await inOrg(salesforce, ...'project deploy start --source-dir force-app'.split(' '));
    const { yaml } = await inOrg<{ yaml: string }>(plugin, 'eca', 'export');
    writeFileSync(join(plugin.home, 'eca.yaml'), yaml);
    const { apps } = await inOrg<{ apps: Array<{ action: string }> }>(
      plugin,
      'eca',
      'apply',
      ...['--file', 'eca.yaml', '--no-prompt'],
    );
    expect(apps.map(({ action }) => action)).to.deep.equal(['none']);

    // A write of one field leaves every other element as it was.
    await inOrg(plugin, 'eca', 'oauth', 'set', '--name', 'Parcels', '--introspect-all-tokens', '--no-certificate');
    await retrieve();
    for (const [path, xml] of Object.entries(files)) {
      const back = elementsOf(readFileSync(source(path), 'utf8'));
      const deployed = elementsOf(xml);
      expect(
        deployed.filter((line) => !back.includes(line)),
        path,
      ).to.deep.equal([]);
    }
    expect(
      readFileSync(source('extlClntAppGlobalOauthSets/Parcels_glbloauth.ecaGlblOauth-meta.xml'), 'utf8'),
    ).to.include('<isIntrospectAllTokens>true</isIntrospectAllTokens>');
  });

  it('that Salesforce asks of partners are set by one word, and read back by project retrieve', async () => {
    const app = ['--name', 'Partner'];
    await inOrg(plugin, 'eca', 'create', ...app, '--contact-email', 'it@example.com');
    const set = ['eca', 'oauth', 'set', ...app, '--no-prompt'];
    await inOrg(plugin, ...set, '--callback-url', 'https://partner.example.com/cb', '--scope', 'api', '--no-pkce');
    const ranges = ['--refresh-token-ip-range', '198.51.100.7', '--refresh-token-ip-range', '2001:db8::1-2001:db8::4'];
    await inOrg(plugin, ...set, '--hardened', ...ranges);
    await retrieve();
    const settings = readFileSync(source('extlClntAppGlobalOauthSets/Partner_glbloauth.ecaGlblOauth-meta.xml'), 'utf8');
    for (const control of ['isPkceRequired', 'isRefreshTokenRotationEnabled', 'isEnforceRefreshTokenTTL'])
      expect(settings, control).to.include(`<${control}>true</${control}>`);
    const security = readFileSync(
      source('extlClntAppOauthSecuritySettings/Partner_oauthSecurity.ecaOauthSecurity-meta.xml'),
      'utf8',
    );
    expect(security.match(/<(start|end)IpAddress>[^<]*/g)?.sort()).to.deep.equal([
      '<endIpAddress>198.51.100.7',
      '<endIpAddress>2001:db8::4',
      '<startIpAddress>198.51.100.7',
      '<startIpAddress>2001:db8::1',
    ]);
  });
});
