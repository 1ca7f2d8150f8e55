/**
 * A problem that app/ finds in a user's value. `code` is a message key such as `error.nameInvalid`, `values` fill the
 * placeholders of its text and of its actions, in this order. `field` is the path of the field in the app, such as
 * `oauth.callbackUrls`, where the problem belongs to one.
 */
export type Problem = { code: string; values: string[]; field?: string };

/** A warning about a value that works but is not advisable. `code` is a message key such as `warning.scopeFull`. */
export type Advice = { code: string; values: string[] };

/** Tells a parser's problem from its result. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'values' in value;
}

/**
 * The value as an error quotes it. A long value is shortened, so that five thousand characters do not hide the reason.
 */
export function quotable(value: string): string {
  const characters = Array.from(value);
  return characters.length > 100 ? `${characters.slice(0, 100).join('')}…` : value;
}
