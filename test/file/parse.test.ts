import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import fc from 'fast-check';

import { parseEcaFile } from '../../src/file/parse.ts';
import { readEcaFiles } from '../../src/file/read.ts';
import { shownProblems } from '../../src/ui/fileProblems.ts';
import { BROKEN_FILES } from './brokenFiles.ts';

const parse = (text: string, environment = {}) => parseEcaFile(text, 'eca.yaml', environment);

describe('reading an eca.yaml', () => {
  it('gives the apps as it has them', () => {
    const { apps, problems } = parse(`
apps:
  - name: Order_Sync
    label: Order Sync   # as in Setup
    contactPhone: 00491234
    enabled: false
    description: |
      Pulls orders
      every night
    oauth:
      callbackUrls: [https://orders.example.com/cb]
      flows: [Client Credentials Flow, jwt]
      idToken: { audience: "5", validityMinutes: 5, standardClaims: true }
      trustedIpRanges:
        - { start: 203.0.113.0, end: 203.0.113.255, description: Office }
    scopes: [Api, refresh_token, Access unique user identifiers, not_known_here]
    policies: { sessionTimeoutMinutes: 30, refreshTokenValidity: 30 days }
  - name: Old_App
    absent: true
`);
    expect(problems).to.deep.equal([]);
    expect(apps.map(({ wish, absent }) => ({ wish, absent }))).to.deep.equal([
      {
        wish: {
          name: 'Order_Sync',
          label: 'Order Sync',
          contactPhone: '00491234',
          enabled: false,
          description: 'Pulls orders\nevery night\n',
          oauth: {
            callbackUrls: ['https://orders.example.com/cb'],
            flows: ['client-credentials', 'jwt-bearer'],
            idToken: { audience: '5', validityMinutes: 5, standardClaims: true },
            trustedIpRanges: [{ start: '203.0.113.0', end: '203.0.113.255', description: 'Office' }],
          },
          scopes: ['api', 'refresh_token', 'openid', 'not_known_here'],
          policies: { sessionTimeoutMinutes: 30, refreshTokenValidity: '30 days' },
        },
        absent: false,
      },
      { wish: { name: 'Old_App' }, absent: true },
    ]);
  });

  it('knows where a field is said, or else its group, or else the app', () => {
    const { apps } = parse(
      'apps:\n- name: A\n  oauth:\n    callbackUrls:\n      - https://a.example.com\n      - https://b.example.com\n',
    );
    const at = (field?: string, item?: string): string => {
      const { file, line, column } = apps[0]!.at(field, item);
      return `${file}:${line}:${column}`;
    };
    expect(at('oauth.callbackUrls')).to.equal('eca.yaml:5:7');
    expect(at('oauth.callbackUrls', 'https://b.example.com')).to.equal('eca.yaml:6:9');
    expect(at('oauth.callbackUrls', 'https://c.example.com')).to.equal('eca.yaml:5:7');
    expect(at('oauth.runAs')).to.equal('eca.yaml:4:5');
    expect(at('policies.refreshToken')).to.equal('eca.yaml:2:9');
    expect(at()).to.equal('eca.yaml:2:9');
  });

  it('fills variables in, also where a yes or no or a number belongs', () => {
    const text = `apps:
- name: \${NAME}
  enabled: \${ON}
  label: $\${NAME} costs $5 at \${NAME}
  policies: { sessionTimeoutMinutes: "\${MINUTES}" }
`;
    const { apps, problems } = parse(text, { NAME: 'Order_Sync', ON: 'TRUE', MINUTES: '30' });
    expect(problems).to.deep.equal([]);
    expect(apps[0]?.wish).to.deep.equal({
      name: 'Order_Sync',
      enabled: true,
      label: '${NAME} costs $5 at Order_Sync',
      policies: { sessionTimeoutMinutes: 30 },
    });
  });

  it("never shows what a variable holds when its value won't do", () => {
    const { problems } = parse('apps:\n- { name: A, enabled: "${TOKEN}" }\n', { TOKEN: 'do-not-show' });
    expect(problems).to.have.length(1);
    expect(JSON.stringify(problems)).to.not.include('do-not-show');
  });

  it('follows aliases', () => {
    const { apps, problems } = parse(`apps:
- name: A
  policies: &strict { permittedUsers: admin-approved }
  scopes: &scopes [api]
- { name: B, policies: *strict, scopes: *scopes }
`);
    expect(problems).to.deep.equal([]);
    expect(apps[1]?.wish).to.deep.equal({ name: 'B', policies: { permittedUsers: 'admin-approved' }, scopes: ['api'] });
  });

  it('is not blown up by aliases of aliases', () => {
    const ranges = Array.from({ length: 2000 }, () => '{ start: 1.1.1.1, end: 1.1.1.1 }').join(', ');
    const apps = Array.from({ length: 500 }, (_, index) => `- { name: B${index}, oauth: *oauth }`).join('\n');
    const begun = process.cpuUsage();
    const { problems } = parse(`apps:\n- name: A\n  oauth: &oauth { trustedIpRanges: [${ranges}] }\n${apps}\n`);
    expect(problems.map(({ code }) => code)).to.include('file.tooManyValues');
    expect(process.cpuUsage(begun).user / 1000).to.be.lessThan(5000);
  });

  it('does not break down, and touches no prototype, whatever a file says', () => {
    const keys = ['apps', 'name', 'label', 'oauth', '__proto__', 'constructor', 'toString', '<<', 'scopes', 'policies'];
    const signs = [
      ': ',
      ':',
      '- ',
      '\n',
      '\n  ',
      '\n    ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '&a ',
      '*a',
      '!!binary ',
      '!x ',
      '|',
      '>',
      '? ',
    ];
    const words = [
      '"',
      "'",
      '#',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '${A}',
      '$${',
      '~',
      '1e999',
      '.inf',
      '0x1',
      '\t',
      '\u0085',
      '😀',
    ];
    const files = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.constantFrom(...keys, ...signs, ...words), { maxLength: 40 }).map((some) => some.join('')),
      fc.json(),
      fc.json().map((json) => `apps: [${json}]`),
    );
    fc.assert(
      fc.property(files, (text) => {
        const { apps, problems } = parse(text);
        expect(apps).to.be.an('array');
        for (const { code, line, column } of problems) {
          expect(code).to.match(/^(file|error)\./);
          expect(Math.min(line, column)).to.be.at.least(1);
        }
      }),
      { numRuns: 500 },
    );
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it('keeps keys that every object has for unknown ones', () => {
    for (const key of ['__proto__', 'constructor', 'hasOwnProperty']) {
      expect(parse(`apps: [{ name: A, ${key}: { enabled: true } }]`).problems[0]?.code).to.match(/^file\.key/);
      expect(parse(`${key}: 1\napps: []`).problems.map(({ code }) => code)).to.deep.equal(['file.keyAtTop']);
      const { apps } = parse(`apps: [{ name: A, oauth: { ${key}: { pkceRequired: true } } }]`);
      expect(apps[0]?.wish.oauth?.pkceRequired).to.equal(undefined);
    }
  });

  for (const [what, text] of [
    ['brackets that open', '['.repeat(1000)],
    ['braces that open', `apps: ${'{a: '.repeat(500)}`],
    ['lists in lists', '- '.repeat(20_000)],
    ['groups in groups', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['lines with mistakes', 'a: b: c\n'.repeat(500)],
    ['anchors', '&a '.repeat(1000)],
    ['a scope of blanks', `apps: [{ name: A, scopes: ["a${' '.repeat(30_000)}b"] }]`],
  ] as const) {
    it(`refuses ${what} without end in good time`, () => {
      const begun = process.cpuUsage();
      const { problems } = parse(text);
      expect(problems.length).to.be.lessThan(20);
      // Of the processor, not of the clock: others may be busy, too.
      expect(process.cpuUsage(begun).user / 1000).to.be.lessThan(10_000);
    });
  }

  it('has nothing against an empty list', () => {
    expect(parse('apps: []\n')).to.deep.equal({ apps: [], problems: [] });
  });

  it('reads JSON too, and Windows line ends, and a byte order mark', () => {
    expect(parse('{"apps": [{"name": "A", "enabled": true}]}').apps[0]?.wish).to.deep.equal({
      name: 'A',
      enabled: true,
    });
    const { apps, problems } = parse('\uFEFFapps:\r\n- name: A\r\n  label: B\r\n');
    expect(problems).to.deep.equal([]);
    expect(apps[0]?.wish).to.deep.equal({ name: 'A', label: 'B' });
  });
});

describe('an eca.yaml that would take for ever', function () {
  // A second or two on a machine with nothing else to do; what is wrong here took minutes.
  this.timeout(60_000);

  const firstOf = (text: string) => parse(text).problems[0];
  const many = (count: number, line: (at: number) => string): string =>
    Array.from({ length: count }, (_n, at) => line(at)).join('');

  for (const [what, code, text] of [
    [
      '40,000 aliases behind 60,000 values',
      'file.tooMuch',
      `x:\n${many(60_000, (at) => `  - v${at}\n`)}y: &a [z]\napps:\n${many(40_000, () => '  - *a\n')}`,
    ],
    ['a few thousand aliases', 'file.tooManyAliases', `x: &a b\napps:\n${many(1001, () => '  - *a\n')}`],
    ['lists in lists', 'file.tooDeep', `apps: ${'['.repeat(50_000)}`],
    ['lists in lists, in the other notation', 'file.tooDeep', `apps:\n${'- '.repeat(50_000)}`],
    ['groups in groups', 'file.tooDeep', many(300, (at) => `${' '.repeat(at)}a:\n`)],
    ['a great many documents', 'file.severalDocuments', '--- a\n'.repeat(100_000)],
    ['a great many signs', 'file.tooMuch', `apps: [${','.repeat(600_000)}`],
  ] as const) {
    it(`is refused with its place for ${what}`, () => {
      const problem = firstOf(text);
      expect(problem?.code).to.equal(code);
      expect(problem?.line).to.be.greaterThan(0);
    });
  }

  for (const [what, code, text] of [
    ['groups as keys in groups as keys', 'file.keyAtTop', '? '.repeat(90)],
    ['groups as keys in an app', 'file.keyUnlike', `apps:\n  - name: A\n    ${'? '.repeat(60)}a\n`],
    ['pairs of brackets beside each other', 'file.syntax', '{}'.repeat(240_000)],
    ['brackets that close nothing', 'file.syntax', '}'.repeat(480_000)],
    ['a list of commas', 'file.syntax', `apps: {${','.repeat(240_000)}}`],
    ['a wide gap where a list belongs', 'file.noList', `apps:\n  - name: A\n    scopes: "a${' '.repeat(400_000)}b"\n`],
    [
      'as many variables that are missing',
      'file.variableMissing',
      `apps:\n  - name: A\n    label: "${many(150_000, (at) => `\${NOT_HERE_${at}}`)}"\n`,
    ],
  ] as const) {
    it(`takes no long work for ${what}`, () => {
      const begun = process.cpuUsage();
      expect(firstOf(text)?.code).to.equal(code);
      expect(process.cpuUsage(begun).user / 1000).to.be.lessThan(5000);
    });
  }

  it('may have many keys, and one that is there twice is found', () => {
    const text = `apps:\n  - name: A\n${many(20_000, (at) => `    k${at}: 1\n`)}    k0: 2\n`;
    const { problems } = parse(text);
    expect(problems).to.have.length(1000);
    expect(problems[0]).to.deep.include({ code: 'file.keyTwice', line: 20_003 });
  });

  it('may have a thousand aliases and a thousand apps', () => {
    const text = `apps:\n${many(1000, (at) => `  - { name: A${at}, contactEmail: ${at === 0 ? '&m it@example.com' : '*m'} }\n`)}`;
    const { apps, problems } = parse(text);
    expect(problems).to.deep.equal([]);
    expect(apps.map(({ wish }) => wish.contactEmail)).to.deep.equal(
      Array.from({ length: 1000 }, () => 'it@example.com'),
    );
  });

  it('has the last anchor of a name before an alias', () => {
    const { apps } = parse(
      'apps:\n  - { name: A, label: &x one }\n  - { name: B, label: *x }\n  - { name: &x C, label: *x }\n',
    );
    expect(apps.map(({ wish }) => wish.label)).to.deep.equal(['one', 'one', 'C']);
  });

  it('is refused where a variable is named so often that the text would have no end', () => {
    const text = `apps:\n  - { name: A, label: "${'${BIG}'.repeat(10_000)}" }\n`;
    expect(parse(text, { BIG: 'x'.repeat(10_000) }).problems[0]).to.deep.include({
      code: 'file.variableTooLong',
      values: ['BIG'],
    });
  });
});

describe('variables of an eca.yaml', () => {
  for (const name of [
    'API_TOKEN',
    'MySecret',
    'db_password',
    'DB_PASSWD',
    'PASSPHRASE',
    'SIGNING_KEY',
    'PRIVATE',
    'OAUTH',
    'SFDX_X',
    'sf_user',
    'AWS_REGION',
    'gh_x',
    'GITLAB_X',
    'CI_JOB_ID',
    'Npm_Config',
    'VAULT_ADDR',
    'AZURE_X',
    'GOOGLE_X',
    'SESSION',
    'Cookie',
    'MY_PAT',
    'DATABASE_URL',
  ]) {
    it(`do not come from ${name}, unless it is allowed`, () => {
      const text = `apps:\n  - { name: A, label: "\${${name}}" }\n`;
      const { apps, problems } = parse(text, { [name]: 'hidden-one' });
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ code: 'file.variableSecret', line: 2 });
      expect(JSON.stringify([apps, problems])).to.not.include('hidden-one');
      expect(parseEcaFile(text, 'eca.yaml', { [name]: 'hidden-one' }, [name]).apps[0]?.wish.label).to.equal(
        'hidden-one',
      );
    });
  }

  it('come from others', () => {
    for (const name of ['ORDERS_HOST', 'RUN_AS', 'ECA_MAIL', 'SFO_OFFICE', 'HOST', 'SPATIAL']) {
      expect(
        parse(`apps:\n  - { name: A, label: "\${${name}}" }\n`, { [name]: 'hidden-one' }).problems,
        name,
      ).to.deep.equal([]);
    }
  });
});

describe('a broken eca.yaml', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-broken-'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { what, text, problems } of BROKEN_FILES) {
    it(`with ${what} is refused with the place and what to do`, async () => {
      const file = join(folder, 'eca.yaml');
      writeFileSync(file, text);
      const shown = shownProblems((await readEcaFiles([file], { EMPTY: '' })).problems);
      expect(shown.map(({ line, column }) => `${line}:${column}`)).to.deep.equal(problems.map(([place]) => place));
      shown.forEach(({ message }, index) => {
        for (const word of problems[index]!.slice(1)) expect(message).to.include(word);
        expect(message, 'no placeholder is left open').to.not.match(/%s|undefined|hunter2/);
      });
    });
  }
});
