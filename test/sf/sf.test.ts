import { mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type Cli, createCli } from '../e2e/cli.ts';
import { describeFiveSteps } from '../e2e/fiveSteps.ts';
import { openOrg, type TestOrg } from '../e2e/org.ts';
import { packedPlugin } from './packed.ts';
import { CLI_VERSIONS, filesIn, installSalesforceCli, readFrom, unpackedSize } from './sfCli.ts';
import { sideBySide } from './sideBySide.ts';

describe("the packed plugin in Salesforce's own CLI", () => {
  let home: string;
  let tarball: string;
  let sf: Cli;

  before(async function () {
    this.timeout(600_000);
    const packed = await packedPlugin();
    ({ home, tarball } = packed);
    sf = await packed.cli();
  });

  it('is packed with its manifest, its messages and nothing that does not ship', () => {
    const files = filesIn(tarball);
    expect(files).to.include.members(['oclif.manifest.json', 'package.json', 'LICENSE', 'lib/commands/eca/create.js']);
    expect(files.filter((file) => file.startsWith('messages/'))).to.not.be.empty;
    // The types that the package's door leads to, and no others.
    const types = files.filter((file) => file.endsWith('.d.ts'));
    expect(types).to.have.members(['lib/index.d.ts', 'lib/app/app.d.ts']);
    expect(files.filter((file) => /^(src|test|scripts|docs|\.)/.test(file))).to.deep.equal([]);
  });

  it('is no larger than it has to be', () => {
    // Its size at the end of November 2026, with the audit, certificates, and all of migrate, and a sixth more. Raise
    // these on purpose, not by the way.
    const { files, bytes } = unpackedSize(tarball);
    expect(files).to.be.within(100, 650);
    expect(bytes).to.be.within(500_000, 3_300_000);
  });

  it('installs', async () => {
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

    it('takes a word after verify for a subcommand of this name, and the name of an app after --name', async () => {
      const { name, message } = await sf.json([...'eca verify --name explain --target-org'.split(' '), org.alias]);
      expect(name, message).to.equal('AppNotFoundError');
      expect(message).to.include('explain');
    });

    describeFiveSteps(() => org);
  });

  for (const version of Object.values(CLI_VERSIONS)) {
    describe(`in sf ${version}, loads no second copy of what the CLI has loaded`, function () {
      let loaded: LoadedFiles;

      before(async function () {
        this.timeout(600_000);
        loaded = loadedFiles(await installSalesforceCli(version), home);
      });

      it('for help', async () => {
        for (const args of [[], ['list']]) await loaded.run(['eca', ...args, '--help']);
        expect(loaded.secondCopies()).to.deep.equal([]);
      });

      it('for any command, as far as its flags are read', async () => {
        const manifest = JSON.parse(readFrom(tarball, 'oclif.manifest.json')) as { commands: Record<string, unknown> };
        const ids = Object.keys(manifest.commands);
        expect(ids).to.include('eca:credentials:rotate');
        const runs = sideBySide(ids.map((id) => () => loaded.run([...id.split(':'), '--no-such-flag'])));
        for (const done of runs) await done();
        expect(loaded.secondCopies()).to.deep.equal([]);
      });

      it('for commands at work', async () => {
        await loaded.run(['eca', 'practice', 'start', '--alias', 'copies']);
        const target = ['--target-org', 'copies'];
        await loaded.run(['eca', 'create', '--name', 'A', '--contact-email', 'a@example.com', ...target]);
        await loaded.run([
          ...['eca', 'oauth', 'set', '--name', 'A', '--callback-url', 'https://a.example.com/cb', '--scope', 'api'],
          ...target,
        ]);
        await loaded.run(['eca', 'list', ...target]);
        await loaded.run(['eca', 'credentials', '--name', 'A', '--show-secret', '--allow-secret-access', ...target]);
        await loaded.run(['eca', 'verify', '--name', 'A', '--allow-secret-access', ...target]);
        await loaded.run(['eca', 'practice', 'stop', '--alias', 'copies']);
        expect(loaded.secondCopies()).to.deep.equal([]);
      });

      it('which would be noticed', () => {
        expect(loaded.copiesOfTheCli()).to.include.members(['@oclif/core', ...SALESFORCE_LIBRARIES]);
      });
    });
  }

  // In a suite of its own: mocha runs a suite's tests before the suites inside it.
  describe('after practice stop', () => {
    it('leaves no login behind in sf', async function () {
      if (process.env.SF_ECA_TEST_ORG) this.skip();
      const { status } = await sf.json(['org', 'display', '--target-org', 'practice']);
      expect(status).to.not.equal(0);
    });
  });
});

const SALESFORCE_LIBRARIES = ['@salesforce/core', '@salesforce/kit', '@salesforce/sf-plugins-core'];

type LoadedFiles = {
  /** Runs a command, whatever becomes of it. */
  run: (args: string[]) => Promise<void>;
  /** Files of libraries that the CLI has as well and that were loaded from among the plugin's own packages. */
  secondCopies: () => string[];
  /** Those of the libraries that were loaded from the CLI. */
  copiesOfTheCli: () => string[];
};

const witness = join(import.meta.dirname, '..', '..', 'scripts', 'bench', 'witness.mjs');

/** Runs commands of a CLI and sees which JavaScript files they load. */
const loadedFiles = (cliFile: string, home: string): LoadedFiles => {
  const reports = mkdtempSync(join(home, 'loaded-'));
  const cli = createCli({
    command: [process.execPath, cliFile],
    home,
    env: { NODE_OPTIONS: `--import=${witness}`, ECA_WITNESS_FILES: 'yes' },
  });
  const files = (): string[] =>
    readdirSync(reports, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        const report = JSON.parse(readFileSync(join(reports, name), 'utf8')) as { files: string[] };
        return report.files;
      });
  const libraryOf = (file: string): string | undefined =>
    ['@oclif/core', ...SALESFORCE_LIBRARIES].find((library) => file.includes(`/node_modules/${library}/`));
  const isThePlugins = (file: string): boolean => file.startsWith(realpathSync(home));
  return {
    run: async (args) => {
      // A folder for each run, since runs go side by side.
      const ofThis = mkdtempSync(join(reports, 'run-'));
      const { stderr } = await cli.run(args, { env: { ECA_WITNESS: ofThis } });
      expect(readdirSync(ofThis), `${args.join(' ')} left no report: ${stderr}`).to.not.be.empty;
    },
    secondCopies: () => [...new Set(files().filter((file) => libraryOf(file) && isThePlugins(file)))],
    copiesOfTheCli: () => [...new Set(files().flatMap((file) => (isThePlugins(file) ? [] : (libraryOf(file) ?? []))))],
  };
};
