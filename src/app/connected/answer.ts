import type { Flow } from '../app.ts';
import type { FieldPath } from '../fields.ts';
import type { Problem } from '../problem.ts';
import type { ConnectedAppContext } from './context.ts';
import { type MigrationText, tell } from './migrationText.ts';

/**
 * What becomes of an element of a Connected App. `carried`: the new app gets the same. `changed`: the new app gets
 * something else that serves the same purpose. `needsYou`: a person has to decide or to do something. `cannot`: an
 * external client app has no such thing.
 */
export type Outcome = 'carried' | 'changed' | 'needsYou' | 'cannot';

/** What becomes of one value of an element. */
export type Answer = {
  outcome: Outcome;
  reason: MigrationText;
  /** Fields of the new app, with their values. Lists of several answers are joined. */
  fields?: Partial<Record<FieldPath, unknown>>;
  flow?: Flow;
  /** Why the new app cannot have the value. */
  problem?: Problem;
};

/** One value of an element: its text, or the group of an element with children. */
export type Item = { text: string; child: (name: string) => string };

/** How one element of a Connected App is answered. */
export type Row = {
  answer: (item: Item, context: ConnectedAppContext) => Answer;
  /** Salesforce's default for a Connected App without the element, where the new app has to be told. */
  absent?: string;
  /** The default applies only to a Connected App that has this group. */
  absentIn?: string;
  /** May the element stand several times? Each is answered alone. */
  isList?: true;
  /** Several values in one text. */
  split?: RegExp;
  /** The known children of an element that is answered as a whole; `any` where no child matters. */
  children?: readonly string[] | 'any';
  /** The text to show for a group. */
  shown?: (item: Item) => string;
  /** Does the field belong to the OAuth settings and policies of the new app? */
  ofOauth?: true;
  /** Does the field belong to the SAML policies of the new app? */
  ofSaml?: true;
};

export const carried = (fields: Answer['fields'] = {}, reason: MigrationText = tell('reason.carried')): Answer => ({
  outcome: 'carried',
  reason,
  fields,
});

export const changed = (reason: MigrationText, fields: Answer['fields'] = {}): Answer => ({
  outcome: 'changed',
  reason,
  fields,
});

export const needsYou = (reason: MigrationText, problem?: Problem): Answer => ({
  outcome: 'needsYou',
  reason,
  ...(problem && { problem }),
});

export const cannot = (reason: MigrationText): Answer => ({ outcome: 'cannot', reason });

export const unreadable = (text: string, words: string): Answer => needsYou(tell('reason.unreadable', text, words));

/** A text that the new app keeps as it is. */
export const keeps = (field: FieldPath): Row => ({ answer: ({ text }) => carried({ [field]: text }) });

/** `true` or `false`, in upper or lower case; undefined for any other text. */
export const yesNoIn = (text: string): boolean | undefined => {
  const word = text.toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
};

/** A switch that the new app has too. */
export const keepsSwitch = (
  field: FieldPath,
  { absent, inverted = false }: { absent?: string; inverted?: boolean } = {},
): Row => ({
  ofOauth: true,
  ...(absent !== undefined && { absent }),
  answer: ({ text }) => {
    const isOn = yesNoIn(text);
    return isOn === undefined ? unreadable(text, 'true, false') : carried({ [field]: isOn !== inverted });
  },
});

/** A switch that is off by default in both kinds of apps: nothing to do while it is off. */
export const whenOn = (answer: Answer): Row => ({
  ofOauth: true,
  answer: ({ text }) => {
    const isOn = yesNoIn(text);
    if (isOn === undefined) return unreadable(text, 'true, false');
    return isOn ? answer : carried({}, tell('reason.off'));
  },
});

/** The answer for an OAuth element where the new app has no OAuth; undefined where it has. */
export const withoutOauth = ({ hasOauth, text }: ConnectedAppContext): Answer | undefined => {
  if (hasOauth) return undefined;
  return text('oauthConfig.callbackUrl') === undefined
    ? cannot(tell('reason.withoutOauth'))
    : needsYou(tell('reason.withoutCallbackUrl'));
};

/** The same for the SAML policies. */
export const withoutSaml = ({ hasSaml }: ConnectedAppContext): Answer | undefined =>
  hasSaml ? undefined : needsYou(tell('reason.withoutSaml'));

/** A whole number that the new app keeps. */
export const keepsNumber = (field: FieldPath): Row => ({
  ofOauth: true,
  answer: ({ text }) =>
    /^\d{1,10}$/.test(text) ? carried({ [field]: Number(text) }) : needsYou(tell('reason.noNumber', text)),
});

/** One word of a closed set, which the new app spells differently. Upper and lower case make no difference. */
export const keepsWord = (field: FieldPath, words: Readonly<Record<string, string>>, absent?: string): Row => ({
  ofOauth: true,
  ...(absent !== undefined && { absent }),
  answer: ({ text }) => {
    const word = Object.keys(words).find((one) => one.toLowerCase() === text.toLowerCase());
    return word === undefined ? unreadable(text, Object.keys(words).join(', ')) : carried({ [field]: words[word] });
  },
});
