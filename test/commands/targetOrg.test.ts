import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaApply from '../../src/commands/eca/apply.ts';
import EcaCreate from '../../src/commands/eca/create.ts';
import EcaCredentialsRotate from '../../src/commands/eca/credentials/rotate.ts';
import EcaDelete from '../../src/commands/eca/delete.ts';
import EcaDisable from '../../src/commands/eca/disable.ts';
import EcaEnable from '../../src/commands/eca/enable.ts';
import EcaOauthSet from '../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../src/commands/eca/scopes/set.ts';
import EcaTokensRevoke from '../../src/commands/eca/tokens/revoke.ts';
import EcaUserCreate from '../../src/commands/eca/user/create.ts';
import type { PracticeServerOptions } from '../../src/practice/practice.ts';
import { PROMPTS } from '../../src/ui/prompts.ts';
import { asItIs, atTerminal } from '../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from './practice.ts';

type Result = { org?: { alias?: string; username: string; id?: string; production: boolean } };

describe('the org that a command writes to', () => {
  const $$ = new TestContext();
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  let org: LoggedIn;

  const begin = async (options: PracticeServerOptions): Promise<void> => {
    org = await logInToPractice($$, options);
    $$.stubAliases({ uxProd: org.username });
    await EcaCreate.run([...named(), '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...named(), '--callback-url', 'https://a.example.com/cb', '--scope', 'api']);
    ux.logToStderr.resetHistory();
  };

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'org-'));
  });

  afterEach(async () => {
    asItIs();
    rmSync(folder, { recursive: true });
    await org.close();
  });

  const named = (): string[] => ['--target-org', org.username, '--name', 'Order_Sync'];
  const firstLine = (): string => String(ux.logToStderr.args[0]?.[0]);
  const file = (text: string): string => {
    const path = join(folder, 'eca.yaml');
    writeFileSync(path, text);
    return path;
  };
  const isThere = (): boolean => org.org.component('ExternalClientApplication', 'Order_Sync') !== undefined;

  const commands: Array<[command: string, run: () => Promise<unknown>]> = [
    ['create', () => EcaCreate.run([...named(), '--contact-email', 'it@example.com'])],
    ['oauth set', () => EcaOauthSet.run([...named(), '--callback-url', 'https://b.example.com/cb'])],
    ['scopes set', () => EcaScopesSet.run([...named(), '--scope', 'api'])],
    ['disable', () => EcaDisable.run(named())],
    ['enable', () => EcaEnable.run(named())],
    [
      'apply',
      () => EcaApply.run(['--target-org', org.username, '--file', file('apps: [{ name: Order_Sync, label: Orders }]')]),
    ],
    [
      'user create',
      () => EcaUserCreate.run([...named(), '--base-username', `sync@${Date.now()}.example.com`, '--dry-run']),
    ],
    [
      'credentials rotate',
      () => EcaCredentialsRotate.run([...named(), '--promote-unverified', '--allow-secret-access', '--wait', '0']),
    ],
    ['tokens revoke', () => EcaTokensRevoke.run([...named(), '--all-users'])],
    ['delete', () => EcaDelete.run([...named(), '--no-prompt'])],
  ];

  it('is in the first line and in the result of each of them', async () => {
    await begin({ production: true });
    for (const [command, run] of commands) {
      ux.logToStderr.resetHistory();
      const result = (await run()) as Result;
      expect(firstLine(), command).to.include(`Org: uxProd (${org.username}), `).and.include('production');
      expect(firstLine(), command).not.to.include('not production');
      expect(result.org, command).to.deep.equal({
        alias: 'uxProd',
        username: org.username,
        id: org.org.orgId,
        production: true,
      });
    }
  });

  it('is no production org where it is a Developer Edition', async () => {
    await begin({});
    expect((await EcaDisable.run(named())).org).to.include({ production: false });
    expect(firstLine()).to.match(/, not production\.$/);
  });

  it('counts as production where nobody can read what it is', async () => {
    await begin({});
    org.org.delete('Organization', org.org.orgId);
    expect((await EcaDisable.run(named())).org).to.include({ production: true });
  });

  it('has the name of the app typed before it is deleted from production', async () => {
    await begin({ production: true });
    atTerminal(true);
    const confirm = $$.SANDBOX.stub(EcaDelete.prototype, 'confirm').resolves(true);
    const refusals: Array<string | undefined> = [];
    const ask = $$.SANDBOX.stub(PROMPTS, 'text').callsFake(({ problem }) => {
      refusals.push(problem?.('yes'), problem?.('order_sync'), problem?.('Order_Sync'));
      return Promise.resolve('Order_Sync');
    });
    await EcaDelete.run(named());
    expect(ask.firstCall.args[0].message).to.match(/^\[uxProd, .*production.*\] .*\(Order_Sync\):$/);
    expect(refusals.map((refusal) => refusal !== undefined)).to.deep.equal([true, true, false]);
    expect(confirm.called).to.equal(false);
    expect(isThere()).to.equal(false);
  });

  it('has each name typed that apply deletes from production', async () => {
    await begin({ production: true });
    await EcaCreate.run(['--target-org', org.username, '--name', 'Other', '--contact-email', 'it@example.com']);
    atTerminal(true);
    const ask = $$.SANDBOX.stub(PROMPTS, 'text').rejects(new Error('left'));
    const path = file('apps:\n  - { name: Order_Sync, absent: true }\n  - { name: Other, absent: true }\n');
    const apply = ['--target-org', org.username, '--file', path];
    expect(await failure(EcaApply.run(apply))).to.include({ message: 'left' });
    expect(isThere()).to.equal(true);
    ask.resetBehavior();
    ask.resolves('');
    await EcaApply.run(apply);
    expect(ask.args.slice(1).map(([{ message }]) => /\((\w+)\):$/.exec(message)?.[1])).to.deep.equal([
      'Order_Sync',
      'Other',
    ]);
    expect(isThere()).to.equal(false);
  });

  it('is in a question', async () => {
    await begin({});
    atTerminal(true);
    const confirm = $$.SANDBOX.stub(EcaDelete.prototype, 'confirm').resolves(false);
    await failure(EcaDelete.run(named()));
    expect(confirm.firstCall.args[0].message).to.match(/^\[uxProd, not production\] /);
  });
});
