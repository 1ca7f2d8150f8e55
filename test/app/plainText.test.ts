import { expect } from 'chai';

import { plainText } from '../../src/app/plainText.ts';

describe('plainText', () => {
  it('shows what a terminal would obey', () => {
    expect(plainText('\u001b[2Jgone')).to.equal('<U+001B>[2Jgone');
    expect(plainText('\u009b31m')).to.equal('<U+009B>31m');
    expect(plainText('a\rb\u0007')).to.equal('a<U+000D>b<U+0007>');
  });

  it('shows what would reorder the text', () => {
    expect(plainText('user\u202Egpj.exe')).to.equal('user<U+202E>gpj.exe');
  });

  it('leaves tabs and letters of all kinds alone', () => {
    expect(plainText('Café\tÜ 日本 🙂 ✔️')).to.equal('Café\tÜ 日本 🙂 ✔️');
  });
});
