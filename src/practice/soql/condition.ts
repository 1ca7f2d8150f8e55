import type {
  ConditionWithValueQuery,
  HavingClause,
  NegationCondition,
  WhereClause,
} from '@jetstreamapp/soql-parser-js';
import { toId18 } from '../ids.ts';
import { dateRange } from './dates.ts';
import { malformed } from './errors.ts';

/** One comparison of a WHERE or HAVING clause. */
export type Comparison = Exclude<ConditionWithValueQuery, NegationCondition>;

/** How a clause's comparisons are decided: for the condition, is it true of the row at hand? */
export type Decide = (condition: Comparison) => boolean;

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | Comparison;

/** The parser gives a chain with counts of parentheses; this is the text's order again, to be read with the usual rules. */
function tokens(clause: WhereClause | HavingClause): Token[] {
  const found: Token[] = [];
  let at: WhereClause | HavingClause | undefined = clause;
  while (at) {
    const left = at.left as (Partial<Comparison> & { openParen?: number; closeParen?: number }) | null;
    const operator = 'operator' in at ? at.operator : undefined;
    if (operator === 'NOT') {
      found.push(...repeated('(', left?.openParen), 'NOT');
    } else {
      found.push(...repeated('(', left?.openParen), left as Comparison, ...repeated(')', left?.closeParen));
      if (operator) found.push(operator);
    }
    at = 'right' in at ? at.right : undefined;
  }
  return found;
}

function repeated(sign: '(' | ')', count = 0): Token[] {
  return Array.from({ length: count }, () => sign);
}

/** Is the clause true, when each comparison is what `decide` says? */
export function holds(clause: WhereClause | HavingClause, decide: Decide): boolean {
  const rest = tokens(clause);

  const one = (): boolean => {
    const token = rest.shift();
    if (token === 'NOT') return !one();
    if (token === '(') {
      const inner = all();
      if (rest.shift() !== ')') throw malformed('unexpected token: <EOF>');
      return inner;
    }
    if (token === undefined || typeof token === 'string') throw malformed(`unexpected token: '${token ?? '<EOF>'}'`);
    return decide(token);
  };

  const all = (): boolean => {
    let value = one();
    while (rest[0] === 'AND' || rest[0] === 'OR') {
      const operator = rest.shift();
      const next = one();
      value = operator === 'AND' ? value && next : value || next;
    }
    return value;
  };

  return all();
}

/** What a literal of the query stands for. Dates become a span: a day is one of 24 hours. */
type Literal = string | number | boolean | null | { from: number; to: number };

