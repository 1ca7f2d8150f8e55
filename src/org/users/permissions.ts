import type { Connection } from '@salesforce/core';

import { ofNature } from '../../app/errorNature.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';

const messages = texts('org');

/** User permissions by API name, with the labels that Setup shows (Object Reference, PermissionSet and UserPermissionAccess). */
const LABELS = {
  AssignPermissionSets: 'Assign Permission Sets',
  CustomizeApplication: 'Customize Application',
  ExternalClientAppAdmin: 'View all External Client Apps, view their settings, and edit their policies',
  ExternalClientAppDeveloper: 'Create, edit, and delete External Client Apps',
  ExternalClientAppViewer: 'View all External Client Apps',
  ManageInternalUsers: 'Manage Internal Users',
  ManageProfilesPermissionsets: 'Manage Profiles and Permission Sets',
  ManageUsers: 'Manage Users',
  ModifyAllData: 'Modify All Data',
  ModifyMetadata: 'Modify Metadata Through Metadata API Functions',
  MonitorLoginHistory: 'Monitor Login History',
  ViewAllUsers: 'View All Users',
  ViewClientSecret: 'View External Client App Consumer Secrets in Metadata',
} as const;

/** A user permission by its API name. */
export type Permission = keyof typeof LABELS;

/** Permissions of which one is enough. */
type Need = readonly Permission[];

const DEVELOP: Need = ['ExternalClientAppDeveloper'];
/** A user who deploys needs one of these (Metadata API Developer Guide, "Metadata API Access for Users"). */
const DEPLOY: Need = ['ModifyMetadata', 'ModifyAllData'];

/**
 * A user who creates an integration user needs these (Object Reference: User, PermissionSetAssignment, PermissionSet).
 */
export const MANAGE_USERS: readonly Need[] = [
  ['ManageUsers', 'ManageInternalUsers'],
  ['AssignPermissionSets'],
  ['ManageProfilesPermissionsets'],
];

/** A user who gives a permission set or a profile access to an app needs this (Object Reference, SetupEntityAccess). */
const GIVE_ACCESS: Need = ['ManageProfilesPermissionsets'];

/** The permissions that each command always needs. */
const NEEDS = {
  create: [DEVELOP, DEPLOY],
  update: [DEVELOP, DEPLOY],
  'oauth set': [DEVELOP, DEPLOY],
  'scopes set': [DEPLOY],
  'certificate create': [DEVELOP, DEPLOY],
  'certificate rotate': [DEVELOP, DEPLOY],
  credentials: [DEVELOP],
  // Further needs of a plan are known with the plan.
  apply: [['ExternalClientAppDeveloper', 'ExternalClientAppAdmin'], DEPLOY],
  'migrate apply': [DEVELOP, DEPLOY],
  delete: [DEVELOP, DEPLOY],
  disable: [['ExternalClientAppAdmin'], DEPLOY],
  enable: [['ExternalClientAppAdmin'], DEPLOY],
  // Salesforce Help: a Connected App is an admin's to manage.
  'migrate block': [['CustomizeApplication'], DEPLOY],
  'migrate unblock': [['CustomizeApplication'], DEPLOY],
  'migrate finish': [['CustomizeApplication'], DEPLOY],
  'user create': [['ExternalClientAppAdmin'], DEPLOY, ...MANAGE_USERS],
} as const satisfies Record<string, readonly Need[]>;

/**
 * Checks that the running user may run a command, before the command does anything.
 *
 * @param also further needs of this run, such as ExternalClientAppAdmin when the run sets policies
 * @throws error.permissionMissing, with the missing permissions by label and API name; `data: { missing }` has the API
 *   names
 */
export const requirePermissions = async (
  connection: Connection,
  command: keyof typeof NEEDS,
  also: ReadonlyArray<Permission | Need> = [],
): Promise<void> => {
  const needed: Need[] = [...NEEDS[command], ...also.map((need) => (typeof need === 'string' ? [need] : need))];
  // It is still unknown which write must give access back. Asked for here, this permission costs no request of its own.
  const has = await permissionsOf(connection, [...new Set([...needed.flat(), ...GIVE_ACCESS])]);
  if (!has) return;
  const missing = needed.filter((need) => !need.some((permission) => has.has(permission)));
  if (missing.length === 0) return;
  const user = connection.getUsername() ?? '';
  const named = missing.map((need) => need.map(nameOf).join(' or ')).join(', ');
  throw messages
    .createError('error.permissionMissing', [user, `sf eca ${command}`, named], [user])
    .setData({ missing: missing.map((need) => [...need]) });
};

