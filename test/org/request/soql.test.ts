import { parseQuery, type ValueCondition } from '@jetstreamapp/soql-parser-js';
import { expect } from 'chai';
import fc from 'fast-check';

import { soql } from '../../../src/org/request/soql.ts';

describe('soql', () => {
  it('quotes a value', () => {
    expect(soql`SELECT Id FROM User WHERE Username = ${'a@b.example'}`).to.equal(
      "SELECT Id FROM User WHERE Username = 'a@b.example'",
    );
  });

  it('escapes what would end or change the string', () => {
    expect(soql`WHERE Name = ${"x' OR Name != '"}`).to.equal("WHERE Name = 'x\\' OR Name != \\''");
    expect(soql`WHERE Name = ${'back\\slash'}`).to.equal("WHERE Name = 'back\\\\slash'");
    expect(soql`WHERE Name = ${'line\nbreak\ttab "quoted"'}`).to.equal(
      'WHERE Name = \'line\\nbreak\\ttab \\"quoted\\"\'',
    );
  });

  /** What a string of SOQL stands for (SOQL and SOSL Reference, "Quoted String Escape Sequences"). */
  const meant = (literal: string): string => {
    expect(literal).to.match(/^'(?:[^'\\]|\\.)*'$/s);
    const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
    return literal.slice(1, -1).replace(/\\(.)/gs, (_, sign: string) => escapes[sign] ?? sign);
  };

  it('lets no value out of its quotes, whatever it is', () => {
    const parts = [
      "'",
      '\\',
      "\\'",
      '"',
      '\n',
      '\r',
      ' OR Id != ',
      '%',
      '_',
      ')',
      '--',
      '/*',
      '\u2028',
      '\\u0027',
      'a',
      '日',
      '🙂',
    ];
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...parts), { maxLength: 10 }).map((some) => some.join('')),
    );
    // The parser takes no line separators between quotes, which Salesforce has nothing to say about.
    const parsable = values.map((value) => value.replace(/[\u2028\u2029]/g, ''));
    fc.assert(
      fc.property(parsable, fc.array(parsable, { minLength: 1, maxLength: 4 }), (value, list) => {
        const { where } = parseQuery(soql`SELECT Id FROM User WHERE Name = ${value} AND Alias IN ${list}`);
        const [one, several] = [
          where?.left,
          where && 'right' in where ? where.right.left : undefined,
        ] as ValueCondition[];
        expect([one?.field, meant(String(one?.value))]).to.deep.equal(['Name', value]);
        expect([several?.field, [several?.value].flat().map((item) => meant(String(item)))]).to.deep.equal([
          'Alias',
          list,
        ]);
        expect(where && 'right' in where && 'right' in where.right).to.equal(false);
      }),
      { numRuns: 200 },
    );
  });

  it('writes a list for IN', () => {
    expect(soql`WHERE Name IN ${['a', "b'c"]}`).to.equal("WHERE Name IN ('a', 'b\\'c')");
  });
});
