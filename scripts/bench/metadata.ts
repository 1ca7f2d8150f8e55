import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/*
 * The same apps in two forms: as eca.yaml for `sf eca apply`, and as the source files that `sf project deploy start` deploys. Element
 * for element they are what the plugin would deploy.
 */

const CALLBACK_URL = 'https://orders.example.com/oauth/callback';

/** The app as `sf eca apply` takes it. */
export const entry = (name: string, runAs: string): string => `  - name: ${name}
    label: ${name}
    contactEmail: it@example.com
    oauth:
      callbackUrls: [${CALLBACK_URL}]
      flows: [web-server, client-credentials]
      runAs: ${runAs}
      pkceRequired: true
    scopes: [api, refresh_token]
    policies:
      refreshToken: lifetime
      refreshTokenValidity: 30 days
      sessionTimeoutMinutes: 30
`;

export const yamlOf = (names: string[], runAs: string): string =>
  `apps:\n${names.map((name) => entry(name, runAs)).join('')}`;

export const absentYamlOf = (names: string[]): string =>
  `apps:\n${names.map((name) => `  - { name: ${name}, absent: true }\n`).join('')}`;

const component = (type: string, elements: Record<string, string>): string => `<?xml version="1.0" encoding="UTF-8"?>
<${type} xmlns="http://soap.sforce.com/2006/04/metadata">
${Object.entries(elements)
  .map(([name, text]) => `    <${name}>${text}</${name}>\n`)
  .join('')}</${type}>
`;

/** Which of an app's components. The org makes the policies by itself with a new app, so only a change of them is deployed. */
export type Part = 'application' | 'oauthSettings' | 'globalOauthSettings' | 'oauthPolicies' | 'policies';

/** A source file of an app: its path in a package directory, and its text. `change` makes the text another one. */
const sourceOf = (part: Part, name: string, runAs: string, change: number): [string, string] => {
  const reference = { externalClientApplication: name };
  switch (part) {
    case 'application':
      return [
        `externalClientApps/${name}.eca-meta.xml`,
        component('ExternalClientApplication', {
          contactEmail: 'it@example.com',
          distributionState: 'Local',
          isProtected: 'false',
          label: name,
        }),
      ];
    case 'oauthSettings':
      return [
        `extlClntAppOauthSettings/${name}_oauth.ecaOauth-meta.xml`,
        component('ExtlClntAppOauthSettings', {
          commaSeparatedOauthScopes: change % 2 === 0 ? 'Api, RefreshToken' : 'Api',
          ...reference,
          label: `${name}_oauth`,
        }),
      ];
    case 'globalOauthSettings':
      return [
        `extlClntAppGlobalOauthSets/${name}_glbloauth.ecaGlblOauth-meta.xml`,
        component('ExtlClntAppGlobalOauthSettings', {
          callbackUrl: CALLBACK_URL,
          ...reference,
          isClientCredentialsFlowEnabled: 'true',
          isPkceRequired: 'true',
          label: `${name}_glbloauth`,
        }),
      ];
    case 'oauthPolicies':
      return [
        `extlClntAppOauthPolicies/${name}_oauthPlcy.ecaOauthPlcy-meta.xml`,
        component('ExtlClntAppOauthConfigurablePolicies', {
          clientCredentialsFlowUser: runAs,
          ...reference,
          isClientCredentialsFlowEnabled: 'true',
          label: `${name}_oauthPlcy`,
          refreshTokenPolicyType: 'SpecificLifetime',
          refreshTokenValidityPeriod: '30',
          refreshTokenValidityUnit: 'Days',
          sessionTimeoutInMinutes: change % 2 === 0 ? '30' : '60',
        }),
      ];
    case 'policies':
      return [
        `extlClntAppPolicies/${name}_defaultPolicy.ecaPlcy-meta.xml`,
        component('ExtlClntAppConfigurablePolicies', {
          ...reference,
          isEnabled: change % 2 === 0 ? 'true' : 'false',
          isOauthPluginEnabled: 'true',
          label: `${name}_defaultPolicy`,
        }),
      ];
  }
};

/** The components of a complete app. */
export const WHOLE_APP: Part[] = ['application', 'oauthSettings', 'globalOauthSettings', 'oauthPolicies'];

/** Writes the source files of apps into a folder, with nothing else in it. */
export const writeSources = (folder: string, names: string[], parts: Part[], runAs: string, change = 0): void => {
  rmSync(folder, { recursive: true, force: true });
  for (const name of names) {
    for (const part of parts) {
      const [path, text] = sourceOf(part, name, runAs, change);
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
};

/** The org's settings for external client apps, as `credentials --allow-secret-access` deploys them. */
export const writeSettings = (folder: string): void => {
  mkdirSync(join(folder, 'settings'), { recursive: true });
  writeFileSync(
    join(folder, 'settings', 'ExternalClientApp.settings-meta.xml'),
    component('ExternalClientAppSettings', { enableClientSecretInRestApiAccess: 'false' }),
  );
};

/** The `--metadata` flags that name an app's components. */
export const metadataFlags = (name: string): string[] =>
  [
    `ExternalClientApplication:${name}`,
    `ExtlClntAppOauthSettings:${name}_oauth`,
    `ExtlClntAppGlobalOauthSettings:${name}_glbloauth`,
    `ExtlClntAppOauthConfigurablePolicies:${name}_oauthPlcy`,
    `ExtlClntAppConfigurablePolicies:${name}_defaultPolicy`,
  ].flatMap((member) => ['--metadata', member]);

export const everyType: string[] = [
  'ExternalClientApplication',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppGlobalOauthSettings',
  'ExtlClntAppOauthConfigurablePolicies',
  'ExtlClntAppConfigurablePolicies',
].flatMap((type) => ['--metadata', type]);
