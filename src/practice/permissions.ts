import names from './permissionNames.json' with { type: 'json' };

/** Every user permission, by API name and without the `Permissions` that the field names begin with. */
export const PERMISSIONS: readonly string[] = names;

/** The permissions that gate what the practice org does. */
export type Permission =
  | 'ApiEnabled'
  | 'ApiUserOnly'
  | 'AssignPermissionSets'
  | 'AuthorApex'
  | 'CanApproveUninstalledApps'
  | 'ClientSecretRotation'
  | 'CustomizeApplication'
  | 'ExternalClientAppAdmin'
  | 'ExternalClientAppDeveloper'
  | 'ExternalClientAppViewer'
  | 'FreezeUsers'
  | 'LightningExperienceUser'
  | 'ManageNamedCredentials'
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

const fieldOf = (permission: string): string => `Permissions${permission}`;

/** The fields of who may do nothing. Each org needs hundreds of fields for each profile, so the names are put together once. */
const nothingGranted = Object.fromEntries(PERMISSIONS.map((name) => [fieldOf(name), false]));

/** Every permission as the boolean field that PermissionSet, Profile and UserPermissionAccess have for it. */
export const permissionFields = (granted: Iterable<string>): Record<string, boolean> => {
  const fields = { ...nothingGranted };
  for (const name of granted) if (fieldOf(name) in fields) fields[fieldOf(name)] = true;
  return fields;
};
