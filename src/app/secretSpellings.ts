import { isBetween, type LeftOut, SEQUENCE } from './textViews.ts';

/** Shorter values are part of too many ordinary texts: they are masked only behind a name such as `client_secret=`. */
export const SHORTEST = 8;

/** A text as a view shows it: in lower case, without what the view leaves out. */
export const inView = (text: string, leftOut: LeftOut): string =>
  text
    .split('')
    .filter((unit) => !leftOut(unit.charCodeAt(0)))
    .join('')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * The spellings that decoding a text does not lead to: the value itself, hexadecimal, its bytes' numbers, Base64, Base32. A value can begin at each of the three places of a Base64 group, or of the five of Base32. A whole body may be encoded, so escaped
 * spellings are encoded as well.
 */
export const patternsOf = (value: string, leftOut: LeftOut): string[] => {
  const written = new Set([
    value,
    encodeURIComponent(wellFormed(value)),
    inForm(value),
    JSON.stringify(value).slice(1, -1),
    inXml(value),
  ]);
  const encoded = [...[...written].map(bytesOf), utf16Of(value)].flatMap(encodedOnce);
  // Of a character outside ASCII a URL has several bytes, which decoding does not put together again.
  const plain = /^[ -~]*$/.test(value) ? [value] : [...written, binaryOf(bytesOf(value))];
  // A part of the value may look like a tag. Only the first view leaves tags out.
  plain.push(value.replace(new RegExp(SEQUENCE.source, 'gi'), ''));
  return [...plain, ...encoded, ...numbersOf(bytesOf(value))].map((text) => inView(text, leftOut));
};

/** Hexadecimal and Base64 of what is one of the two already. One such is a header with a key and its secret. */
export const encodedTwice = (value: string): string[] =>
  value.length > LONGEST_TWICE
    ? []
    : encodedOnce(bytesOf(value)).flatMap((text) =>
        encodedOnce(bytesOf(text)).map((twice) => inView(twice, isBetween)),
      );

/** Characters of a value. A longer one is a token of which nobody encodes the encoded form, and would take much time. */
const LONGEST_TWICE = 300;

const encodedOnce = (bytes: Uint8Array): string[] => [
  hexOf(bytes),
  ...[0, 1, 2].flatMap((shift) => base64At(bytes, shift)),
  ...[0, 1, 2, 3, 4].map((shift) => base32At(bytes, shift)),
];

/** Bytes as debuggers list them: decimal, octal, and hexadecimal with a sign before each. */
const numbersOf = (bytes: Uint8Array): string[] => [
  [...bytes].map(String).join(''),
  [...bytes].map((byte) => byte.toString(8).padStart(3, '0')).join(''),
  [...bytes].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(''),
];

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** As programs of Windows keep a text, the low byte first. */
const utf16Of = (text: string): Uint8Array =>
  Uint8Array.from(text.split('').flatMap((unit) => [unit.charCodeAt(0) & 0xff, unit.charCodeAt(0) >> 8]));

/** Half a character cannot be encoded. */
const wellFormed = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

const inForm = (value: string): string =>
  encodeURIComponent(wellFormed(value))
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const inXml = (value: string): string =>
  value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes as letters of their numbers. */
const binaryOf = (bytes: Uint8Array): string => [...bytes].map((byte) => String.fromCharCode(byte)).join('');

/** Base64 and Base64url of bytes that stand behind so many others, less the characters that others have a part in. */
const base64At = (bytes: Uint8Array, shift: number): string[] => {
  const binary = '\0'.repeat(shift) + binaryOf(bytes);
  const text = btoa(binary).replace(/=+$/, '');
  const from = shift === 0 ? 0 : shift + 1;
  const to = binary.length % 3 === 0 ? text.length : text.length - 1;
  const core = text.slice(from, to);
  return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
};

/** The digits of Base32, RFC 4648. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Base32 of bytes that stand behind so many others, less the characters that others have a part in. */
const base32At = (bytes: Uint8Array, shift: number): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const before = (5 - ((shift * 8) % 5)) % 5;
  return (bits.slice(before).match(/.{5}/g) ?? []).map((digit) => BASE32[Number.parseInt(digit, 2)]).join('');
};