/** A user who sees apps has one of these (Salesforce Help, "External Client App User Permissions"). */
const SEE: Need = ['ExternalClientAppViewer', 'ExternalClientAppAdmin', 'ExternalClientAppDeveloper'];

/**
 * Explains why the org does not know an object that keeps apps. An org gives the same answer for an unknown object and
 * for an object that this user may not see. So the user's permissions are read first.
 *
 * @param object the sObject of the request
 * @param isApp is this the object of the apps themselves, and not of a part of them?
 * @throws error.appsHidden, under the name PermissionMissingError, with `data: { missing }`. Also error.objectHidden;
 *   error.noExternalClientApps; else what orgSaidNo names
 */
export const refuseUnseenApps = async (connection: Connection, object: string, isApp: boolean): Promise<never> => {
  const has = await permissionsOf(connection, [...SEE]);
  const user = connection.getUsername() ?? '';
  if (has?.size === 0) {
    // The same name as for a command that checks before it begins: the fault is the same.
    const refusal = new SfError(
      messages.getMessage('error.appsHidden', [user, SEE.map(nameOf).join(' or ')]),
      'PermissionMissingError',
      messages.getMessages('error.appsHidden.actions', [user]),
    ).setData({ missing: [[...SEE]] });
    throw ofNature({ keptBack: true }, refusal);
  }
  if (has && !isApp)
    throw ofNature(
      { keptBack: true },
      messages.createError('error.objectHidden', [user, object], [user, nameOf('ExternalClientAppAdmin')]),
    );
  throw ofNature({ keptBack: true }, messages.createError('error.noExternalClientApps'));
};

/**
 * The permissions of which the running user needs one to see apps, when the user has none of them. Undefined when the user has one, or
 * when the org does not know them.
 */
export const missingToSeeApps = async (connection: Connection): Promise<string | undefined> => {
  const has = await permissionsOf(connection, [...SEE]);
  return has?.size === 0 ? SEE.map(nameOf).join(' or ') : undefined;
};

const nameOf = (permission: Permission): string => `"${LABELS[permission]}" (${permission})`;

/**
 * The org's earlier answers about a login's permissions: a command that checks more permissions only asks for the new
 * ones.
 */
const known = new WeakMap<Connection, Map<Permission, boolean>>();

/**
 * The permissions from this list that the running user has, by profile, permission set or group. Undefined when the org
 * does not know one of them: then only a write can show it.
 */
const permissionsOf = async (connection: Connection, needed: Permission[]): Promise<Set<Permission> | undefined> => {
  const answers = known.get(connection) ?? new Map<Permission, boolean>();
  const asked = needed.filter((permission) => !answers.has(permission));
  if (asked.length > 0) {
    const row = await askForPermissions(connection, asked);
    if (!row) return undefined;
    for (const permission of asked) answers.set(permission, row[`Permissions${permission}`] === true);
    known.set(connection, answers);
  }
  return new Set(needed.filter((permission) => answers.get(permission)));
};

const askForPermissions = async (
  connection: Connection,
  asked: Permission[],
): Promise<Record<string, unknown> | undefined> => {
  const fields = asked.map((permission) => `Permissions${permission}`).join(', ');
  const [row] = await query<Record<string, unknown>>(
    connection,
    operation('readingPermissions'),
    `SELECT ${fields} FROM UserPermissionAccess`,
    { INVALID_FIELD: [] },
  );
  return row;
};

/**
 * Could the running user read consumer secrets, and let the org's REST API return them? When the org does not know one
 * of the permissions, only a try can show it.
 */
export const canReadSecrets = async (connection: Connection): Promise<boolean> => {
  const needed: readonly Need[] = [DEVELOP, ['ViewClientSecret'], DEPLOY];
  const has = await permissionsOf(
    connection,
    needed.flatMap((need) => [...need]),
  );
  return has === undefined || needed.every((need) => need.some((permission) => has.has(permission)));
};

