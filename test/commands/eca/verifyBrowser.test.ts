import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import EcaScopesSet from '../../../src/commands/eca/scopes/set.ts';
import EcaVerify, { type EcaVerifyResult } from '../../../src/commands/eca/verify.ts';
import { grantsOf } from '../../../src/practice/oauth/grants.ts';
import type { EcaVerifyCheck } from '../../../src/ui/verification.ts';
import { hasChromium, type HeadlessBrowser, openChromium, withChromium } from '../../chromium.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

/** Not the port at which `sf` itself listens: somebody may be logging in on this machine. */
const CALLBACK_URL = 'http://localhost:17171/OauthRedirect';

describe('eca verify --browser', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  const browserBefore = process.env.BROWSER;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    // The tests open the address themselves.
    process.env.BROWSER = 'true';
  });

  afterEach(async () => {
    if (browserBefore === undefined) delete process.env.BROWSER;
    else process.env.BROWSER = browserBefore;
    await org?.close();
    process.exitCode = undefined;
  });

  const start = async (callbackUrls: string[], ...oauthFlags: string[]): Promise<void> => {
    org = await logInToPractice($$);
    const app = ['--target-org', org.username, '--name', 'Order_Sync'];
    await EcaCreate.run([...app, '--contact-email', 'it@example.com']);
    await EcaOauthSet.run([
      ...app,
      ...callbackUrls.flatMap((url) => ['--callback-url', url]),
      ...['--flow', 'web-server', '--scope', 'api', '--pkce', ...oauthFlags],
    ]);
    await EcaScopesSet.run([
      ...app,
      ...['--scope', 'api,refresh_token', '--refresh-token-policy', 'lifetime'],
      ...['--refresh-token-validity', '30 days', '--session-timeout', '30'],
    ]);
  };

  const verify = async (...flags: string[]): Promise<EcaVerifyResult> =>
    EcaVerify.run([
      ...['--target-org', org.username, '--name', 'Order_Sync', '--flow', 'web-server', '--wait', '0', '--browser'],
      ...['--allow-secret-access', ...flags],
    ]);

  const checkOf = ({ checks }: EcaVerifyResult, id: string): EcaVerifyCheck => {
    const check = checks.find((one) => one.id === id);
    if (!check) throw new Error(`no check ${id} among ${checks.map((one) => one.id).join(', ')}`);
    return check;
  };

  const living = () => [...org.org.sessions.values()].filter(({ appId }) => appId !== undefined);
  const refreshTokens = () =>
    [...org.org.consumers.keys()].flatMap((appId) => grantsOf(org.org).refreshGrantsOf(appId));

  /** The address that the command shows. */
  const addressShown = async (): Promise<string> => {
    for (;;) {
      const shown = ux.logToStderr.args.flat().join('\n');
      const [url] = /http:\S+\/services\/oauth2\/authorize\?\S+/.exec(shown) ?? [];
      if (url) return url;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  /** Goes to an address as a browser's window does: Node's own fetch says that it is a script. */
  const visit = async (url: string): Promise<number | undefined> => {
    const [answer] = (await once(get(url), 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };

  for (const [what, callbackUrls, detail] of [
    ['none of them is on this machine', ['https://orders.example.com/cb'], /points to this machine/],
    ['the one on this machine is https', ['https://localhost:8443/cb'], /https/],
  ] as const) {
    it(`skips the login when ${what}, and shows how to add a callback URL`, async () => {
      await start([...callbackUrls]);
      const result = await verify();
      const check = checkOf(result, 'web-server.token');
      expect([check.status, result.passed]).to.deep.equal(['skipped', false]);
      expect(check.detail).to.match(detail);
      expect(check.fix).to.include(
        `--callback-url ${callbackUrls[0]} --callback-url http://localhost:1717/OauthRedirect`,
      );
    });
  }

  (hasChromium ? describe : describe.skip)(withChromium('in Chromium'), function () {
    this.timeout(60_000);
    let browser: HeadlessBrowser;

    beforeEach(async () => {
      browser = await openChromium();
    });
    afterEach(() => browser.close());

    /** Logs in as an ordinary user, and says yes or no to the app. */
    const logIn = async (button: '#oaapprove' | '#oadeny'): Promise<Page> => {
      const page = await browser.context.newPage();
      await page.goto(await addressShown());
      await page.fill('#username', String(org.org.seeded.standardUser.Username));
      await page.click('#Login');
      await page.click(button);
      await page.waitForURL((url) => url.href.startsWith(CALLBACK_URL));
      return page;
    };

    /** What anyone needs of a page, with whatever they read it. */
    const expectAccessible = async (page: Page, heading: string): Promise<void> => {
      expect(await page.getAttribute('html', 'lang')).to.equal('en');
      expect(await page.title()).to.equal(heading);
      expect(await page.getByRole('heading', { level: 1 }).allTextContents()).to.deep.equal([heading]);
      expect(await page.getByRole('main').count()).to.equal(1);
      expect(await page.locator('script, img, link, form').count()).to.equal(0);
      // The style sheet is let through by the page's own policy.
      expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).to.equal('544px');
      // It can be read on a small screen, without scrolling sideways.
      await page.setViewportSize({ width: 320, height: 480 });
      expect(await page.evaluate('document.documentElement.scrollWidth <= 320')).to.equal(true);
    };

    it('gets a token, uses and refreshes it, shows a page, and leaves nothing behind', async () => {
      await start([CALLBACK_URL]);
      const [result, page] = await Promise.all([verify('--strict'), logIn('#oaapprove')]);
      expect(result.checks.filter(({ status }) => status !== 'passed')).to.deep.equal([]);
      expect(result.passed).to.equal(true);
      expect(result.checks.map(({ id }) => id)).to.include.members([
        'web-server.token',
        'web-server.api',
        'web-server.refresh',
        'web-server.revoked',
      ]);
      expect(checkOf(result, 'web-server.running-user').detail).to.include(
        String(org.org.seeded.standardUser.Username),
      );
      await expectAccessible(page, 'The login works');
      expect(living()).to.deep.equal([]);
      expect(refreshTokens()).to.deep.equal([]);
    });

    it('takes the rotated refresh token, and needs no secret where the app needs none', async () => {
      await start([CALLBACK_URL], '--no-secret', '--no-secret-for-refresh', '--rotate-refresh-tokens');
      const [result] = await Promise.all([verify(), logIn('#oaapprove')]);
      expect(checkOf(result, 'web-server.refresh').status).to.equal('passed');
      expect(result.passed).to.equal(true);
      expect(org.asked().filter((asked) => asked.includes('/apps/oauth/credentials'))).to.deep.equal([]);
      expect([living(), refreshTokens()]).to.deep.equal([[], []]);
    });

    it('says on the page and in the check that the user said no', async () => {
      await start([CALLBACK_URL]);
      const [result, page] = await Promise.all([verify(), logIn('#oadeny')]);
      const check = checkOf(result, 'web-server.token');
      expect([check.status, result.passed]).to.deep.equal(['failed', false]);
      expect(check.detail).to.include('end-user denied authorization');
      expect(checkOf(result, 'web-server.api').status).to.equal('skipped');
      await expectAccessible(page, 'The login did not work');
      expect(await page.textContent('p')).to.include('end-user denied authorization');
    });

    it('names the policy that ends a refresh token at once', async () => {
      await start([CALLBACK_URL]);
      org.org.components('ExtlClntAppOauthConfigurablePolicies')[0]!.body.refreshTokenPolicyType = 'Zero';
      const [result] = await Promise.all([verify(), logIn('#oaapprove')]);
      const check = checkOf(result, 'web-server.refresh');
      expect([check.status, check.fix?.includes('--refresh-token-policy lifetime')]).to.deep.equal(['failed', true]);
      expect(living()).to.deep.equal([]);
    });
  });

  it('shows an address with no secret in it, and takes the answer on exactly the callback URL', async () => {
    await start(['https://orders.example.com/cb', CALLBACK_URL]);
    const running = verify();
    const address = new URL(await addressShown());
    expect(address.searchParams.get('redirect_uri')).to.equal(CALLBACK_URL);
    expect(address.searchParams.get('code_challenge_method')).to.equal('S256');
    expect([...address.searchParams.keys()].sort()).to.deep.equal(
      [
        'client_id',
        'code_challenge',
        'code_challenge_method',
        'redirect_uri',
        'response_type',
        'scope',
        'state',
      ].sort(),
    );
    const state = address.searchParams.get('state') ?? '';
    const refusal = `?error=access_denied&error_description=no&state=${state}`;
    const elsewhere = CALLBACK_URL.replace('localhost', '127.0.0.1');
    expect(await visit(elsewhere + refusal), 'another host than the callback URL names').to.equal(421);
    await visit(CALLBACK_URL + refusal);
    expect(checkOf(await running, 'web-server.token').status).to.equal('failed');
  });

  it('says so when there is no browser, and goes on waiting', async () => {
    process.env.BROWSER = '/nowhere/browser';
    await start([CALLBACK_URL]);
    const running = verify();
    const state = new URL(await addressShown()).searchParams.get('state') ?? '';
    await visit(`${CALLBACK_URL}?error=access_denied&error_description=no&state=${state}`);
    expect(checkOf(await running, 'web-server.token').detail).to.include('access_denied');
    expect(ux.logToStderr.args.flat().join('\n')).to.include('No browser could be opened on this machine');
  });

  it('fails when another program has the port, and names the way out', async () => {
    await start([CALLBACK_URL]);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(17_171, '127.0.0.1', resolve));
    try {
      const check = checkOf(await verify(), 'web-server.token');
      expect([check.status, check.detail.includes('EADDRINUSE')]).to.deep.equal(['skipped', true]);
      expect(check.fix).to.match(/sf eca verify --name Order_Sync (--\S+ [\w-]* ?)*--browser\b/);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('frees the port and ends when it is told to while nobody has logged in yet', async () => {
    await start([CALLBACK_URL]);
    const running = failure(verify());
    await addressShown();
    process.emit('SIGTERM', 'SIGTERM');
    expect(await running).to.include({ exitCode: 143 });
    expect(await fetch(CALLBACK_URL).catch((error: Error) => error)).to.be.instanceOf(TypeError);
    expect(living()).to.deep.equal([]);
  });
});
