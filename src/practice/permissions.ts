import names from './permissionNames.json' with { type: 'json' };

/** Every user permission, by API name and without the `Permissions` that the field names begin with. */
export const PERMISSIONS: readonly string[] = names;

/** The permissions that gate what the practice org does. */
export type Permission =
  | 'ApiEnabled'
  | 'ApiUserOnly'
  | 'AssignPermissionSets'
  | 'AuthorApex'
  | 'ClientSecretRotation'
  | 'CustomizeApplication'
  | 'ExternalClientAppAdmin'
  | 'ExternalClientAppDeveloper'
  | 'ExternalClientAppViewer'
  | 'FreezeUsers'
  | 'LightningExperienceUser'
  | 'ManageProfilesPermissionsets'
  | 'ManageUsers'
  | 'ModifyAllData'
  | 'ModifyMetadata'
  | 'MonitorLoginHistory'
  | 'PasswordNeverExpires'
  | 'RunReports'
  | 'ViewAllData'
  | 'ViewAllUsers'
  | 'ViewClientSecret'
  | 'ViewRoles'
  | 'ViewSetup';

/** Every permission as the boolean field that PermissionSet, Profile and UserPermissionAccess have for it. */
export function permissionFields(granted: Iterable<string>): Record<string, boolean> {
  const set = new Set(granted);
  return Object.fromEntries(PERMISSIONS.map((name) => [`Permissions${name}`, set.has(name)]));
}
