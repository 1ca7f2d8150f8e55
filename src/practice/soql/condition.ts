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

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | Comparison;

/**
 * The parser returns a chain with counts of parentheses. This code restores the order of the text, and the usual rules
 * apply to it.
 */
const tokens = (clause: WhereClause | HavingClause): Token[] => {
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
};

const repeated = (sign: '(' | ')', count = 0): Token[] => Array.from({ length: count }, () => sign);

/** Is something true of a row? */
export type Test<Row> = (row: Row) => boolean;

/** Reads a clause, once for all rows: `prepare` makes a test of each comparison. */
export const testOf = <Row>(
  clause: WhereClause | HavingClause,
  prepare: (condition: Comparison) => Test<Row>,
): Test<Row> => {
  const found = tokens(clause);
  let at = 0;

  const one = (): Test<Row> => {
    const token = found[at++];
    if (token === 'NOT') {
      const inner = one();
      return (row) => !inner(row);
    }
    if (token === '(') {
      const inner = all();
      if (found[at++] !== ')') throw malformed('unexpected token: <EOF>');
      return inner;
    }
    if (token === undefined || typeof token === 'string') throw malformed(`unexpected token: '${token ?? '<EOF>'}'`);
    return prepare(token);
  };

  const all = (): Test<Row> => {
    const first = one();
    const others: Array<{ and: boolean; test: Test<Row> }> = [];
    while (found[at] === 'AND' || found[at] === 'OR') others.push({ and: found[at++] === 'AND', test: one() });
    // A loop, not tests inside tests: a chain may have thousands of them. None is left out, so that each one's error is found.
    return (row) => {
      let value = first(row);
      for (const { and, test } of others) {
        const next = test(row);
        value = and ? value && next : value || next;
      }
      return value;
    };
  };

  return all();
};

/** The value of a literal in the query. Dates become a span: a day is one of 24 hours. */
type Literal = string | number | boolean | null | { from: number; to: number };

const literal = (text: string, type: string | undefined, now: Date): Literal => {
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
};

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

const unquoted = (text: string): string => {
  const inner = /^'.*'$/s.test(text) ? text.slice(1, -1) : text;
  return inner.replace(/\\(u[0-9a-f]{4}|.)/gi, (_all, sign: string) =>
    sign.length > 1 ? String.fromCodePoint(parseInt(sign.slice(1), 16)) : (ESCAPES[sign] ?? sign),
  );
};

export const literalsOf = (condition: Comparison, now: Date): Literal[] => {
  // In a pattern a backslash before % and _ means something else than in a text.
  if ('value' in condition && condition.operator === 'LIKE' && !Array.isArray(condition.value)) {
    if (condition.literalType === 'STRING') return [condition.value.slice(1, -1)];
  }
  return literalTexts(condition).map(({ text, type }) => literal(text, type, now));
};

/** The literals of a comparison as they stand in the query, and what the grammar takes each one for. */
export const literalTexts = (condition: Comparison): Array<{ text: string; type?: string }> => {
  if (!('value' in condition)) return [];
  const values = Array.isArray(condition.value) ? condition.value : [condition.value];
  const types = condition.literalType;
  return values.map((text, nth) => ({ text, type: Array.isArray(types) ? types[nth] : types }));
};

/**
 * Does a value stand to the literals as the operator says? Text is compared without minding case, as the API does. Work
 * that is the same for all values is done once here.
 */
export const comparison = (operator: string, literals: unknown[], isId: boolean): ((value: unknown) => boolean) => {
  const [first] = literals;
  switch (operator) {
    case '=':
      return oneOf([first], isId);
    case '!=':
      return negated(oneOf([first], isId));
    case 'IN':
      return oneOf(literals, isId);
    case 'NOT IN':
      return negated(oneOf(literals, isId));
    case 'LIKE': {
      const patterns = literals.map((one) => likeParts(String(one)));
      return (value) => typeof value === 'string' && patterns.some((parts) => isLike(value, parts));
    }
    case 'INCLUDES':
      return (value) => typeof value === 'string' && literals.some((one) => value.split(';').includes(String(one)));
    case 'EXCLUDES':
      return (value) => typeof value !== 'string' || !literals.some((one) => value.split(';').includes(String(one)));
    default:
      return (value) => ordered(value, operator, first);
  }
};

const negated =
  (test: (value: unknown) => boolean): ((value: unknown) => boolean) =>
  (value) =>
    !test(value);

const isSpan = (value: unknown): value is { from: number; to: number } =>
  typeof value === 'object' && value !== null && 'from' in value;

/** Is a value one of these? Texts are looked up: an IN may have thousands, and there may be thousands of records. */
const oneOf = (wanted: unknown[], isId: boolean): ((value: unknown) => boolean) => {
  const plain = (text: string): string => (isId ? toId18(text) : text.toLowerCase());
  const texts = new Set<string>();
  const spans: Array<{ from: number; to: number }> = [];
  const others = new Set<unknown>();
  for (const one of wanted) {
    if (typeof one === 'string') texts.add(plain(one));
    else if (isSpan(one)) spans.push(one);
    else others.add(one ?? null);
  }
  const inSpan = (value: unknown): boolean => {
    const at = Date.parse(String(value));
    return spans.some(({ from, to }) => at >= from && at < to);
  };
  return (value) => {
    // A text without a letter is no text at all.
    const fits =
      typeof value === 'string'
        ? texts.has(plain(value))
        : others.has(value ?? null) || (isNone(value) && texts.has(''));
    return fits || (spans.length > 0 && inSpan(value));
  };
};

const isNone = (value: unknown): boolean => value === null || value === undefined;

const ordered = (value: unknown, operator: string, wanted: unknown): boolean => {
  if (isNone(value) || wanted === null) return false;
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
};

/** Which of two values comes first: less than 0 for the first. */
export const order = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a).toLowerCase(), String(b).toLowerCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
};

const ANY_TEXT = Symbol('any text');
const ANY_LETTER = Symbol('any letter');

/** A pattern's letters, small, and its wildcards. Backslashes before % and _ take their meaning away. */
const likeParts = (pattern: string): Array<string | symbol> =>
  (pattern.match(/\\u[0-9a-f]{4}|\\.|[^\\]/gisu) ?? []).flatMap((part): Array<string | symbol> => {
    if (part === '%') return [ANY_TEXT];
    if (part === '_') return [ANY_LETTER];
    return [...(/^\\[%_]$/.test(part) ? part.slice(1) : unquoted(part)).toLowerCase()];
  });

/**
 * Does a text fit a pattern of LIKE? Only the last % is ever tried again: the text before it already has its first
 * possible place. A later place would leave less text. So the time grows with the one times the other, and never
 * beyond.
 */
const isLike = (value: string, parts: Array<string | symbol>): boolean => {
  const letters = [...value.toLowerCase()];
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
};
