import type { Text } from '../app/checks.ts';
import { plainText } from '../app/plainText.ts';

/** Finds the text of a message key and fills its placeholders. */
type Texts = { getMessage(key: string, values: string[]): string };

/** A saying in words. Text from an org inside the saying is made safe to print. */
export const inWords = (texts: Texts, { code, values }: Text): string =>
  texts.getMessage(
    code,
    values.map((value) => (typeof value === 'string' ? plainText(value) : inWords(texts, value))),
  );
