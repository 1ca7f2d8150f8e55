import { TestContext } from '@salesforce/core/testSetup';
import { stubPrompter, stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../../src/commands/eca/oauth/set.ts';
import EcaTokensList, { type EcaTokensListResult } from '../../../../src/commands/eca/tokens/list.ts';
import EcaTokensRevoke, { type EcaTokensRevokeResult } from '../../../../src/commands/eca/tokens/revoke.ts';
import { grantsOf } from '../../../../src/practice/oauth/grants.ts';
import { appById } from '../../../../src/practice/oauth/oauthApp.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca tokens', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let prompter: ReturnType<typeof stubPrompter>;

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    prompter = stubPrompter($$.SANDBOX);
    org = await logInToPractice($$);
    const app = flagsFor();
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([...app, '--callback-url', 'https://x.example.com/cb', '--scope', 'api,refresh_token']);
  });

  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  const flagsFor = (...flags: string[]): string[] => ['--target-org', org.username, '--name', 'Order_Sync', ...flags];
  const list = async (...flags: string[]): Promise<EcaTokensListResult> => EcaTokensList.run(flagsFor(...flags));
  const revoke = async (...flags: string[]): Promise<EcaTokensRevokeResult> => EcaTokensRevoke.run(flagsFor(...flags));

  const appId = () => [...org.org.consumers.keys()][0]!;
  const admin = () => org.org.seeded.admin;
  const user = () => org.org.seeded.standardUser;
  const grant = (userId: string) => grantsOf(org.org).newRefreshGrant(appById(org.org, appId())!, userId, ['api']);
  const left = () => grantsOf(org.org).refreshGrantsOf(appId());

  it('lists who has a refresh token, and not the token', async () => {
    const tokens = [grant(admin().Id), grant(admin().Id), grant(user().Id)];
    const result = await list();
    expect(result.name).to.equal('Order_Sync');
    expect(result.tokens.map(({ userId, username }) => [userId, username])).to.deep.equal(
      [admin(), admin(), user()].map(({ Id, Username }) => [Id, Username]),
    );
    for (const { token } of tokens) expect(JSON.stringify([result, ux.table.args])).not.to.include(token);
    expect((await list('--username', String(user().Username))).tokens).to.have.length(1);
  });

  it('says that nobody has one', async () => {
    expect(await list()).to.deep.equal({ name: 'Order_Sync', tokens: [] });
    expect(await revoke('--all-users')).to.deep.include({ name: 'Order_Sync', revoked: 0, users: [] });
    expect(prompter.confirm.called).to.equal(false);
  });

  it('revokes those of one user', async () => {
    grant(admin().Id);
    grant(user().Id);
    const username = String(user().Username);
    expect(await revoke('--username', username, '--no-prompt')).to.deep.include({ revoked: 1 });
    expect(left().map(({ userId }) => userId)).to.deep.equal([admin().Id]);
  });

  it('revokes those of all, after a yes', async () => {
    grant(admin().Id);
    grant(user().Id);
    atTerminal(true);
    prompter.confirm.resolves(false);
    expect((await failure(revoke('--all-users'))).name).to.equal('NotConfirmedError');
    expect(left()).to.have.length(2);
    prompter.confirm.resolves(true);
    expect(await revoke('--all-users')).to.deep.include({
      name: 'Order_Sync',
      revoked: 2,
      users: [admin().Username, user().Username],
    });
    expect(left()).to.deep.equal([]);
  });

  it('revokes nothing where nobody can be asked, without --no-prompt', async () => {
    grant(admin().Id);
    expect((await failure(revoke('--all-users', '--json'))).exitCode).to.equal(2);
    expect(left()).to.have.length(1);
  });

  it('wants to know whose, and says who is not there', async () => {
    expect((await failure(revoke('--no-prompt'))).exitCode).to.equal(2);
    const error = await failure(revoke('--username', 'nobody@example.com', '--no-prompt'));
    expect(error.name).to.equal('UserNotFoundError');
  });
});
