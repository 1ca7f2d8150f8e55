import { dotenvValue } from '../handover.ts';
import type { Problem } from '../problem.ts';
import type { Secret } from '../secret.ts';
import type { Input, Item } from './target.ts';

/** The pair that is sent. */
export type Pair = { consumerKey: string; consumerSecret: Secret };

/** One of the two values, as it is sent. */
export const sentValue = (holds: Item['holds'], { consumerKey, consumerSecret }: Pair): string =>
  holds === 'consumerKey' ? consumerKey : consumerSecret.reveal();

/**
 * The text for a program's standard input. It has both values, or one of them without a line break.
 *
 * @returns a problem (error.valueNotForDotenv) for a value that no quotes fit
 */
export const inputText = (input: Input, items: Item[], pair: Pair): string | Problem => {
  if (input.form === 'value') return sentValue(input.holds, pair);
  if (input.form === 'json')
    return `${JSON.stringify(Object.fromEntries(items.map(({ name, holds }) => [name, sentValue(holds, pair)])))}\n`;
  const lines = items.map(({ name, holds }) => ({ name, text: dotenvValue(sentValue(holds, pair)) }));
  const unwritable = lines.find(({ text }) => text === undefined);
  if (unwritable) return { code: 'error.valueNotForDotenv', values: [unwritable.name] };
  return lines.map(({ name, text }) => `${name}=${text}\n`).join('');
};
