import type { App, Flow } from './app.ts';
import { type AppFacts, approvedBy, type Finding, flowsOf } from './checks.ts';
import { fixes, type Known } from './fixes.ts';
import { type FlowRules, FLOWS } from './flows.ts';
import { say, type Text } from './text.ts';
import type { UserFacts } from './user.ts';

/** A user as whom an app runs, with all facts about the power of the integration. */
export type RunningUser = UserFacts & {
  /** Labels of the permission set licences assigned. */
  permissionSetLicences: string[];
  authorApex: boolean;
  manageUsers: boolean;
  customizeApplication: boolean;
  /** ISO 8601; absent for a user who never logged in. */
  lastLogin?: string;
  /**
   * The addresses from which the profile allows logins. Empty when every address is allowed, absent when this login may
   * not see the list.
   */
  loginIpRanges?: Array<{ start: string; end: string }>;
  /** Does the profile limit the hours of logins? Absent when this login may not see it. */
  loginHours?: boolean;
};

/**
 * The user as whom an app runs in a flow. This is the policies' user, the user who logs in, or the user whom a request
 * names.
 */
export type FlowUser = { flow: Flow; as: FlowRules['runsAs']; username?: string };

/** The user as whom an app runs, for each of its flows. */
export const usersByFlow = (app: App): FlowUser[] =>
  flowsOf(app).map((flow) => ({
    flow,
    as: FLOWS[flow].runsAs,
    ...(flow === 'client-credentials' && app.oauth?.runAs && { username: app.oauth.runAs }),
  }));

type Power = 'modify-all-data' | 'view-all-data' | 'author-apex' | 'manage-users' | 'customize-application';
type Need = 'active' | 'unlocked' | 'api-enabled' | 'let-in';
type Restriction = 'login-ip-ranges' | 'login-hours';

/** What matters about a running user; `id` is stable, such as `modify-all-data`. */
export type UserFinding = Finding & { id: string };

/**
 * The calls that the org would refuse, and the user's permissions that an integration should not have. An expired
 * password is no problem: the client-credentials flow uses none.
 */
export const judgeUser = (user: RunningUser, facts: Known & Pick<AppFacts, 'allowedPermissionSets'>): UserFinding[] => {
  const lesser = fixes.lesserUser(facts);
  const power = (id: Power, has: boolean): UserFinding =>
    has
      ? { id, status: 'warning', detail: say(`user.${id}.yes`), fix: lesser }
      : { id, status: 'passed', detail: say(`user.${id}.no`) };
  const need = (id: Need, met: boolean, fix: Finding['fix']): UserFinding =>
    met
      ? { id, status: 'passed', detail: say(`user.${id}.yes`) }
      : { id, status: 'failed', detail: say(`user.${id}.no`), fix };
  const restrictsApproval = facts.app.policies?.permittedUsers === 'admin-approved';
  return [
    need('active', user.active, fixes.activateUser(facts)),
    user.locked === undefined
      ? { id: 'unlocked', status: 'skipped', detail: say('user.unlocked.unknown') }
      : need('unlocked', !user.locked, fixes.unlockUser(facts)),
    need('api-enabled', user.apiEnabled, fixes.apiAccess(facts)),
    ...(restrictsApproval ? [need('let-in', approvedBy(facts, user) !== undefined, fixes.approveUser(facts))] : []),
    user.apiOnly
      ? { id: 'api-only', status: 'passed', detail: say('user.api-only.yes') }
      : { id: 'api-only', status: 'warning', detail: say('user.api-only.no'), fix: lesser },
    power('modify-all-data', user.modifyAllData),
    power('view-all-data', user.viewAllData),
    power('author-apex', user.authorApex),
    power('manage-users', user.manageUsers),
    power('customize-application', user.customizeApplication),
    restriction(
      'login-ip-ranges',
      user.loginIpRanges && user.loginIpRanges.length > 0,
      say('user.login-ip-ranges.yes', rangesIn(user)),
    ),
    restriction('login-hours', user.loginHours, say('user.login-hours.yes')),
  ];
};

/** A limit is a good thing that can also be why a call is refused: it is told, not judged. */
const restriction = (id: Restriction, there: boolean | undefined, yes: Text): UserFinding => {
  if (there === undefined) return { id, status: 'skipped', detail: say(`user.${id}.unknown`) };
  return { id, status: 'passed', detail: there ? yes : say(`user.${id}.no`) };
};

const rangesIn = ({ loginIpRanges = [] }: RunningUser): string =>
  loginIpRanges.map(({ start, end }) => `${start} - ${end}`).join(', ');
