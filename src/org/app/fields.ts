import type { App, Flow } from '../../app/app.ts';
import { FIELD_PATHS, type FieldPath, setField } from '../../app/fields.ts';
import { formatValidity, parseValidity, type ValidityUnit } from '../../app/policies.ts';
import { scopeToken, wireName } from '../../app/scopes.ts';
import { type Component, type Components, type Element, textOf, withElements, withText } from './components.ts';
import {
  asIs,
  asNumber,
  attributes,
  type ElementOf,
  type ElementValue,
  keep,
  type Kept,
  list,
  noYes,
  number,
  oneOf,
  place,
  ranges,
  text,
  valueAt,
  yesNo,
} from './keptValues.ts';

/**
 * Where an org keeps the fields of an app. Each field of app/fields.ts has its metadata elements and their first API version. A
 * row also says how they are read and written. Reading, writing, version checks and the documentation all come from it.
 *
 * Elements and versions: Salesforce's Metadata WSDLs v48 to v67 and its npm package `@salesforce/types`.
 */
export type Field = Kept & {
  /** Path in the shape of an app, such as `oauth.callbackUrls`. */
  path: FieldPath;
};

/** The switches of each flow that has any: a flow is on when all of its switches are. */
const FLOW_SWITCHES: Partial<Record<Flow, ElementOf[]>> = {
  'client-credentials': [
    place(['globalOauthSettings', 'isClientCredentialsFlowEnabled', 60]),
    place(['oauthPolicies', 'isClientCredentialsFlowEnabled', 60]),
  ],
  device: [place(['globalOauthSettings', 'isDeviceFlowEnabled', 60])],
  'token-exchange': [
    place(['globalOauthSettings', 'isTokenExchangeEnabled', 60]),
    place(['oauthPolicies', 'isTokenExchangeFlowEnabled', 60]),
  ],
  'code-and-credentials': [place(['globalOauthSettings', 'isCodeCredFlowEnabled', 61])],
};

const isOn = (components: Components, where: ElementOf): boolean => valueAt(components, where) === 'true';

/** The switch of the whole OAuth plugin. Salesforce's default is on. */
const oauthPlugin = place(['policies', 'isOauthPluginEnabled', 60]);

export const oauthPluginOn = (components: Components): boolean => valueAt(components, oauthPlugin) !== 'false';

export const switchOauthPluginOn = (policies: Component): Component => ({
  ...policies,
  elements: withText(policies.elements, oauthPlugin.element, 'true'),
});

/** Both switches of a flow that has two: the developer's in the global settings, the admin's in the policies. */
export const bothSwitches = (
  components: Components,
  flow: 'client-credentials' | 'token-exchange',
): { global: boolean; policy: boolean } => {
  const [global, policy] = (FLOW_SWITCHES[flow] ?? []).map((where) => isOn(components, where));
  return { global: global === true, policy: policy === true };
};

const flows: Kept = {
  elements: Object.values(FLOW_SWITCHES).flat(),
  read: (components) => {
    if (!components.globalOauthSettings) return undefined;
    if (!oauthPluginOn(components)) return [];
    const switched = Object.entries(FLOW_SWITCHES).filter(([, switches]) =>
      switches.every((where) => isOn(components, where)),
    );
    return ['web-server', ...switched.map(([flow]) => flow)];
  },
  // Off is the default, so what is off is left out. No component is made only to say that a flow is off.
  write: (wanted: Flow[]) =>
    Object.entries(FLOW_SWITCHES).flatMap(([flow, switches]) =>
      switches.map(() => (wanted.includes(flow as Flow) ? 'true' : undefined)),
    ),
};

/** The wish is the path of a file; what came back is compared by fingerprint. Salesforce removes the certificate when a deploy omits it (reported from live orgs). */
const certificate: Kept = {
  elements: [place(['globalOauthSettings', 'certificate', 60])],
  write: (_value: string, context) => [context.certificate],
};

const REFRESH_TOKEN_POLICIES: Record<string, string> = {
  infinite: 'Infinite',
  immediate: 'Zero',
  lifetime: 'SpecificLifetime',
  inactivity: 'SpecificInactivity',
};

const refreshTokenPolicy = oneOf(REFRESH_TOKEN_POLICIES, 'oauthPolicies', 'refreshTokenPolicyType', 57);

