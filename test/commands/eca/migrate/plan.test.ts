import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import { forgetSecrets } from '../../../../src/app/secret.ts';
import EcaApply from '../../../../src/commands/eca/apply.ts';
import EcaMigrateApply from '../../../../src/commands/eca/migrate/apply.ts';
import EcaMigratePlan, { type EcaMigratePlanResult } from '../../../../src/commands/eca/migrate/plan.ts';
import EcaMigrateStatus from '../../../../src/commands/eca/migrate/status.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { connectedAppInOrg } from '../../../practice/connectedAppInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

const connectedApp = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>it@example.com</contactEmail>
    <label>Order Sync</label>
    ${inside}
</ConnectedApp>`;

const { certificate } = selfSigned({ days: 365 });
const bareDer = new X509Certificate(certificate).raw.toString('base64');
const bagged = Buffer.from(`Bag Attributes\n    friendlyName: x\n${certificate}`).toString('base64');

const server = (certificateText: string): string =>
  connectedApp(`<oauthConfig>
        <callbackUrl>https://orders.example.com/cb
http://localhost:3000/cb</callbackUrl>
        <certificate>${certificateText}</certificate>
        <consumerKey>3MVG9.abc_def</consumerKey>
        <isAdminApproved>true</isAdminApproved>
        <isClientCredentialEnabled>true</isClientCredentialEnabled>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
        <scopes>SFAP</scopes>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>ENFORCE</ipRelaxation>
        <refreshTokenPolicy>specific_lifetime:30:DAYS</refreshTokenPolicy>
    </oauthPolicy>
    <ipRanges><start>192.0.2.1</start><end>192.0.2.9</end></ipRanges>
    <profileName>System Administrator</profileName>`);

/** Shapes of files as people have them: each has something that others lack. */
const SHAPES: Record<string, string> = {
  'a JWT client with a certificate in DER': server(bareDer),
  'a JWT client with Bag Attributes': server(bagged),
  'a link': connectedApp('<startUrl>https://wiki.example.com</startUrl>'),
  'a SAML app': connectedApp(
    '<samlConfig><acsUrl>https://sp.example.com</acsUrl><entityUrl>https://sp.example.com</entityUrl><encryptionType>AES_128</encryptionType><samlSubjectType>Username</samlSubjectType></samlConfig>',
  ),
  'a SAML app with all its settings': connectedApp(
    `<attributes><formula>User.Country &amp; &apos;x&apos;</formula><key>country</key></attributes>
    <samlConfig><acsUrl>https://sp.example.com/acs?a=1&amp;b=2</acsUrl><entityUrl>urn:sp</entityUrl><issuer>https://idp.example.com</issuer><certificate>${bareDer}</certificate><encryptionCertificate>${certificate}</encryptionCertificate><encryptionType>AES_256</encryptionType><samlSubjectType>CustomAttribute</samlSubjectType><samlSubjectCustomAttr>EmployeeNumber</samlSubjectCustomAttr><samlNameIdFormat>Persistent</samlNameIdFormat><samlSigningAlgoType>SHA256</samlSigningAlgoType><samlIdpSLOBindingEnum>PostBinding</samlIdpSLOBindingEnum><samlSloUrl>https://sp.example.com/out</samlSloUrl></samlConfig>
    <startUrl>https://sp.example.com/start</startUrl>`,
  ),
  'a web app with attributes, single logout and asset tokens': connectedApp(
    `<attributes><formula>User.Country</formula><key>country</key></attributes>
    <oauthConfig><assetTokenConfig><assetAudiences>https://things.example.com</assetAudiences><assetIncludeAttributes>true</assetIncludeAttributes><assetIncludeCustomPerms>false</assetIncludeCustomPerms><assetSigningCertId>0P1000000000001</assetSigningCertId><assetValidityPeriod>120</assetValidityPeriod></assetTokenConfig><callbackUrl>https://w.example.com/cb</callbackUrl><isCodeCredentialEnabled>true</isCodeCredentialEnabled><isCodeCredentialPostOnly>true</isCodeCredentialPostOnly><isDPopEnabled>false</isDPopEnabled><isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL><scopes>Api</scopes><singleLogoutUrl>https://w.example.com/out</singleLogoutUrl></oauthConfig>
    <oauthPolicy><singleLogoutUrl>https://w.example.com/out2</singleLogoutUrl></oauthPolicy>
    <startUrl>https://w.example.com/start</startUrl>`,
  ),
  'the command line, with an old API version': connectedApp(
    '<oauthConfig><callbackUrl>http://localhost:1717/OauthRedirect</callbackUrl><consumerKey>abc</consumerKey><scopes>Full</scopes></oauthConfig>',
  ),
  'a canvas app with a handler': connectedApp(
    '<plugin>Handler</plugin><canvasConfig><accessMethod>Post</accessMethod><canvasUrl>https://c.example.com</canvasUrl><locations>Publisher</locations></canvasConfig><oauthConfig><callbackUrl>sfdc://success</callbackUrl><scopes>Basic</scopes></oauthConfig>',
  ),
  'values that nobody takes': connectedApp(
    '<description>${HOME} &lt;%= x %&gt; # "quoted"&#10;second line</description><logoUrl>/logo.png</logoUrl><oauthConfig><callbackUrl>https://a.example.com/*</callbackUrl><certificate>MyCertificate</certificate><scopes>Nonsense</scopes></oauthConfig><oauthPolicy><refreshTokenPolicy>SPECIFIC_LIFETIME</refreshTokenPolicy></oauthPolicy>',
  ),
};

