import type { App, Attribute, Flow, IpRange } from './app.ts';
import { sameAttributes } from './attributes.ts';
import { sameFlows } from './flows.ts';
import { sameIpRange } from './ipRange.ts';
import { distinctNames, sameName } from './name.ts';
import { checkValidity, formatValidity, parseValidity } from './policies.ts';
import { splitList } from './spelling.ts';

type Leaf = string | number | boolean | readonly unknown[];

/** Paths below a group, such as `idToken.audience`. Lists are leaves. */
type PathsOf<Group> = {
  [Key in keyof Group & string]-?: NonNullable<Group[Key]> extends Leaf
    ? Key
    : `${Key}.${PathsOf<NonNullable<Group[Key]>>}`;
}[keyof Group & string];

type ValueAt<Group, Path> = Path extends `${infer Key}.${infer Rest}`
  ? ValueAt<NonNullable<Group[Key & keyof Group]>, Rest>
  : NonNullable<Group[Path & keyof Group]>;

/** The path of a field in the shape of an app, such as `oauth.callbackUrls`. The name is the key of an app and no field. */
export type FieldPath = Exclude<PathsOf<App>, 'name'>;

/**
 * The kinds of a field's value. `number` is a whole number, `texts` a list of texts, `ranges` a list of IP address
 * ranges, and `attributes` a list of custom attributes.
 */
export type FieldKind = 'text' | 'yesNo' | 'number' | 'texts' | 'ranges' | 'attributes';

type KindOf<Value> = [Value] extends [boolean]
  ? 'yesNo'
  : [Value] extends [number]
    ? 'number'
    : [Value] extends [string]
      ? 'text'
      : Value extends string[]
        ? 'texts'
        : Value extends IpRange[]
          ? 'ranges'
          : 'attributes';

type Same = (a: unknown, b: unknown) => boolean;

