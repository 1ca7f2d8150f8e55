import { newConsumer } from './keyPairs.ts';
import { keepAccess } from './metadata/access.ts';
import type { Body } from './metadata/body.ts';
import { completed, defaultPolicyName } from './metadata/defaults.ts';
import { permissionSetName } from './metadata/rules.ts';
import { OAUTH_POLICIES, PLUGIN_POLICIES } from './metadata/types.ts';
import { grantsOf } from './oauth/grants.ts';
import { APP_TYPE, type Component, CONNECTED_APP, type PracticeOrg, qualifiedName } from './org.ts';
import { newComponent } from './stamps.ts';

/*
 * Salesforce's button "Migrate to External Client App" (Salesforce Help, "Migrate a Connected App to an External Client App").
 * It keeps the consumer key and the secret, and the old app can only be read from then on. Nobody lists what else it carries.
 * Here it carries what both kinds of app have; the variant `button-policies` decides about the policies.
 */

/** The Connected Apps for which an admin sees the button. */
export const appsWithButton = (org: PracticeOrg): string[] =>
  org
    .components(CONNECTED_APP)
    .filter((app) => hasButton(org, app))
    .map(qualifiedName);

/** What stands against the button, as others quote Salesforce Help. Help names two things more, which no metadata has. */
const hasButton = (org: PracticeOrg, { vendor, fullName, body }: Component): boolean => {
  const { canvasConfig, canvas, plugin, oauthConfig, samlConfig } = body;
  if (vendor || org.component(APP_TYPE, fullName)) return false;
  if (oauthConfig === undefined && samlConfig === undefined) return false;
  if ([canvasConfig, canvas, plugin].some((value) => value !== undefined)) return false;
  return String(groupOf(body, 'samlConfig').encryptionType).toLowerCase() !== 'triple_des';
};

/**
 * Makes the external client app of a Connected App, with its name, key and secret. Refresh tokens and sessions go over to the
 * new app.
 *
 * @param userId who pressed the button
 * @returns false where there is no such button
 */
export const pressButton = (org: PracticeOrg, name: string, userId: string): boolean => {
  const old = org.component(CONNECTED_APP, name);
  if (!old || !hasButton(org, old)) return false;
  const put = (type: string, fullName: string, body: Body): Component => {
    const owner = type === APP_TYPE ? {} : { externalClientApplication: old.fullName, label: fullName };
    const component = newComponent(org, userId, {
      type,
      fullName,
      body: completed(type, defined({ ...owner, ...body })),
    });
    org.putComponent(component);
    return component;
  };
  const { label, contactEmail, contactPhone, description, iconUrl, infoUrl, logoUrl, startUrl } = old.body;
  const about = { label, contactEmail, contactPhone, description, iconUrl, infoUrl, logoUrl };
  const app = put(APP_TYPE, old.fullName, {
    ...about,
    orgScopedExternalApp: `${org.orgId.slice(0, 15)}:${old.fullName}`,
  });
  const nameOfPolicies = (type: string, owner: string): string =>
    defaultPolicyName(owner, (one) => org.component(type, one) !== undefined);
  const start = startUrl === undefined ? {} : { startPage: 'Custom', startUrl };
  put(PLUGIN_POLICIES, nameOfPolicies(PLUGIN_POLICIES, app.fullName), start);
  if (old.body.oauthConfig === undefined) return true;
  const oauth = put('ExtlClntAppOauthSettings', `${app.fullName}_oauth`, settingsOf(old.body));
  const globals = put('ExtlClntAppGlobalOauthSettings', `${app.fullName}_glbloauth`, globalsOf(old.body));
  const policies = org.variants['button-policies'] === 'carried' ? policiesOf(org, old.body) : {};
  keepAccess(org, put(OAUTH_POLICIES, nameOfPolicies(OAUTH_POLICIES, oauth.fullName), policies));
  const consumer = newConsumer(org, app);
  const { key, secret } = org.consumers.get(old.id)?.primary ?? consumer.primary;
  Object.assign(consumer.primary, { key, secret });
  globals.body.consumerKey = key;
  oauth.body.oauthLink = `${org.orgId.slice(0, 15)}:${consumer.id.slice(0, 15)}`;
  grantsOf(org).handOver(old.id, app.id);
  for (const session of org.sessions.values()) if (session.appId === old.id) session.appId = app.id;
  return true;
};

const defined = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

const groupOf = (body: Body, name: string): Body => (body[name] ?? {}) as Body;

const listOf = <Item>(value: unknown): Item[] => (Array.isArray(value) ? (value as Item[]) : []);

