import type { Flow } from './app.ts';
import { inEscapes, isPlain } from './plainText.ts';
import { isProblem, quotable, type Problem } from './problem.ts';
import { maskedValue, type Secret } from './secret.ts';
import { harmless, shellWord } from './commandLine.ts';

/** What a client needs to get tokens from an org. */
export type Handover = {
  /** The app's name. */
  name: string;
  consumerKey: string;
  /** Only when it was asked for. */
  consumerSecret?: Secret;
  tokenUrl: string;
  authorizeUrl: string;
  /** https://<My Domain>, without a path. */
  myDomainUrl: string;
  /** OAuth wire names. */
  scopes: string[];
  flows: Flow[];
};

/** A hand-over as the result of a command has it, with the secret in the clear, since it was asked for. */
export type ShownHandover = Omit<Handover, 'consumerSecret'> & {
  /** Only when it was asked for. */
  consumerSecret?: string;
};

/** A hand-over with its secret in the clear. The org may have put the secret into another text as well: there it is masked. */
export const shown = ({ consumerSecret, ...others }: Handover): ShownHandover => ({
  ...(maskedValue(others) as Omit<Handover, 'consumerSecret'>),
  ...(consumerSecret && { consumerSecret: consumerSecret.reveal() }),
});

export const HANDOVER_FORMATS = ['human', 'dotenv', 'shell', 'json'] as const;

export type HandoverFormat = (typeof HANDOVER_FORMATS)[number];

/** A format that a program reads, and that can go into a file. */
export type MachineFormat = Exclude<HandoverFormat, 'human'>;

/** One environment variable. */
export type Variable = { name: string; value: string };

/** Begins the variables' names, unless told otherwise. `SF_` would be taken for a setting of Salesforce's own CLI. */
export const DEFAULT_PREFIX = 'SALESFORCE_';

/** The format that goes with a file's name. */
export const formatOfFile = (path: string): MachineFormat => {
  if (/\.json$/i.test(path)) return 'json';
  return /\.sh$/i.test(path) ? 'shell' : 'dotenv';
};

/** A prefix has to make names that every shell takes. */
export const checkPrefix = (prefix: string): Problem | undefined =>
  /^([A-Za-z_]\w*)?$/.test(prefix) ? undefined : { code: 'error.prefixInvalid', values: [quotable(prefix)] };

/** The hand-over as environment variables, in OAuth's words, which is what client libraries call them. */
export const variablesOf = (secretly: Handover, prefix: string): Variable[] => {
  const handover = shown(secretly);
  return [
    ['CLIENT_ID', handover.consumerKey],
    ['CLIENT_SECRET', handover.consumerSecret],
    ['TOKEN_URL', handover.tokenUrl],
    ['AUTHORIZE_URL', handover.authorizeUrl],
    ['MY_DOMAIN_URL', handover.myDomainUrl],
    ['SCOPES', handover.scopes.join(' ')],
    ['FLOWS', handover.flows.join(' ')],
  ].flatMap(([name, value]) => (name && value !== undefined ? [{ name: `${prefix}${name}`, value }] : []));
};

/** A value for a POSIX shell. @returns undefined for one that a terminal would obey, for which such a shell has no escapes */
export const shellValue = (value: string): string | undefined => (isPlain(value) ? shellWord(value) : undefined);

/**
 * A value for a .env file, quoted so that the usual parsers read back exactly what went in. They know no escapes to speak of,
 * so the value decides which quotes it can stand between:
 * - between single quotes and backticks all is literal, but a backslash at the end would hide the closing quote from some;
 * - between double quotes some parsers turn \n into a line break and $NAME into the value of a variable;
 * - without quotes a # begins a comment, blanks at the ends are dropped, and a quote at the beginning is a quote.
 *
 * @returns undefined for the few values that no quoting fits, such as one with all three kinds of quotes and a #, and for what a
 *   terminal would obey
 */
