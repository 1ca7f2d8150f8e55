import type { MessageBundles } from '../../messageKeys.ts';

/** The texts about the move of a Connected App, in messages/migrate.md. */
type Texts = MessageBundles['migrate'];

/** Something that a plan says to a person: the key of a text, and what fills its placeholders. */
export type MigrationText = { code: keyof Texts; values: string[] };

/** As many values as a text takes. */
type Filled<Values> = { [Index in keyof Values]: string };

export const tell = <Key extends keyof Texts>(code: Key, ...values: Filled<Texts[Key]>): MigrationText => ({
  code,
  values: [...values],
});
