import type { App, Change, Wish } from './app.ts';
import { fieldRow } from './fields.ts';
import { takesValidity } from './policies.ts';

/**
 * The changes that a wish makes, field by field. A field that the wish leaves out is no change. An empty list or text and
 * the number 0 mean "none", and so does an absent field of the app. The name is the key and never one of the changes.
 */
export const changesOf = (before: App | undefined, wish: Wish): Change[] =>
  leaves(wish)
    .filter(([field]) => field !== 'name')
    .map(([field, after]) => ({ field, before: fieldOf(before, field), after }))
    .filter((change) => isWriteOnly(change.field) || !same(change.field, change.before, change.after))
    .map(({ field, before: old, after }) => (old === undefined ? { field, after } : { field, before: old, after }));

/**
 * The complete app after the wish. Fields of the wish replace the app's fields, and a list is replaced as a whole. The number
 * 0 takes a field away. A
 * refresh-token validity is removed when the wish's policy has no validity.
 */
export const merge = (before: App | undefined, wish: Wish): App => {
  const app = mergeGroup(before ?? {}, wish) as App;
  const { refreshToken, refreshTokenValidity } = wish.policies ?? {};
  if (refreshToken !== undefined && !takesValidity(refreshToken) && refreshTokenValidity === undefined) {
    delete app.policies?.refreshTokenValidity;
  }
  return app;
};

/**
 * The changes that an org took and did not keep. The app that was read back does not have these changes. `before` is
 * the wished value and `after` is the org's value. The certificate is left out: its field is the path of a file, and
 * `certificateNotKept` of a write compares certificates.
 */
export const notKept = (wished: readonly Change[], after: App): Change[] =>
  wished
    .filter(({ field }) => !isWriteOnly(field))
    .map(({ field, after: asked }) => ({ field, before: asked, after: fieldOf(after, field) }))
    .filter((change) => !same(change.field, change.before, change.after))
    .map(({ field, before, after: has }) => (has === undefined ? { field, before } : { field, before, after: has }));

/** What a list of an app loses: the items that are not in the list after the change. */
export type Loss = { field: string; items: unknown[] };

/** The lists that lose items by these changes. A flow that stays on whatever a list says is no loss. */
export const lossesOf = (changes: readonly Change[]): Loss[] =>
  changes.flatMap(({ field, before, after }) => {
    const isKept = (item: unknown): boolean =>
      same(field, [item], []) || list(after).some((other) => same(field, [item], [other]));
    const items = list(before).filter((item) => !isKept(item));
    return items.length > 0 ? [{ field, items }] : [];
  });

/**
 * Is the field the path of a file? The path does not identify the certificate in the file. So a wish for a certificate
 * always counts as a change here; `certificateChange` compares.
 */
const isWriteOnly = (field: string): boolean => fieldRow(field)?.writeOnly === true;

type Group = Record<string, unknown>;

/**
 * Every field that is set below this group, as a path such as `oauth.idToken.audience`, with its value. Lists are
 * leaves.
 */
export const leaves = (group: object, path = ''): Array<[field: string, value: unknown]> =>
  Object.entries(group).flatMap(([key, value]): Array<[string, unknown]> => {
    if (value === undefined || value === null) return [];
    const field = path === '' ? key : `${path}.${key}`;
    return isGroup(value) ? leaves(value, field) : [[field, value]];
  });

/** The value at a path such as `oauth.idToken.audience`. */
export const fieldOf = (app: App | undefined, field: string): unknown =>
  field.split('.').reduce<unknown>((value, key) => (isGroup(value) ? value[key] : undefined), app);

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mergeGroup = (before: object, wish: object): Group => {
  const merged: Group = structuredClone(before) as Group;
  for (const [key, value] of Object.entries(wish)) {
    if (value === undefined || value === null) continue;
    if (value === 0) {
      delete merged[key];
      continue;
    }
    const old = merged[key];
    merged[key] = isGroup(value) ? mergeGroup(isGroup(old) ? old : {}, value) : structuredClone(value);
  }
  return merged;
};

const same = (field: string, a: unknown, b: unknown): boolean => {
  const special = fieldRow(field)?.same;
  if (special !== undefined) return special(a, b);
  if (Array.isArray(a) || Array.isArray(b)) return sameTexts(list(a), list(b));
  if (typeof a === 'number' || typeof b === 'number') return (a ?? 0) === (b ?? 0);
  if (typeof a === 'string' || typeof b === 'string') return text(a) === text(b);
  return a === b;
};

const sameTexts = (a: unknown[], b: unknown[]): boolean => {
  const [one, other] = [new Set(a.map(String)), new Set(b.map(String))];
  return one.size === other.size && [...one].every((item) => other.has(item));
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Salesforce turns CRLF into LF, so the two line ends count as the same. */
const text = (value: unknown): string => (typeof value === 'string' ? value.replace(/\r\n?/g, '\n') : '');
