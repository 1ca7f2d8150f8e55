import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import EcaPracticeStart from '../../src/commands/eca/practice/start.ts';
import EcaPracticeStop from '../../src/commands/eca/practice/stop.ts';
import { createCli, type Cli } from './cli.ts';
import { cloneInto } from './clone.ts';
import { blocksOf, isForShell, keyOf, pages, type Block } from './pages.ts';
import { variantFlags } from './variants.ts';

const root = join(import.meta.dirname, '..', '..');

const recipes = ['scratch-org.md', 'admins-afternoon.md', 'drift-check.md', 'github-actions.md'];

/** The commands that pages show, but for those of the recipes, whose tests take them from their pages. */
const shellBlocks = pages
  .filter((page) => !recipes.some((recipe) => page === `docs/recipes/${recipe}`))
  .flatMap((page) => blocksOf(page))
  .filter((block) => isForShell(block) && !block.file);

/** Blocks that no test runs, by the page and the first line, and why. */
const notRun: Record<string, string> = {
  'README.md: npm ci && npm test': 'It is what CI runs first, and this test is a part of it.',
  'README.md: SF_ECA_TEST_ORG=my-sandbox SF_ECA_TEST_RUN_AS=integration@example.com npm run test:e2e':
    'It needs a real org.',
  'docs/dependencies.md: npm audit --omit=dev --audit-level=moderate': "It needs npm's own registry.",
  'docs/mutation.md: npm run test:mutation': 'It takes an hour.',
  'docs/performance.md: npm run bench                       # all of it; less than an hour': 'It takes hours.',
  'docs/practice-org.md: sf eca practice start [--alias practice] [--port N] [--set-default]':
    'It is no command line, but says what may be left out. A test of its own compares it with the flags.',
};

type Ran = { code: number; output: string };

