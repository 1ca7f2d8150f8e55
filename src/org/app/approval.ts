import type { Connection } from '@salesforce/core';

import { byName, type PermissionSet, permissionSetUnknown, type Seats } from '../../app/integrationUser.ts';
import { ByName, sameName } from '../../app/name.ts';
import { nearest } from '../../app/nearest.ts';
import { type Problem, quotable } from '../../app/problem.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { readPermissionSetLicence, readPermissionSets } from '../users/permissionSets.ts';
import type { Plan } from './plan.ts';

const SETS_FIELD = 'policies.permissionSets';
const PROFILES_FIELD = 'policies.profiles';

/**
 * Looks whether the permission sets and profiles are there by which plans let users in, and may hold an app. The org is asked
 * once, however many plans there are, and only when a plan changes whom it lets in.
 *
 * @param toBeMade names of permission sets that are made before the plans are carried out
 * @returns problems for each plan that names what won't do
 * @throws what orgSaidNo names
 */
export const checkApproved = async (
  connection: Connection,
  plans: Plan[],
  toBeMade: string[] = [],
): Promise<Map<Plan, Problem[]>> => {
  const changed = (field: string): boolean => plans.some((planned) => newNames(planned, field).length > 0);
  const [sets, licence, profiles] = await Promise.all([
    changed(SETS_FIELD) ? readPermissionSets(connection) : [],
    changed(SETS_FIELD) ? readPermissionSetLicence(connection) : undefined,
    changed(PROFILES_FIELD) ? readProfileNames(connection) : [],
  ]);
  const made = new ByName(toBeMade.map((name) => [name, name]));
  return new Map(
    plans.flatMap((planned): Array<[Plan, Problem[]]> => {
      const problems = [
        ...newNames(planned, SETS_FIELD)
          .filter((name) => !made.has(name))
          .flatMap((name) => setProblem(name, sets, licence)),
        ...newNames(planned, PROFILES_FIELD).flatMap((name) => profileProblem(name, profiles)),
      ];
      return problems.length > 0 ? [[planned, problems]] : [];
    }),
  );
};

/** The names that a plan adds to those that the app lets in. One that the org has taken before is its own affair. */
const newNames = ({ changes }: Plan, field: string): string[] => {
  const change = changes.find((one) => one.field === field);
  const before = namesIn(change?.before);
  return namesIn(change?.after).filter((name) => !before.some((other) => sameName(other, name)));
};

const namesIn = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const setProblem = (name: string, sets: PermissionSet[], licence: Seats | undefined): Problem[] => {
  // A login that may not see permission sets sees none: then only the org can tell.
  if (sets.length === 0) return [];
  const set = byName(sets, name);
  if (!set) return [permissionSetUnknown(name, sets, SETS_FIELD)];
  const isTied = licence !== undefined && set.licenceId === licence.id;
  return isTied
    ? [{ code: 'error.permissionSetNotForApps', values: [set.name, licence.label], field: SETS_FIELD }]
    : [];
};

const profileProblem = (name: string, profiles: string[]): Problem[] => {
  if (profiles.length === 0 || profiles.some((profile) => sameName(profile, name))) return [];
  const close = nearest(name, profiles);
  return [
    close.length > 0
      ? { code: 'error.profileUnknown', values: [quotable(name), close.join(', ')], field: PROFILES_FIELD }
      : { code: 'error.profileUnlike', values: [quotable(name)], field: PROFILES_FIELD },
  ];
};

/** @returns empty when the login may not see them */
export const readProfileNames = async (connection: Connection): Promise<string[]> => {
  const rows = await query<{ Name: string }>(connection, operation('readingProfiles'), 'SELECT Name FROM Profile', {
    INVALID_TYPE: [],
  });
  return rows.map(({ Name }) => Name);
};
