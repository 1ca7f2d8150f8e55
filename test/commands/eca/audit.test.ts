import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';

import { INCLUDED_BY } from '../../../src/app/audit/facts.ts';
import { RULES } from '../../../src/app/audit/rules.ts';
import EcaAudit, { type EcaAuditResult } from '../../../src/commands/eca/audit.ts';
import EcaAuditExplain from '../../../src/commands/eca/audit/explain.ts';
import EcaCreate from '../../../src/commands/eca/create.ts';
import EcaOauthSet from '../../../src/commands/eca/oauth/set.ts';
import { hasChromium, openChromium, withChromium } from '../../chromium.ts';
import { appInOrg } from '../../practice/oauth/appInOrg.ts';
import { failure, type LoggedIn, logInToPractice } from '../practice.ts';

type SarifResult = {
  ruleId: string;
  level: string;
  partialFingerprints: Record<string, string>;
  locations: Array<{ physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }>;
};

type Sarif = {
  runs: Array<{
    automationDetails: { id: string };
    tool: { driver: { rules: Array<{ id: string; properties: Record<string, unknown> }> } };
    results: SarifResult[];
  }>;
};

/** What a browser says of a page: levels of headings, sections without a name, ids, and contrasts (WCAG 2.2). */
type PageSeen = { levels: number[]; unnamed: number; ids: string[]; ratios: number[] };

const LOOK_AT_PAGE = String.raw`(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const light = (colour) => {
    const [red, green, blue] = colour.match(/\d+/g).slice(0, 3).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (one) => {
    if (!one) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(one);
    return backgroundColor.endsWith(', 0)') ? behind(one.parentElement) : backgroundColor;
  };
  return {
    levels: all('h1, h2, h3, h4, h5, h6').map(({ tagName }) => Number(tagName[1])),
    unnamed: all('section').filter((one) => !document.getElementById(one.getAttribute('aria-labelledby'))?.textContent.trim()).length,
    ids: all('[id]').map(({ id }) => id),
    ratios: all('body *').map((one) => {
      const [low, high] = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    }),
  };
})()`;

