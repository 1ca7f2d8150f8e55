import type { App, Policies } from './app.ts';
import { countAndWord } from './duration.ts';
import { type Advice, type Problem, quotable } from './problem.ts';
import { allowsRefreshToken } from './scopes.ts';

/** The lifetime of a refresh token: `30 days`. */
export type Validity = { period: number; unit: ValidityUnit };

export type ValidityUnit = 'hours' | 'days' | 'months';

/** The values that each policy with a fixed set of values accepts. */
export const POLICY_VALUES = {
  permittedUsers: ['all-users', 'admin-approved'],
  refreshToken: ['infinite', 'immediate', 'lifetime', 'inactivity'],
  ipRelaxation: ['enforce', 'relax', 'relax-2fa', 'enforce-relax-refresh'],
  sessionLevel: ['low', 'standard', 'high-assurance'],
  sessionLevelAction: ['block', 'raise', 'step-up-mfa'],
} as const satisfies { [Policy in keyof Policies]?: readonly Policies[Policy][] };

/**
 * Further words for these values, as `bare` writes them: Salesforce's values in metadata, its labels in Setup, and short
 * words.
 */
export const POLICY_WORDS = {
  permittedUsers: {
    all: 'all-users',
    everyone: 'all-users',
    allselfauthorized: 'all-users',
    alluserscanselfauthorize: 'all-users',
    allusersmayselfauthorize: 'all-users',
    admin: 'admin-approved',
    approved: 'admin-approved',
    adminapprovedusers: 'admin-approved',
    adminapprovedpreauthorized: 'admin-approved',
    adminapprovedusersarepreauthorized: 'admin-approved',
  },
  refreshToken: {
    validuntilrevoked: 'infinite',
    zero: 'immediate',
    specificlifetime: 'lifetime',
    specificinactivity: 'inactivity',
  },
  ipRelaxation: { bypass: 'relax', bypass2factor: 'relax-2fa', enforcerelaxrefresh: 'enforce-relax-refresh' },
  sessionLevel: { high: 'high-assurance' },
  sessionLevelAction: { raisesessionlevel: 'raise', stepup: 'step-up-mfa' },
} as const satisfies {
  [Policy in keyof typeof POLICY_VALUES]: Record<string, (typeof POLICY_VALUES)[Policy][number]>;
};

/** The minutes that a JWT access token of a named user or of a guest may live. Up to 30 since API version 61, the others since 65. */
export const JWT_TIMEOUT_MINUTES: readonly number[] = [1, 5, 10, 15, 30, 60, 90, 120, 240, 480, 720];

/** The largest value of a metadata field of type int. */
export const INT_MAX = 2_147_483_647;

/** The values that an org sets by itself for an app without policies (seen in five orgs). */
export const DEFAULT_POLICIES: Policies = {
  permittedUsers: 'all-users',
  refreshToken: 'lifetime',
  refreshTokenValidity: '365 days',
  ipRelaxation: 'enforce',
  sessionLevel: 'standard',
};

/**
 * Is this `30 days`, `30d`, `12 hours`, `2 weeks`, `6 months`? A number alone counts days. Upper and lower case make no
 * difference.
 */
export const checkValidity = (text: string): Problem | undefined =>
  validityIn(text) === undefined
    ? {
        code: 'error.refreshTokenValidityInvalid',
        values: [quotable(text)],
        field: 'policies.refreshTokenValidity',
      }
    : undefined;

/**
 * `30 days` as `{ period: 30, unit: 'days' }`. Only for text that `checkValidity` has passed: any other text is a bug
 * of this plugin.
 */
export const parseValidity = (text: string): Validity => {
  const validity = validityIn(text);
  if (validity === undefined) throw new Error(`Not a refresh-token validity: ${quotable(text)}`);
  return validity;
};

/** The opposite direction: `{ period: 30, unit: 'days' }` is `30 days`, and a period of 1 is `1 day`. */
export const formatValidity = ({ period, unit }: Validity): string =>
  `${period} ${period === 1 ? unit.slice(0, -1) : unit}`;

/** What people write for a unit. "m" is missing on purpose: some mean minutes. */
const UNITS: ReadonlyArray<{ words: readonly string[]; unit: ValidityUnit; times: number }> = [
  { words: ['h', 'hr', 'hrs', 'hour', 'hours'], unit: 'hours', times: 1 },
  { words: ['', 'd', 'day', 'days'], unit: 'days', times: 1 },
  { words: ['w', 'week', 'weeks'], unit: 'days', times: 7 },
  { words: ['mo', 'mon', 'month', 'months'], unit: 'months', times: 1 },
  { words: ['y', 'yr', 'year', 'years'], unit: 'months', times: 12 },
];

const validityIn = (text: string): Validity | undefined => {
  const said = countAndWord(text);
  const row = said && UNITS.find(({ words }) => words.includes(said.word));
  if (row === undefined) return undefined;
  const period = said!.count * row.times;
  return period < 1 || period > INT_MAX ? undefined : { period, unit: row.unit };
};

/** The days without use after which the idle limit ends a refresh token (release notes of Winter '27). */
const IDLE_LIMIT_DAYS = 30;

const DAYS_IN: Record<ValidityUnit, number> = { hours: 1 / 24, days: 1, months: 30 };

/** The days of a validity such as `6 months`, with 30 days to a month. Undefined for a text that is none. */
export const daysOf = (text: string): number | undefined => {
  const validity = validityIn(text);
  return validity && validity.period * DAYS_IN[validity.unit];
};

/** When refresh tokens really end: after a time without use, and after a time whether they are used or not. */
export type RefreshTokenEnd = { unused: string; atMost?: string };

