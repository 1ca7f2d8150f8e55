import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCredentialsCloseAccess from '../../../../src/commands/eca/credentials/close-access.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca credentials close-access', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
  });

  afterEach(() => org?.close());

  const isOpen = (): unknown => org.org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess;

  it('switches the setting off, names the org, and says what was there', async () => {
    org = await logInToPractice($$);
    org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
    const run = () => EcaCredentialsCloseAccess.run(['--target-org', org.username]);
    const closed = await run();
    expect(closed.secretAccessWasOpen).to.equal(true);
    expect(closed.org).to.include({ username: org.username, id: org.org.orgId });
    expect(isOpen()).to.equal(false);
    expect(ux.logToStderr.args[0]?.[0]).to.include(org.username);

    expect((await run()).secretAccessWasOpen).to.equal(false);
    expect(ux.logSuccess.lastCall.args[0]).to.include('nothing to do');
  });

  it('fails, and says that the setting is still on, for a user who may not change it', async () => {
    org = await logInToPractice($$, {}, (practice) => practice.org.seeded.standardUser);
    org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = true;
    const error = await failure(EcaCredentialsCloseAccess.run(['--target-org', org.username]));
    expect(error.actions).to.not.be.empty;
    expect(isOpen()).to.equal(true);
  });
});
