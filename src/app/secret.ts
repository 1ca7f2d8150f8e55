/*
 * What this run knows to be secret, and the one filter that takes it out of a text.
 *
 * An org, a proxy or a debug page may send back what it was sent, in any spelling. So the filter does not search for a list of
 * spellings. It decodes the text step by step, and searches each step. It knows the escapes of URLs, JSON, XML and HTML, also
 * one inside the other.
 */

import { patternsOf, shortest } from './secretSpellings.ts';
import { eachView, textOf, type View } from './textViews.ts';

/** What stands in the place of a secret. */
export const MASK = '********';

/**
 * A value that no output shows by accident: not in a text, not in JSON, not in a log. Making one registers its value, so that
 * the filter takes it out of all that leaves the process.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    keepSecret(value);
  }

  /** The value itself: for the request or the file that it belongs in, and nothing else. A test counts who asks. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  // Without Node's own types: app/ knows nothing of Node.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secret';
  }
}

const values = new Set<string>();
/** The spellings to search for, without what a view leaves out. The key is their first characters; the longest comes first. */
let byStart = new Map<string, string[]>();
/** All of them, in order; undefined until somebody asks. */
let sorted: string[] | undefined;
/** How long the longest of them is. */
let longest = 0;
/** By the hash of their first characters: are there any? */
let starts = new Uint8Array(0);
let shorts: RegExp | undefined;

/** Registers a value that the filter takes out of every text from now on, until `forgetSecrets`. */
export const keepSecret = (value: unknown): void => {
  if (typeof value !== 'string' || value.trim() === '' || values.has(value)) return;
  values.add(value);
  if (value.length < shortest) {
    const words = [...values].filter(({ length }) => length < shortest).map(escapedForRegExp);
    shorts = new RegExp(`(${named})(?:${words.join('|')})(?![\\w-])`, 'gi');
    return;
  }
  for (const pattern of patternsOf(value)) add(pattern);
};

/** Forgets all registered values. A command does so when it ends: what runs after it is not ours to filter. */
export const forgetSecrets = (): void => {
  values.clear();
  byStart = new Map();
  sorted = undefined;
  longest = 0;
  starts = new Uint8Array(0);
  shorts = undefined;
};

/** What a secret is called where it stands beside its name, in a form, a header, JSON or XML. */
const named =
  '(?:secret|token|password|code|verifier|assertion|session|sessionId|bearer)["\'\\\\]*\\s*[:=>\\s]\\s*["\'\\\\]*';

const escapedForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const add = (pattern: string): void => {
  const start = pattern.slice(0, shortest);
  const same = byStart.get(start) ?? [];
  if (same.includes(pattern)) return;
  byStart.set(
    start,
    [...same, pattern].sort((a, b) => b.length - a.length),
  );
  sorted = undefined;
  longest = Math.max(longest, pattern.length);
  if (starts.length === 0) starts = new Uint8Array(hashes);
  starts[hashOf(start)] = 1;
};

const hashes = 1 << 16;

const hashOf = (start: string): number => {
  let hash = 0;
  for (let index = 0; index < shortest; index++) hash = (Math.imul(hash, 31) + start.charCodeAt(index)) | 0;
  return hash & (hashes - 1);
};

/** Characters of a text that are searched at once. */
const piece = 1 << 16;

type Range = { from: number; to: number };

const rangesIn = ({ codes, from, to, length }: View, offset: number, ranges: Range[]): void => {
  // What the character that leaves the window has been multiplied with.
  const leaving = (31 ** (shortest - 1)) | 0;
  let hash = 0;
  for (let index = 0; index < length; index++) {
    if (index >= shortest) hash = (hash - Math.imul(codes[index - shortest] ?? 0, leaving)) | 0;
    hash = (Math.imul(hash, 31) + (codes[index] ?? 0)) | 0;
    if (index < shortest - 1 || starts[hash & (hashes - 1)] === 0) continue;
    const begin = index - shortest + 1;
    const candidates = byStart.get(String.fromCharCode(...codes.subarray(begin, index + 1)));
    const found = candidates?.find((pattern) => standsAt(codes, begin, length, pattern));
    if (found !== undefined)
      ranges.push({ from: offset + (from[begin] ?? 0), to: offset + (to[begin + found.length - 1] ?? 0) });
  }
};

const standsAt = (codes: Uint16Array, begin: number, end: number, pattern: string): boolean => {
  if (begin + pattern.length > end) return false;
  for (let index = 0; index < pattern.length; index++) {
    if (codes[begin + index] !== pattern.charCodeAt(index)) return false;
  }
  return true;
};

/**
 * Values that have a form of their own, for those that this plugin never gets. Salesforce's library signs and sends the
 * assertion of a JWT login by itself. A session is the Id of the org, `!`, and the rest (Salesforce Help).
 */
