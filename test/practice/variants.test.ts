import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { chosenVariants, UnknownVariant } from '../../src/practice/practice.ts';
import { VARIANTS } from '../../src/practice/variants.ts';

describe('the variants of a practice org', () => {
  it('are all in its documentation, the answers in the order that makes the first the one without the flag', () => {
    const page = readFileSync(new URL('../../docs/practice-org.md', import.meta.url), 'utf8').split('\n');
    const documented = Object.keys(VARIANTS).map((name) => {
      const row = page.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
      return [name, [...(row.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, answer]) => answer)];
    });
    expect(Object.fromEntries(documented)).to.deep.equal(VARIANTS);
  });

  it('are the first answers, where no other is chosen', () => {
    expect(chosenVariants({ 'pkce-sticky': 'no' })).to.deep.equal({
      ...Object.fromEntries(Object.entries(VARIANTS).map(([name, [first]]) => [name, first])),
      'pkce-sticky': 'no',
    });
  });

  it('are named where one, or an answer, does not exist', () => {
    for (const [asked, known] of [
      [{ nope: 'x' }, Object.keys(VARIANTS)],
      [{ 'pkce-sticky': 'maybe' }, ['pkce-sticky=yes', 'pkce-sticky=no']],
    ] as Array<[Record<string, string>, string[]]>) {
      expect(() => chosenVariants(asked))
        .to.throw(UnknownVariant)
        .with.property('known')
        .that.deep.equals(known);
    }
  });
});
