import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../../src/commands/eca/create.ts';
import EcaOauthSet, { type EcaOauthSetResult } from '../../../../src/commands/eca/oauth/set.ts';
import { PROMPTS } from '../../../../src/ui/prompts.ts';
import { asItIs, atTerminal } from '../../../ui/atTerminal.ts';
import { failure, type LoggedIn, logInToPractice } from '../../practice.ts';

describe('eca oauth set --hardened', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;

  const start = async (callback: string, ...flags: string[]): Promise<void> => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$, { variants: { 'pkce-sticky': 'no' } });
    await EcaCreate.run(['--target-org', org.username, '--name', 'Order_Sync', '--contact-email', 'it@example.com']);
    await set('--callback-url', callback, ...flags);
    ux.warn.resetHistory();
    ux.logToStderr.resetHistory();
  };

  afterEach(async () => {
    asItIs();
    await org.close();
    process.exitCode = undefined;
  });

  const set = async (...flags: string[]): Promise<EcaOauthSetResult> =>
    EcaOauthSet.run(['--target-org', org.username, '--name', 'Order_Sync', ...flags]);
  const told = (): string => ux.logToStderr.args.flat().join('\n');
  const server = 'https://orders.example.com/cb';

  it('sets the four controls, and says before what nobody can undo', async () => {
    await start(server);
    const { app } = await set('--hardened', '--refresh-token-ip-range', '203.0.113.7');
    expect(app.oauth).to.deep.include({
      pkceRequired: true,
      refreshTokenRotation: true,
      refreshTokenIdleLimit: true,
      refreshTokenIpRanges: [{ start: '203.0.113.7', end: '203.0.113.7' }],
    });
    expect(told()).to.include('oauth.refreshTokenRotation: false -> true').and.include('cannot switch PKCE');
    const deploys = org.deploys();
    await set('--hardened');
    expect(org.deploys()).to.equal(deploys);
  });

  it('names the callback URL that needs ranges, with exit code 2, and can leave them out', async () => {
    await start(server);
    const deploys = org.deploys();
    const { name, message, exitCode } = await failure(set('--hardened'));
    expect([name, exitCode]).to.deep.equal(['AllowlistMissingError', 2]);
    expect(message).to.include(server);
    expect(org.deploys()).to.equal(deploys);
    expect((await set('--hardened', '--no-ip-allowlist')).app.oauth).to.include({ refreshTokenIdleLimit: true });
  });

  it('needs no ranges for a callback URL on localhost', async () => {
    await start('http://localhost:1717/cb');
    expect((await set('--hardened')).app.oauth).to.include({ pkceRequired: true, refreshTokenRotation: true });
  });

  it('refuses to switch on what another flag switches off', async () => {
    await start('http://localhost:1717/cb');
    const { name, message } = await failure(set('--hardened', '--no-pkce'));
    expect(name).to.equal('HardenedContradictedError');
    expect(message).to.include('--no-pkce');
  });

  it('warns of clients that have no PKCE', async () => {
    await start('http://localhost:1717/cb', '--no-pkce');
    await set('--hardened');
    expect(JSON.stringify(ux.warn.args)).to.include('ClientsWithoutPkce');
  });

  it('asks at a terminal, and sends nothing after a no', async () => {
    await start('http://localhost:1717/cb');
    const deploys = org.deploys();
    atTerminal(true);
    const yes = $$.SANDBOX.stub(PROMPTS, 'yes').resolves(false);
    expect((await failure(set('--hardened'))).name).to.equal('NotConfirmedError');
    expect(yes.callCount).to.equal(1);
    expect(org.deploys()).to.equal(deploys);
  });
});