/** The facts about a field that do not depend on where an org keeps it. */
export type FieldRow = {
  kind: FieldKind;
  /** The flag for the field on the command line, without the hyphens. Absent for a field with a command of its own. */
  flag?: string;
  /** The flag that says that there is none. */
  noneFlag?: string;
  /** Do two values say the same, though their spelling differs? Absent: texts as they are, lists in any order. */
  same?: Same;
  /** A text that no other check reads letter by letter: one line, or several. */
  freeText?: 'line' | 'lines';
  /**
   * The wish's value differs in kind from the app's value: the wish has the path of a file. So the values cannot be
   * compared.
   */
  writeOnly?: true;
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Names of other things: an org accepts the names in upper or lower case, and returns its own spelling. */
const sameNames: Same = (a, b) => {
  const [one, other] = [a, b].map((names) => distinctNames(list(names).map(String))) as [string[], string[]];
  return one.length === other.length && one.every((name) => other.some((item) => sameName(item, name)));
};

const sameRanges: Same = (a, b) => {
  const [one, other] = [list(a) as IpRange[], list(b) as IpRange[]];
  const within = (some: IpRange[], all: IpRange[]): boolean =>
    some.every((range) => all.some((item) => sameIpRange(range, item)));
  return within(one, other) && within(other, one);
};

const sameAttributeLists: Same = (a, b) => sameAttributes(list(a) as Attribute[], list(b) as Attribute[]);

/** A switch that is off by default. An org that is older than the switch has it off, too. */
const sameSwitch: Same = (a, b) => (a === true) === (b === true);

/** Where no page is set, users start nowhere. */
const sameStartPage: Same = (a, b) => (a ?? 'none') === (b ?? 'none');

const validity = (value: unknown): string =>
  checkValidity(text(value)) === undefined ? formatValidity(parseValidity(text(value))) : text(value);

/**
 * The only table of an app's fields, with the kind of each value, its flag, and the comparison of values. The table in
 * `org/app/fields.ts` has the places where an org keeps the fields.
 */
export const FIELDS: { readonly [Path in FieldPath]: FieldRow & { kind: KindOf<ValueAt<App, Path>> } } = {
  label: { kind: 'text', flag: 'label', freeText: 'line' },
  contactEmail: { kind: 'text', flag: 'contact-email' },
  description: { kind: 'text', flag: 'description', freeText: 'lines' },
  contactPhone: { kind: 'text', flag: 'contact-phone', freeText: 'line' },
  infoUrl: { kind: 'text', flag: 'info-url' },
  logoUrl: { kind: 'text', flag: 'logo-url' },
  iconUrl: { kind: 'text', flag: 'icon-url' },
  distributionState: { kind: 'text', flag: 'distribution-state' },
  enabled: { kind: 'yesNo' },
  startPage: { kind: 'text', flag: 'start-page', same: sameStartPage },
  startUrl: { kind: 'text', flag: 'start-url' },
  'oauth.callbackUrls': { kind: 'texts', flag: 'callback-url' },
  'oauth.flows': { kind: 'texts', flag: 'flow', same: (a, b) => sameFlows(list(a) as Flow[], list(b) as Flow[]) },
  'oauth.runAs': { kind: 'text', flag: 'run-as', same: (a, b) => sameName(text(a), text(b)), freeText: 'line' },
  'oauth.pkceRequired': { kind: 'yesNo', flag: 'pkce' },
  'oauth.secretRequired': { kind: 'yesNo', flag: 'secret' },
  'oauth.secretRequiredForRefresh': { kind: 'yesNo', flag: 'secret-for-refresh' },
  'oauth.secretRequiredForTokenExchange': { kind: 'yesNo', flag: 'secret-for-token-exchange' },
  'oauth.refreshTokenRotation': { kind: 'yesNo', flag: 'rotate-refresh-tokens' },
  'oauth.introspectAllTokens': { kind: 'yesNo', flag: 'introspect-all-tokens' },
  'oauth.jwtAccessTokens': { kind: 'yesNo', flag: 'jwt-access-tokens' },
  'oauth.certificateFile': {
    kind: 'text',
    flag: 'certificate-file',
    noneFlag: 'no-certificate',
    freeText: 'line',
    writeOnly: true,
  },
  'oauth.idToken.audience': { kind: 'text', flag: 'id-token-audience', freeText: 'line' },
  'oauth.idToken.validityMinutes': { kind: 'number', flag: 'id-token-validity' },
  'oauth.idToken.standardClaims': { kind: 'yesNo', flag: 'id-token-standard-claims' },
  'oauth.idToken.attributes': { kind: 'yesNo', flag: 'id-token-attributes' },
  'oauth.idToken.customPermissions': { kind: 'yesNo', flag: 'id-token-custom-permissions' },
  'oauth.trustedIpRanges': { kind: 'ranges', flag: 'trusted-ip-range', same: sameRanges, freeText: 'line' },
  'oauth.customAttributes': {
    kind: 'attributes',
    flag: 'custom-attribute',
    same: sameAttributeLists,
    freeText: 'line',
  },
  'oauth.singleLogoutUrl': { kind: 'text', flag: 'single-logout-url' },
  'oauth.assetToken.audiences': { kind: 'text', flag: 'asset-token-audiences', freeText: 'line' },
  'oauth.assetToken.validitySeconds': { kind: 'number', flag: 'asset-token-validity' },
  'oauth.assetToken.signingCertificate': { kind: 'text', flag: 'asset-token-certificate', freeText: 'line' },
  'oauth.assetToken.attributes': { kind: 'yesNo', flag: 'asset-token-attributes', same: sameSwitch },
  'oauth.assetToken.customPermissions': { kind: 'yesNo', flag: 'asset-token-custom-permissions', same: sameSwitch },
  'oauth.credentialsByPostOnly': { kind: 'yesNo', flag: 'credentials-by-post-only', same: sameSwitch },
  'oauth.guestCredentials': { kind: 'yesNo', flag: 'guest-credentials', same: sameSwitch },
  'oauth.refreshTokenIdleLimit': { kind: 'yesNo', flag: 'refresh-token-idle-limit', same: sameSwitch },
  'oauth.refreshTokenIpRanges': {
    kind: 'ranges',
    flag: 'refresh-token-ip-range',
    same: sameRanges,
    freeText: 'line',
  },
  'oauth.dpop': { kind: 'yesNo', flag: 'dpop', same: sameSwitch },
  'oauth.mutualTls.enabled': { kind: 'yesNo', flag: 'mutual-tls', same: sameSwitch },
  'oauth.mutualTls.certificateField': { kind: 'text', flag: 'mutual-tls-field' },
  'oauth.mutualTls.certificateValue': { kind: 'text', flag: 'mutual-tls-value', freeText: 'line' },
  scopes: { kind: 'texts', flag: 'scope' },
  customScopes: { kind: 'texts', flag: 'custom-scope', same: sameNames, freeText: 'line' },
  'policies.permittedUsers': { kind: 'text', flag: 'permitted-users' },
  'policies.permissionSets': { kind: 'texts', flag: 'permission-set', same: sameNames, freeText: 'line' },
  'policies.profiles': { kind: 'texts', flag: 'profile', same: sameNames, freeText: 'line' },
  'policies.refreshToken': { kind: 'text', flag: 'refresh-token-policy' },
  'policies.refreshTokenValidity': {
    kind: 'text',
    flag: 'refresh-token-validity',
    same: (a, b) => validity(a) === validity(b),
  },
  'policies.ipRelaxation': { kind: 'text', flag: 'ip-relaxation' },
  'policies.sessionTimeoutMinutes': { kind: 'number', flag: 'session-timeout' },
  'policies.jwtTimeoutMinutes': { kind: 'number', flag: 'jwt-timeout' },
  'policies.sessionLevel': { kind: 'text', flag: 'session-level' },
  'policies.sessionLevelAction': { kind: 'text', flag: 'session-level-action' },
  'policies.guestJwtTimeoutMinutes': { kind: 'number', flag: 'guest-jwt-timeout' },
  'policies.customAttributes': {
    kind: 'attributes',
    flag: 'policy-attribute',
    same: sameAttributeLists,
    freeText: 'line',
  },
  'policies.apexHandler': {
    kind: 'text',
    flag: 'apex-handler',
    same: (a, b) => sameName(text(a), text(b)),
    freeText: 'line',
  },
  'policies.apexHandlerRunAs': {
    kind: 'text',
    flag: 'apex-handler-run-as',
    same: (a, b) => sameName(text(a), text(b)),
    freeText: 'line',
  },
  'policies.singleLogoutUrl': { kind: 'text', flag: 'policy-single-logout-url' },
  'policies.startUrl': { kind: 'text', flag: 'oauth-start-url' },
  'saml.enabled': { kind: 'yesNo' },
  'saml.acsUrl': { kind: 'text' },
  'saml.entityUrl': { kind: 'text', freeText: 'line' },
  'saml.issuer': { kind: 'text', freeText: 'line' },
  'saml.certificate': { kind: 'text', freeText: 'lines' },
  'saml.encryptionCertificate': { kind: 'text', freeText: 'lines' },
  'saml.encryptionType': { kind: 'text' },
  'saml.nameIdFormat': { kind: 'text' },
  'saml.signingAlgorithm': { kind: 'text' },
  'saml.subjectType': { kind: 'text' },
  'saml.subjectCustomAttribute': { kind: 'text', freeText: 'line' },
  'saml.singleLogoutBinding': { kind: 'text' },
  'saml.singleLogoutUrl': { kind: 'text' },
  'saml.permissionSets': { kind: 'texts', same: sameNames, freeText: 'line' },
  'saml.profiles': { kind: 'texts', same: sameNames, freeText: 'line' },
  'saml.customAttributes': { kind: 'attributes', same: sameAttributeLists, freeText: 'line' },
};

/** All fields, in the order in which files and lists show them. */
export const FIELD_PATHS = Object.keys(FIELDS) as FieldPath[];

/** The row of a field; undefined for a path without a row, such as `name`, or `integrationUser.username` of a file. */
export const fieldRow = (path: string): FieldRow | undefined =>
  Object.hasOwn(FIELDS, path) ? FIELDS[path as FieldPath] : undefined;

/** Sets the value at a path such as `oauth.idToken.audience`, and creates missing groups. */
export const setField = (group: Record<string, unknown>, path: string, value: unknown): void => {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) group[key] = value;
  else setField((group[key] ??= {}) as Record<string, unknown>, rest.join('.'), value);
};

/** One empty text is an empty list: `--permission-set ""` removes all items. */
export const wholeList = <Values extends readonly unknown[] | undefined>(values: Values): Values | [] =>
  values?.length === 1 && values[0] === '' ? [] : values;

/** Names that flags or an answer give. A name has no comma, so commas separate names; it may have blanks. */
export const namesSaid = (texts: readonly string[]): string[] =>
  wholeList(texts).flatMap((text) => splitList(text, ','));

/** The fields that flags set, as the flags give them. The items of some lists still need to be parsed. */
export const fieldsSaid = (flags: Readonly<Record<string, unknown>>): Omit<App, 'name'> => {
  const said: Omit<App, 'name'> = {};
  for (const path of FIELD_PATHS) {
    const value = flags[FIELDS[path].flag ?? ''];
    if (value !== undefined) setField(said, path, valueSaid(FIELDS[path], value));
  }
  return said;
};

/** Blanks around a text are no part of it: they come with what is pasted. */
const valueSaid = ({ same, freeText }: FieldRow, value: unknown): unknown => {
  if (typeof value === 'string') return freeText === 'lines' ? value : value.trim();
  if (!Array.isArray(value)) return value;
  return same === sameNames ? namesSaid(value.map(String)) : wholeList(value);
};
