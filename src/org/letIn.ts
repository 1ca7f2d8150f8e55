import type { Connection } from '@salesforce/core';
import { splitNamespace } from '../app/name.ts';
import { doing } from './doing.ts';
import { permissionSetsAllowing } from './organization.ts';
import { query } from './query.ts';
import type { StoredApp } from './read.ts';
import { soql } from './soql.ts';

/** A permission set or a profile, and how many active users it lets in. Without a number where this login may not count. */
export type Door = { name: string; users?: number };

/** Who may use an app: everybody who approves it, or whom these permission sets and profiles approve. */
export type LetIn = { everybody: boolean; permissionSets: Door[]; profiles: Door[] };

type Count = { name: string; users: number };

/**
 * Who is let in to an app, by its policies and by the permission sets that name it.
 *
 * @throws what orgSaidNo names
 */
export const readLetIn = async (connection: Connection, { app, id }: StoredApp): Promise<LetIn> => {
  const { permittedUsers, permissionSets = [], profiles = [] } = app.policies ?? {};
  if (permittedUsers !== 'admin-approved') return { everybody: true, permissionSets: [], profiles: [] };
  const allowing = await permissionSetsAllowing(connection, id);
  const sets = [...new Set([...permissionSets, ...allowing])];
  const [bySet, byProfile] = await Promise.all([
    countBy(
      connection,
      sets,
      soql`SELECT PermissionSet.Name name, COUNT(Id) users FROM PermissionSetAssignment WHERE PermissionSet.Name IN ${sets.map(bare)} ` +
        'AND Assignee.IsActive = true GROUP BY PermissionSet.Name',
    ),
    countBy(
      connection,
      profiles,
      soql`SELECT Profile.Name name, COUNT(Id) users FROM User WHERE Profile.Name IN ${profiles} AND IsActive = true ` +
        'GROUP BY Profile.Name',
    ),
  ]);
  return { everybody: false, permissionSets: sets.map(doorOf(bySet)), profiles: profiles.map(doorOf(byProfile)) };
};

const bare = (name: string): string => splitNamespace(name).name;

/** Undefined where the org does not let this login see assignments or users. */
const countBy = async (connection: Connection, names: string[], statement: string): Promise<Count[] | undefined> => {
  if (names.length === 0) return [];
  const unseen: Count[] = [];
  const counts = await query<Count>(connection, doing('countingLetIn'), statement, {
    INVALID_TYPE: unseen,
    INVALID_FIELD: unseen,
  });
  return counts === unseen ? undefined : counts;
};

const doorOf =
  (counts: Count[] | undefined) =>
  (name: string): Door => {
    if (!counts) return { name };
    const found = counts.find((count) => count.name.toLowerCase() === bare(name).toLowerCase());
    return { name, users: found?.users ?? 0 };
  };
