import { PERMISSIONS } from '../permissions.ts';
import generated from './schema.json' with { type: 'json' };

/** `complex` is an object, which the Tooling API alone has. */
export type FieldType = 'id' | 'string' | 'boolean' | 'int' | 'datetime' | 'reference' | 'complex';

export type Field = {
  name: string;
  type: FieldType;
  /** Said of a field that no WHERE may name. */
  filterable?: false;
  /** The sObject that a reference leads to, and the name of the way there. */
  referenceTo?: string;
  relationshipName?: string;
};

/** A way from a record to those that refer to it. */
export type ChildRelationship = { name: string; childSObject: string; field: string };

export type SObjectDefinition = {
  name: string;
  label: string;
  fields: Map<string, Field>;
  children: ChildRelationship[];
  /** The Tooling API has it; `data`: the ordinary API has it. */
  tooling: boolean;
  data: boolean;
  /** Checks for records that are created, changed and deleted over REST. */
  createable: boolean;
  updateable: boolean;
  deletable: boolean;
};

/** Where the references lead; a field that is not here leads to the sObject that its name says. */
const REFERENCES: Record<string, string> = {
  CreatedById: 'User',
  LastModifiedById: 'User',
  AssigneeId: 'User',
  ManagerId: 'User',
  OwnerId: 'User',
  ExecuteHandlerAsId: 'User',
  ApexExecutionUserId: 'User',
  LicenseId: 'UserLicense',
  'PermissionSetLicenseAssign.AssigneeId': 'User',
  'SetupEntityAccess.ParentId': 'PermissionSet',
  'ObjectPermissions.ParentId': 'PermissionSet',
  'FieldPermissions.ParentId': 'PermissionSet',
  'PermissionSetTabSetting.ParentId': 'PermissionSet',
  'OauthToken.UserId': 'User',
  'IdpEventLog.AppId': 'ConnectedApplication',
  'ApexLog.LogUserId': 'User',
};

const STANDARD = 'CreatedById CreatedDate:datetime LastModifiedById LastModifiedDate:datetime SystemModstamp:datetime';

