import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import type { WriteResult } from '../../src/org/app/writeResult.ts';
import { type LoggedIn, logInToPractice } from './practice.ts';

for (const answer of ['survives', 'goes'] as const) {
  describe(`access that no list of the policies names, in an org where it ${answer}`, () => {
    const $$ = new TestContext();
    let org: LoggedIn;
    let ux: ReturnType<typeof stubSfCommandUx>;
    let folder: string;

    const app = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
    const integrationUser = (): string => String(org.org.seeded.integrationUser.Username);

    beforeEach(async () => {
      ux = stubSfCommandUx($$.SANDBOX);
      stubSpinner($$.SANDBOX);
      folder = mkdtempSync(join(tmpdir(), 'eca-grants-'));
      org = await logInToPractice($$, { installed: ['acme__Sync'], variants: { 'setup-entity-access': answer } });
      await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
      await EcaOauthSet.run([...app(), '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
    });

    afterEach(async () => {
      await org.close();
      rmSync(folder, { recursive: true, force: true });
      process.exitCode = undefined;
    });

    const sets: Record<string, Record<string, unknown>> = {
      Sales: {},
      Packaged: { NamespacePrefix: 'acme' },
      For_a_session: { HasActivationRequired: true },
    };
    const grantAll = (): void => {
      for (const [Name, fields] of Object.entries(sets)) {
        const { Id: ParentId } = org.org.insert('PermissionSet', {
          ...{ Name, Label: Name, Type: 'Regular', IsOwnedByProfile: false, HasActivationRequired: false },
          ...fields,
        });
        org.org.insert('SetupEntityAccess', {
          ...{ ParentId, SetupEntityType: 'ExternalClientApplication' },
          SetupEntityId: org.org.component('ExternalClientApplication', 'Order_Sync')!.id,
        });
      }
    };
    const granted = (): string[] =>
      org.org
        .records('SetupEntityAccess')
        .map(({ ParentId }) => String(org.org.record('PermissionSet', String(ParentId))?.Name));

    /** Every command that writes policies; none says anything of who may use the app. */
    const writes: Record<string, () => Promise<WriteResult>> = {
      'scopes set': async () => EcaScopesSet.run([...app(), '--session-timeout', '30']),
      'oauth set': async () =>
        EcaOauthSet.run([...app(), '--flow', 'client-credentials', '--run-as', integrationUser()]),
      apply: async () => {
        const file = join(folder, 'eca.yaml');
        writeFileSync(file, 'apps: [{ name: Order_Sync, policies: { sessionTimeoutMinutes: 30 } }]');
        const { apps } = await EcaApply.run(['--target-org', org.username, '--file', file, '--no-prompt']);
        return apps[0]!;
      },
      disable: async () => EcaDisable.run(app()),
      enable: async () => {
        await EcaDisable.run(app());
        return EcaEnable.run(app());
      },
      'user create': async () => EcaUserCreate.run([...app(), '--base-username', 'sync@example.com', '--no-prompt']),
    };

    it("is there for an installed app, which is not the org's own app of nearly the same name", async () => {
      const to = (name: string): string[] => ['--target-org', org.username, '--name', name];
      await EcaCreate.run([...to('acme_Sync'), '--contact-email', 'it@example.com']);
      await EcaOauthSet.run([...to('acme_Sync'), '--callback-url', 'https://orders.example.com/cb', '--scope', 'api']);
      for (const name of ['acme__Sync', 'acme_Sync']) {
        await EcaScopesSet.run([...to(name), '--permitted-users', 'admin-approved']);
      }
      const setOf: Record<string, string> = { acme__Sync: 'Installed_Users', acme_Sync: 'Own_Users' };
      for (const name of Object.keys(setOf)) {
        const component = org.org.component('ExternalClientApplication', name)!;
        const { Id: ParentId } = org.org.insert('PermissionSet', {
          ...{ Name: setOf[name], Type: 'Regular', IsOwnedByProfile: false },
        });
        org.org.insert('SetupEntityAccess', {
          ...{ ParentId, SetupEntityId: component.id, SetupEntityType: 'ExternalClientApplication' },
        });
      }
      for (const [name, set] of Object.entries(setOf)) {
        const { app: written } = await EcaScopesSet.run([...to(name.toUpperCase()), '--session-timeout', '30']);
        expect(written.name).to.equal(name);
        expect(written.policies?.permissionSets).to.deep.equal([set]);
      }
      expect(granted()).to.have.members(Object.values(setOf));
    });

    for (const [command, write] of Object.entries(writes)) {
      for (const policy of ['all-users', 'admin-approved'] as const) {
        it(`is there after ${command}, with the policy ${policy}`, async () => {
          await EcaScopesSet.run([...app(), '--permitted-users', policy]);
          grantAll();
          const result = await write();
          expect(result.changes).to.have.length.greaterThan(0);
          expect(granted()).to.include.members(Object.keys(sets));
          const { kept = [], putBack = [] } = result.grants ?? {};
          const told = ux.logToStderr.args.flat().join('\n');
          for (const name of [...kept, ...putBack]) expect(told).to.include(name);
          // What was put back was lost before, which no org does where access survives.
          if (answer === 'survives') expect(putBack).to.deep.equal([]);
          if (result.app.policies?.permittedUsers === 'admin-approved' && result.changes.some(isPolicy)) {
            expect(result.app.policies.permissionSets).to.include('Sales');
          }
        });
      }
    }
  });
}

const isPolicy = ({ field }: { field: string }): boolean => field.startsWith('policies.');
