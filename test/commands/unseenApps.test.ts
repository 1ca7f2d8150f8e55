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
import { failure, logInToPractice, type LoggedIn } from './practice.ts';

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

  it('are told as a missing feature where the user has the permissions', async () => {
    org = await logInToPractice($$, { externalClientApps: false });
    expect((await failure(EcaList.run(['--target-org', org.username]))).name).to.equal('NoExternalClientAppsError');
  });
});
