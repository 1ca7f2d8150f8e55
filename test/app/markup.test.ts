import { expect } from 'chai';

import { inHtml } from '../../src/app/markup.ts';

describe('a text of an org', () => {
  it('is no markup in HTML, also within quotes', () => {
    expect(inHtml(`<img src=x onerror='a("b")'> & \u001b`)).to.equal(
      '&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt; &amp; &lt;U+001B&gt;',
    );
  });
});
