import type { MessageBundles, NamedMessages } from '../messageKeys.ts';

type Errors = NamedMessages['app'];

/** As many values as a text takes, as texts. */
type Filled<Values> = { [Index in keyof Values]: string };

/** What fills a text and its actions both, in the same order. */
export type ValuesOf<Code> = Code extends keyof Errors
  ? Filled<Errors[Code]['both']>
  : Code extends keyof MessageBundles['app']
    ? Filled<MessageBundles['app'][Code]>
    : never;

type Told<Code> = Code extends unknown ? { code: Code; values: ValuesOf<Code> } : never;

/** A text in messages/app.md that says what is wrong: an error, or a problem in a file or its plan. */
export type ProblemCode = Exclude<keyof MessageBundles['app'], `warning.${string}` | `${string}.actions`>;

/** The keys of what is wrong with a file as such. */
export type FileCode = Extract<ProblemCode, `file.${string}`>;

export type AdviceCode = Extract<keyof Errors, `warning.${string}`>;

/**
 * What is wrong with a value that a user gave. `code` is a key in messages/app.md such as `error.nameInvalid`, `values` fill
 * the placeholders of its text and of its actions, in this order. `field` is the path of the field in the app, such as
 * `oauth.callbackUrls`, where the problem belongs to one.
 */
export type Problem = ProblemOf<ProblemCode>;

export type ProblemOf<Code extends ProblemCode> = Told<Code> & { field?: string };

/** What works but should not be like this. `code` is a key in messages/app.md such as `warning.scopeFull`. */
export type Advice = Told<AdviceCode>;

/** Tells a parser's problem from its result. */
export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'values' in value;

/** The same with other words for its values. */
export const withValues = <Any extends Problem | Advice>(told: Any, inOtherWords: (value: string) => string): Any => ({
  ...told,
  values: told.values.map(inOtherWords),
});

/** The value as an error quotes it. A long value is cut, so that the reason stays visible. */
export const quotable = (value: string): string => {
  const characters = Array.from(value);
  return characters.length > 100 ? `${characters.slice(0, 100).join('')}…` : value;
};