describe('eca audit', function () {
  this.timeout(60_000);
  const $$ = new TestContext();
  const home = process.cwd();
  let org: LoggedIn;
  let ux: ReturnType<typeof stubSfCommandUx>;
  let folder: string;

  beforeEach(() => {
    ux = stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-audit-'));
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
    await org.close();
    process.exitCode = undefined;
  });

  const audit = async (...flags: string[]): Promise<EcaAuditResult> =>
    EcaAudit.run(['--target-org', org.username, ...flags]);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const sarifOf = (name: string): Sarif['runs'][0] => {
    const [run] = (JSON.parse(read(name)) as Sarif).runs;
    if (!run) throw new Error('The file has no run.');
    return run;
  };

  /** An app with findings, and a label that is as hostile as labels can be. */
  const LABEL = '=cmd|"/c calc"!A1 <script>alert(1)</script> \u001b[2J | `x` &amp;';
  const make = async (name = 'Order_Sync', label = LABEL): Promise<void> => {
    const app = ['--target-org', org.username, '--name', name];
    await EcaCreate.run([...app, '--contact-email', 'it@acme.io']);
    await EcaOauthSet.run([
      ...[...app, '--callback-url', 'https://app.acme.io/cb', '--flow', 'web-server', '--no-pkce', '--no-certificate'],
      ...['--scope', 'api', '--scope', 'refresh_token'],
    ]);
    const [component] = org.org.components('ExternalClientApplication').filter(({ fullName }) => fullName === name);
    if (component) component.body.label = label;
  };

  it('says of an org without apps that it has none', async () => {
    org = await logInToPractice($$);
    const { apps, findings } = await audit();
    expect(apps).to.deep.equal([]);
    expect(findings.every(({ kind }) => kind === 'org')).to.equal(true);
    expect(ux.log.args.flat()[0]).to.equal('The org has no external client apps.');
  });

  it('writes nothing to the org, and never opens the access to secrets', async () => {
    org = await logInToPractice($$);
    await make();
    org.requests.clear();
    await audit('--include', 'tokens', '--include', 'connected-apps', '--include', 'installed');
    const writes = org.requests.entries().filter(({ method, path }) => method !== 'GET' && !path.includes('/Soap/m/'));
    expect(writes).to.deep.equal([]);
    expect(org.deploys()).to.equal(0);
  });

  it('asks the org as often for many apps as for a few', async () => {
    org = await logInToPractice($$);
    const asked = async (): Promise<number> => {
      org.requests.clear();
      await audit('--include', 'tokens');
      return org.asked().filter((line) => !line.includes('/Soap/m/')).length;
    };
    for (let index = 0; index < 2; index++) await make(`App_${index}`, `App ${index}`);
    const few = await asked();
    for (let index = 2; index < 8; index++) await make(`App_${index}`, `App ${index}`);
    expect(await asked()).to.be.at.most(few);
  });

  it('reads a thousand apps with few requests', async function () {
    this.timeout(240_000);
    org = await logInToPractice($$);
    for (let index = 0; index < 1000; index++) appInOrg(org.org, { name: `App_${index}` });
    org.requests.clear();
    const { apps, findings } = await audit(
      '--include',
      'tokens',
      '--output-file',
      'a.sarif',
      '--output-file',
      'a.html',
    );
    expect(apps).to.have.length(1000);
    expect(findings.length).to.be.greaterThan(3000);
    // The polls of the one retrieve are a matter of time.
    expect(org.asked().filter((line) => !line.includes('/Soap/m/')).length).to.be.below(25);
    expect(ux.log.args.flat().length).to.be.below(400);
    expect(JSON.stringify(ux.warn.args)).to.match(/a\.sarif has \d+ results\. GitHub keeps 5000 /);
  });

  it('has no secret, no key and no token in any output', async () => {
    org = await logInToPractice($$);
    await make();
    const tokenText = randomBytes(24).toString('base64url');
    org.org.insert('OauthToken', {
      ...{
        AppName: 'x',
        AppMenuItemId: null,
        UserId: org.org.seeded.admin.Id,
        AccessToken: tokenText,
        DeleteToken: tokenText,
      },
    });
    const endings = ['sarif', 'xml', 'csv', 'json', 'md', 'html', 'eca.yaml'];
    const result = await audit('--include', 'tokens', ...endings.flatMap((ending) => ['--output-file', `a.${ending}`]));
    const [consumer] = [...org.org.consumers.values()];
    if (!consumer) throw new Error('The app has no consumer.');
    const { key, secret } = consumer.primary;
    const all = [
      JSON.stringify(result),
      ux.log.args.flat().join('\n'),
      ...endings.map((ending) => read(`a.${ending}`)),
    ];
    for (const text of all)
      for (const hidden of [key, secret, tokenText]) expect(text.includes(hidden)).to.equal(false);
  });

  it('makes a label harmless in every output', async () => {
    org = await logInToPractice($$);
    await make();
    org.org.insert('OauthToken', {
      AppName: LABEL.replace('=cmd', '=uninstalled'),
      AppMenuItemId: null,
      UserId: org.org.seeded.admin.Id,
    });
    const endings = ['sarif', 'xml', 'csv', 'md', 'html', 'eca.yaml'];
    await audit('--include', 'tokens', ...endings.flatMap((ending) => ['--output-file', `a.${ending}`]));
    for (const ending of endings) expect(read(`a.${ending}`), ending).to.not.include('\u001b');
    expect(read('a.html')).to.not.include('<script');
    expect(read('a.md')).to.not.match(/[^\\]<script/);
    for (const line of read('a.csv').split('\r\n')) expect(line).to.not.match(/(^|,)"[=+@-]/);
    expect(new XMLParser().parse(read('a.xml'))).to.have.property('testsuites');
  });

  describe('as SARIF', () => {
    it('has a place, a fingerprint and a severity for each result', async () => {
      org = await logInToPractice($$);
      await make();
      await audit('--output-file', 'a.sarif');
      const { results, tool, automationDetails } = sarifOf('a.sarif');
      expect(automationDetails.id).to.equal(`sf-eca-audit/${org.org.orgId.slice(0, 15)}/`);
      const ids = tool.driver.rules.map(({ id }) => id);
      for (const { ruleId, level, partialFingerprints, locations } of results) {
        expect(ids).to.include(ruleId);
        expect(['error', 'warning', 'note']).to.include(level);
        expect(partialFingerprints.primaryLocationLineHash).to.match(new RegExp(`^${ruleId}/00D`));
        expect(locations[0]?.physicalLocation.artifactLocation.uri).to.match(/^salesforce\/00D[^:]*$/);
      }
      for (const { properties } of tool.driver.rules) {
        expect(properties.tags).to.deep.equal(['security']);
        expect(properties['security-severity']).to.match(/^\d+\.\d$/);
      }
      const prints = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
      expect(new Set(prints).size).to.equal(prints.length);
    });

    it('names the line of the checkout that says the field, or else the metadata file', async () => {
      org = await logInToPractice($$);
      await make();
      await make('Billing', 'Billing');
      writeFileSync('eca.yaml', 'apps:\n  - name: order_sync\n    oauth:\n      pkceRequired: false\n');
      writeFileSync('Billing.eca-meta.xml', '<ExternalClientApplication/>');
      await make('Shipping', 'Shipping');
      writeFileSync('Shipping.eca-meta.xml', '<ExternalClientApplication/>');
      writeFileSync(
        'any name.ecaGlblOauth-meta.xml',
        [
          '<?xml version="1.0" encoding="UTF-8"?>',
          '<ExtlClntAppGlobalOauthSettings xmlns="http://soap.sforce.com/2006/04/metadata">',
          '    <externalClientApplication>Shipping</externalClientApplication>',
          '    <isPkceRequired>false</isPkceRequired>',
          '</ExtlClntAppGlobalOauthSettings>',
        ].join('\r\n'),
      );
      writeFileSync(
        'Shipping.ecaOauthPlcy',
        '<a><externalClientApplication>shipping</externalClientApplication>\n<permittedUsersPolicyType/></a>',
      );
      await audit('--output-file', 'a.sarif');
      const placesOf = (id: string): string[] =>
        sarifOf('a.sarif')
          .results.filter(({ ruleId }) => ruleId === id)
          .map(
            ({ locations: [one] }) =>
              `${one?.physicalLocation.artifactLocation.uri}:${one?.physicalLocation.region.startLine}`,
          );
      expect(placesOf('ECA102').sort()).to.deep.equal([
        'Billing.eca-meta.xml:1',
        'any%20name.ecaGlblOauth-meta.xml:4',
        'eca.yaml:4',
      ]);
      expect(placesOf('ECA201')).to.include('Shipping.ecaOauthPlcy:2');
      // The component of the file leaves the element out.
      expect(placesOf('ECA108')).to.include('any%20name.ecaGlblOauth-meta.xml:1');
    });

    it('keeps an alert open with a note when its rule could not be checked', async () => {
      org = await logInToPractice($$);
      await make();
      await audit('--output-file', 'a.sarif', '--include', 'tokens');
      org.org.update('User', org.org.seeded.standardUser.Id, {});
      const before = sarifOf('a.sarif').results.map(({ partialFingerprints: one }) => one.primaryLocationLineHash);
      expect(before.some((print) => print?.startsWith('ECA102/'))).to.equal(true);
      const notes = (await audit('--api-version', '66.0')).notChecked;
      for (const { rule, fingerprint } of notes) expect(fingerprint).to.match(new RegExp(`^${rule}/00D`));
    });

    for (const flags of [
      ['--min-severity', 'high'],
      ['--rule', 'ECA102'],
      ['--name', 'Order_Sync'],
    ])
      it(`does not go together with ${flags[0]}`, async () => {
        org = await logInToPractice($$);
        const error = await failure(audit(...flags, '--output-file', 'a.sarif'));
        expect(error).to.include({ name: 'SarifWholeError', exitCode: 2 });
      });
  });

  describe('as a page', () => {
    it(withChromium('is readable without a script, and asks for nothing'), async function () {
      if (!hasChromium) this.skip();
      org = await logInToPractice($$);
      await make();
      await audit('--output-file', 'a.html');
      const { context, close } = await openChromium();
      try {
        const page = await context.newPage();
        const asked: string[] = [];
        const dialogs: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        page.on('dialog', (dialog) => dialogs.push(dialog.message()));
        await page.goto(`file://${join(folder, 'a.html')}`);
        expect(asked).to.have.length(1);
        expect(dialogs).to.deep.equal([]);
        expect(await page.locator('html').getAttribute('lang')).to.equal('en');
        expect(await page.locator('h1').count()).to.equal(1);
        expect(await page.locator('th:not([scope])').count()).to.equal(0);
        // What stands alone in WCAG 2.2: landmarks, a title, captions, the order of headings, a width that fits, contrast.
        expect(await page.locator('body > header').count()).to.equal(1);
        expect(await page.locator('body > main').count()).to.equal(1);
        expect(await page.title()).to.include(org.username);
        expect(await page.locator('table:not(:has(> caption))').count()).to.equal(0);
        const seen = await page.evaluate<PageSeen>(LOOK_AT_PAGE);
        for (const [index, level] of seen.levels.entries())
          expect(level - (seen.levels[index - 1] ?? 0), 'levels between two headings').to.be.at.most(1);
        expect(seen.unnamed, 'sections without a name').to.equal(0);
        expect(new Set(seen.ids).size).to.equal(seen.ids.length);
        await page.setViewportSize({ width: 320, height: 640 });
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
        expect(overflow, 'pixels that a narrow window has to scroll').to.be.at.most(0);
        expect(Math.min(...seen.ratios)).to.be.at.least(4.5);
        expect(await page.locator('section.finding').count()).to.be.greaterThan(5);
        expect(await page.locator('body').innerText()).to.include('<script>alert(1)</script>');
        const pdf = await page.pdf();
        expect(pdf.length).to.be.greaterThan(10_000);
      } finally {
        await close();
      }
    });
  });

  describe('with gates', () => {
    it('exits with 3 when a finding is as bad as --fail-on, and with 0 else', async () => {
      org = await logInToPractice($$);
      await make();
      expect((await audit('--fail-on', 'critical')).failed).to.equal(false);
      expect(process.exitCode).to.equal(undefined);
      expect((await audit('--fail-on', 'medium', '--min-severity', 'critical')).failed).to.equal(true);
      expect(process.exitCode).to.equal(3);
    });

    it('exits with 3 for what was not checked only when asked to', async () => {
      org = await logInToPractice($$, { installed: ['acme__Shop'] });
      expect((await audit()).failed).to.equal(false);
      expect((await audit('--fail-on-unchecked')).failed).to.equal(true);
    });

    it('counts only what is new since a baseline', async () => {
      org = await logInToPractice($$);
      await make();
      await audit('--write-baseline', 'b.json');
      const known = await audit('--baseline', 'b.json', '--fail-on', 'info');
      expect([known.findings, known.failed]).to.deep.equal([[], false]);
      expect(known.suppressed.every(({ suppressedBy }) => suppressedBy === 'baseline')).to.equal(true);
      await make('Billing', 'Billing');
      const later = await audit('--baseline', 'b.json', '--fail-on', 'high', '--output-file', 'a.sarif');
      expect(new Set(later.findings.map(({ subject }) => subject))).to.deep.equal(new Set(['Billing']));
      expect(
        sarifOf('a.sarif').results.every(({ ruleId }) => later.findings.some(({ rule }) => rule === ruleId)),
      ).to.equal(true);
    });

    it('refuses a baseline of another org, and one that is broken', async () => {
      org = await logInToPractice($$);
      writeFileSync('b.json', '{}');
      expect(await failure(audit('--baseline', 'b.json'))).to.include({ name: 'BaselineBrokenError', exitCode: 2 });
      writeFileSync('b.json', '{"version":1,"org":"00D000000000001","rules":[],"findings":[]}');
      expect(await failure(audit('--baseline', 'b.json'))).to.include({ name: 'BaselineOfOtherOrgError', exitCode: 2 });
    });

    it('leaves out what .eca-audit.yaml excepts, until its end', async () => {
      org = await logInToPractice($$);
      await make();
      const except = (until: string): void =>
        writeFileSync('.eca-audit.yaml', `ignore: [{ rule: ECA102, app: Order_Sync, reason: later, until: ${until} }]`);
      except('2999-12-31');
      const excepted = await audit();
      expect(excepted.suppressed.map(({ rule, suppression }) => `${rule} ${suppression}`)).to.deep.equal([
        'ECA102 Excepted in the ignore file until 2999-12-31: later',
      ]);
      except('2020-01-01');
      const ended = (await audit()).findings.find(({ rule }) => rule === 'ECA102');
      expect(ended).to.deep.include({ ended: '2020-01-01' });
      expect(ended?.detail).to.include('ended on 2020-01-01');
    });

    it('refuses an ignore file with an unknown rule, and one that is not there', async () => {
      org = await logInToPractice($$);
      writeFileSync('x.yaml', 'ignore: [{ rule: ECA999, reason: x }]');
      expect((await failure(audit('--ignore-file', 'x.yaml'))).message).to.include('x.yaml:1:');
      expect((await failure(audit('--ignore-file', 'none.yaml'))).name).to.equal('FilesWrongError');
    });
  });

  describe('with a login that may not see apps', () => {
    for (const who of ['standardUser', 'integrationUser'] as const)
      it(`checks nothing about them, and names the permission to the ${who}`, async () => {
        org = await logInToPractice($$, {}, ({ org: { seeded } }) => seeded[who]);
        appInOrg(org.org);
        for (const names of [[], ['--name', 'Order_Sync']]) {
          const { apps, findings, notChecked, failed } = await audit(...names, '--fail-on-unchecked');
          expect([apps, findings.filter(({ kind }) => kind === 'app'), failed]).to.deep.equal([[], [], true]);
          expect(process.exitCode).to.equal(3);
          const ofApps = RULES.filter(
            ({ about, needs }) => about === 'app' && !needs.some((what) => INCLUDED_BY[what]),
          );
          for (const { id } of ofApps) {
            const one = notChecked.find(({ rule }) => rule === id);
            expect(one?.what, id).to.equal('the external client apps');
            expect(one?.why, id).to.include('(ExternalClientAppViewer)').and.include(org.username);
          }
        }
        expect(ux.log.args.flat().join('\n')).to.not.include('has no external client apps');
      });

    it('writes no SARIF file, in which all alerts would read as mended', async () => {
      org = await logInToPractice($$, {}, ({ org: { seeded } }) => seeded.standardUser);
      const error = await failure(audit('--output-file', 'a.sarif', '--output-file', 'a.html'));
      expect(error).to.include({ name: 'SarifUnseenError', exitCode: 1 });
      expect(error.message).to.include('(ExternalClientAppViewer)');
      await audit('--output-file', 'a.html');
      expect(read('a.html')).to.include('(ExternalClientAppViewer)');
    });
  });

  it('writes the fixes as a file that apply takes, with what each may break', async () => {
    org = await logInToPractice($$);
    await make();
    await audit('--output-file', 'fixes.eca.yaml');
    const { default: EcaApply } = await import('../../../src/commands/eca/apply.ts');
    await EcaApply.run(['--target-org', org.username, '--file', 'fixes.eca.yaml', '--no-prompt']);
    expect(read('fixes.eca.yaml')).to.match(/# ECA102 \(medium\): .*\n {2}# May break: /);
    const left = (await audit()).findings.map(({ rule }) => rule);
    for (const mended of ['ECA102', 'ECA106', 'ECA108', 'ECA110', 'ECA111']) expect(left).to.not.include(mended);
  });

  it('runs the rules that are named, and names the nearest for one that is unknown', async () => {
    org = await logInToPractice($$);
    await make();
    const rulesOf = ({ findings }: EcaAuditResult) => [...new Set(findings.map(({ rule }) => rule))];
    expect(rulesOf(await audit('--rule', 'pkce-not-required'))).to.deep.equal(['ECA102']);
    expect(rulesOf(await audit('--skip-rule', 'ECA102'))).to.not.include('ECA102');
    const error = await failure(audit('--rule', 'ECA12'));
    expect(error.actions?.join()).to.match(/ECA1/);
  });

  it('explains a rule without an org', async () => {
    org = await logInToPractice($$);
    org.requests.clear();
    const [rule] = await EcaAuditExplain.run(['ECA102']);
    expect(rule).to.include({ id: 'ECA102', name: 'pkce-not-required', severity: 'medium' });
    expect(ux.log.args.flat().join('\n')).to.include('What the fix may break');
    expect(org.requests.entries()).to.deep.equal([]);
  });
});
