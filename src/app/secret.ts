/*
 * What this run knows to be secret, and the one filter that takes it out of a text.
 *
 * An org, a proxy or a debug page may send back what it was sent, whole or in part.
 * It may do so in any spelling, so the filter does not search for a list of spellings. It decodes the text step by step, and
 * searches the letters and digits of each step. It knows the escapes of URLs, JSON, XML and HTML, also one inside the other.
 */

import { encodedTwice, inView, patternsOf, SHORTEST } from './secretSpellings.ts';
import { eachView, isBetween, isBlank, type LeftOut, textOf, type View } from './textViews.ts';

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

/** A spelling of a value, as a view of a text has it. Part of it is masked, too, where the whole of it is secret. */
type Pattern = { text: string; inParts: boolean };

/** Characters of a pattern that is masked in parts: from so many on, a part tells too much. */
const SHORTEST_PART = 16;

/** Where in which patterns these characters stand: each eighth place, so that each part has one of them in it. */
let byStart = new Map<string, Array<{ pattern: Pattern; at: number }>>();
/** The texts of all patterns. */
let patterns = new Set<string>();
/** All of them, in order; undefined until somebody asks. */
let sorted: string[] | undefined;
/** How long the longest of them is. */
let longest = 0;
/** By the hash of their characters: are there any? */
let starts = new Uint8Array(0);
let shorts: RegExp | undefined;
/** What the views leave out. Blanks alone join where a value has too few letters and digits to search for those. */
let leftOutOfViews: LeftOut[] = [isBetween];

/** Registers a value that the filter takes out of every text from now on, until `forgetSecrets`. */
export const keepSecret = (value: unknown): void => {
  if (typeof value !== 'string' || value.trim() === '' || values.has(value)) return;
  values.add(value);
  if (value.length < SHORTEST) {
    const words = [...values].filter(({ length }) => length < SHORTEST).map(escapedForRegExp);
    shorts = new RegExp(`(${NAMED})(?:${words.join('|')})(?![\\w-])`, 'gi');
    return;
  }
  const isUnusual = inView(value, isBetween).length < SHORTEST;
  if (isUnusual) leftOutOfViews = [isBetween, isBlank];
  const leftOut = isUnusual ? isBlank : isBetween;
  // The Id of the org is not secret.
  const own = /^00D\w{12,15}!/.exec(value)?.[0] ?? '';
  if (own !== '') for (const text of patternsOf(value, leftOut)) add({ text, inParts: false });
  const secret = value.slice(own.length);
  for (const text of patternsOf(secret, leftOut)) add({ text, inParts: true });
  for (const text of encodedTwice(secret)) add({ text, inParts: false });
};

/** Forgets all registered values. A command does so when it ends: what runs after it is not ours to filter. */
export const forgetSecrets = (): void => {
  values.clear();
  byStart = new Map();
  patterns = new Set();
  leftOutOfViews = [isBetween];
  sorted = undefined;
  longest = 0;
  starts = new Uint8Array(0);
  shorts = undefined;
};

/** What a secret is called where it stands beside its name, in a form, a header, JSON or XML. */
const NAMED =
  '(?:secret|token|password|code|verifier|assertion|session|sessionId|bearer)["\'\\\\]*\\s*[:=>\\s]\\s*["\'\\\\]*';

const escapedForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const add = (pattern: Pattern): void => {
  const { text, inParts } = pattern;
  if (text.length < SHORTEST || patterns.has(text)) return;
  patterns.add(text);
  sorted = undefined;
  longest = Math.max(longest, text.length);
  if (starts.length === 0) starts = new Uint8Array(HASHES);
  for (let at = 0; at + SHORTEST <= text.length; at += SHORTEST) {
    const start = text.slice(at, at + SHORTEST);
    const same = byStart.get(start);
    if (same === undefined) byStart.set(start, [{ pattern, at }]);
    else if (!same.some((other) => other.pattern === pattern)) same.push({ pattern, at });
    starts[hashOf(start)] = 1;
    if (!inParts) return;
  }
};

const HASHES = 1 << 18;

const hashOf = (start: string): number => {
  let hash = 0;
  for (let index = 0; index < SHORTEST; index++) hash = (Math.imul(hash, 31) + start.charCodeAt(index)) | 0;
  return hash & (HASHES - 1);
};

/** Characters of a text that are searched at once. */
const PIECE = 1 << 16;

type Range = { from: number; to: number; isPart: boolean };

