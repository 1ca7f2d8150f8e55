import { expect } from 'chai';

import { markdownBlock, markdownTable, markdownText } from '../../src/ui/markdown.ts';

describe('text in Markdown', () => {
  const cases: Array<[what: string, text: string, markdown: string]> = [
    ['a link', '[x](y)', '\\[x\\](y)'],
    ['an image', '![x](y)', '\\!\\[x\\](y)'],
    ['HTML', '<img src=x>', '\\<img src=x\\>'],
    ['an address', 'See https://evil.example/a.', 'See `https://evil.example/a`.'],
    ['an address without a scheme', '(www.evil.example)', '(`www.evil.example`)'],
    ['an e-mail address', 'it@example.com', '`it@example.com`'],
    ['somebody', '@octocat', '`@octocat`'],
    ['a number', 'fixes #12, GH-7', 'fixes `#12`, `GH-7`'],
    ['a commit', 'deadbeefdeadbeef', '`deadbeefdeadbeef`'],
    ['a link in a link', '[a](https://x.example)', '`[a](https://x.example`)'],
    ['code that ends early', '`@a`', '`` `@a` ``'],
    ['a bar', 'a|b @c|d', 'a\\|b `@c\\|d`'],
    ['a heading', '# big', '\\# big'],
    ['lines', 'one\n\n## two\r\n- three', 'one \\#\\# two - three'],
    ['an entity', '&lt;b&gt;', '\\&lt;b\\&gt;'],
    ['a control character', 'a\u001b[31mb', 'a\\<U+001B\\>\\[31mb'],
  ];
  for (const [what, text, markdown] of cases) {
    it(`does not make of it ${what}`, () => {
      expect(markdownText(text)).to.equal(markdown);
    });
  }

  it('stays in the cell of a table', () => {
    expect(markdownTable(['A', 'B'], [['1\n2', '| x |']])).to.deep.equal([
      '| A | B |',
      '| --- | --- |',
      '| 1 2 | \\| x \\| |',
    ]);
  });

  it('does not end a block', () => {
    expect(markdownBlock(['sf eca list', '```', 'x'])).to.deep.equal(['````', 'sf eca list', '```', 'x', '````']);
  });
});
