import { dotenvValue } from '../handover.ts';
import type { Problem } from '../problem.ts';
import type { Secret } from '../secret.ts';
import type { Input, Item } from './target.ts';

/** The pair that is sent. */
export type Pair = { consumerKey: string; consumerSecret: Secret };

/**
 * The text for a program's standard input. It has both values, or one of them without a line break.
 *
 * @returns a problem (error.valueNotForDotenv) for a value that no quotes fit
 */
export const inputText = (input: Input, items: Item[], pair: Pair): string | Problem => {
  const valueOf = (holds: Item['holds']): string =>
    holds === 'consumerKey' ? pair.consumerKey : pair.consumerSecret.reveal();
  if (input.form === 'value') return valueOf(input.holds);
  if (input.form === 'json')
    return `${JSON.stringify(Object.fromEntries(items.map(({ name, holds }) => [name, valueOf(holds)])))}\n`;
  const lines = items.map(({ name, holds }) => ({ name, text: dotenvValue(valueOf(holds)) }));
  const unwritable = lines.find(({ text }) => text === undefined);
  if (unwritable) return { code: 'error.valueNotForDotenv', values: [unwritable.name] };
  return lines.map(({ name, text }) => `${name}=${text}\n`).join('');
};
