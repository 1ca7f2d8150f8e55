import type { Connection } from '@salesforce/core';

import type { UserFacts } from '../../app/user.ts';
import { SfError } from '../../salesforce.ts';
import { operation } from '../request/operation.ts';
import { askOrg, askOrgIfSeen } from '../request/orgError.ts';
import { soql } from '../request/soql.ts';

export type { UserFacts } from '../../app/user.ts';

/** The relevant permissions that a profile or a permission set may grant. */
type Granted = {
  PermissionsModifyAllData: boolean;
  PermissionsViewAllData: boolean;
  PermissionsCustomizeApplication: boolean;
  PermissionsManageUsers: boolean;
  PermissionsApiEnabled: boolean;
  PermissionsApiUserOnly: boolean;
};

const PERMISSIONS = [
  'PermissionsModifyAllData',
  'PermissionsViewAllData',
  'PermissionsCustomizeApplication',
  'PermissionsManageUsers',
  'PermissionsApiEnabled',
  'PermissionsApiUserOnly',
] as const satisfies (keyof Granted)[];

const through = (parent: string): string => PERMISSIONS.map((name) => `${parent}.${name}`).join(', ');

/** Profile is null for users of some licences without a profile. */
type UserRow = {
  Id: string;
  Username: string;
  IsActive: boolean;
  Profile: ({ Name: string; UserLicense: { Name: string } | null } & Granted) | null;
};
type AssignmentRow = { PermissionSet: { Name: string; IsOwnedByProfile: boolean } & Granted };
type LoginRow = { IsFrozen: boolean; IsPasswordLocked: boolean };

/**
 * Finds a user by username: may an app run as this user, and how much power would the app have? The permissions of the
 * profile, the permission sets and the permission set groups are added up.
 *
 * @returns undefined when the org has no such user
 * @throws what orgSaidNo names
 */
export const findUser = async (connection: Connection, username: string): Promise<UserFacts | undefined> =>
  factsOf(connection, soql`Username = ${username}`, username);

/** Like findUser, by the user's Id (15 or 18 characters). */
export const findUserById = async (connection: Connection, id: string): Promise<UserFacts | undefined> =>
  factsOf(connection, soql`Id = ${id}`, id);

const factsOf = async (connection: Connection, condition: string, named: string): Promise<UserFacts | undefined> => {
  const looking = operation('lookingForUser', named);
  const { records } = await askOrg(connection, looking, () =>
    connection.query<UserRow>(
      `SELECT Id, Username, IsActive, Profile.Name, Profile.UserLicense.Name, ${through('Profile')} ` +
        `FROM User WHERE ${condition}`,
    ),
  );
  const [user] = records;
  if (!user) return undefined;
  const [assignments, locked] = await Promise.all([
    askOrg(connection, looking, () =>
      connection.query<AssignmentRow>(
        `SELECT PermissionSet.Name, PermissionSet.IsOwnedByProfile, ${through('PermissionSet')} ` +
          soql`FROM PermissionSetAssignment WHERE AssigneeId = ${user.Id}`,
      ),
    ),
    isLocked(connection, user.Id),
  ]);
  const sets = assignments.records.map(({ PermissionSet }) => PermissionSet);
  const licence = user.Profile?.UserLicense?.Name;
  const can = (permission: keyof Granted): boolean =>
    user.Profile?.[permission] === true || sets.some((set) => set[permission]);
  return {
    id: user.Id,
    username: user.Username,
    active: user.IsActive,
    locked,
    profileName: user.Profile?.Name ?? '',
    ...(licence !== undefined && { licence }),
    isAdmin: can('PermissionsCustomizeApplication') || can('PermissionsManageUsers'),
    modifyAllData: can('PermissionsModifyAllData'),
    viewAllData: can('PermissionsViewAllData'),
    apiEnabled: can('PermissionsApiEnabled'),
    apiOnly: can('PermissionsApiUserOnly'),
    permissionSets: sets.filter((set) => !set.IsOwnedByProfile).map(({ Name }) => Name),
  };
};

/**
 * Only a user who manages users may see another user's UserLogin. For other users, the org does not know this object,
 * or returns no rows.
 */
const isLocked = async (connection: Connection, id: string): Promise<boolean | undefined> => {
  const seen = await askOrgIfSeen(connection, operation('readingRunningUser'), () =>
    connection.query<LoginRow>(soql`SELECT IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = ${id}`),
  );
  const login = seen?.records[0];
  return login && (login.IsFrozen || login.IsPasswordLocked);
};

/** A user, or undefined where the org does not show that user. The check that needs the user says so. */
export const userIfSeen = async (connection: Connection, id: string): Promise<UserFacts | undefined> => {
  try {
    return await findUserById(connection, id);
  } catch (error) {
    if (error instanceof SfError) return undefined;
    throw error;
  }
};
