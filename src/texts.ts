/**
 * The one door to the texts in messages/. The compiler knows every key, and how many values its text takes
 * (src/messageKeys.ts). What fills a text is made safe to print here, and nowhere else.
 */
import type { AuditText } from './app/audit/auditText.ts';
import type { Refusal } from './app/connected/blocking.ts';
import type { MigrationText } from './app/connected/migrationText.ts';
import { nameFields, type Reader } from './app/fieldFlags.ts';
import { isForeign } from './app/foreignError.ts';
import { plainText } from './app/plainText.ts';
import type { Advice, Problem } from './app/problem.ts';
import type { Text } from './app/text.ts';
import type { BundleName, MessageBundles, NamedMessages, TextValue } from './messageKeys.ts';
import { Messages, SfError } from './salesforce.ts';

/** The keys of a bundle of texts. */
export type TextKey<Bundle extends BundleName> = keyof MessageBundles[Bundle];

type Errors<Bundle extends BundleName> = NamedMessages[Bundle];

type ErrorKey<Bundle extends BundleName> = Extract<keyof Errors<Bundle>, `error.${string}`>;
type WarningKey<Bundle extends BundleName> = Extract<keyof Errors<Bundle>, `warning.${string}`>;

/** Values can be left out where a text takes none. */
type Given<Values> = Values extends [] ? [values?: []] : [values: Values];

/** What fills an error's message, what fills its actions, and the exit code. Without it, that is 1. */
type GivenForError<Named> = Named extends { message: infer Message; actions: infer Actions }
  ? [...Given<Message>, ...Given<Actions>, exitCode?: number]
  : never;

/** What fills the message of an error, and its actions. */
export type ErrorValues<Bundle extends BundleName, Key extends keyof NamedMessages[Bundle]> = Both<Errors<Bundle>[Key]>;

/** What SfCommand's `warn` takes. */
export type Warning = { name: string; message: string; actions?: string[] };

export type Texts<Bundle extends BundleName> = {
  getMessage<Key extends TextKey<Bundle>>(key: Key, ...given: Given<MessageBundles[Bundle][Key]>): string;
  /** Each item of a list. */
  getMessages<Key extends TextKey<Bundle>>(key: Key, ...given: Given<MessageBundles[Bundle][Key]>): string[];
  /** An error named after its key, with the actions that the bundle has for it. */
  createError<Key extends ErrorKey<Bundle>>(key: Key, ...given: GivenForError<Errors<Bundle>[Key]>): SfError;
  /** An error whose actions take the same values as its message, or the first of them. */
  createErrorOf<Key extends ErrorKey<Bundle>>(key: Key, values: ErrorValues<Bundle, Key>, exitCode?: number): SfError;
  createWarning<Key extends WarningKey<Bundle>>(key: Key, ...given: GivenForError<Errors<Bundle>[Key]>): Warning;
};

type Both<Named> = Named extends { both: infer Values } ? Values : never;

/** What follows a prefix in the keys of a bundle: `deploying` of `doing.deploying`. */
type Under<Bundle extends BundleName, Prefix extends string> =
  TextKey<Bundle> extends infer Key ? (Key extends `${Prefix}.${infer Rest}` ? Rest : never) : never;

type ValuesAt<Bundle extends BundleName, Key> =
  Key extends TextKey<Bundle> ? Extract<MessageBundles[Bundle][Key], TextValue[]> : never;

/** The same for any key, for this file: the types above are for those who call. */
type AnyTexts = {
  getMessage(key: string, values?: TextValue[]): string;
  getMessages(key: string, values?: TextValue[]): string[];
  createError(key: string, values?: TextValue[], actionValues?: TextValue[], exitCode?: number): SfError;
  createErrorOf(key: string, values: TextValue[], exitCode?: number): SfError;
  createWarning(key: string, values?: TextValue[], actionValues?: TextValue[]): Warning;
};

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);

const safe = (values: readonly TextValue[] = []): string[] =>
  values.map((value) => {
    if (typeof value === 'string') return plainText(value);
    return 'coloured' in value ? value.coloured : value.map(plainText).join('\n');
  });

