import type { Connection } from '@salesforce/core';
import type { Wish } from '../../app/app.ts';
import { merge } from '../../app/changes.ts';
import {
  checkIntegrationUser,
  usernamesOf,
  withIntegrationUser,
  type IntegrationUser,
  type UserPlan,
  type UserStep,
} from '../../app/integrationUser.ts';
import { sameName, type ByName } from '../../app/name.ts';
import type { Problem } from '../../app/problem.ts';
import { unlistedSets } from '../app/grants.ts';
import { makeUser, planUsers, wishToCheck, type MadeUser } from './integrationUser.ts';
import { planApp, type Sending, type Wanted } from '../app/planApps.ts';
import type { StoredApp } from '../app/read.ts';
import type { Plan, WriteResult } from '../app/write.ts';

/** The wish for one app and, perhaps, for its integration user. */
export type WantedApp = Wanted & { integrationUser?: IntegrationUser };

/** Plans for apps, in the order of the wishes, and for their integration users by the app's name. */
export type PlannedApps = { plans: Plan[]; users: Map<string, UserPlan>; problems: Map<Plan, Problem[]> };

/**
 * The plans for apps, with or without an integration user. An app with an integration user runs as this user and gives
 * the user access. The org is asked once for all users.
 *
 * @returns problems with the users, each with its field
 */
export const planWithUsers = async (
  connection: Connection,
  wanted: WantedApp[],
  stored: ByName<StoredApp>,
  sending: Sending,
): Promise<PlannedApps> => {
  const withUser = wanted.flatMap(({ wish, absent, integrationUser }) =>
    integrationUser && !absent ? [{ stored: stored.get(wish.name), wish, integrationUser }] : [],
  );
  const planned = await planUsers(connection, withUser);
  const users = new Map<string, UserPlan>();
  const problemsByApp = new Map<string, Problem[]>();
  withUser.forEach(({ wish, integrationUser }, index) => {
    const { plan, problems } = planned[index] ?? {};
    if (!plan) return;
    users.set(wish.name, plan);
    problemsByApp.set(wish.name, [
      ...checkIntegrationUser(integrationUser),
      ...runAsTwice(wish, integrationUser),
      ...(problems ?? []),
    ]);
  });
  const plans = wanted.map(({ wish, absent }) => {
    const there = stored.get(wish.name);
    const user = users.get(wish.name);
    return planApp(there, { wish: user ? wishAs(there, wish, user, usernameOf(user)) : wish, absent }, sending);
  });
  return {
    plans,
    users,
    problems: new Map(plans.map((plan) => [plan, problemsByApp.get(plan.wish.name) ?? []])),
  };
};

const wishAs = (stored: StoredApp | undefined, wish: Wish, user: UserPlan, username: string): Wish =>
  withIntegrationUser(stored?.app, wish, username, accessSetNameOf(user), unlistedSets(stored?.app, stored?.grants));

const accessSetNameOf = ({ accessSet }: UserPlan): string => accessSet.name;

/** The user's username, or the username that the user will get if no other org has it. */
export const usernameOf = ({ user, toMake }: UserPlan): string => user?.username ?? toMake.usernames[0] ?? '';

/**
 * An exported file also names the user as whom the app runs. Both fields name the same user, so there is no conflict.
 */
const runAsTwice = ({ oauth }: Wish, { username }: IntegrationUser): Problem[] => {
  const runAs = oauth?.runAs;
  if (runAs === undefined || usernamesOf(username, '', runAs).some((one) => sameName(one, runAs))) {
    return [];
  }
  return [{ code: 'plan.runAsTwice', values: [runAs, username], field: 'oauth.runAs' }];
};

/** Names of the permission sets that are created before the apps are written. */
export const setsToMake = (users: Map<string, UserPlan>): string[] => [...users.values()].map(accessSetNameOf);

/** Does any user have an open step? */
export const hasStepsLeft = (user: UserPlan | undefined): boolean => user?.steps.some(({ there }) => !there) === true;

/**
 * Creates the missing integration users, and returns the plans with the final usernames.
 *
 * @param done receives the completed steps, also when one fails
 */
export const makeUsers = async (
  connection: Connection,
  { plans, users }: Pick<PlannedApps, 'plans' | 'users'>,
  sending: Sending,
  done: UserStep[],
  onStep: (step: UserStep) => void,
): Promise<{ plans: Plan[]; made: Map<string, MadeUser> }> => {
  const made = new Map<string, MadeUser>();
  for (const [app, user] of users) made.set(app, await makeUser(connection, user, done, onStep));
  const settled = plans.map((plan) => {
    const username = made.get(plan.wish.name)?.username;
    if (username === undefined || username === plan.wish.oauth?.runAs) return plan;
    const wish = { ...plan.wish, oauth: { ...plan.wish.oauth, runAs: username } };
    return planApp(plan.stored, { wish, absent: false }, sending);
  });
  return { plans: settled, made };
};

/**
 * The plans that the org checks in a dry run. The org would refuse the names of users and permission sets that do not
 * exist yet.
 */
export const plansToCheck = (
  connection: Connection,
  { plans, users }: Pick<PlannedApps, 'plans' | 'users'>,
  sending: Sending,
): Plan[] =>
  plans.map((plan) => {
    const user = users.get(plan.wish.name);
    if (!hasStepsLeft(user) || !user) return plan;
    return planApp(plan.stored, { wish: wishToCheck(connection, plan.wish, user), absent: false }, sending);
  });

/** The result of a dry run by the real plan, though the org has checked a different plan. */
export const asPlanned = (result: WriteResult, { wish, changes, action }: Plan): WriteResult =>
  action === 'delete' ? result : { ...result, app: merge(result.app, wish), changes };