/** Fields in short form: a name that ends in Id is a reference. Others are text, unless a type follows a colon. */
const FIELDS: Record<string, string> = {
  Organization: `Name OrganizationType InstanceName IsSandbox:boolean NamespacePrefix TrialExpirationDate:datetime
    LanguageLocaleKey DefaultLocaleSidKey TimeZoneSidKey PrimaryContact Country IsReadOnly:boolean Division Street City State
    PostalCode Phone Fax FiscalYearStartMonth:int UsesStartDateAsFiscalYearName:boolean SignupCountryIsoCode UiSkin
    ComplianceBccEmail MonthlyPageViewsUsed:int MonthlyPageViewsEntitlement:int PreferencesLightningLoginEnabled:boolean
    DefaultAccountAccess DefaultContactAccess DefaultCaseAccess DefaultLeadAccess DefaultOpportunityAccess
    ReceivesInfoEmails:boolean ReceivesAdminInfoEmails:boolean ${STANDARD}`,
  User: `Username Name FirstName LastName Email Alias CommunityNickname IsActive:boolean UserType ProfileId UserRoleId
    ManagerId FederationIdentifier LanguageLocaleKey LocaleSidKey TimeZoneSidKey EmailEncodingKey LastLoginDate:datetime
    Title Department CompanyName Phone MobilePhone UserPermissionsInteractionUser:boolean UserPermissionsMarketingUser:boolean
    UserPermissionsOfflineUser:boolean UserPermissionsMobileUser:boolean UserPermissionsKnowledgeUser:boolean
    LastPasswordChangeDate:datetime Division EmployeeNumber Extension Fax Street City State PostalCode Country AboutMe
    SenderEmail ContactId AccountId CallCenterId:string DelegatedApproverId:string NumberOfFailedLogins:int
    IsProfilePhotoActive:boolean ReceivesInfoEmails:boolean ReceivesAdminInfoEmails:boolean ForecastEnabled:boolean
    OfflineTrialExpirationDate:datetime LastViewedDate:datetime LastReferencedDate:datetime SmallPhotoUrl FullPhotoUrl
    ${STANDARD}`,
  UserLogin: 'UserId IsFrozen:boolean IsPasswordLocked:boolean LastModifiedById LastModifiedDate:datetime',
  UserRole: `Name DeveloperName ${STANDARD}`,
  Profile: `Name Description UserType UserLicenseId Metadata:complex ${STANDARD}`,
  UserLicense: `Name MasterLabel LicenseDefinitionKey Status TotalLicenses:int UsedLicenses:int
    UsedLicensesLastUpdated:datetime CreatedDate:datetime LastModifiedDate:datetime SystemModstamp:datetime`,
  PermissionSet: `Name Label Description Type IsOwnedByProfile:boolean IsCustom:boolean ProfileId LicenseId NamespacePrefix
    HasActivationRequired:boolean PermissionSetGroupId ${STANDARD}`,
  PermissionSetGroup: `DeveloperName MasterLabel Language Description Status NamespacePrefix
    HasActivationRequired:boolean ${STANDARD}`,
  PermissionSetGroupComponent: `PermissionSetGroupId PermissionSetId ${STANDARD}`,
  PermissionSetAssignment: `AssigneeId PermissionSetId PermissionSetGroupId IsActive:boolean ExpirationDate:datetime
    IsRevoked:boolean LastCreatedByChangeDate:datetime SystemModstamp:datetime`,
  PermissionSetLicense: `DeveloperName MasterLabel Language PermissionSetLicenseKey Status TotalLicenses:int
    UsedLicenses:int ExpirationDate:datetime LicenseExpirationPolicy IsSupplementLicense:boolean
    IsAvailableForIntegrations:boolean ${STANDARD}`,
  PermissionSetLicenseAssign: `AssigneeId PermissionSetLicenseId ${STANDARD}`,
  ObjectPermissions: `ParentId SobjectType PermissionsRead:boolean PermissionsCreate:boolean PermissionsEdit:boolean
    PermissionsDelete:boolean PermissionsViewAllRecords:boolean PermissionsModifyAllRecords:boolean ${STANDARD}`,
  PermissionSetTabSetting: `ParentId Name Visibility SystemModstamp:datetime`,
  FieldPermissions: `ParentId SobjectType Field PermissionsRead:boolean PermissionsEdit:boolean SystemModstamp:datetime`,
  CustomPermission: `DeveloperName MasterLabel Language Description IsProtected:boolean IsLicensed:boolean NamespacePrefix
    ${STANDARD}`,
  SetupEntityAccess: 'ParentId SetupEntityId:string SetupEntityType SystemModstamp:datetime',
  UserPermissionAccess: 'LastCacheUpdate:datetime',
  OauthToken: `AccessToken AppName AppMenuItemId UserId UseCount:int LastUsedDate:datetime CreatedDate:datetime
    DeleteToken RequestToken`,
  AppMenuItem: `ApplicationId:string Name Label NamespacePrefix Description Type SortOrder:int StartUrl MobileStartUrl InfoUrl
    IconUrl LogoUrl IsAccessible:boolean IsRegisteredDeviceOnly:boolean IsUsingAdminAuthorization:boolean IsVisible:boolean
    ${STANDARD}`,
  EntityDefinition: `QualifiedApiName DeveloperName Label DurableId KeyPrefix NamespacePrefix IsQueryable:boolean
    IsCustomSetting:boolean`,
  FieldDefinition: `QualifiedApiName DeveloperName Label DataType DurableId NamespacePrefix EntityDefinitionId
    IsIndexed:boolean IsNillable:boolean`,
  LoginHistory: `UserId:string LoginTime:datetime LoginType LoginSubType Application Status SourceIp ForwardedForIp LoginUrl
    ApiType ApiVersion ClientVersion Browser Platform TlsProtocol CipherSuite CountryIso LoginGeoId:string
    AuthenticationServiceId:string AuthMethodReference AuthContextClassRef NetworkId:string OptionsIsGet:boolean
    OptionsIsPost:boolean`,
  IdpEventLog: `AppId AuthSessionId:string ErrorCode IdentityUsed InitiatedBy OptionsHasLogoutUrl:boolean SamlEntityUrl SsoType
    Timestamp:datetime UserId`,
  ApexClass: `Name NamespacePrefix ApiVersion:double Status IsValid:boolean ${STANDARD}`,
  ApexLog: `Application DurationMilliseconds:int Location LogLength:int LogUserId Operation Request StartTime:datetime Status
    LastModifiedDate:datetime SystemModstamp:datetime`,
  InstalledSubscriberPackage: 'SubscriberPackageId SubscriberPackageVersionId MinPackageVersionId:string',
  SubscriberPackage: 'Name NamespacePrefix Description IsPackageValid:boolean',
  SubscriberPackageVersion: `Name SubscriberPackageId MajorVersion:int MinorVersion:int PatchVersion:int BuildNumber:int
    ReleaseState PublisherName Package2ContainerOptions Description IsBeta:boolean IsDeprecated:boolean IsManaged:boolean IsOrgDependent:boolean
    IsPasswordProtected:boolean IsSecurityReviewed:boolean`,
  ExtlClntAppOauthConsumer: `DeveloperName MasterLabel Language ExternalClientApplicationId ExtlClntAppOauthSettingsId
    IsDeleted:boolean ${STANDARD}`,
  ConnectedApplication: `Name MobileSessionTimeout MobileStartUrl NamedUserUvidTimeout OptionsAllowAdminApprovedUsersOnly:boolean
    OptionsAppIssueJwtTokenEnabled:boolean OptionsCodeCredentialGuestEnabled:boolean
    OptionsFullContentPushNotifications:boolean OptionsHasSessionLevelPolicy:boolean OptionsIsInternal:boolean
    OptionsRefreshTokenValidityMetric:boolean OptionsTokenExchangeManageBitEnabled:boolean PinLength
    RefreshTokenValidityPeriod:int StartUrl UvidTimeout ${STANDARD}`,
  OauthCustomScope: `DeveloperName MasterLabel Language Description IsPublic:boolean NamespacePrefix ${STANDARD}`,
  OauthTokenExchangeHandler: `DeveloperName MasterLabel Language Description IsEnabled:boolean IsUserCreationAllowed:boolean
    IsContactCreationAllowed:boolean SupportedTokenTypesAccessToken:boolean SupportedTokenTypesIdToken:boolean
    SupportedTokenTypesJwt:boolean SupportedTokenTypesRefreshToken:boolean SupportedTokenTypesSaml2:boolean
    TokenHandlerApexId:string NamespacePrefix ${STANDARD}`,
  OauthTokenExchHandlerApp: `OauthTokenExchangeHandlerId ExternalClientApplicationId ConnectedApplicationId ApexExecutionUserId
    IsDefault:boolean ${STANDARD}`,
  ScratchOrgInfo: `Name AdminEmail ConnectedAppCallbackUrl ConnectedAppConsumerKey DurationDays:int Edition ErrorCode LoginUrl OrgName
    ScratchOrg SignupEmail SignupUsername Status OwnerId ${STANDARD}`,
  Account: `Name Phone Website Industry OwnerId ${STANDARD}`,
  Contact: `FirstName LastName Name Email AccountId OwnerId ${STANDARD}`,
  Domain: 'Domain DomainType HttpsOption',
  DeployRequest: `Status CheckOnly:boolean RollbackOnError:boolean StartDate:datetime CompletedDate:datetime ErrorMessage
    ${STANDARD}`,
  ExternalClientAppSettings: `DurableId FullName IsClientSecretInRestApiAccessEnabled:boolean
    IsConsumerSecretApiAccessEnabled:boolean IsPackageEcaOauthFromDevOrgEnabled:boolean`,
  OauthOidcSettings: `DurableId FullName AgentAuthLinking:boolean BlockOauthUnPwFlow:boolean BlockOauthUsrAgtFlow:boolean
    IsPkceRequired:boolean OauthCdCrdtFlowEnable:boolean`,
};

