import { parseQuery } from '@jetstreamapp/soql-parser-js';
import type { Query } from '@jetstreamapp/soql-parser-js';
import { errorAt, malformed } from './errors.ts';
import type { SoqlError } from './errors.ts';

/** Reads a query. Throws a SoqlError that says what is wrong with its grammar, and where. */
export function parsed(soql: string): Query {
  const text = joined(soql);
  try {
    return parseQuery(text);
  } catch (error) {
    throw problem(soql, (error as Error).message);
  }
}

/** The old way to name a relationship, `FROM User u, u.Profile p`, said in the way that the parser knows. */
function joined(soql: string): string {
  const list = /\bFROM\s+(\w+)\s+(\w+)((?:\s*,\s*\w+(?:\.\w+)+\s+\w+)+)/i.exec(soql);
  if (!list) return soql;
  const [whole, sObject, alias, others = ''] = list;
  const ways = others.split(',').flatMap((one) => {
    const [path, name] = one.trim().split(/\s+/);
    return path && name ? [{ path, name }] : [];
  });
  return ways.reduceRight(
    (text, { path, name }) => text.replace(new RegExp(`(?<![\\w.'])${name}\\.(?=\\w)`, 'g'), `${path}.`),
    soql.replace(whole, `FROM ${sObject} ${alias}`),
  );
}

function problem(soql: string, message: string): SoqlError {
  const [, sign, offset] = /unexpected character: ->(.)<- at offset: (\d+)/s.exec(message) ?? [];
  if (sign === "'") return malformed(`line 1:${offset} mismatched character '<EOF>' expecting '''`);
  if (sign) return malformed(`line 1:${offset} no viable alternative at character '${sign}'`);
  const found = foundIn(message);
  if (found === '') return unexpected(soql, soql.trimEnd().length, '<EOF>');
  const place = placeOf(soql, found);
  if (/^ALL\s+ROWS\b/i.test(soql.slice(Math.max(place - 4, 0)))) {
    return errorAt(soql, place - 4, 'MALFORMED_QUERY', 'ALL ROWS not allowed in this context');
  }
  if (soql[place] === ':') return errorAt(soql, place, 'MALFORMED_QUERY', 'Bind variables only allowed in Apex code');
  return unexpected(soql, place, found);
}

function unexpected(soql: string, place: number, token: string): SoqlError {
  return errorAt(soql, place, 'MALFORMED_QUERY', `unexpected token: '${token}'`);
}

/** The token that the parser did not expect; empty at the end of the query. */
function foundIn(message: string): string {
  const text =
    /found --> '(.*?)' <--/s.exec(message) ?? /found: '(.*?)'$/s.exec(message) ?? /found: (.+)$/s.exec(message);
  return text?.[1] ?? '';
}

/** Words, literals and signs of a query. */
const TOKEN = /'(?:\\.|[^'\\])*'|[\w.]+|[^\s\w]/gs;

/**
 * Where the token stands that the parser did not expect; it does not tell. It is the first one of that text up to which the
 * query is right, but for ending too early, and with which it is not.
 */
function placeOf(soql: string, token: string): number {
  const places = [...soql.matchAll(TOKEN)].filter(([text]) => text === token).map(({ index }) => index);
  return places.find((place) => failsOn(soql.slice(0, place + token.length), token)) ?? places[0] ?? 0;
}

function failsOn(text: string, token: string): boolean {
  try {
    parseQuery(text);
    return false;
  } catch (error) {
    return foundIn((error as Error).message) === token;
  }
}
