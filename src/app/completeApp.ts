import type { App } from './app.ts';
import { CERTIFICATE_FIELD } from './certificate.ts';
import { fieldOf } from './changes.ts';
import { FIELD_PATHS, type FieldKind, type FieldPath, fieldRow, setField } from './fields.ts';

/** What stands for "none", for each kind of value. A switch has no such value. */
const NONE: { readonly [Kind in Exclude<FieldKind, 'yesNo'>]: unknown } = {
  text: '',
  number: 0,
  texts: [],
  ranges: [],
  attributes: [],
};

/** Texts out of a fixed set, and lists that an org needs. A write can change their value, but not take it away. */
const NEVER_EMPTY = new Set<FieldPath>([
  ...(['label', 'contactEmail', 'distributionState', 'enabled', 'oauth.callbackUrls', 'oauth.flows'] as const),
  ...(['oauth.mutualTls.certificateField', 'policies.permittedUsers', 'policies.refreshToken'] as const),
  ...(['policies.ipRelaxation', 'policies.sessionLevel', 'policies.sessionLevelAction'] as const),
  ...(['saml.encryptionType', 'saml.nameIdFormat', 'saml.signingAlgorithm', 'saml.subjectType'] as const),
  ...(['saml.singleLogoutBinding', 'saml.acsUrl', 'saml.entityUrl', 'saml.issuer', 'saml.certificate'] as const),
]);

/** The certificate needs its file, and a validity goes with its policy. */
const NOT_ALONE = new Set<FieldPath>([CERTIFICATE_FIELD, 'policies.refreshTokenValidity']);

/** The group without which an org keeps nothing of a field. */
const groupOf = (path: FieldPath): 'oauth' | 'saml' | undefined => {
  const [first = ''] = path.split('.');
  if (first === 'saml') return first;
  return ['oauth', 'scopes', 'customScopes', 'policies'].includes(first) ? 'oauth' : undefined;
};

const noneOf = (path: FieldPath): unknown => {
  if (path === 'startPage') return 'none';
  const { kind, same } = fieldRow(path)!;
  if (kind !== 'yesNo') return NONE[kind];
  return same?.(undefined, false) ? false : undefined;
};

/**
 * An app with "none" in the place of each value that it does not have. This is an empty list or text, 0, or false. A write of
 * such an app also takes away what the app got in the meantime.
 *
 * @returns the app, and the paths without a value that no write can empty. Of a group that is missing, the group
 */
export const completeApp = (app: App): { whole: App; left: string[] } => {
  const whole = structuredClone(app);
  const left = (['oauth', 'saml'] as const).filter((group) => app[group] === undefined) as string[];
  for (const path of FIELD_PATHS) {
    const group = groupOf(path);
    if (fieldOf(app, path) !== undefined || NOT_ALONE.has(path) || (group && app[group] === undefined)) continue;
    const none = NEVER_EMPTY.has(path) ? undefined : noneOf(path);
    if (none === undefined) left.push(path);
    else setField(whole, path, none);
  }
  return { whole, left };
};