export const dotenvValue = (value: string): string | undefined => {
  if (/\p{Cc}/u.test(value) || !isPlain(value)) return undefined;
  if (harmless.test(value)) return value;
  const endsInBackslash = value.endsWith('\\');
  if (!value.includes("'") && !endsInBackslash) return `'${value}'`;
  if (!/["\\$]/.test(value)) return `"${value}"`;
  if (!value.includes('`') && !endsInBackslash) return `\`${value}\``;
  return /^[^\s'"`#][^#]*(?<!\s)$/.test(value) ? value : undefined;
};

/**
 * The hand-over in a format for programs, merged into what a file already has: variables or keys that are there get their new
 * value in place, all else stays, also comments. Without a file's text it is the whole text, which is what goes to stdout.
 *
 * @param existing text of the file; absent when there is none
 * @param path of the file, for the problem
 * @returns a problem (error.valueNotForDotenv, error.notJsonObject) when the format can't hold a value, or the file is not
 *   what its format says
 */
export const writeHandover = (
  handover: Handover,
  format: MachineFormat,
  prefix: string,
  existing?: string,
  path = '-',
): string | Problem => {
  if (format === 'json') return mergeJson(shown(handover), path, existing);
  const variables = variablesOf(handover, prefix);
  const assignments = variables.map(({ name, value }): Assignment | Problem => {
    const text = format === 'shell' ? shellValue(value) : dotenvValue(value);
    return text === undefined ? { code: 'error.valueNotForDotenv', values: [name] } : { name, text };
  });
  const problem = assignments.find(isProblem);
  if (problem) return problem;
  return mergeAssignments(assignments as Assignment[], format, existing ?? '');
};

type Assignment = { name: string; text: string };

/**
 * The lines of a file with variables. An assignment has all of its value, which between quotes may go over several lines, and
 * the comment behind it; what is none of these is a line by itself.
 *
 * @param value a value as the format has it
 */
const linesWith = (value: RegExp): RegExp => {
  const before = /(?<before>[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)[ \t]*=[ \t]*)/.source;
  const after = /(?<after>[ \t]*(?:#[^\r\n]*)?)/.source;
  return new RegExp(`^${before}(?:${value.source})${after}$|^[^\\r\\n]*$`, 'gm');
};

const lines = {
  // In a .env file a quote counts at the beginning of the value only, and has no way out but its like.
  dotenv: linesWith(/'[^']*'|"(?:\\.|[^"\\])*"|`[^`]*`|[^\s#'"`][^\r\n#]*?|/),
  // In a shell a word is any number of quoted and unquoted pieces.
  shell: linesWith(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;&|])*/),
};

/**
 * Sets variables in the text of a .env or shell file. A name that stands there several times is set each time: which one counts
 * depends on the reader.
 */
const mergeAssignments = (assignments: Assignment[], format: 'dotenv' | 'shell', existing: string): string => {
  const eol = existing.includes('\r\n') ? '\r\n' : '\n';
  const marker = existing.startsWith('\uFEFF') ? '\uFEFF' : '';
  const texts = new Map(assignments.map(({ name, text }) => [name, text]));
  const found = new Set<string>();
  const merged = existing.slice(marker.length).replace(lines[format], (line: string, ...details: unknown[]) => {
    const { before = '', name = '', after = '' } = details.at(-1) as Record<string, string | undefined>;
    const text = texts.get(name);
    if (text === undefined) return line;
    found.add(name);
    return `${before}${text}${after}`;
  });
  const gap = merged === '' || merged.endsWith('\n') ? '' : eol;
  const keyword = format === 'shell' ? 'export ' : '';
  const added = assignments
    .filter(({ name }) => !found.has(name))
    .map(({ name, text }) => `${keyword}${name}=${text}${eol}`);
  return marker + merged + gap + added.join('');
};

const mergeJson = (handover: ShownHandover, path: string, existing = ''): string | Problem => {
  const entries = Object.entries(handover).filter(([, value]) => value !== undefined);
  const before = existing.trim() === '' ? {} : parsedObject(existing.replace(/^\uFEFF/, ''));
  if (!before) return { code: 'error.notJsonObject', values: [path] };
  const indentation = /^[\s\uFEFF]*\{\r?\n([ \t]+)/.exec(existing)?.[1] ?? '  ';
  return `${inEscapes(JSON.stringify({ ...before, ...Object.fromEntries(entries) }, null, indentation))}\n`;
};

const parsedObject = (text: string): object | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};