function literal(text: string, type: string | undefined, now: Date): Literal {
  switch (type) {
    case 'STRING':
      return unquoted(text);
    case 'BOOLEAN':
      return text.toLowerCase() === 'true';
    case 'NULL':
      return null;
    case 'INTEGER':
    case 'DECIMAL':
      return Number(text);
    case 'DATETIME':
    case 'DATE':
    case 'DATE_LITERAL':
    case 'DATE_N_LITERAL':
      return dateRange(text, now);
    default:
      return unquoted(text);
  }
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unquoted(text: string): string {
  const inner = /^'.*'$/s.test(text) ? text.slice(1, -1) : text;
  return inner.replace(/\\(u[0-9a-f]{4}|.)/gi, (_all, sign: string) =>
    sign.length > 1 ? String.fromCodePoint(parseInt(sign.slice(1), 16)) : (ESCAPES[sign] ?? sign),
  );
}

export function literalsOf(condition: Comparison, now: Date): Literal[] {
  // In a pattern a backslash before % and _ means something else than in a text.
  if ('value' in condition && condition.operator === 'LIKE' && !Array.isArray(condition.value)) {
    if (condition.literalType === 'STRING') return [condition.value.slice(1, -1)];
  }
  return literalTexts(condition).map(({ text, type }) => literal(text, type, now));
}

/** The literals of a comparison as they stand in the query, and what the grammar takes each one for. */
export function literalTexts(condition: Comparison): Array<{ text: string; type?: string }> {
  if (!('value' in condition)) return [];
  const values = Array.isArray(condition.value) ? condition.value : [condition.value];
  const types = condition.literalType;
  return values.map((text, nth) => ({ text, type: Array.isArray(types) ? types[nth] : types }));
}

/** Does a value stand to the literals as the operator says? Text is compared without minding case, as the API does. */
export function compare(value: unknown, operator: string, literals: unknown[], isId: boolean): boolean {
  const [first] = literals;
  switch (operator) {
    case '=':
      return same(value, first, isId);
    case '!=':
      return !same(value, first, isId);
    case 'IN':
      return literals.some((one) => same(value, one, isId));
    case 'NOT IN':
      return !literals.some((one) => same(value, one, isId));
    case 'LIKE':
      return typeof value === 'string' && literals.some((one) => isLike(value, String(one)));
    case 'INCLUDES':
      return typeof value === 'string' && literals.some((one) => value.split(';').includes(String(one)));
    case 'EXCLUDES':
      return typeof value !== 'string' || !literals.some((one) => value.split(';').includes(String(one)));
    default:
      return ordered(value, operator, first);
  }
}

function isSpan(value: unknown): value is { from: number; to: number } {
  return typeof value === 'object' && value !== null && 'from' in value;
}

function same(value: unknown, wanted: unknown, isId: boolean): boolean {
  if (isSpan(wanted)) {
    const at = Date.parse(String(value));
    return at >= wanted.from && at < wanted.to;
  }
  if (typeof value === 'string' && typeof wanted === 'string') {
    return isId ? toId18(value) === toId18(wanted) : value.toLowerCase() === wanted.toLowerCase();
  }
  // A text without a letter is no text at all.
  return (value ?? (wanted === '' ? '' : null)) === (wanted ?? null);
}

function ordered(value: unknown, operator: string, wanted: unknown): boolean {
  if (value === null || value === undefined || wanted === null) return false;
  if (isSpan(wanted)) {
    const at = Date.parse(String(value));
    if (operator === '<') return at < wanted.from;
    if (operator === '<=') return at < wanted.to;
    if (operator === '>') return at >= wanted.to;
    return at >= wanted.from;
  }
  const difference = order(value, wanted);
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return operator === '>' ? difference > 0 : difference >= 0;
}

/** Which of two values comes first: less than 0 for the first. */
export function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a).toLowerCase(), String(b).toLowerCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const ANY_TEXT = Symbol('any text');
const ANY_LETTER = Symbol('any letter');

/** A pattern's letters, small, and its wildcards. Backslashes before % and _ take their meaning away. */
function likeParts(pattern: string): Array<string | symbol> {
  return (pattern.match(/\\u[0-9a-f]{4}|\\.|[^\\]/gisu) ?? []).flatMap((part): Array<string | symbol> => {
    if (part === '%') return [ANY_TEXT];
    if (part === '_') return [ANY_LETTER];
    return [...(/^\\[%_]$/.test(part) ? part.slice(1) : unquoted(part)).toLowerCase()];
  });
}

/**
 * Does a text fit a pattern of LIKE? Only the last % is ever taken back: what stood before has found its first place already, and a
 * later one would leave less. So the time grows with the one times the other, and never beyond.
 */
function isLike(value: string, pattern: string): boolean {
  const letters = [...value.toLowerCase()];
  const parts = likeParts(pattern);
  let [at, part] = [0, 0];
  let last: { part: number; at: number } | undefined;
  while (at < letters.length) {
    if (parts[part] === ANY_TEXT) {
      last = { part, at };
      part += 1;
    } else if (parts[part] === ANY_LETTER || parts[part] === letters[at]) {
      at += 1;
      part += 1;
    } else if (last) {
      last.at += 1;
      at = last.at;
      part = last.part + 1;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === ANY_TEXT);
}