const rangesIn = ({ codes, from, to, length }: View, offset: number, ranges: Range[]): void => {
  // What the character that leaves the window has been multiplied with.
  const leaving = (31 ** (SHORTEST - 1)) | 0;
  let hash = 0;
  for (let index = 0; index < length; index++) {
    if (index >= SHORTEST) hash = (hash - Math.imul(codes[index - SHORTEST] ?? 0, leaving)) | 0;
    hash = (Math.imul(hash, 31) + (codes[index] ?? 0)) | 0;
    if (index < SHORTEST - 1 || starts[hash & (HASHES - 1)] === 0) continue;
    const begin = index - SHORTEST + 1;
    const candidates = byStart.get(String.fromCharCode(...codes.subarray(begin, index + 1))) ?? [];
    for (const { pattern, at } of candidates) {
      const run = runAround(codes, length, begin, pattern.text, at);
      const isPart = run.end - run.begin < pattern.text.length;
      if (isPart && (!pattern.inParts || run.end - run.begin < SHORTEST_PART)) continue;
      ranges.push({ from: offset + (from[run.begin] ?? 0), to: offset + (to[run.end - 1] ?? 0), isPart });
    }
  }
};

/** How far the codes are those of a pattern, around a place at which they are. */
const runAround = (
  codes: Uint16Array,
  length: number,
  place: number,
  pattern: string,
  at: number,
): { begin: number; end: number } => {
  let before = 0;
  while (before < Math.min(at, place) && codes[place - before - 1] === pattern.charCodeAt(at - before - 1)) before++;
  let after = SHORTEST;
  while (
    after < Math.min(pattern.length - at, length - place) &&
    codes[place + after] === pattern.charCodeAt(at + after)
  )
    after++;
  return { begin: place - before, end: place + after };
};

/**
 * Values by their form alone, for those that never pass through our hands. Salesforce's library signs and sends the assertion
 * of a JWT login by itself. A session is the Id of the org, `!`, and the rest (Salesforce Help).
 */
const BY_FORM = /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}|\b00D\w{12,15}(?:!|%21|&#33;|\\u0021)[\w.]{24,}/g;

/**
 * A text without secrets. One without any is given back as it is.
 *
 * @param partsTo where parts of secrets end to be looked for, since the text may go on
 */
export const masked = (text: string, partsTo = Infinity): string => {
  const formless = /eyJ|00D/.test(text) ? text.replace(BY_FORM, MASK) : text;
  if (values.size === 0) return formless;
  const short = shorts ? formless.replace(shorts, `$1${MASK}`) : formless;
  if (byStart.size === 0) return short;
  const ranges: Range[] = [];
  // Piece by piece, since views take memory. The pieces overlap by more than an escaped secret can take.
  const overlap = longest * 10;
  for (let start = 0; start === 0 || start + overlap < short.length; start += PIECE) {
    eachView(short.slice(start, start + PIECE + overlap), leftOutOfViews, (view) => rangesIn(view, start, ranges));
  }
  const found = ranges.filter(({ to, isPart }) => !isPart || to <= partsTo);
  return found.length === 0 ? short : replaced(short, found);
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
const HALF_ESCAPE = /(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|&#?\w{0,7}|\u001b(?:\[[0-9;?]*)?)$/i;

/** So many characters of a secret tell too much of it. Sessions begin with the Id of their org, which has 15. */
const TELLING_LENGTH = 16;

/** What may be the beginning of a secret at the end of a text. `tells`: does it tell much of that secret? */
const openEnd = (text: string): { begin: number; tells: boolean } => {
  if (byStart.size === 0) return { begin: text.length, tells: false };
  const inOrder = (sorted ??= [...patterns].sort());
  // An escape has eight characters at most, and may stand in another one.
  const near = text.slice(Math.max(0, text.length - longest * 10));
  const offset = text.length - near.length;
  const cut = HALF_ESCAPE.exec(near)?.index ?? near.length;
  let begin = cut;
  let tells = false;
  eachView(near.slice(0, cut), leftOutOfViews, (view) => {
    const end = textOf(view);
    for (let index = Math.max(0, end.length - longest + 1); index < end.length; index++) {
      const pattern = goesOnAs(end.slice(index), inOrder);
      if (pattern !== undefined) {
        const length = end.length - index;
        begin = Math.min(begin, view.from[index] ?? 0);
        tells ||= length >= TELLING_LENGTH || length * 2 > pattern.length;
        return;
      }
    }
  });
  return { begin: offset + begin, tells };
};

/**
 * Where the end of a text begins that may be the beginning of a secret. The text's length when there
 * is no such end.
 */
export const beginningOfSecret = (text: string): number => openEnd(text).begin;

/** A text that ends within a secret, with a mask for what tells much of it. Undefined when the text does not end so. */
export const brokenOff = (text: string): string | undefined => {
  const { begin, tells } = openEnd(text);
  return tells ? text.slice(0, begin) + MASK + (/\s*$/.exec(text)?.[0] ?? '') : undefined;
};

/** The first of the sorted texts that begins with these characters, and goes on. */
const goesOnAs = (start: string, inOrder: string[]): string | undefined => {
  let [low, high] = [0, inOrder.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((inOrder[middle] ?? '') < start) low = middle + 1;
    else high = middle;
  }
  return inOrder[low]?.startsWith(start) === true ? inOrder[low] : undefined;
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
