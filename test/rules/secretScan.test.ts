import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { secretsIn } from '../../scripts/secretScan.ts';

const letters = (length: number): string =>
  randomBytes(length * 2)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, 'x')
    .slice(0, length);
const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** One made-up secret of each kind, new with every run. */
const PLANTED: Record<string, string> = {
  'access token': `00D${letters(12)}!AQ${letters(80)}`,
  'refresh token': `5Aep${letters(80)}`,
  'consumer key': `3MVG9${letters(80)}`,
  'consumer secret': `${randomBytes(31).toString('hex').toUpperCase()}A1`,
  'JSON Web Token': [
    segment({ alg: 'RS256', typ: 'JWT' }),
    segment({ sub: 'someone', aud: 'somewhere' }),
    letters(40),
  ].join('.'),
  'private key': generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};

describe('the secret scan', () => {
  for (const [kind, secret] of Object.entries(PLANTED)) {
    it(`finds a ${kind} and says on which line`, () => {
      expect(secretsIn(`first line\nvalue: "${secret}"\n`)).to.deep.equal([{ kind, line: 2 }]);
    });
  }

  it('leaves alone what only talks of secrets', () => {
    const text =
      'consumerSecret: <secret>\nhttps://orders.example.com/oauth/callback\n-----BEGIN PRIVATE KEY-----\n...';
    expect(secretsIn(text)).to.deep.equal([]);
  });
});
