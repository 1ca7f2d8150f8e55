/**
 * User permissions by API name, without the `Permissions` that the field names begin with. The practice org knows the ones
 * that gate its calls and those that say how powerful a user is; an org has several hundred more.
 */
export const PERMISSIONS = [
  'ApiEnabled',
  'ApiUserOnly',
  'AssignPermissionSets',
  'AuthorApex',
  'ClientSecretRotation',
  'CustomizeApplication',
  'EditReadonlyFields',
  'ExternalClientAppAdmin',
  'ExternalClientAppDeveloper',
  'ExternalClientAppViewer',
  'FreezeUsers',
  'InstallPackaging',
  'LightningExperienceUser',
  'ManageConnectedApps',
  'ManageInternalUsers',
  'ManagePasswordPolicies',
  'ManageProfilesPermissionsets',
  'ManageRemoteAccess',
  'ManageUsers',
  'ModifyAllData',
  'ModifyMetadata',
  'PasswordNeverExpires',
  'ResetPasswords',
  'RunReports',
  'ViewAllData',
  'ViewAllUsers',
  'ViewClientSecret',
  'ViewDeveloperName',
  'ViewRoles',
  'ViewSetup',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Every permission as the boolean field that PermissionSet, Profile and UserPermissionAccess have for it. */
export function permissionFields(granted: readonly Permission[]): Record<string, boolean> {
  return Object.fromEntries(PERMISSIONS.map((name) => [`Permissions${name}`, granted.includes(name)]));
}