const VALIDITY_ELEMENTS: ElementOf[] = [
  place(['oauthPolicies', 'refreshTokenValidityPeriod', 57]),
  place(['oauthPolicies', 'refreshTokenValidityUnit', 57]),
];

/** A policy without a validity takes the old one's period and unit away. */
const refreshToken: Kept = {
  ...refreshTokenPolicy,
  elements: [...refreshTokenPolicy.elements, ...VALIDITY_ELEMENTS],
  write: (value: string) =>
    value === 'lifetime' || value === 'inactivity'
      ? [REFRESH_TOKEN_POLICIES[value], keep, keep]
      : [REFRESH_TOKEN_POLICIES[value] ?? value, undefined, undefined],
};

const refreshTokenValidity: Kept = {
  elements: VALIDITY_ELEMENTS,
  read: (components) => {
    const period = textOf(components.oauthPolicies?.elements, 'refreshTokenValidityPeriod');
    const unit = textOf(components.oauthPolicies?.elements, 'refreshTokenValidityUnit');
    return period && unit
      ? formatValidity({ period: Number(period), unit: unit.toLowerCase() as ValidityUnit })
      : undefined;
  },
  write: (value: string) => {
    const { period, unit } = parseValidity(value);
    return [String(period), `${unit.charAt(0).toUpperCase()}${unit.slice(1)}`];
  },
};

/** From API version 65 on, the minutes only count with the type Custom. With the other type, those of a session count. */
const jwtTimeout = (timeout: string, timeoutType: string): Kept => ({
  elements: [
    {
      ...place(['oauthPolicies', timeout, 61]),
      valuesSince: { 60: 65, 90: 65, 120: 65, 240: 65, 480: 65, 720: 65 },
    },
    { ...place(['oauthPolicies', timeoutType, 65]), dispensable: true },
  ],
  read: (components) =>
    textOf(components.oauthPolicies?.elements, timeoutType) === 'UserSession'
      ? undefined
      : asNumber(textOf(components.oauthPolicies?.elements, timeout)),
  write: (minutes: number) => (minutes === 0 ? [undefined, 'UserSession'] : [String(minutes), 'Custom']),
});

const sessionLevelActionWords = oneOf(
  { block: 'Block', raise: 'RaiseSessionLevel', 'step-up-mfa': 'StepUpMFA' },
  'oauthPolicies',
  'policyAction',
  58,
);

const SESSION_LEVEL_ACTION: Kept = {
  ...sessionLevelActionWords,
  elements: sessionLevelActionWords.elements.map((element) => ({ ...element, valuesSince: { StepUpMFA: 67 } })),
};

/** The switch of the whole SAML plugin. Salesforce's default is on. It says something only of an app that has SAML. */
const samlEnabled: Kept = {
  ...yesNo('policies', 'isSamlPluginEnabled', 63),
  read: (components) =>
    components.samlPolicies && textOf(components.policies?.elements, 'isSamlPluginEnabled') !== 'false',
};

