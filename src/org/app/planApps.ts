import type { Connection as OrgConnection } from '@salesforce/core';
import type { Wish } from '../../app/app.ts';
import { merge } from '../../app/changes.ts';
import { checkNewApp, checkWholeApp, checkWish } from '../../app/checkWish.ts';
import { withDefaults } from '../../app/newApp.ts';
import { ByName, distinctNames } from '../../app/name.ts';
import type { Problem } from '../../app/problem.ts';
import type { Permission } from '../users/permissions.ts';
import type { Certificates } from '../../local/certificate.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { isAdmins, type Part } from './components.ts';
import type { StoredApp } from './read.ts';
import { soql } from '../request/soql.ts';
import { certificateProblem, partsSent, plan, planDeletion, type Plan } from './write.ts';

/** What is wanted of one app: that it is as the wish says, or that it is gone. */
export type Wanted = { wish: Wish; absent: boolean };

/** How certificates of wishes are compared and sent. */
export type Sending = {
  /** Is a certificate a reason to write an app also where nobody can see which one the app has? */
  sendCertificates: boolean;
  /** The certificates of the files that the wishes name. */
  certificates?: Certificates;
};

/**
 * What is to be done so that the org has what is wanted. A wish says how the app is to be: `certificateFile: none` takes away a
 * certificate that is known to be there.
 */
export const planApp = (
  stored: StoredApp | undefined,
  { wish, absent }: Wanted,
  { sendCertificates, certificates = new Map() }: Sending,
): Plan => {
  if (absent) return planDeletion(stored, wish.name);
  const terms = { given: certificates, alone: sendCertificates, removes: true };
  return plan(stored, stored ? wish : withDefaults(wish), terms);
};

/** Everything that is known to be wrong with a plan before the org is asked, each with the field of the wish. */
export const problemsOf = (planned: Plan): Problem[] => {
  const { action, stored, wish } = planned;
  if (action === 'none') return stored ? certificateMissing(planned) : [];
  if (action === 'delete') {
    return stored?.installed ? [{ code: 'plan.installedAppDeletion', values: [wish.name] }] : [];
  }
  if (stored?.installed) return [...checkWish(wish, stored.app), ...notTheirs(planned)];
  return [
    ...(stored ? checkWish(wish, stored.app) : checkNewApp(wish)),
    ...newlyIncomplete(planned),
    ...certificateMissing(planned),
    ...certificateProblems(planned),
  ];
};

/** What an app would lack to work, if it does not lack it already. */
const newlyIncomplete = ({ stored, wish }: Plan): Problem[] => {
  const whole = merge(stored?.app, wish);
  const before = new Set(stored && checkWholeApp(stored.app).map(({ code }) => code));
  // Scopes are kept in the OAuth settings, and policies belong to them. Neither needs the global OAuth settings.
  const hasHome = stored?.components.oauthSettings !== undefined;
  const homeless = (['scopes', 'customScopes', 'policies'] as const).find((field) => wish[field] !== undefined);
  const incomplete = checkWholeApp(whole).filter(({ code }) => !before.has(code));
  return homeless && !whole.oauth && !hasHome
    ? [...incomplete, { code: 'plan.oauthMissing', values: [wish.name], field: homeless }]
    : incomplete;
};

/** A flow that needs a certificate, for an app that is known to have none and is given none. */
const certificateMissing = ({ stored, wish }: Plan): Problem[] => {
  const { flows, certificateFile } = wish.oauth ?? {};
  const hasNone = (stored?.certificate.there ?? 'no') === 'no';
  return hasNone && certificateFile === undefined && flows?.includes('jwt-bearer')
    ? [{ code: 'plan.certificateMissing', values: [wish.name], field: 'oauth.flows' }]
    : [];
};

const certificateProblems = (planned: Plan): Problem[] => {
  const problem = certificateProblem(planned);
  if (!problem) return [];
  const field = planned.changes.find(({ field: changed }) => changed.startsWith('oauth.'))?.field ?? 'oauth';
  if (problem.code === 'error.certificateNeeded')
    return [{ code: 'plan.certificateNeeded', values: problem.values, field }];
  if (problem.code === 'error.certificateFileNeeded')
    return [{ code: 'plan.certificateFileNeeded', values: problem.values, field }];
  return [{ ...problem, field }];
};

/** Of an installed app only the policies are its admin's. */
const notTheirs = (planned: Plan): Problem[] => {
  const foreign = planned.changes
    .filter((change) => partsSent({ ...planned, changes: [change] }).some((part) => !isAdmins(part)))
    .map(({ field }) => field);
  return foreign.length > 0
    ? [{ code: 'plan.installedApp', values: [planned.wish.name, foreign.join(', ')], field: foreign[0] }]
    : [];
};

/** The user permissions that writing all of this needs. */
export const permissionsFor = (plans: Plan[]): Permission[] => {
  const parts = new Set(
    plans.flatMap((planned): Part[] => {
      if (planned.action === 'none') return [];
      return planned.action === 'delete' ? ['application'] : partsSent(planned);
    }),
  );
  return [
    ...([...parts].some(isAdmins) ? (['ExternalClientAppAdmin'] as const) : []),
    ...([...parts].some((part) => !isAdmins(part)) ? (['ExternalClientAppDeveloper'] as const) : []),
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
      operation('lookingForRunAs'),
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
