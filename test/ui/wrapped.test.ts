import { expect } from 'chai';

import { wrapped } from '../../src/ui/wrapped.ts';

describe('text in a terminal', () => {
  const text = '! API call: warning. The org refuses /services/data/v67.0/ for this user.';

  for (const width of [20, 60, 80]) {
    it(`is broken between words at ${width} columns, with an indent`, () => {
      const lines = wrapped(text, width, '', '  ');
      expect(lines.slice(1).every((line) => /^ {2}\S/.test(line))).to.equal(true);
      expect(lines.map((line) => line.trim()).join(' ')).to.equal(text);
      for (const line of lines) if (line.trim().includes(' ')) expect(line.length).to.be.at.most(width);
    });
  }

  it('keeps a word whole that is longer than the terminal is wide', () => {
    const key = `3MVG9${'x'.repeat(80)}`;
    expect(wrapped(`The key is ${key} now`, 40, '', '  ')).to.deep.equal(['The key is', `  ${key}`, '  now']);
  });

  it('counts no colours', () => {
    const red = (word: string): string => `\u001B[31m${word}\u001B[39m`;
    expect(wrapped(`${red('one')} ${red('two')} ${red('three')}`, 8)).to.deep.equal([
      `${red('one')} ${red('two')}`,
      red('three'),
    ]);
  });

  it('stays one line where there is no terminal', () => {
    expect(wrapped(text)).to.deep.equal([text]);
  });

  it('begins every line with the margin', () => {
    expect(wrapped('one two', 5, '  ')).to.deep.equal(['  one', '  two']);
  });
});