/** Fields that the types lack and scripts against live orgs ask for. */
const REPORTED: Record<string, Record<string, string>> = {
  ExtlClntAppOauthSettings: { ClientAssertionCertificate: 'string', OauthLink: 'string' },
};

/** Fields that stand in SELECT and GROUP BY and not in WHERE (Object Reference, LoginHistory). */
const NOT_FILTERABLE: Record<string, readonly string[]> = {
  LoginHistory: ['ApiType', 'ApiVersion', 'Application', 'Browser', 'ClientVersion', 'Platform', 'Status'],
};

const LABELS: Record<string, string> = {
  ExternalClientApplication: 'External Client Application',
  ExtlClntAppOauthPlcyCnfg: 'External Client App OAuth Policies Configuration',
  ExtlClntAppOauthSettings: 'External Client App OAuth Settings',
  ExtlClntAppPlcyCnfg: 'External Client App Policy Configuration',
};

/** Names of the ways to child records, by child sObject and its reference field. */
const CHILD_NAMES: Record<string, string> = {
  'PermissionSetAssignment.AssigneeId': 'PermissionSetAssignments',
  'PermissionSetAssignment.PermissionSetId': 'Assignments',
  'PermissionSetLicenseAssign.AssigneeId': 'PermissionSetLicenseAssignments',
  'PermissionSetLicenseAssign.PermissionSetLicenseId': 'PermissionSetLicenseAssignments',
  'PermissionSetAssignment.PermissionSetGroupId': 'Assignments',
  'PermissionSetGroupComponent.PermissionSetGroupId': 'PermissionSetGroupComponents',
  'PermissionSetGroupComponent.PermissionSetId': 'PermissionSetGroupComponents',
  'SetupEntityAccess.ParentId': 'SetupEntityAccessItems',
  'ObjectPermissions.ParentId': 'ObjectPerms',
  'FieldPermissions.ParentId': 'FieldPerms',
  'User.ProfileId': 'Users',
  'PermissionSet.ProfileId': 'PermissionSets',
  'ExtlClntAppOauthIpRange.ExtlClntAppOauthSettingsId': 'ExtlClntAppOauthIpRanges',
  'Contact.AccountId': 'Contacts',
};

