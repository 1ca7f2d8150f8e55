import type { App, Flow, IpRange } from '../../app/app.ts';
import { formatValidity, parseValidity, type ValidityUnit } from '../../app/policies.ts';
import { scopeToken, wireName } from '../../app/scopes.ts';
import {
  groupsOf,
  textOf,
  withElements,
  withText,
  type Component,
  type Components,
  type Element,
  type Part,
} from './components.ts';

/**
 * The one table of an app's fields: for each, the metadata elements that keep it, since which API version, and how it is read
 * and written. Reading, writing, version checks and the documentation all come from it.
 *
 * Elements and versions: Salesforce's Metadata WSDLs v48 to v67 and its npm package `@salesforce/types`.
 */
export type Field = {
  /** Path in the shape of an app, such as `oauth.callbackUrls`. */
  path: string;
  elements: ElementOf[];
  /** Undefined where the org has nothing. Absent for what no org gives back. */
  read?: (components: Components) => unknown;
  /** The new values of the field's elements, in the order of `elements`. */
  write: (value: never, files: WriteContext) => ElementValue[];
};

/** An element that keeps a field: the part it is in, its path there, and the first API version that has it. */
export type ElementOf = {
  part: Part;
  element: string;
  since: number;
  /** Values that came later than the element itself, each with the first API version that takes it. */
  valuesSince?: Record<string, number>;
  /** An API version that lacks the element can do without it: it is left out there, not refused. */
  dispensable?: boolean;
};

/** Leaves an element as it is. */
export const keep = Symbol('keep');

/** What an element is set to: a text, groups of children for one that may stand several times, or nothing. */
export type ElementValue = string | Element[][] | undefined | typeof keep;

/** What a field's value alone does not hold: the text of the certificate file that the user named. */
export type WriteContext = { certificate?: string };

type Place = [part: Part, element: string, since: number];

const place = ([part, element, since]: Place): ElementOf => ({ part, element, since });

const valueAt = (components: Components, { part, element }: ElementOf): string | undefined =>
  textOf(components[part]?.elements, element);

/** A field kept as it is. An empty element is the same as none. */
const text = (path: string, ...at: Place): Field => {
  const where = place(at);
  return {
    path,
    elements: [where],
    read: (components) => valueAt(components, where) || undefined,
    write: (value: string) => [value === '' ? undefined : value],
  };
};

const number = (path: string, ...at: Place): Field => {
  const where = place(at);
  return {
    path,
    elements: [where],
    read: (components) => asNumber(valueAt(components, where)),
    write: (value: number) => [String(value)],
  };
};

const asNumber = (value: string | undefined): number | undefined => (value ? Number(value) : undefined);

const yesNo = (path: string, ...at: Place): Field => {
  const where = place(at);
  return {
    path,
    elements: [where],
    read: (components) => asBoolean(valueAt(components, where)),
    write: (value: boolean) => [String(value)],
  };
};

const asBoolean = (value: string | undefined): boolean | undefined => (value ? value === 'true' : undefined);

/** A yes that the metadata keeps as a no. */
const noYes = (path: string, ...at: Place): Field => {
  const where = place(at);
  return {
    path,
    elements: [where],
    read: (components) => {
      const value = asBoolean(valueAt(components, where));
      return value === undefined ? undefined : !value;
    },
    write: (value: boolean) => [String(!value)],
  };
};

/** One of a closed set of words. A word of the org that is not in the set is passed on as it is. */
const oneOf = (path: string, words: Record<string, string>, ...at: Place): Field => {
  const where = place(at);
  return {
    path,
    elements: [where],
    read: (components) => {
      const kept = valueAt(components, where);
      // One live org spelled Enforce_RelaxRefresh as Enforce_relaxrefresh: case does not count.
      return (
        Object.keys(words).find((word) => words[word]?.toLowerCase() === kept?.toLowerCase()) ?? (kept || undefined)
      );
    },
    write: (value: string) => [words[value] ?? value],
  };
};

const separators = {
  commas: { split: ',', join: ', ' },
  lines: { split: /\r\n|\r|\n/, join: '\n' },
};

/** Several values in one element. */
const list = (path: string, separator: keyof typeof separators, translate: Translation, ...at: Place): Field => {
  const where = place(at);
  const { split, join } = separators[separator];
  return {
    path,
    elements: [where],
    read: (components) => {
      const kept = valueAt(components, where)
        ?.split(split)
        .map((value) => value.trim())
        .filter((value) => value !== '');
      return kept?.length ? kept.map(translate.read) : undefined;
    },
    write: (values: string[]) => [values.length > 0 ? values.map(translate.write).join(join) : undefined],
  };
};

