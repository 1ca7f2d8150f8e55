import type { Connection } from '@salesforce/core';

import { distinctNames, sameName, splitNamespace } from '../../app/name.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';
import { readGrants } from './grants.ts';
import type { StoredApp } from './read.ts';

/** A permission set or a profile, and how many active users it lets in. Without a number where this login may not count. */
export type Door = { name: string; users?: number };

/** Who may use an app: everybody who approves it, or whom these permission sets and profiles approve. */
export type LetIn = { everybody: boolean; permissionSets: Door[]; profiles: Door[] };

type Count = { name: string; namespace?: string | null; users: number };

/**
 * Who is let in to an app, by its policies and by the permission sets and profiles with access.
 *
 * @param stored the app, with its grants where they were read
 * @throws what orgSaidNo names
 */
export const readAccess = async (connection: Connection, { app, id, grants }: StoredApp): Promise<LetIn> => {
  const { permittedUsers, permissionSets = [], profiles = [] } = app.policies ?? {};
  if (permittedUsers !== 'admin-approved') return { everybody: true, permissionSets: [], profiles: [] };
  const granted = grants ?? (await readGrants(connection))?.get(id) ?? [];
  const namesOf = (kind: 'permission-set' | 'profile'): string[] =>
    granted.filter((grant) => grant.kind === kind).map(({ name }) => name);
  const sets = distinctNames([...permissionSets, ...namesOf('permission-set')]);
  const letInProfiles = distinctNames([...profiles, ...namesOf('profile')]);
  const bareNames = distinctNames(sets.map((name) => splitNamespace(name).name));
  const [bySet, byProfile] = await Promise.all([
    countBy(
      connection,
      sets,
      'SELECT PermissionSet.Name name, PermissionSet.NamespacePrefix namespace, COUNT(Id) users FROM PermissionSetAssignment ' +
        soql`WHERE PermissionSet.Name IN ${bareNames} AND Assignee.IsActive = true ` +
        'GROUP BY PermissionSet.Name, PermissionSet.NamespacePrefix',
    ),
    countBy(
      connection,
      letInProfiles,
      soql`SELECT Profile.Name name, COUNT(Id) users FROM User WHERE Profile.Name IN ${letInProfiles} AND IsActive = true ` +
        'GROUP BY Profile.Name',
    ),
  ]);
  return { everybody: false, permissionSets: sets.map(doorOf(bySet)), profiles: letInProfiles.map(doorOf(byProfile)) };
};

/** Undefined where the org does not let this login see assignments or users. */
const countBy = async (connection: Connection, names: string[], statement: string): Promise<Count[] | undefined> => {
  if (names.length === 0) return [];
  const unseen: Count[] = [];
  const counts = await query<Count>(connection, operation('countingLetIn'), statement, {
    INVALID_TYPE: unseen,
    INVALID_FIELD: unseen,
  });
  return counts === unseen ? undefined : counts;
};

const doorOf =
  (counts: Count[] | undefined) =>
  (name: string): Door => {
    if (!counts) return { name };
    const found = counts.find((count) => sameName(fullNameOf(count), name));
    return { name, users: found?.users ?? 0 };
  };

const fullNameOf = ({ name, namespace }: Count): string => (namespace ? `${namespace}__${name}` : name);
