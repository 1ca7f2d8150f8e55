import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaUpdate, { type EcaUpdateResult } from '../../../src/commands/eca/update.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

describe('eca update', () => {
  const $$ = new TestContext();
  let org: LoggedIn;

  const named = (name = 'Order_Sync'): string[] => ['--target-org', org.username, '--name', name];
  const update = async (...flags: string[]): Promise<EcaUpdateResult> => EcaUpdate.run([...named(), ...flags]);

  beforeEach(async () => {
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([...named(), '--contact-email', 'it@example.com', '--contact-phone', '+49 30 1234']);
  });

  afterEach(async () => {
    await org.close();
    process.exitCode = undefined;
  });

  it('changes what is mentioned, leaves the rest, and has nothing to do a second time', async () => {
    const flags = ['--label', `It's "Order" & Sync`, '--contact-email', ' other@example.com ', '--contact-phone', ''];
    const { app, changes, created } = await update(...flags);
    expect(created).to.equal(false);
    expect(app).to.deep.include({
      label: `It's "Order" & Sync`,
      contactEmail: 'other@example.com',
      distributionState: 'local',
    });
    expect(app).to.not.have.property('contactPhone');
    expect(changes.map(({ field }) => field)).to.have.members(['label', 'contactEmail', 'contactPhone']);
    const deploys = org.deploys();
    expect((await update(...flags)).changes).to.deep.equal([]);
    expect(org.deploys()).to.equal(deploys);
  });

  it('writes nothing with --dry-run', async () => {
    expect(await update('--label', 'New', '--dry-run')).to.deep.include({ dryRun: true });
    expect((await update('--label', 'New')).changes).to.have.lengthOf(1);
  });

  it('mends what create refused to change, with the command that create names', async () => {
    const error = await failure(
      EcaCreate.run([...named(), '--contact-email', 'it@example.com', '--description', "Pulls orders, isn't it"]),
    );
    const [, words = ''] = /eca update (.*)$/m.exec(error.actions?.join('\n') ?? '') ?? [];
    expect(words).to.include("--description 'Pulls orders, isn'\\''t it'");
  });

  for (const [name, flags, code] of [
    ['NothingGivenError', [], 2],
    ['ContactEmailInvalidError', ['--contact-email', 'nobody'], 2],
    ['UrlInvalidError', ['--logo-url', 'logo.png'], 2],
  ] as Array<[string, string[], number]>) {
    it(`refuses ${flags.join(' ') || 'nothing'}: ${name}`, async () => {
      const before = org.deploys();
      const error = await failure(update(...flags));
      expect(error).to.include({ name, exitCode: code });
      expect(error.actions).to.have.length.greaterThan(0);
      expect(org.deploys()).to.equal(before);
    });
  }

  it('says that there is no such app', async () => {
    const error = await failure(EcaUpdate.run([...named('Nope'), '--label', 'x']));
    expect(error.name).to.equal('AppNotFoundError');
  });
});
