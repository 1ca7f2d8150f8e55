import type { FieldPath } from './fields.ts';
import { type Problem, quotable } from './problem.ts';

/**
 * Is this a complete web address, as infoUrl, logoUrl, iconUrl and others need one? `field` is the app's field for the
 * address.
 */
export const checkUrl = (url: string, field: FieldPath): Problem | undefined => {
  return /^https?:\/\//i.test(url) && hasOnlyUrlCharacters(url) && URL.canParse(url)
    ? undefined
    : { code: 'error.urlInvalid', values: [quotable(url), field], field };
};

/** No blanks, no control or invisible characters, and no character that RFC 3986 forbids in every URI. */
export const hasOnlyUrlCharacters = (url: string): boolean => !/[\s\p{C}<>"\\^`{|}]/u.test(url);
