import type { App, Change, Wish } from './app.ts';
import { fieldRow } from './fields.ts';
import { takesValidity } from './policies.ts';

/**
 * What a wish changes, field by field. What the wish does not say is no change; an empty list or text says "none", which is
 * what an absent field has too. The name is the key and never among the changes.
 */
export function changesOf(before: App | undefined, wish: Wish): Change[] {
  return leaves(wish)
    .filter(([field]) => field !== 'name')
    .map(([field, after]) => ({ field, before: fieldOf(before, field), after }))
    .filter((change) => isWriteOnly(change.field) || !same(change.field, change.before, change.after))
    .map(({ field, before: old, after }) => (old === undefined ? { field, after } : { field, before: old, after }));
}

/**
 * The whole app after the wish: said fields replace the app's, lists as a whole. A refresh-token validity goes when the
 * policy that the wish asks for has none.
 */
export function merge(before: App | undefined, wish: Wish): App {
  const app = mergeGroup(before ?? {}, wish) as App;
  const { refreshToken, refreshTokenValidity } = wish.policies ?? {};
  if (refreshToken !== undefined && !takesValidity(refreshToken) && refreshTokenValidity === undefined) {
    delete app.policies?.refreshTokenValidity;
  }
  return app;
}

/**
 * What an org took and did not keep: of the changes that were wished for, those that the app read back does not show, with
 * `before` as asked for and `after` as it is. The certificate is left out: the field is the path of a file, and `certificateNotKept` of a write compares.
 */
export function notKept(wished: readonly Change[], after: App): Change[] {
  return wished
    .filter(({ field }) => !isWriteOnly(field))
    .map(({ field, after: asked }) => ({ field, before: asked, after: fieldOf(after, field) }))
    .filter((change) => !same(change.field, change.before, change.after))
    .map(({ field, before, after: has }) => (has === undefined ? { field, before } : { field, before, after: has }));
}

/**
 * Is the field the path of a file? It says nothing of the certificate in it, so a wish for one always counts as a change here;
 * `certificateChange` compares.
 */
const isWriteOnly = (field: string): boolean => fieldRow(field)?.writeOnly === true;

type Group = Record<string, unknown>;

/** Every said field below, as a path such as `oauth.idToken.audience`, with its value. Lists are leaves. */
export function leaves(group: object, path = ''): Array<[field: string, value: unknown]> {
  return Object.entries(group).flatMap(([key, value]): Array<[string, unknown]> => {
    if (value === undefined || value === null) return [];
    const field = path === '' ? key : `${path}.${key}`;
    return isGroup(value) ? leaves(value, field) : [[field, value]];
  });
}

/** The value at a path such as `oauth.idToken.audience`. */
export function fieldOf(app: App | undefined, field: string): unknown {
  return field.split('.').reduce<unknown>((value, key) => (isGroup(value) ? value[key] : undefined), app);
}

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeGroup(before: object, wish: object): Group {
  const merged: Group = structuredClone(before) as Group;
  for (const [key, value] of Object.entries(wish)) {
    if (value === undefined || value === null) continue;
    const old = merged[key];
    merged[key] = isGroup(value) ? mergeGroup(isGroup(old) ? old : {}, value) : structuredClone(value);
  }
  return merged;
}

function same(field: string, a: unknown, b: unknown): boolean {
  const special = fieldRow(field)?.same;
  if (special !== undefined) return special(a, b);
  if (Array.isArray(a) || Array.isArray(b)) return sameTexts(list(a), list(b));
  if (typeof a === 'string' || typeof b === 'string') return text(a) === text(b);
  return a === b;
}

function sameTexts(a: unknown[], b: unknown[]): boolean {
  const [one, other] = [new Set(a.map(String)), new Set(b.map(String))];
  return one.size === other.size && [...one].every((item) => other.has(item));
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Salesforce turns CRLF into LF, so the two are the same. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\r\n?/g, '\n') : '';
}
