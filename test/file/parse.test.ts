import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseEcaFile } from '../../src/file/parse.ts';
import { readEcaFiles } from '../../src/file/read.ts';
import { shownProblems } from '../../src/ui/fileProblems.ts';
import { brokenFiles } from './brokenFiles.ts';

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
    const begun = Date.now();
    const { problems } = parse(`apps:\n- name: A\n  oauth: &oauth { trustedIpRanges: [${ranges}] }\n${apps}\n`);
    expect(problems.map(({ code }) => code)).to.include('file.tooManyValues');
    expect(Date.now() - begun).to.be.lessThan(5000);
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

describe('a broken eca.yaml', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-broken-'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { what, text, problems } of brokenFiles) {
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
