import type { Connection } from '@salesforce/core';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';

const messages = texts('org');

/** User permissions by API name, with the labels that Setup shows (Object Reference, PermissionSet and UserPermissionAccess). */
const labels = {
  AssignPermissionSets: 'Assign Permission Sets',
  ExternalClientAppAdmin: 'View all External Client Apps, view their settings, and edit their policies',
  ExternalClientAppDeveloper: 'Create, edit, and delete External Client Apps',
  ExternalClientAppViewer: 'View all External Client Apps',
  ManageInternalUsers: 'Manage Internal Users',
  ManageProfilesPermissionsets: 'Manage Profiles and Permission Sets',
  ManageUsers: 'Manage Users',
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

/** Whoever makes an integration user needs these (Object Reference: User, PermissionSetAssignment, PermissionSet). */
export const manageUsers: readonly Need[] = [
  ['ManageUsers', 'ManageInternalUsers'],
  ['AssignPermissionSets'],
  ['ManageProfilesPermissionsets'],
];

/** Whoever gives a permission set or a profile access to an app needs this (Object Reference, SetupEntityAccess). */
const giveAccess: Need = ['ManageProfilesPermissionsets'];

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
  'user create': [['ExternalClientAppAdmin'], deploy, ...manageUsers],
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
  also: ReadonlyArray<Permission | Need> = [],
): Promise<void> => {
  const needed: Need[] = [...needs[command], ...also.map((need) => (typeof need === 'string' ? [need] : need))];
  // Which write will have to give access back is not known yet; asked for here, it costs no request of its own.
  const has = await permissionsOf(connection, [...new Set([...needed.flat(), ...giveAccess])]);
  if (!has) return;
  const missing = needed.filter((need) => !need.some((permission) => has.has(permission)));
  if (missing.length === 0) return;
  const user = connection.getUsername() ?? '';
  const named = missing.map((need) => need.map(nameOf).join(' or ')).join(', ');
  throw messages
    .createError('error.permissionMissing', [user, `sf eca ${command}`, named], [user])
    .setData({ missing: missing.map((need) => [...need]) });
};

/** Whoever sees apps has one of these (Salesforce Help, "External Client App User Permissions"). */
const see: Need = ['ExternalClientAppViewer', 'ExternalClientAppAdmin', 'ExternalClientAppDeveloper'];

/**
 * Says why the org does not know an object that keeps apps: an org answers the same for an object that it does not have and for
 * one that it does not show to this user. So the user's permissions are read first.
 *
 * @param object the sObject that was asked for
 * @param isApp is it the one that keeps the apps themselves, and not a part of them?
 * @throws error.appsHidden, under the name PermissionMissingError, with `data: { missing }`; error.objectHidden;
 *   error.noExternalClientApps; else what orgSaidNo names
 */
export const refuseUnseenApps = async (connection: Connection, object: string, isApp: boolean): Promise<never> => {
  const has = await permissionsOf(connection, [...see]);
  const user = connection.getUsername() ?? '';
  if (has?.size === 0) {
    // The same name as at a command that asks before it begins: it is the same fault.
    throw new SfError(
      messages.getMessage('error.appsHidden', [user, see.map(nameOf).join(' or ')]),
      'PermissionMissingError',
      messages.getMessages('error.appsHidden.actions', [user]),
    ).setData({ missing: [[...see]] });
  }
  if (has && !isApp)
    throw messages.createError('error.objectHidden', [user, object], [user, nameOf('ExternalClientAppAdmin')]);
  throw messages.createError('error.noExternalClientApps');
};

const nameOf = (permission: Permission): string => `"${labels[permission]}" (${permission})`;

/** What an org has said already of a login's permissions: a command that asks again, for more, asks only for what is new. */
const known = new WeakMap<Connection, Map<Permission, boolean>>();

/**
 * Which of the permissions the running user has, by profile, permission set or group. Undefined where the org does not
 * know one of them: then only a write can tell.
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
 * Could the running user read consumer secrets, once the org lets its REST API return them, and let it do so? Where the org does not
 * know one of the permissions, only trying tells.
 */
export const canReadSecrets = async (connection: Connection): Promise<boolean> => {
  const needed: readonly Need[] = [develop, ['ViewClientSecret'], deploy];
  const has = await permissionsOf(
    connection,
    needed.flatMap((need) => [...need]),
  );
  return has === undefined || needed.every((need) => need.some((permission) => has.has(permission)));
};

/** May the running user give permission sets access to apps? Where the org does not know the permission, only trying tells. */
export const canGiveAccess = async (connection: Connection): Promise<boolean> => {
  const has = await permissionsOf(connection, [...giveAccess]);
  return has === undefined || giveAccess.some((permission) => has.has(permission));
};

/** What the running user may not do: a command, and the permissions that it lacks, by label and API name. */
export type CommandAccess = { command: string; missing: string[] };

/** What commands need besides when all of their flags are used: scopes are the developer's, policies the admin's. */
const inFull: Partial<Record<keyof typeof needs, readonly Need[]>> = {
  'oauth set': [['ExternalClientAppAdmin']],
  'scopes set': [['ExternalClientAppAdmin'], develop],
  credentials: [['ViewClientSecret']],
  apply: [['ExternalClientAppAdmin'], develop],
};

/**
 * Which commands the running user may use to the full.
 *
 * @returns undefined where the org does not know one of the permissions
 */
export const commandAccess = async (connection: Connection): Promise<CommandAccess[] | undefined> => {
  const commands = Object.keys(needs) as Array<keyof typeof needs>;
  const needsOf = (command: keyof typeof needs): Need[] => [...needs[command], ...(inFull[command] ?? [])];
  const has = await permissionsOf(connection, [...new Set(commands.flatMap((command) => needsOf(command).flat()))]);
  return (
    has &&
    commands.map((command) => ({
      command: `sf eca ${command}`,
      missing: [
        ...new Set(
          needsOf(command)
            .filter((need) => !need.some((permission) => has.has(permission)))
            .map((need) => need.map(nameOf).join(' or ')),
        ),
      ],
    }))
  );
};

/** The running user's email address, where the org gives it. */
export const runningUserEmail = async (connection: Connection): Promise<string | undefined> => {
  const [user] = await query<{ Email?: string }>(
    connection,
    operation('readingEmail'),
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
    operation('lookingForConnectedApp'),
    soql`SELECT Name FROM ConnectedApplication WHERE Name IN ${names}`,
    // A user who may not see Connected Apps is told that there is no such type. That alone should stop nobody.
    { INVALID_TYPE: [] },
  );
  return app?.Name;
};
