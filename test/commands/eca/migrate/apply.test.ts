import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Org } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateApply, { type EcaMigrateApplyResult } from '../../../../src/commands/eca/migrate/apply.ts';
import EcaUpdate from '../../../../src/commands/eca/update.ts';
import EcaVerify from '../../../../src/commands/eca/verify.ts';
import { readPair } from '../../../../src/local/migrations.ts';
import { orgIdOf } from '../../../../src/local/stateFiles.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { connectedAppInOrg } from '../../../practice/connectedAppInOrg.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

const { certificate, key } = selfSigned({ days: 365 });

describe('eca migrate apply', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-migrate-apply-'));
  });
  afterEach(async () => {
    asItIs();
    await org.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...flags: string[]): Promise<EcaMigrateApplyResult> =>
    EcaMigrateApply.run(['--target-org', org.username, ...flags]);
  const pairOf = async (name: string): ReturnType<typeof readPair> =>
    readPair(orgIdOf((await Org.create({ aliasOrUsername: org.username })).getConnection()), name);
  const said = (): string => ux.logToStderr.args.flat().join('\n');

  /** A Connected App for approved users: one set in its metadata, by its label, and others that only records name. */
  const guarded = (): void => {
    connectedAppInOrg(org.org, 'Portal', {
      oauthConfig: {
        callbackUrl: 'https://p.example.com/cb',
        scopes: ['Api', 'RefreshToken'],
        isAdminApproved: 'true',
        certificate: Buffer.from(certificate).toString('base64'),
      },
      permissionSetName: ['Same label'],
    } as never);
    for (const [Name, Label, hasAccess] of [
      ['First', 'Same label', false],
      ['Second', 'Same label', true],
      ['Third', 'Other label', true],
    ] as const) {
      const shape = { Type: 'Regular', IsOwnedByProfile: false, HasActivationRequired: false };
      const { Id } = org.org.insert('PermissionSet', { ...shape, Name, Label });
      if (hasAccess)
        org.org.insert('SetupEntityAccess', {
          ParentId: Id,
          SetupEntityId: '0H4000000000001AAA',
          SetupEntityType: 'ConnectedApplication',
        });
    }
  };

  it('makes the new app in one deploy, with those who may use the old one, and notes the pair', async () => {
    guarded();
    const { apps, deployId, dryRun } = await run('--name', 'Portal');
    expect(apps).to.have.length(1);
    expect(apps[0]).to.include({ action: 'create' });
    expect(apps[0]?.app).to.include({ name: 'Portal_ECA' });
    expect(apps[0]?.app.policies).to.deep.include({
      permittedUsers: 'admin-approved',
      permissionSets: ['Second', 'Third'],
    });
    expect(apps[0]?.app.oauth?.flows).to.include('jwt-bearer');
    expect(apps[0]?.plan.added).to.deep.equal({ permissionSets: ['Third'], profiles: [] });
    expect(apps[0]?.notApplied).to.deep.equal([]);
    expect([typeof deployId, dryRun, org.deploys()]).to.deep.equal(['string', false, 1]);
    expect(await pairOf('portal')).to.include({ newName: 'Portal_ECA', road: 'side-by-side' });
    expect(said()).to.include(String(apps[0]?.app.consumerKey));
    // The old one goes on.
    expect(org.org.component('ConnectedApp', 'Portal')).to.not.equal(undefined);
  });

  it('lets a JWT client in with the key pair that it had', async () => {
    connectedAppInOrg(org.org, 'Pipeline', {
      oauthConfig: {
        callbackUrl: 'https://p.example.com/cb',
        scopes: ['Api', 'RefreshToken'],
        isAdminApproved: 'true',
        certificate: Buffer.from(certificate).toString('base64'),
      },
      profileName: ['System Administrator'],
    } as never);
    await run('--name', 'Pipeline', '--no-prompt');
    const file = join(folder, 'server.key');
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const { flows } = await EcaVerify.run([
      ...['--target-org', org.username, '--name', 'Pipeline_ECA', '--wait', '0', '--flow', 'jwt-bearer'],
      ...['--jwt-key-file', file, '--run-as', org.username, '--no-prompt'],
    ]);
    expect(flows.map(({ flow, result }) => [flow, result])).to.deep.equal([['jwt-bearer', 'worked']]);
  });

  it('says that the app is there in a second run, and hands over its secret then', async () => {
    guarded();
    await run('--name', 'Portal');
    const file = join(folder, '.env');
    const again = await run(
      ...['--name', 'Portal', '--show-secret', '--allow-secret-access', '--no-prompt', '--output-file', file],
    );
    expect(org.deploys()).to.equal(1);
    expect(again.apps[0]?.action).to.equal('none');
    expect(again.outputFile).to.equal(file);
    expect(again).to.not.have.property('consumerSecret');
    expect(readFileSync(file, 'utf8')).to.include(String(again.apps[0]?.app.consumerKey));
    expect(said()).to.include('is there, as planned');
  });

  it('leaves an app alone that is there and not as planned', async () => {
    connectedAppInOrg(org.org, 'Portal');
    await run('--name', 'Portal');
    await EcaUpdate.run([
      '--target-org',
      org.username,
      '--name',
      'Portal_ECA',
      '--description',
      'Hardened since',
      '--no-prompt',
    ]);
    const deploys = org.deploys();
    connectedAppInOrg(org.org, 'Portal', { label: 'New label' });
    const error = await failure(run('--name', 'Portal', '--no-prompt'));
    expect(error.name).to.equal('NameTakenError');
    expect(error.message).to.include('New label');
    expect(org.deploys()).to.equal(deploys);
    expect((await run('--name', 'Portal', '--as', 'Portal_2')).apps[0]?.app.name).to.equal('Portal_2');
    expect(await pairOf('Portal')).to.include({ newName: 'Portal_2' });
  });

  it('changes and notes nothing in a dry run', async () => {
    connectedAppInOrg(org.org, 'Trial');
    const { apps, dryRun } = await run('--name', 'Trial', '--dry-run');
    expect([apps[0]?.action, dryRun]).to.deep.equal(['create', true]);
    expect(org.org.component('ExternalClientApplication', 'Trial_ECA')).to.equal(undefined);
    expect(await pairOf('Trial')).to.equal(undefined);
  });

  it('moves several files at once, and hands over for one app only', async () => {
    for (const name of ['One', 'Two'])
      writeFileSync(
        join(folder, `${name}.connectedApp`),
        `<ConnectedApp><label>${name}</label><contactEmail>it@example.com</contactEmail><oauthConfig><callbackUrl>https://a.example.com</callbackUrl><scopes>Api</scopes></oauthConfig></ConnectedApp>`,
      );
    const error = await failure(run('--file', folder, '--show-secret', '--no-prompt'));
    expect([error.name, error.exitCode]).to.deep.equal(['HandoverForOneError', 2]);
    expect((await run('--file', folder)).apps.map(({ app }) => app.name)).to.deep.equal(['One_ECA', 'Two_ECA']);
    expect(org.deploys()).to.equal(1);
  });

  it('refuses an app of a package, and one without a login', async () => {
    const file = (name: string, inside: string): string => {
      const path = join(folder, `${name}.connectedApp`);
      writeFileSync(
        path,
        `<ConnectedApp><label>X</label><contactEmail>it@example.com</contactEmail>${inside}</ConnectedApp>`,
      );
      return path;
    };
    const oauth = '<oauthConfig><callbackUrl>https://a.example.com</callbackUrl><scopes>Api</scopes></oauthConfig>';
    expect((await failure(run('--file', file('acme__Portal', oauth)))).name).to.equal('VendorAppError');
    expect((await failure(run('--file', file('Wiki', '<startUrl>https://w.example.com</startUrl>')))).name).to.equal(
      'NothingToMoveError',
    );
    expect((await failure(run('--name', '<b>"\'--x'))).name).to.equal('ConnectedAppNotFoundError');
    expect((await failure(run('--name', 'Portal', '--as', 'no name'))).exitCode).to.equal(2);
    expect(org.deploys()).to.equal(0);
  });

  it('makes nothing for a user who may see and not write, nor with a run-as user who is not there', async () => {
    connectedAppInOrg(org.org, 'Portal', {
      oauthConfig: { callbackUrl: 'https://p.example.com/cb', scopes: ['Api'], isClientCredentialEnabled: 'true' },
    } as never);
    const missing = await failure(run('--name', 'Portal', '--run-as', 'nobody@example.com'));
    expect(missing.message).to.include('nobody@example.com');
    for (const set of org.org.permissionSetsOf(org.org.seeded.admin.Id))
      set.PermissionsExternalClientAppDeveloper = false;
    const error = await failure(run('--name', 'Portal'));
    expect(error.name).to.equal('PermissionMissingError');
    expect(org.deploys()).to.equal(0);
  });

  it('makes nothing when somebody changed the Connected App while the plan was read', async () => {
    atTerminal(true);
    connectedAppInOrg(org.org, 'Portal');
    $$.SANDBOX.stub(PROMPTS, 'yes').callsFake(() => {
      connectedAppInOrg(org.org, 'Portal', { label: 'Changed' });
      return Promise.resolve(true);
    });
    const error = await failure(run('--name', 'Portal'));
    expect(error.name).to.equal('ChangedMeanwhileError');
    expect(org.deploys()).to.equal(0);
    expect(existsSync(join(folder, '.env'))).to.equal(false);
  });
});