const byForm = /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}|\b00D\w{12,15}(?:!|%21|&#33;|\\u0021)[\w.]{24,}/g;

/** A text without secrets. One without any is given back as it is. */
export const masked = (text: string): string => {
  const formless = /eyJ|00D/.test(text) ? text.replace(byForm, MASK) : text;
  if (values.size === 0) return formless;
  const short = shorts ? formless.replace(shorts, `$1${MASK}`) : formless;
  if (byStart.size === 0) return short;
  const ranges: Range[] = [];
  // Piece by piece, since views take memory. Two pieces overlap by more than the longest spelling of a secret.
  const overlap = longest * 10;
  for (let start = 0; start === 0 || start + overlap < short.length; start += piece) {
    eachView(short.slice(start, start + piece + overlap), (view) => rangesIn(view, start, ranges));
  }
  return ranges.length === 0 ? short : replaced(short, ranges);
};

const replaced = (text: string, ranges: Range[]): string => {
  ranges.sort((a, b) => a.from - b.from);
  let end = 0;
  let open = 0;
  let result = '';
  for (const { from, to } of ranges) {
    if (from >= end) {
      result += text.slice(open, from) + MASK;
      open = end = to;
    } else if (to > end) open = end = to;
  }
  return result + text.slice(open);
};

/** Escapes that a text breaks off in. */
const halfEscape = /(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|&#?\w{0,7}|\u001b(?:\[[0-9;?]*)?)$/i;

/** So many characters of a secret tell too much of it. A session begins with the Id of its org, which has 15. */
const tellingLength = 16;

/** The end of a text may be the beginning of a secret. Where does it begin, and does it tell much of the secret? */
const openEnd = (text: string): { begin: number; tells: boolean } => {
  if (byStart.size === 0) return { begin: text.length, tells: false };
  const patterns = (sorted ??= [...byStart.values()].flat().sort());
  // An escape has eight characters at most, and may stand in another one.
  const near = text.slice(Math.max(0, text.length - longest * 10));
  const offset = text.length - near.length;
  const cut = halfEscape.exec(near)?.index ?? near.length;
  let begin = cut;
  let tells = false;
  eachView(near.slice(0, cut), (view) => {
    const end = textOf(view);
    for (let index = Math.max(0, end.length - longest + 1); index < end.length; index++) {
      const pattern = goesOnAs(end.slice(index), patterns);
      if (pattern !== undefined) {
        const length = end.length - index;
        begin = Math.min(begin, view.from[index] ?? 0);
        tells ||= length >= tellingLength || length * 2 > pattern.length;
        return;
      }
    }
  });
  return { begin: offset + begin, tells };
};

/**
 * The end of a text may be the beginning of a secret, whose rest is in the next piece.
 *
 * @returns where that end begins, or the text's length when there is no such end
 */
export const beginningOfSecret = (text: string): number => openEnd(text).begin;

/** A text that ends within a secret, with a mask for what tells much of it. Undefined when the text does not end so. */
export const brokenOff = (text: string): string | undefined => {
  const { begin, tells } = openEnd(text);
  return tells ? text.slice(0, begin) + MASK + (/\s*$/.exec(text)?.[0] ?? '') : undefined;
};

/** The first of the sorted texts that begins with these characters, and goes on. */
const goesOnAs = (start: string, patterns: string[]): string | undefined => {
  let [low, high] = [0, patterns.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((patterns[middle] ?? '') < start) low = middle + 1;
    else high = middle;
  }
  return patterns[low]?.startsWith(start) === true ? patterns[low] : undefined;
};

/** A value with all its texts masked, keys as well: what is to become JSON. Things with a JSON form of their own are left to it. */
export const maskedValue = (value: unknown, done = new WeakMap<object, unknown>()): unknown => {
  if (typeof value === 'string') return masked(value);
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return maskedValue((value as { toJSON: () => unknown }).toJSON(), done);
  }
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  done.set(value, copy);
  // As JSON has it, `__proto__` is a key like any other.
  for (const [key, entry] of Object.entries(value)) {
    const safe = { value: maskedValue(entry, done), writable: true, enumerable: true, configurable: true };
    Object.defineProperty(copy, masked(key), safe);
  }
  return copy;
};

/** Masks the texts of an error in place: message, stack, cause, and all that was put into it. */
export const maskError = (error: unknown, seen = new WeakSet<object>()): void => {
  if (!isData(error) || seen.has(error)) return;
  seen.add(error);
  const record = error as Record<string, unknown>;
  for (const key of Object.getOwnPropertyNames(error)) {
    const value = attempt(() => record[key]);
    if (typeof value === 'string') {
      const safe = masked(value);
      if (safe !== value)
        attempt(() => Object.defineProperty(error, key, { value: safe, writable: true, configurable: true }));
    } else maskError(value, seen);
  }
};

/** An error, a list or a plain object. Anything else, such as a connection, is at work elsewhere and not ours to change. */
const isData = (value: unknown): value is object =>
  value instanceof Error ||
  Array.isArray(value) ||
  (typeof value === 'object' &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null));

/** A getter may throw, and a property may be fixed. */
const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};
