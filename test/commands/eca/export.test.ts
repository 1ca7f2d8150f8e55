import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../../src/commands/eca/apply.ts';
import EcaExport, { type EcaExportResult } from '../../../src/commands/eca/export.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca export', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$, { variants: { 'certificate-retrieved': 'never' } });
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-export-'));
    await apply(
      `apps:
- name: Order_Sync
  contactEmail: it@example.com
  description: "Two lines:\\nand \$\${a} variable, %s, \\"quotes\\" # and no comment"
  oauth:
    callbackUrls: ['https://orders.example.com/cb', 'http://localhost:1717/cb']
    flows: [client-credentials, device]
    runAs: ${String(org.org.seeded.integrationUser.Username)}
    idToken: { audience: 'yes', validityMinutes: 5 }
    trustedIpRanges: [{ start: 203.0.113.0, end: 203.0.113.255, description: Office }]
    certificateFile: none
  scopes: [api, openid]
- { name: Billing, contactEmail: it@example.com, enabled: false }
`.replace('${a}', '$${a}'),
    );
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const apply = async (yaml: string, ...flags: string[]): ReturnType<typeof EcaApply.run<EcaApply>> => {
    const file = join(folder, 'in.yaml');
    writeFileSync(file, yaml);
    return EcaApply.run(['--target-org', org.username, '--file', file, ...flags]);
  };
  const exportApps = async (...flags: string[]): Promise<EcaExportResult> =>
    EcaExport.run(['--target-org', org.username, ...flags]);

  it('writes what apply reads: no changes for every app', async () => {
    ux.log.resetHistory();
    const { yaml, apps, files } = await exportApps();
    expect(ux.log.args).to.deep.equal([[yaml.trimEnd()]]);
    expect(files).to.deep.equal([]);
    expect(apps.map(({ name }) => name)).to.deep.equal(['Billing', 'Order_Sync']);
    const deploys = org.deploys();
    const applied = await apply(yaml);
    expect(applied.apps.map(({ action }) => action)).to.deep.equal(['none', 'none']);
    expect(org.deploys()).to.equal(deploys);
  });

  it('writes a way back with --complete: what an app gets in the meantime, apply takes away', async () => {
    const file = join(folder, 'before.yaml');
    const before = await exportApps();
    await exportApps('--complete', '--output-file', file);
    expect(readFileSync(file, 'utf8'))
      .to.match(/^ *sessionTimeoutMinutes: 0$/m)
      .and.match(/^ *description: ""$/m);
    const back = async (): Promise<string[]> =>
      (await EcaApply.run(['--target-org', org.username, '--file', file])).apps.map(({ action }) => action);
    expect(await back()).to.deep.equal(['none', 'none']);
    await apply(
      `apps:
- name: Order_Sync
  infoUrl: https://a.example.com
  oauth: { singleLogoutUrl: 'https://a.example.com/out' }
  policies: { sessionTimeoutMinutes: 30, jwtTimeoutMinutes: 15, guestJwtTimeoutMinutes: 15, profiles: [Standard User] }
- { name: Billing, description: Bills, startPage: custom, startUrl: 'https://a.example.com/start' }
`,
    );
    expect((await exportApps()).yaml).to.not.equal(before.yaml);
    expect(await back()).to.deep.equal(['change', 'change']);
    expect((await exportApps()).apps).to.deep.equal(before.apps);
  });

  it('makes the same apps in another org', async () => {
    const { yaml, apps } = await exportApps('--name', 'Order_Sync');
    await apply('apps: [{ name: Order_Sync, absent: true }]', '--no-prompt');
    await apply(yaml);
    expect((await exportApps('--name', 'Order_Sync')).apps).to.deep.equal(apps);
  });

  it('leaves a comment for the certificate, and names no address but those of the apps', async () => {
    expect((await exportApps()).yaml).to.not.include('# certificateFile');
    // What somebody else wrote since is not known here.
    const [settings] = org.org.components('ExtlClntAppGlobalOauthSettings');
    org.org.putComponent({ ...settings!, lastModifiedDate: new Date(org.org.now().getTime() + 60_000) });
    const { yaml } = await exportApps();
    expect(yaml).to.not.match(/unpkg|\$schema/);
    expect(yaml.match(/# certificateFile: /g)).to.have.length(1);
  });

  it('has no key, secret or id', async () => {
    const { yaml } = await exportApps();
    expect(yaml).to.not.match(/consumer|secret:|888|0xI/i);
    const { consumerKey } = (org.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')?.body ??
      {}) as {
      consumerKey?: string;
    };
    if (consumerKey) expect(yaml).to.not.include(consumerKey);
  });

  it('finds the apps of an app with its OAuth switched off as they are', async () => {
    const policies = org.org
      .componentsOfApp('Order_Sync')
      .find(({ type }) => type === 'ExtlClntAppConfigurablePolicies')!;
    org.org.putComponent({ ...policies, body: { ...policies.body, isOauthPluginEnabled: false } });
    const { yaml } = await exportApps();
    expect(yaml).to.include('flows: []');
    const applied = await apply(yaml);
    expect(applied.apps.map(({ action }) => action)).to.deep.equal(['none', 'none']);
  });

  it('writes a file, and overwrites one only when told to', async () => {
    const file = join(folder, 'out', 'eca.yaml');
    const { yaml } = await exportApps('--output-file', file);
    expect(readFileSync(file, 'utf8')).to.equal(yaml);
    expect(ux.logToStderr.args.flat().join()).to.include(`eca apply --file ${file} --dry-run`);
    writeFileSync(file, 'mine');
    expect((await failure(exportApps('--output-file', file))).name).to.equal('ConfirmationNeededError');
    expect(readFileSync(file, 'utf8')).to.equal('mine');
    const again = await exportApps('--output-file', file, '--no-prompt');
    expect(again.files).to.deep.equal([file]);
    expect(readFileSync(file, 'utf8')).to.equal(yaml);
    expect(readdirSync(join(folder, 'out'))).to.deep.equal(['eca.yaml']);
  });

  it('says what stands in the way of a file', async () => {
    const file = join(folder, 'mine');
    writeFileSync(file, 'mine');
    for (const [flags, name] of [
      [['--output-file', join(file, 'eca.yaml')], 'OutputFileUnwritableError'],
      [['--metadata', file], 'OutputFileUnwritableError'],
      [['--output-file', folder], 'OutputFileNotRegularError'],
    ] as const) {
      const error = await failure(exportApps(...flags, '--no-prompt'));
      expect(error.name, error.message).to.equal(name);
      expect(error.actions).to.have.length(1);
    }
    expect(readFileSync(file, 'utf8')).to.equal('mine');
  });

  it('says which app is not there', async () => {
    const error = await failure(
      exportApps('--name', 'Billing', '--name', 'Order_Sink', '--output-file', join(folder, 'x')),
    );
    expect(error.name).to.equal('AppNotFoundError');
    expect(error.message).to.include('"Order_Sink"').and.include('Order_Sync?');
    expect(existsSync(join(folder, 'x'))).to.equal(false);
  });

  it('writes source-format files without what belongs to one org alone', async () => {
    const { files } = await exportApps('--metadata', folder, '--name', 'Order_Sync');
    const names = files.map((path) => path.slice(folder.length + 1));
    expect(names).to.include.members([
      'externalClientApps/Order_Sync.eca-meta.xml',
      'extlClntAppGlobalOauthSets/Order_Sync_glbloauth.ecaGlblOauth-meta.xml',
      'extlClntAppOauthSettings/Order_Sync_oauth.ecaOauth-meta.xml',
    ]);
    const texts = files.map((path) => readFileSync(path, 'utf8'));
    expect(texts.join()).to.not.match(/<(consumerKey|consumerSecret|certificate|oauthLink|orgScopedExternalApp)>/);
    expect(texts.join()).to.include(
      '<callbackUrl>https://orders.example.com/cb\nhttp://localhost:1717/cb</callbackUrl>',
    );
    expect(texts.every((text) => text.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<Ex'))).to.equal(true);
  });
});
