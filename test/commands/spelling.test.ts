import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaOpen from '../../src/commands/eca/open.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensList from '../../src/commands/eca/tokens/list.ts';
import EcaTokensRevoke from '../../src/commands/eca/tokens/revoke.ts';
import EcaUpdate from '../../src/commands/eca/update.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import EcaUserDisplay from '../../src/commands/eca/user/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

describe('the name of an app in another case', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  const to = (): string[] => ['--target-org', org.username];
  const named = (name = 'order_sync'): string[] => [...to(), '--name', name];
  const inFolder = (name: string): string => join(folder, name);

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-spelling-'));
    org = await logInToPractice($$);
    await EcaCreate.run([...named('Order_Sync'), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...[...named('Order_Sync'), '--callback-url', 'https://orders.example.com/cb', '--scope', 'api'],
      ...['--flow', 'client-credentials', '--run-as', String(org.org.seeded.integrationUser.Username)],
    ]);
    ux.logToStderr.resetHistory();
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  /** Every command that takes the name of an app that is there, by its file. */
  const commands: Record<string, (...flags: string[]) => Promise<unknown>> = {
    'apply.ts': (...flags) => {
      writeFileSync(inFolder('eca.yaml'), 'apps: [{ name: order_sync, label: New }]');
      return EcaApply.run([...to(), '--file', inFolder('eca.yaml'), '--no-prompt', ...flags]);
    },
    'credentials.ts': (...flags) => EcaCredentials.run([...named(), ...flags]),
    'credentials/rotate.ts': (...flags) =>
      EcaCredentialsRotate.run([...named(), '--allow-secret-access', '--no-prompt', ...flags]),
    'credentials/status.ts': (...flags) => EcaCredentialsStatus.run([...named(), '--allow-secret-access', ...flags]),
    'delete.ts': (...flags) => EcaDelete.run([...named(), '--no-prompt', ...flags]),
    'disable.ts': (...flags) => EcaDisable.run([...named(), ...flags]),
    'display.ts': (...flags) => EcaDisplay.run([...named(), ...flags]),
    'enable.ts': (...flags) => EcaEnable.run([...named(), ...flags]),
    'export.ts': (...flags) => EcaExport.run([...named(), ...flags]),
    'oauth/set.ts': (...flags) => EcaOauthSet.run([...named(), '--rotate-refresh-tokens', ...flags]),
    'open.ts': (...flags) => EcaOpen.run([...named(), '--url-only', ...flags]),
    'scopes/set.ts': (...flags) => EcaScopesSet.run([...named(), '--session-timeout', '30', ...flags]),
    'tokens/list.ts': (...flags) => EcaTokensList.run([...named(), ...flags]),
    'tokens/revoke.ts': (...flags) => EcaTokensRevoke.run([...named(), '--all-users', '--no-prompt', ...flags]),
    'update.ts': (...flags) => EcaUpdate.run([...named(), '--label', 'New', ...flags]),
    'user/create.ts': (...flags) =>
      EcaUserCreate.run([...named(), '--base-username', 'sync@example.com', '--no-prompt', ...flags]),
    'user/display.ts': (...flags) => EcaUserDisplay.run([...named(), ...flags]),
    'verify.ts': (...flags) => EcaVerify.run([...named(), '--allow-secret-access', '--no-prompt', ...flags]),
  };
  /** `create` refuses it, and `migrate plan` takes the name of a Connected App; the rest take no name of an app. */
  const others = [
    ...['create.ts', 'doctor.ts', 'list.ts', 'migrate/plan.ts', 'practice/start.ts', 'practice/stop.ts'],
    'verify/explain.ts',
  ];

  it('is tried with every command', () => {
    const files = readdirSync(new URL('../../src/commands/eca', import.meta.url), { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts'));
    expect(files.sort()).to.deep.equal([...Object.keys(commands), ...others].sort());
  });

  for (const [file, run] of Object.entries(commands)) {
    it(`is the same app for ${file}, which says and uses the org's spelling`, async () => {
      const result = await run();
      const said = ux.logToStderr.args.flat().filter((line) => String(line).includes('The org spells'));
      expect(said).to.deep.equal(['The org spells order_sync as Order_Sync: the command uses that app.']);
      expect(JSON.stringify(result) ?? '').to.not.include('order_sync');
      const rest = ux.logToStderr.args.flat().filter((line) => !String(line).includes('The org spells'));
      expect(rest.join('\n')).to.not.include('--name order_sync');
      expect(org.org.components('ExternalClientApplication').map(({ fullName }) => fullName)).to.deep.equal(
        file === 'delete.ts' ? [] : ['Order_Sync'],
      );
    });

    it(`leaves the standard output of ${file} --json to the result`, async () => {
      // The stub of logJson takes the place of the standard output.
      await run('--json');
      const out = [...ux.log.args, ...ux.logSuccess.args, ...ux.info.args].flat().join('\n');
      expect(out).to.not.include('The org spells');
    });
  }

  for (const name of ['order_sync', 'ORDER_SYNC']) {
    it(`is refused by create, which names the app that is there (${name})`, async () => {
      const before = org.deploys();
      const error = await failure(EcaCreate.run([...named(name), '--contact-email', 'other@example.com']));
      expect(error.name).to.equal('NameSpelledError');
      expect(error.message).to.include('Order_Sync').and.include(name);
      expect(error.data).to.deep.equal({ name: 'Order_Sync' });
      expect(error.actions?.join('\n')).to.include('--name Order_Sync');
      expect(org.deploys()).to.equal(before);
    });
  }

  it('is another name where more than the case differs', async () => {
    for (const name of ['ordersync', 'order__sync', 'order_sync_']) {
      expect((await failure(EcaDisplay.run(named(name)))).name, name).to.equal('AppNotFoundError');
    }
  });
});
