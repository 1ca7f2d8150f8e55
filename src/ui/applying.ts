import type { Connection } from '@salesforce/core';
import type { UserStep } from '../app/integrationUser.ts';
import type { ByName } from '../app/name.ts';
import type { AppInFile } from '../file/ecaFile.ts';
import { judgeCertificate, keepsJwtBearer, removesCertificate } from '../org/app/certificateTerms.ts';
import { waitForDeploys } from '../org/app/deploysUnderWay.ts';
import type { LockedOut } from '../org/app/lockedOut.ts';
import type { Plan, Sending } from '../org/app/plan.ts';
import { grantsOfPlan } from '../org/app/planAccess.ts';
import { judgePlan, permissionsFor } from '../org/app/planChecks.ts';
import { readApps, type StoredApp } from '../org/app/read.ts';
import { refuseUnsendable } from '../org/app/send.ts';
import { writeApps, type Written } from '../org/app/write.ts';
import { answersInOrder } from '../org/request/answersInOrder.ts';
import {
  actionWithUser,
  asPlanned,
  hasUserSteps,
  makeUsers,
  notCompared,
  planToCheck,
} from '../org/users/appsWithUsers.ts';
import { sayingWhatIsDone, userStep } from '../org/users/integrationUser.ts';
import { manageUsers, requirePermissions } from '../org/users/permissions.ts';
import { readRunAs } from '../org/users/runAs.ts';
import { texts } from '../texts.ts';
import { writeOptions } from './flags.ts';
import type { PlanView } from './planView.ts';
import { showingProgress } from './progress.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.apply');
const userMessages = texts('eca.user.create');

/** The plan for an app of a file. */
export type FilePlan = Plan<AppInFile>;

type WriteFlags = Parameters<typeof writeOptions>[0];

type Spinner = Screen['spinner'];

/** The apps that the org has, and the users as whom they are to run. An earlier deploy is waited for. */
export const readOrg = async (
  spinner: Spinner,
  connection: Connection,
  inFiles: AppInFile[],
  wait: WriteFlags['wait'],
): Promise<{ stored: ByName<StoredApp>; runAs: ByName<boolean> }> => {
  const names = inFiles.map(({ wish }) => wish.name);
  const read = (): Promise<ByName<StoredApp>> => readApps(connection, names, undefined, { grants: true });
  const usernames = inFiles.flatMap(({ absent, wish }) => (absent ? [] : (wish.oauth?.runAs ?? [])));
  const [, waitedFor, seen, runAs] = await answersInOrder(
    requirePermissions(connection, 'apply'),
    showingProgress(spinner, messages.getMessage('progress.earlier'), (onProgress) =>
      waitForDeploys(connection, wait.minutes, onProgress),
    ),
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
): Promise<void> => {
  const makesUsers = plans.some(hasUserSteps);
  const permissions = [...permissionsFor(plans), ...(makesUsers ? manageUsers : [])];
  if (permissions.length > 0) await requirePermissions(connection, 'apply', permissions);
  if (makesUsers) await refuseUnsendable(connection, plans, { apiVersion });
};

/** Is there anything to do for an app, or for its user? */
export const isChange = (plan: Plan): boolean => actionWithUser(plan) !== 'none';

/** What is shown of a plan for an app of a file. */
export const viewOf = (plan: FilePlan, lockedOut: LockedOut | undefined): PlanView => ({
  name: plan.app,
  action: actionWithUser(plan),
  changes: plan.changes,
  notCompared: notCompared(plan),
  written: plan.source.written,
  advice: judgePlan(plan),
  certificateAdvice: judgeCertificate(plan),
  keepsJwtBearer: keepsJwtBearer(plan),
  removesCertificate: removesCertificate(plan),
  ...(plan.user && { user: plan.user }),
  hasUserSteps: hasUserSteps(plan),
  ...(lockedOut && { lockedOut }),
  ...(plan.action === 'change' && { grants: grantsOfPlan(plan) }),
});

const write = <P extends Plan>(
  spinner: Spinner,
  connection: Connection,
  plans: P[],
  flags: WriteFlags,
): Promise<Array<Written<P>>> =>
  showingProgress(spinner, messages.getMessage('progress'), (onProgress) =>
    writeApps(connection, plans, writeOptions(flags, onProgress)),
  );

/** Has the org check the plans, and changes nothing. */
export const checkPlans = async (
  spinner: Spinner,
  connection: Connection,
  plans: FilePlan[],
  sending: Sending,
  flags: WriteFlags,
): Promise<Array<Written<FilePlan>>> => {
  const toCheck = plans.map((plan) => planToCheck(connection, plan, sending));
  const checked = await write(spinner, connection, toCheck, flags);
  return checked.map(({ plan: { source: plan }, result }) => ({ plan, result: asPlanned(result, plan) }));
};

/** Makes the users first, since an org takes an app only with users and permission sets that are there. */
export const carryOut = (
  spinner: Spinner,
  connection: Connection,
  plans: FilePlan[],
  sending: Sending,
  flags: WriteFlags,
): Promise<Array<Written<FilePlan>>> => {
  const done: UserStep[] = [];
  return sayingWhatIsDone(done, async () => {
    const ready = await showingProgress(spinner, userMessages.getMessage('progress'), (onProgress) =>
      makeUsers(connection, plans, sending, done, ({ id, name }) => onProgress(userStep(id, name))),
    );
    return write(spinner, connection, ready, flags);
  });
};
