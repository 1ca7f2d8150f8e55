import type { Connection } from '@salesforce/core';
import { Messages } from '../salesforce.ts';
import { query } from './query.ts';
import { soql } from './soql.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca');

/** User permissions by API name, with the labels that Setup shows (Object Reference, PermissionSet and UserPermissionAccess). */
const labels = {
  ExternalClientAppAdmin: 'View all External Client Apps, view their settings, and edit their policies',
  ExternalClientAppDeveloper: 'Create, edit, and delete External Client Apps',
  ModifyAllData: 'Modify All Data',
  ModifyMetadata: 'Modify Metadata Through Metadata API Functions',
  ViewClientSecret: 'View External Client App Consumer Secrets in Metadata',
} as const;

/** A user permission by its API name. */
export type Permission = keyof typeof labels;

/** Permissions of which one is enough. */
type Need = readonly Permission[];

const develop: Need = ['ExternalClientAppDeveloper'];
/** Whoever deploys needs one of these (Metadata API Developer Guide, "Metadata API Access for Users"). */
const deploy: Need = ['ModifyMetadata', 'ModifyAllData'];

/** What each command needs in any case. */
const needs = {
  create: [develop, deploy],
  'oauth set': [develop, deploy],
  'scopes set': [deploy],
  credentials: [develop],
  // What the plan needs besides comes with the plan.
  apply: [['ExternalClientAppDeveloper', 'ExternalClientAppAdmin'], deploy],
  delete: [develop, deploy],
  disable: [['ExternalClientAppAdmin'], deploy],
  enable: [['ExternalClientAppAdmin'], deploy],
} as const satisfies Record<string, readonly Need[]>;

/**
 * Looks whether the running user may do what a command does, before it does anything.
 *
 * @param also what this run needs besides, such as ExternalClientAppAdmin when it sets policies
 * @throws error.permissionMissing, which names what is missing by label and API name; `data: { missing }` has the API names
 */
export const requirePermissions = async (
  connection: Connection,
  command: keyof typeof needs,
  also: Permission[] = [],
): Promise<void> => {
  const needed: Need[] = [...needs[command], ...also.map((permission): Need => [permission])];
  const has = await permissionsOf(connection, [...new Set(needed.flat())]);
  if (!has) return;
  const missing = needed.filter((need) => !need.some((permission) => has.has(permission)));
  if (missing.length === 0) return;
  const user = connection.getUsername() ?? '';
  const named = missing.map((need) => need.map(nameOf).join(' or ')).join(', ');
  throw messages
    .createError('error.permissionMissing', [user, `sf eca ${command}`, named], [user])
    .setData({ missing: missing.map((need) => [...need]) });
};

const nameOf = (permission: Permission): string => `"${labels[permission]}" (${permission})`;

/**
 * Which of the permissions the running user has, by profile, permission set or group. Undefined where the org does not
 * know one of them: then only a write can tell.
 */
const permissionsOf = async (connection: Connection, asked: Permission[]): Promise<Set<Permission> | undefined> => {
  const fields = asked.map((permission) => `Permissions${permission}`).join(', ');
  const [row] = await query<Record<string, unknown>>(
    connection,
    'looking at your permissions',
    `SELECT ${fields} FROM UserPermissionAccess`,
    { INVALID_FIELD: [] },
  );
  return row && new Set(asked.filter((permission) => row[`Permissions${permission}`] === true));
};

/** The running user's email address, where the org gives it. */
export const runningUserEmail = async (connection: Connection): Promise<string | undefined> => {
  const [user] = await query<{ Email?: string }>(
    connection,
    'reading your email address',
    soql`SELECT Email FROM User WHERE Username = ${connection.getUsername() ?? ''}`,
  );
  return user?.Email;
};

/**
 * The name of a Connected App that has one of the names. Such an app has been seen to block an external client app of its
 * name; no Salesforce document says so, so what to make of it is the caller's choice.
 */
export const connectedAppNamed = async (connection: Connection, names: string[]): Promise<string | undefined> => {
  const [app] = await query<{ Name: string }>(
    connection,
    'looking for a connected app of the same name',
    soql`SELECT Name FROM ConnectedApplication WHERE Name IN ${names}`,
    // A user who may not see Connected Apps is told that there is no such type. That alone should stop nobody.
    { INVALID_TYPE: [] },
  );
  return app?.Name;
};
