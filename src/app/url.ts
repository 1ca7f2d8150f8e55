import { quotable, type Problem } from './problem.ts';

/** Is this a whole web address, as infoUrl, logoUrl and iconUrl want one? `field` is the app's field that it is for. */
export function checkUrl(url: string, field: 'infoUrl' | 'logoUrl' | 'iconUrl'): Problem | undefined {
  return /^https?:\/\//i.test(url) && hasOnlyUrlCharacters(url) && URL.canParse(url)
    ? undefined
    : { code: 'error.urlInvalid', values: [quotable(url), field], field };
}

/** No blanks, no control or invisible characters, none of the characters that RFC 3986 keeps out of every URI. */
export function hasOnlyUrlCharacters(url: string): boolean {
  return !/[\s\p{C}<>"\\^`{|}]/u.test(url);
}
