import { expect } from 'chai';
import { wholeList } from '../../src/ui/flags.ts';

describe('wholeList', () => {
  it('takes one empty value for an empty list', () => {
    expect(wholeList([''])).to.deep.equal([]);
  });

  it('leaves other lists, and silence, as they are', () => {
    expect(wholeList(['a', 'b'])).to.deep.equal(['a', 'b']);
    expect(wholeList(undefined)).to.equal(undefined);
  });
});
