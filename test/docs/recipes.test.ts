import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';
import { parse } from 'yaml';

import { variantFlags, variants } from '../e2e/variants.ts';
import { Browser } from '../practice/oauth/wire.ts';
import { blocksOf } from './pages.ts';
import { openShell, type Shell } from './shell.ts';

const CONNECTED_APP = `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>it@example.com</contactEmail>
    <label>Order Sync</label>
    <oauthConfig>
        <callbackUrl>https://orders.example.com/oauth/callback</callbackUrl>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
</ConnectedApp>
`;

/** Moves the clock of a practice org forward. */
const advance = async (url: string, advanceSeconds: number): Promise<void> => {
  const { status } = await fetch(`${url}/__practice/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advanceSeconds }),
  });
  expect(status).to.equal(200);
};

describe('the recipes', function () {
  this.timeout(400_000);
  let shell: Shell;

  before(function () {
    // They make and delete apps under names of their own, which no real org should have to bear.
    if (process.env.SF_ECA_TEST_ORG) this.skip();
  });

  beforeEach(() => {
    shell = openShell();
  });

  afterEach(() => shell.close());

  /** Writes a recipe's files and runs its commands, block by block as they stand. @returns what they printed */
  const follow = async (page: string, env: Record<string, string> = {}): Promise<string> => {
    const blocks = blocksOf(`docs/recipes/${page}`);
    for (const { file, text } of blocks) if (file) shell.put(file, text);
    let all = '';
    for (const { text } of blocks.filter(({ language, file }) => language === 'sh' && !file)) {
      const { code, output } = await shell.run(text, env);
      expect(code, `${text}\n${output}`).to.equal(0);
      all += output;
    }
    return all;
  };

  it('GitHub Actions: the steps of the workflow, one after the other', async () => {
    const runAs = await shell.start('prod', ...variantFlags);
    for (const { file, text } of blocksOf('docs/recipes/github-actions.md')) if (file) shell.put(file, text);
    const workflow = parse(readFileSync(join(shell.folder, '.github/workflows/eca.yml'), 'utf8')) as {
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
      const { code, output } = await shell.run(run ?? '', env);
      expect(code, `${name}\n${output}`).to.equal(0);
      outputs[name] = output;
    }
    expect(Object.keys(outputs)).to.deep.equal(['Install', 'Log in', 'Plan', 'Apply', 'Verify']);
    expect(outputs.Plan).to.include('1 to create').and.include('dry run: nothing was written');
    expect(await shell.appsThere()).to.deep.equal(['Order_Sync']);
    expect(shell.noted()).to.deep.equal([
      'npm install --global @salesforce/cli@2.150.6',
      'curl --fail --silent --show-error --location --output sf-plugin-eca-0.1.0.tgz https://files.example.com/sf-plugin-eca-0.1.0.tgz',
      `sf plugins install file:${shell.folder}/sf-plugin-eca-0.1.0.tgz`,
      'sf org login sfdx-url --sfdx-url-stdin --alias prod',
    ]);
  });

  it('a scratch org, from nothing', async () => {
    await shell.start('orders', ...variantFlags);
    const output = await follow('scratch-org.md');
    expect(output).to.include('+ Order_Sync (create)').and.include('nothing to do');
    expect(shell.noted(), 'the org is there already').to.deep.equal([]);
    const { result } = JSON.parse(readFileSync(join(shell.folder, '.order-sync.json'), 'utf8')) as {
      result: { consumerKey: string; consumerSecret?: string };
    };
    expect(result.consumerKey).to.be.a('string').and.not.equal('');
    expect(result).to.not.have.property('consumerSecret');
    // Without the org, the script's first command is to make it. (Nobody does here, so the next one fails.)
    await shell.cli.run(['eca', 'practice', 'stop', '--alias', 'orders']);
    await shell.run('bash scripts/scratch.sh orders');
    expect(shell.noted()).to.have.length(1);
    expect(shell.noted()[0]).to.include(
      'sf org create scratch --definition-file config/project-scratch-def.json --alias orders',
    );
    expect(JSON.parse(readFileSync(join(shell.folder, 'config/project-scratch-def.json'), 'utf8'))).to.have.property(
      'features',
    );
  });

  it('JWT bearer for CI, from nothing', async () => {
    const user = await shell.start('prod', ...variantFlags);
    const output = await follow('jwt-for-ci.md', { CI_USER: user });
    expect(output)
      .to.include('sf org login jwt --client-id')
      .and.include('has the new certificate, and a login worked');
    const files = readdirSync(shell.folder).filter((name) => name.startsWith('CI_Login'));
    expect(files.sort()).to.deep.equal(['CI_Login-2.crt', 'CI_Login-2.key', 'CI_Login.crt', 'CI_Login.key']);
  });

  it('client credentials, from nothing', async () => {
    await shell.start('prod', ...variantFlags);
    const env = { ORDER_SYNC_USER: 'order-sync@example.com' };
    const output = await follow('client-credentials.md', env);
    expect(output).to.include('client-credentials: worked').and.include('order-sync.env');
    const again = await follow('client-credentials.md', env);
    expect(again).to.include('nothing to do');
  });

  it('web server with PKCE, for an app on localhost', async () => {
    await shell.start('prod', ...variantFlags);
    const output = await follow('web-server-pkce.md');
    expect(output).to.include('web-server: accepted').and.include('Local_Tool passed.');
    expect(readFileSync(join(shell.folder, 'local-tool.env'), 'utf8'))
      .to.match(/CLIENT_ID=\S+/)
      .and.not.include('SECRET=');
  });

  it("an admin's afternoon", async () => {
    await shell.start('prod', ...variantFlags);
    const app = (name: string): string =>
      `- { name: ${name}, contactEmail: it@example.com, oauth: { callbackUrls: ['https://a.example.com/cb'] }, scopes: [api] }\n`;
    shell.put('there.yaml', `apps:\n${['Order_Sync', 'Billing', 'Old_Import'].map(app).join('')}`);
    const made = await shell.run('sf eca apply --target-org prod --file there.yaml');
    expect(made.code, made.output).to.equal(0);

    const output = await follow('admins-afternoon.md');
    expect(await shell.appsThere()).to.deep.equal(['Billing', 'Order_Sync']);
    expect(output).to.include('policies.refreshTokenValidity: 365 days => 12 hours');
    expect(output).to.include('+ Old_Import (create)').and.include('Plan: 1 to create, 2 to change');
    expect(readFileSync(join(shell.folder, 'now.yaml'), 'utf8')).to.include('refreshTokenValidity: 12 hours');
  });

  it('an audit: baseline, exception, review and incident', async () => {
    await shell.start('prod', ...variantFlags);
    const app =
      '{ name: Order_Sync, contactEmail: it@example.com, oauth: { callbackUrls: [https://orders.example.io/cb] }, scopes: [api] }';
    shell.put('there.yaml', `apps:\n- ${app}\n`);
    const made = await shell.run('sf eca apply --target-org prod --file there.yaml');
    expect(made.code, made.output).to.equal(0);

    const output = await follow('audit.md');
    expect(output).to.include('ECA201').and.include('What the fix may break');
    expect(readFileSync(join(shell.folder, 'audit.html'), 'utf8')).to.include('<!doctype html>');
    expect(readFileSync(join(shell.folder, 'incident.csv'), 'utf8')).to.include('Order_Sync');
  });

  it('drift check by cron', async () => {
    await shell.start('prod', ...variantFlags);
    const output = await follow('drift-check.md');
    expect(output).to.include('No drift.\n').and.include('Drift: exit code 3\n');
    expect(output.slice(output.indexOf('No drift.'))).to.include('    enabled: false => true');
  });

  it('moving a Connected App, from the list of all to the deletion of the old one', async () => {
    shell.put('Order_Sync.connectedApp-meta.xml', CONNECTED_APP);
    await shell.start(
      'prod',
      ...variantFlags,
      '--connected-app',
      join(shell.folder, 'Order_Sync.connectedApp-meta.xml'),
    );
    // A second start tells where the org is.
    const { result: org } = await shell.cli.json<{ instanceUrl: string }>([
      'eca',
      'practice',
      'start',
      '--alias',
      'prod',
    ]);
    // Nobody is there to answer: these stand for the answers.
    const answers: Record<string, string> = {
      'migrate block': '--no-prompt',
      'migrate finish': '--confirm-name Order_Sync',
    };
    const blocks = blocksOf('docs/moving.md').filter(({ language }) => language === 'sh');
    const [tried, ...steps] = blocks.filter(({ text }) => !text.includes('--in-place')).toReversed();
    let all = '';
    for (const { text } of steps.toReversed()) {
      const [, answer = ''] = Object.entries(answers).find(([words]) => text.includes(words)) ?? [];
      // Thirty days of quiet go by.
      if (text.includes('migrate finish')) await advance(org.instanceUrl, 31 * 86_400);
      const { code, output } = await shell.run(`${text.trimEnd()} ${answer}`);
      expect(code, `${text}\n${output}`).to.equal(0);
      all += output;
    }
    expect(all).to.include('Order_Sync -> external client app Order_Sync_ECA').and.include('eca migrate unblock');
    expect(await shell.appsThere()).to.deep.equal(['Order_Sync_ECA']);
    const gone = await shell.cli.json(['eca', 'migrate', 'plan', '--name', 'Order_Sync', '--target-org', 'prod']);
    expect(gone).to.include({ status: 1, name: 'ConnectedAppNotFoundError' });

    await shell.cli.run(['eca', 'practice', 'stop', '--alias', 'prod']);
    shell.startsByItself('practice');
    const { code, output } = await shell.run(String(tried?.text));
    expect(code, output).to.equal(0);
  });

  it('moving a Connected App in place, with the button that a person presses', async () => {
    const file = 'Order_Sync.connectedApp-meta.xml';
    shell.put(file, CONNECTED_APP);
    await shell.start('prod', ...variantFlags, '--connected-app', join(shell.folder, file));
    const { result: org } = await shell.cli.json<{ instanceUrl: string; username: string }>([
      ...['eca', 'practice', 'start', '--alias', 'prod'],
    ]);
    const [look, move] = blocksOf('docs/moving.md').filter(
      ({ language, text }) => language === 'sh' && text.includes('--in-place'),
    );
    const looked = await shell.run(String(look?.text));
    expect(looked.code, looked.output).to.equal(0);
    const moving = shell.run(String(move?.text));
    const browser = new Browser(org.instanceUrl);
    const page = await browser.logIn('/lightning/setup/NavigationMenus/home?app=Order_Sync', org.username);
    await browser.submit(page, { local: 'on', flow: 'on', migrate: 'Migrate' });
    const { code, output } = await moving;
    expect(code, output).to.equal(variants['button-policies'] === 'defaults' ? 68 : 0);
    expect(output).to.include('has the key of the Connected App Order_Sync').and.include('sf eca delete');
    expect(await shell.appsThere()).to.deep.equal(['Order_Sync']);
  });
});
