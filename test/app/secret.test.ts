import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import { expect } from 'chai';

import {
  beginningOfSecret,
  forgetSecrets,
  keepSecret,
  masked,
  maskedValue,
  maskError,
  Secret,
} from '../../src/app/secret.ts';
import { spellings } from '../echoWire.ts';

/** RFC 4648, by arithmetic on the whole text as one number. */
const inBase32 = (text: string): string => {
  const bytes = Buffer.from(text);
  const digits = Math.ceil((bytes.length * 8) / 5);
  const number = BigInt(`0x${bytes.toString('hex')}`) << BigInt(digits * 5 - bytes.length * 8);
  return number
    .toString(32)
    .padStart(digits, '0')
    .replaceAll(/./g, (digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(Number.parseInt(digit, 32)));
};

describe('a secret', () => {
  afterEach(forgetSecrets);

  it('is shown by no output, and revealed when asked for', () => {
    const value = randomBytes(16).toString('hex');
    const secret = new Secret(value);
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ a: [secret] }, { depth: 9 }),
    ];
    expect(shown.join()).not.to.include(value);
    expect(secret.reveal()).to.equal(value);
  });

  const values: Record<string, string> = {
    hexadecimal: randomBytes(32).toString('hex').toUpperCase(),
    'with all that is escaped': `a/b+c d"e&f<g>'h\\i%j=${randomBytes(8).toString('base64')}`,
    'a session': `00D${randomBytes(6).toString('hex')}!${randomBytes(30).toString('hex')}`,
    'with letters outside ASCII': `pä sswörd-日本-${randomBytes(4).toString('hex')}`,
    'of eight characters': randomBytes(4).toString('hex'),
  };
  const rarer: typeof spellings = {
    'Base32, from its beginning': (text) => inBase32(text),
    'Base32, two later': (text) => inBase32(`ab${text}`),
    'URL-encoded six times': (text) => Array.from({ length: 6 }).reduce<string>((of) => encodeURIComponent(of), text),
  };
  for (const [kind, value] of Object.entries(values)) {
    for (const [spelling, spell] of Object.entries({ ...spellings, ...rarer })) {
      it(`is masked: ${kind}, ${spelling}`, () => {
        keepSecret(value);
        const text = `before ${spell(value)} after`;
        expect(masked(text)).to.match(/^before .{0,4}\*{8}.{0,16} after$/s);
        expect(masked(`client:${spell(`key:${value}`)}`)).to.include('********');
      });
    }
  }

  it('is masked where lines, colours and other escapes break it', () => {
    const value = randomBytes(20).toString('hex');
    keepSecret(value);
    const [a, b] = [value.slice(0, 13), value.slice(13)];
    for (const broken of [`${a}\n  ${b}`, `\u001b[31m${a}\u001b[0m${b}`, `${a}\\n${b}`, `${a}\u200b${b}`])
      expect(masked(`<${broken}>`)).to.match(/^<.{0,5}\*{8}>$/s);
  });

  it('of less than eight characters is masked behind its name only', () => {
    keepSecret('api');
    expect(masked('Scopes: api refresh_token')).to.equal('Scopes: api refresh_token');
    expect(masked('client_secret=api&x=1 {"secret":"api"}')).to.equal(
      'client_secret=********&x=1 {"secret":"********"}',
    );
  });

  it('leaves all other texts as they are, and after it was forgotten its own', () => {
    const value = randomBytes(20).toString('hex');
    // No hexadecimal digit is near the part: it might be the next one of the value by chance.
    const text = `%41 &amp; \\u0041 <b> <U+200B> 0x41 zz "${value.slice(3, 18)}"`;
    keepSecret(value);
    expect(masked(text)).to.equal(text);
    forgetSecrets();
    expect(masked(value)).to.equal(value);
  });

  it('is masked by its form where it never passed our hands', () => {
    const part = (): string => randomBytes(24).toString('base64url');
    expect(masked(`assertion eyJhbGciOiJSUzI1NiJ9.eyJ${part()}.${part()} refused`)).to.equal(
      'assertion ******** refused',
    );
    expect(masked(`00D000000000001!${randomBytes(30).toString('hex')}`)).to.equal('********');
  });

  it('is masked in each text of a value, in keys, and in a thing that stands there twice', () => {
    const value = randomBytes(20).toString('hex');
    keepSecret(value);
    const twice = { text: value };
    expect(JSON.stringify(maskedValue({ [value]: [twice, twice], n: 1 }))).to.equal(
      '{"********":[{"text":"********"},{"text":"********"}],"n":1}',
    );
  });

  it('is masked in an error: message, stack, cause, data, actions', () => {
    const value = randomBytes(20).toString('hex');
    const cause = Object.assign(new Error(`cause ${value}`), { data: { deep: [value] } });
    const error = Object.assign(new Error(`said ${value}`, { cause }), { actions: [`try ${value}`] });
    keepSecret(value);
    maskError(error);
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.to.include(value);
    expect(error.message).to.equal('said ********');
  });

  it('is seen to begin at the end of a text', () => {
    const value = `x${randomBytes(20).toString('hex')}`;
    keepSecret(value);
    const cut = (text: string): string => text.slice(0, beginningOfSecret(text));
    // Letters before it may be the first ones of another spelling.
    expect(cut(`token ÄÖ-${value.slice(0, 9)}`)).to.match(/^tok?e?n? ?Ä?Ö?-?$/);
    expect(cut('token=%')).to.match(/^toke?n?=?$/);
  });

  it('is masked where a part of it stands alone: in the middle, at either end, on both sides of a cut', () => {
    const value = randomBytes(32).toString('hex');
    keepSecret(value);
    for (const part of [value.slice(0, 16), value.slice(-16), value.slice(9, 40), value.slice(5, 21)]) {
      expect(masked(`sent "${part}..."`)).to.equal('sent "********..."');
      const base64 = Buffer.from(part).toString('base64');
      expect(masked(`sent ${base64}`)).to.match(/^sen?t? ?\w{0,4}\*{8}\S{0,6}$/);
    }
    const dump = [...value.matchAll(/.{16}/g)].map(([row]) => `${Buffer.from(row).toString('hex')} |${row}|`);
    expect(masked(dump.join('\n'))).not.to.match(/\w{9}/);
  });

  it('leaves the Id of an org, with which its sessions begin, and what is shorter than a part that tells', () => {
    const session = `00D5g000004abcd!${randomBytes(40).toString('hex')}`;
    keepSecret(session);
    const text = `org 00D5g000004abcd, 00D5g000004abcdEAC, ${session.slice(16, 31)}`;
    expect(masked(text)).to.equal(text);
    expect(masked(`my ${session.slice(20, 50)}`)).to.equal('my ********');
  });

  it('has hardly a letter, and is masked all the same', () => {
    for (const value of ['пароль-пароль', '!"§$%&/()=?`+#', '-- -- <b> -- --']) {
      keepSecret(value);
      expect(masked(`is "${value}".`)).to.equal('is "********".');
      forgetSecrets();
    }
  });

  it('is looked for quickly: a hundred in ten megabytes', function () {
    this.timeout(60_000);
    for (let count = 0; count < 100; count++) keepSecret(randomBytes(32).toString('hex'));
    const text = '  - name: Order_Sync # "a" \\n %41 &amp; é\n'.repeat(240_000);
    const begun = performance.now();
    expect(masked(text)).to.equal(text);
    expect(performance.now() - begun).to.be.lessThan(20_000);
  });
});
