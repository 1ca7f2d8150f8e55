import { keyPrefix, partId } from '../ids.ts';
import { loginHistoryRows } from '../loginHistory.ts';
import { userLogin } from '../logins.ts';
import {
  APP_TYPE,
  type Component,
  type Consumer,
  type PracticeOrg,
  qualifiedName,
  type SObjectRecord,
  wholeSecond,
} from '../org.ts';
import { permissionFields, PERMISSIONS } from '../permissions.ts';
import { stampsOf } from '../stamps.ts';
import { connectedApplicationRows, connectedMenuItemId, connectedMenuItems } from './connectedRows.ts';
import { type Field, isAppSObject, type SObjectDefinition, SOBJECTS } from './definitions.ts';
import { scopeFields } from './scopes.ts';

/** The records of an sObject as one user sees them: stored records, and records that are computed from other data. */
export const rows = (org: PracticeOrg, sObject: string, userId: string): SObjectRecord[] =>
  COMPUTED[sObject]?.(org, userId) ?? org.records(sObject);

type Rows = (org: PracticeOrg, userId: string) => SObjectRecord[];

const COMPUTED: Record<string, Rows> = {
  UserPermissionAccess: (org, userId) => [
    {
      Id: '000000000000000AAA',
      LastCacheUpdate: org.now().toISOString(),
      ...permissionFields(granted(org, userId)),
    },
  ],
  Profile: (org) =>
    org.records('Profile').map((profile) => ({
      ...profile,
      // Of a profile's metadata, what says from where and when its users may log in.
      Metadata: profile.Metadata ?? { custom: false, description: null, loginHours: null, loginIpRanges: [] },
    })),
  OauthCustomScope: (org) =>
    org.components('OauthCustomScope').map((scope) => ({
      ...componentRow(org, scope),
      DeveloperName: scope.body.developerName,
      MasterLabel: scope.body.masterLabel,
      Description: scope.body.description,
      IsPublic: scope.body.isPublic,
    })),
  OauthTokenExchangeHandler: (org) =>
    org.components('OauthTokenExchangeHandler').map((handler) => ({
      ...componentRow(org, handler),
      MasterLabel: handler.body.masterLabel,
      Description: handler.body.description,
      IsEnabled: handler.body.isEnabled,
      IsUserCreationAllowed: handler.body.isUserCreationAllowed,
      IsContactCreationAllowed: handler.body.isContactCreationAllowed ?? false,
      SupportedTokenTypesAccessToken: handler.body.isAccessTokenSupported,
      SupportedTokenTypesIdToken: handler.body.isIdTokenSupported,
      SupportedTokenTypesJwt: handler.body.isJwtSupported,
      SupportedTokenTypesRefreshToken: handler.body.isRefreshTokenSupported,
      SupportedTokenTypesSaml2: handler.body.isSaml2Supported,
    })),
  OauthTokenExchHandlerApp: (org) =>
    org.components('OauthTokenExchangeHandler').flatMap((one) => enabledApps(org, one)),
  EntityDefinition: (org, userId) => definitionsFor(org, userId).map(entityRow),
  FieldDefinition: (org, userId) => definitionsFor(org, userId).flatMap(fieldRows),
  UserLicense: (org) =>
    org.records('UserLicense').map((licence) => ({ ...licence, UsedLicenses: usersWithLicence(org, licence.Id) })),
  PermissionSetLicense: (org) =>
    org.records('PermissionSetLicense').map((licence) => ({
      ...licence,
      UsedLicenses: org.records('PermissionSetLicenseAssign').filter((one) => one.PermissionSetLicenseId === licence.Id)
        .length,
    })),
  // Object reference: who manages users sees how they may log in; whether others see their own is unknown.
  UserLogin: (org, userId) => {
    const all = org.can(userId, 'ManageUsers') || org.can(userId, 'FreezeUsers');
    return org
      .records('UserLogin')
      .filter((login) => all || login.UserId === userId)
      .map((login) => userLogin(org, String(login.UserId)) ?? login);
  },
  LoginHistory: loginHistoryRows,
  AppMenuItem: (org) => [
    ...connectedMenuItems(org),
    ...org.components(APP_TYPE).flatMap((app) => {
      const id = appMenuItemId(org, app.id);
      return id ? [appMenuItemRow(org, app, id)] : [];
    }),
  ],
  ConnectedApplication: (org) => [...connectedApplicationRows(org), ...org.records('ConnectedApplication')],
  ExtlClntAppOauthConsumer: (org) =>
    [...org.consumers.values()].flatMap((consumer) => {
      const settings = settingsOf(org, consumer.appId);
      return settings ? [consumerRow(org, settings, consumer)] : [];
    }),
  InstalledSubscriberPackage: (org) =>
    installedPackages(org).map(({ packageId, versionId, nth }) => ({
      Id: partId('InstalledSubscriberPackage', org.orgId, nth),
      SubscriberPackageId: packageId,
      SubscriberPackageVersionId: versionId,
      MinPackageVersionId: versionId,
    })),
  SubscriberPackage: (org) =>
    installedPackages(org).map(({ packageId, namespace }) => ({
      Id: packageId,
      Name: namespace,
      NamespacePrefix: namespace,
      IsPackageValid: true,
    })),
  SubscriberPackageVersion: (org) =>
    installedPackages(org).map(({ packageId, versionId }) => ({
      Id: versionId,
      Name: 'ver 1.0',
      SubscriberPackageId: packageId,
      MajorVersion: 1,
      MinorVersion: 0,
      PatchVersion: 0,
      BuildNumber: 1,
      ReleaseState: 'Released',
      IsManaged: true,
    })),
  OauthToken: (org, userId) => {
    const all = org.records('OauthToken');
    return org.can(userId, 'CustomizeApplication') ? all : all.filter((token) => token.UserId === userId);
  },
  ExternalClientApplication: (org) => org.components(APP_TYPE).map((app) => appRow(org, app)),
  ExtlClntAppOauthSettings: (org) =>
    org.components('ExtlClntAppOauthSettings').map((settings) => ({
      ...childRow(org, settings),
      ClientAssertionCertificate: settings.body.clientAssertionCertificate,
      ExtlClntAppOauthOptionsFirstPartyAppEnabled: settings.body.isFirstPartyAppEnabled,
      OauthLink: settings.body.oauthLink,
      SingleLogoutUrl: settings.body.singleLogoutUrl,
      ...scopeFields(String(settings.body.commaSeparatedOauthScopes ?? '')),
    })),
  ExtlClntAppOauthIpRange: (org) => org.components('ExtlClntAppOauthSettings').flatMap(ipRangeRows),
  ExtlClntAppOauthPlcyCnfg: (org) =>
    org.components('ExtlClntAppOauthConfigurablePolicies').map((policies) => oauthPolicyRow(org, policies)),
  ExtlClntAppPlcyCnfg: (org) =>
    org.components('ExtlClntAppConfigurablePolicies').map((policies) => ({
      ...childRow(org, policies),
      IsEnabled: policies.body.isEnabled,
      StartPage: policies.body.startPage,
      StartUrl: policies.body.startUrl,
      OauthPluginStatus: pluginStatus(policies.body.isOauthPluginEnabled),
      SamlPluginStatus: pluginStatus(policies.body.isSamlPluginEnabled),
      MobilePluginStatus: pluginStatus(policies.body.isMobilePluginEnabled),
      NotifPluginStatus: pluginStatus(policies.body.isNotificationPluginEnabled),
      PushPluginStatus: pluginStatus(policies.body.isPushPluginEnabled),
      CanvasPluginStatus: pluginStatus(policies.body.isCanvasPluginEnabled),
    })),
  ExternalClientAppSettings: (org) => {
    const settings = org.settings.ExternalClientAppSettings ?? {};
    return [
      {
        Id: '000000000000000AAA',
        DurableId: 'ExternalClientApp',
        FullName: 'ExternalClientApp',
        IsClientSecretInRestApiAccessEnabled: settings.enableClientSecretInRestApiAccess === true,
        IsConsumerSecretApiAccessEnabled: settings.enableConsumerSecretApiAccess === true,
        IsPackageEcaOauthFromDevOrgEnabled: settings.enablePackageEcaOauthFromDevOrg === true,
      },
    ];
  },
  OauthOidcSettings: (org) => {
    const settings = org.settings.OauthOidcSettings ?? {};
    return [
      {
        Id: '000000000000000AAA',
        DurableId: 'OauthOidc',
        FullName: 'OauthOidc',
        AgentAuthLinking: settings.agentAuthLinking === true,
        BlockOauthUnPwFlow: settings.blockOAuthUnPwFlow === true,
        BlockOauthUsrAgtFlow: settings.blockOAuthUsrAgtFlow === true,
        IsPkceRequired: settings.isPkceRequired === true,
        OauthCdCrdtFlowEnable: settings.oAuthCdCrdtFlowEnable === true,
      },
    ];
  },
};

