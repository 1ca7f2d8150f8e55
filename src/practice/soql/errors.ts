/** Why a query is refused: the API's error code and its text. */
export class SoqlError extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

/** A query's text with what stands in quotes blotted out, so that only its own words are found in it. */
const withoutLiterals = (soql: string): string =>
  soql.replace(/'(?:\\.|[^'\\])*'/gs, (literal) => '\u0000'.repeat(literal.length));

/**
 * The position of a word in the query. The first one if there are several, the beginning if there is none. `after` is a
 * word of the grammar that stands before it.
 */
export const placeOf = (soql: string, word: string, after?: RegExp): number => {
  const text = withoutLiterals(soql);
  const pattern = word.replace(/[^\w.]/g, '').replaceAll('.', '\\s*\\.\\s*');
  const first = after ? Math.max(text.search(after), 0) : 0;
  const found = text.slice(first).search(new RegExp(`(?<![\\w.])${pattern}(?!\\w)`, 'i'));
  return found < 0 ? 0 : first + found;
};

/** The wrong line of a query and the line before it. A mark stands under the place, as the API shows it. */
const shown = (soql: string, place: number): string => {
  const before = soql.slice(0, place).split('\n');
  const row = before.length;
  const column = (before.at(-1) ?? '').length;
  const lines = soql.split('\n').slice(Math.max(row - 2, 0), row);
  return `\n${lines.join('\n')}\n${' '.repeat(column)}^\nERROR at Row:${row}:Column:${column + 1}\n`;
};

/** An error with its place. The place is a word in the query, or a number of characters from its beginning. */
export const errorAt = (soql: string, place: string | number, errorCode: string, message: string): SoqlError => {
  const at = typeof place === 'number' ? place : placeOf(soql, place);
  return new SoqlError(errorCode, `${shown(soql, at)}${message}`);
};

export const noSuchSObject = (soql: string, name: string): SoqlError =>
  errorAt(
    soql,
    name,
    'INVALID_TYPE',
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );

/** `path` is the field as the query names it: `Profile.Nope`. */
export const noSuchField = (soql: string, path: string, field: string, sObject: string): SoqlError =>
  errorAt(
    soql,
    path,
    'INVALID_FIELD',
    `No such column '${field}' on entity '${sObject}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );

/**
 * `path` is the text in the query. It is a field over relationships, or the name after FROM of a query inside the
 * query.
 */
export const noSuchRelationship = (soql: string, path: string, relationship: string): SoqlError =>
  errorAt(
    soql,
    path,
    'INVALID_FIELD',
    `Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  );

export const noSuchChildren = (soql: string, relationship: string): SoqlError =>
  errorAt(
    soql,
    relationship,
    'INVALID_TYPE',
    `Didn't understand relationship '${relationship}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  );

/** Salesforce's answer to a query with too much work (SOAP API guide, ExceptionCode; the text as live orgs give it). */
export const tooComplicated = (): SoqlError =>
  new SoqlError(
    'QUERY_TOO_COMPLICATED',
    'Query is either selecting too many fields or the filter conditions are too complicated.',
  );

export const malformed = (message: string): SoqlError => new SoqlError('MALFORMED_QUERY', message);
