import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaCredentialsStatus from '../../src/commands/eca/credentials/status.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaOpen from '../../src/commands/eca/open.ts';
import EcaTokensList from '../../src/commands/eca/tokens/list.ts';
import EcaUserDisplay from '../../src/commands/eca/user/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { openFaultyWire } from '../faultyWire.ts';
import { appInOrg } from '../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logIn, logInToPractice } from './practice.ts';

describe('apps that a user may not see', () => {
  const $$ = new TestContext();
  let org: LoggedIn;

  beforeEach(() => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(() => org.close());

  const readers: Record<string, () => Promise<unknown>> = {
    list: () => EcaList.run(['--target-org', org.username]),
    export: () => EcaExport.run(['--target-org', org.username]),
    display: () => EcaDisplay.run(named()),
    verify: () => EcaVerify.run(named()),
    credentials: () => EcaCredentials.run(named()),
    'credentials status': () => EcaCredentialsStatus.run(named()),
    'tokens list': () => EcaTokensList.run(named()),
    'user display': () => EcaUserDisplay.run(named()),
    open: () => EcaOpen.run([...named(), '--url-only']),
  };
  const named = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];

  for (const who of ['standardUser', 'integrationUser'] as const) {
    it(`are told as a missing permission to the ${who}`, async () => {
      org = await logInToPractice($$, {}, ({ org: { seeded } }) => seeded[who]);
      for (const [command, read] of Object.entries(readers)) {
        const error = await failure(read());
        expect(error.name, `${command}: ${error.message}`).to.equal('PermissionMissingError');
        expect(error.message, command).to.include('ExternalClientApp').and.not.include('does not have');
        expect(error.actions?.join(), command).to.include(org.username);
        expect(error.data, command).to.have.property('missing');
      }
    }).timeout(60_000);
  }

  /** Gives the standard user of an org that has an app a permission set. */
  const permit = (practice: PracticeServer, ...permissions: string[]): void => {
    appInOrg(practice.org);
    const granted = Object.fromEntries(permissions.map((name) => [`Permissions${name}`, true]));
    const set = practice.org.insert('PermissionSet', {
      Name: 'More',
      Label: 'More',
      IsOwnedByProfile: false,
      ...granted,
    });
    const AssigneeId = practice.org.seeded.standardUser.Id;
    practice.org.insert('PermissionSetAssignment', { AssigneeId, PermissionSetId: set.Id });
  };

  it('but whose settings the Metadata API keeps back are told as a missing permission, too', async () => {
    org = await logInToPractice($$, {}, ({ org: { seeded } }) => seeded.standardUser);
    permit(org, 'ExternalClientAppViewer', 'ApiEnabled');
    // What needs no settings works.
    const { 'tokens list': tokens, open, 'credentials status': status, ...others } = readers;
    await tokens!();
    await open!();
    expect((await failure(status!())).name).to.equal('PermissionMissingError');
    for (const [command, read] of Object.entries(others)) {
      const error = await failure(read());
      expect(error.name, `${command}: ${error.message}`).to.equal('InsufficientAccessError');
      expect(error.actions?.join(), command).to.include('(ModifyMetadata)');
      expect(error.message, command).not.to.match(/org does not have/i);
    }
  }).timeout(60_000);

  it('in part, are told with the object that the org does not show', async () => {
    const practice = await createPracticeServer();
    permit(practice, 'ExternalClientAppViewer', 'ApiEnabled', 'ModifyMetadata');
    const hidden = 'ExtlClntAppOauthPlcyCnfg';
    const wire = await openFaultyWire(practice, ({ path }) =>
      decodeURIComponent(path).replaceAll('+', ' ').includes(` FROM ${hidden}`) ? 'hidden' : undefined,
    );
    const { Id: userId, Username } = practice.org.seeded.standardUser;
    org = { ...practice, username: String(Username), deploys: () => 0, asked: () => [] };
    const expiresAt = new Date(practice.org.now().getTime() + 3_600_000);
    const { token } = practice.org.openSession({ userId, scopes: ['full'], format: 'opaque', expiresAt });
    await logIn($$, org.username, wire.url, token);
    try {
      for (const command of ['list', 'display', 'verify', 'user display', 'export']) {
        const error = await failure(readers[command]!());
        expect(error.name, `${command}: ${error.message}`).to.equal('ObjectHiddenError');
        expect(error.message, command).to.include(hidden).and.include(org.username);
        expect(error.actions?.join(), command).to.include('(ExternalClientAppAdmin)').and.include(org.username);
      }
    } finally {
      await wire.close();
    }
  }).timeout(60_000);

  it('are told as a missing feature where the user has the permissions', async () => {
    org = await logInToPractice($$, { externalClientApps: false });
    expect((await failure(EcaList.run(['--target-org', org.username]))).name).to.equal('NoExternalClientAppsError');
  });
});
