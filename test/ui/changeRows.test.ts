import { expect } from 'chai';

import { changeRows } from '../../src/ui/changeRows.ts';

const after = (value: unknown): string | undefined => changeRows([{ field: 'x', after: value }])[0]?.after;

describe('changeRows', () => {
  it('keeps field, before and after of each change', () => {
    expect(changeRows([{ field: 'label', before: 'Old', after: 'New' }])).to.deep.equal([
      { field: 'label', before: 'Old', after: 'New' },
    ]);
  });

  it('shows a dash for nothing', () => {
    expect(changeRows([{ field: 'label', after: 'New' }])[0]?.before).to.equal('-');
    expect([after(undefined), after(''), after([])]).to.deep.equal(['-', '-', '-']);
  });

  it('does not take "no" and zero for nothing', () => {
    expect([after(false), after(0)]).to.deep.equal(['false', '0']);
  });

  it('gives every value of a list a line of its own, and every value only one', () => {
    expect(after(['https://a.example/cb', 'https://b.example/cb'])).to.equal(
      'https://a.example/cb\nhttps://b.example/cb',
    );
    expect(after('one\r\ntwo\nthree')).to.equal('one\\ntwo\\nthree');
  });

  it('writes IP ranges as people do', () => {
    expect(after([{ start: '203.0.113.0', end: '203.0.113.255', description: 'office' }])).to.equal(
      '203.0.113.0 - 203.0.113.255 (office)',
    );
  });

  it('cuts long values', () => {
    const shown = after('x'.repeat(5000));
    expect(shown)
      .to.have.lengthOf(203)
      .and.satisfy((text: string) => text.endsWith('...'));
  });

  it('lets no control character of the org through', () => {
    expect(after(['\u001b]0;owned\u0007'])).to.equal('<U+001B>]0;owned<U+0007>');
  });
});