const settingsOf = (body: Body): Body => {
  const { scopes, singleLogoutUrl } = groupOf(body, 'oauthConfig');
  const ranges = listOf<Body>(body.ipRanges).map(({ start, end, description }) =>
    defined({ startIpAddress: start, endIpAddress: end, description }),
  );
  const attributes = listOf<Body>(body.attributes);
  return {
    commaSeparatedOauthScopes: listOf<string>(scopes)
      .map((scope) => (scope === 'SFAP' ? 'SFApiPlatform' : scope))
      .join(', '),
    singleLogoutUrl,
    ...(ranges.length > 0 && { trustedIpRanges: ranges }),
    ...(attributes.length > 0 && { customAttributes: attributes }),
  };
};

/** Elements with one name and one meaning in both kinds of app. */
const SAME = [
  'callbackUrl',
  'certificate',
  'isConsumerSecretOptional',
  'isDPopEnabled',
  'isDeviceFlowEnabled',
  'isEnforceRefreshTokenTTL',
  'isIntrospectAllTokens',
  'isNamedUserJwtEnabled',
  'isPkceRequired',
  'isRefreshTokenRotationEnabled',
  'isSecretRequiredForRefreshToken',
  'isSecretRequiredForTokenExchange',
  'isTokenExchangeEnabled',
];

const globalsOf = (body: Body): Body => {
  const config = groupOf(body, 'oauthConfig');
  const { idTokenValidity, idTokenIncludeCustomPerms, ...idToken } = groupOf(config, 'idTokenConfig');
  return {
    ...Object.fromEntries(SAME.map((element) => [element, config[element]])),
    isClientCredentialsFlowEnabled: config.isClientCredentialEnabled,
    isCodeCredFlowEnabled: config.isCodeCredentialEnabled,
    isCodeCredPostOnly: config.isCodeCredentialPostOnly,
    ...(config.idTokenConfig !== undefined && {
      idTokenConfig: defined({
        ...idToken,
        idTokenValidityInMinutes: idTokenValidity,
        idTokenIncludeCustomPermissions: idTokenIncludeCustomPerms,
      }),
    }),
  };
};

const IP_RELAXATION: Record<string, string> = {
  ENFORCE: 'Enforce',
  BYPASS: 'Bypass',
  BYPASS_2FACTOR: 'Bypass_2factor',
  ENFORCE_RELAXREFRESH: 'Enforce_RelaxRefresh',
};

const REFRESH: Record<string, string> = {
  infinite: 'Infinite',
  zero: 'Zero',
  specific_lifetime: 'SpecificLifetime',
  specific_inactivity: 'SpecificInactivity',
};

const capitalised = (unit: string): string => unit.charAt(0).toUpperCase() + unit.slice(1).toLowerCase();

const policiesOf = (org: PracticeOrg, body: Body): Body => {
  const [config, policy, session] = ['oauthConfig', 'oauthPolicy', 'sessionPolicy'].map((name) => groupOf(body, name));
  const [kind = '', period, unit] = String(policy?.refreshTokenPolicy ?? 'infinite').split(':');
  const labels = new Set(listOf<string>(body.permissionSetName));
  const sets = org
    .records('PermissionSet')
    .filter((set) => set.IsOwnedByProfile !== true && labels.has(String(set.Label)));
  const profiles = listOf<string>(body.profileName);
  const { sessionTimeout } = session ?? {};
  return {
    permittedUsersPolicyType: config?.isAdminApproved === true ? 'AdminApprovedPreAuthorized' : 'AllSelfAuthorized',
    ipRelaxationPolicyType: IP_RELAXATION[String(policy?.ipRelaxation ?? 'ENFORCE')],
    refreshTokenPolicyType: REFRESH[kind],
    ...(period !== undefined && {
      refreshTokenValidityPeriod: Number(period),
      refreshTokenValidityUnit: capitalised(unit ?? 'DAYS'),
    }),
    isClientCredentialsFlowEnabled: config?.isClientCredentialEnabled,
    clientCredentialsFlowUser: config?.oauthClientCredentialUser,
    isTokenExchangeFlowEnabled: policy?.isTokenExchangeFlowEnabled,
    requiredSessionLevel: session?.sessionLevel,
    policyAction: session?.policyAction,
    ...(sessionTimeout !== undefined && { sessionTimeoutInMinutes: sessionTimeout }),
    ...(sets.length > 0 && { commaSeparatedPermissionSet: sets.map(permissionSetName).join(', ') }),
    ...(profiles.length > 0 && { commaSeparatedProfile: profiles.join(', ') }),
  };
};
