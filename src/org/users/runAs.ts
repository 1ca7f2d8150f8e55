import type { Connection } from '@salesforce/core';

import type { Wish } from '../../app/app.ts';
import { accessSetName, type UserPlan, withIntegrationUser } from '../../app/integrationUser.ts';
import { ByName, distinctNames } from '../../app/name.ts';
import type { Problem } from '../../app/problem.ts';
import { unlistedSets } from '../app/grants.ts';
import type { Plan } from '../app/plan.ts';
import type { StoredApp } from '../app/read.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';

/** Usernames that one query asks for: a query is part of an address, which has its limits. */
const USERNAMES_IN_QUERY = 100;

/**
 * Which of the users as whom apps are to run the org has; a query for a hundred users.
 *
 * @returns by username whether the user is active
 */
export const readRunAs = async (connection: Connection, usernames: string[]): Promise<ByName<boolean>> => {
  const asked = distinctNames(usernames);
  const found = new ByName<boolean>();
  for (let first = 0; first < asked.length; first += USERNAMES_IN_QUERY) {
    const rows = await query<{ Username: string; IsActive: boolean }>(
      connection,
      operation('lookingForRunAs'),
      soql`SELECT Username, IsActive FROM User WHERE Username IN ${asked.slice(first, first + USERNAMES_IN_QUERY)}`,
    );
    for (const { Username, IsActive } of rows) found.set(Username, IsActive);
  }
  return found;
};

/**
 * What is wrong with the users as whom the apps are to run from now on.
 *
 * @param found what readRunAs says of them
 * @returns a problem for each plan with a user who won't do
 */
export const runAsProblems = (plans: Plan[], found: ByName<boolean>): Map<Plan, Problem> =>
  new Map(
    plans.flatMap((planned): Array<[Plan, Problem]> => {
      if (!planned.changes.some(({ field }) => field === 'oauth.runAs')) return [];
      const runAs = planned.wish.oauth?.runAs ?? '';
      const isActive = found.get(runAs);
      if (runAs === '' || isActive) return [];
      const code = isActive === undefined ? 'plan.runAsNotFound' : 'plan.runAsInactive';
      return [[planned, { code, values: [runAs], field: 'oauth.runAs' }]];
    }),
  );

/** The one change of the app: it runs as the user and lets the user in. */
export const wishFor = (
  { app, grants }: StoredApp,
  { user, toMake }: UserPlan,
  username = user?.username ?? toMake.usernames[0] ?? '',
): Wish => withIntegrationUser(app, { name: app.name }, username, accessSetName(app.name), unlistedSets(app, grants));