/** The external client apps that a user may see: none without one of the permissions for them. */
export const maySeeApps = (org: PracticeOrg, userId: string): boolean =>
  org.externalClientApps &&
  (org.can(userId, 'ExternalClientAppViewer') ||
    org.can(userId, 'ExternalClientAppAdmin') ||
    org.can(userId, 'ExternalClientAppDeveloper'));

const definitionsFor = (org: PracticeOrg, userId: string): SObjectDefinition[] =>
  [...SOBJECTS.values()].filter(({ name }) => !isAppSObject(name) || maySeeApps(org, userId));

/** The name of a field's type for people. */
const DATA_TYPES: Record<Field['type'], string> = {
  id: 'Lookup()',
  reference: 'Lookup',
  string: 'Text(255)',
  boolean: 'Checkbox',
  int: 'Number(9, 0)',
  datetime: 'Date/Time',
  complex: 'ComplexValue',
};

const fieldRows = (definition: SObjectDefinition): SObjectRecord[] =>
  [...definition.fields.values()].map((field) => ({
    Id: `${definition.name}.${field.name}`,
    DurableId: `${definition.name}.${field.name}`,
    QualifiedApiName: field.name,
    DeveloperName: field.name.replace(/(?<=.)Id$/, ''),
    Label: field.name.replace(/(?<=[a-z])(?=[A-Z])/g, ' '),
    DataType: field.referenceTo ? `Lookup(${field.referenceTo})` : DATA_TYPES[field.type],
    NamespacePrefix: null,
    EntityDefinitionId: definition.name,
    IsIndexed: field.type === 'id' || field.type === 'reference',
    IsNillable: field.type !== 'boolean' && field.type !== 'id',
  }));

