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

/** What is wanted of one app and, perhaps, of its integration user. */
export type WantedApp = Wanted & { integrationUser?: IntegrationUser };

/** Plans for apps, in the order of what is wanted, and for their integration users by the app's name. */
export type PlannedApps = { plans: Plan[]; users: Map<string, UserPlan>; problems: Map<Plan, Problem[]> };

/**
 * What is to be done for apps, those with an integration user among them: such an app runs as its user and lets it in. The org is
 * asked once for all users.
 *
 * @returns problems with the users, each with the field that it is about
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

/** The username that the user has, or is to have if no other org has it. */
export const usernameOf = ({ user, toMake }: UserPlan): string => user?.username ?? toMake.usernames[0] ?? '';

/** A file that was exported names the user as whom the app runs as well: that says the same thing twice, and nothing else. */
const runAsTwice = ({ oauth }: Wish, { username }: IntegrationUser): Problem[] => {
  const runAs = oauth?.runAs;
  if (runAs === undefined || usernamesOf(username, '', runAs).some((one) => sameName(one, runAs))) {
    return [];
  }
  return [{ code: 'plan.runAsTwice', values: [runAs, username], field: 'oauth.runAs' }];
};

/** Names of the permission sets that are made before the apps are written. */
export const setsToMake = (users: Map<string, UserPlan>): string[] => [...users.values()].map(accessSetNameOf);

/** Does any user take a step that is not done? */
export const hasStepsLeft = (user: UserPlan | undefined): boolean => user?.steps.some(({ there }) => !there) === true;

/**
 * Makes the integration users that are not there yet, and gives the plans with the usernames that they have.
 *
 * @param done is filled with the steps that were taken, also when one fails
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

/** The plans that a dry run has the org check, since it would refuse the names of users and permission sets that are not there. */
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

/** What a dry run would do by the plan, though the org has checked another one in its place. */
export const asPlanned = (result: WriteResult, { wish, changes, action }: Plan): WriteResult =>
  action === 'delete' ? result : { ...result, app: merge(result.app, wish), changes };