type Translation = { read: (kept: string) => string; write: (value: string) => string };

const asIs: Translation = { read: (kept) => kept, write: (value) => value };

/** The switches of each flow that has any: a flow is on when all of its switches are. */
const flowSwitches: Partial<Record<Flow, ElementOf[]>> = {
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
  const [global, policy] = (flowSwitches[flow] ?? []).map((where) => isOn(components, where));
  return { global: global === true, policy: policy === true };
};

const flows: Field = {
  path: 'oauth.flows',
  elements: Object.values(flowSwitches).flat(),
  read: (components) => {
    if (!components.globalOauthSettings) return undefined;
    if (!oauthPluginOn(components)) return [];
    const switched = Object.entries(flowSwitches).filter(([, switches]) =>
      switches.every((where) => isOn(components, where)),
    );
    return ['web-server', ...switched.map(([flow]) => flow)];
  },
  // Off is the default, so what is off is left out: no component is made only to say that a flow is off.
  write: (wanted: Flow[]) =>
    Object.entries(flowSwitches).flatMap(([flow, switches]) =>
      switches.map(() => (wanted.includes(flow as Flow) ? 'true' : undefined)),
    ),
};

/** The wish is the path of a file; what came back is compared by fingerprint. Salesforce removes the certificate when a deploy omits it (reported from live orgs). */
const certificate: Field = {
  path: 'oauth.certificateFile',
  elements: [place(['globalOauthSettings', 'certificate', 60])],
  write: (_value: string, context) => [context.certificate],
};

const refreshTokenPolicies: Record<string, string> = {
  infinite: 'Infinite',
  immediate: 'Zero',
  lifetime: 'SpecificLifetime',
  inactivity: 'SpecificInactivity',
};

const refreshTokenPolicy = oneOf(
  'policies.refreshToken',
  refreshTokenPolicies,
  'oauthPolicies',
  'refreshTokenPolicyType',
  57,
);

const validityElements: ElementOf[] = [
  place(['oauthPolicies', 'refreshTokenValidityPeriod', 57]),
  place(['oauthPolicies', 'refreshTokenValidityUnit', 57]),
];

/** A policy without a validity takes the old one's period and unit away. */
const refreshToken: Field = {
  ...refreshTokenPolicy,
  elements: [...refreshTokenPolicy.elements, ...validityElements],
  write: (value: string) =>
    value === 'lifetime' || value === 'inactivity'
      ? [refreshTokenPolicies[value], keep, keep]
      : [refreshTokenPolicies[value] ?? value, undefined, undefined],
};

