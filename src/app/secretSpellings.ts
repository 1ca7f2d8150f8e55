import { isLeftOut } from './textViews.ts';

/** Shorter values are part of too many ordinary texts: they are masked only behind a name such as `client_secret=`. */
export const shortest = 8;

const inView = (text: string): string =>
  [...text]
    .filter((character) => !isLeftOut(character.charCodeAt(0)))
    .join('')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * The spellings of a value that decoding a text does not lead back to: the value itself, hexadecimal, and Base64. A value can
 * begin at each of the three places of a Base64 group. A whole body may be encoded, so escaped spellings are encoded as well.
 */
export const patternsOf = (value: string): string[] => {
  const written = new Set([
    value,
    encodeURIComponent(wellFormed(value)),
    inForm(value),
    JSON.stringify(value).slice(1, -1),
    inXml(value),
  ]);
  const encoded = [...written].flatMap((text) => {
    const bytes = new TextEncoder().encode(text);
    return [hexOf(bytes), ...[0, 1, 2].flatMap((shift) => base64At(bytes, shift))];
  });
  // Of a character outside ASCII a URL has several bytes, which decoding does not put together again.
  const plain = /^[ -~]*$/.test(value) ? [value] : [...written, binaryOf(new TextEncoder().encode(value))];
  return [...new Set([...plain, ...encoded].map(inView))].filter(({ length }) => length >= shortest);
};

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

/** Each byte as the character that has its number. */
const binaryOf = (bytes: Uint8Array): string => [...bytes].map((byte) => String.fromCharCode(byte)).join('');

/** Base64 and Base64url of bytes behind so many others, without the characters that the others are a part of. */
const base64At = (bytes: Uint8Array, shift: number): string[] => {
  const binary = '\0'.repeat(shift) + binaryOf(bytes);
  const text = btoa(binary).replace(/=+$/, '');
  const from = shift === 0 ? 0 : shift + 1;
  const to = binary.length % 3 === 0 ? text.length : text.length - 1;
  const core = text.slice(from, to);
  return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
};
