import type { Connection } from '@salesforce/core';
import type { Wish } from '../../app/app.ts';
import { CERTIFICATE_FIELD } from '../../app/certificate.ts';
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
import type { Written } from '../../app/written.ts';
import { checkApproved } from '../app/approval.ts';
import { unlistedSets } from '../app/grants.ts';
import { planWanted, type Plan, type Sending, type Wanted } from '../app/plan.ts';
import { checkPlan } from '../app/planChecks.ts';
import type { StoredApp } from '../app/read.ts';
import type { WriteResult } from '../app/writeResult.ts';
import { makeUser, planUsers, wishToCheck, type MadeUser } from './integrationUser.ts';
import { runAsProblems } from './runAs.ts';

/** What is wanted of one app and, perhaps, of its integration user. */
export type WantedApp<Source> = Omit<Wanted<Source>, 'user'> & { integrationUser?: IntegrationUser };

/** A plan, and what is wrong with it, each problem with the field that it is about. */
export type CheckedPlan<Source> = { plan: Plan<Source>; problems: Problem[] };

/**
 * Plans what is to be done for apps, those with an integration user among them: such an app runs as its user and lets it in. The
 * org is asked once for all users.
 *
 * @param now the apps that the org has, and what readRunAs says of the users as whom they are to run
 * @returns the plans in the order of what is wanted
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
  return planned.map(({ plan, userProblems }) => ({
    plan,
    problems: [
      ...checkPlan(plan),
      ...userProblems.map((problem) => ({ field: 'integrationUser', ...problem })),
      ...[wrongRunAs.get(plan) ?? []].flat(),
      ...(notApproved.get(plan) ?? []),
    ],
  }));
};

const wishAs = (stored: StoredApp | undefined, wish: Wish, user: UserPlan): Wish =>
  withIntegrationUser(
    stored?.app,
    wish,
    usernameOf(user),
    user.accessSet.name,
    unlistedSets(stored?.app, stored?.grants),
  );

/** The username that the user has, or is to have if no other org has it. */
const usernameOf = ({ user, toMake }: UserPlan): string => user?.username ?? toMake.usernames[0] ?? '';

/** A file that was exported names the user as whom the app runs as well: that says the same thing twice, and nothing else. */
const runAsTwice = ({ oauth }: Wish, { username }: IntegrationUser): Problem[] => {
  const runAs = oauth?.runAs;
  if (runAs === undefined || usernamesOf(username, '', runAs).some((one) => sameName(one, runAs))) {
    return [];
  }
  return [{ code: 'plan.runAsTwice', values: [runAs, username], field: 'oauth.runAs' }];
};

/** Names of the permission sets that are made before the apps are written. */
const setsToMake = (plans: Plan[]): string[] => plans.flatMap(({ user }) => user?.accessSet.name ?? []);

/** Does the integration user of the app take a step that is not done? */
export const hasUserSteps = ({ user }: Plan): boolean => user?.steps.some(({ there }) => !there) === true;

/** What is to be done for an app and its integration user; `change` also where only the user is to be made. */
export const actionWithUser = (plan: Plan): Plan['action'] =>
  plan.action === 'none' && hasUserSteps(plan) ? 'change' : plan.action;

/** Fields that a wish says and nobody can compare, since the org does not return them; they are not sent. */
export const notCompared = ({ stored, wish, changes }: Plan): string[] => {
  const isSent = changes.some(({ field }) => field === CERTIFICATE_FIELD);
  const isSaid = wish.oauth?.certificateFile !== undefined;
  const isSeen = stored?.certificate.there !== 'unknown';
  return isSaid && !isSent && !isSeen ? [CERTIFICATE_FIELD] : [];
};

/** A plan that can be written: its integration user is there now. */
export type ReadyPlan<Source = unknown> = Plan<Source> & { made?: MadeUser };

/**
 * Makes the integration users that are not there yet.
 *
 * @param done is filled with the steps that were taken, also when one fails
 * @returns the plans with the usernames that the users have
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
 * The plan that a dry run has the org check, since it would refuse the names of users and permission sets that are not there.
 *
 * @returns a plan whose source is the given one
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

/** What a dry run would do by the plan, though the org has checked another one in its place. */
export const asPlanned = (result: WriteResult, { wish, changes, action }: Plan): WriteResult =>
  action === 'delete' ? result : { ...result, app: merge(result.app, wish), changes };

/** What was done to one app; `none` when it was as the file says already. */
export type AppliedApp = WriteResult & {
  action: 'create' | 'change' | 'delete' | 'none';
  /** Fields that the file says, that the org does not give back and that were not sent. */
  notCompared: string[];
  /** The app's integration user, where the file says one: what it takes, and whether that was there, was done or would be. */
  integrationUser?: {
    username: string;
    id?: string;
    steps: Array<{ id: UserStep['id']; name: string; status: 'there' | 'done' | 'planned' }>;
  };
};

/** The result for an app of a file, with variables where the file has them, also in the app that was read back. */
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

/** @param made the user, if it was to be made, or was there */
const appliedUser = (
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
