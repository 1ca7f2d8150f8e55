import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createCli, type Cli } from '../e2e/cli.ts';
import { describeFiveSteps } from '../e2e/fiveSteps.ts';
import { openOrg, type TestOrg } from '../e2e/org.ts';
import { filesIn, installPlugin, installSalesforceCli, packPlugin, waysToTheRegistry } from './sfCli.ts';

describe("the packed plugin in Salesforce's own CLI", () => {
  let folder: string;
  let tarball: string;
  let sf: Cli;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-sf-'));
    mkdirSync(join(folder, 'home'));
    tarball = packPlugin(folder);
    sf = createCli({
      command: [process.execPath, await installSalesforceCli()],
      home: join(folder, 'home'),
      env: waysToTheRegistry,
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is packed with its manifest, its messages and nothing that does not ship', () => {
    const files = filesIn(tarball);
    expect(files).to.include.members(['oclif.manifest.json', 'package.json', 'LICENSE', 'lib/commands/eca/create.js']);
    expect(files.filter((file) => file.startsWith('messages/'))).to.not.be.empty;
    expect(files.filter((file) => /^(src|test|scripts|docs|\.)/.test(file))).to.deep.equal([]);
  });

  it('installs', async function () {
    this.timeout(600_000);
    await installPlugin(sf, tarball);
    const { stdout } = await sf.run(['plugins']);
    expect(stdout).to.include('sf-plugin-eca');
  });

  describe('runs the five steps', () => {
    let org: TestOrg;

    before(async () => {
      org = await openOrg({ cli: sf });
    });

    after(() => org?.close());

    it('in an org that sf itself knows', async function () {
      if (org.real) this.skip();
      const { status, result, message } = await sf.json<{ instanceUrl: string; connectedStatus: string }>([
        ...['org', 'display', '--target-org', org.alias],
      ]);
      expect(status, message).to.equal(0);
      expect(result).to.include({ instanceUrl: org.instanceUrl, connectedStatus: 'Connected' });
    });

    describeFiveSteps(() => org);
  });

  // In a suite of its own: mocha runs a suite's tests before the suites inside it.
  describe('after practice stop', () => {
    it('leaves no login behind in sf', async function () {
      if (process.env.SF_ECA_TEST_ORG) this.skip();
      const { status } = await sf.json(['org', 'display', '--target-org', 'practice']);
      expect(status).to.not.equal(0);
    });
  });
});
