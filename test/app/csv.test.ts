import { expect } from 'chai';

import { csv } from '../../src/app/csv.ts';

describe('CSV', () => {
  for (const formula of ['=cmd|calc', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '|x', '%0A=1'])
    it(`has no formula for ${JSON.stringify(formula)}`, () => {
      expect(csv([[formula]])).to.match(/^"'/);
    });

  it('keeps quotes, commas and lines within a cell', () => {
    expect(csv([['a "b", c', 'd\ne']])).to.equal('"a ""b"", c","d e"\r\n');
  });

  it('shows what would move a cursor', () => {
    expect(csv([['\u001b[2J']])).to.equal('"<U+001B>[2J"\r\n');
  });
});
