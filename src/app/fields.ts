import type { App, Flow, IpRange } from './app.ts';
import { sameFlows } from './flows.ts';
import { sameIpRange } from './ipRange.ts';
import { distinctNames, sameName } from './name.ts';
import { checkValidity, formatValidity, parseValidity } from './policies.ts';

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

/** What a field holds: a text, a yes or no, a whole number, a list of texts, a list of ranges of IP addresses. */
export type FieldKind = 'text' | 'yesNo' | 'number' | 'texts' | 'ranges';

type KindOf<Value> = [Value] extends [boolean]
  ? 'yesNo'
  : [Value] extends [number]
    ? 'number'
    : [Value] extends [string]
      ? 'text'
      : Value extends string[]
        ? 'texts'
        : 'ranges';

type Same = (a: unknown, b: unknown) => boolean;

/** What is to be known of a field, whoever keeps it. */
export type FieldRow = {
  kind: FieldKind;
  /** The flag that says it on the command line, without the hyphens; absent for what a command of its own says. */
  flag?: string;
  /** The flag that says that there is none. */
  noneFlag?: string;
  /** Do two values say the same, though their spelling differs? Absent: texts as they are, lists in any order. */
  same?: Same;
  /** A text that no check of its own looks at letter by letter: one line, or several. */
  freeText?: 'line' | 'lines';
  /** A wish says it in other words than an app: it is the path of a file, so values cannot be compared. */
  writeOnly?: true;
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Names of other things: an org finds them in any case and gives them back in its own. */
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

const validity = (value: unknown): string =>
  checkValidity(text(value)) === undefined ? formatValidity(parseValidity(text(value))) : text(value);

/**
 * The one table of an app's fields: what each holds, which flag says it, and how its values are compared. Where an org keeps a
 * field is said in org/app/fields.ts. The compiler holds both tables against the type of an app.
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
};

/** All fields, in the order in which files and lists show them. */
export const FIELD_PATHS = Object.keys(FIELDS) as FieldPath[];

/** The row of a field; undefined for a path that is none, such as `name`, or `integrationUser.username` of a file. */
export const fieldRow = (path: string): FieldRow | undefined =>
  Object.hasOwn(FIELDS, path) ? FIELDS[path as FieldPath] : undefined;

/** Sets the value at a path such as `oauth.idToken.audience`, in groups that are made where they are not there. */
export const setField = (group: Record<string, unknown>, path: string, value: unknown): void => {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) group[key] = value;
  else setField((group[key] ??= {}) as Record<string, unknown>, rest.join('.'), value);
};

/** One empty text is an empty list: `--permission-set ""` takes all away. */
export const wholeList = <Values extends readonly unknown[] | undefined>(values: Values): Values | [] =>
  values?.length === 1 && values[0] === '' ? [] : values;

/** The fields that flags say, as they say them: lists of texts may need to be parsed by what they are lists of. */
export const fieldsSaid = (flags: Readonly<Record<string, unknown>>): Omit<App, 'name'> => {
  const said: Omit<App, 'name'> = {};
  for (const path of FIELD_PATHS) {
    const value = flags[FIELDS[path].flag ?? ''];
    if (value !== undefined) setField(said, path, Array.isArray(value) ? wholeList(value) : value);
  }
  return said;
};
