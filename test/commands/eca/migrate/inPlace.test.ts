import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Org } from '@salesforce/core';
import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateApply, { type EcaMigrateApplyResult } from '../../../../src/commands/eca/migrate/apply.ts';
import EcaMigrateBlock from '../../../../src/commands/eca/migrate/block.ts';
import { readPair } from '../../../../src/local/migrations.ts';
import { orgIdOf } from '../../../../src/local/stateFiles.ts';
import { lookInPlace, waitForNewApp } from '../../../../src/org/connected/inPlace.ts';
import { sourceInOrg } from '../../../../src/org/connected/sources.ts';
import { setBlocked } from '../../../../src/practice/blockedConsumers.ts';
import { pressButton } from '../../../../src/practice/migrateButton.ts';
import type { PracticeServerOptions } from '../../../../src/practice/practice.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { selfSigned } from '../../../client/selfSigned.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';
import { connectedAppXml } from './inventoryOfTest.ts';

const { certificate } = selfSigned({ days: 365 });

/** A Connected App with values that an external client app does not have by default. */
const PORTAL = connectedAppXml(
  'Portal &quot;old&quot;',
  `<certificate>${Buffer.from(certificate).toString('base64')}</certificate><isAdminApproved>true</isAdminApproved>`,
  '<oauthPolicy><ipRelaxation>BYPASS</ipRelaxation><refreshTokenPolicy>specific_lifetime:3:DAYS</refreshTokenPolicy></oauthPolicy><permissionSetName>Portal users</permissionSetName>',
);

