import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Wish } from '../../../src/app/app.ts';
import { guardGrants, readGrants, restoreGrants } from '../../../src/org/app/grants.ts';
import { identifyApp, requireApp } from '../../../src/org/app/read.ts';
import { writeApp } from '../../../src/org/app/write.ts';
import type { WriteResult } from '../../../src/org/app/writeResult.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { Global, Lifecycle } from '../../../src/salesforce.ts';
import { connectTo } from '../../connectTo.ts';

const NAME = 'Order_Sync';
const OPTIONS = { dryRun: false, wait: 1 };

for (const answer of ['survives', 'goes'] as const) {
  describe(`access to an app that its lists do not name, in an org where it ${answer} with the policies`, () => {
    let practice: PracticeServer;
    let connection: Connection;

    beforeEach(async () => {
      practice = await createPracticeServer({ variants: { 'setup-entity-access': answer } });
      connection = await connectTo(practice);
      // As a login of `sf` does: what is written down goes by it.
      connection.getAuthInfo().update({ orgId: practice.org.orgId });
      const wish: Wish = {
        name: NAME,
        label: 'Order Sync',
        contactEmail: 'it@example.com',
        oauth: { callbackUrls: ['https://orders.example.com/cb'] },
        scopes: ['api'],
        policies: { permittedUsers: 'admin-approved' },
      };
      await writeApp(connection, undefined, wish, OPTIONS);
    });

    afterEach(() => practice.close());

    const appId = () => practice.org.components('ExternalClientApplication')[0]!.id;
    const set = (Name: string, fields: Record<string, unknown> = {}) =>
      practice.org.insert('PermissionSet', {
        ...{ Name, Label: Name, Type: 'Regular', IsOwnedByProfile: false, HasActivationRequired: false },
        ...fields,
      });
    const grant = ({ Id: ParentId }: { Id: string }) =>
      practice.org.insert('SetupEntityAccess', {
        ParentId,
        SetupEntityId: appId(),
        SetupEntityType: 'ExternalClientApplication',
      });
    const granted = (): string[] =>
      practice.org
        .records('SetupEntityAccess')
        .filter(({ SetupEntityId }) => SetupEntityId === appId())
        .map(({ ParentId }) => String(practice.org.record('PermissionSet', String(ParentId))?.Name))
        .sort();
    const write = async (wish: Omit<Wish, 'name'>): Promise<WriteResult> =>
      writeApp(connection, await requireApp(connection, NAME, { grants: true }), { name: NAME, ...wish }, OPTIONS);
    const remembered = (): string[] => {
      const folder = join(Global.SF_DIR, 'sf-plugin-eca');
      return readdirSync(folder)
        .filter((file) => file.startsWith(`grants-${practice.org.orgId.slice(0, 15)}`) && file.endsWith('.json'))
        .map((file) => join(folder, file));
    };

    it('joins the list in the same deploy, as a change that is shown', async () => {
      grant(set('Sales'));
      const result = await write({ policies: { sessionTimeoutMinutes: 30 } });
      expect(result.grants).to.deep.equal({ kept: ['Sales'], putBack: [] });
      expect(result.app.policies?.permissionSets).to.deep.equal(['Sales']);
      expect(result.changes.map(({ field }) => field)).to.include('policies.permissionSets');
      expect(result.notApplied).to.deep.equal([]);
      expect(granted()).to.deep.equal(['Sales']);
      expect(remembered()).to.deep.equal([]);
    });

    it('of a profile joins the list of profiles', async () => {
      const own = practice.org
        .permissionSetsOf(practice.org.seeded.standardUser.Id)
        .find(({ IsOwnedByProfile }) => IsOwnedByProfile);
      grant(own!);
      const { app, grants } = await write({ policies: { sessionTimeoutMinutes: 30 } });
      expect(grants?.kept).to.deep.equal(app.policies?.profiles).and.have.length(1);
      expect(granted()).to.have.length(1);
    });

    it('is put back where no list can hold it', async () => {
      grant(set('Packaged', { NamespacePrefix: 'acme' }));
      grant(set('For_a_session', { HasActivationRequired: true }));
      const { grants, app } = await write({ policies: { sessionTimeoutMinutes: 30 } });
      const putBack = ['acme__Packaged', 'For_a_session'];
      expect(grants).to.deep.equal(answer === 'goes' ? { kept: [], putBack } : undefined);
      expect(app.policies?.permissionSets).to.equal(undefined);
      expect(granted()).to.deep.equal(['For_a_session', 'Packaged']);
      expect(remembered()).to.deep.equal([]);
    });

    it('is put back where the wish sets the list, which stays as it was said', async () => {
      set('Support');
      grant(set('Sales'));
      const { app } = await write({ policies: { permissionSets: ['Support'] } });
      expect(app.policies?.permissionSets).to.deep.equal(['Support']);
      expect(granted()).to.deep.equal(['Sales', 'Support']);
    });

    it('is put back while everybody may use the app', async () => {
      grant(set('Sales'));
      const { app } = await write({ policies: { permittedUsers: 'all-users' } });
      expect(app.policies?.permissionSets).to.equal(undefined);
      expect(granted()).to.deep.equal(['Sales']);
    });

    it('goes when a write takes it off the list', async () => {
      set('Sales');
      set('Support');
      await write({ policies: { permissionSets: ['Sales', 'Support'] } });
      const { grants } = await write({ policies: { permissionSets: ['Support'] } });
      expect(grants).to.equal(undefined);
      expect(granted()).to.deep.equal(['Support']);
    });

    it('is not touched by a write of other parts, and costs no request then', async () => {
      grant(set('Sales'));
      const stored = await requireApp(connection, NAME, { grants: true });
      practice.requests.clear();
      const { grants } = await writeApp(connection, stored, { name: NAME, contactPhone: '1' }, OPTIONS);
      expect(grants).to.equal(undefined);
      const asked = practice.requests.entries().filter(({ query }) => String(query.q).includes('SetupEntityAccess'));
      expect(asked).to.deep.equal([]);
    });

    describe('that this login', () => {
      let warnings: string[];
      const listen = async (text: string): Promise<void> => void warnings.push(text);
      beforeEach(() => {
        warnings = [];
        Lifecycle.getInstance().onWarning(listen);
      });
      afterEach(() => Lifecycle.getInstance().removeAllListeners(Lifecycle.warningEventName));

      const without = (permission: string): void => {
        const admin = practice.org.permissionSetsOf(practice.org.seeded.admin.Id)[0]!;
        practice.org.update('PermissionSet', admin.Id, { [permission]: false });
      };

      it('could not give back is named before the write, once', async () => {
        grant(set('Packaged', { NamespacePrefix: 'acme' }));
        without('PermissionsManageProfilesPermissionsets');
        const stored = await requireApp(connection, NAME, { grants: true });
        await writeApp(
          connection,
          stored,
          { name: NAME, policies: { sessionTimeoutMinutes: 30 } },
          { ...OPTIONS, dryRun: true },
        );
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.include('acme__Packaged').and.include('(ManageProfilesPermissionsets)');
        expect(warnings[0]).to.include(NAME);
      });

      it('need not give back, since the list keeps it, is not worth a word', async () => {
        grant(set('Sales'));
        without('PermissionsManageProfilesPermissionsets');
        await write({ policies: { sessionTimeoutMinutes: 30 } });
        expect(warnings).to.deep.equal([]);
        expect(granted()).to.deep.equal(['Sales']);
      });

      it('cannot see is said before the write, once, and not where the write sends no policies', async () => {
        const unseen = { ...(await requireApp(connection, NAME, { grants: true })), grants: undefined };
        await writeApp(connection, unseen, { name: NAME, contactPhone: '1' }, OPTIONS);
        expect(warnings).to.deep.equal([]);
        await writeApp(connection, unseen, { name: NAME, policies: { sessionTimeoutMinutes: 30 } }, OPTIONS);
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.include(NAME).and.include('(ViewSetup)');
      });
    });

    describe('after a run that was killed', () => {
      /** Leaves what a run leaves that was killed after its deploy, since so many hours. */
      const leave = async (hours = 0): Promise<void> => {
        grant(set('Packaged', { NamespacePrefix: 'acme' }));
        const grants = (await readGrants(connection))!.get(appId())!;
        await guardGrants(connection, [{ app: NAME, appId: appId(), grants }]);
        for (const { Id } of practice.org.records('SetupEntityAccess')) practice.org.delete('SetupEntityAccess', Id);
        const { pid } = spawnSync('true');
        for (const file of remembered()) {
          const since = new Date(Date.now() - hours * 3_600_000).toISOString();
          const left = readFileSync(file, 'utf8').replace(`"pid":${process.pid}`, `"pid":${pid}`);
          writeFileSync(file, left.replace(/"since":"[^"]+"/, `"since":"${since}"`));
        }
      };

      it('is put back by whatever comes next', async () => {
        await leave();
        await identifyApp(connection, NAME);
        expect(granted()).to.deep.equal(['Packaged']);
        expect(remembered()).to.deep.equal([]);
      });

      it('is put back when apps are read', async () => {
        await leave();
        await requireApp(connection, NAME);
        expect(granted()).to.deep.equal(['Packaged']);
      });

      it('is left to people after a day', async () => {
        await leave(25);
        await restoreGrants(connection);
        expect(granted()).to.deep.equal([]);
        expect(remembered()).to.deep.equal([]);
      });

      it('is forgotten with its permission set', async () => {
        await leave();
        for (const { Id } of practice.org.records('PermissionSet').filter(({ Name }) => Name === 'Packaged')) {
          practice.org.delete('PermissionSet', Id);
        }
        await restoreGrants(connection);
        expect(remembered()).to.deep.equal([]);
      });

      it('stays written down where it cannot be put back', async () => {
        await leave();
        const admin = practice.org.permissionSetsOf(practice.org.seeded.admin.Id)[0]!;
        practice.org.update('PermissionSet', admin.Id, { PermissionsManageProfilesPermissionsets: false });
        await requireApp(connection, NAME);
        expect(granted()).to.deep.equal([]);
        expect(remembered()).to.have.length(1);
        practice.org.update('PermissionSet', admin.Id, { PermissionsManageProfilesPermissionsets: true });
        await requireApp(connection, NAME);
        expect(granted()).to.deep.equal(['Packaged']);
      });
    });
  });
}
