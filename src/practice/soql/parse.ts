import { parseQuery, type Query } from '@jetstreamapp/soql-parser-js';

import { errorAt, malformed, type SoqlError, tooComplicated } from './errors.ts';
/**
 * Limits for nested brackets and NOTs, and for comparisons in a chain. The parser calls itself for each, and its time
 * grows with the square of a chain. Where Salesforce draws these lines is not known.
 */
const DEEPEST = 50;
const LONGEST_CHAIN = 1000;

/** Reads a query. Throws a SoqlError that says what is wrong with its grammar, and where. */
export const parsed = (soql: string): Query => {
  checkSize(soql);
  const text = joined(soql);
  try {
    return parseQuery(text);
  } catch (error) {
    throw problem(soql, (error as Error).message);
  }
};

/** Refuses what the parser would need minutes for, before it begins. */
const checkSize = (soql: string): void => {
  let [open, nots, joints] = [0, 0, 0];
  for (const { 0: token, 1: end, index } of soql.matchAll(TOKEN)) {
    if (end !== undefined && end !== "'") throw openQuote(index);
    nots = /^not$/i.test(token) ? nots + 1 : 0;
    if (token === '(') open += 1;
    else if (token === ')') open -= 1;
    else if (/^(and|or)$/i.test(token)) joints += 1;
    if (open + nots > DEEPEST || joints > LONGEST_CHAIN) throw tooComplicated();
  }
};

const openQuote = (offset: number): SoqlError =>
  malformed(`line 1:${offset} mismatched character '<EOF>' expecting '''`);

/** Relationships to parents that a query may have (SOQL guide, "Understanding Relationship Query Limitations"). */
const MOST_WAYS = 55;

/** The old way to name a relationship, `FROM User u, u.Profile p`, said in the way that the parser knows. */
const joined = (soql: string): string => {
  const list = /\bFROM\s+(\w+)\s+(\w+)((?:\s*,\s*\w+(?:\.\w+)+\s+\w+)+)/i.exec(soql);
  if (!list) return soql;
  const [whole, sObject, alias, others = ''] = list;
  const ways = others
    .split(',')
    .slice(0, MOST_WAYS + 2)
    .flatMap((one) => {
      const [path, name] = one.trim().split(/\s+/);
      return path && name ? [{ path, name }] : [];
    });
  if (ways.length > MOST_WAYS) throw tooComplicated();
  return ways.reduceRight(
    (text, { path, name }) => text.replace(new RegExp(`(?<![\\w.'])${name}\\.(?=\\w)`, 'g'), `${path}.`),
    soql.replace(whole, `FROM ${sObject} ${alias}`),
  );
};

const problem = (soql: string, message: string): SoqlError => {
  const [, sign, offset] = /unexpected character: ->(.)<- at offset: (\d+)/s.exec(message) ?? [];
  if (sign) return malformed(`line 1:${offset} no viable alternative at character '${sign}'`);
  const found = foundIn(message);
  if (found === '') return unexpected(soql, soql.trimEnd().length, '<EOF>');
  const place = placeOf(soql, found);
  if (/^ALL\s+ROWS\b/i.test(soql.slice(Math.max(place - 4, 0)))) {
    return errorAt(soql, place - 4, 'MALFORMED_QUERY', 'ALL ROWS not allowed in this context');
  }
  if (soql[place] === ':') return errorAt(soql, place, 'MALFORMED_QUERY', 'Bind variables only allowed in Apex code');
  return unexpected(soql, place, found);
};

const unexpected = (soql: string, place: number, token: string): SoqlError =>
  errorAt(soql, place, 'MALFORMED_QUERY', `unexpected token: '${token}'`);

/** The token that the parser did not expect; empty at the end of the query. */
const foundIn = (message: string): string => {
  const text =
    /found --> '(.*?)' <--/s.exec(message) ?? /found: '(.*?)'$/s.exec(message) ?? /found: (.+)$/s.exec(message);
  return text?.[1] ?? '';
};

/** Words, literals and signs of a query. A literal's end is in the first group: nothing or a backslash where it has none. */
const TOKEN = /'(?:\\.|[^'\\])*('|\\?$)|[\w.]+|[^\s\w]/gs;

/**
 * Where the token stands that the parser did not expect; it does not tell. The wrong word is the first occurrence of
 * the text with this property. The query before it is correct except that it ends too early, and with the word it is
 * not.
 */
const placeOf = (soql: string, token: string): number => {
  const places = [...soql.matchAll(TOKEN)].filter(([text]) => text === token).map(({ index }) => index);
  // If the query fails at one place, it fails at all later places, so a binary search finds the first.
  let [from, to] = [0, places.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (failsOn(soql.slice(0, places[middle]! + token.length), token)) to = middle;
    else from = middle + 1;
  }
  return places[from] ?? places[0] ?? 0;
};

const failsOn = (text: string, token: string): boolean => {
  try {
    parseQuery(text);
    return false;
  } catch (error) {
    return foundIn((error as Error).message) === token;
  }
};
