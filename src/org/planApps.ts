import type { Connection as OrgConnection } from '@salesforce/core';
import type { Wish } from '../app/app.ts';
import { merge } from '../app/changes.ts';
import { checkNewApp, checkWholeApp, checkWish } from '../app/checkWish.ts';
import { withDefaults } from '../app/newApp.ts';
import { ByName, distinctNames } from '../app/name.ts';
import type { Problem } from '../app/problem.ts';
import type { Permission } from './access.ts';
import { doing } from './doing.ts';
import { query } from './query.ts';
import type { StoredApp } from './read.ts';
import { soql } from './soql.ts';
import { needsCertificate, partsSent, plan, planDeletion, withoutLoneCertificate, type Plan } from './write.ts';

/** What is wanted of one app: that it is as the wish says, or that it is gone. */
export type Wanted = { wish: Wish; absent: boolean };

/**
 * What is to be done so that the org has what is wanted. A certificate is no reason to write an app, since nobody can tell
 * whether it is a new one, unless `sendCertificates` says so.
 */
export const planApp = (
  stored: StoredApp | undefined,
  { wish, absent }: Wanted,
  { sendCertificates }: { sendCertificates: boolean },
): Plan => {
  if (absent) return planDeletion(stored, wish.name);
  const planned = plan(stored, stored ? wish : withDefaults(wish));
  return sendCertificates ? planned : withoutLoneCertificate(planned);
};

/** Everything that is known to be wrong with a plan before the org is asked, each with the field of the wish. */
export const problemsOf = (planned: Plan): Problem[] => {
  const { action, stored, wish } = planned;
  if (action === 'none') return [];
  if (action === 'delete') {
    return stored?.installed ? [{ code: 'plan.installedAppDeletion', values: [wish.name] }] : [];
  }
  if (stored?.installed) return [...checkWish(wish, stored.app), ...notTheirs(planned)];
  return [
    ...(stored ? checkWish(wish, stored.app) : checkNewApp(wish)),
    ...newlyIncomplete(planned),
    ...certificateProblems(planned),
  ];
};

/** What an app would lack to work, if it does not lack it already. */
const newlyIncomplete = ({ stored, wish }: Plan): Problem[] => {
  const whole = merge(stored?.app, wish);
  const before = new Set(stored && checkWholeApp(stored.app).map(({ code }) => code));
  const homeless = (['scopes', 'customScopes', 'policies'] as const).find((field) => wish[field] !== undefined);
  return [
    ...checkWholeApp(whole).filter(({ code }) => !before.has(code)),
    ...(homeless && !whole.oauth ? [{ code: 'plan.oauthMissing', values: [wish.name], field: homeless }] : []),
  ];
};

const certificateProblems = (planned: Plan): Problem[] => {
  const { stored, wish, changes } = planned;
  if (wish.oauth?.certificateFile !== undefined) return [];
  const isNew = !stored?.components.globalOauthSettings;
  if (isNew && wish.oauth?.flows?.includes('jwt-bearer')) {
    return [{ code: 'plan.certificateMissing', values: [wish.name], field: 'oauth.flows' }];
  }
  if (!needsCertificate(planned)) return [];
  const field = changes.find(({ field: changed }) => changed.startsWith('oauth.'))?.field ?? 'oauth';
  return [{ code: 'plan.certificateNeeded', values: [wish.name], field }];
};

/** Of an installed app only the policies are its admin's. */
const notTheirs = (planned: Plan): Problem[] => {
  const foreign = planned.changes
    .filter((change) => partsSent({ ...planned, changes: [change] }).some((part) => !isPolicy(part)))
    .map(({ field }) => field);
  return foreign.length > 0
    ? [{ code: 'plan.installedApp', values: [planned.wish.name, foreign.join(', ')], field: foreign[0] }]
    : [];
};

const isPolicy = (part: string): boolean => part === 'oauthPolicies' || part === 'policies';

/** The user permissions that writing all of this needs. */
export const permissionsFor = (plans: Plan[]): Permission[] => {
  const parts = new Set(
    plans.flatMap((planned): string[] => {
      if (planned.action === 'none') return [];
      return planned.action === 'delete' ? ['application'] : partsSent(planned);
    }),
  );
  return [
    ...([...parts].some(isPolicy) ? (['ExternalClientAppAdmin'] as const) : []),
    ...([...parts].some((part) => !isPolicy(part)) ? (['ExternalClientAppDeveloper'] as const) : []),
  ];
};

/** Usernames that one query asks for: a query is part of an address, which has its limits. */
const usernamesInQuery = 100;

/**
 * Which of the users as whom apps are to run the org has; a query for a hundred users.
 *
 * @returns by username whether the user is active
 */
export const readRunAs = async (connection: OrgConnection, usernames: string[]): Promise<ByName<boolean>> => {
  const asked = distinctNames(usernames);
  const found = new ByName<boolean>();
  for (let first = 0; first < asked.length; first += usernamesInQuery) {
    const rows = await query<{ Username: string; IsActive: boolean }>(
      connection,
      doing('lookingForRunAs'),
      soql`SELECT Username, IsActive FROM User WHERE Username IN ${asked.slice(first, first + usernamesInQuery)}`,
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
