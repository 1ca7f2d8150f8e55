import type { Connection } from '@salesforce/core';

import { isKeptBack } from '../../app/errorNature.ts';
import { usersByFlow } from '../../app/runningUser.ts';
import { readTokenUsers } from '../connected/tokens.ts';
import type { Plan } from './plan.ts';
import { appForClients, type StoredApp } from './read.ts';

/** Users whom an app stops letting in when it is for approved users only. `users` is absent where they cannot be read. */
export type LockedOut = { users?: string[] };

/**
 * Who uses an app that every user may approve, and might be locked out once only approved users may. These users have a token
 * of a flow that runs as somebody else than the run-as user.
 *
 * @returns undefined where nobody is locked out, since the app is for approved users already, or has no such flow
 * @throws what orgSaidNo names, unless the org refuses to tell
 */
export const readLockedOut = async (connection: Connection, stored: StoredApp): Promise<LockedOut | undefined> => {
  const { app, id } = stored;
  const isForOthers = usersByFlow(appForClients(stored)).some(({ as }) => as !== 'configured');
  if (app.policies?.permittedUsers === 'admin-approved' || !isForOthers) return undefined;
  try {
    // Not their tokens: these take a request for each user.
    const found = await readTokenUsers(connection, { id, name: app.name });
    return { users: [...new Set(found.map((user) => user.username ?? user.id))] };
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    return {};
  }
};

/**
 * Who uses the apps that are for approved users only from now on. They are so because they run as an integration user, which
 * their files need not say.
 */
export const lockedOutBy = async (connection: Connection, plans: Plan[]): Promise<Map<Plan, LockedOut>> => {
  const lockedOut = new Map<Plan, LockedOut>();
  for (const plan of plans) {
    const closes = plan.changes.some(
      ({ field, after }) => field === 'policies.permittedUsers' && after === 'admin-approved',
    );
    const locked = plan.stored && closes && plan.user && (await readLockedOut(connection, plan.stored));
    if (locked) lockedOut.set(plan, locked);
  }
  return lockedOut;
};
