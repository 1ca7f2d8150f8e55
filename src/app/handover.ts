import type { Flow } from './app.ts';
import { HARMLESS, shellWord } from './commandLine.ts';
import { inEscapes, isPlain } from './plainText.ts';
import { isProblem, type Problem, quotable } from './problem.ts';
import { maskedValue, type Secret } from './secret.ts';

/** The data with which a client gets tokens from an org. */
export type Handover = {
  /** The app's name. */
  name: string;
  consumerKey: string;
  /** Only when the user asked for the secret. */
  consumerSecret?: Secret;
  tokenUrl: string;
  authorizeUrl: string;
  /** https://<My Domain>, without a path. */
  myDomainUrl: string;
  /** OAuth wire names. */
  scopes: string[];
  flows: Flow[];
};

/** A hand-over as a command's result has it. The secret is in plain text, because the user asked for the secret. */
export type ShownHandover = Omit<Handover, 'consumerSecret'> & {
  /** Only when the user asked for the secret. */
  consumerSecret?: string;
};

/**
 * A hand-over with its secret in plain text. The org may have put the secret into another text as well: there the
 * secret is masked.
 */
export const shown = ({ consumerSecret, ...others }: Handover): ShownHandover => ({
  ...(maskedValue(others) as Omit<Handover, 'consumerSecret'>),
  ...(consumerSecret && { consumerSecret: consumerSecret.reveal() }),
});

export const HANDOVER_FORMATS = ['human', 'dotenv', 'shell', 'json', 'curl'] as const;

export type HandoverFormat = (typeof HANDOVER_FORMATS)[number];

/** A format for programs, which can also be written to a file. It has all that a client needs. */
export type MachineFormat = Exclude<HandoverFormat, 'human' | 'curl'>;

/** One environment variable. */
export type Variable = { name: string; value: string };

/**
 * The default prefix of the variables' names. With `SF_`, a variable could be taken for a setting of Salesforce's own
 * CLI.
 */
export const DEFAULT_PREFIX = 'SALESFORCE_';

/** The format that belongs to a file's name. */
export const formatOfFile = (path: string): MachineFormat => {
  if (/\.json$/i.test(path)) return 'json';
  return /\.sh$/i.test(path) ? 'shell' : 'dotenv';
};

/** With the prefix, the names must be valid in every shell. */
export const checkPrefix = (prefix: string): Problem | undefined =>
  /^([A-Za-z_]\w*)?$/.test(prefix) ? undefined : { code: 'error.prefixInvalid', values: [quotable(prefix)] };

/** The hand-over as environment variables, with OAuth's names, as client libraries use them. */
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

/** A value for a POSIX shell. Undefined for control characters: a terminal obeys them, and such a shell has no escapes. */
export const shellValue = (value: string): string | undefined => (isPlain(value) ? shellWord(value) : undefined);

/**
 * A value for a .env file, quoted so that the usual parsers read back the same value. These parsers have almost no
 * escapes, so the value decides which quotes are possible:
 * - between single quotes and backticks all is literal, but some parsers do not see a closing quote after a backslash;
 * - between double quotes some parsers turn \n into a line break and $NAME into the value of a variable;
 * - without quotes a # begins a comment, blanks at the ends are dropped, and a quote at the beginning counts.
 *
 * @returns undefined for the few values that no quotes fit, such as one with all three kinds of quotes and a #.
 *   Also undefined for characters that a terminal would obey
 */
export const dotenvValue = (value: string): string | undefined => {
  if (/\p{Cc}/u.test(value) || !isPlain(value)) return undefined;
  if (HARMLESS.test(value)) return value;
  const endsInBackslash = value.endsWith('\\');
  if (!value.includes("'") && !endsInBackslash) return `'${value}'`;
  if (!/["\\$]/.test(value)) return `"${value}"`;
  if (!value.includes('`') && !endsInBackslash) return `\`${value}\``;
  return /^[^\s'"`#][^#]*(?<!\s)$/.test(value) ? value : undefined;
};

/**
 * The hand-over in a format for programs, merged into the file's current content. Existing variables or keys get their
 * new value in place. Everything else stays, also comments. Without an existing file the result is the complete text,
 * which can go to stdout.
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
 * The lines of a file with variables. An assignment includes all of its value, which may have several lines between
 * quotes, and the comment after the value. Every other line stands alone.
 *
 * @param value a value in the format
 */
const linesWith = (value: RegExp): RegExp => {
  const before = /(?<before>[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)[ \t]*=[ \t]*)/.source;
  const after = /(?<after>[ \t]*(?:#[^\r\n]*)?)/.source;
  return new RegExp(`^${before}(?:${value.source})${after}$|^[^\\r\\n]*$`, 'gm');
};

const LINES = {
  // In a .env file a quote counts only at the beginning of the value. Only the same quote ends the value.
  dotenv: linesWith(/'[^']*'|"(?:\\.|[^"\\])*"|`[^`]*`|[^\s#'"`][^\r\n#]*?|/),
  // In a shell a word has any number of quoted and unquoted pieces.
  shell: linesWith(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;&|])*/),
};

/**
 * Sets variables in the text of a .env or shell file. If a name is there several times, each of its lines is set. The
 * line that counts depends on the reader.
 */
const mergeAssignments = (assignments: Assignment[], format: 'dotenv' | 'shell', existing: string): string => {
  const eol = existing.includes('\r\n') ? '\r\n' : '\n';
  const marker = existing.startsWith('\uFEFF') ? '\uFEFF' : '';
  const texts = new Map(assignments.map(({ name, text }) => [name, text]));
  const found = new Set<string>();
  const merged = existing.slice(marker.length).replace(LINES[format], (line: string, ...details: unknown[]) => {
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
