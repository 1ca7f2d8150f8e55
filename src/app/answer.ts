import { explain, isKnownCode, type Refusal } from './explanations.ts';

/*
 * Reads an answer of Salesforce as people paste it. It may be an answer's JSON, or the address of an error page or of a
 * callback. It may also be a line of a log, or a client's error that contains the answer. Clients put their own words
 * around the answer, and their words may read like an answer. So the innermost known part counts, and an error's name
 * counts more than words.
 */

/** Words after which a client repeats the answer. Without a colon, "due to" can be part of the answer. */
const JOINTS =
  /\bdue to(?::\s|\s(?=\S*[_"'{([:]))|\bcaused by:?\s|\bnested exception is:?\s|\breason:\s|\broot cause:?\s|\bhere.s the error:\s/gi;

/** The Salesforce CLI puts this text before every code that it could not exchange (messages of its plugin-auth). */
const CLI_SAYS = /invalid client credentials\. *verify the oauth client secret and id\.?/gi;

/**
 * Longer texts are complete logs, with the error at their end. The limit keeps the search short for every pasted text.
 */
const LONGEST = 50_000;

/**
 * Finds the refusal in a text. If the text names no error, the text is the description.
 *
 * @param text the pasted text
 */
export const parseRefusal = (text: string): Refusal => {
  const pasted = withoutLogMarks(unescaped(text.slice(-LONGEST).replace(/^\uFEFF/, ''))).trim();
  const parts = inParts(pasted);
  const inner = parts[parts.length - 1] ?? pasted;
  for (const part of [...parts].reverse()) {
    // Words of an outer part come from the wrapping client: only a name counts there.
    const found = refusalsIn(part).find((one) => isKnown(one) && (part === inner || isKnownCode(one.error)));
    if (found) return found;
  }
  return refusalsIn(inner).find(({ error }) => error !== '') ?? { error: '', description: inner };
};

const isKnown = (refusal: Refusal): boolean => explain(refusal).id !== 'unknown';

/** From the outermost part to the innermost part. */
const inParts = (text: string): string[] => {
  const without = text.replace(CLI_SAYS, ' ').trim();
  // The text has nothing else, so this part is explained.
  const whole = /\w/.test(without.replace(/^(\s*error\b[^:\n]*:?)+/i, '')) ? without : text;
  const parts = whole
    .split(JOINTS)
    // A client that prints its error as JSON has the answer inside a JSON string. The end of this string is not part of
    // the answer.
    .map((part, index) => (index === 0 ? part : part.replace(/\\*["'][}\],\s]*$/, '')).trim())
    .filter((part) => part !== '');
  return parts.length > 0 ? parts : [text];
};

/** Possible refusals in a text, the most certain one first. */
const refusalsIn = (text: string): Refusal[] => [
  ...layersOf(text).flatMap((layer) => [...fromQuery(layer), ...fromFields(layer)]),
  ...fromPage(text),
  ...fromNames(text),
  ...fromStatus(text),
  ...fromWords(text),
];

/** The text as it is, decoded once, and decoded twice. */
const layersOf = (text: string): string[] => {
  const once = decoded(text);
  const twice = decoded(once);
  return [...new Set([text, once, twice])];
};

const decoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });

/** Pages and programs encode the characters of addresses and of JSON in different ways. */
const unescaped = (text: string): string =>
  text
    .replace(/&amp;|\\u0026|\\x26/gi, '&')
    .replace(/&quot;|&#34;|\\u0022/gi, '"')
    .replace(/&#0?39;|&#x27;|&apos;|\\u0027|\u2018|\u2019|\u00e2\u20ac\u2122/gi, "'")
    .replace(/&lt;|\\u003c/gi, '<')
    .replace(/&gt;|\\u003e/gi, '>')
    .replace(/\\u003d/gi, '=')
    .replace(/\\\//g, '/');

/** Logs of CI systems put the time before each line, and the program's exit code behind the last. */
const withoutLogMarks = (text: string): string =>
  text
    .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z? /gm, '')
    .replace(/^(?:##\[error\]|Error: )*Process completed with exit code \d+\.?$/gm, '')
    .replaceAll('##[error]', '');

const plain = (name: string): string => name.replaceAll(/[^a-z]/gi, '').toLowerCase();

/**
 * The words of clients and pages for the error's name and for its description. `code` alone often means an
 * authorization code.
 */
const CODE_NAMES = ['error', 'errorcode', 'oautherror', 'oautherrorcode', 'exceptioncode', 'errorname', 'statuscode'];
const TEXT_NAMES = [
  'errordescription',
  'oautherrordescription',
  'errordesc',
  'errormessage',
  'errormsg',
  'exceptionmessage',
  'message',
  'msg',
  'description',
];
const isCode = (name: string): boolean => CODE_NAMES.includes(plain(name));
const isText = (name: string): boolean => TEXT_NAMES.includes(plain(name));

const QUERY =
  /(?:^|[?&#;\s"'(<>=])((?:[a-z]{1,20}[_-]?){0,3}error(?:[_-]?(?:code|description|desc|message|msg))?)=([^&\s"'<>)]*)/gi;

/** Parameters of an address: in its query, in its fragment, or alone as in a log. */
const fromQuery = (text: string): Refusal[] => {
  const found: Refusal[] = [];
  let last: Refusal | undefined;
  for (const { 1: name = '', 2: raw = '', index, 0: whole } of text.matchAll(QUERY)) {
    if (isCode(name) && raw !== '') {
      last = { error: valueOf(raw), description: last && last.error === '' ? last.description : '' };
      found.push(last);
    } else if (isText(name)) {
      const description = valueOf(/[+%]/.test(raw) ? raw : raw + untilEnd(text.slice(index + whole.length)));
      if (last && last.description === '') last.description = description;
      else last = { error: '', description };
    }
  }
  return found.reverse();
};

/** The rest of a description whose blanks are already decoded. */
const untilEnd = (rest: string): string => /^[^&"'<>)\]\n]*?(?= HTTP\/\d|[&"<>)\]\n]|$)/.exec(rest)?.[0] ?? '';

const valueOf = (raw: string): string => decoded(decoded(raw.replaceAll('+', ' '))).trim();

/**
 * `name: value` as JSON, JavaScript, Python and Ruby print it, also inside a string (`\"error\"`), and as an XML
 * element.
 */
const FIELD =
  /(?<![\w-])([A-Za-z_][\w-]{1,40})\\*["']?\s*(?::|=>|=)\s*\\*(?:"((?:[^"\\]|\\(?!"))*)\\*"|'((?:[^'\\]|\\.|'(?=\w))*)')|<(?:\w+:)?(\w+)>([^<]*)<\//g;

const fromFields = (text: string): Refusal[] => {
  const found: Refusal[] = [];
  let open: Partial<Refusal> = {};
  const close = (): void => {
    if (open.error !== undefined) found.push({ error: open.error, description: open.description ?? '' });
    open = {};
  };
  let end = 0;
  for (const match of text.matchAll(FIELD)) {
    // Text between brackets stays together.
    if (/[{}[\]]/.test(text.slice(end, match.index))) close();
    end = match.index + match[0].length;
    const name = match[1] ?? match[4] ?? '';
    const value = (match[2] ?? match[3] ?? match[5] ?? '').replace(/\\+(?=["'])/g, '').trim();
    if ((isCode(name) && value !== '') || (['name', 'code'].includes(plain(name)) && isKnownCode(value))) {
      if (open.error !== undefined) close();
      open.error = value;
    } else if (isText(name) && open.description === undefined) open.description = value;
  }
  close();
  return found.filter(({ error }) => /^[\w:.-]+$/.test(error)).reverse();
};

/** The address of an error page, which may be the only thing that a user has. */
const fromPage = (text: string): Refusal[] =>
  /\/AppInstallErrorPage\b/i.test(text) ? [{ error: 'AppInstallErrorPage', description: '' }] : [];

/** More words that clients use for their own errors. */
const VAGUE = /^(login|server|unknown|otp)_error$|^(not_found|system_down|service_unavailable|invalid_token)$/i;

const NAME =
  /(?<![\w./@-])[A-Za-z]{1,40}(?:[_-][A-Za-z0-9]{1,40}){1,8}(?![\w@])|RemoteOrgSignupFailed|(?<![\w.-])E[A-Z]{4,14}(?![\w@])/g;

/**
 * Known names of errors anywhere in the text. The last name comes first, and the clients' own names come at the end.
 */
const fromNames = (text: string): Refusal[] => {
  const found = [...text.matchAll(NAME)]
    .filter(([code]) => isKnownCode(code))
    .map(({ 0: code, index }) => ({ error: code, description: describedAt(text, index, code) }));
  const sure = found.filter(({ error }) => !VAGUE.test(error)).reverse();
  const first = /^([\w-]+)\s*(?::(?!\/\/)\s*(.*))?$/s.exec(text);
  return [
    ...sure,
    ...found.filter(({ error }) => VAGUE.test(error)).reverse(),
    ...(first?.[1] !== undefined && /[_A-Z0-9-]|^\w+$/.test(first[1])
      ? [{ error: first[1], description: firstLine(first[2] ?? '') }]
      : []),
  ];
};

/** The text after a name, up to the client's own words. */
const describedAt = (text: string, index: number, code: string): string => {
  const opening = text[index - 1] ?? '';
  // A log may have the text of a program in quotes, with backslashes before the quotes inside.
  const rest = text.slice(index + code.length).replace(/\\+(?=["'])/g, '');
  const closing = { '(': ')', '"': '"', "'": "'" }[opening];
  const [, lead = '', inside = ''] = /^([\s:"'\],.-]*)(.*)$/s.exec(rest) ?? [];
  const [label, quote = ''] =
    /^(?:error[_ -]?)?(?:description|desc|message|msg)["']?\s*[:=]+\s*(["']?)/i.exec(inside) ?? [];
  if (label !== undefined) return firstLine(upTo(quote, inside.slice(label.length)));
  // Python's libraries put the name alone in brackets, others the name with its description.
  if (inside.startsWith(')')) return firstLine(inside.slice(1).replace(/^[\s:,.-]+/, ''));
  if (inside.startsWith('(')) return firstLine(inside.slice(1).split(')')[0] ?? '');
  if (closing === ')') return firstLine(inside.split(')')[0] ?? '');
  // The description may be in quotes of its own.
  if (closing !== undefined && lead.includes(closing)) return firstLine(upTo(lead.trim().slice(1).at(-1), inside));
  return firstLine(closing === undefined ? inside : (inside.split(closing)[0] ?? ''));
};

/** Up to the quote that closes, or to the brackets in which everything stands. */
const upTo = (quote: string | undefined, text: string): string => {
  if (quote === '"') return text.split('"')[0] ?? '';
  return text.replace(quote === "'" ? /'[^']*$/ : /[)\]}]+\s*$/, '');
};

/** The text up to an empty line, a stack trace, or the advice of a client. A line that a terminal broke is joined again. */
const firstLine = (text: string): string =>
  (text.split(/\n\s*\n|\n\s+at |\n\s*(?:try this|caused by|traceback)\b|\n(?=\s*\d{2,4}[-:])/i)[0] ?? '')
    .replace(/\s+/g, ' ')
    .trim();

/** A status with its name (RFC 9110), or in the words of Python's requests. */
const STATUS_WORDS =
  /\b([45]\d\d):? (?:Client Error|Server Error|Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Timeout)\b/gi;

/** An HTTP status, when the text has nothing else. */
const fromStatus = (text: string): Refusal[] =>
  [
    ...text.matchAll(/(?:\b|ERROR_)(?:HTTP(?:\/\d(?:\.\d)?)?|status(?:[ _-]?code)?)[\s:="'_]{1,4}(\d{3})\b/gi),
    ...text.matchAll(STATUS_WORDS),
  ]
    .map(([, status]) => ({ error: `HTTP_${status}`, description: firstLine(text) }))
    .reverse();

const fromWords = (text: string): Refusal[] => [
  {
    error: '',
    description: text
      .split('\n')
      .map((line) => line.trim())
      .join(' '),
  },
];
