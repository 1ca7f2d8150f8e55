import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentials from '../../src/commands/eca/credentials.ts';
import EcaDisplay from '../../src/commands/eca/display.ts';
import EcaExport from '../../src/commands/eca/export.ts';
import EcaList from '../../src/commands/eca/list.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaUserDisplay from '../../src/commands/eca/user/display.ts';
import EcaVerify from '../../src/commands/eca/verify.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

const TYPES = {
  global: 'ExtlClntAppGlobalOauthSettings',
  oauth: 'ExtlClntAppOauthSettings',
  oauthPolicies: 'ExtlClntAppOauthConfigurablePolicies',
  policies: 'ExtlClntAppConfigurablePolicies',
};
type Part = keyof typeof TYPES;

/** Apps come with any of their parts missing: out of other tools, half a deploy, or another release. */
describe('an app that lacks', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let folder: string;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const callback = 'https://orders.example.com/cb';
  const app = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'eca-parts-'));
  });

  afterEach(async () => {
    await org.close();
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
  });

  const without = async (...parts: Part[]): Promise<void> => {
    org = await logInToPractice($$);
    await EcaCreate.run([...app(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...app(), '--callback-url', callback, '--scope', 'api,refresh_token']);
    for (const part of parts) {
      for (const { type, fullName } of org.org.componentsOfApp('Order_Sync').filter((one) => one.type === TYPES[part]))
        org.org.removeComponent(type, fullName);
    }
  };
  const has = (part: Part): boolean => org.org.components(TYPES[part]).length > 0;
  const applied = (yaml: string): Promise<unknown> => {
    const file = join(folder, 'eca.yaml');
    writeFileSync(file, yaml);
    return EcaApply.run(['--target-org', org.username, '--file', file]);
  };

  const all: Part[][] = [
    ['global'],
    ['policies'],
    ['oauthPolicies'],
    ['global', 'policies'],
    ['global', 'oauthPolicies'],
    ['oauthPolicies', 'policies'],
    ['global', 'oauthPolicies', 'policies'],
    ['global', 'oauth', 'oauthPolicies'],
    ['global', 'oauth', 'oauthPolicies', 'policies'],
  ];
  for (const parts of all) {
    const lacksGlobal = parts.includes('global');
    const lacksOauth = parts.includes('oauth');
    it(`${parts.join(', ')} has a sane answer from every command`, async () => {
      await without(...parts);
      const [listed] = await EcaList.run(['--target-org', org.username]);
      const displayed = await EcaDisplay.run(app());
      const scopes = lacksOauth ? undefined : ['api', 'refresh_token'];
      for (const seen of [listed, displayed]) {
        expect(seen?.scopes).to.deep.equal(scopes);
        expect(seen?.oauth?.flows).to.deep.equal(lacksGlobal ? undefined : ['web-server']);
      }
      const { yaml } = await EcaExport.run(['--target-org', org.username]);
      const again = (await applied(yaml)) as { apps: Array<{ action: string }> };
      expect(again.apps.map(({ action }) => action)).to.deep.equal(['none']);

      const { passed, checks } = await EcaVerify.run([...app(), '--wait', '0']);
      if (lacksGlobal) {
        expect(passed).to.equal(false);
        expect(checks[0]).to.deep.include({ id: 'app', status: 'failed' });
        expect(checks[0]?.fix).to.include('oauth set');
      }

      const set = async (): Promise<{ app: { scopes?: string[] }; notApplied: unknown[] }> =>
        EcaScopesSet.run([...app(), '--scope', 'api,openid', '--session-timeout', '30']);
      if (lacksOauth) {
        expect((await failure(set())).name).to.equal('OauthNotSetError');
        expect((await failure(applied('apps: [{ name: Order_Sync, scopes: [api] }]'))).name).to.equal(
          'FilesWrongError',
        );
      } else {
        ux.logToStderr.resetHistory();
        const { app: after, notApplied } = await set();
        expect([after.scopes, notApplied]).to.deep.equal([['api', 'openid'], []]);
        expect(has('global')).to.equal(!lacksGlobal);
        if (lacksGlobal) expect(ux.logToStderr.args.flat().join()).to.include('eca oauth set --name Order_Sync');
        await applied('apps: [{ name: Order_Sync, scopes: [api], policies: { sessionTimeoutMinutes: 60 } }]');
        expect(has('global')).to.equal(!lacksGlobal);
      }

      if (lacksGlobal) {
        const error = await failure(EcaOauthSet.run([...app(), '--pkce']));
        expect([error.name, error.message.includes('--callback-url')]).to.deep.equal(['FlagsMissingError', true]);
      }
      const made = await EcaOauthSet.run([...app(), '--callback-url', callback, '--pkce']);
      expect(made.app.oauth).to.deep.include({ callbackUrls: [callback], flows: ['web-server'] });
      expect(made.app.scopes).to.deep.equal(lacksOauth ? undefined : ['api']);
      expect(made.notApplied).to.deep.equal([]);
    }).timeout(60_000);
  }

  it('its global OAuth settings has no flow to any command, whatever its policies still say', async () => {
    await without();
    const runAs = String(org.org.seeded.integrationUser.Username);
    await EcaOauthSet.run([...app(), '--flow', 'client-credentials', '--flow', 'device', '--run-as', runAs]);
    const [global] = org.org.componentsOfApp('Order_Sync').filter(({ type }) => type === TYPES.global);
    const seen = async () => {
      const { letIn, oauth } = await EcaDisplay.run(app());
      const { flows } = await EcaUserDisplay.run(app());
      const handedOver = (await EcaCredentials.run(app())) as { flows: string[] };
      const verified = await EcaVerify.run([...app(), '--wait', '0']);
      return {
        letIn: letIn !== undefined,
        shown: oauth?.flows,
        users: flows.map(({ flow }) => flow),
        handedOver: handedOver.flows,
        verified: verified.flows.map(({ flow }) => flow),
      };
    };
    const flows = ['web-server', 'client-credentials', 'device'];
    const withGlobal = { letIn: true, shown: flows, users: flows, handedOver: flows, verified: flows };
    expect(await seen()).to.deep.equal(withGlobal);
    org.org.removeComponent(global!.type, global!.fullName);
    expect(org.org.componentsOfApp('Order_Sync').some(({ body }) => body.clientCredentialsFlowUser === runAs)).to.equal(
      true,
    );
    expect(await seen()).to.deep.equal({
      letIn: false,
      shown: undefined,
      users: [],
      handedOver: [],
      verified: [],
    });
  }).timeout(60_000);
});
