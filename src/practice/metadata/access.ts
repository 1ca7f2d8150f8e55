import { APP_TYPE, type Component, type PracticeOrg, type SObjectRecord } from '../org.ts';
import { namesIn, permissionSetName } from './rules.ts';

/**
 * Adjusts the SetupEntityAccess records of an app to its OAuth policies. There is one record for each permission set
 * and profile that the policies name (reported). A name that the policies no longer have has no record. The variant
 * `setup-entity-access` decides whether records that somebody made beside the policies stay.
 */
export const keepAccess = (org: PracticeOrg, policies: Component): void => {
  const app = org.component(APP_TYPE, String(policies.body.externalClientApplication));
  if (app) grant(org, app, parentsNamed(org, policies));
};

/** Deletes the records that OAuth policies made, when these policies are deleted. */
export const endAccess = (org: PracticeOrg, policies: Component): void => {
  const app = org.component(APP_TYPE, String(policies.body.externalClientApplication));
  if (!app) return;
  for (const id of org.grantsByPolicies.get(app.id) ?? []) org.delete('SetupEntityAccess', id);
  org.grantsByPolicies.delete(app.id);
};

const grant = (org: PracticeOrg, app: Component, parents: SObjectRecord[]): void => {
  const named = new Set(parents.map(({ Id }) => Id));
  const byPolicies = new Set(org.grantsByPolicies.get(app.id) ?? []);
  const goes = org.variants['setup-entity-access'] === 'goes';
  const records = org.records('SetupEntityAccess').filter(({ SetupEntityId }) => SetupEntityId === app.id);
  for (const { Id, ParentId } of records) {
    if (!named.has(String(ParentId)) && (goes || byPolicies.has(Id))) org.delete('SetupEntityAccess', Id);
  }
  const grants = parents.map(
    ({ Id: ParentId }) =>
      (
        records.find((record) => record.ParentId === ParentId) ??
        org.insert('SetupEntityAccess', {
          ParentId,
          SetupEntityId: app.id,
          SetupEntityType: 'ExternalClientApplication',
        })
      ).Id,
  );
  org.grantsByPolicies.set(app.id, grants);
};

/** The permission sets that the policies name, and those that stand for the profiles that they name. */
const parentsNamed = (org: PracticeOrg, { body }: Component): SObjectRecord[] => {
  const sets = smallLetters(body.commaSeparatedPermissionSet);
  const profiles = smallLetters(body.commaSeparatedProfile);
  return org.records('PermissionSet').filter((set) => {
    if (set.IsOwnedByProfile !== true) return sets.has(permissionSetName(set).toLowerCase());
    return profiles.has(String(org.record('Profile', String(set.ProfileId))?.Name).toLowerCase());
  });
};

const smallLetters = (names: unknown): Set<string> => new Set(namesIn(names).map((name) => name.toLowerCase()));
