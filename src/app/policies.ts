import type { App, Policies } from './app.ts';
import { quotable, type Advice, type Problem } from './problem.ts';
import { allowsRefreshToken } from './scopes.ts';

/** How long a refresh token lives: `30 days`. */
export type Validity = { period: number; unit: ValidityUnit };

export type ValidityUnit = 'hours' | 'days' | 'months';

/** The words that each policy with a closed set of answers takes. */
export const POLICY_VALUES = {
  permittedUsers: ['all-users', 'admin-approved'],
  refreshToken: ['infinite', 'immediate', 'lifetime', 'inactivity'],
  ipRelaxation: ['enforce', 'relax', 'relax-2fa', 'enforce-relax-refresh'],
  sessionLevel: ['low', 'standard', 'high-assurance'],
  sessionLevelAction: ['block', 'raise', 'step-up-mfa'],
} as const satisfies { [Policy in keyof Policies]?: readonly Policies[Policy][] };

/** Minutes that a named-user JWT access token may live: up to 30 since API version 61, the others since 65. */
export const JWT_TIMEOUT_MINUTES: readonly number[] = [1, 5, 10, 15, 30, 60, 90, 120, 240, 480, 720];

/** Of a metadata field of type int. */
const INT_MAX = 2_147_483_647;

/** What an org sets up by itself for an app that comes without policies (seen in five orgs). */
export const DEFAULT_POLICIES: Policies = {
  permittedUsers: 'all-users',
  refreshToken: 'lifetime',
  refreshTokenValidity: '365 days',
  ipRelaxation: 'enforce',
  sessionLevel: 'standard',
};

/** Is this `30 days`, `1 day`, `12 hours`, `6 months`? Upper and lower case do not matter. */
export function checkValidity(text: string): Problem | undefined {
  return validityIn(text) === undefined
    ? {
        code: 'error.refreshTokenValidityInvalid',
        values: [quotable(text)],
        field: 'policies.refreshTokenValidity',
      }
    : undefined;
}

/** `30 days` as `{ period: 30, unit: 'days' }`. For text that `checkValidity` has passed: other text is a mistake of ours. */
export function parseValidity(text: string): Validity {
  const validity = validityIn(text);
  if (validity === undefined) throw new Error(`Not a refresh-token validity: ${quotable(text)}`);
  return validity;
}

/** The other way round: `{ period: 30, unit: 'days' }` is `30 days`, one of them `1 day`. */
export function formatValidity({ period, unit }: Validity): string {
  return `${period} ${period === 1 ? unit.slice(0, -1) : unit}`;
}

function validityIn(text: string): Validity | undefined {
  const [, digits = '', unit] = /^\s*(\d{1,10})\s*(hour|day|month)s?\s*$/i.exec(text) ?? [];
  const period = Number(digits);
  if (unit === undefined || period < 1 || period > INT_MAX) return undefined;
  return { period, unit: `${unit.toLowerCase()}s` as ValidityUnit };
}

/** Does this answer to `refreshToken` go with a validity? */
export function takesValidity(refreshToken: Policies['refreshToken']): boolean {
  return refreshToken === 'lifetime' || refreshToken === 'inactivity';
}

/** Each policy that is said, by itself and together with the others that are said. */
export function checkPolicies(policies: Policies): Problem[] {
  return [
    ...Object.entries(POLICY_VALUES).map(([policy, values]) =>
      checkOneOf(policies[policy as keyof typeof POLICY_VALUES], values, `policies.${policy}`),
    ),
    checkValidityUse(policies),
    checkOneOf(policies.jwtTimeoutMinutes, JWT_TIMEOUT_MINUTES, 'policies.jwtTimeoutMinutes'),
    // Which numbers an org takes is not documented, so only what no org can take is refused here.
    checkWholeNumber(policies.sessionTimeoutMinutes, 1, INT_MAX, 'policies.sessionTimeoutMinutes'),
  ].filter((problem) => problem !== undefined);
}

function checkValidityUse({ refreshToken, refreshTokenValidity }: Policies): Problem | undefined {
  if (refreshTokenValidity === undefined) return undefined;
  if (refreshToken === undefined || takesValidity(refreshToken)) return checkValidity(refreshTokenValidity);
  return {
    code: 'error.refreshTokenValidityUnused',
    values: [quotable(refreshTokenValidity), refreshToken],
    field: 'policies.refreshTokenValidity',
  };
}

/** A value of a closed set, if it is said at all. */
export function checkOneOf<T extends string | number>(
  value: T | undefined,
  allowed: readonly T[],
  field: string,
): Problem | undefined {
  return value === undefined || allowed.includes(value)
    ? undefined
    : { code: 'error.valueNotAllowed', values: [field, quotable(String(value)), allowed.join(', ')], field };
}

/** A whole number between two others, if it is said at all. */
export function checkWholeNumber(
  value: number | undefined,
  min: number,
  max: number,
  field: string,
): Problem | undefined {
  return value === undefined || (Number.isInteger(value) && value >= min && value <= max)
    ? undefined
    : { code: 'error.numberNotAllowed', values: [field, quotable(String(value)), String(min), String(max)], field };
}

/**
 * What is unwise about an app's policies. Of Salesforce's defaults only those are named that leave a door open: IP ranges
 * enforced and a standard session are sound.
 */
export function judgePolicies(app: App): Advice[] {
  const policies = app.policies ?? {};
  return [...judgeUsers(policies), ...judgeRefreshToken(app), ...judgeTimeouts(app)];
}

function judgeUsers({ permittedUsers, permissionSets = [], profiles = [] }: Policies): Advice[] {
  const approved = [...permissionSets, ...profiles];
  if (permittedUsers === 'admin-approved') {
    return approved.length > 0 ? [] : [{ code: 'warning.nobodyApproved', values: [] }];
  }
  return approved.length > 0
    ? [{ code: 'warning.approvedButAllUsers', values: [approved.join(', ')] }]
    : [{ code: 'warning.permittedUsersDefault', values: [] }];
}

function judgeRefreshToken({ policies = {}, scopes }: App): Advice[] {
  if (scopes !== undefined && !allowsRefreshToken(scopes)) return [];
  const { refreshToken = DEFAULT_POLICIES.refreshToken, refreshTokenValidity = DEFAULT_POLICIES.refreshTokenValidity } =
    policies;
  if (refreshToken === 'infinite') return [{ code: 'warning.refreshTokenInfinite', values: [] }];
  const atDefault =
    refreshToken === DEFAULT_POLICIES.refreshToken && refreshTokenValidity === DEFAULT_POLICIES.refreshTokenValidity;
  return atDefault ? [{ code: 'warning.refreshTokenDefault', values: [DEFAULT_POLICIES.refreshTokenValidity!] }] : [];
}

function judgeTimeouts({ oauth, policies = {} }: App): Advice[] {
  if (oauth?.jwtAccessTokens === true) {
    return policies.jwtTimeoutMinutes === undefined ? [{ code: 'warning.jwtTimeoutDefault', values: [] }] : [];
  }
  return policies.sessionTimeoutMinutes === undefined ? [{ code: 'warning.sessionTimeoutDefault', values: [] }] : [];
}