const anyTexts = (bundle: BundleName): AnyTexts => {
  const messages = Messages.loadMessages('sf-plugin-eca', bundle);
  return {
    getMessage: (key, values) => messages.getMessage(key, safe(values)),
    getMessages: (key, values) => messages.getMessages(key, safe(values)),
    createError: (key, values, actionValues, exitCode) =>
      messages.createError(key, safe(values), safe(actionValues), exitCode),
    createErrorOf: (key, values, exitCode) => messages.createError(key, safe(values), safe(values), exitCode),
    createWarning: (key, values, actionValues) => messages.createWarning(key, safe(values), safe(actionValues)),
  };
};

/** The texts of one file in messages/, such as `eca.create` for messages/eca.create.md. */
export const texts = <Bundle extends BundleName>(bundle: Bundle): Texts<Bundle> =>
  anyTexts(bundle) as unknown as Texts<Bundle>;

/** The texts of a bundle whose keys begin alike, as a function of the rest of the key. */
export const textsUnder =
  <Bundle extends BundleName, Prefix extends string>(bundle: Bundle, prefix: Prefix) =>
  <Rest extends Under<Bundle, Prefix>>(rest: Rest, ...values: ValuesAt<Bundle, `${Prefix}.${Rest}`>): string =>
    anyTexts(bundle).getMessage(`${prefix}.${rest}`, values);

/** Stands for a brace of a value while the fields that a text names are replaced. No value has a NUL after plainText. */
const BRACE = '\u0000';

/** The message and the actions of a problem or an advice, which name fields as their reader does. */
const toldTo = (reader: Reader, { code, values }: Problem | Advice): { message: string; actions: string[] } => {
  const messages = Messages.loadMessages('sf-plugin-eca', 'app');
  const filled = safe(values).map((value) => value.replaceAll('{', BRACE));
  const lines = (key: string): string[] =>
    messages.getMessages(key, filled).map((line) => nameFields(line, reader).replaceAll(BRACE, '{'));
  const ifThere = (key: string): string[] => {
    try {
      return lines(key);
    } catch (error) {
      if (isForeign(error, 'MissingMessageError')) return [];
      throw error;
    }
  };
  return {
    message: lines(code).join('\n'),
    actions: [...ifThere(`${code}.actions`), ...(reader === 'commandLine' ? ifThere(`${code}.onCommandLine`) : [])],
  };
};

/** What is wrong, without what to do about it. */
export const problemText = (problem: Problem): string => toldTo('commandLine', problem).message;

/** A problem as an error, with what to do about it. */
export const problemError = (problem: Problem, exitCode?: number): SfError => {
  const { name } = anyTexts('app').createErrorOf(problem.code, problem.values);
  const { message, actions } = toldTo('commandLine', problem);
  return new SfError(message, name, actions.length > 0 ? actions : undefined, exitCode);
};

/** A problem for whoever writes a file: what is wrong, and what to write instead. */
export const problemInFile = (problem: Problem): string => {
  const { message, actions } = toldTo('file', problem);
  return [message, ...actions].join(' ');
};

/** What is unwise, with what to do about it. */
export const adviceWarning = (advice: Advice): Warning => ({
  ...anyTexts('app').createWarning(advice.code, advice.values),
  ...toldTo('commandLine', advice),
});

/** Something to say: a key of a bundle, and what fills its text. */
type AnyText = { code: string; values: (string | AnyText)[] };

const inWordsOf = (bundle: BundleName, { code, values }: AnyText): string =>
  Messages.loadMessages('sf-plugin-eca', bundle).getMessage(
    code,
    values.map((value) => (typeof value === 'string' ? plainText(value) : inWordsOf(bundle, value))),
  );

/** A finding in words. */
export const inWords = (text: Text): string => inWordsOf('findings', text);

/** What the plan for a Connected App says, in words. */
export const migrationInWords = (text: MigrationText): string => inWordsOf('migrate', text);

/** Why a Connected App is left alone, as an error. */
export const refusalError = ({ code, values }: Refusal): SfError =>
  anyTexts('eca.migrate.blocking').createErrorOf(
    code,
    values.map((value) => (typeof value === 'string' ? value : value.map(migrationInWords).join(' '))),
  );

/** What the audit says, in words. A value of messages/findings.md is put into words first. */
export const auditInWords = ({ code, values }: AuditText): string =>
  anyTexts('audit').getMessage(
    code,
    values.map((value) => (typeof value === 'string' ? value : inWords(value))),
  );
