import { quotable, type FileCode, type ProblemOf } from '../app/problem.ts';
import type { AppEntry } from './ecaFile.ts';

/** What a value of the file can be: a text, a yes or no, a whole number, a list of texts, a list of groups, a group of keys. */
export type Kind = 'text' | 'yesNo' | 'number' | 'texts' | { each: Shape; needs: string[] } | { group: Shape };

export type Shape = { readonly [key: string]: Kind };

type KindOf<Value> = [Value] extends [boolean]
  ? 'yesNo'
  : [Value] extends [number]
    ? 'number'
    : [Value] extends [string]
      ? 'text'
      : Value extends string[]
        ? 'texts'
        : Value extends Array<infer Item>
          ? { each: ShapeOf<Item>; needs: string[] }
          : { group: ShapeOf<Value> };

type ShapeOf<Value> = { [Key in keyof Required<Value>]: KindOf<NonNullable<Value[Key]>> };

/** The keys of an app, and what each takes. The compiler holds it against the type of an app, so neither can lag behind. */
export const APP_SHAPE: ShapeOf<AppEntry> & Shape = {
  name: 'text',
  absent: 'yesNo',
  label: 'text',
  contactEmail: 'text',
  description: 'text',
  contactPhone: 'text',
  infoUrl: 'text',
  logoUrl: 'text',
  iconUrl: 'text',
  distributionState: 'text',
  enabled: 'yesNo',
  oauth: {
    group: {
      callbackUrls: 'texts',
      flows: 'texts',
      runAs: 'text',
      pkceRequired: 'yesNo',
      secretRequired: 'yesNo',
      secretRequiredForRefresh: 'yesNo',
      secretRequiredForTokenExchange: 'yesNo',
      refreshTokenRotation: 'yesNo',
      introspectAllTokens: 'yesNo',
      jwtAccessTokens: 'yesNo',
      certificateFile: 'text',
      idToken: {
        group: {
          audience: 'text',
          validityMinutes: 'number',
          standardClaims: 'yesNo',
          attributes: 'yesNo',
          customPermissions: 'yesNo',
        },
      },
      trustedIpRanges: { each: { start: 'text', end: 'text', description: 'text' }, needs: ['start', 'end'] },
    },
  },
  integrationUser: { group: { username: 'text', permissionSets: 'texts', email: 'text', lastName: 'text' } },
  scopes: 'texts',
  customScopes: 'texts',
  policies: {
    group: {
      permittedUsers: 'text',
      permissionSets: 'texts',
      profiles: 'texts',
      refreshToken: 'text',
      refreshTokenValidity: 'text',
      ipRelaxation: 'text',
      sessionTimeoutMinutes: 'number',
      jwtTimeoutMinutes: 'number',
      sessionLevel: 'text',
      sessionLevelAction: 'text',
    },
  },
};

/** What `display` shows beside an app and only the org can say. */
const READ_ONLY = new Set(['id', 'consumerKey', 'setupUrl']);

/** What people call the secrets that belong into no file. */
const SECRETS = /^(consumer|client)?_?(secret|password|private_?key|access_?token|refresh_?token_?value)$/i;

/**
 * What to say of a key that a group does not have.
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

/** Where in an app a key belongs, in whatever case it was written: `oauth.callbackUrls`, or `label` for the app itself. */
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