/**
 * The refresh token policy that works in an app with the idle limit. The limit ends the policy "infinite", shortens a
 * long inactivity, and stands beside a lifetime. Salesforce leaves the policy in the metadata as it was (Help, "Limit
 * the Idle Time of Refresh Tokens").
 *
 * @returns undefined where the policy works as it is written
 */
export const refreshTokenEnd = ({ oauth, policies = {} }: App): RefreshTokenEnd | undefined => {
  const { refreshToken, refreshTokenValidity } = policies;
  if (oauth?.refreshTokenIdleLimit !== true || refreshToken === 'immediate') return undefined;
  const limit = formatValidity({ period: IDLE_LIMIT_DAYS, unit: 'days' });
  const validity = refreshTokenValidity === undefined ? undefined : validityIn(refreshTokenValidity);
  if (refreshToken === 'inactivity' && validity && validity.period * DAYS_IN[validity.unit] <= IDLE_LIMIT_DAYS) {
    return undefined;
  }
  return { unused: limit, ...(refreshToken === 'lifetime' && validity && { atMost: formatValidity(validity) }) };
};

/** Can this value of `refreshToken` have a validity? */
export const takesValidity = (refreshToken: Policies['refreshToken']): boolean =>
  refreshToken === 'lifetime' || refreshToken === 'inactivity';

/** Checks each given policy, alone and together with the other given policies. */
export const checkPolicies = (policies: Policies): Problem[] => {
  return [
    ...Object.entries(POLICY_VALUES).map(([policy, values]) =>
      checkOneOf(policies[policy as keyof typeof POLICY_VALUES], values, `policies.${policy}`),
    ),
    checkValidityUse(policies),
    checkOneOf(policies.jwtTimeoutMinutes || undefined, JWT_TIMEOUT_MINUTES, 'policies.jwtTimeoutMinutes'),
    checkOneOf(policies.guestJwtTimeoutMinutes || undefined, JWT_TIMEOUT_MINUTES, 'policies.guestJwtTimeoutMinutes'),
    // No document says which numbers an org accepts, so only impossible numbers are refused here.
    checkWholeNumber(policies.sessionTimeoutMinutes, 1, INT_MAX, 'policies.sessionTimeoutMinutes'),
  ].filter((problem) => problem !== undefined);
};

const checkValidityUse = ({ refreshToken, refreshTokenValidity }: Policies): Problem | undefined => {
  if (refreshTokenValidity === undefined) return undefined;
  if (refreshToken === undefined || takesValidity(refreshToken)) return checkValidity(refreshTokenValidity);
  return {
    code: 'error.refreshTokenValidityUnused',
    values: [quotable(refreshTokenValidity), refreshToken],
    field: 'policies.refreshTokenValidity',
  };
};

/** A value of a fixed set, if a value is given. */
export const checkOneOf = <T extends string | number>(
  value: T | undefined,
  allowed: readonly T[],
  field: string,
): Problem | undefined =>
  value === undefined || allowed.includes(value)
    ? undefined
    : { code: 'error.valueNotAllowed', values: [field, quotable(String(value)), allowed.join(', ')], field };

/** A whole number in a range, if a number is given. The number 0 stands for none. */
export const checkWholeNumber = (
  value: number | undefined,
  min: number,
  max: number,
  field: string,
): Problem | undefined =>
  value === undefined || value === 0 || (Number.isInteger(value) && value >= min && value <= max)
    ? undefined
    : { code: 'error.numberNotAllowed', values: [field, quotable(String(value)), String(min), String(max)], field };

/**
 * The warnings about an app's policies. Of Salesforce's defaults, only the insecure ones get a warning: enforced IP
 * ranges and a standard session are secure.
 */
export const judgePolicies = (app: App): Advice[] => {
  const policies = app.policies ?? {};
  return [...judgeUsers(policies), ...judgeRefreshToken(app), ...judgeTimeouts(app)];
};

const judgeUsers = ({ permittedUsers, permissionSets = [], profiles = [] }: Policies): Advice[] => {
  const approved = [...permissionSets, ...profiles];
  if (permittedUsers === 'admin-approved') {
    return approved.length > 0 ? [] : [{ code: 'warning.nobodyApproved', values: [] }];
  }
  return approved.length > 0
    ? [{ code: 'warning.approvedButAllUsers', values: [approved.join(', ')] }]
    : [{ code: 'warning.permittedUsersDefault', values: [] }];
};

const judgeRefreshToken = ({ policies = {}, scopes }: App): Advice[] => {
  if (scopes !== undefined && !allowsRefreshToken(scopes)) return [];
  const { refreshToken = DEFAULT_POLICIES.refreshToken, refreshTokenValidity = DEFAULT_POLICIES.refreshTokenValidity } =
    policies;
  if (refreshToken === 'infinite') return [{ code: 'warning.refreshTokenInfinite', values: [] }];
  const atDefault =
    refreshToken === DEFAULT_POLICIES.refreshToken && refreshTokenValidity === DEFAULT_POLICIES.refreshTokenValidity;
  return atDefault ? [{ code: 'warning.refreshTokenDefault', values: [DEFAULT_POLICIES.refreshTokenValidity!] }] : [];
};

const judgeTimeouts = ({ oauth, policies = {} }: App): Advice[] => {
  if (oauth?.jwtAccessTokens === true) {
    return policies.jwtTimeoutMinutes === undefined ? [{ code: 'warning.jwtTimeoutDefault', values: [] }] : [];
  }
  return policies.sessionTimeoutMinutes === undefined ? [{ code: 'warning.sessionTimeoutDefault', values: [] }] : [];
};