const refreshTokenValidity: Field = {
  path: 'policies.refreshTokenValidity',
  elements: validityElements,
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

/** From API version 65 on, the minutes only count with the type Custom. */
const jwtTimeout: Field = {
  path: 'policies.jwtTimeoutMinutes',
  elements: [
    {
      ...place(['oauthPolicies', 'namedUserJwtTimeout', 61]),
      valuesSince: { 60: 65, 90: 65, 120: 65, 240: 65, 480: 65, 720: 65 },
    },
    { ...place(['oauthPolicies', 'namedUserJwtSessionTimeoutType', 65]), dispensable: true },
  ],
  read: (components) =>
    textOf(components.oauthPolicies?.elements, 'namedUserJwtSessionTimeoutType') === 'UserSession'
      ? undefined
      : asNumber(textOf(components.oauthPolicies?.elements, 'namedUserJwtTimeout')),
  write: (minutes: number) => [String(minutes), 'Custom'],
};

const sessionLevelActionWords = oneOf(
  'policies.sessionLevelAction',
  { block: 'Block', raise: 'RaiseSessionLevel', 'step-up-mfa': 'StepUpMFA' },
  'oauthPolicies',
  'policyAction',
  58,
);

const sessionLevelAction: Field = {
  ...sessionLevelActionWords,
  elements: sessionLevelActionWords.elements.map((element) => ({ ...element, valuesSince: { StepUpMFA: 67 } })),
};

const trustedIpRanges: Field = {
  path: 'oauth.trustedIpRanges',
  elements: [place(['oauthSettings', 'trustedIpRanges', 58])],
  read: (components) => {
    const ranges = groupsOf(components.oauthSettings?.elements, 'trustedIpRanges').map((range): IpRange => {
      const description = textOf(range, 'description');
      return {
        start: textOf(range, 'startIpAddress') ?? '',
        end: textOf(range, 'endIpAddress') ?? '',
        ...(description && { description }),
      };
    });
    return ranges.length > 0 ? ranges : undefined;
  },
  write: (ranges: IpRange[]) => [
    ranges.map(({ start, end, description }): Element[] => [
      ...(description ? [{ name: 'description', text: description }] : []),
      { name: 'endIpAddress', text: end },
      { name: 'startIpAddress', text: start },
    ]),
  ],
};

export const fields: Field[] = [
  text('label', 'application', 'label', 57),
  text('contactEmail', 'application', 'contactEmail', 56),
  text('description', 'application', 'description', 56),
  text('contactPhone', 'application', 'contactPhone', 57),
  text('infoUrl', 'application', 'infoUrl', 56),
  text('logoUrl', 'application', 'logoUrl', 56),
  text('iconUrl', 'application', 'iconUrl', 56),
  oneOf(
    'distributionState',
    { local: 'Local', packaged: 'Packaged', managed: 'Managed', 'auto-installed': 'AutoInstalled' },
    'application',
    'distributionState',
    57,
  ),
  yesNo('enabled', 'policies', 'isEnabled', 60),
  list('oauth.callbackUrls', 'lines', asIs, 'globalOauthSettings', 'callbackUrl', 58),
  flows,
  text('oauth.runAs', 'oauthPolicies', 'clientCredentialsFlowUser', 60),
  yesNo('oauth.pkceRequired', 'globalOauthSettings', 'isPkceRequired', 59),
  noYes('oauth.secretRequired', 'globalOauthSettings', 'isConsumerSecretOptional', 58),
  yesNo('oauth.secretRequiredForRefresh', 'globalOauthSettings', 'isSecretRequiredForRefreshToken', 58),
  yesNo('oauth.secretRequiredForTokenExchange', 'globalOauthSettings', 'isSecretRequiredForTokenExchange', 60),
  yesNo('oauth.refreshTokenRotation', 'globalOauthSettings', 'isRefreshTokenRotationEnabled', 60),
  yesNo('oauth.introspectAllTokens', 'globalOauthSettings', 'isIntrospectAllTokens', 58),
  yesNo('oauth.jwtAccessTokens', 'globalOauthSettings', 'isNamedUserJwtEnabled', 61),
  certificate,
  text('oauth.idToken.audience', 'globalOauthSettings', 'idTokenConfig.idTokenAudience', 58),
  number('oauth.idToken.validityMinutes', 'globalOauthSettings', 'idTokenConfig.idTokenValidityInMinutes', 58),
  yesNo('oauth.idToken.standardClaims', 'globalOauthSettings', 'idTokenConfig.idTokenIncludeStandardClaims', 58),
  yesNo('oauth.idToken.attributes', 'globalOauthSettings', 'idTokenConfig.idTokenIncludeAttributes', 58),
  yesNo('oauth.idToken.customPermissions', 'globalOauthSettings', 'idTokenConfig.idTokenIncludeCustomPermissions', 61),
  trustedIpRanges,
  list('scopes', 'commas', { read: wireName, write: scopeToken }, 'oauthSettings', 'commaSeparatedOauthScopes', 58),
  list('customScopes', 'commas', asIs, 'oauthSettings', 'commaSeparatedCustomScopes', 61),
  oneOf(
    'policies.permittedUsers',
    { 'all-users': 'AllSelfAuthorized', 'admin-approved': 'AdminApprovedPreAuthorized' },
    'oauthPolicies',
    'permittedUsersPolicyType',
    57,
  ),
  list('policies.permissionSets', 'commas', asIs, 'oauthPolicies', 'commaSeparatedPermissionSet', 58),
  list('policies.profiles', 'commas', asIs, 'oauthPolicies', 'commaSeparatedProfile', 62),
  refreshToken,
  refreshTokenValidity,
  oneOf(
    'policies.ipRelaxation',
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
  number('policies.sessionTimeoutMinutes', 'oauthPolicies', 'sessionTimeoutInMinutes', 58),
  jwtTimeout,
  oneOf(
    'policies.sessionLevel',
    { low: 'LOW', standard: 'STANDARD', 'high-assurance': 'HIGH_ASSURANCE' },
    'oauthPolicies',
    'requiredSessionLevel',
    58,
  ),
  sessionLevelAction,
];

/** The app that the components keep. Groups that hold nothing are left out. */
export const readFields = (name: string, components: Components): App => {
  const app: App = { name };
  for (const field of fields) {
    const value = field.read?.(components);
    if (value !== undefined) setAt(app, field.path.split('.'), value);
  }
  return app;
};

const setAt = (target: Record<string, unknown>, [key = '', ...rest]: string[], value: unknown): void => {
  if (rest.length === 0) target[key] = value;
  else setAt((target[key] ??= {}) as Record<string, unknown>, rest, value);
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
