import { expect } from 'chai';

import { ATTRIBUTES_MAX, checkAttributes, parseAttribute, sameAttributes } from '../../src/app/attributes.ts';

const FIELD = 'oauth.customAttributes';
const codes = (attributes: Array<{ key: string; formula: string }>): string[] =>
  checkAttributes(attributes, FIELD).map(({ code }) => code);

describe('custom attribute', () => {
  it('has all after the first equals sign as its formula', () => {
    expect(parseAttribute(" country = IF(User.Country = 'GB', 'a', 'b') ", FIELD)).to.deep.equal({
      key: 'country',
      formula: "IF(User.Country = 'GB', 'a', 'b')",
    });
  });

  it('needs an equals sign', () => {
    expect(parseAttribute('User.Country', FIELD)).to.deep.equal({
      code: 'error.attributeInvalid',
      values: ['User.Country'],
      field: FIELD,
    });
  });

  it('needs a key and a formula', () => {
    expect(codes([{ key: ' ', formula: 'User.Id' }])).to.deep.equal(['error.attributeKeyEmpty']);
    expect(codes([{ key: 'a', formula: '  ' }])).to.deep.equal(['error.attributeFormulaEmpty']);
  });

  it('has its key once in a list; a key that is there three times is told once', () => {
    const one = { key: 'a', formula: 'User.Id' };
    expect(codes([one, { key: 'b', formula: 'User.Id' }])).to.deep.equal([]);
    expect(codes([one, one, { ...one, formula: 'User.Email' }])).to.deep.equal(['error.attributeTwice']);
  });

  it('is one of 128 at most', () => {
    const some = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `k${n}`, formula: 'User.Id' }));
    expect(codes(some(ATTRIBUTES_MAX))).to.deep.equal([]);
    expect(checkAttributes(some(129), FIELD)[0]?.values).to.deep.equal([FIELD, '129', '128']);
  });
});

describe('two lists of custom attributes', () => {
  const [a, b] = [
    { key: 'a', formula: 'User.Id' },
    { key: 'b', formula: 'User.Email' },
  ];
  it('are the same in any order, and not with another formula or fewer attributes', () => {
    expect(sameAttributes([a, b], [b, a])).to.equal(true);
    expect(sameAttributes([a, b], [a, { ...b, formula: 'User.Phone' }])).to.equal(false);
    expect(sameAttributes([a, b], [a])).to.equal(false);
    expect(sameAttributes([a, b], [a, a])).to.equal(false);
  });
});
