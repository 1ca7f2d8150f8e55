import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaOpen from '../../../src/commands/eca/open.ts';
import { createPracticeServer } from '../../../src/practice/practice.ts';
import { appInOrg } from '../../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logIn, logInToPractice } from '../practice.ts';

describe('eca open', function () {
  const $$ = new TestContext();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;
  const path = process.env.PATH;

  before(function () {
    // The stand-in for a browser is a script.
    if (process.platform === 'win32') this.skip();
  });

  beforeEach(async () => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    org = await logInToPractice($$);
    await EcaCreate.run([...target(), '--name', 'Order_Sync', '--contact-email', 'it@example.com']);
    ux.log.resetHistory();
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-open-'));
    process.env.PATH = [folder, path].join(delimiter);
  });

  afterEach(async () => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
    await org.close();
  });

  const target = (): string[] => ['--target-org', org.username];
  const browser = (exitCode: number): void => {
    for (const name of ['xdg-open', 'open']) {
      writeFileSync(
        join(folder, name),
        `#!/bin/sh\nprintf '%s' "$*" > '${join(folder, 'opened')}'\nexit ${exitCode}\n`,
      );
      chmodSync(join(folder, name), 0o755);
    }
  };

  it("opens the app's page, with no login in its address", async () => {
    browser(0);
    const { url, opened: isOpen } = await EcaOpen.run([...target(), '--name', 'Order_Sync']);
    expect(isOpen).to.equal(true);
    expect(url).to.match(/\/lightning\/setup\/ManageExternalClientApplication\/0xI\w{15}\/detail$/);
    expect(readFileSync(join(folder, 'opened'), 'utf8')).to.equal(url);
    expect(url).to.not.match(/sid=|frontdoor|[?#]/);
  });

  it('opens External Client App Manager without a name, and asks the org for nothing', async () => {
    browser(0);
    org.requests.clear();
    const { url } = await EcaOpen.run(target());
    expect(url).to.match(/\/lightning\/setup\/ManageExternalClientApplication\/home$/);
    expect(org.asked()).to.deep.equal([]);
  });

  it('shows the address where there is no browser', async () => {
    browser(3);
    const { url, opened: isOpen } = await EcaOpen.run(target());
    expect(isOpen).to.equal(false);
    expect(ux.log.args.flat()).to.deep.equal([url]);
    expect(ux.warn.args.flat().map((warning) => (warning as { name: string }).name)).to.include('NoBrowserWarning');
  });

  it('only shows it when asked to', async () => {
    const { opened: isOpen } = await EcaOpen.run([...target(), '--url-only']);
    expect(isOpen).to.equal(false);
    expect(ux.log.callCount).to.equal(1);
    expect(ux.warn.args.flat().map((warning) => (warning as { name: string }).name)).to.not.include('NoBrowserWarning');
  });

  it('says that there is no such app', async () => {
    expect((await failure(EcaOpen.run([...target(), '--name', 'Nope']))).name).to.equal('AppNotFoundError');
  });
});

describe('eca open, with a login whose address somebody pasted', function () {
  const $$ = new TestContext();

  // Salesforce's CLI keeps what `--instance-url` says. With an address that has a path, no command of the CLI reaches
  // the org. The address of a login in a browser may have one.
  for (const [end, endOfLogin] of [
    ['', '/'],
    ['/', '/'],
    ['//', '//'],
    ['', '/lightning/page/home'],
    ['/', '/?a=b#c'],
  ] as const) {
    it(`shows the app's page when the org's address ends in "${end}", and the login's in "${endOfLogin}"`, async () => {
      const practice = await createPracticeServer();
      try {
        const { app } = appInOrg(practice.org);
        const ux = stubSfCommandUx($$.SANDBOX);
        const username = String(practice.org.seeded.admin.Username);
        await logIn($$, username, `${practice.url}${end}`, practice.accessToken, `${practice.url}${endOfLogin}`);
        const manager = `${practice.url}/lightning/setup/ManageExternalClientApplication`;
        const ofApp = await EcaOpen.run(['--target-org', username, '--name', 'Order_Sync', '--url-only']);
        const ofManager = await EcaOpen.run(['--target-org', username, '--url-only']);
        expect([ofApp.url, ofManager.url]).to.deep.equal([`${manager}/${app.id}/detail`, `${manager}/home`]);
        expect(ux.log.args.flat()).to.deep.equal([ofApp.url, ofManager.url]);
      } finally {
        await practice.close();
      }
    });
  }
});
