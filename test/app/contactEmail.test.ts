import { expect } from 'chai';

import { checkContactEmail } from '../../src/app/contactEmail.ts';

describe('contact e-mail', () => {
  for (const email of [
    'it@example.com',
    'first.last+tag@sub.example.co.uk',
    "o'neill@example.com",
    'jörg@bücher.example',
  ]) {
    it(`takes ${email}`, () => expect(checkContactEmail(email)).to.equal(undefined));
  }

  const refused = [
    '',
    'it',
    'it@',
    '@example.com',
    'it@example',
    'it@example..com',
    'it@.example.com',
    'it@example.com.',
    'a@b@example.com',
    'it @example.com',
    ' it@example.com',
    'it@example.com\n',
    'IT <it@example.com>',
    'a@example.com,b@example.com',
    'it\u0000@example.com',
  ];
  for (const email of refused) {
    it(`refuses ${JSON.stringify(email)}`, () =>
      expect(checkContactEmail(email)).to.deep.equal({
        code: 'error.contactEmailInvalid',
        values: [email],
        field: 'contactEmail',
      }));
  }
});