const KEPT: { readonly [Path in FieldPath]: Kept } = {
  label: text('application', 'label', 57),
  contactEmail: text('application', 'contactEmail', 56),
  description: text('application', 'description', 56),
  contactPhone: text('application', 'contactPhone', 57),
  infoUrl: text('application', 'infoUrl', 56),
  logoUrl: text('application', 'logoUrl', 56),
  iconUrl: text('application', 'iconUrl', 56),
  distributionState: oneOf(
    { local: 'Local', packaged: 'Packaged', managed: 'Managed', 'auto-installed': 'AutoInstalled' },
    'application',
    'distributionState',
    57,
  ),
  enabled: yesNo('policies', 'isEnabled', 60),
  startPage: oneOf({ none: 'None', custom: 'Custom', oauth: 'OAuth', saml: 'SAML' }, 'policies', 'startPage', 62),
  startUrl: text('policies', 'startUrl', 62),
  'oauth.callbackUrls': list('lines', asIs, 'globalOauthSettings', 'callbackUrl', 58),
  'oauth.flows': flows,
  'oauth.runAs': text('oauthPolicies', 'clientCredentialsFlowUser', 60),
  'oauth.pkceRequired': yesNo('globalOauthSettings', 'isPkceRequired', 59),
  'oauth.secretRequired': noYes('globalOauthSettings', 'isConsumerSecretOptional', 58),
  'oauth.secretRequiredForRefresh': yesNo('globalOauthSettings', 'isSecretRequiredForRefreshToken', 58),
  'oauth.secretRequiredForTokenExchange': yesNo('globalOauthSettings', 'isSecretRequiredForTokenExchange', 60),
  'oauth.refreshTokenRotation': yesNo('globalOauthSettings', 'isRefreshTokenRotationEnabled', 60),
  'oauth.introspectAllTokens': yesNo('globalOauthSettings', 'isIntrospectAllTokens', 58),
  'oauth.jwtAccessTokens': yesNo('globalOauthSettings', 'isNamedUserJwtEnabled', 61),
  'oauth.certificateFile': certificate,
  'oauth.idToken.audience': text('globalOauthSettings', 'idTokenConfig.idTokenAudience', 58),
  'oauth.idToken.validityMinutes': number('globalOauthSettings', 'idTokenConfig.idTokenValidityInMinutes', 58),
  'oauth.idToken.standardClaims': yesNo('globalOauthSettings', 'idTokenConfig.idTokenIncludeStandardClaims', 58),
  'oauth.idToken.attributes': yesNo('globalOauthSettings', 'idTokenConfig.idTokenIncludeAttributes', 58),
  'oauth.idToken.customPermissions': yesNo('globalOauthSettings', 'idTokenConfig.idTokenIncludeCustomPermissions', 61),
  'oauth.trustedIpRanges': ranges('oauthSettings', 'trustedIpRanges', 58),
  'oauth.customAttributes': attributes('oauthSettings', 59),
  'oauth.singleLogoutUrl': text('oauthSettings', 'singleLogoutUrl', 57),
  'oauth.assetToken.audiences': text('oauthSettings', 'assetTokenAudiences', 61),
  'oauth.assetToken.validitySeconds': number('oauthSettings', 'assetTokenValidity', 61),
  'oauth.assetToken.signingCertificate': text('oauthSettings', 'assetTokenSigningCertificate', 61),
  'oauth.assetToken.attributes': yesNo('oauthSettings', 'areAttributesIncludedInAssetToken', 61),
  'oauth.assetToken.customPermissions': yesNo('oauthSettings', 'areCustomPermsIncludedInAssetToken', 61),
  'oauth.credentialsByPostOnly': yesNo('globalOauthSettings', 'isCodeCredPostOnly', 61),
  'oauth.guestCredentials': yesNo('oauthPolicies', 'isGuestCodeCredFlowEnabled', 61),
  'oauth.refreshTokenIdleLimit': yesNo('globalOauthSettings', 'isEnforceRefreshTokenTTL', 67),
  'oauth.refreshTokenIpRanges': ranges('oauthSecuritySettings', 'tokenIpRanges', 67),
  'oauth.dpop': yesNo('globalOauthSettings', 'isDPopEnabled', 68),
  'oauth.mutualTls.enabled': yesNo('globalOauthSettings', 'isMtlsEnabled', 68),
  'oauth.mutualTls.certificateField': oneOf(
    {
      'subject-dn': 'tls_client_auth_subject_dn',
      'san-dns': 'tls_client_auth_san_dns',
      'san-uri': 'tls_client_auth_san_uri',
      'san-ip': 'tls_client_auth_san_ip',
      'san-email': 'tls_client_auth_san_email',
      'san-spiffe': 'tls_client_auth_san_spiffe',
    },
    'oauthSecuritySettings',
    'tlsClientAuthCertParamType',
    68,
  ),
  'oauth.mutualTls.certificateValue': text('oauthSecuritySettings', 'tlsClientAuthCertParamValue', 68),
  scopes: list('commas', { read: wireName, write: scopeToken }, 'oauthSettings', 'commaSeparatedOauthScopes', 58),
  customScopes: list('commas', asIs, 'oauthSettings', 'commaSeparatedCustomScopes', 61),
  'policies.permittedUsers': oneOf(
    { 'all-users': 'AllSelfAuthorized', 'admin-approved': 'AdminApprovedPreAuthorized' },
    'oauthPolicies',
    'permittedUsersPolicyType',
    57,
  ),
  'policies.permissionSets': list('commas', asIs, 'oauthPolicies', 'commaSeparatedPermissionSet', 58),
  'policies.profiles': list('commas', asIs, 'oauthPolicies', 'commaSeparatedProfile', 62),
  'policies.refreshToken': refreshToken,
  'policies.refreshTokenValidity': refreshTokenValidity,
  'policies.ipRelaxation': oneOf(
    {
      enforce: 'Enforce',
      relax: 'Bypass',
      'relax-2fa': 'Bypass_2factor',
      'enforce-relax-refresh': 'Enforce_RelaxRefresh',
    },
    'oauthPolicies',
    'ipRelaxationPolicyType',
    57,
  ),
  'policies.sessionTimeoutMinutes': number('oauthPolicies', 'sessionTimeoutInMinutes', 58),
  'policies.jwtTimeoutMinutes': jwtTimeout('namedUserJwtTimeout', 'namedUserJwtSessionTimeoutType'),
  'policies.sessionLevel': oneOf(
    { low: 'LOW', standard: 'STANDARD', 'high-assurance': 'HIGH_ASSURANCE' },
    'oauthPolicies',
    'requiredSessionLevel',
    58,
  ),
  'policies.sessionLevelAction': SESSION_LEVEL_ACTION,
  'policies.guestJwtTimeoutMinutes': jwtTimeout('guestJwtTimeout', 'guestJwtSessionTimeoutType'),
  'policies.customAttributes': attributes('oauthPolicies', 59),
  'policies.apexHandler': text('oauthPolicies', 'apexHandler', 61),
  'policies.apexHandlerRunAs': text('oauthPolicies', 'executeHandlerAs', 61),
  'policies.singleLogoutUrl': text('oauthPolicies', 'singleLogoutUrl', 57),
  'policies.startUrl': text('oauthPolicies', 'startUrl', 57),
  'saml.enabled': samlEnabled,
  'saml.acsUrl': text('samlPolicies', 'acsUrl', 63),
  'saml.entityUrl': text('samlPolicies', 'entityUrl', 63),
  'saml.issuer': text('samlPolicies', 'issuer', 63),
  'saml.certificate': text('samlPolicies', 'certificate', 63),
  'saml.encryptionCertificate': text('samlPolicies', 'encryptionCertificate', 63),
  'saml.encryptionType': oneOf({ 'aes-128': 'AES_128', 'aes-256': 'AES_256' }, 'samlPolicies', 'encryptionType', 63),
  'saml.nameIdFormat': oneOf(
    { unspecified: 'Unspecified', 'email-address': 'EmailAddress', persistent: 'Persistent', transient: 'Transient' },
    'samlPolicies',
    'nameIdFormat',
    63,
  ),
  'saml.signingAlgorithm': oneOf({ sha1: 'SHA1', sha256: 'SHA256' }, 'samlPolicies', 'signingAlgorithmType', 63),
  'saml.subjectType': oneOf(
    {
      username: 'Username',
      'federation-id': 'FederationId',
      'user-id': 'UserId',
      'spoke-id': 'SpokeId',
      'custom-attribute': 'CustomAttribute',
      'persistent-id': 'PersistentId',
    },
    'samlPolicies',
    'subjectType',
    63,
  ),
  'saml.subjectCustomAttribute': text('samlPolicies', 'subjectCustomAttribute', 63),
  'saml.singleLogoutBinding': oneOf(
    { redirect: 'RedirectBinding', post: 'PostBinding' },
    'samlPolicies',
    'singleLogoutBindingType',
    63,
  ),
  'saml.singleLogoutUrl': text('samlPolicies', 'singleLogoutUrl', 63),
  'saml.permissionSets': list('commas', asIs, 'samlPolicies', 'commaSeparatedPermissionSet', 63),
  'saml.profiles': list('commas', asIs, 'samlPolicies', 'commaSeparatedProfile', 63),
  'saml.customAttributes': attributes('samlPolicies', 63),
};

/** All fields, in the order of the table of fields. */
export const fields: readonly Field[] = FIELD_PATHS.map((path) => ({ path, ...KEPT[path] }));

/** The app that the components keep. Groups that hold nothing are left out. */
export const readFields = (name: string, components: Components): App => {
  const app: App = { name };
  for (const field of fields) {
    const value = field.read?.(components);
    if (value !== undefined) setField(app, field.path, value);
  }
  return app;
};

/** The elements with one of them set. */
export const withElement = (elements: Element[], path: string, value: ElementValue): Element[] => {
  if (value === keep) return elements;
  return Array.isArray(value)
    ? withElements(
        elements,
        path,
        value.map((children) => ({ name: path, children })),
      )
    : withText(elements, path, value);
};