describe('eca migrate apply --in-place', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  const start = async (xml = PORTAL, options: PracticeServerOptions = {}, name = 'Portal'): Promise<void> => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$, { connectedApps: [{ name, xml }], ...options });
    folder = mkdtempSync(join(tmpdir(), 'in-place-'));
  };

  afterEach(async () => {
    asItIs();
    delete process.env.BROWSER;
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const run = async (...flags: string[]): Promise<EcaMigrateApplyResult> =>
    EcaMigrateApply.run(['--target-org', org.username, '--name', 'Portal', '--in-place', ...flags]);
  const press = (): boolean => pressButton(org.org, 'Portal', org.org.seeded.admin.Id);
  /** Somebody presses the button as soon as the command tells where it is. */
  const pressWhenTold = (pressed: () => unknown = press): void => {
    ux.logToStderr.callsFake((line = '') => {
      if (line.includes('NavigationMenus')) pressed();
    });
  };
  const key = (): string => org.org.consumers.get(org.org.component('ConnectedApp', 'Portal')!.id)!.primary.key;
  const connection = async () => (await Org.create({ aliasOrUsername: org.username })).getConnection();
  const isNew = (): boolean => org.org.component('ExternalClientApplication', 'Portal') !== undefined;

  it('waits for whoever presses the button, and finds an app that does not differ', async () => {
    await start();
    pressWhenTold();
    const { apps, dryRun, inPlace } = await run();
    expect([apps, dryRun]).to.deep.equal([[], false]);
    expect(inPlace).to.include({ url: `${org.url}/lightning/setup/NavigationMenus/home`, opened: false });
    expect(inPlace?.differences).to.deep.equal([]);
    expect(inPlace?.app).to.include({ name: 'Portal', consumerKey: key() });
    expect(org.deploys()).to.equal(0);
    expect(process.exitCode).to.equal(undefined);
    const { secret } = org.org.consumers.get(org.org.component('ConnectedApp', 'Portal')!.id)!.primary;
    expect(readFileSync(inPlace!.snapshot!, 'utf8')).to.include(key()).and.not.include(secret);
    expect(statSync(inPlace!.snapshot!).mode & 0o777).to.equal(0o600);
    rmSync(inPlace!.snapshot!);
    expect(await readPair(orgIdOf(await connection()), 'Portal')).to.include({ newName: 'Portal', road: 'in-place' });
    // From now on a block of the old app would stop the new one.
    const error = await failure(
      EcaMigrateBlock.run(['--target-org', org.username, '--name', 'Portal', '--quiet-days', '0', '--no-prompt']),
    );
    expect(error.name).to.equal('BlockSharedKeyError');
  });

  it('shows each value that the button did not carry, and ends with code 68', async () => {
    await start(PORTAL, { variants: { 'button-policies': 'defaults' } });
    pressWhenTold();
    const { inPlace } = await run();
    const fields = inPlace!.differences.map(({ field }) => field);
    expect(fields).to.include.members(['policies.permittedUsers', 'policies.ipRelaxation', 'policies.permissionSets']);
    expect(inPlace!.differences.find(({ field }) => field === 'policies.permittedUsers')).to.deep.equal({
      field: 'policies.permittedUsers',
      before: 'admin-approved',
      after: 'all-users',
    });
    expect(fields).to.not.include('oauth.callbackUrls');
    expect(process.exitCode).to.equal(68);
    rmSync(inPlace!.snapshot!);
  });

  it('finds an app for which the button was pressed before, asks nothing and saves nothing', async () => {
    await start();
    press();
    atTerminal(true);
    $$.SANDBOX.stub(PROMPTS, 'yes').rejects(new Error('It asked.'));
    const { inPlace } = await run();
    expect(inPlace).to.include({ opened: false }).and.to.not.have.property('snapshot');
    expect(inPlace?.app?.name).to.equal('Portal');
  });

  it('knows the new app by its key alone, whatever else has the name', async () => {
    await start();
    const wanted = { wait: 0 };
    const found = await lookInPlace(await connection(), await sourceInOrg(await connection(), 'Portal'));
    expect(found).to.include({ consumerKey: key(), name: 'Portal' }).and.to.not.have.property('there');
    expect(await waitForNewApp(await connection(), found, wanted.wait)).to.equal(undefined);
    press();
    const made = org.org.component('ExternalClientApplication', 'Portal')!;
    org.org.consumers.get(made.id)!.primary.key = `${key()}x`;
    org.org.componentOfApp('ExtlClntAppGlobalOauthSettings', 'Portal')!.body.consumerKey = `${key()}x`;
    expect(await waitForNewApp(await connection(), found, wanted.wait)).to.equal(undefined);
    org.org.componentOfApp('ExtlClntAppGlobalOauthSettings', 'Portal')!.body.consumerKey = key();
    expect(await waitForNewApp(await connection(), found, wanted.wait)).to.have.nested.property('app.name', 'Portal');
  });

  it('looks only, with a dry run', async () => {
    await start();
    const { inPlace, dryRun } = await run('--dry-run');
    expect(dryRun).to.equal(true);
    expect(inPlace).to.deep.equal({
      url: `${org.url}/lightning/setup/NavigationMenus/home`,
      opened: false,
      differences: [],
    });
    expect(await readPair(orgIdOf(await connection()), 'Portal')).to.equal(undefined);
  });

  for (const [what, xml] of [
    [
      'canvas',
      connectedAppXml(
        'x',
        '',
        '<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://c.example.com</canvasUrl></canvasConfig>',
      ),
    ],
    ['Apex', connectedAppXml('x', '', '<plugin>Handler</plugin>')],
  ] as const) {
    it(`names why Salesforce does not take an app: ${what}`, async () => {
      await start(xml);
      const error = await failure(run());
      expect(error.name).to.equal('NotEligibleError');
      expect(error.message.toLowerCase()).to.include(what.toLowerCase());
      expect(error.actions?.join()).to.include('side by side');
      expect(isNew()).to.equal(false);
    });
  }

  it('refuses a blocked app, because its block would stop the new app', async () => {
    await start();
    setBlocked(org.org, 'Portal', true);
    const error = await failure(run());
    expect([error.name, error.message]).to.satisfy(
      ([name, message]: string[]) => name === 'NotEligibleError' && message!.includes('blocked'),
    );
  });

  it('opens the page at a terminal after a yes, and does nothing after a no', async () => {
    await start();
    const browser = join(folder, 'browser');
    writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > '${join(folder, 'opened')}'\n`, { mode: 0o755 });
    process.env.BROWSER = browser;
    atTerminal(true);
    const asked: string[] = [];
    const yes = $$.SANDBOX.stub(PROMPTS, 'yes').callsFake(async (_command, message) => {
      asked.push(message);
      return false;
    });
    expect((await failure(run())).name).to.equal('NotConfirmedError');
    expect(asked[0]).to.include('Portal').and.include(org.username);
    yes.resolves(true);
    pressWhenTold();
    const { inPlace } = await run();
    expect(inPlace?.opened).to.equal(true);
    expect(readFileSync(join(folder, 'opened'), 'utf8')).to.equal(inPlace?.url);
    rmSync(inPlace!.snapshot!);
  });

  it('opens nothing for an app that somebody changed while the question waited', async () => {
    await start();
    atTerminal(true);
    $$.SANDBOX.stub(PROMPTS, 'yes').callsFake(async () => {
      org.org.component('ConnectedApp', 'Portal')!.body.description = 'Changed';
      return true;
    });
    expect((await failure(run())).name).to.equal('ChangedMeanwhileError');
  });

  it('goes with no flag that is for the other road', async () => {
    await start();
    for (const flags of [['--as', 'Other'], ['--admin-approved'], ['--show-secret'], ['--run-as', 'a@b.example']]) {
      const error = await failure(run(...flags));
      expect(error.message, flags.join(' ')).to.include('in-place');
    }
  });

  it('refuses a user who may not make external client apps', async () => {
    await start();
    for (const { Id } of org.org.permissionSetsOf(org.org.seeded.admin.Id))
      org.org.update('PermissionSet', Id, { PermissionsExternalClientAppDeveloper: false });
    expect((await failure(run())).name).to.equal('PermissionMissingError');
  });
});