/** The key of rows that describe an sObject is its name; the key of a record is its id. */
const entityRow = ({ name, label }: SObjectDefinition): SObjectRecord => ({
  Id: name,
  DurableId: name,
  QualifiedApiName: name,
  DeveloperName: name,
  Label: label,
  KeyPrefix: keyPrefix(name),
  NamespacePrefix: null,
  IsQueryable: true,
  IsCustomSetting: false,
});

const granted = (org: PracticeOrg, userId: string): string[] => {
  const sets = org.permissionSetsOf(userId);
  return PERMISSIONS.filter((permission) => sets.some((set) => set[`Permissions${permission}`] === true));
};

const usersWithLicence = (org: PracticeOrg, licenceId: string): number =>
  org
    .records('User')
    .filter(
      (user) => user.IsActive === true && org.record('Profile', String(user.ProfileId))?.UserLicenseId === licenceId,
    ).length;

/**
 * Fields of every record that stands for a component. The namespace is the namespace of the component's package, or the
 * org's own. The source is Object Reference, NamespacePrefix, with the same text for each object that has it.
 */
const componentRow = (org: PracticeOrg, component: Component): SObjectRecord => ({
  Id: component.id,
  DeveloperName: component.fullName,
  MasterLabel: component.body.label ?? component.fullName,
  Language: 'en_US',
  NamespacePrefix: component.namespace ?? org.namespace ?? null,
  IsDeleted: false,
  ...stampsOf(component),
  SystemModstamp: wholeSecond(component.lastModifiedDate),
});

const appRow = (org: PracticeOrg, app: Component): SObjectRecord => {
  const { body } = app;
  return {
    ...componentRow(org, app),
    ContactEmail: body.contactEmail,
    ContactPhone: body.contactPhone,
    Description: body.description,
    DistributionState: body.distributionState,
    IconUrl: body.iconUrl,
    InfoUrl: body.infoUrl,
    LogoUrl: body.logoUrl,
    ManagedType: body.managedType,
    ManageableState: app.namespace ? 'installed' : 'unmanaged',
    OrgScopedExternalApp: body.orgScopedExternalApp ?? `${org.orgId}:${qualifiedName(app)}`,
  };
};

const childRow = (org: PracticeOrg, child: Component): SObjectRecord => {
  const app = org.component(APP_TYPE, String(child.body.externalClientApplication));
  return { ...componentRow(org, child), ExternalClientApplicationId: app?.id ?? null };
};

/** The apps that a token exchange handler is enabled for. */
const enabledApps = (org: PracticeOrg, handler: Component): SObjectRecord[] => {
  const enablements = Array.isArray(handler.body.enablements) ? handler.body.enablements : [];
  return enablements.map((one: Record<string, unknown>, nth) => ({
    Id: partId('OauthTokenExchHandlerApp', handler.id, nth),
    OauthTokenExchangeHandlerId: handler.id,
    ExternalClientApplicationId: org.component(APP_TYPE, String(one.externalClientApp))?.id ?? null,
    ConnectedApplicationId: null,
    ApexExecutionUserId: org.userByUsername(String(one.apexExecutionUser))?.Id ?? null,
    IsDefault: one.isDefault,
    ...stampsOf(handler),
    SystemModstamp: wholeSecond(handler.lastModifiedDate),
  }));
};

/** The item that an app has in the app menu, where apps have one at all. */
export const appMenuItemId = (org: PracticeOrg, appId: string): string | null => {
  const connected = org.connectedAppById(appId);
  if (connected) return connectedMenuItemId(connected);
  return org.variants['app-menu-item'] === 'linked' ? partId('AppMenuItem', appId) : null;
};

