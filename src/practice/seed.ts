import type { PracticeOrg, SObjectRecord } from './org.ts';
import { type Permission, permissionFields, PERMISSIONS } from './permissions.ts';

/** The users of a new practice org. */
export type Seeded = { admin: SObjectRecord; standardUser: SObjectRecord; integrationUser: SObjectRecord };

/** Permissions that an org of any kind keeps from the System Administrator profile. */
const NOT_FOR_ADMINS: readonly string[] = ['ApiUserOnly', 'PasswordNeverExpires'];

/** Profiles that every org has, though the practice org has no users with them. */
const OTHER_PROFILES = ['Contract Manager', 'Marketing User', 'Read Only', 'Solution Manager'];

const STANDARD_USER: readonly Permission[] = [
  'ApiEnabled',
  'LightningExperienceUser',
  'RunReports',
  'ViewRoles',
  'ViewSetup',
];

/** Fills a new org: its own record, licences, profiles and the three users. `nickname` makes the usernames this org's own. */
export const seed = (org: PracticeOrg, nickname: string): Seeded => {
  const domain = `${nickname}.practice.example`;
  org.insert('Organization', {
    Name: 'Practice Org',
    OrganizationType: org.production ? 'Enterprise Edition' : 'Developer Edition',
    InstanceName: 'PRACTICE1',
    IsSandbox: false,
    NamespacePrefix: org.namespace ?? null,
    TrialExpirationDate: null,
    LanguageLocaleKey: 'en_US',
    DefaultLocaleSidKey: 'en_US',
    TimeZoneSidKey: 'Europe/London',
    PrimaryContact: null,
    Country: 'GB',
    IsReadOnly: false,
  });
  const salesforce = licence(org, 'Salesforce', 'SFDC', 10);
  const integration = licence(org, 'Salesforce Integration', 'SalesforceIntegration', 5);
  const integrationPsl = org.insert('PermissionSetLicense', {
    DeveloperName: 'SalesforceAPIIntegrationPsl',
    MasterLabel: 'Salesforce API Integration',
    PermissionSetLicenseKey: 'SalesforceAPIIntegrationPsl',
    Status: 'Active',
    TotalLicenses: 5,
    UsedLicenses: 0,
    ExpirationDate: null,
    Language: 'en_US',
  });

  const admin = profile(
    org,
    'System Administrator',
    salesforce,
    PERMISSIONS.filter((name) => !NOT_FOR_ADMINS.includes(name)),
  );
  const standard = profile(org, 'Standard User', salesforce, STANDARD_USER);
  profile(org, 'Minimum Access - Salesforce', salesforce, ['LightningExperienceUser']);
  for (const name of OTHER_PROFILES) profile(org, name, salesforce, STANDARD_USER);
  profile(org, 'Standard Platform User', licence(org, 'Salesforce Platform', 'AUL', 3), STANDARD_USER);
  const apiOnly = profile(org, 'Minimum Access - API Only Integrations', integration, ['ApiEnabled', 'ApiUserOnly']);

  // A class that an app can have as its handler. Deploying one is no business of this org.
  org.insert('ApexClass', {
    Name: 'OrderSyncHandler',
    NamespacePrefix: null,
    ApiVersion: 60,
    Status: 'Active',
    IsValid: true,
  });

  const users = {
    admin: user(org, { FirstName: 'Ada', LastName: 'Admin', Username: `admin@${domain}`, Alias: 'admin' }, admin),
    standardUser: user(
      org,
      { FirstName: 'Stan', LastName: 'User', Username: `user@${domain}`, Alias: 'user' },
      standard,
    ),
    integrationUser: user(
      org,
      { FirstName: null, LastName: 'Integration', Username: `integration@${domain}`, Alias: 'integ' },
      apiOnly,
    ),
  };
  org.insert('PermissionSetLicenseAssign', {
    AssigneeId: users.integrationUser.Id,
    PermissionSetLicenseId: integrationPsl.Id,
  });
  return users;
};

const licence = (org: PracticeOrg, name: string, key: string, total: number): SObjectRecord =>
  org.insert('UserLicense', {
    Name: name,
    MasterLabel: name,
    LicenseDefinitionKey: key,
    Status: 'Active',
    TotalLicenses: total,
    UsedLicenses: 0,
    UsedLicensesLastUpdated: org.now().toISOString(),
  });

/** A profile, and the permission set that stands for it. An org stores the grants of a profile in a permission set. */
const profile = (
  org: PracticeOrg,
  name: string,
  userLicense: SObjectRecord,
  granted: readonly string[],
): SObjectRecord => {
  const permissions = permissionFields(granted);
  // The hundreds of permissions come first: every test starts an org, and copying them after others takes far longer.
  const record = org.insert('Profile', {
    ...permissions,
    Name: name,
    Description: null,
    UserType: 'Standard',
    UserLicenseId: userLicense.Id,
  });
  org.insert('PermissionSet', {
    ...permissions,
    Name: `X${record.Id.slice(0, 15)}`,
    Label: record.Id.slice(0, 15),
    Description: null,
    Type: 'Profile',
    IsOwnedByProfile: true,
    IsCustom: false,
    ProfileId: record.Id,
    LicenseId: userLicense.Id,
    NamespacePrefix: null,
    HasActivationRequired: false,
    PermissionSetGroupId: null,
  });
  return record;
};

/** A user with a profile, and the assignment to the permission set that the profile owns. */
const user = (org: PracticeOrg, fields: Record<string, unknown>, ofProfile: SObjectRecord): SObjectRecord => {
  const record = org.insert('User', {
    ...USER_DEFAULTS,
    ...fields,
    Name: [fields.FirstName, fields.LastName].filter(Boolean).join(' '),
    Email: fields.Username,
    CommunityNickname: fields.Alias,
    ProfileId: ofProfile.Id,
  });
  org.insert('UserLogin', { UserId: record.Id, IsFrozen: false, IsPasswordLocked: false });
  const own = org.records('PermissionSet').find((set) => set.ProfileId === ofProfile.Id);
  if (own) org.insert('PermissionSetAssignment', { AssigneeId: record.Id, PermissionSetId: own.Id, IsActive: true });
  return record;
};

const USER_DEFAULTS = {
  IsActive: true,
  UserType: 'Standard',
  LanguageLocaleKey: 'en_US',
  LocaleSidKey: 'en_US',
  TimeZoneSidKey: 'Europe/London',
  EmailEncodingKey: 'UTF-8',
  LastLoginDate: null,
  UserRoleId: null,
  FederationIdentifier: null,
  UserPermissionsInteractionUser: false,
};
