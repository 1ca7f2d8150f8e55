import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaMigrateBlock from '../../../../src/commands/eca/migrate/block.ts';
import EcaMigrateUnblock from '../../../../src/commands/eca/migrate/unblock.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import { blockOf, setBlocked } from '../../../../src/practice/blockedConsumers.ts';
import { pressButton } from '../../../../src/practice/migrateButton.ts';
import { connectedMenuItemId } from '../../../../src/practice/sobjects/connectedRows.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { connectedAppInOrg } from '../../../practice/connectedAppInOrg.ts';
import { token } from '../../../practice/oauth/wire.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn } from '../../practice.ts';
import { alsoLogIn, keyOfOld, LABEL, logsIn, OLD, orgWithOldApp, wait } from './blocking.ts';

describe('eca migrate block', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  const start = async (options: Parameters<typeof orgWithOldApp>[1] = {}): Promise<void> => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await orgWithOldApp($$, options);
  };

  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  const target = (name = OLD): string[] => ['--target-org', org.username, '--name', name];
  const block = (...flags: string[]) => EcaMigrateBlock.run([...target(), '--no-prompt', ...flags]);
  const unblock = (...flags: string[]) => EcaMigrateUnblock.run([...target(), '--no-prompt', ...flags]);
  const isBlocked = (): boolean => blockOf(org.org, keyOfOld(org)) !== undefined;
  const refusalOf = async (...flags: string[]): Promise<string> => {
    const { name, actions } = await failure(block(...flags));
    expect(actions, name).to.have.length.greaterThan(0);
    expect(isBlocked()).to.equal(false);
    return name;
  };

  it('blocks an app, and the way back of its result lets it in again, as often as somebody wants', async () => {
    await start();
    const ask = (): ReturnType<typeof token> =>
      token(org, { grant_type: 'refresh_token', refresh_token: 'x', client_id: keyOfOld(org) });
    for (const _again of [1, 2]) {
      const result = await block();
      expect(result).to.deep.include({
        app: { name: OLD, label: LABEL, consumerKey: keyOfOld(org) },
        blocked: true,
        changed: true,
        block: OLD,
        quiet: { days: 7, unread: [] },
      });
      expect(org.org.component('BlacklistedConsumer', OLD)?.body).to.deep.include({
        consumerName: LABEL,
        blockedByApiWhitelisting: false,
      });
      expect((await ask()).json.error).to.equal('OAUTH_APP_BLOCKED');
      const words = result.wayBack.split(' ');
      expect(words.slice(1, 4)).to.deep.equal(['eca', 'migrate', 'unblock']);
      const back = await EcaMigrateUnblock.run([...words.slice(4), '--no-prompt']);
      expect(back).to.include({ blocked: false, changed: true });
      expect((await ask()).json.error).to.not.equal('OAUTH_APP_BLOCKED');
    }
  });

  it('says whose logins may be counted where another app has the label', async () => {
    await start();
    connectedAppInOrg(org.org, 'Other', { label: LABEL });
    logsIn(org);
    wait(org, 3);
    const { quiet } = await block('--quiet-days', '3');
    expect(quiet).to.deep.include({ days: 3, sameLabel: ['Other'] });
    const warned = ux.warn.args.flat().map((one) => (one as { name?: string }).name);
    expect(warned).to.include('SameLabelWarning');
  });

  it('does nothing a second time, neither to block nor to unblock', async () => {
    await start();
    await block();
    const deploys = org.deploys();
    expect(await block()).to.deep.include({ blocked: true, changed: false, block: OLD });
    expect(org.deploys()).to.equal(deploys);
    await unblock();
    expect(await unblock()).to.include({ blocked: false, changed: false });
    expect(org.deploys()).to.equal(deploys + 1);
  });

  it('takes a block of Setup for what it is, and takes it away', async () => {
    await start();
    setBlocked(org.org, OLD, true);
    expect(await block())
      .to.include({ changed: false })
      .and.to.have.property('block')
      .that.does.not.equal(OLD);
    await unblock();
    expect(isBlocked()).to.equal(false);
  });

  it('finds another name where a block has the name of the app', async () => {
    await start();
    const body = { blockedByApiWhitelisting: false, consumerKey: 'another-key', consumerName: 'x', masterLabel: 'x' };
    setBlocked(org.org, OLD, true);
    const [made] = org.org.components('BlacklistedConsumer');
    org.org.removeComponent('BlacklistedConsumer', made!.fullName);
    org.org.putComponent({ ...made!, fullName: OLD, body });
    expect(await block()).to.include({ changed: true, block: `${OLD}_2` });
  });

  it('lets the org check it, and writes nothing, with a dry run', async () => {
    await start();
    expect(await block('--dry-run')).to.include({ blocked: false, changed: false, dryRun: true });
    expect(isBlocked()).to.equal(false);
    await block();
    expect(await unblock('--dry-run')).to.include({ blocked: true, changed: false, dryRun: true });
    expect(isBlocked()).to.equal(true);
  });

  describe('refuses', () => {
    it('an app that was used in the last days, or that refused somebody', async () => {
      for (const succeeded of [true, false]) {
        await start();
        logsIn(org, succeeded);
        wait(org, 3);
        const { name, message } = await failure(block());
        expect(name).to.equal('BlockInUseError');
        expect(message).to.include('3 days ago').and.include('7 days');
        expect(isBlocked()).to.equal(false);
        expect(await refusalOf('--quiet-days', '4')).to.equal('BlockInUseError');
        expect(await block('--quiet-days', '3'))
          .to.deep.include({ changed: true })
          .and.to.have.nested.property('quiet.days', 3);
        await org.close();
        $$.restore();
        $$.init();
      }
      await start();
    });

    it('an app whose token was used, though no login is kept', async () => {
      await start();
      const used = org.org.now().toISOString();
      const { standardUser } = org.org.seeded;
      const more = { AppMenuItemId: null, UserId: standardUser.Id, UseCount: 1, DeleteToken: 'x' };
      const item = org.org.component('ConnectedApp', OLD)!.id;
      const AppMenuItemId = connectedMenuItemId(org.org.connectedAppById(item)!);
      org.org.insert('OauthToken', { ...more, AppName: LABEL, AppMenuItemId, LastUsedDate: used });
      wait(org, 2);
      expect(await refusalOf()).to.equal('BlockInUseError');
    });

    it('an app whose use it cannot read, unless nobody asks about it', async () => {
      await start();
      const sets = org.org.permissionSetsOf(org.org.seeded.admin.Id);
      for (const { Id } of sets)
        org.org.update('PermissionSet', Id, { PermissionsManageUsers: false, PermissionsMonitorLoginHistory: false });
      expect(await refusalOf()).to.equal('BlockUseUnknownError');
      expect(await refusalOf('--quiet-days', '1')).to.equal('BlockUseUnknownError');
      expect(await block('--quiet-days', '0')).to.include({ changed: true });
      expect(ux.warn.args.flat().map((one) => (one as { name?: string }).name)).to.include('UseIgnoredWarning');
    });

    it('an app through which a login of this machine came, a Dev Hub too', async () => {
      for (const isDevHub of [false, true]) {
        await start();
        await alsoLogIn($$, keyOfOld(org), isDevHub);
        const { name, message } = await failure(block('--quiet-days', '0'));
        expect(name).to.equal('BlockOwnLoginError');
        expect(message).to.include(isDevHub ? 'other@dev.example (Dev Hub)' : 'other@dev.example.');
        expect(isBlocked()).to.equal(false);
        await org.close();
        $$.restore();
        $$.init();
      }
      await start();
    });

    it('the key of the CLI, whatever the app is called', async () => {
      await start();
      const app = org.org.component('ConnectedApp', OLD)!;
      Object.assign(app.body.oauthConfig as object, { consumerKey: 'PlatformCLI' });
      expect(await refusalOf('--quiet-days', '0')).to.equal('BlockCliError');
    });

    it('an app without a key, an app of a vendor, and an app that is not there', async () => {
      await start();
      delete (org.org.component('ConnectedApp', OLD)!.body.oauthConfig as { consumerKey?: string }).consumerKey;
      expect(await refusalOf('--quiet-days', '0')).to.equal('BlockNoKeyError');
      org.org.component('ConnectedApp', OLD)!.vendor = { isInstalled: true };
      expect(await refusalOf('--quiet-days', '0')).to.equal('ConnectedAppNotFoundError');
      const gone = EcaMigrateBlock.run([...target('Nobodys'), '--no-prompt', '--quiet-days', '0']);
      expect((await failure(gone)).name).to.equal('ConnectedAppNotFoundError');
    });

    it('an app that shares its key with a new one, also where Setup blocked it; and unblocks both', async () => {
      await start();
      const app = ['--target-org', org.username, '--name', 'Portal'];
      await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
      await EcaOauthSet.run([...app, '--callback-url', 'https://p.example.com/cb', '--scope', 'api']);
      const made = org.org.component('ExtlClntAppGlobalOauthSettings', 'Portal_glbloauth')!;
      made.body.consumerKey = keyOfOld(org);
      expect(await refusalOf('--quiet-days', '0')).to.equal('BlockSharedKeyError');
      setBlocked(org.org, OLD, true);
      const { name, message } = await failure(block('--quiet-days', '0'));
      expect(name).to.equal('BlockSharedKeyError');
      expect(message).to.include('Portal');
      await unblock();
      expect(isBlocked()).to.equal(false);
    });

    it('an app when the keys of the new apps cannot be seen', async () => {
      await start();
      const app = ['--target-org', org.username, '--name', 'Portal'];
      await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
      await EcaOauthSet.run([...app, '--callback-url', 'https://p.example.com/cb', '--scope', 'api']);
      delete org.org.component('ExtlClntAppGlobalOauthSettings', 'Portal_glbloauth')!.body.consumerKey;
      expect(await refusalOf('--quiet-days', '0')).to.equal('BlockKeysUnreadError');
      for (const { Id } of org.org.permissionSetsOf(org.org.seeded.admin.Id))
        org.org.update('PermissionSet', Id, {
          PermissionsExternalClientAppAdmin: false,
          PermissionsExternalClientAppDeveloper: false,
          PermissionsExternalClientAppViewer: false,
        });
      expect(await refusalOf('--quiet-days', '0')).to.equal('BlockKeysUnreadError');
    });

    it('a user who may not write', async () => {
      await start();
      for (const { Id } of org.org.permissionSetsOf(org.org.seeded.admin.Id))
        org.org.update('PermissionSet', Id, { PermissionsCustomizeApplication: false });
      expect(await refusalOf()).to.equal('PermissionMissingError');
    });
  });

  describe('looks again after the question, while which', () => {
    const whileAsked = async (work: () => unknown): Promise<ReturnType<typeof block>> => {
      await start();
      atTerminal(true);
      $$.SANDBOX.stub(EcaMigrateBlock.prototype, 'confirm').callsFake(async () => {
        await work();
        return true;
      });
      return EcaMigrateBlock.run(target());
    };

    it('somebody used the app', async () => {
      const { name } = await failure(whileAsked(() => logsIn(org)));
      expect(name).to.equal('BlockInUseError');
      expect(isBlocked()).to.equal(false);
    });

    it("somebody pressed Salesforce's button, so that a new app has the key", async () => {
      const { name } = await failure(whileAsked(() => pressButton(org.org, OLD, org.org.seeded.admin.Id)));
      expect(name).to.equal('BlockSharedKeyError');
      expect(isBlocked()).to.equal(false);
    });

    it('another admin blocked the app', async () => {
      const result = await whileAsked(() => setBlocked(org.org, OLD, true));
      expect(result).to.include({ blocked: true, changed: false, block: blockOf(org.org, keyOfOld(org))?.fullName });
      expect([org.deploys(), org.org.components('BlacklistedConsumer').length]).to.deep.equal([0, 1]);
    });

    it('another admin gave the name to the block of another app, which stays', async () => {
      const result = await whileAsked(() => {
        setBlocked(org.org, OLD, true);
        const [made] = org.org.components('BlacklistedConsumer');
        org.org.removeComponent('BlacklistedConsumer', made!.fullName);
        org.org.putComponent({ ...made!, fullName: OLD, body: { ...made!.body, consumerKey: 'another-key' } });
      });
      expect(result).to.include({ changed: true, block: `${OLD}_2` });
      expect(org.org.component('BlacklistedConsumer', OLD)?.body.consumerKey).to.equal('another-key');
    });
  });

  it('warns of a Dev Hub, by what the org says of its scratch orgs', async () => {
    const warned = (): string[] => ux.warn.args.flat().map((one) => (one as Error).message);
    await start();
    await block('--dry-run');
    expect(warned().join()).to.not.include('Dev Hub');
    await org.close();
    $$.restore();
    $$.init();
    await start({ devHub: true });
    await block('--dry-run');
    expect(warned().join()).to.include('is a Dev Hub').and.not.include('made');
    const made = { ConnectedAppConsumerKey: keyOfOld(org), CreatedDate: '2026-03-04T05:06:07.000Z' };
    org.org.insert('ScratchOrgInfo', { ...made, Status: 'Deleted' });
    org.org.insert('ScratchOrgInfo', { ...made, Status: 'Active', CreatedDate: '2026-05-04T05:06:07.000Z' });
    org.org.insert('ScratchOrgInfo', { ...made, ConnectedAppConsumerKey: 'PlatformCLI' });
    await block('--dry-run');
    expect(warned().join()).to.include('made 2 scratch orgs').and.include('2026-05-04T05:06:07.000Z');
  });

  it('goes by the clock of the org, in whatever year it is', async () => {
    for (const year of [2019, 2034]) {
      await start({ clock: new Date(Date.UTC(year, 5, 1)) });
      logsIn(org);
      wait(org, 3);
      expect(await refusalOf()).to.equal('BlockInUseError');
      expect(await block('--quiet-days', '3')).to.have.nested.property('quiet.days', 3);
      await org.close();
      $$.restore();
      $$.init();
    }
    await start();
  });

  it('has the name of the app typed in production, and takes no enter for a yes', async () => {
    await start({ production: true });
    atTerminal(true);
    const typed = $$.SANDBOX.stub(PROMPTS, 'text').callsFake(async ({ message, problem }) => {
      expect(message).to.include(OLD);
      expect(problem?.('')).to.include(OLD);
      expect(problem?.(OLD)).to.equal(undefined);
      return OLD;
    });
    await EcaMigrateBlock.run(target());
    expect(typed.calledOnce).to.equal(true);
    expect(isBlocked()).to.equal(true);
  });

  it('asks elsewhere, and wants --no-prompt where nobody can be asked', async () => {
    await start();
    expect((await failure(EcaMigrateBlock.run(target()))).name).to.equal('ConfirmationNeededError');
    atTerminal(true);
    $$.SANDBOX.stub(EcaMigrateBlock.prototype, 'confirm').resolves(false);
    expect((await failure(EcaMigrateBlock.run(target()))).name).to.equal('NotConfirmedError');
    expect(isBlocked()).to.equal(false);
  });

  it('names Setup where the org lets no deploy unblock an app', async () => {
    await start({ variants: { 'unblock-by-deletion': 'refused' } });
    await block();
    const { name, actions } = await failure(unblock());
    expect(name).to.equal('UnblockRefusedError');
    expect(actions?.join()).to.include('Setup');
    expect(isBlocked()).to.equal(true);
  });
});
