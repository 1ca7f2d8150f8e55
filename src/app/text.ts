import type { MessageBundles } from '../messageKeys.ts';

/** The texts of what is found, in messages/findings.md. */
type Findings = MessageBundles['findings'];

export type FindingKey = keyof Findings;

/** Something to be said to a person: the key of a text and what fills its placeholders, texts among it. */
export type Text = { code: FindingKey; values: (string | Text)[] };

/** As many values as a text takes. */
type Filled<Values> = { [Index in keyof Values]: string | Text };

export const say = <Key extends FindingKey>(code: Key, ...values: Filled<Findings[Key]>): Text => ({
  code,
  values: [...values],
});
