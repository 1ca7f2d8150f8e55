import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaCredentialsStatus from '../../src/commands/eca/credentials/status.ts';
import EcaDelete from '../../src/commands/eca/delete.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaOpen from '../../src/commands/eca/open.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensList from '../../src/commands/eca/tokens/list.ts';
import EcaTokensRevoke from '../../src/commands/eca/tokens/revoke.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import EcaUserDisplay from '../../src/commands/eca/user/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

/** Three apps whose names differ by a namespace alone, and all names by which each may be meant. */
const ORGS = [
  {
    what: 'an org without a namespace',
    options: { installed: ['acme__Sync'] },
    apps: { Sync: ['Sync'], acme_Sync: ['acme_Sync'], acme__Sync: ['acme__Sync', 'ACME__sync'] },
    installed: 'acme__Sync',
    nobody: ['other__Sync', 'acme__acme_Sync', 'acme__Other'],
  },
  {
    what: 'an org with a namespace of its own',
    options: { namespace: 'acme', installed: ['other__Sync'] },
    apps: {
      Sync: ['Sync', 'acme__Sync', 'ACME__sync'],
      acme_Sync: ['acme_Sync', 'acme__acme_Sync'],
      other__Sync: ['other__Sync'],
    },
    installed: 'other__Sync',
    nobody: ['other_Sync', 'acme__other__Sync', 'other__acme_Sync'],
  },
];

