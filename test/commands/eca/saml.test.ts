import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../../src/commands/eca/apply.ts';
import EcaDisplay from '../../../src/commands/eca/display.ts';
import EcaExport from '../../../src/commands/eca/export.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('an app with SAML', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-saml-'));
    org = await logInToPractice($$);
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const apply = async (yaml: string): ReturnType<typeof EcaApply.run<EcaApply>> => {
    const file = join(folder, 'eca.yaml');
    writeFileSync(file, yaml);
    return EcaApply.run(['--target-org', org.username, '--file', file]);
  };
  const display = async (name = 'Portal') => EcaDisplay.run(['--target-org', org.username, '--name', name]);
  const saml = {
    acsUrl: 'https://sp.example.com/acs?a=1&b="2"',
    entityUrl: 'urn:example:sp',
    nameIdFormat: 'email-address',
    subjectType: 'federation-id',
    signingAlgorithm: 'sha256',
    singleLogoutBinding: 'post',
    singleLogoutUrl: 'https://sp.example.com/slo',
    profiles: ['Standard User'],
    customAttributes: [{ key: 'role', formula: 'UserRole.Name' }],
  };
  const yaml = (name: string, more = ''): string =>
    `apps: [{ name: ${name}, contactEmail: it@example.com, ${more}saml: ${JSON.stringify(saml)} }]`.replace(
      'acs?a=1&b=\\"2\\"',
      'acs?a=1&b=%222%22',
    );

  it('and no OAuth is made, displayed, exported and applied without a change', async () => {
    const { apps } = await apply(yaml('Portal'));
    expect(apps[0]?.notApplied).to.deep.equal([]);
    const shown = await display();
    expect(shown.saml).to.deep.equal({ enabled: true, ...saml, acsUrl: 'https://sp.example.com/acs?a=1&b=%222%22' });
    expect(shown.oauth).to.equal(undefined);
    const deploys = org.deploys();
    const { yaml: exported } = await EcaExport.run(['--target-org', org.username]);
    expect((await apply(exported)).apps.map(({ action }) => action)).to.deep.equal(['none']);
    expect(org.deploys()).to.equal(deploys);
  }).timeout(60_000);

  it('can be switched off, and keeps its policies', async () => {
    await apply(yaml('Portal'));
    await apply('apps: [{ name: Portal, saml: { enabled: false, signingAlgorithm: sha1 } }]');
    const { acsUrl, ...after } = (await display()).saml ?? {};
    expect(acsUrl).to.include('/acs');
    expect(after).to.deep.include({ enabled: false, signingAlgorithm: 'sha1', entityUrl: saml.entityUrl });
    expect(org.org.components('ExtlClntAppConfigurablePolicies')[0]?.body.isSamlPluginEnabled).to.equal(false);
  }).timeout(60_000);

  it('needs both addresses, and what else is wrong is told with its place', async () => {
    const told = (await failure(apply('apps: [{ name: Portal, contactEmail: it@example.com, saml: { issuer: x } }]')))
      .message;
    expect([told.includes('saml.acsUrl'), told.includes('saml.entityUrl')]).to.deep.equal([true, true]);
    const wrong = await failure(
      apply(`apps:
  - name: Portal
    saml:
      acsUrl: sp.example.com
      entityUrl: urn:sp
      encryptionType: Triple_Des
      subjectType: username
      subjectCustomAttribute: Employee
      profiles: ["a,b"]
      customAttributes: [{ key: a, formula: User.Id }, { key: a, formula: User.Id }]
`),
    );
    for (const part of ['sp.example.com', 'aes-256', 'Employee', 'a,b', '"a" is there twice']) {
      expect(wrong.message).to.include(part);
    }
  }).timeout(30_000);

  it('has parts that stay as they are, and are named', async () => {
    await apply(yaml('Portal'));
    await apply(yaml('Other'));
    const [existing] = org.org.components('ExtlClntAppSamlConfigurablePolicies');
    for (const [fullName, externalClientApplication] of [
      ['P_mobile', 'Portal'],
      ['O_mobile', 'Elsewhere'],
    ] as const) {
      org.org.putComponent({
        ...existing!,
        id: org.org.newId('ExtlClntAppMobileSettings'),
        type: 'ExtlClntAppMobileSettings',
        fullName,
        body: { externalClientApplication, isScreenLockEnabled: true },
      });
    }
    ux.log.resetHistory();
    expect((await display()).otherParts).to.deep.equal(['ExtlClntAppMobileSettings']);
    expect(ux.log.args.flat().join()).to.include('ExtlClntAppMobileSettings');
    expect(await display('Other')).to.not.have.property('otherParts');
    await apply('apps: [{ name: Portal, label: New label }]');
    expect(org.org.component('ExtlClntAppMobileSettings', 'P_mobile')?.body).to.deep.include({
      isScreenLockEnabled: true,
    });
  }).timeout(60_000);
});
