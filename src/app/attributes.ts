import type { Attribute } from './app.ts';
import { type Problem, quotable } from './problem.ts';

/** The most custom attributes that one list may have (Metadata API guide, ExtlClntAppOauthSettings). */
export const ATTRIBUTES_MAX = 128;

/** `country=User.Country`: the key, and all that comes after the first equals sign. */
export const parseAttribute = (text: string, field: string): Attribute | Problem => {
  const at = text.indexOf('=');
  if (at < 0) return { code: 'error.attributeInvalid', values: [quotable(text)], field };
  return { key: text.slice(0, at).trim(), formula: text.slice(at + 1).trim() };
};

/** A list of attributes needs a key and a formula for each; each key is there once (Metadata API guide). */
export const checkAttributes = (attributes: readonly Attribute[], field: string): Problem[] => {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const told = new Set<string>();
  for (const { key, formula } of attributes) {
    if (key.trim() === '') problems.push({ code: 'error.attributeKeyEmpty', values: [quotable(formula)], field });
    else if (formula.trim() === '') {
      problems.push({ code: 'error.attributeFormulaEmpty', values: [quotable(key)], field });
    }
    if (key.trim() !== '' && seen.has(key) && !told.has(key)) {
      told.add(key);
      problems.push({ code: 'error.attributeTwice', values: [quotable(key)], field });
    }
    seen.add(key);
  }
  if (attributes.length > ATTRIBUTES_MAX) {
    const values: [string, string, string] = [field, String(attributes.length), String(ATTRIBUTES_MAX)];
    problems.push({ code: 'error.attributesTooMany', values, field });
  }
  return problems;
};

/** Do two lists have the same keys with the same formulas, in any order? */
export const sameAttributes = (a: readonly Attribute[], b: readonly Attribute[]): boolean => {
  const has = (some: readonly Attribute[], { key, formula }: Attribute): boolean =>
    some.some((attribute) => attribute.key === key && attribute.formula === formula);
  return a.length === b.length && a.every((one) => has(b, one)) && b.every((one) => has(a, one));
};
