import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateBlock from '../../../../src/commands/eca/migrate/block.ts';
import EcaMigrateFinish from '../../../../src/commands/eca/migrate/finish.ts';
import { setBlocked } from '../../../../src/practice/blockedConsumers.ts';
import { pressButton } from '../../../../src/practice/migrateButton.ts';
import { connectedMenuItemId } from '../../../../src/practice/sobjects/connectedRows.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { connectedAppInOrg } from '../../../practice/connectedAppInOrg.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn } from '../../practice.ts';
import { alsoLogIn, keyOfOld, LABEL, logsIn, OLD, orgWithOldApp, wait } from './blocking.ts';

describe('eca migrate finish', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  const start = async (options: Parameters<typeof orgWithOldApp>[1] = {}): Promise<void> => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await orgWithOldApp($$, options);
    folder = mkdtempSync(join(tmpdir(), 'finish-'));
  };

  afterEach(async () => {
    asItIs();
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const file = (): string => join(folder, 'old', `${OLD}.connectedApp-meta.xml`);
  const target = (): string[] => ['--target-org', org.username, '--name', OLD, '--output-file', file()];
  const finish = (...flags: string[]) => EcaMigrateFinish.run([...target(), '--confirm-name', OLD, ...flags]);
  const isThere = (): boolean => org.org.component('ConnectedApp', OLD) !== undefined;
  const refusalOf = async (...flags: string[]): Promise<string> => {
    const { name, actions } = await failure(finish(...flags));
    expect(actions, name).to.have.length.greaterThan(0);
    expect(isThere()).to.equal(true);
    return name;
  };
  const blockedFor = async (days: number): Promise<void> => {
    await EcaMigrateBlock.run(['--target-org', org.username, '--name', OLD, '--no-prompt']);
    wait(org, days);
  };

  it('deletes an app that was blocked for 30 days, after a snapshot for its owner alone and without a secret', async () => {
    await start();
    const { secret } = org.org.consumers.get(org.org.component('ConnectedApp', OLD)!.id)!.primary;
    const consumerKey = keyOfOld(org);
    await blockedFor(30);
    const [block] = org.org.components('BlacklistedConsumer');
    const result = await finish();
    // Nobody says what happens without the block, so it stays, and the result says so.
    expect(result.block).to.equal(block!.fullName);
    expect(org.org.components('BlacklistedConsumer')).to.deep.equal([block]);
    expect(result).to.deep.include({ deleted: true, daysBlocked: 30, snapshot: file(), dryRun: false });
    expect(result.app).to.deep.equal({ name: OLD, label: LABEL, consumerKey });
    expect(isThere()).to.equal(false);
    const text = readFileSync(file(), 'utf8');
    expect(text).to.include(consumerKey).and.include('Söhne').and.to.not.include(secret);
    expect(statSync(file()).mode & 0o777).to.equal(0o600);
    expect(await finish()).to.deep.include({ deleted: false, app: { name: OLD } });
  });

  it('keeps the snapshot with the files of sf where no file is named', async () => {
    await start();
    await blockedFor(30);
    const { snapshot } = await EcaMigrateFinish.run(['--target-org', org.username, OLD, '--confirm-name', OLD]);
    expect(snapshot).to.include('sf-plugin-eca').and.include(OLD);
    expect(statSync(snapshot!).mode & 0o777).to.equal(0o600);
    rmSync(snapshot!);
  });

  it('lets the org check it, and neither asks nor writes, with a dry run', async () => {
    await start();
    await blockedFor(30);
    const result = await EcaMigrateFinish.run([...target(), '--dry-run']);
    expect(result).to.include({ deleted: false, dryRun: true }).and.to.not.have.property('snapshot');
    expect(isThere()).to.equal(true);
  });

  it('refuses an app that is not blocked, or not for long enough by the clock of the org', async () => {
    await start();
    expect(await refusalOf()).to.equal('FinishNotBlockedError');
    await blockedFor(29);
    expect(await refusalOf()).to.equal('FinishTooEarlyError');
    expect(await refusalOf('--blocked-days', '40')).to.equal('FinishTooEarlyError');
    // Whoever blocks the app again begins anew.
    setBlocked(org.org, OLD, false);
    setBlocked(org.org, OLD, true);
    expect(await refusalOf('--blocked-days', '1')).to.equal('FinishTooEarlyError');
    wait(org, 2);
    expect(await finish('--blocked-days', '1')).to.include({ deleted: true, daysBlocked: 2 });
  });

  it('refuses a block whose date lies in the future', async () => {
    await start();
    await blockedFor(1);
    const [block] = org.org.components('BlacklistedConsumer');
    block!.createdDate = new Date(org.org.now().getTime() + 3_600_000);
    expect(await refusalOf('--blocked-days', '1')).to.equal('FinishNoDateError');
  });

  it('takes a login that was refused since then for use, and none of before', async () => {
    await start();
    logsIn(org);
    wait(org, 8);
    await blockedFor(20);
    logsIn(org, false);
    wait(org, 40);
    expect(await refusalOf()).to.equal('FinishUsedError');
    setBlocked(org.org, OLD, false);
    setBlocked(org.org, OLD, true);
    wait(org, 31);
    expect(await finish()).to.include({ deleted: true });
  });

  it('takes a token that was used since then for use', async () => {
    await start();
    await blockedFor(31);
    const app = org.org.component('ConnectedApp', OLD)!;
    org.org.insert('OauthToken', {
      AppName: LABEL,
      AppMenuItemId: connectedMenuItemId(app),
      UserId: org.org.seeded.standardUser.Id,
      UseCount: 1,
      DeleteToken: 'x',
      LastUsedDate: org.org.now().toISOString(),
    });
    expect(await refusalOf()).to.equal('FinishUsedError');
  });

  it('knows the logins of another app with the same label from those of a blocked one', async () => {
    await start();
    connectedAppInOrg(org.org, 'Other', { label: LABEL });
    await blockedFor(31);
    logsIn(org);
    expect(await finish()).to.include({ deleted: true });
    const warned = ux.warn.args.flat().map((one) => one as { name?: string; message?: string });
    expect(warned.find(({ name }) => name === 'SameLabelWarning')?.message).to.include('Other');
  });

  it('ends well, and keeps the snapshot, where two admins finish at once', async () => {
    await start();
    await blockedFor(31);
    atTerminal(true);
    $$.SANDBOX.stub(PROMPTS, 'text').callsFake(async () => {
      // The other admin is faster.
      await EcaMigrateFinish.run([...target(), '--confirm-name', OLD]);
      return OLD;
    });
    expect(await EcaMigrateFinish.run(target())).to.deep.include({ deleted: false, app: { name: OLD } });
    expect(isThere()).to.equal(false);
    expect(readFileSync(file(), 'utf8')).to.include(LABEL.replace('&', '&amp;').replaceAll('"', '&quot;'));
  });

  it('refuses where it cannot read whether somebody tried', async () => {
    await start();
    await blockedFor(31);
    for (const { Id } of org.org.permissionSetsOf(org.org.seeded.admin.Id))
      org.org.update('PermissionSet', Id, { PermissionsManageUsers: false, PermissionsMonitorLoginHistory: false });
    expect(await refusalOf()).to.equal('FinishUseUnknownError');
  });

  it('refuses the app of a login of this machine', async () => {
    await start();
    await blockedFor(31);
    await alsoLogIn($$, keyOfOld(org));
    expect(await refusalOf()).to.equal('BlockOwnLoginError');
  });

  it('warns where the org is a Dev Hub', async () => {
    await start();
    await blockedFor(31);
    const names = (): unknown[] => ux.warn.args.flat().map((one) => (one as { name?: string }).name);
    await finish('--dry-run');
    expect(names()).to.not.include('DevHubWarning');
    await alsoLogIn($$, 'another-key', true, org.username);
    await finish('--dry-run');
    expect(names()).to.include('DevHubWarning');
  });

  it('warns where the Dev Hub made scratch orgs through the app', async () => {
    await start({ devHub: true });
    org.org.insert('ScratchOrgInfo', {
      ConnectedAppConsumerKey: keyOfOld(org),
      CreatedDate: org.org.now().toISOString(),
    });
    await blockedFor(31);
    await finish('--dry-run');
    const warned = ux.warn.args.flat().map((one) => one as { name?: string; message?: string });
    expect(warned.find(({ name }) => name === 'MadeScratchOrgsWarning')?.message).to.include('1 scratch org');
  });

  describe('has the name', () => {
    it('typed at a terminal', async () => {
      await start();
      await blockedFor(31);
      atTerminal(true);
      $$.SANDBOX.stub(PROMPTS, 'text').callsFake(async ({ message, problem }) => {
        expect(message).to.include('cannot make it again');
        expect(problem?.('y')).to.include(OLD);
        return OLD;
      });
      expect(await EcaMigrateFinish.run(target())).to.include({ deleted: true });
    });

    it('in --confirm-name elsewhere, for which no other flag stands', async () => {
      await start();
      await blockedFor(31);
      for (const [terminal, flags] of [
        [false, []],
        [true, ['--no-prompt']],
        [false, ['--no-prompt']],
      ] as const) {
        atTerminal(terminal);
        const error = await failure(EcaMigrateFinish.run([...target(), ...flags]));
        expect(error).to.include({ name: 'ConfirmNameNeededError', exitCode: 2 });
      }
      for (const other of ['', 'old_portal', 'Old_Porta', `${OLD} `, `${OLD}\n`]) {
        const error = await failure(EcaMigrateFinish.run([...target(), '--confirm-name', other]));
        expect(error).to.include({ name: 'ConfirmNameOtherError', exitCode: 2 });
      }
      expect(isThere()).to.equal(true);
    });

    it('with --json too', async () => {
      await start();
      await blockedFor(31);
      await EcaMigrateFinish.run([...target(), '--json', '--no-prompt']).catch(() => undefined);
      expect(isThere()).to.equal(true);
    });
  });

  it('puts no snapshot where git would commit it, and then deletes nothing', async () => {
    await start();
    await blockedFor(31);
    execFileSync('git', ['init', '-q', folder]);
    expect(await refusalOf()).to.equal('SnapshotInGitError');
  });

  it('deletes nothing where the snapshot cannot be written', async () => {
    await start();
    await blockedFor(31);
    const error = await failure(
      EcaMigrateFinish.run(['--target-org', org.username, OLD, '--confirm-name', OLD, '--output-file', folder]),
    );
    expect(error.name).to.equal('OutputFileNotRegularError');
    expect(isThere()).to.equal(true);
  });

  describe('looks again after the question, and deletes nothing while which', () => {
    const whileAsked = async (work: () => unknown): Promise<string> => {
      await start();
      await blockedFor(31);
      atTerminal(true);
      $$.SANDBOX.stub(PROMPTS, 'text').callsFake(async () => {
        await work();
        return OLD;
      });
      const { name, actions } = await failure(EcaMigrateFinish.run(target()));
      expect(actions, name).to.have.length.greaterThan(0);
      expect([isThere(), existsSync(file())]).to.deep.equal([true, false]);
      return name;
    };

    it('somebody let the app in again', async () => {
      expect(await whileAsked(() => setBlocked(org.org, OLD, false))).to.equal('FinishNotBlockedError');
    });

    it('somebody let it in and blocked it again', async () => {
      const name = await whileAsked(() => {
        setBlocked(org.org, OLD, false);
        setBlocked(org.org, OLD, true);
      });
      expect(name).to.equal('FinishTooEarlyError');
    });

    it('somebody tried to use it', async () => {
      expect(await whileAsked(() => logsIn(org, false))).to.equal('FinishUsedError');
    });

    it('somebody changed it', async () => {
      const change = (): unknown =>
        Object.assign(org.org.component('ConnectedApp', OLD)!.body, { description: 'Ours' });
      expect(await whileAsked(change)).to.equal('ChangedMeanwhileError');
    });

    it("somebody pressed Salesforce's button, so that a new app has the key", async () => {
      const press = (): unknown => pressButton(org.org, OLD, org.org.seeded.admin.Id);
      expect(await whileAsked(press)).to.equal('BlockSharedKeyError');
    });
  });

  it('counts from the last change of a block, which Setup may keep for an app that it blocks again', async () => {
    await start();
    await blockedFor(40);
    org.org.components('BlacklistedConsumer')[0]!.lastModifiedDate = org.org.now();
    expect(await refusalOf('--blocked-days', '1')).to.equal('FinishTooEarlyError');
    wait(org, 2);
    expect(await finish('--blocked-days', '2')).to.include({ deleted: true, daysBlocked: 2 });
  });
});
