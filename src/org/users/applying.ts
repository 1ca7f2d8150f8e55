import type { Connection } from '@salesforce/core';

import type { Wish } from '../../app/app.ts';
import type { UserStep } from '../../app/integrationUser.ts';
import type { ByName } from '../../app/name.ts';
import { Written as Texts } from '../../app/written.ts';
import type { CertificateTerms } from '../app/certificateTerms.ts';
import type { Plan, Sending } from '../app/plan.ts';
import { permissionsFor } from '../app/planChecks.ts';
import { readApps, type StoredApp } from '../app/read.ts';
import { refuseUnsendable } from '../app/send.ts';
import type { Written } from '../app/write.ts';
import type { WriteResult } from '../app/writeResult.ts';
import { answersInOrder } from '../request/answersInOrder.ts';
import {
  actionWithUser,
  type AppliedApp,
  appliedUser,
  asPlanned,
  hasUserSteps,
  makeUsers,
  planToCheck,
  type ReadyPlan,
} from './appsWithUsers.ts';
import { sayingWhatIsDone } from './integrationUser.ts';
import { MANAGE_USERS, requirePermissions } from './permissions.ts';
import { readRunAs } from './runAs.ts';

/** The apps that the org has, and the users as whom they are to run. */
export type Before = { stored: ByName<StoredApp>; runAs: ByName<boolean> };

/**
 * Reads what the org has of the apps and users of files.
 *
 * @param waitForEarlier waits for deploys that are under way, and names those for which it waited
 * @throws what requirePermissions and readApps throw
 */
export const readBefore = async (
  connection: Connection,
  inFiles: Array<{ wish: Wish; absent: boolean }>,
  waitForEarlier: () => Promise<unknown[]>,
  command: 'apply' | 'migrate apply' = 'apply',
): Promise<Before> => {
  const names = inFiles.map(({ wish }) => wish.name);
  const read = (): Promise<ByName<StoredApp>> => readApps(connection, names, undefined, { grants: true });
  const usernames = inFiles.flatMap(({ absent, wish }) => (absent ? [] : (wish.oauth?.runAs ?? [])));
  const [, waitedFor, seen, runAs] = await answersInOrder(
    requirePermissions(connection, command),
    waitForEarlier(),
    read(),
    readRunAs(connection, usernames),
  );
  // What an earlier deploy did while it was waited for has not been seen yet.
  return { stored: waitedFor.length > 0 ? await read() : seen, runAs };
};

/** @throws what is missing to carry out the plans. No user is made for apps that cannot be written. */
export const requireAllFor = async (
  connection: Connection,
  plans: Plan[],
  apiVersion: string | undefined,
  command: 'apply' | 'oauth set' | 'migrate apply' = 'apply',
): Promise<void> => {
  const makesUsers = plans.some(hasUserSteps);
  const permissions = [...permissionsFor(plans), ...(makesUsers ? MANAGE_USERS : [])];
  if (permissions.length > 0) await requirePermissions(connection, command, permissions);
  if (makesUsers) await refuseUnsendable(connection, plans, { apiVersion });
};

/** Is there anything to do for an app, or for its user? */
export const isChange = (plan: Plan): boolean => actionWithUser(plan) !== 'none';

type Write = <P extends Plan>(plans: P[]) => Promise<Array<Written<P>>>;

/** Has the org check the plans, and changes nothing. */
export const checkPlans = async <S>(
  connection: Connection,
  plans: Array<Plan<S>>,
  sending: Sending,
  write: Write,
): Promise<Array<Written<Plan<S>>>> => {
  const checked = await write(plans.map((plan) => planToCheck(connection, plan, sending)));
  return checked.map(({ plan: { source: plan }, result }) => ({ plan, result: asPlanned(result, plan) }));
};

/**
 * Makes the users first, since an org takes an app only with users and permission sets that are there.
 *
 * @param showMaking shows the steps for users while they are made
 */
export const carryOutPlans = <S>(
  connection: Connection,
  plans: Array<Plan<S>>,
  sending: Sending,
  showMaking: <T>(make: (onStep: (step: UserStep) => void) => Promise<T>) => Promise<T>,
  write: Write,
): Promise<Array<Written<Plan<S>>>> => {
  const done: UserStep[] = [];
  return sayingWhatIsDone(done, async () =>
    write(await showMaking((onStep) => makeUsers(connection, plans, sending, done, onStep))),
  );
};

/** How one plan is carried out: what its user sees of it, and whether the org only checks it. */
type Carrying = {
  dryRun: boolean;
  showMaking: <T>(make: (onStep: (step: UserStep) => void) => Promise<T>) => Promise<T>;
  write: Write;
};

/** Carries out the plan for one app and, if it has one, for its integration user. Or has the org check the plan. */
export const carryOutOne = async (
  connection: Connection,
  planned: Plan,
  terms: CertificateTerms,
  { dryRun, showMaking, write }: Carrying,
): Promise<WriteResult & Pick<AppliedApp, 'integrationUser'>> => {
  const sending = { sendCertificates: terms.alone, certificates: terms.given };
  const [written] = await (dryRun
    ? checkPlans(connection, [planned], sending, write)
    : carryOutPlans(connection, [planned], sending, showMaking, write));
  if (!written) throw new Error('A plan without a result.');
  const { made }: ReadyPlan = written.plan;
  const { user } = planned;
  // No file, so no variables.
  return { ...written.result, ...(user && { integrationUser: appliedUser(user, made, new Texts()) }) };
};
