import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';

import { isProblem } from '../../src/app/problem.ts';
import { newPair, writeKeyFiles } from '../../src/client/keyFiles.ts';
import { addConnectedApp } from '../../src/practice/connectedApps.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { jwtLoginLine } from '../../src/ui/verification.ts';
import { hasChromium, openChromium, withChromium } from '../chromium.ts';
import { connectedAppXml } from '../commands/eca/migrate/inventoryOfTest.ts';
import { type Cli, createCli, type Json, type Outcome } from '../e2e/cli.ts';
import { installSalesforceCli } from './sfCli.ts';

const TYPES = [
  'ExternalClientApplication',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppGlobalOauthSettings',
  'ExtlClntAppOauthConfigurablePolicies',
  'ExtlClntAppConfigurablePolicies',
];

/** The metadata of an app as a project keeps it. The certificate is put in later. */
const SOURCES = {
  'externalClientApps/Billing.eca-meta.xml': `<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>it@example.com</contactEmail>
    <description>Q&amp;A &lt;b&gt;
second line</description>
    <distributionState>Local</distributionState>
    <isProtected>false</isProtected>
    <label>Billing</label>
</ExternalClientApplication>`,
  'extlClntAppOauthSettings/Billing_oauth.ecaOauth-meta.xml': `<ExtlClntAppOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <commaSeparatedOauthScopes>Api, RefreshToken, Web</commaSeparatedOauthScopes>
    <externalClientApplication>Billing</externalClientApplication>
    <isFirstPartyAppEnabled>false</isFirstPartyAppEnabled>
    <label>Billing_oauth</label>
    <trustedIpRanges>
        <endIpAddress>203.0.113.20</endIpAddress>
        <startIpAddress>203.0.113.10</startIpAddress>
    </trustedIpRanges>
</ExtlClntAppOauthSettings>`,
  'extlClntAppGlobalOauthSets/Billing_glbloauth.ecaGlblOauth-meta.xml': `<ExtlClntAppGlobalOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <callbackUrl>http://localhost:1717/OauthRedirect
https://billing.example.com/cb</callbackUrl>
    <certificate>CERTIFICATE</certificate>
    <externalClientApplication>Billing</externalClientApplication>
    <isConsumerSecretOptional>true</isConsumerSecretOptional>
    <isPkceRequired>true</isPkceRequired>
    <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
    <label>Billing_glbloauth</label>
</ExtlClntAppGlobalOauthSettings>`,
  'extlClntAppOauthPolicies/Billing_policy.ecaOauthPlcy-meta.xml': `<ExtlClntAppOauthConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata">
    <commaSeparatedProfile>System Administrator</commaSeparatedProfile>
    <externalClientApplication>Billing</externalClientApplication>
    <ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>
    <label>Billing_policy</label>
    <permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>
    <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
    <requiredSessionLevel>STANDARD</requiredSessionLevel>
</ExtlClntAppOauthConfigurablePolicies>`,
  'extlClntAppPolicies/Billing_plcy.ecaPlcy-meta.xml': `<ExtlClntAppConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata">
    <externalClientApplication>Billing</externalClientApplication>
    <isEnabled>true</isEnabled>
    <isOauthPluginEnabled>true</isOauthPluginEnabled>
    <label>Billing_plcy</label>
</ExtlClntAppConfigurablePolicies>`,
};

