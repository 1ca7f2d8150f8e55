import type { MessageBundles } from '../../messageKeys.ts';
import type { Text } from '../text.ts';

/** The texts about rules and what they find, in messages/audit.md. */
type Texts = MessageBundles['audit'];

/** Something that the audit says to a person. A value is a text as it is, or a text of messages/findings.md. */
export type AuditText = { code: keyof Texts; values: (string | Text)[] };

/** As many values as a text takes. */
type Filled<Values> = { [Index in keyof Values]: string | Text };

export const tell = <Key extends keyof Texts>(code: Key, ...values: Filled<Texts[Key]>): AuditText => ({
  code,
  values: [...values],
});

/** The ids of the rules: each has a title in messages/audit.md. */
export type RuleId = keyof Texts extends infer Key ? (Key extends `${infer Id}.title` ? Id : never) : never;

/** The texts that every rule has beside its title. */
export type RuleTextKey = 'title' | 'reason' | 'fix' | 'breaks' | 'except';

/** A text of a rule. The compiler refuses a rule that lacks one of them. */
export const ruleText = (id: RuleId, which: RuleTextKey): AuditText => ({ code: `${id}.${which}`, values: [] });
