import { typeSince } from './versions.ts';

/** A metadata type as it is kept in zip files and described by describeMetadata. */
export type MetadataType = {
  name: string;
  folder: string;
  suffix: string;
  /** API version that it came with. */
  since: number;
  /** A type that can be listed, and of which the practice org keeps nothing. */
  alwaysEmpty?: true;
};

/** The admin's OAuth policies of an app. */
export const OAUTH_POLICIES = 'ExtlClntAppOauthConfigurablePolicies';
/** The switches of an app's plugins, and the switch of the app itself. */
export const PLUGIN_POLICIES = 'ExtlClntAppConfigurablePolicies';

const FILES: Record<string, [folder: string, suffix: string]> = {
  PermissionSet: ['permissionsets', 'permissionset'],
  ExternalClientApplication: ['externalClientApps', 'eca'],
  ExtlClntAppOauthSettings: ['extlClntAppOauthSettings', 'ecaOauth'],
  ExtlClntAppGlobalOauthSettings: ['extlClntAppGlobalOauthSets', 'ecaGlblOauth'],
  ExtlClntAppOauthSecuritySettings: ['extlClntAppOauthSecuritySettings', 'ecaOauthSecurity'],
  ExtlClntAppNotificationSettings: ['extlClntAppNotifSettings', 'ecaNotifications'],
  ExtlClntAppPushSettings: ['extlClntAppPushSettings', 'ecaPush'],
  ExtlClntAppMobileSettings: ['extlClntAppMobileSettings', 'ecaMobile'],
  ExtlClntAppCanvasSettings: ['extlClntAppCanvasSettings', 'ecaCanvas'],
  ExtlClntAppOauthConfigurablePolicies: ['extlClntAppOauthPolicies', 'ecaOauthPlcy'],
  ExtlClntAppConfigurablePolicies: ['extlClntAppPolicies', 'ecaPlcy'],
  ExtlClntAppPushConfigurablePolicies: ['extlClntAppPushPolicies', 'ecaPushPlcy'],
  ExtlClntAppMobileConfigurablePolicies: ['extlClntAppMobilePolicies', 'ecaMobilePlcy'],
  ExtlClntAppSamlConfigurablePolicies: ['extlClntAppSamlConfigurablePolicies', 'ecaSamlPlcy'],
  ConnectedApp: ['connectedApps', 'connectedApp'],
  BlacklistedConsumer: ['blacklistedConsumers', 'blacklistedConsumer'],
  OauthCustomScope: ['oauthcustomscopes', 'oauthcustomscope'],
  OauthTokenExchangeHandler: ['oauthtokenexchangehandlers', 'oauthtokenexchangehandler'],
  Settings: ['settings', 'settings'],
};

/**
 * Types that scripts list before they create an app, to see what exists. They are about targets for a key and secret,
 * other clients, access for users, and code for handlers. An org without any of them answers with an empty list, and so
 * does the practice org.
 */
const EMPTY_TYPES: Record<string, [folder: string, suffix: string, since?: number]> = {
  ApexClass: ['classes', 'cls'],
  AuthProvider: ['authproviders', 'authprovider'],
  Certificate: ['certs', 'crt'],
  CorsWhitelistOrigin: ['corsWhitelistOrigins', 'corsWhitelistOrigin'],
  CspTrustedSite: ['cspTrustedSites', 'cspTrustedSite'],
  CustomPermission: ['customPermissions', 'customPermission'],
  ExternalCredential: ['externalCredentials', 'externalCredential', 56],
  ExternalServiceRegistration: ['externalServiceRegistrations', 'externalServiceRegistration'],
  NamedCredential: ['namedCredentials', 'namedCredential'],
  PermissionSetGroup: ['permissionsetgroups', 'permissionsetgroup'],
  RemoteSiteSetting: ['remoteSiteSettings', 'remoteSite'],
  SamlSsoConfig: ['samlssoconfigs', 'samlssoconfig'],
};

/**
 * Every type that the practice org knows, in the order in which a deploy writes them. Targets of references come first.
 */
export const METADATA_TYPES: readonly MetadataType[] = [
  ...Object.entries(FILES).map(([name, [folder, suffix]]) => ({ name, folder, suffix, since: typeSince(name) })),
  ...Object.entries(EMPTY_TYPES).map(([name, [folder, suffix, since = 0]]) => ({
    name,
    folder,
    suffix,
    since,
    alwaysEmpty: true as const,
  })),
];

const BY_NAME = new Map(METADATA_TYPES.map((type) => [type.name, type]));

export const metadataType = (name: string): MetadataType | undefined => BY_NAME.get(name);

/** A type that belongs to an external client app: the app itself, or one that points to it. */
export const isAppType = (name: string): boolean =>
  name === 'ExternalClientApplication' || name.startsWith('ExtlClntApp');

/** The types that an admin of an app may write, also where the app was installed. */
export const isPolicyType = (name: string): boolean => isAppType(name) && name.endsWith('Policies');

/**
 * Is this the type of a member of Settings? Calls for single components use it, and its file has it as root element.
 */
export const isSettingsType = (name: string): boolean => Object.values(SETTINGS).includes(name);

/** Types that can be listed, deployed and retrieved, and that no call for single components takes (jsforce#1206). */
export const ONLY_IN_FILES: ReadonlySet<string> = new Set(['ApexClass']);

/** The member of Settings, and the type that is the root element of its file. */
export const SETTINGS: Readonly<Record<string, string>> = {
  ConnectedApp: 'ConnectedAppSettings',
  ExternalClientApp: 'ExternalClientAppSettings',
  OauthOidc: 'OauthOidcSettings',
};