for (const { what, options, apps, installed, nobody } of ORGS) {
  describe(`apps that differ by a namespace alone, in ${what}`, function () {
    this.timeout(120_000);
    const $$ = new TestContext();
    let org: LoggedIn;
    let folder: string;
    let file: string;

    const own = Object.keys(apps).filter((name) => name !== installed);
    const to = (name: string): string[] => ['--target-org', org.username, '--name', name];

    beforeEach(async () => {
      stubSfCommandUx($$.SANDBOX);
      stubSpinner($$.SANDBOX);
      folder = mkdtempSync(join(tmpdir(), 'eca-namespaces-'));
      file = join(folder, 'eca.yaml');
      org = await logInToPractice($$, options);
      for (const name of own) {
        await EcaCreate.run([...to(name), '--contact-email', 'it@example.com']);
        await EcaOauthSet.run([
          ...[...to(name), '--callback-url', 'https://orders.example.com/cb', '--scope', 'api'],
          ...['--flow', 'client-credentials', '--run-as', String(org.org.seeded.integrationUser.Username)],
        ]);
      }
    });
    afterEach(async () => {
      await org.close();
      rmSync(folder, { recursive: true, force: true });
      process.exitCode = undefined;
    });

    const apply = (yaml: string, ...flags: string[]) => {
      writeFileSync(file, `apps: [${yaml}]`);
      return EcaApply.run(['--target-org', org.username, '--file', file, '--no-prompt', ...flags]);
    };

    /** What reads: each gives the name of the app that it is about. */
    const reading: Record<string, (name: string) => Promise<string | undefined>> = {
      credentials: async (name) => {
        const result = await EcaCredentials.run(to(name));
        return 'name' in result ? result.name : undefined;
      },
      'credentials status': async (name) =>
        (await EcaCredentialsStatus.run([...to(name), '--allow-secret-access'])).apps[0]?.name,
      display: async (name) => (await EcaDisplay.run(to(name))).name,
      export: async (name) => (await EcaExport.run(to(name))).apps[0]?.name,
      'tokens list': async (name) => (await EcaTokensList.run(to(name))).name,
      'user display': async (name) => (await EcaUserDisplay.run(to(name))).name,
      verify: async (name) => (await EcaVerify.run([...to(name), '--wait', '0', '--no-prompt'])).name,
    };
    /** What writes what an admin of the org may write of each app. */
    const ofAll: Record<string, (name: string) => Promise<string | undefined>> = {
      'scopes set': async (name) => (await EcaScopesSet.run([...to(name), '--session-timeout', '30'])).app.name,
      disable: async (name) => (await EcaDisable.run(to(name))).app.name,
      enable: async (name) => {
        await EcaDisable.run(to(name));
        return (await EcaEnable.run(to(name))).app.name;
      },
      apply: async (name) =>
        (await apply(`{ name: ${name}, policies: { sessionTimeoutMinutes: 30 } }`)).apps[0]?.app.name,
      'user create': async (name) =>
        (await EcaUserCreate.run([...to(name), '--base-username', `${name}@example.com`, '--no-prompt'])).app.name,
      'tokens revoke': async (name) => (await EcaTokensRevoke.run([...to(name), '--all-users', '--no-prompt'])).name,
    };
    /** What only the app's developer can write. */
    const ofOwn: Record<string, (name: string) => Promise<string | undefined>> = {
      'oauth set': async (name) => (await EcaOauthSet.run([...to(name), '--rotate-refresh-tokens'])).app.name,
      'scopes set of scopes': async (name) => (await EcaScopesSet.run([...to(name), '--add', 'id'])).app.name,
      'apply of a label': async (name) => (await apply(`{ name: ${name}, label: New }`)).apps[0]?.app.name,
      'credentials rotate': async (name) =>
        (await EcaCredentialsRotate.run([...to(name), '--allow-secret-access', '--no-prompt', '--wait', '0'])).name,
      delete: async (name) => (await EcaDelete.run([...to(name), '--no-prompt'])).app.name,
      'apply of an absence': async (name) => (await apply(`{ name: ${name}, absent: true }`)).apps[0]?.app.name,
    };

    /** Everything that the org has of the apps but one. */
    const others = (name: string): string =>
      JSON.stringify(
        Object.keys(apps)
          .filter((other) => other !== name)
          .map((other) => {
            // One that an earlier round took away has nothing.
            const { id = '' } = org.org.component('ExternalClientApplication', other) ?? {};
            const access = org.org.records('SetupEntityAccess').filter(({ SetupEntityId }) => SetupEntityId === id);
            return [org.org.componentsOfApp(other), org.org.consumers.get(id), access];
          }),
      );
    const writes = (): number =>
      org.requests.entries().filter(({ method, path }) => /POST|PATCH|DELETE/.test(method) && !/\/Soap\//.test(path))
        .length;

    it('are all in the list, each by one name', async () => {
      const listed = await EcaList.run(['--target-org', org.username]);
      expect(listed.map(({ name }) => name)).to.have.members(Object.keys(apps));
    });

    it('are all in an exported file, by which nothing is to be changed', async () => {
      await EcaExport.run(['--target-org', org.username, '--output-file', file]);
      expect(readFileSync(file, 'utf8').match(/name: \w+/g)).to.have.members(
        Object.keys(apps).map((name) => `name: ${name}`),
      );
      const { apps: applied } = await EcaApply.run(['--target-org', org.username, '--file', file, '--no-prompt']);
      expect(applied.map(({ action }) => action)).to.deep.equal(['none', 'none', 'none']);
    });

    it('are kept apart in one file', async () => {
      const minutes = Object.keys(apps).map((name, at) => [name, 15 * 2 ** at] as const);
      const { apps: applied } = await apply(
        minutes.map(([name, m]) => `{ name: ${name}, policies: { sessionTimeoutMinutes: ${m} } }`).join(', '),
      );
      expect(applied.map(({ app }) => [app.name, app.policies?.sessionTimeoutMinutes])).to.deep.equal(minutes);
    });

    it('are opened each at its own page', async () => {
      for (const [name, spellings] of Object.entries(apps)) {
        const { id } = org.org.component('ExternalClientApplication', name)!;
        for (const spelling of spellings) {
          expect((await EcaOpen.run([...to(spelling), '--url-only'])).url).to.include(id);
        }
      }
    });

    for (const [command, run] of Object.entries(reading)) {
      it(`are kept apart by ${command}`, async () => {
        for (const [name, spellings] of Object.entries(apps)) {
          for (const spelling of spellings) expect(await run(spelling), spelling).to.equal(name);
        }
      });
    }

    for (const [command, run] of Object.entries({ ...ofAll, ...ofOwn })) {
      it(`are kept apart by ${command}`, async () => {
        for (const [name, spellings] of Object.entries(apps)) {
          if (command in ofOwn && name === installed) continue;
          const before = others(name);
          expect(await run(spellings.at(-1) ?? name), name).to.equal(name);
          expect(others(name), name).to.equal(before);
        }
      });
    }

    for (const [command, run] of Object.entries(ofOwn)) {
      it(`are refused to ${command} where one is installed, before anything is written`, async () => {
        const component = (): string => JSON.stringify(org.org.componentsOfApp(installed));
        const before = [component(), others(installed), writes()];
        const error = await failure(run(installed));
        expect(error.actions, error.message).to.have.length.greaterThan(0);
        expect(error.message).to.include(installed);
        expect([component(), others(installed), writes()]).to.deep.equal(before);
      });
    }

    it('are made under no name of one that is there', async () => {
      for (const spelling of Object.values(apps).flat()) {
        const before = others('');
        const error = await failure(EcaCreate.run([...to(spelling), '--contact-email', 'other@example.com']));
        expect(error.actions, spelling).to.have.length.greaterThan(0);
        expect(others('')).to.equal(before);
      }
    });

    it('get no user where they cannot be written', async () => {
      const users = (): number => org.org.records('User').length;
      const before = users();
      for (const name of Object.keys(apps)) {
        const withUser = [...to(name), '--base-username', 'sync@example.com', '--no-prompt', '--api-version', '60.0'];
        expect((await failure(EcaUserCreate.run(withUser))).name).to.equal('ApiVersionTooLowError');
        const file = await failure(
          apply(`{ name: ${name}, integrationUser: { username: sync@example.com } }`, '--api-version', '60.0'),
        );
        expect(file.name).to.equal('ApiVersionTooLowError');
      }
      expect(users()).to.equal(before);
    });

    it('are not found by a name that no app has', async () => {
      for (const name of nobody) expect((await failure(EcaDisplay.run(to(name)))).name).to.equal('AppNotFoundError');
    });
  });
}