describe('eca migrate plan', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-migrate-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
    forgetSecrets();
  });

  const write = (text: string, name = 'Order_Sync.connectedApp-meta.xml'): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const plan = async (...flags: string[]): Promise<EcaMigratePlanResult> => EcaMigratePlan.run(flags);
  const said = (): string => JSON.stringify([ux.log.args, ux.logToStderr.args, ux.warn.args]);

  for (const [what, xml] of Object.entries(SHAPES)) {
    it(`writes an eca.yaml that apply takes, without an org: ${what}`, async () => {
      const output = join(folder, 'out', 'eca.yaml');
      const { plans, yaml } = await plan('--file', write(xml), '--output-file', output);
      expect(org.asked()).to.deep.equal([]);
      expect(readFileSync(output, 'utf8')).to.equal(yaml);
      const apply = (): ReturnType<typeof EcaApply.run<EcaApply>> =>
        EcaApply.run(['--target-org', org.username, '--file', output]);
      const { apps } = await apply();
      expect(apps[0]).to.deep.include({ action: 'create', notApplied: [] });
      expect(plans[0]?.app.name).to.equal('Order_Sync_ECA');
      // What the plan says is what the org has: a second run finds nothing.
      expect((await apply()).apps[0]?.action).to.equal('none');
    });
  }

  it('keeps the certificate of a JWT client, in a file beside the other', async () => {
    const output = join(folder, 'eca.yaml');
    const { files, plans } = await plan('--file', write(server(bareDer)), '--output-file', output);
    expect(files).to.deep.equal([join(folder, 'Order_Sync_ECA.crt'), output]);
    const kept = new X509Certificate(readFileSync(files[0] ?? ''));
    expect(kept.fingerprint256).to.equal(new X509Certificate(certificate).fingerprint256);
    expect(plans[0]?.app.oauth).to.deep.include({
      certificateFile: 'Order_Sync_ECA.crt',
      flows: ['web-server', 'jwt-bearer'],
    });
  });

  it('looks names up in the org that is named, also for a file', async () => {
    const { plans } = await plan(
      '--file',
      write(server(bareDer)),
      '--target-org',
      org.username,
      '--run-as',
      'bot@example.com',
    );
    expect(plans[0]?.app.policies?.profiles).to.deep.equal(['System Administrator']);
    expect(plans[0]?.app.oauth).to.include({ runAs: 'bot@example.com' });
    expect(org.deploys()).to.equal(0);
  });

  it('plans a Connected App of the org', async () => {
    connectedAppInOrg(org.org, 'Portal');
    const { plans, yaml } = await plan('--name', 'Portal', '--target-org', org.username);
    expect(plans[0]).to.deep.include({ connectedApp: 'Portal' });
    expect(plans[0]?.app).to.deep.include({ name: 'Portal_ECA', label: 'Portal', scopes: ['api'] });
    expect(plans[0]).to.not.have.property('file');
    expect(yaml).to.include('# Planned from the Connected App Portal.');
    const error = await failure(plan('--name', 'Nobody', '--target-org', org.username));
    expect(error.name).to.equal('ConnectedAppNotFoundError');
  });

  it('says what the org does with the flows that end, or that nobody saw it', async () => {
    connectedAppInOrg(org.org, 'Portal');
    const said = async (): Promise<string | undefined> => {
      const { plans } = await plan('--name', 'Portal', '--target-org', org.username);
      return plans[0]?.findings.find(({ id }) => id === 'org-flows')?.text;
    };
    org.org.settings.OauthOidcSettings = { blockOAuthUsrAgtFlow: true };
    expect(await said()).to.match(/blocks the user-agent flow, and allows the username-password flow/);
    org.org.settings.OauthOidcSettings = { blockOAuthUsrAgtFlow: true, blockOAuthUnPwFlow: true };
    expect(await said()).to.match(/blocks the username-password and user-agent flows/);
    const { plans } = await plan('--file', write(server(bareDer)));
    expect(plans[0]?.findings.map(({ id }) => id))
      .to.include('password-flows')
      .and.not.include('org-flows');
  });

  it('takes the name as an argument, but not beside a file; so do apply and status', async () => {
    connectedAppInOrg(org.org, 'Portal');
    const to = ['--target-org', org.username];
    expect((await plan('portal', ...to)).plans[0]).to.include({ connectedApp: 'Portal' });
    const twice = await failure(plan('Portal', '--file', write(server(bareDer)), ...to));
    expect(twice).to.include({ name: 'NameAndFileError', exitCode: 2 });
    const moved = await EcaMigrateApply.run(['Portal', ...to, '--no-prompt']);
    expect(moved.apps[0]?.plan).to.include({ connectedApp: 'Portal' });
    expect((await EcaMigrateStatus.run(['Portal', ...to])).new).to.include({ name: 'Portal_ECA' });
  });

  it('has a consumer secret in no output', async () => {
    const secret = randomBytes(24).toString('hex');
    const file = write(
      connectedApp(
        `<description>secret ${secret}</description><oauthConfig><callbackUrl>https://a.example.com/cb</callbackUrl><consumerSecret>${secret}</consumerSecret></oauthConfig>`,
      ),
    );
    const output = join(folder, 'eca.yaml');
    const { plans } = await plan('--file', file, '--output-file', output);
    expect(plans[0]?.findings.map(({ id }) => id)).to.include('secret-in-file');
    expect(plans[0]?.elements.find(({ element }) => element === 'oauthConfig.consumerSecret')?.value).to.equal(
      '********',
    );
    expect(readFileSync(output, 'utf8')).to.not.include(secret);
  });

  it('answers with the exit code whether somebody is needed', async () => {
    const open = write(server(bareDer));
    await plan('--file', open);
    expect(process.exitCode).to.equal(undefined);
    await plan('--file', open, '--detailed-exitcode');
    expect(process.exitCode).to.equal(3);
    process.exitCode = undefined;
    const fine = connectedApp(
      '<oauthConfig><callbackUrl>https://a.example.com/cb</callbackUrl><scopes>Api</scopes></oauthConfig>',
    );
    await plan('--file', write(fine), '--detailed-exitcode');
    expect(process.exitCode).to.equal(undefined);
  });

  it('reads a project folder, and refuses all that is wrong in it at once', async () => {
    mkdirSync(join(folder, 'connectedApps'));
    write(SHAPES['a link'] ?? '', join('connectedApps', 'A.connectedApp'));
    write(SHAPES['a SAML app'] ?? '', join('connectedApps', 'B.connectedApp-meta.xml'));
    write('<ApexClass/>', join('connectedApps', 'C.cls-meta.xml'));
    const { plans } = await plan('--file', folder);
    expect(plans.map(({ app }) => app.name)).to.deep.equal(['A_ECA', 'B_ECA']);
    expect((await failure(plan('--file', folder, '--as', 'One'))).name).to.equal('AsForOneError');

    write('<ConnectedApp>', join('connectedApps', 'D.connectedApp'));
    write(SHAPES['a link'] ?? '', 'a.connectedApp');
    const error = await failure(plan('--file', folder, '--file', join(folder, 'none.xml')));
    const { problems } = error.data as { problems: Array<{ file: string; message: string }> };
    expect(problems.map(({ file }) => file.slice(folder.length + 1))).to.deep.equal([
      join('connectedApps', 'A.connectedApp'),
      join('connectedApps', 'D.connectedApp'),
      'none.xml',
    ]);
  });

  it('shows the plan, as text and as Markdown', async () => {
    const file = write(server(bareDer).replace('Order Sync', 'Order | *Sync*'));
    await plan('--file', file);
    expect(said())
      .to.include('Connected App Order_Sync -> external client app Order_Sync_ECA')
      .and.to.include('oauthConfig.scopes: SFAP');
    ux.log.resetHistory();
    await plan('--file', file, '--result-format', 'markdown');
    const markdown = ux.log.args.flat().join('\n');
    expect(markdown)
      .to.match(/^# Connected App Order\\_Sync/)
      .and.to.include('Order \\| \\*Sync\\*')
      .and.to.include('- [ ] ');
  });

  it('asks before it replaces a file', async () => {
    const output = write('mine', 'eca.yaml');
    const file = write(SHAPES['a link'] ?? '');
    expect((await failure(plan('--file', file, '--output-file', output))).name).to.equal('ConfirmationNeededError');
    expect(readFileSync(output, 'utf8')).to.equal('mine');
    await plan('--file', file, '--output-file', output, '--no-prompt');
    expect(readFileSync(output, 'utf8')).to.include('Order_Sync_ECA');
  });

  it('refuses a name that no app can have, and wants a Connected App', async () => {
    const file = write(SHAPES['a link'] ?? '');
    expect((await failure(plan('--file', file, '--as', '1 a'))).name).to.equal('NameInvalidError');
    expect((await failure(plan())).name).to.equal('FlagsMissingError');
    expect(existsSync(join(folder, 'eca.yaml'))).to.equal(false);
  });
});
