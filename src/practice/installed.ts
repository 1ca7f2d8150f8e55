import { newConsumer } from './keyPairs.ts';
import { completed, defaultPolicyName } from './metadata/defaults.ts';
import { OAUTH_POLICIES, PLUGIN_POLICIES } from './metadata/types.ts';
import { type Component, type PracticeOrg, qualifiedName } from './org.ts';
import { newComponent } from './stamps.ts';

/** Thrown for a name that no installed app can have. */
export class BadInstalledApp extends Error {}

/**
 * Puts an external client app into an org as the installation of a managed package does. The app and its OAuth settings
 * belong to the package and have its namespace; the policies belong to the org. The global settings, with the consumer,
 * stay in the org that made the package. The app works in this org all the same. Throws BadInstalledApp for a name that
 * is not a namespace, two underscores and a name.
 */
export const installApp = (org: PracticeOrg, qualified: string): void => {
  const [, namespace = '', fullName = ''] = /^([a-zA-Z]\w*?)__([a-zA-Z]\w*)$/.exec(qualified) ?? [];
  if (!fullName) throw new BadInstalledApp(`${qualified} is not the name of an installed app.`);
  const put = (type: string, ofName: string, body: Record<string, unknown>, owner?: string): Component => {
    const component = newComponent(org, org.seeded.admin.Id, {
      type,
      fullName: ofName,
      ...(owner ? { namespace: owner } : {}),
      body: completed(type, body),
    });
    org.putComponent(component);
    return component;
  };
  const app = put(
    'ExternalClientApplication',
    fullName,
    { contactEmail: `support@${namespace}.example`, label: fullName, distributionState: 'Managed' },
    namespace,
  );
  const of = { externalClientApplication: qualifiedName(app) };
  const scopes = 'Api, RefreshToken';
  put('ExtlClntAppOauthSettings', `${fullName}_oauth`, { ...of, commaSeparatedOauthScopes: scopes }, namespace);
  put(
    'ExtlClntAppGlobalOauthSettings',
    `${fullName}_glbloauth`,
    { ...of, callbackUrl: `https://${namespace}.example/callback` },
    namespace,
  );
  const putPolicies = (type: string, owner: string): void => {
    const label = defaultPolicyName(owner, (name) => org.component(type, name) !== undefined);
    put(type, label, { ...of, label });
  };
  putPolicies(OAUTH_POLICIES, `${fullName}_oauth`);
  putPolicies(PLUGIN_POLICIES, fullName);
  newConsumer(org, app);
};
