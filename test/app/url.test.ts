import { expect } from 'chai';

import { checkUrl } from '../../src/app/url.ts';

describe('web address', () => {
  for (const url of ['https://example.com', 'http://example.com/a?b=c&d=e#f', 'HTTPS://example.com/logo.png']) {
    it(`takes ${url}`, () => expect(checkUrl(url, 'logoUrl')).to.equal(undefined));
  }

  const refused = [
    '',
    'example.com',
    '/logo.png',
    '//example.com',
    'https:example.com',
    'https://',
    'https://exa mple.com',
    'https://example.com/\n',
    'https://example.com/"><script>',
    'https:\\\\example.com',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'ftp://example.com',
  ];
  for (const url of refused) {
    it(`refuses ${JSON.stringify(url)}`, () =>
      expect(checkUrl(url, 'infoUrl')).to.deep.equal({
        code: 'error.urlInvalid',
        values: [url, 'infoUrl'],
        field: 'infoUrl',
      }));
  }
});
