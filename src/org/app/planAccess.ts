import type { Connection } from '@salesforce/core';

import { merge } from '../../app/changes.ts';
import type { ByName } from '../../app/name.ts';
import { canGiveAccess } from '../users/permissions.ts';
import { partsSent } from './draft.ts';
import {
  type Grant,
  grantsToKeep,
  type Guarded,
  guardedOf,
  newlyListed,
  putBackGrants,
  type Tell,
  warnOfNotReturnable,
  warnOfUnguarded,
} from './grants.ts';
import { isDeletion, isDone, type Plan } from './plan.ts';
import type { StoredApp } from './read.ts';

export const sendsPolicies = (planned: Plan): boolean =>
  partsSent(planned).some((part) => part === 'oauthPolicies' || part === 'policies');

/** Who may use an app now and is not in the lists that a plan leaves it with. Of an app to delete, nobody. */
export const guardedBy = (planned: Plan): Guarded[] => {
  const { stored, wish } = planned;
  if (!stored || isDeletion(planned)) return [];
  return guardedOf(merge(stored.app, wish), stored.id, grantsToKeep(stored.app, stored.grants, wish));
};

/** Names of permission sets and profiles with access to the app of a plan, beside the lists of its policies. */
export type GrantsOfPlan = {
  /** They join the lists. */
  listed: string[];
  /** They do not join the lists, and are given their access back where the org takes it away. */
  unlisted: string[];
};

/** Who has access to the app of a plan beside its lists, and keeps it in the write. */
export const grantsOfPlan = (planned: Plan): GrantsOfPlan => {
  const { stored, wish, action } = planned;
  return {
    listed: stored && action === 'change' ? newlyListed(stored.app, stored.grants, merge(stored.app, wish)) : [],
    unlisted: sendsPolicies(planned) ? guardedBy(planned).flatMap(({ grants }) => grants.map(({ name }) => name)) : [],
  };
};

/**
 * Warns of writes in which the access to apps is not safe. Whoever shows a plan does it with the plan, before the user is
 * asked. Else a write does it before anything is sent. Each is said once to a run.
 *
 * @throws what orgSaidNo names
 */
export const warnOfAccess = async (connection: Connection, plans: Plan[], tell?: Tell): Promise<void> => {
  const writing = plans.filter((planned) => !isDone(planned) && !isDeletion(planned) && sendsPolicies(planned));
  const unseen = writing.filter(({ stored }) => stored && !stored.grants).map(({ app }) => app);
  if (unseen.length > 0) await warnOfUnguarded(connection, unseen, tell);
  const guarded = writing.flatMap(guardedBy);
  if (guarded.length === 0 || (await canGiveAccess(connection))) return;
  for (const { app, grants } of guarded) {
    const names = grants.map(({ name }) => name);
    await warnOfNotReturnable(connection, [app], names, tell);
  }
};

/** Gives access back to those who lost it in a write that does not say so. An app that is gone lets nobody in. */
export const putBackWhatIsLost = async (
  connection: Connection,
  plans: Plan[],
  after: ByName<StoredApp>,
): Promise<Map<string, string[]>> => {
  const guarded: Guarded[] = [];
  const now = new Map<string, Grant[]>();
  for (const planned of plans) {
    const { app, stored, wish } = planned;
    const there = after.get(app);
    if (!stored || !there?.grants || isDeletion(planned)) continue;
    guarded.push({ app, appId: there.id, grants: grantsToKeep(stored.app, stored.grants, wish) });
    now.set(there.id, there.grants);
  }
  return putBackGrants(connection, guarded, now);
};
