/**
 * Builds a SOQL query in which every `${value}` is a quoted, escaped string, or a list of them in brackets for `IN`.
 * Field and object names belong in the literal part.
 *
 * Escapes as the SOQL and SOSL Reference ("Quoted String Escape Sequences") has them.
 */
export const soql = (literals: TemplateStringsArray, ...values: Array<string | readonly string[]>): string =>
  String.raw({ raw: literals }, ...values.map((value) => (typeof value === 'string' ? quote(value) : quoteAll(value))));

const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

const quote = (value: string): string =>
  `'${value.replace(/[\\'"\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? '')}'`;

const quoteAll = (values: readonly string[]): string => `(${values.map(quote).join(', ')})`;
