import { expect } from 'chai';

import { Secret } from '../../../src/app/secret.ts';
import { inputText } from '../../../src/app/targets/input.ts';
import { isTooOld, itemsOf } from '../../../src/app/targets/targets.ts';
import { newKeyPair } from '../../../src/practice/keyPairs.ts';
import { PracticeOrg } from '../../../src/practice/org.ts';

describe('the targets of a pair', () => {
  it('need a version as new as their calls', () => {
    const old = ['gh version 2.3.0 (2021-12-08)', 'v2.3', 'glab 1.99.1 (abc)', 'Vault v0.11.0'];
    for (const text of old) expect(isTooOld(text, [2, 4]), text).to.equal(true);
    const fine = [
      'gh version 2.4.0 (2021-12-21)\nhttps://x/v2.4.0',
      '2.10',
      'Current glab version: 3.0',
      'unknown',
      '',
    ];
    for (const text of fine) expect(isTooOld(text, [2, 4]), text).to.equal(false);
  });

  it('get both values with their names, or one as it is', () => {
    const { key, secret } = newKeyPair(new PracticeOrg());
    const pair = { consumerKey: key, consumerSecret: new Secret(secret) };
    const items = itemsOf({ 'key-name': 'ID' });
    expect(inputText({ form: 'dotenv' }, items, pair)).to.equal(`ID=${key}\nSALESFORCE_CLIENT_SECRET=${secret}\n`);
    expect(inputText({ form: 'json' }, items, pair)).to.equal(
      `${JSON.stringify({ ID: key, SALESFORCE_CLIENT_SECRET: secret })}\n`,
    );
    expect(inputText({ form: 'value', holds: 'consumerSecret' }, items, pair)).to.equal(secret);
    expect(itemsOf({ input: 'secret', 'key-name': 'ID' }).map(({ holds }) => holds)).to.deep.equal(['consumerSecret']);
  });

  it('get values that need quotes in them, and none that no quotes fit', () => {
    const { secret } = newKeyPair(new PracticeOrg());
    const pairOf = (consumerKey: string) => ({ consumerKey, consumerSecret: new Secret(secret) });
    expect(inputText({ form: 'dotenv' }, itemsOf({}), pairOf('a $b'))).to.include("SALESFORCE_CLIENT_ID='a $b'\n");
    expect(inputText({ form: 'dotenv' }, itemsOf({}), pairOf(`'"\`#`))).to.deep.equal({
      code: 'error.valueNotForDotenv',
      values: ['SALESFORCE_CLIENT_ID'],
    });
    expect(inputText({ form: 'json' }, itemsOf({}), pairOf(`'"\`#`))).to.include(`'\\"\`#`);
  });
});