describe('the recipes', function () {
  this.timeout(400_000);
  let cli: Cli;
  let folder: string;
  let alias: string;
  let runAs: string;

  before(function () {
    // They make and delete apps under names of their own, which no real org should have to bear.
    if (process.env.SF_ECA_TEST_ORG) this.skip();
  });

  beforeEach(() => {
    cli = createCli();
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-recipe-'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    // `sf eca` is this plugin; whatever else a recipe calls is noted down. It reads what is piped to it, as `sf` does:
    // else the `echo` before it may find nobody listening, and fail.
    const stub = (name: string, first: string): void => {
      const noted = join(folder, 'noted');
      writeFileSync(join(bin, name), `#!/bin/sh\n${first}cat >/dev/null\necho "${name} $*" >> '${noted}'\n`);
      chmodSync(join(bin, name), 0o755);
    };
    stub('sf', `if [ "$1" = eca ]; then exec '${process.execPath}' '${join(root, 'bin', 'run.js')}' "$@"; fi\n`);
    // What a clone does by itself is done; installing is noted.
    stub('npm', `case "$1" in run|pack) PATH="\${PATH#*:}"; exec npm "$@";; esac\n`);
    stub('curl', 'touch sf-plugin-eca-0.1.0.tgz\n');
  });

  afterEach(async () => {
    if (alias) await cli.run(['eca', 'practice', 'stop', '--alias', alias]);
    cli.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (name: string, ...more: string[]): Promise<void> => {
    alias = name;
    const { status, result, message } = await cli.json<{ integrationUsername: string }>([
      ...['eca', 'practice', 'start', '--alias', name, ...variantFlags, ...more],
    ]);
    expect(status, message).to.equal(0);
    runAs = result.integrationUsername;
  };

  const shell = (script: string, env: Record<string, string> = {}, cwd = folder): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
        cwd,
        env: {
          PATH: [join(folder, 'bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
          HOME: cli.home,
          USERPROFILE: cli.home,
          SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
          SF_DISABLE_TELEMETRY: 'true',
          NO_COLOR: '1',
          ...env,
        },
      });
      let output = '';
      child.stdout.on('data', (text: Buffer) => (output += String(text)));
      child.stderr.on('data', (text: Buffer) => (output += String(text)));
      child.stdin.end();
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, output }));
    });

  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };

  /** Writes a recipe's files and runs its commands, block by block as they stand. @returns what they printed */
  const follow = async (page: string, env: Record<string, string> = {}): Promise<string> => {
    const blocks = blocksOf(`docs/recipes/${page}`);
    for (const { file, text } of blocks) if (file) put(file, text);
    let all = '';
    for (const { text } of blocks.filter(({ language, file }) => language === 'sh' && !file)) {
      const { code, output } = await shell(text, env);
      expect(code, `${text}\n${output}`).to.equal(0);
      all += output;
    }
    return all;
  };

  const noted = (): string[] =>
    existsSync(join(folder, 'noted')) ? readFileSync(join(folder, 'noted'), 'utf8').trim().split('\n') : [];

  const appsThere = async (): Promise<string[]> =>
    (await cli.json<Array<{ name: string }>>(['eca', 'list', '--target-org', alias])).result.map(({ name }) => name);

  it('GitHub Actions: the steps of the workflow, one after the other', async () => {
    await start('prod');
    for (const { file, text } of blocksOf('docs/recipes/github-actions.md')) if (file) put(file, text);
    const workflow = parse(readFileSync(join(folder, '.github/workflows/eca.yml'), 'utf8')) as {
      jobs: { prod: { steps: Array<{ name?: string; run?: string }> } };
    };
    const env = {
      ORDERS_HOST: 'orders.example.com',
      ORDERS_USER: runAs,
      SFDX_AUTH_URL: 'force://not-a-real-one',
      PLUGIN_URL: 'https://files.example.com/sf-plugin-eca-0.1.0.tgz',
      PLUGIN_SHA256: createHash('sha256').digest('hex'),
    };
    const outputs: Record<string, string> = {};
    for (const { name = '', run } of workflow.jobs.prod.steps.filter((step) => step.run)) {
      const { code, output } = await shell(run ?? '', env);
      expect(code, `${name}\n${output}`).to.equal(0);
      outputs[name] = output;
    }
    expect(Object.keys(outputs)).to.deep.equal(['Install', 'Log in', 'Plan', 'Apply', 'Verify']);
    expect(outputs.Plan).to.include('+ Order_Sync (create)').and.include('dry run: nothing was written');
    expect(await appsThere()).to.deep.equal(['Order_Sync']);
    expect(noted()).to.deep.equal([
      'npm install --global @salesforce/cli@2.150.6',
      'curl --fail --silent --show-error --location --output sf-plugin-eca-0.1.0.tgz https://files.example.com/sf-plugin-eca-0.1.0.tgz',
      `sf plugins install file:${folder}/sf-plugin-eca-0.1.0.tgz`,
      'sf org login sfdx-url --sfdx-url-stdin --alias prod',
    ]);
  });

  it('a scratch org, from nothing', async () => {
    await start('orders');
    const output = await follow('scratch-org.md');
    expect(output).to.include('+ Order_Sync (create)').and.include('nothing to do');
    expect(noted(), 'the org is there already').to.deep.equal([]);
    const { result } = JSON.parse(readFileSync(join(folder, '.order-sync.json'), 'utf8')) as {
      result: { consumerKey: string; consumerSecret?: string };
    };
    expect(result.consumerKey).to.be.a('string').and.not.equal('');
    expect(result).to.not.have.property('consumerSecret');
    // Without the org, the script's first command is to make it. (Nobody does here, so the next one fails.)
    await cli.run(['eca', 'practice', 'stop', '--alias', alias]);
    await shell('bash scripts/scratch.sh orders');
    expect(noted()).to.have.length(1);
    expect(noted()[0]).to.include(
      'sf org create scratch --definition-file config/project-scratch-def.json --alias orders',
    );
    expect(JSON.parse(readFileSync(join(folder, 'config/project-scratch-def.json'), 'utf8'))).to.have.property(
      'features',
    );
  });

  it("an admin's afternoon", async () => {
    await start('prod');
    const app = (name: string): string =>
      `- { name: ${name}, contactEmail: it@example.com, oauth: { callbackUrls: ['https://a.example.com/cb'] }, scopes: [api] }\n`;
    put('there.yaml', `apps:\n${['Order_Sync', 'Billing', 'Old_Import'].map(app).join('')}`);
    const made = await shell('sf eca apply --target-org prod --file there.yaml');
    expect(made.code, made.output).to.equal(0);

    const output = await follow('admins-afternoon.md');
    expect(await appsThere()).to.deep.equal(['Billing', 'Order_Sync']);
    expect(output).to.include('policies.refreshTokenValidity: 365 days => 12 hours');
    expect(output).to.include('+ Old_Import (create)').and.include('Plan: 1 to create, 2 to change');
    expect(readFileSync(join(folder, 'now.yaml'), 'utf8')).to.include('refreshTokenValidity: 12 hours');
  });

  it('drift check by cron', async () => {
    await start('prod');
    const output = await follow('drift-check.md');
    expect(output).to.include('No drift.\n').and.include('Drift: exit code 3\n');
    expect(output.slice(output.indexOf('No drift.'))).to.include('    enabled: false => true');
  });

  /** Where a block of a page is run, what has to be there before, and what has to have come of it. */
  type Scene = { before?: () => Promise<void>; inClone?: boolean; after: (output: string) => Promise<void> | void };

  const fiveSteps = (): Block[] => shellBlocks.filter(({ text }) => text.includes('--target-org my-org'));

  const runHere = async ({ text }: Block, cwd = folder): Promise<string> => {
    const { code, output } = await shell(text, {}, cwd);
    expect(code, `${text}\n${output}`).to.equal(0);
    expect(output).to.not.include('The input format for array arguments');
    return output;
  };

  /** The blocks that are run here, by the page and the first line. */
  const scenes: Record<string, Scene> = {
    'README.md: npm ci && npm run try': {
      inClone: true,
      after: (output) => {
        expect(noted()).to.deep.equal(['npm ci']);
        expect(output).to.include('$ sf eca verify').and.include('$ sf eca practice stop');
      },
    },
    // test/sf installs it with the real `sf`.
    'README.md: npm ci && npm pack': {
      inClone: true,
      after: () => {
        const packed = join(folder, 'clone', 'sf-plugin-eca-0.1.0.tgz');
        expect(noted()).to.deep.equal(['npm ci', `sf plugins install file:${packed}`]);
        expect(existsSync(packed)).to.equal(true);
      },
    },
    'README.md: sf eca practice start --set-default': {
      before: () => {
        alias = 'practice';
        return Promise.resolve();
      },
      after: async (output) => {
        expect(output).to.include('Order_Sync');
        expect((await cli.run(['eca', 'list', '--target-org', 'practice'])).code).to.not.equal(0);
      },
    },
    'README.md: sf eca create --target-org my-org --name Order_Sync --label "Order Sync" --contact-email it@example.com':
      {
        before: () => start('my-org'),
        after: async (output) => {
          expect(output).to.include('Consumer');
          expect(await appsThere()).to.deep.equal(['Order_Sync']);
        },
      },
    'README.md: sf eca user create --target-org my-org --name Order_Sync --base-username order-sync@example.com --no-prompt':
      {
        before: async () => {
          await start('my-org');
          const [first] = fiveSteps();
          if (first) await runHere(first);
        },
        after: (output) => {
          expect(output).to.include('client-credentials');
        },
      },
    'docs/debugging.md: node bin/dev.js eca practice start --alias practice': {
      inClone: true,
      after: (output) => {
        expect(output).to.include('Order_Sync').and.include('was stopped');
      },
    },
    'docs/eca-yaml.md: sf eca export --output-file eca.yaml          # what the org has': {
      before: async () => {
        await start('files', '--set-default');
        const args = ['--name', 'Order_Sync', '--contact-email', 'it@example.com', '--target-org', alias];
        expect((await cli.run(['eca', 'create', ...args])).code).to.equal(0);
      },
      after: () => {
        expect(readFileSync(join(folder, 'eca.yaml'), 'utf8')).to.include('Order_Sync');
      },
    },
  };

  for (const block of shellBlocks.filter((one) => !(keyOf(one) in notRun))) {
    it(`runs as printed: ${keyOf(block)}`, async function () {
      // A clone is built first.
      this.timeout(1_200_000);
      const scene = scenes[keyOf(block)];
      if (!scene) throw new Error('This block is new. Say in this file how it is run, or why it is not.');
      const cwd = scene.inClone ? cloneInto(join(folder, 'clone')) : folder;
      await scene.before?.();
      await scene.after(await runHere(block, cwd));
    });
  }

  it('names no block that is not there', () => {
    const there = shellBlocks.map(keyOf);
    expect([...Object.keys(notRun), ...Object.keys(scenes)].filter((key) => !there.includes(key))).to.deep.equal([]);
    // No two blocks of a page begin alike: one of them would not be seen.
    expect(new Set(there).size).to.equal(there.length);
  });

  it('sees a block in every form', () => {
    const page = ['```\na\n```', '  ```sh\n  b\n  ```', '```bash title="x"\nc\n```', '`d.sh`:\n\n```bash\nd\n```'].join(
      '\n\n',
    );
    const found = blocksOf('x.md', page);
    expect(found.map(({ text }) => text)).to.deep.equal(['a\n', 'b\n', 'c\n', 'd\n']);
    expect(found.map(isForShell)).to.deep.equal([true, true, true, true]);
    expect(found.map(({ file }) => file)).to.deep.equal([undefined, undefined, undefined, 'd.sh']);
  });

  it('lists the flags of the practice org as they are', () => {
    const synopsis = shellBlocks.find(({ page }) => page === 'docs/practice-org.md')?.text ?? '';
    const [ofStart = '', ofStop = ''] = synopsis.split('sf eca practice stop');
    for (const [text, { flags }] of [
      [ofStart, EcaPracticeStart],
      [ofStop, EcaPracticeStop],
    ] as const) {
      const listed = [...text.matchAll(/--([\w-]+)/g)].map(([, flag]) => flag);
      expect(listed.toSorted()).to.deep.equal(Object.keys(flags).toSorted());
    }
  });

  it('install nothing unpinned, and name no address of somebody else', () => {
    for (const page of ['README.md', 'github-actions.md', 'scratch-org.md', 'admins-afternoon.md', 'drift-check.md']) {
      const text = readFileSync(join(root, 'docs/recipes', page), 'utf8');
      expect(text, page).to.not.match(/unpkg|plugins install sf-plugin|@salesforce\/cli(?!@\d)|uses: \S+@v\d/);
    }
  });

  it('have no script that their commands do not run', () => {
    for (const page of recipes) {
      const blocks = blocksOf(`docs/recipes/${page}`);
      const commands = blocks.filter((block) => !block.file || !isForShell(block)).map(({ text }) => text);
      for (const { file } of blocks.filter((block) => block.file && isForShell(block)))
        expect(commands.join('\n'), page).to.include(String(file));
      const others = blocks.filter((block) => isForShell(block) && !block.file && block.language !== 'sh');
      expect(others, 'of these only `sh` is run').to.deep.equal([]);
    }
  });

  it('are all of them tried here', () => {
    const listed = [
      ...readFileSync(join(root, 'docs/recipes/README.md'), 'utf8').matchAll(/^- \[.*\]\(([\w-]+\.md)\)/gm),
    ];
    expect(listed.map(([, page]) => page)).to.have.members(recipes);
  });
});
