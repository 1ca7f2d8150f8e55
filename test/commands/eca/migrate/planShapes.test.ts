import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';

import { forgetSecrets } from '../../../../src/app/secret.ts';
import EcaApply from '../../../../src/commands/eca/apply.ts';
import EcaMigratePlan from '../../../../src/commands/eca/migrate/plan.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { type LoggedIn, logInToPractice } from '../../practice.ts';

const { certificate } = selfSigned({ days: 365 });
const DER = new X509Certificate(certificate).raw.toString('base64');
const BAGGED = Buffer.from(`Bag Attributes\n    friendlyName: x\n${certificate}`).toString('base64');

/** Callback URLs that are 2,000 characters together. */
const MANY_URLS = Array.from(
  { length: 40 },
  (_, at) => `https://w${String(at).padStart(2, '0')}.example.com/${'p'.repeat(26)}`,
);

/** OAuth of different ages and clients. */
const OAUTH = {
  'of an old version':
    '<callbackUrl>sfdc://success</callbackUrl><consumerKey>3MVG9.a</consumerKey><scopes>Full</scopes>',
  'in a broken order':
    '<scopes>RefreshToken</scopes><isPkceRequired>false</isPkceRequired><callbackUrl>https://a.example.com/cb</callbackUrl><scopes>Api</scopes><consumerKey>3MVG9.b</consumerKey>',
  'with a DER certificate': `<callbackUrl>https://a.example.com/cb</callbackUrl><certificate>${DER}</certificate><scopes>Api</scopes><scopes>SFAP</scopes>`,
  'with bag attributes': `<callbackUrl>http://localhost:3000/cb</callbackUrl><certificate>${BAGGED}</certificate><isAdminApproved>true</isAdminApproved><scopes>Api</scopes>`,
  'with many callback URLs': `<callbackUrl>${MANY_URLS.join('\n')}</callbackUrl><isDeviceFlowEnabled>true</isDeviceFlowEnabled><scopes>OpenID</scopes><scopes>Profile</scopes>`,
};

/** What stands beside OAuth. */
const BESIDE = {
  'nothing else': '',
  'a link and a picture':
    '<startUrl>https://wiki.example.com</startUrl><logoUrl>/logo.png</logoUrl><iconUrl>/icon.png</iconUrl>',
  'a canvas with a handler':
    '<canvasConfig><accessMethod>Post</accessMethod><canvasUrl>https://c.example.com</canvasUrl><locations>Publisher</locations></canvasConfig><plugin>Handler</plugin><pluginExecutionUser>a@b.io</pluginExecutionUser>',
  SAML: '<samlConfig><acsUrl>https://sp.example.com</acsUrl><entityUrl>https://sp.example.com</entityUrl><encryptionType>TRIPLE_DES</encryptionType><samlSubjectType>Username</samlSubjectType></samlConfig><attributes><formula>User.Country</formula><key>country</key></attributes>',
  'profiles, ranges and what nobody knows':
    '<ipRanges><startIpAddress>192.0.2.1</startIpAddress><endIpAddress>192.0.2.9</endIpAddress><description>Office</description></ipRanges><permissionSetName>Some Label</permissionSetName><profileName>Sales, EMEA</profileName><somethingNew><inside>1</inside></somethingNew><oauthPolicy><ipRelaxation>BYPASS</ipRelaxation><refreshTokenPolicy>infinite</refreshTokenPolicy><singleLogoutUrl>https://a.example.com/out</singleLogoutUrl></oauthPolicy>',
};

/** The paths of all elements that have a text. */
const leavesOf = (value: unknown, path: string): string[] => {
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, path));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inside]) => leavesOf(inside, path === '' ? name : `${path}.${name}`));
};

describe('eca migrate plan, for files of many shapes', function () {
  this.timeout(120_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-shapes-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
    forgetSecrets();
  });

  it('passes over no element of any file, and writes an eca.yaml that apply takes', async () => {
    const files = new Map<string, { what: string; xml: string }>();
    for (const [oauth, config] of Object.entries(OAUTH))
      for (const [beside, more] of Object.entries(BESIDE)) {
        const name = `App_${files.size}`;
        const xml = `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>${name}</label>${more}<oauthConfig>${config}</oauthConfig><contactEmail>it@example.com</contactEmail>
</ConnectedApp>`;
        files.set(name, { what: `OAuth ${oauth}, and ${beside}`, xml });
        writeFileSync(join(folder, `${name}.connectedApp-meta.xml`), xml);
      }
    expect(files.size).to.equal(25);

    const output = join(folder, 'eca.yaml');
    const { plans } = await EcaMigratePlan.run(['--file', folder, '--output-file', output]);
    expect(plans).to.have.length(files.size);
    const parser = new XMLParser({ ignoreAttributes: true, ignoreDeclaration: true });
    for (const { connectedApp, elements } of plans) {
      const { what, xml } = files.get(connectedApp) ?? { what: '', xml: '' };
      const { ConnectedApp } = parser.parse(xml) as { ConnectedApp: unknown };
      const answered = elements.map(({ element }) => element);
      for (const leaf of leavesOf(ConnectedApp, ''))
        expect(
          answered.some((element) => element === leaf || leaf.startsWith(`${element}.`)),
          `${what}: ${leaf}`,
        ).to.equal(true);
    }

    expect(readFileSync(output, 'utf8')).to.include('App_24_ECA');
    const { apps } = await EcaApply.run(['--target-org', org.username, '--file', output, '--dry-run']);
    expect(apps.map(({ action }) => action)).to.deep.equal(plans.map(() => 'create'));
  });
});
