import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AuthInfo, ConfigAggregator, Org, StateAggregator } from '@salesforce/core';
import { stubSfCommandUx } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import { createSandbox } from 'sinon';

import EcaPracticeStart from '../../../../src/commands/eca/practice/start.ts';
import EcaPracticeStop from '../../../../src/commands/eca/practice/stop.ts';
import { untilGone } from '../../../untilGone.ts';

type Failure = Error & { actions?: string[] };

describe('eca practice start and stop', function () {
  this.timeout(60_000);
  const sandbox = createSandbox();
  const started: string[] = [];

  beforeEach(() => {
    stubSfCommandUx(sandbox);
  });
  afterEach(async () => {
    for (const alias of started.splice(0)) await EcaPracticeStop.run(['--alias', alias]).catch(() => undefined);
    sandbox.restore();
  });

  const start = async (alias: string, ...flags: string[]): ReturnType<typeof EcaPracticeStart.run> => {
    started.push(alias);
    return EcaPracticeStart.run(['--alias', alias, ...flags]);
  };
  const failure = (work: Promise<unknown>): Promise<Failure> =>
    work.then(
      () => {
        throw new Error('It did not fail.');
      },
      (error: Failure) => error,
    );
  const usernameOf = async (alias: string): Promise<unknown> => {
    StateAggregator.clearInstance();
    return (await StateAggregator.getInstance()).aliases.getUsername(alias);
  };
  const targetOrg = async (): Promise<unknown> => {
    const config = await ConfigAggregator.create();
    return (await config.reload()).getPropertyValue('target-org');
  };

  it('logs sf in to an org that works, once under an alias, and out of it again', async () => {
    const result = await start('one', '--set-default');
    expect(Object.keys(result)).to.have.members([
      'instanceUrl',
      'username',
      'alias',
      'orgId',
      'port',
      'pid',
      'integrationUsername',
    ]);
    expect(await targetOrg()).to.equal('one');
    const org = await Org.create({ aliasOrUsername: 'one' });
    const { records } = await org.getConnection().query<{ Id: string }>('SELECT Id FROM Organization');
    expect(records[0]?.Id).to.equal(result.orgId);

    const error = await failure(start('one'));
    expect(error.name).to.equal('AlreadyRunningError');
    expect(error.actions?.join(' ')).to.contain('--target-org one').and.to.contain('practice stop --alias one');
    expect(await usernameOf('one')).to.equal(result.username);

    const stopped = await EcaPracticeStop.run(['--alias', 'one']);
    expect(stopped).to.deep.equal({ alias: 'one', username: result.username, stopped: true });
    expect(await usernameOf('one')).to.equal(null);
    expect(await targetOrg()).to.equal(undefined);
    await untilGone(result.pid);
    const logins = await AuthInfo.listAllAuthorizations();
    expect(logins.map(({ username }) => username)).not.to.include(result.username);
  });

  it('does not take the alias of another org', async () => {
    const state = await StateAggregator.getInstance();
    await state.aliases.setAndSave('prod', 'someone@example.com');
    sandbox.stub(state.orgs, 'hasFile').resolves(true);
    sandbox.stub(state.orgs, 'read').resolves({ instanceUrl: 'https://prod.my.salesforce.com' });
    const error = await failure(start('prod'));
    expect(error.name).to.equal('AliasTakenError');
    await state.aliases.unsetAndSave('prod');
  });

  it('takes the place of a login to a practice org that is gone, and logs out of such a one', async () => {
    const first = await start('one');
    process.kill(first.pid, 'SIGKILL');
    const { pid, username } = await start('one');
    expect(await usernameOf('one'))
      .to.equal(username)
      .and.not.to.equal(first.username);
    process.kill(pid, 'SIGKILL');
    expect(await EcaPracticeStop.run(['--alias', 'one'])).to.deep.equal({ alias: 'one', username, stopped: false });
    expect((await failure(EcaPracticeStop.run(['--alias', 'one']))).name).to.equal('NotRunningError');
  });

  it('starts an org with Connected Apps from files, and refuses a file that is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'eca-start-'));
    try {
      const [app, other] = [join(folder, 'Old_Portal.connectedApp-meta.xml'), join(folder, 'Other.connectedApp')];
      writeFileSync(
        app,
        '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>it@example.com</contactEmail><label>Old Portal</label></ConnectedApp>',
      );
      writeFileSync(other, '<Profile/>');
      const error = await failure(start('one', '--connected-app', app, '--connected-app', other));
      expect([error.name, error.message]).to.deep.equal([
        'BadConnectedAppError',
        `${other} is not the metadata of a Connected App: It is a Profile, not a ConnectedApp.`,
      ]);
      await start('one', '--connected-app', app);
      const org = await Org.create({ aliasOrUsername: 'one' });
      const { records } = await org.getConnection().query<{ Name: string }>('SELECT Name FROM ConnectedApplication');
      expect(records.map(({ Name }) => Name)).to.deep.equal(['Old Portal']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says which variants there are', async () => {
    const error = await failure(start('one', '--variant', 'pkce-sticky=perhaps'));
    expect(error.name).to.equal('UnknownVariantError');
    expect(error.actions?.join(' ')).to.contain('pkce-sticky=yes, pkce-sticky=no');
  });

  it('starts an org whose jobs take their time, and refuses times that nobody waits for', async () => {
    const { instanceUrl } = await start('one', '--job-time', '1500');
    const said = (await (await fetch(`${instanceUrl}/__practice`)).json()) as Record<string, unknown>;
    expect(said.jobTime).to.equal(1500);
    for (const time of ['-1', '3600001', '1.5']) {
      expect((await failure(start('two', '--job-time', time))).message, time).to.contain('--job-time');
    }
  });
});
