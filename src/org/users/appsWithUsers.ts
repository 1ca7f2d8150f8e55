import type { Connection } from '@salesforce/core';

import type { Wish } from '../../app/app.ts';
import { CERTIFICATE_FIELD } from '../../app/certificate.ts';
import { merge } from '../../app/changes.ts';
import {
  checkIntegrationUser,
  type IntegrationUser,
  usernamesOf,
  type UserPlan,
  type UserStep,
  withIntegrationUser,
} from '../../app/integrationUser.ts';
import { type ByName, sameName } from '../../app/name.ts';
import type { Problem } from '../../app/problem.ts';
import type { Written } from '../../app/written.ts';
import { checkApproved } from '../app/approval.ts';
import type { CertificateTerms } from '../app/certificateTerms.ts';
import { unlistedSets } from '../app/grants.ts';
import { checkHandlers } from '../app/handler.ts';
import { type Plan, planWanted, planWish, type Sending, type Wanted } from '../app/plan.ts';
import { checkPlan } from '../app/planChecks.ts';
import type { StoredApp } from '../app/read.ts';
import type { WriteResult } from '../app/writeResult.ts';
import { type MadeUser, makeUser, planUsers, wishToCheck } from './integrationUser.ts';
import { runAsProblems } from './runAs.ts';

/** The wish for one app and, perhaps, for its integration user. */
export type WantedApp<Source> = Omit<Wanted<Source>, 'user'> & { integrationUser?: IntegrationUser };

/** A plan and its problems, each with its field. */
export type CheckedPlan<Source> = { plan: Plan<Source>; problems: Problem[] };

/**
 * The plans for apps, with or without an integration user. An app with an integration user runs as this user and gives
 * the user access. The org is asked once for all users.
 *
 * @param now the apps that the org has, and the answer of readRunAs about their run-as users
 * @returns the plans in the order of the wishes
 * @throws what orgSaidNo names
 */
export const planAppsWithUsers = async <Source>(
  connection: Connection,
  wanted: Array<WantedApp<Source>>,
  { stored, runAs }: { stored: ByName<StoredApp>; runAs: ByName<boolean> },
  sending: Sending,
): Promise<Array<CheckedPlan<Source>>> => {
  const withUser = wanted.flatMap((one) =>
    one.integrationUser && !one.absent
      ? [{ stored: stored.get(one.wish.name), wish: one.wish, integrationUser: one.integrationUser, one }]
      : [],
  );
  const users = new Map((await planUsers(connection, withUser)).map((user) => [user.wanted.one, user]));
  const planned = wanted.map((one) => {
    const there = stored.get(one.wish.name);
    const user = users.get(one);
    const wish = user ? wishAs(there, one.wish, user.plan) : one.wish;
    return {
      plan: planWanted(there, { ...one, wish, ...(user && { user: user.plan }) }, sending),
      userProblems: user
        ? [
            ...checkIntegrationUser(user.wanted.integrationUser),
            ...runAsTwice(one.wish, user.wanted.integrationUser),
            ...user.problems,
          ]
        : [],
    };
  });
  const plans = planned.map(({ plan }) => plan);
  const wrongRunAs = runAsProblems(
    plans.filter(({ user }) => !user),
    runAs,
  );
  const notApproved = await checkApproved(connection, plans, setsToMake(plans));
  const noHandler = await checkHandlers(connection, plans);
  return planned.map(({ plan, userProblems }) => ({
    plan,
    problems: [
      ...checkPlan(plan),
      ...userProblems.map((problem) => ({ field: 'integrationUser', ...problem })),
      ...[wrongRunAs.get(plan) ?? []].flat(),
      ...(notApproved.get(plan) ?? []),
      ...(noHandler.get(plan) ?? []),
    ],
  }));
};

/**
 * The plan for one app that may get an integration user, and what the org lacks for this user.
 *
 * @throws what orgSaidNo names
 */
export const planWithUser = async (
  connection: Connection,
  stored: StoredApp,
  wish: Wish,
  terms: CertificateTerms,
  integrationUser: IntegrationUser | undefined,
): Promise<{ planned: Plan<undefined>; missing: Problem[] }> => {
  if (!integrationUser) return { planned: planWish(stored, wish, terms), missing: [] };
  const [user] = await planUsers(connection, [{ stored, wish, integrationUser }]);
  if (!user) throw new Error('A user without a plan.');
  const { plan, problems } = user;
  return { planned: { ...planWish(stored, wishAs(stored, wish, plan), terms), user: plan }, missing: problems };
};

const wishAs = (stored: StoredApp | undefined, wish: Wish, user: UserPlan): Wish =>
  withIntegrationUser(
    stored?.app,
    wish,
    usernameOf(user),
    user.accessSet.name,
    unlistedSets(stored?.app, stored?.grants),
  );

