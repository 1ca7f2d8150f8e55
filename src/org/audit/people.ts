import type { Connection } from '@salesforce/core';

import type { AuditedUser, Holder } from '../../app/audit/facts.ts';
import { ByName, distinctNames } from '../../app/name.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';

/** Names that one query asks for: a query is part of an address, which has its limits. */
const NAMES_IN_QUERY = 100;

/** Permissions that an integration's user should not have, by API name, with Setup's labels (Object Reference, PermissionSet). */
const POWERS = {
  ModifyAllData: 'Modify All Data',
  ViewAllData: 'View All Data',
  CustomizeApplication: 'Customize Application',
  ManageUsers: 'Manage Users',
  AuthorApex: 'Author Apex',
} as const;

const PERMISSIONS = [...Object.keys(POWERS), 'ApiUserOnly'].map((name) => `Permissions${name}`);

type Granted = Record<string, unknown>;

type UserRow = { Id: string; Username: string; IsActive: boolean; Profile: ({ Name: string } & Granted) | null };

type AssignmentRow = { AssigneeId: string; PermissionSet: Granted | null };

const inParts = (names: string[]): string[][] => {
  const parts: string[][] = [];
  for (let at = 0; at < names.length; at += NAMES_IN_QUERY) parts.push(names.slice(at, at + NAMES_IN_QUERY));
  return parts;
};

const through = (parent: string): string => PERMISSIONS.map((name) => `${parent}.${name}`).join(', ');

/**
 * Users by username, with the permissions that are too much for an integration. Two queries for a hundred users.
 *
 * @throws what orgSaidNo names
 */
export const readUsers = async (connection: Connection, usernames: string[]): Promise<ByName<AuditedUser>> => {
  const looking = operation('lookingForRunAs');
  const users = new ByName<AuditedUser>();
  for (const names of inParts(distinctNames(usernames))) {
    const [rows, assignments] = await Promise.all([
      query<UserRow>(
        connection,
        looking,
        `SELECT Id, Username, IsActive, Profile.Name, ${through('Profile')} FROM User ` +
          soql`WHERE Username IN ${names}`,
      ),
      query<AssignmentRow>(
        connection,
        looking,
        `SELECT AssigneeId, ${through('PermissionSet')} FROM PermissionSetAssignment ` +
          soql`WHERE Assignee.Username IN ${names}`,
      ),
    ]);
    const sets = Map.groupBy(assignments, ({ AssigneeId }) => AssigneeId);
    for (const row of rows) users.set(row.Username, userOf(row, sets.get(row.Id) ?? []));
  }
  return users;
};

const userOf = ({ Username, IsActive, Profile }: UserRow, assignments: AssignmentRow[]): AuditedUser => {
  const can = (name: string): boolean =>
    [Profile, ...assignments.map(({ PermissionSet }) => PermissionSet)].some(
      (granted) => granted?.[`Permissions${name}`] === true,
    );
  return {
    username: Username,
    active: IsActive,
    profileName: Profile?.Name ?? '',
    apiOnly: can('ApiUserOnly'),
    powers: Object.entries(POWERS)
      // Modify All Data already includes this permission.
      .filter(([name]) => can(name) && !(name === 'ViewAllData' && can('ModifyAllData')))
      .map(([, label]) => label),
  };
};

/**
 * Which of these email addresses belong to active users, in lower case. A query for a hundred addresses.
 *
 * @throws what orgSaidNo names
 */
export const readContacts = async (connection: Connection, emails: string[]): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const some of inParts(distinctNames(emails))) {
    const rows = await query<{ Email: string | null }>(
      connection,
      operation('lookingForContacts'),
      soql`SELECT Email FROM User WHERE IsActive = true AND Email IN ${some}`,
    );
    for (const { Email } of rows) if (Email !== null) found.add(Email.toLowerCase());
  }
  return found;
};

type HolderRow = {
  Assignee: { Username: string } | null;
  PermissionSet: { Name: string; IsOwnedByProfile: boolean; Profile: { Name: string } | null } | null;
};

/** The standard profile of administrators, in an org whose language is English. */
const STANDARD_ADMIN = 'System Administrator';

/**
 * The active users who have a permission, and by what: one query.
 *
 * @param permission its API name
 * @returns undefined where the org does not know the permission, or does not show it
 * @throws what orgSaidNo names
 */
export const readHolders = async (connection: Connection, permission: string): Promise<Holder[] | undefined> => {
  const unseen: HolderRow[] = [];
  const rows = await query<HolderRow>(
    connection,
    operation('readingPermissionSets'),
    'SELECT Assignee.Username, PermissionSet.Name, PermissionSet.IsOwnedByProfile, PermissionSet.Profile.Name ' +
      `FROM PermissionSetAssignment WHERE PermissionSet.Permissions${permission} = true AND Assignee.IsActive = true`,
    { INVALID_FIELD: unseen, INVALID_TYPE: unseen, INSUFFICIENT_ACCESS: unseen },
  );
  if (rows === unseen) return undefined;
  return rows.map(({ Assignee, PermissionSet }) => {
    const byProfile = PermissionSet?.IsOwnedByProfile === true;
    const name = (byProfile ? PermissionSet?.Profile?.Name : undefined) ?? PermissionSet?.Name ?? '';
    return {
      username: Assignee?.Username ?? '',
      through: name,
      byProfile,
      standardAdmin: byProfile && name === STANDARD_ADMIN,
    };
  });
};
