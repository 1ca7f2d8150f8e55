import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCredentialsStatus from '../../../../src/commands/eca/credentials/status.ts';
import { newKeyPair } from '../../../../src/practice/keyPairs.ts';
import { appInOrg } from '../../../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca credentials status --all', function () {
  this.timeout(30_000);
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
  });

  afterEach(async () => {
    await org.close();
    process.exitCode = undefined;
  });

  const isOpen = (): unknown => org.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess;

  /** An app with a second pair, which has so many days and a bit left. */
  const withPair = (name: string, state: 'Active' | 'Rotated', days: number) => {
    const { consumer } = appInOrg(org.org, { name });
    const expirationDate = new Date(org.org.now().getTime() + (days + 0.5) * 24 * 3_600_000);
    consumer.staged = { ...newKeyPair(org.org), state, expirationDate };
    return consumer;
  };

  const withoutOauth = (name: string): void => {
    const { app } = appInOrg(org.org, { name });
    for (const { type, fullName } of org.org.componentsOfApp(name).slice(1)) org.org.removeComponent(type, fullName);
    org.org.consumers.delete(app.id);
  };

  const status = (...flags: string[]) => EcaCredentialsStatus.run(['--target-org', org.username, '--all', ...flags]);

  const shown = (): string =>
    JSON.stringify([ux.table.args, ux.log.args, ux.logToStderr.args, ux.warn.args], undefined, 1);

  const changesOfSwitch = (): number =>
    org.asked().filter((request) => /deployRequest$|\/Soap\/m\//.test(request)).length;

  it('shows each app, the state of its pairs, and no secret', async () => {
    const old = withPair('Billing', 'Rotated', 5);
    const begun = withPair('Order_Sync', 'Active', 20);
    appInOrg(org.org, { name: 'Portal' });
    withoutOauth('Empty');
    const { apps } = await status('--allow-secret-access');
    const found = apps.map(({ name, pairs, consumers }) => [
      name,
      pairs,
      ...consumers.flatMap((consumer) => consumer.pairs.map(({ state, daysLeft }) => `${state} ${daysLeft ?? '-'}`)),
    ]);
    expect(found).to.deep.equal([
      ['Billing', 'seen', 'in-use -', 'rotated 5'],
      ['Empty', 'none'],
      ['Order_Sync', 'seen', 'in-use -', 'staged 20'],
      ['Portal', 'seen', 'in-use -'],
    ]);
    for (const { secret } of [old.primary, old.staged!, begun.primary, begun.staged!])
      expect(JSON.stringify(apps) + shown()).not.to.include(secret);
    expect(shown()).to.include('not told').and.to.include('does not tell how old');
    expect(shown()).to.include(
      `credentials rotate --name Billing --finish --allow-secret-access --target-org ${org.username}`,
    );
    expect(isOpen()).to.equal(false);
    expect(process.exitCode).to.equal(undefined);
  });

  it('ends with code 3 when a second pair of any app ends soon, and only when it is asked', async () => {
    withPair('Billing', 'Rotated', 5);
    withPair('Order_Sync', 'Active', 20);
    const codes: unknown[] = [];
    for (const more of [[], ['--warn-days', '5'], ['--warn-days', '6']]) {
      process.exitCode = undefined;
      await status('--allow-secret-access', ...more);
      codes.push(process.exitCode);
    }
    expect(codes).to.deep.equal([undefined, undefined, 3]);
  });

  it('opens the setting once for many apps, and asks twice for each', async () => {
    const names = Array.from({ length: 12 }, (_none, at) => `App_${at}`);
    for (const name of names.slice(0, 2)) appInOrg(org.org, { name });
    await status('--allow-secret-access');
    const few = { all: org.asked().length, changes: changesOfSwitch() };
    expect(few.changes).to.be.greaterThan(0);
    for (const name of names.slice(2)) appInOrg(org.org, { name });
    const { apps } = await status('--allow-secret-access');
    expect(apps.map(({ name }) => name)).to.have.members(names);
    expect(changesOfSwitch()).to.equal(2 * few.changes);
    expect(org.asked().length - 2 * few.all).to.equal(2 * 10);
  });

  it('says that it did not see what the org keeps back, and never opens the setting unasked', async () => {
    for (const name of ['Billing', 'Order_Sync', 'Portal']) withPair(name, 'Rotated', 1);
    const { apps } = await status('--warn-days', '30');
    expect(apps.map(({ pairs }) => pairs)).to.deep.equal(['not-seen', 'not-seen', 'not-seen']);
    expect(shown()).to.include('did not show the pairs of these apps: Billing, Order_Sync, Portal');
    expect(process.exitCode).to.equal(68);
    expect(isOpen()).to.equal(false);
    expect(changesOfSwitch()).to.equal(0);
    // The setting is the same for all apps: the others are not asked for.
    expect(org.asked().filter((request) => request.includes('/apps/oauth/credentials/'))).to.have.lengthOf(2);
  });

  it('leaves the setting alone in an org without apps of its own', async () => {
    const { apps } = await status('--allow-secret-access', '--warn-days', '30');
    expect(apps).to.deep.equal([]);
    expect(shown()).to.include('no external client apps of its own');
    expect(changesOfSwitch()).to.equal(0);
    expect(process.exitCode).to.equal(undefined);
  });

  it('leaves out apps from packages, which have no second pair', async () => {
    const { app } = appInOrg(org.org, { name: 'Packaged' });
    Object.assign(app, { namespace: 'acme' });
    appInOrg(org.org, { name: 'Order_Sync' });
    expect((await status('--allow-secret-access')).apps.map(({ name }) => name)).to.deep.equal(['Order_Sync']);
  });

  it('refuses the name of one app', async () => {
    expect(await failure(status('Order_Sync'))).to.include({ name: 'NameWithAllError', exitCode: 2 });
    await failure(status('--name', 'Order_Sync'));
    expect(org.asked()).to.deep.equal([]);
  });
});