/** The elements of a file, each on a line of its own, in order. */
const elementsOf = (xml: string): string[] =>
  xml
    .replace(/^<\?xml.*\?>/, '')
    .split(/(?<=>)\s*\n\s*(?=<)/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What only this org can know, and what no org gives back. */
const OF_THIS_ORG = /<(certificate|consumerKey|consumerSecret|oauthLink|orgScopedExternalApp)>/;

describe("Salesforce's own commands, unmodified, on a practice org", () => {
  let folder: string;
  let practice: PracticeServer;
  let sf: Cli;
  let admin: string;
  let keyFile: string;

  const run = async <Result>(args: string, more: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Result> => {
    const outcome: Json<Result> = await sf.json<Result>([...args.split(' '), ...more], { env });
    expect(outcome.status, `${args}: ${outcome.name} ${outcome.message}`).to.equal(0);
    return outcome.result;
  };

  const inOrg = <Result>(args: string, ...more: string[]): Promise<Result> =>
    // By username: a second login of the same user takes the alias of the first.
    run(args, [...more, '--target-org', admin]);

  const logIn = (): Promise<unknown> =>
    run(`org login access-token --no-prompt --alias practice --instance-url ${practice.url}`, [], {
      SF_ACCESS_TOKEN: practice.accessToken,
    });

  const project = (): string => join(sf.home, 'force-app', 'main', 'default');

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-salesforce-'));
    mkdirSync(join(folder, 'home'));
    practice = await createPracticeServer();
    admin = String(practice.org.seeded.admin.Username);
    sf = createCli({ command: [process.execPath, await installSalesforceCli()], home: join(folder, 'home') });
    writeFileSync(
      join(sf.home, 'sfdx-project.json'),
      JSON.stringify({ packageDirectories: [{ path: 'force-app', default: true }], sourceApiVersion: '64.0' }),
    );
    keyFile = join(folder, 'app.key');
    const files = { key: keyFile, certificate: join(folder, 'app.crt') };
    const pair = await newPair(files, { bits: 2048, days: 30, commonName: 'Billing' });
    if (isProblem(pair)) throw new Error(pair.code);
    expect(await writeKeyFiles(files, pair)).to.equal(undefined);
    for (const [path, xml] of Object.entries(SOURCES)) {
      mkdirSync(join(project(), path, '..'), { recursive: true });
      writeFileSync(
        join(project(), path),
        `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replace('CERTIFICATE', pair.certificate.pem)}\n`,
      );
    }
  });

  after(async () => {
    await practice?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('org login access-token, display, list, open', async () => {
    await logIn();
    const shown = await inOrg<{ username: string; connectedStatus: string; id: string }>('org display');
    expect(shown).to.include({ username: admin, connectedStatus: 'Connected', id: practice.org.orgId });
    const listed = await run<{ nonScratchOrgs: Array<{ alias: string }> }>('org list');
    expect(listed.nonScratchOrgs.map(({ alias }) => alias)).to.deep.equal(['practice']);
    const { url } = await inOrg<{ url: string }>('org open --url-only');
    expect(url).to.include(practice.url);
  });

  it('project deploy validate and start, list metadata, metadata types', async () => {
    await inOrg('project deploy start --dry-run --source-dir force-app');
    expect(practice.org.components('ExternalClientApplication')).to.deep.equal([]);
    const { files } = await inOrg<{ files: unknown[] }>('project deploy start --source-dir force-app');
    expect(files).to.have.length(Object.keys(SOURCES).length);
    for (const type of TYPES) {
      const found = await inOrg<Array<{ fullName: string }>>('org list metadata --metadata-type', type);
      expect(found.map(({ fullName }) => fullName).join(), type).to.match(/^Billing/);
    }
    const { metadataObjects } = await inOrg<{ metadataObjects: Array<{ xmlName: string }> }>('org list metadata-types');
    expect(metadataObjects.map(({ xmlName }) => xmlName)).to.include.members([...TYPES, 'Settings']);
  });

  it('project retrieve start: element for element what was deployed', async () => {
    const before = Object.fromEntries(
      Object.keys(SOURCES).map((path) => [path, readFileSync(join(project(), path), 'utf8')]),
    );
    await inOrg('project retrieve start', ...TYPES.flatMap((type) => ['--metadata', type]));
    for (const [path, sent] of Object.entries(before)) {
      const back = elementsOf(readFileSync(join(project(), path), 'utf8')).filter((line) => !OF_THIS_ORG.test(line));
      const wanted = elementsOf(sent.replace(/<certificate>[^<]*<\/certificate>/, '')).filter((line) => line !== '');
      expect(back, path).to.include.members(wanted);
    }
  });

  it('data query, the ordinary API and the Tooling API; api request', async () => {
    const { records } = await inOrg<{ records: Array<{ DeveloperName: string }> }>(
      'data query --query',
      "SELECT DeveloperName FROM ExternalClientApplication WHERE DeveloperName LIKE 'B%'",
    );
    expect(records.map(({ DeveloperName }) => DeveloperName)).to.deep.equal(['Billing']);
    const tooling = await inOrg<{ totalSize: number }>(
      'data query --use-tooling-api --query',
      'SELECT IsClientSecretInRestApiAccessEnabled FROM ExternalClientAppSettings',
    );
    expect(tooling.totalSize).to.equal(1);
    const { stdout } = await sf.run(['api', 'request', 'rest', '/services/data', '--target-org', admin]);
    expect(JSON.parse(stdout)).to.be.an('array');
  });

  it('data query as CSV, and what is wrong with a query', async () => {
    const soql = 'SELECT Profile.Name, COUNT(Id) users FROM User GROUP BY Profile.Name ORDER BY Profile.Name';
    const { stdout } = await sf.run([
      ...'data query --result-format csv --target-org'.split(' '),
      admin,
      '--query',
      soql,
    ]);
    expect(stdout.trim().split('\n')).to.deep.equal([
      'Name,users',
      'Minimum Access - API Only Integrations,1',
      'Standard User,1',
      'System Administrator,1',
    ]);
    const refusal = await sf.json([...'data query --target-org'.split(' '), admin, '--query', 'SELECT Nope FROM User']);
    expect(refusal).to.include({ status: 1, name: 'INVALID_FIELD' });
    expect(refusal.message).to.contain('\nSELECT Nope FROM User\n       ^\nERROR at Row:1:Column:8\n');
  });

  it('project deploy validate, quick, report, with a permission set; org assign permset', async () => {
    const folderOfSets = join(project(), 'permissionsets');
    mkdirSync(folderOfSets);
    writeFileSync(
      join(folderOfSets, 'Billing_Users.permissionset-meta.xml'),
      `<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <hasActivationRequired>false</hasActivationRequired>
    <label>Billing Users</label>
    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
</PermissionSet>
`,
    );
    const sets = (): string[] =>
      practice.org.records('PermissionSet').flatMap(({ Name, Type }) => (Type === 'Regular' ? [String(Name)] : []));
    const { id } = await inOrg<{ id: string }>(
      'project deploy validate --test-level RunLocalTests --source-dir',
      folderOfSets,
    );
    expect(sets()).not.to.include('Billing_Users');
    const quick = await inOrg<{ id: string; status: string }>('project deploy quick --job-id', id);
    expect(quick.status).to.equal('Succeeded');
    expect(sets()).to.include('Billing_Users');
    const report = await inOrg<{ status: string }>('project deploy report --job-id', quick.id);
    expect(report.status).to.equal('Succeeded');
    await inOrg('org assign permset --name Billing_Users');
    const { totalSize } = await inOrg<{ totalSize: number }>(
      'data query --query',
      "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Billing_Users'",
    );
    expect(totalSize).to.equal(1);
  });

  it('data create, update and delete record', async () => {
    const set = practice.org.insert('PermissionSet', { Name: 'Billing', Label: 'Billing', IsOwnedByProfile: false });
    const user = practice.org.seeded.standardUser;
    const values = `PermissionSetId=${set.Id} AssigneeId=${user.Id}`;
    const { id } = await inOrg<{ id: string }>('data create record --sobject PermissionSetAssignment --values', values);
    expect(practice.org.record('PermissionSetAssignment', id)).to.include({ AssigneeId: user.Id });
    await inOrg('data delete record --sobject PermissionSetAssignment --record-id', id);
    expect(practice.org.record('PermissionSetAssignment', id)).to.equal(undefined);
    await inOrg(`data update record --sobject User --record-id ${user.Id} --values`, 'Title=Tester');
    expect(practice.org.record('User', user.Id)).to.include({ Title: 'Tester' });
  });

  it('org login jwt with the app, by the line and the key of eca certificate create', async () => {
    const login = { consumerKey: consumerKey(), keyFile, username: admin, instanceUrl: practice.url };
    const [program, ...words] = jwtLoginLine(login).split(' ');
    expect(program).to.equal('sf');
    await run([...words, '--alias', 'by-jwt'].join(' '));
    const shown = await run<{ clientId: string }>('org display --target-org by-jwt');
    expect(shown.clientId).to.equal(consumerKey());
  });

  it(withChromium('org login web with the app, in a real browser'), async function () {
    if (!hasChromium) this.skip();
    const [opener, opened] = [join(folder, 'opener'), join(folder, 'opened')];
    writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`, {
      mode: 0o755,
    });
    const login = sf.run(
      ['org', 'login', 'web', '--alias', 'by-web', '--instance-url', practice.url, '--client-id', consumerKey()],
      // The question for a secret, which this app does without.
      { env: { BROWSER: opener }, stdin: '\n' },
    );
    while (!existsSync(opened)) await Promise.race([setTimeout(100), login.then(failEarly)]);
    const browser = await openChromium();
    try {
      const page = await browser.context.newPage();
      await page.goto(readFileSync(opened, 'utf8'));
      await page.getByLabel(/username/i).fill(admin);
      await page.getByRole('button').first().click();
      const allow = page.getByRole('button', { name: /allow/i });
      await page.waitForURL(/localhost:1717/, { timeout: 3000 }).catch(() => allow.click());
      const { code, stderr } = await login;
      expect(code, stderr).to.equal(0);
    } finally {
      await browser.close();
    }
    const shown = await run<{ username: string; clientId: string }>('org display --target-org by-web');
    expect(shown).to.include({ username: admin, clientId: consumerKey() });
  });

  it('Connected Apps: list, retrieve, edit and delete, and none can be made', async () => {
    addConnectedApp(practice.org, { name: 'Old_Portal', xml: connectedAppXml('Old Portal') });
    const listed = await inOrg<Array<{ fullName: string }>>('org list metadata --metadata-type', 'ConnectedApp');
    expect(listed.map(({ fullName }) => fullName)).to.deep.equal(['Old_Portal']);
    await inOrg('project retrieve start --metadata', 'ConnectedApp:Old_Portal');
    const file = join(project(), 'connectedApps', 'Old_Portal.connectedApp-meta.xml');
    const xml = readFileSync(file, 'utf8');
    expect(xml)
      .to.match(/<consumerKey>.+<\/consumerKey>/)
      .and.not.include('consumerSecret');

    writeFileSync(file, xml.replace('<label>Old Portal<', '<label>Older Portal<'));
    await inOrg('project deploy start --metadata', 'ConnectedApp:Old_Portal');
    const [app] = practice.org.components('ConnectedApp');
    expect(app?.body.label).to.equal('Older Portal');

    writeFileSync(file.replace('Old_Portal', 'New_Portal'), xml.replace(/ *<consumerKey>.*\n/, ''));
    const refusal = await sf.json([
      ...'project deploy start --metadata ConnectedApp:New_Portal --target-org'.split(' '),
      admin,
    ]);
    expect(refusal.status).to.equal(1);
    // Salesforce Help, article 005228017: since Spring '26.
    expect(JSON.stringify(refusal)).to.include("You can't create a connected app.");

    await inOrg('project delete source --no-prompt --metadata', 'ConnectedApp:Old_Portal');
    expect(practice.org.components('ConnectedApp')).to.deep.equal([]);
  });

  it('destructive changes: the app goes, and its components with it', async () => {
    // Not through the app that is to go.
    await logIn();
    await inOrg('project delete source --no-prompt --metadata', 'ExternalClientApplication:Billing');
    for (const type of TYPES) expect(practice.org.components(type), type).to.deep.equal([]);
  });

  const consumerKey = (): string => {
    const [app] = practice.org.components('ExternalClientApplication');
    return practice.org.consumers.get(app?.id ?? '')?.primary.key ?? '';
  };
});

const failEarly = ({ stderr }: Outcome): never =>
  expect.fail(`sf org login web ended before a browser was opened: ${stderr}`);
