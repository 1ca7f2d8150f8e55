import { expect } from 'chai';
import fc from 'fast-check';

import type { App } from '../../src/app/app.ts';
import { FLOW_NAMES } from '../../src/app/flows.ts';
import { formatEcaFile } from '../../src/file/format.ts';
import { parseEcaFile } from '../../src/file/parse.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    'true',
    'null',
    '~',
    '007',
    '1e3',
    '2026-11-23',
    '${HOME}',
    '$${x}',
    '- a',
    'a: b',
    '# x',
    ' x ',
    'a\r\nb',
    'x\n\n',
    '&a',
    '*a',
    '!t',
    '%',
    '@',
    '"',
    "'",
  ),
);
const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,10}$/);

const anApp: fc.Arbitrary<App> = fc.record(
  {
    name: names,
    label: texts,
    description: texts,
    contactPhone: texts,
    enabled: fc.boolean(),
    oauth: fc.record(
      {
        callbackUrls: fc.array(texts, { maxLength: 3 }),
        flows: fc.uniqueArray(fc.constantFrom(...FLOW_NAMES)),
        runAs: texts,
        pkceRequired: fc.boolean(),
        idToken: fc.record({ audience: texts, validityMinutes: fc.integer() }),
        trustedIpRanges: fc.array(fc.record({ start: texts, end: texts, description: texts }), { maxLength: 2 }),
      },
      { requiredKeys: ['flows'] },
    ),
    scopes: fc.array(fc.constantFrom('api', 'refresh_token', 'Not_A_Scope'), { maxLength: 2 }),
    policies: fc.record({ permissionSets: fc.array(texts, { maxLength: 2 }), sessionTimeoutMinutes: fc.nat() }),
  },
  { requiredKeys: ['name'] },
);

describe('writing an eca.yaml', () => {
  it('writes what reads back as it was, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anApp, { selector: ({ name }) => name.toLowerCase(), maxLength: 4 }), (apps) => {
        const { apps: read, problems } = parseEcaFile(formatEcaFile(apps), 'eca.yaml', {});
        expect(problems).to.deep.equal([]);
        expect(read.map(({ wish }) => wish)).to.deep.equal(apps);
      }),
      { numRuns: 300 },
    );
  });

  it('always writes the same apps the same way', () => {
    const one = formatEcaFile([{ name: 'A', scopes: ['api'], label: 'x', oauth: { runAs: 'u', flows: [] } }]);
    const other = formatEcaFile([{ oauth: { flows: [], runAs: 'u' }, label: 'x', name: 'A', scopes: ['api'] }]);
    expect(one).to.equal(other);
  });

  it('leaves out what only the org can say', () => {
    const app = { name: 'A', id: '0xI000000000001AAA', consumerKey: '3MVG', setupUrl: 'https://x' };
    expect(formatEcaFile([app])).to.not.match(/0xI|3MVG|https:\/\/x/);
  });
});