const appMenuItemRow = (org: PracticeOrg, app: Component, id: string): SObjectRecord => {
  const policies = org.componentOfApp('ExtlClntAppOauthConfigurablePolicies', qualifiedName(app))?.body;
  const { CreatedById, CreatedDate, LastModifiedById, LastModifiedDate } = componentRow(org, app);
  return {
    Id: id,
    ApplicationId: app.id,
    Name: app.fullName,
    Label: app.body.label ?? app.fullName,
    NamespacePrefix: app.namespace ?? org.namespace ?? null,
    Description: app.body.description,
    Type: APP_TYPE,
    InfoUrl: app.body.infoUrl,
    IconUrl: app.body.iconUrl,
    LogoUrl: app.body.logoUrl,
    IsAccessible: true,
    IsUsingAdminAuthorization: policies?.permittedUsersPolicyType === 'AdminApprovedPreAuthorized',
    IsVisible: true,
    CreatedById,
    CreatedDate,
    LastModifiedById,
    LastModifiedDate,
  };
};

const settingsOf = (org: PracticeOrg, appId: string): Component | undefined => {
  const app = org.appById(appId);
  return app && org.componentOfApp('ExtlClntAppOauthSettings', qualifiedName(app));
};

const consumerRow = (org: PracticeOrg, settings: Component, consumer: Consumer): SObjectRecord => ({
  ...componentRow(org, settings),
  Id: consumer.id,
  DeveloperName: consumer.name,
  MasterLabel: consumer.name,
  ExternalClientApplicationId: consumer.appId,
  ExtlClntAppOauthSettingsId: settings.id,
});

/** The packages that apps were installed with: one for each namespace. */
const installedPackages = (
  org: PracticeOrg,
): Array<{ namespace: string; nth: number; packageId: string; versionId: string }> => {
  const namespaces = new Set(org.components(APP_TYPE).flatMap((app) => app.namespace ?? []));
  return [...namespaces].map((namespace, nth) => ({
    namespace,
    nth,
    packageId: partId('SubscriberPackage', org.orgId, nth),
    versionId: partId('SubscriberPackageVersion', org.orgId, nth),
  }));
};

const ipRangeRows = (settings: Component): SObjectRecord[] => {
  const ranges = Array.isArray(settings.body.trustedIpRanges) ? settings.body.trustedIpRanges : [];
  return ranges.map((range: Record<string, unknown>, nth) => ({
    Id: partId('ExtlClntAppOauthIpRange', settings.id, nth),
    ExtlClntAppOauthSettingsId: settings.id,
    StartIpAddress: range.startIpAddress,
    EndIpAddress: range.endIpAddress,
    Description: range.description,
    CreatedById: settings.createdById,
    CreatedDate: wholeSecond(settings.createdDate),
  }));
};

const oauthPolicyRow = (org: PracticeOrg, policies: Component): SObjectRecord => {
  const { body } = policies;
  const row = childRow(org, policies);
  const settings = org
    .components('ExtlClntAppOauthSettings')
    .find((one) => one.body.externalClientApplication === body.externalClientApplication);
  return {
    ...row,
    ExtlClntAppOauthSettingsId: settings?.id ?? null,
    ClientCredentialsFlowUser: body.clientCredentialsFlowUser,
    GuestJwtSessionTimeoutType: body.guestJwtSessionTimeoutType,
    GuestJwtTimeout: textOf(body.guestJwtTimeout),
    IpRelaxationPolicyType: body.ipRelaxationPolicyType,
    IsClientCredentialsFlowEnabled: body.isClientCredentialsFlowEnabled,
    IsGuestCodeCredFlowEnabled: body.isGuestCodeCredFlowEnabled,
    IsTokenExchangeFlowEnabled: body.isTokenExchangeFlowEnabled,
    NamedUserJwtSessionTimeoutType: body.namedUserJwtSessionTimeoutType,
    NamedUserJwtTimeout: textOf(body.namedUserJwtTimeout),
    PermittedUsersPolicyType: body.permittedUsersPolicyType,
    PolicyAction: body.policyAction,
    RefreshTokenPolicyType: body.refreshTokenPolicyType,
    RefreshTokenValidityPeriod: body.refreshTokenValidityPeriod,
    RefreshTokenValidityUnit: body.refreshTokenValidityUnit,
    RequiredSessionLevel: body.requiredSessionLevel,
    SessionTimeoutInMinutes: body.sessionTimeoutInMinutes,
    SingleLogoutUrl: body.singleLogoutUrl,
    StartUrl: body.startUrl,
  };
};

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

const pluginStatus = (enabled: unknown): string => (enabled === false ? 'Disabled' : 'Enabled');
