import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { secretsIn } from '../../scripts/secretScan.ts';
import { createPracticeServer, type PracticeServer } from '../../src/practice/practice.ts';
import { secretsSaid } from '../echoWire.ts';
import { type Cli, createCli } from './cli.ts';
import { fiveSteps } from './fiveSteps.ts';
import { logIn } from './login.ts';
import { openOrg, type TestOrg } from './org.ts';
import { variants } from './variants.ts';

/** All that the commands said and left behind: every output, and every file in their home and temporary folders. */
const traces = (cli: Cli): Map<string, string> => {
  const found = new Map<string, string>();
  cli.outcomes.forEach(({ args, stdout, stderr }, index) =>
    found.set(`output ${index}: ${args.join(' ')}`, stdout + stderr),
  );
  for (const entry of readdirSync(cli.home, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(file, readFileSync(file, 'latin1'));
  }
  return found;
};

/** Where any of the secrets is, in any spelling that decoding leads back from. */
const leaks = (secrets: Iterable<string>, places: Map<string, string>): string[] => {
  const all = [...secrets];
  return [...places].filter(([, text]) => secretsSaid(all, text).length > 0).map(([place]) => place);
};

describe('secrets', () => {
  describe('of an app and of its tokens', () => {
    let practice: PracticeServer;
    let cli: Cli;
    const tokens = new Set<string>();
    let steps: ReturnType<typeof fiveSteps>;

    before(async function () {
      this.timeout(300_000);
      practice = await createPracticeServer({ variants });
      const { org } = practice;
      const open = org.openSession.bind(org);
      org.openSession = (options) => {
        const session = open(options);
        tokens.add(session.token);
        return session;
      };
      tokens.add(practice.accessToken);
      cli = createCli({ env: { SF_LOG_LEVEL: 'trace', DEBUG: '*', SF_DISABLE_LOG_FILE: 'false' } });
      mkdirSync(join(cli.home, 'tmp'));
      await logIn(cli, {
        username: String(org.seeded.admin.Username),
        alias: 'practice',
        instanceUrl: practice.url,
        accessToken: practice.accessToken,
      });
      const testOrg = { alias: 'practice', runAs: String(org.seeded.integrationUser.Username) } as TestOrg;
      steps = fiveSteps(testOrg, 'Order_Sync');
      const env = { TMPDIR: join(cli.home, 'tmp') };
      for (const step of Object.values(steps)) await cli.run(step, { env });
      // What leaves the machine by another program, and what comes into being on it.
      const app = ['--name', 'Order_Sync', '--target-org', 'practice', '--no-prompt'];
      const writesDown =
        "require('node:fs').writeFileSync('seen.json', JSON.stringify([process.execArgv, process.argv, process.env]))";
      const rotate = ['eca', 'credentials', 'rotate', ...app, '--wait', '0', '--allow-secret-access'];
      const sendTo = ['--promote-unverified', '--send-to', 'command', '--', process.execPath, '-e', writesDown];
      expect((await cli.run([...rotate, ...sendTo], { env })).code).to.equal(0);
      const files = ['--key-file', 'app.key', '--certificate-file', 'app.crt'];
      expect((await cli.run(['eca', 'certificate', 'create', ...app, ...files, '--replace'], { env })).code).to.equal(
        0,
      );
      // What fails talks most.
      await cli.run(steps.create.with(-1, 'other@example.com'), { env });
      await cli.run([...steps.verify, '--flow', 'jwt-bearer'], { env });
    });

    after(async () => {
      await practice?.close();
      cli?.remove();
    });

    const consumerSecrets = (): string[] =>
      [...practice.org.consumers.values()].flatMap(({ primary, staged }) =>
        [primary, staged].flatMap((pair) => pair?.secret ?? []),
      );

    it('come into being in this test', () => {
      expect(cli.outcomes.map(({ code }) => code).slice(0, 5)).to.deep.equal([0, 0, 0, 0, 0]);
      expect(consumerSecrets(), 'the pair in use, and the one before it').to.have.length(2);
      expect(tokens.size, 'the login and at least one token of the app').to.be.at.least(2);
    });

    it('are logged at trace level to a file that this test reads', () => {
      const logs = [...traces(cli).keys()].filter((place) => place.endsWith('.log'));
      expect(logs).to.not.be.empty;
    });

    it('are in no output, log or other file, at SF_LOG_LEVEL=trace and DEBUG=*', () => {
      expect(leaks([...consumerSecrets(), ...tokens], traces(cli))).to.deep.equal([]);
    });

    it('are in neither words nor variables of a program that gets them', () => {
      expect(traces(cli).get(join(cli.home, 'seen.json'))).to.include('writeFileSync');
    });

    it('are the private key in its file, and nowhere else', () => {
      const places = traces(cli);
      const keyFile = join(cli.home, 'app.key');
      // The first lines have the modulus, which is public.
      const lines = (places.get(keyFile) ?? '').split('\n').slice(9, -2);
      expect(lines.length).to.be.greaterThan(10);
      expect(leaks(lines, places)).to.deep.equal([keyFile]);
    });

    it('would be found', async () => {
      const shown = await cli.run([...steps.credentials, '--show-secret', '--allow-secret-access', '--json']);
      expect(leaks(consumerSecrets(), new Map([['shown', shown.stdout]]))).to.deep.equal(['shown']);
    });

    for (const format of ['--json', '--format human', '--format json', '--format dotenv', '--format shell']) {
      it(`are once in what credentials --show-secret ${format} prints, and nowhere else`, async () => {
        const more = ['--show-secret', '--allow-secret-access', '--no-prompt', ...format.split(' ')];
        // With DEBUG, Salesforce's library writes its log to stdout, in front of the JSON.
        const env = { DEBUG: '', FORCE_COLOR: '0', NO_COLOR: '1' };
        const { stdout, stderr, code } = await cli.run([...steps.credentials, ...more], { env });
        expect(code).to.equal(0);
        const [secret = ''] = consumerSecrets();
        expect(stdout.split(secret)).to.have.length(2);
        if (format === '--json') {
          const { result } = JSON.parse(stdout) as { result: Record<string, unknown> };
          expect(result.consumerSecret).to.equal(secret);
        }
        // What is left of its output is looked at in every spelling, as are all other outputs and files.
        const rest = { args: [format], code, stdout: stdout.replace(secret, ''), stderr };
        const withoutShown = cli.outcomes.filter(({ args }) => !args.includes('--show-secret'));
        const places = traces({ ...cli, outcomes: [...withoutShown, rest] });
        expect(leaks([...consumerSecrets(), ...tokens], places)).to.deep.equal([]);
      });
    }
  });

  describe('of a practice org in the background', () => {
    let org: TestOrg;

    before(async function () {
      if (process.env.SF_ECA_TEST_ORG) this.skip();
      org = await openOrg();
    });

    after(() => org?.close());

    it('are not in the arguments or the environment of its process', async function () {
      if (process.platform !== 'linux') this.skip();
      const { pid } = (await (await fetch(`${org.instanceUrl}/__practice/`)).json()) as { pid: number };
      const process_ = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')).join('\0');
      expect(process_).to.include('practice');
      expect(secretsIn(process_)).to.deep.equal([]);
    });

    it('are not in its request log', async () => {
      expect(secretsIn(JSON.stringify(await org.requests()))).to.deep.equal([]);
    });

    it('are not in the clear in any file', () => {
      const found = [...traces(org.cli)].filter(([, text]) => secretsIn(text).length > 0).map(([place]) => place);
      expect(found).to.deep.equal([]);
    });
  });
});