/** The user's username, or the username that the user will get if no other org has it. */
const usernameOf = ({ user, toMake }: UserPlan): string => user?.username ?? toMake.usernames[0] ?? '';

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
const setsToMake = (plans: Plan[]): string[] => plans.flatMap(({ user }) => user?.accessSet.name ?? []);

/** Does the integration user of the app have an open step? */
export const hasUserSteps = ({ user }: Plan): boolean => user?.steps.some(({ there }) => !there) === true;

/** The action for an app and its integration user; `change` also if only the user has an open step. */
export const actionWithUser = (plan: Plan): Plan['action'] =>
  plan.action === 'none' && hasUserSteps(plan) ? 'change' : plan.action;

/** Fields of a wish that the org does not return. They cannot be compared and are not sent. */
export const notCompared = ({ stored, wish, changes }: Plan): string[] => {
  const isSent = changes.some(({ field }) => field === CERTIFICATE_FIELD);
  const isSaid = wish.oauth?.certificateFile !== undefined;
  const isSeen = stored?.certificate.there !== 'unknown';
  return isSaid && !isSent && !isSeen ? [CERTIFICATE_FIELD] : [];
};

/** A plan that can be written: its integration user exists now. */
export type ReadyPlan<Source = unknown> = Plan<Source> & { made?: MadeUser };

/**
 * Creates the missing integration users.
 *
 * @param done receives the completed steps, also when one fails
 * @returns the plans with the final usernames
 */
export const makeUsers = async <Source>(
  connection: Connection,
  plans: Array<Plan<Source>>,
  sending: Sending,
  done: UserStep[],
  onStep: (step: UserStep) => void,
): Promise<Array<ReadyPlan<Source>>> => {
  const ready: Array<ReadyPlan<Source>> = [];
  for (const plan of plans) {
    const made = plan.user && (await makeUser(connection, plan.user, done, onStep));
    ready.push(made ? { ...runningAs(plan, made.username, sending), made } : plan);
  }
  return ready;
};

const runningAs = <Source>(plan: Plan<Source>, username: string, sending: Sending): Plan<Source> =>
  username === plan.wish.oauth?.runAs
    ? plan
    : planWanted(
        plan.stored,
        { ...plan, wish: { ...plan.wish, oauth: { ...plan.wish.oauth, runAs: username } }, absent: false },
        sending,
      );

/**
 * The plan that the org checks in a dry run. The org would refuse the names of users and permission sets that do not
 * exist yet.
 *
 * @returns a plan whose source is the given plan
 */
export const planToCheck = <Source>(
  connection: Connection,
  plan: Plan<Source>,
  sending: Sending,
): Plan<Plan<Source>> => {
  if (!plan.user || !hasUserSteps(plan)) return { ...plan, source: plan };
  const wish = wishToCheck(connection, plan.wish, plan.user);
  return planWanted(plan.stored, { wish, absent: false, source: plan }, sending);
};

/** The result of a dry run by the real plan, though the org has checked a different plan. */
export const asPlanned = (result: WriteResult, { wish, changes, action }: Plan): WriteResult =>
  action === 'delete' ? result : { ...result, app: merge(result.app, wish), changes };

/** The result for one app; the action is `none` if the app already was as the file says. */
export type AppliedApp = WriteResult & {
  action: 'create' | 'change' | 'delete' | 'none';
  /** Fields of the file that the org does not return and that were not sent. */
  notCompared: string[];
  /** The app's integration user, if the file has one. Each step existed already, was done now, or is planned. */
  integrationUser?: {
    username: string;
    id?: string;
    steps: Array<{ id: UserStep['id']; name: string; status: 'there' | 'done' | 'planned' }>;
  };
};

/** The result for an app of a file. Variables keep their names, also in the app that was read back. */
export const appliedApp = (plan: ReadyPlan<{ written: Written }>, result: WriteResult): AppliedApp => {
  const { written } = plan.source;
  const { app, changes, notApplied } = result;
  return {
    ...result,
    app: written.value(app, ''),
    changes: changes.map((change) => ({ ...change, after: written.value(change.after, change.field) })),
    notApplied: notApplied.map((change) => ({ ...change, before: written.value(change.before, change.field) })),
    action: actionWithUser(plan),
    notCompared: notCompared(plan),
    ...(plan.user && { integrationUser: appliedUser(plan.user, plan.made, written) }),
  };
};

/**
 * The app's integration user in a result.
 *
 * @param made the user, if this run created or found the user
 */
export const appliedUser = (
  user: UserPlan,
  made: MadeUser | undefined,
  written: Written,
): NonNullable<AppliedApp['integrationUser']> => {
  const { username, id }: { username: string; id?: string } = made ?? user.user ?? { username: usernameOf(user) };
  return {
    username: written.value(username, 'integrationUser.username'),
    ...(id && { id }),
    steps: user.steps.map((step) => ({
      id: step.id,
      name: written.quoted(step.id === 'user' ? username : step.name),
      status: step.there ? 'there' : made ? 'done' : 'planned',
    })),
  };
};
