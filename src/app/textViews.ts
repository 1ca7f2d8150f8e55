/*
 * A text as a reader sees it, decoded step by step. It knows the escapes of URLs, JSON, XML and HTML, also one inside the other.
 */

/** Does a view leave out the character with this code? */
export type LeftOut = (code: number) => boolean;

/**
 * What a view of a text leaves out: everything between letters and digits. Pages, logs and dumps break what they show into groups and lines. They do so by blanks, colons, quotes, bars or characters
 * that nobody sees.
 */
export const isBetween: LeftOut = (code) =>
  !((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a));

/** The same for a value that has few letters and digits: blanks, line feeds, and plus signs, a form's blanks. */
export const isBlank: LeftOut = (code) =>
  code <= 0x20 ||
  code === 0x2b ||
  (code >= 0x7f && code <= 0xa0) ||
  code === 0xad ||
  (code >= 0x200b && code <= 0x200d);

/** A text as it is after some decoding: its characters, and where in the text each begins and ends. */
export type View = { codes: Uint16Array; from: Uint32Array; to: Uint32Array; length: number; decoded: boolean };

/** Escapes of URLs, JSON, JavaScript, XML and HTML, where they stand. */
const ESCAPE =
  /^(?:%(?<url>[0-9a-f]{2})|(?:[%\\]u|\\U0000)(?<unicode>[0-9a-f]{4})|\\u\{0*(?<braced>[0-9a-f]{1,5})\}|\\x(?<hex>[0-9a-f]{2})|&#x0*(?<entityHex>[0-9a-f]{1,5});?|&#0*(?<entity>\d{1,6});?|&(?<named>[a-z]{2,8});|\\(?<json>["'\\/nrt]))/i;

/** Any other stands for a character that views leave out. */
const NAMED_ENTITIES: Record<string, number> = { amp: 0x26, lt: 0x3c, gt: 0x3e, quot: 0x22, apos: 0x27 };

/**
 * What only shows a text. ESC [ ... letter is a colour or a movement of the cursor. Another is a tag without attributes, whose name is shorter than a secret. The last is an unseen character that was made visible.
 */
export const SEQUENCE = /\u001b\[[0-9;?]*[A-Za-z]|<\/?[a-z]{1,6} *\/?>|<U\+[0-9A-F]{4,6}>/iy;

/** The escape that a text begins with. */
const decodedAt = (text: string): { code: number; length: number } | undefined => {
  const match = ESCAPE.exec(text);
  if (!match) return undefined;
  const groups = match.groups as Record<string, string | undefined>;
  const { url, unicode, braced, hex, entityHex, entity, named, json = '' } = groups;
  const hexadecimal = url ?? unicode ?? braced ?? hex ?? entityHex;
  const code =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : entity !== undefined
        ? Number(entity)
        : named !== undefined
          ? (NAMED_ENTITIES[named.toLowerCase()] ?? 0x20)
          : /[nrt]/i.test(json)
            ? 0x0a
            : json.charCodeAt(0);
  return { code, length: match[0].length };
};

/** The text as it is: nothing is decoded yet. */
const firstView = (text: string): View => {
  const size = text.length;
  const view = emptyView(size);
  const { codes, from, to } = view;
  let length = 0;
  for (let index = 0; index < size; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x1b || code === 0x3c) {
      SEQUENCE.lastIndex = index;
      const found = SEQUENCE.exec(text);
      if (found) {
        index += found[0].length - 1;
        continue;
      }
    }
    codes[length] = code;
    from[length] = index;
    to[length] = index + 1;
    length++;
  }
  view.length = length;
  return view;
};

const emptyView = (size: number): View => ({
  codes: new Uint16Array(size),
  from: new Uint32Array(size),
  to: new Uint32Array(size),
  length: 0,
  decoded: false,
});

/** No escape is longer. */
const LONGEST_ESCAPE = 16;

/** A view with its escapes decoded once. */
const decodedView = (view: View): View => {
  const next = emptyView(view.length);
  const { codes, from, to } = next;
  let length = 0;
  for (let index = 0; index < view.length; index++) {
    const code = view.codes[index] ?? 0;
    let last = index;
    codes[length] = code;
    if (code === 0x25 || code === 0x5c || code === 0x26) {
      const found = decodedAt(
        String.fromCharCode(...view.codes.subarray(index, Math.min(index + LONGEST_ESCAPE, view.length))),
      );
      if (found) {
        codes[length] = found.code;
        next.decoded = true;
        last = index + found.length - 1;
      }
    }
    from[length] = view.from[index] ?? 0;
    to[length] = view.to[last] ?? 0;
    length++;
    index = last;
  }
  next.length = length;
  return next;
};

/** A view without what is left out, in lower case: what is searched. */
const searched = (view: View, leftOut: LeftOut): View => {
  const next = emptyView(view.length);
  const { codes, from, to } = next;
  let length = 0;
  for (let index = 0; index < view.length; index++) {
    const code = view.codes[index] ?? 0;
    if (leftOut(code)) continue;
    codes[length] = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
    from[length] = view.from[index] ?? 0;
    to[length] = view.to[index] ?? 0;
    length++;
  }
  next.length = length;
  return next;
};

export const textOf = ({ codes, length }: View): string => {
  const parts: string[] = [];
  for (let index = 0; index < length; index += 8192) {
    parts.push(String.fromCharCode(...codes.subarray(index, Math.min(index + 8192, length))));
  }
  return parts.join('');
};

/** How often an escape may stand inside another one. A URL in JSON in an XML text is an example. */
const DEPTH = 9;

/** Shows each step of the decoding, in lower case, once without what each of `leftOut` leaves out. */
export const eachView = (text: string, leftOut: readonly LeftOut[], look: (view: View) => void): void => {
  let view = firstView(text);
  for (let step = 0; step <= DEPTH; step++) {
    for (const each of leftOut) look(searched(view, each));
    const next = decodedView(view);
    if (!next.decoded) return;
    view = next;
  }
};
