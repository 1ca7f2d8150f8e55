import { strToU8, zipSync } from 'fflate';

/** Files of a metadata package by path, and the zip that a client would send. */

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

const FOLDERS: Record<string, [folder: string, suffix: string]> = {
  ExternalClientApplication: ['externalClientApps', 'eca'],
  ExtlClntAppOauthSettings: ['extlClntAppOauthSettings', 'ecaOauth'],
  ExtlClntAppGlobalOauthSettings: ['extlClntAppGlobalOauthSets', 'ecaGlblOauth'],
  ExtlClntAppOauthConfigurablePolicies: ['extlClntAppOauthPolicies', 'ecaOauthPlcy'],
  ExtlClntAppConfigurablePolicies: ['extlClntAppPolicies', 'ecaPlcy'],
  ExtlClntAppOauthSecuritySettings: ['extlClntAppOauthSecuritySettings', 'ecaOauthSecurity'],
  ConnectedApp: ['connectedApps', 'connectedApp'],
  BlacklistedConsumer: ['blacklistedConsumers', 'blacklistedConsumer'],
  PermissionSet: ['permissionsets', 'permissionset'],
  NamedCredential: ['namedCredentials', 'namedCredential'],
  OauthTokenExchangeHandler: ['oauthtokenexchangehandlers', 'oauthtokenexchangehandler'],
};

/** One component: its type, its name and the XML between the tags of its root. */
export type Piece = { type: string; name: string; xml: string; root?: string };

export const app = (name: string, xml = '<contactEmail>it@example.com</contactEmail>'): Piece => ({
  type: 'ExternalClientApplication',
  name,
  xml: `${xml}<label>${name.replace(/[<&]/g, '')}</label>`,
});

const child =
  (type: string, suffix: string) =>
  (appName: string, xml = '', name = `${appName}_${suffix}`): Piece => ({
    type,
    name,
    xml: `<externalClientApplication>${appName}</externalClientApplication>${xml}`,
  });

export const oauthSettings = child('ExtlClntAppOauthSettings', 'oauth');
export const globalSettings = child('ExtlClntAppGlobalOauthSettings', 'glbloauth');
export const oauthPolicies = child('ExtlClntAppOauthConfigurablePolicies', 'oauthPlcy');
export const policies = child('ExtlClntAppConfigurablePolicies', 'plcy');
export const securitySettings = child('ExtlClntAppOauthSecuritySettings', 'security');

export const settings = (name: string, xml: string): Piece => ({
  type: 'Settings',
  name,
  xml,
  root: `${name}Settings`,
});

export const SCOPES = '<commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>';
export const CALLBACK = '<callbackUrl>https://orders.example.com/cb</callbackUrl>';

/** An app with OAuth, as few elements as there can be. */
export const oauthApp = (name: string): Piece[] => [
  app(name),
  oauthSettings(name, SCOPES),
  globalSettings(name, CALLBACK),
];

const packageXml = (members: Array<{ type: string; name: string }>, version?: number): string => {
  const types = [...new Set(members.map(({ type }) => type))].map((type) => {
    const names = members.filter((one) => one.type === type).map(({ name }) => `<members>${name}</members>`);
    return `<types>${names.join('')}<name>${type}</name></types>`;
  });
  const versionXml = version === undefined ? '' : `<version>${version}.0</version>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="${NAMESPACE}">${types.join('')}${versionXml}</Package>`;
};

export const zipOf = (files: Record<string, string>): Buffer =>
  Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)]))));

/** A package of components, and of names to delete; `metaXml` gives the files the names that they have in a project. */
export const packageOf = (
  pieces: Piece[],
  {
    version = 67,
    destroy = [],
    metaXml = false,
  }: { version?: number; destroy?: Array<{ type: string; name: string }>; metaXml?: boolean } = {},
): Record<string, string> => ({
  'package.xml': packageXml(pieces, version),
  ...(destroy.length > 0 ? { 'destructiveChanges.xml': packageXml(destroy) } : {}),
  ...Object.fromEntries(
    pieces.map(({ type, name, xml, root = type }) => {
      const [folder, suffix] = FOLDERS[type] ?? ['settings', 'settings'];
      return [
        `${folder}/${name}.${suffix}${metaXml ? '-meta.xml' : ''}`,
        `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="${NAMESPACE}">${xml}</${root}>`,
      ];
    }),
  ),
});
