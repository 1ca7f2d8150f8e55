import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import { PROMPTS } from '../../src/ui/prompts.ts';
import { asItIs, atTerminal } from '../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

describe('what a plan says of the access to an app', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  let file: string;

  const app = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-access-'));
    file = join(folder, 'eca.yaml');
    org = await logInToPractice($$, { variants: { 'setup-entity-access': 'survives' } });
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...app(), '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
  });
  afterEach(async () => {
    asItIs();
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /** A permission set that has access to the app, and is in no list of its policies. */
  const grant = (name: string, fields: Record<string, unknown> = {}): void => {
    const { Id: ParentId } = org.org.insert('PermissionSet', {
      ...{ Name: name, Label: name, Type: 'Regular', IsOwnedByProfile: false, HasActivationRequired: false, ...fields },
    });
    org.org.insert('SetupEntityAccess', {
      ...{ ParentId, SetupEntityType: 'ExternalClientApplication' },
      SetupEntityId: org.org.component('ExternalClientApplication', 'Order_Sync')!.id,
    });
  };
  const said = (): string => [...ux.logToStderr.args, ...ux.warn.args].flat().map(String).join('\n');
  const times = (text: string): number => said().split(text).length - 1;
  const without = (permission: string): void => {
    const admin = org.org.permissionSetsOf(org.org.seeded.admin.Id)[0]!;
    org.org.update('PermissionSet', admin.Id, { [permission]: false });
  };

  const apply = (...flags: string[]) => {
    writeFileSync(file, 'apps: [{ name: Order_Sync, policies: { sessionTimeoutMinutes: 30 } }]');
    return EcaApply.run(['--target-org', org.username, '--file', file, ...flags]);
  };
  const userCreate = (...flags: string[]) =>
    EcaUserCreate.run([...app(), '--base-username', 'sync@example.com', ...flags]);

  for (const [command, run] of Object.entries({ apply, 'user create': userCreate })) {
    describe(`by ${command}`, () => {
      beforeEach(async () => {
        await EcaScopesSet.run([...app(), '--permitted-users', 'admin-approved']);
        grant('Sales');
        grant('For_a_session', { HasActivationRequired: true });
        ux.logToStderr.resetHistory();
        ux.warn.resetHistory();
      });

      const keeps = /would add them to the lists.*: Sales\./;
      const putsBack = /gives it back: For_a_session\./;

      it('is said before the question, and a no leaves it at that', async () => {
        atTerminal(true);
        let before = '';
        $$.SANDBOX.stub(PROMPTS, 'yes').callsFake(() => {
          before = said();
          return Promise.resolve(false);
        });
        const deploys = org.deploys();
        expect((await failure(run())).name).to.equal('NotConfirmedError');
        expect(before).to.match(keeps).and.match(putsBack);
        expect(org.deploys()).to.equal(deploys);
      });

      it('is said in a dry run, once', async () => {
        await run('--dry-run');
        expect(said()).to.match(keeps).and.match(putsBack);
        expect(times('Sales.')).to.equal(1);
      });
    });
  }

  describe('that this login cannot keep', () => {
    const cannot = '(ManageProfilesPermissionsets)';

    beforeEach(() => {
      grant('For_a_session', { HasActivationRequired: true });
      without('PermissionsManageProfilesPermissionsets');
    });

    it('is warned of before the question', async () => {
      atTerminal(true);
      let before = '';
      $$.SANDBOX.stub(PROMPTS, 'yes').callsFake(() => {
        before = said();
        return Promise.resolve(false);
      });
      await failure(apply());
      expect(before).to.include(cannot).and.include('For_a_session');
    });

    for (const flags of [['--dry-run'], ['--no-prompt']]) {
      it(`is warned of once with ${flags.join()}`, async () => {
        await apply(...flags);
        expect(times(cannot)).to.equal(1);
      });
    }

    it('is warned of with variables by their names', async () => {
      process.env.ECA_TEST_APP = 'Order_Sync';
      try {
        writeFileSync(file, "apps: [{ name: '${ECA_TEST_APP}', policies: { sessionTimeoutMinutes: 30 } }]");
        await EcaApply.run(['--target-org', org.username, '--file', file, '--dry-run']);
      } finally {
        delete process.env.ECA_TEST_APP;
      }
      expect(times(cannot)).to.equal(1);
      expect(said()).to.include('${ECA_TEST_APP}').and.not.include('Order_Sync:');
    });

    it('is said of no app that is left alone', async () => {
      writeFileSync(file, 'apps: [{ name: Order_Sync, contactPhone: "1" }]');
      await EcaApply.run(['--target-org', org.username, '--file', file, '--dry-run']);
      expect(said()).to.not.include('For_a_session');
    });
  });
});