const WRITABLE: Record<string, Partial<Pick<SObjectDefinition, 'createable' | 'updateable' | 'deletable'>>> = {
  User: { createable: true, updateable: true },
  UserLogin: { updateable: true },
  PermissionSet: { createable: true, updateable: true, deletable: true },
  PermissionSetAssignment: { createable: true, updateable: true, deletable: true },
  PermissionSetLicenseAssign: { createable: true, deletable: true },
  SetupEntityAccess: { createable: true, deletable: true },
  Account: { createable: true, updateable: true, deletable: true },
  Contact: { createable: true, updateable: true, deletable: true },
};

const ONLY_TOOLING = new Set([
  'DeployRequest',
  'ExternalClientAppSettings',
  'InstalledSubscriberPackage',
  'OauthOidcSettings',
  'SubscriberPackage',
  'SubscriberPackageVersion',
]);
const ALSO_TOOLING = new Set([
  'ApexLog',
  'EntityDefinition',
  'FieldDefinition',
  'Organization',
  'User',
  'Profile',
  'PermissionSet',
  'PermissionSetAssignment',
]);

const fieldsInShort = (sObject: string): Record<string, string> => {
  const names = (FIELDS[sObject] ?? '').split(/\s+/).filter(Boolean);
  return Object.fromEntries(
    names.map((field) => {
      const [name = '', type] = field.split(':');
      return [name, type ?? (name.endsWith('Id') ? 'reference' : 'string')];
    }),
  );
};

const permissionFieldsOf = (sObject: string): Record<string, string> => {
  if (!['Profile', 'PermissionSet', 'UserPermissionAccess'].includes(sObject)) return {};
  return Object.fromEntries(PERMISSIONS.map((permission) => [`Permissions${permission}`, 'boolean']));
};

const field = (sObject: string, name: string, type: string): Field => {
  const filter = NOT_FILTERABLE[sObject]?.includes(name) ? { filterable: false as const } : {};
  if (type !== 'reference') return { name, type: type as FieldType, ...filter };
  const relationshipName = name.replace(/Id$/, '');
  const referenceTo = REFERENCES[`${sObject}.${name}`] ?? REFERENCES[name] ?? relationshipName;
  return { name, type: 'reference', referenceTo, relationshipName };
};

/** The sObjects that a Dev Hub alone has (the CLI tells a Dev Hub by it). */
export const isOfDevHub = (name: string): boolean => name === 'ScratchOrgInfo';

/** The sObjects that hold external client apps: an org without them has none of these. */
export const isAppSObject = (name: string): boolean => name in generated || name === 'ExtlClntAppOauthConsumer';

const definition = (name: string, fields: Record<string, string>): SObjectDefinition => {
  const all = [
    { name: 'Id', type: 'id' as const },
    ...Object.entries(fields).map(([one, type]) => field(name, one, type)),
  ];
  return {
    name,
    label: LABELS[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, ' '),
    fields: new Map(all.map((one) => [one.name.toLowerCase(), one])),
    children: [],
    tooling: isAppSObject(name) || ONLY_TOOLING.has(name) || ALSO_TOOLING.has(name),
    data: !ONLY_TOOLING.has(name),
    createable: false,
    updateable: false,
    deletable: false,
    ...WRITABLE[name],
  };
};

/** Every sObject that the practice org has, by its name in small letters: SOQL does not mind case. */
export const SOBJECTS: Map<string, SObjectDefinition> = new Map(
  [
    ...Object.keys(FIELDS).map((name) => definition(name, { ...fieldsInShort(name), ...permissionFieldsOf(name) })),
    ...Object.entries(generated).map(([name, fields]) => definition(name, { ...fields, ...REPORTED[name] })),
  ].map((one) => [one.name.toLowerCase(), one]),
);

for (const child of SOBJECTS.values()) {
  for (const reference of child.fields.values()) {
    const name = CHILD_NAMES[`${child.name}.${reference.name}`];
    const parent = SOBJECTS.get(reference.referenceTo?.toLowerCase() ?? '');
    if (name && parent) parent.children.push({ name, childSObject: child.name, field: reference.name });
  }
}
