import { typeSince } from './versions.ts';

/** A metadata type as it is kept in zip files and described by describeMetadata. */
export type MetadataType = {
  name: string;
  folder: string;
  suffix: string;
  /** API version that it came with. */
  since: number;
};

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
  OauthCustomScope: ['oauthcustomscopes', 'oauthcustomscope'],
  OauthTokenExchangeHandler: ['oauthtokenexchangehandlers', 'oauthtokenexchangehandler'],
  Settings: ['settings', 'settings'],
};

/** Every type that the practice org keeps, in the order in which a deploy writes them: what is pointed to first. */
export const METADATA_TYPES: readonly MetadataType[] = Object.entries(FILES).map(([name, [folder, suffix]]) => ({
  name,
  folder,
  suffix,
  since: typeSince(name),
}));

const BY_NAME = new Map(METADATA_TYPES.map((type) => [type.name, type]));

export function metadataType(name: string): MetadataType | undefined {
  return BY_NAME.get(name);
}

/** A type that belongs to an external client app: the app itself, or one that points to it. */
export function isAppType(name: string): boolean {
  return name === 'ExternalClientApplication' || name.startsWith('ExtlClntApp');
}

/** The types that an admin of an app may write, also where the app was installed. */
export function isPolicyType(name: string): boolean {
  return isAppType(name) && name.endsWith('Policies');
}

/** The member of Settings, and the type that is the root element of its file. */
export const SETTINGS: Readonly<Record<string, string>> = {
  ConnectedApp: 'ConnectedAppSettings',
  ExternalClientApp: 'ExternalClientAppSettings',
  OauthOidc: 'OauthOidcSettings',
};
