import { FIELD_PATHS, type FieldKind, FIELDS } from '../app/fields.ts';
import type { IntegrationUser } from '../app/integrationUser.ts';
import { type FileCode, type ProblemOf, quotable } from '../app/problem.ts';

/**
 * The kinds of values in the file. `number` is a whole number, and `texts` a list of texts. `each` is the shape of a
 * list's groups, and `group` the shape of one group.
 */
export type Kind = 'text' | 'yesNo' | 'number' | 'texts' | { each: Shape; needs: string[] } | { group: Shape };

export type Shape = { readonly [key: string]: Kind };

/** The keys of an IP range in a list. */
const RANGE: Kind = { each: { start: 'text', end: 'text', description: 'text' }, needs: ['start', 'end'] };

/** The keys of a custom attribute in a list. */
const ATTRIBUTE: Kind = { each: { key: 'text', formula: 'text' }, needs: ['key', 'formula'] };

const KINDS: Record<FieldKind, Kind> = {
  text: 'text',
  yesNo: 'yesNo',
  number: 'number',
  texts: 'texts',
  ranges: RANGE,
  attributes: ATTRIBUTE,
};

const fieldsOfApp = (): Shape => {
  const shape: Record<string, Kind> = {};
  for (const path of FIELD_PATHS) addField(shape, path.split('.'), FIELDS[path].kind);
  return shape;
};

const addField = (shape: Record<string, Kind>, [key = '', ...rest]: string[], kind: FieldKind): void => {
  if (rest.length === 0) {
    shape[key] = KINDS[kind];
    return;
  }
  const group = (shape[key] ??= { group: {} }) as { group: Record<string, Kind> };
  addField(group.group, rest, kind);
};

const { scopes, customScopes, policies, saml, ...basicsAndOauth } = fieldsOfApp();

const INTEGRATION_USER: { readonly [Key in keyof Required<IntegrationUser>]: Kind } = {
  username: 'text',
  permissionSets: 'texts',
  email: 'text',
  lastName: 'text',
};

/**
 * The keys of an app in a file, in their order, with the kind of each value. They come from the table of fields, plus
 * the keys that only a file has.
 */
export const APP_SHAPE = {
  name: 'text',
  absent: 'yesNo',
  ...basicsAndOauth,
  integrationUser: { group: INTEGRATION_USER },
  scopes,
  customScopes,
  policies,
  saml,
} as Shape;

/** Keys that `display` shows beside an app and that only the org can set. */
const READ_ONLY = new Set(['id', 'consumerKey', 'setupUrl']);

/** Usual names of secrets, which belong in no file. */
const SECRETS = /^(consumer|client)?_?(secret|password|private_?key|access_?token|refresh_?token_?value)$/i;

/**
 * The message for a key that a group does not have.
 *
 * @param path of the group, such as `oauth`; empty for the app itself
 * @param near the group's own keys that resemble it
 */
export const misplaced = (key: string, path: string, near: string[]): ProblemOf<FileCode> => {
  const name = quotable(key);
  if (key === '<<') return { code: 'file.mergeKey', values: [name] };
  if (SECRETS.test(key)) return { code: 'file.keySecret', values: [name] };
  if (path === '' && READ_ONLY.has(key)) return { code: 'file.keyReadOnly', values: [name] };
  const elsewhere = pathsOf(key);
  if (near[0]?.toLowerCase() !== key.toLowerCase() && elsewhere.length > 0) {
    return { code: 'file.keyElsewhere', values: [name, elsewhere.join(', ')] };
  }
  return near.length > 0
    ? { code: 'file.keyUnknown', values: [name, near.join(', ')] }
    : { code: 'file.keyUnlike', values: [name, Object.keys(shapeAt(path)).join(', ')] };
};

/** The place of a key in an app, in upper or lower case: `oauth.callbackUrls`, or `label` for the app itself. */
const pathsOf = (key: string): string[] =>
  leaves(APP_SHAPE, '').filter((path) => path.split('.').at(-1)?.toLowerCase() === key.toLowerCase());

const leaves = (shape: Shape, group: string): string[] =>
  Object.entries(shape).flatMap(([key, kind]) => {
    const path = group === '' ? key : `${group}.${key}`;
    if (typeof kind === 'string') return [path];
    return [path, ...leaves('group' in kind ? kind.group : kind.each, path)];
  });

const shapeAt = (path: string): Shape =>
  path.split('.').reduce<Shape>((shape, key) => {
    const kind = shape[key];
    if (kind === undefined || typeof kind === 'string') return shape;
    return 'group' in kind ? kind.group : kind.each;
  }, APP_SHAPE);