/**
 * May the running user give permission sets access to apps? When the org does not know the permission, only a try can
 * show it.
 */
export const canGiveAccess = async (connection: Connection): Promise<boolean> => {
  const has = await permissionsOf(connection, [...GIVE_ACCESS]);
  return has === undefined || GIVE_ACCESS.some((permission) => has.has(permission));
};

/**
 * The permissions that the running user lacks to see all rows of what an org otherwise shows in part. An answer would
 * not say that rows are missing.
 *
 * @param needs permissions, of which one is enough for each
 * @returns for each need its permissions by label and API name, or undefined where the user has one. When the org does
 *   not know a permission, only the rows can show it
 */
export const missingToSee = async <Key extends string>(
  connection: Connection,
  needs: Record<Key, readonly Permission[]>,
): Promise<Partial<Record<Key, string>>> => {
  const all = Object.entries(needs) as Array<[Key, readonly Permission[]]>;
  const has = await permissionsOf(connection, [...new Set(all.flatMap(([, need]) => need))]);
  const missing = all.filter(([, need]) => has && !need.some((permission) => has.has(permission)));
  return Object.fromEntries(missing.map(([key, need]) => [key, need.map(nameOf).join(' or ')])) as Partial<
    Record<Key, string>
  >;
};

/** What the running user lacks to run a command with all its flags. */
export type CommandAccess = {
  command: string;
  /** By label and API name, as texts for people. */
  missing: string[];
  /** API names. Of several permissions of which one is enough, this has the one that allows the least. */
  toGrant: string[];
};

/** They allow much more than is needed here. */
const MIGHTY: readonly Permission[] = ['ModifyAllData', 'ManageUsers'];

const leastOf = (need: Need): Permission[] =>
  [need.find((permission) => !MIGHTY.includes(permission)) ?? need[0] ?? []].flat();

/** The further needs of commands when all flags are used: scopes are the developer's, policies the admin's. */
const IN_FULL: Partial<Record<keyof typeof NEEDS, readonly Need[]>> = {
  'oauth set': [['ExternalClientAppAdmin']],
  'scopes set': [['ExternalClientAppAdmin'], DEVELOP],
  credentials: [['ViewClientSecret']],
  apply: [['ExternalClientAppAdmin'], DEVELOP],
};

/**
 * The commands that the running user may run with all flags.
 *
 * @returns undefined when the org does not know one of the permissions
 */
export const commandAccess = async (connection: Connection): Promise<CommandAccess[] | undefined> => {
  const commands = Object.keys(NEEDS) as Array<keyof typeof NEEDS>;
  const needsOf = (command: keyof typeof NEEDS): Need[] => [...NEEDS[command], ...(IN_FULL[command] ?? [])];
  const has = await permissionsOf(connection, [...new Set(commands.flatMap((command) => needsOf(command).flat()))]);
  return (
    has &&
    commands.map((command) => {
      const missing = needsOf(command).filter((need) => !need.some((permission) => has.has(permission)));
      return {
        command: `sf eca ${command}`,
        missing: [...new Set(missing.map((need) => need.map(nameOf).join(' or ')))],
        toGrant: [...new Set(missing.flatMap(leastOf))],
      };
    })
  );
};

/** The running user's email address, if the org returns it. */
export const runningUserEmail = async (connection: Connection): Promise<string | undefined> => {
  const [user] = await query<{ Email?: string }>(
    connection,
    operation('readingEmail'),
    soql`SELECT Email FROM User WHERE Username = ${connection.getUsername() ?? ''}`,
  );
  return user?.Email;
};

/**
 * The name of a Connected App that has one of the names. Such an app has been seen to block an external client app with
 * the same name. No Salesforce document says so, so the caller decides.
 */
export const connectedAppNamed = async (connection: Connection, names: string[]): Promise<string | undefined> => {
  const [app] = await query<{ Name: string }>(
    connection,
    operation('lookingForConnectedApp'),
    soql`SELECT Name FROM ConnectedApplication WHERE Name IN ${names}`,
    // A user who may not see Connected Apps gets the answer that there is no such type. This answer alone should stop
    // nobody.
    { INVALID_TYPE: [] },
  );
  return app?.Name;
};
