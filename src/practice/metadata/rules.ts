import { BlockList, isIP } from 'node:net';

import { BLOCKED_CONSUMER } from '../blockedConsumers.ts';
import { sharerOf } from '../keyPairs.ts';
import { APP_TYPE, type Component, CONNECTED_APP, qualifiedName } from '../org.ts';
import { NO_APPS_WITH_LICENCE } from '../sobjects/dml.ts';
import { SCOPE_TOKENS, scopeTokens } from '../sobjects/scopes.ts';
import { isThisMachine } from '../thisMachine.ts';
import { type Body, Problem } from './body.ts';
import { checkPermissionSet, PERMISSION_SET } from './permissionSets.ts';
import type { Staging } from './staging.ts';
import { isAppType, isPolicyType, OAUTH_POLICIES } from './types.ts';

/** A component as it comes in, with what the org has under its name. */
export type Incoming = { type: string; fullName: string; body: Body; existing?: Component; version: number };

/**
 * The reasons for which an org refuses correct XML. Throws a Problem with the org's words where they are known. Where
 * nobody reported them, the words are ours (docs/practice-org.md says which).
 */
export const checkRules = (staging: Staging, incoming: Incoming): void => {
  if (incoming.type === CONNECTED_APP) checkConnectedApp(staging, incoming);
  if (incoming.type === BLOCKED_CONSUMER) checkBlock(staging, incoming);
  if (incoming.type === 'OauthTokenExchangeHandler') checkHandler(staging, incoming);
  if (incoming.type === PERMISSION_SET) checkPermissionSet(staging.org, incoming.fullName, incoming.body);
  if (!isAppType(incoming.type)) return;
  if (incoming.existing?.namespace && !isPolicyType(incoming.type)) refuseInstalled(incoming.existing);
  if (!incoming.existing) checkName(incoming);
  checkLabel(incoming);
  if (incoming.type !== APP_TYPE) checkParent(staging, incoming);
  RULES[incoming.type]?.(staging, incoming);
};

/** Conditions that must hold once everything in the deploy is in its place. */
export const checkTogether = (staging: Staging, component: Component): void => {
  if (component.type !== 'ExtlClntAppGlobalOauthSettings') return;
  if (staging.childOf('ExtlClntAppOauthSettings', component.body.externalClientApplication)) return;
  throw new Problem(
    `The external client app ${String(component.body.externalClientApplication)} has no OAuth settings. Deploy its ExtlClntAppOauthSettings together with its global OAuth settings.`,
  );
};

type Rule = (staging: Staging, incoming: Incoming) => void;

/** Longest API name and label. */
const MOST_LETTERS = 80;

const checkName = ({ fullName }: Incoming): void => {
  const name = fullName.replace(/^[a-zA-Z][a-zA-Z0-9]*__(?=[a-zA-Z])/, '');
  const own = name === fullName;
  if (own && /^[a-zA-Z](_?[a-zA-Z0-9])*$/.test(fullName)) {
    if (fullName.length <= MOST_LETTERS) return;
    throw new Problem(`API Name: data value too large: ${fullName} (max length=${MOST_LETTERS})`, 'STRING_TOO_LONG');
  }
  throw new Problem(
    `The API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.`,
    'INVALID_FIELD',
  );
};

const checkLabel = ({ body }: Incoming): void => {
  const label = String(body.label ?? '');
  if (label.length > MOST_LETTERS) {
    throw new Problem(`Label: data value too large: ${label} (max length=${MOST_LETTERS})`, 'STRING_TOO_LONG');
  }
};

const checkParent = (staging: Staging, incoming: Incoming): void => {
  const { type, fullName, body } = incoming;
  const name = String(body.externalClientApplication);
  const app = staging.app(name);
  if (!app) {
    throw new Problem(
      `INVALID_CROSS_REFERENCE_KEY: In field: externalClientApplication - no ExternalClientApplication named ${name} found`,
      'INVALID_CROSS_REFERENCE_KEY',
    );
  }
  if (app.namespace && !isPolicyType(type)) refuseInstalled(app);
  const other = staging.childOf(type, name);
  if (!other || sameName(qualifiedName(other), fullName) || takenOver(staging, incoming)) return;
  const field = type === OAUTH_POLICIES ? staging.org.variants['duplicate-policy'] : 'ExternalClientApplicationId';
  throw duplicate(field, qualifiedName(other));
};

/**
 * The policies that the org made by itself, and that these policies replace under a name of their own. There is a
 * replacement only when the variant `default-policy` allows it.
 */
export const takenOver = (staging: Staging, { type, body, existing }: Incoming): Component | undefined => {
  if (existing || !isPolicyType(type) || staging.org.variants['default-policy'] !== 'taken-over') return undefined;
  const other = staging.childOf(type, body.externalClientApplication);
  return other?.madeByOrg ? other : undefined;
};

/** A value that only one record may have, in the words of every Salesforce record that is a duplicate. */
const duplicate = (field: string, record: string): Problem =>
  new Problem(`duplicate value found: ${field} duplicates value on ${record}`, 'DUPLICATE_VALUE');

const refuseInstalled = (installed: Component): never => {
  throw new Problem(
    `Cannot modify managed object: entity=${installed.type}, component=${installed.id.slice(0, 15)}, state=installed`,
    'CANNOT_MODIFY_MANAGED_OBJECT',
  );
};

/** A Connected App can be edited. Its key cannot, and it names only what the org has. */
const checkConnectedApp = ({ org }: Staging, incoming: Incoming): void => {
  const { existing, body } = incoming;
  if (!existing) {
    throw new Problem(
      "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support.",
      'INSUFFICIENT_ACCESS',
    );
  }
  if (existing.vendor) refuseInstalled(existing);
  // Salesforce Help: the old app "remains as a read-only version". The words are ours.
  if (sharerOf(org, existing))
    throw new Problem('This connected app was migrated to an external client app. You can only read it.');
  checkLabel(incoming);
  const { consumerKey } = (body.oauthConfig ?? {}) as Body;
  const { consumerKey: present } = (existing.body.oauthConfig ?? {}) as Body;
  const isSame = consumerKey === present && org.variants['same-consumer-key'] === 'accepted';
  if (consumerKey !== undefined && !isSame) throw new Problem('You cannot provide a Consumer Key', 'INVALID_FIELD');
  const labels = new Set(org.records('PermissionSet').map(({ Label }) => Label));
  for (const label of (body.permissionSetName ?? []) as string[]) {
    if (!labels.has(label)) throw new Problem(`In field: permissionSet - no PermissionSet named ${label} found`);
  }
};

/** The key of a block has 8 to 256 characters, cannot be edited, and is in one block only (guide). The words are ours. */
const checkBlock = ({ org }: Staging, { fullName, body, existing }: Incoming): void => {
  const key = String(body.consumerKey);
  if (key.length < 8 || key.length > 256) throw new Problem(`Consumer Key: invalid value: ${key}`, 'INVALID_FIELD');
  if (existing && existing.body.consumerKey !== key) throw new Problem("The consumer key can't be edited.");
  const other = org
    .components(BLOCKED_CONSUMER)
    .find((one) => one.body.consumerKey === key && !sameName(one.fullName, fullName));
  if (other) throw new Problem(`The consumer key is already blocked by ${other.fullName}.`, 'DUPLICATE_VALUE');
};

/** A token exchange handler is enabled for apps that are there, and runs as somebody who is. Its Apex class is not looked for. */
const checkHandler = (staging: Staging, { body }: Incoming): void => {
  for (const { externalClientApp, connectedApp, apexExecutionUser } of (body.enablements ?? []) as Body[]) {
    const missing = (field: string, what: string, name: unknown): never => {
      throw new Problem(`In field: ${field} - no ${what} named ${String(name)} found`, 'INVALID_CROSS_REFERENCE_KEY');
    };
    if (externalClientApp !== undefined && !staging.app(externalClientApp)) {
      missing('externalClientApp', 'ExternalClientApplication', externalClientApp);
    }
    if (connectedApp !== undefined && !hasConnectedApp(staging, String(connectedApp), connectedApp)) {
      missing('connectedApp', 'ConnectedApp', connectedApp);
    }
    if (staging.org.userByUsername(String(apexExecutionUser))?.IsActive !== true) {
      missing('apexExecutionUser', 'User', apexExecutionUser);
    }
  }
};

// -- the app

const checkApp = (staging: Staging, { fullName, body, existing }: Incoming): void => {
  if (body.contactEmail === undefined) missing('ContactEmail');
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(String(body.contactEmail))) {
    throw new Problem(`Contact Email: invalid email address: ${String(body.contactEmail)}`, 'INVALID_EMAIL_ADDRESS');
  }
  const mayShareName = staging.org.variants['same-name-as-connected-app'] === 'accepted';
  if (!existing && !mayShareName && hasConnectedApp(staging, fullName, body.label)) {
    throw new Problem(
      `DUPLICATE_DEVELOPER_NAME: The name ${fullName} is already used by a connected app. Use a different name.`,
      'DUPLICATE_DEVELOPER_NAME',
    );
  }
  const scoped = body.orgScopedExternalApp;
  if (scoped !== undefined && !isOwnScope(staging.org.orgId, fullName, String(scoped))) {
    throw new Problem(`Invalid value for orgScopedExternalApp: ${String(scoped)}`, 'INVALID_FIELD');
  }
};

/** A connected app under the name or the label. */
const hasConnectedApp = (staging: Staging, name: string, label: unknown): boolean => {
  if (staging.component('ConnectedApp', name)) return true;
  return staging.org
    .records('ConnectedApplication')
    .some((one) => sameName(one.Name, name) || sameName(one.Name, label));
};

const missing = (field: string): never => {
  throw new Problem(`Required fields are missing: [${field}]`, 'REQUIRED_FIELD_MISSING');
};

const isOwnScope = (orgId: string, appName: string, value: string): boolean =>
  value === `${orgId.slice(0, 15)}:${appName}` || value === `${orgId}:${appName}`;

// -- OAuth settings

const checkOauthSettings = (staging: Staging, { body, existing }: Incoming): void => {
  const unknown = scopeTokens(String(body.commaSeparatedOauthScopes ?? '')).filter(
    (one) => !SCOPE_TOKENS.includes(one),
  );
  if (unknown.length > 0) {
    throw new Problem(
      `Invalid OAuth scopes: ${unknown.join(', ')}. Set the OAuth scopes to ${SCOPE_TOKENS.join(', ')}.`,
      'INVALID_FIELD',
    );
  }
  const none = scopeTokens(String(body.commaSeparatedOauthScopes ?? '')).length === 0;
  if (none && staging.org.variants['no-scopes'] === 'refused') missing('OauthScopes');
  checkIpRanges(body.trustedIpRanges);
  checkAttributes(body.customAttributes);
  checkOauthLink(staging, body, existing);
};

const checkSecuritySettings = (staging: Staging, { body, existing }: Incoming): void => {
  if (!existing && staging.org.variants['security-settings'] === 'made-by-org') {
    throw new Problem(
      `Cannot create ExtlClntAppOauthSecuritySettings: the org makes them with the OAuth settings.`,
      'INVALID_OPERATION',
    );
  }
  checkIpRanges(body.tokenIpRanges);
  const addresses = rangesIn(body.tokenIpRanges).reduce((sum, range) => sum + addressesIn(range), 0n);
  if (addresses > BigInt(MOST_TOKEN_ADDRESSES)) {
    throw new Problem(`There can be ${MOST_TOKEN_ADDRESSES} IP addresses at most.`, 'LIMIT_EXCEEDED');
  }
};

/** Custom attributes that a list may have. Each has a key of its own. */
const MOST_ATTRIBUTES = 128;

const checkAttributes = (attributes: unknown): void => {
  const list = (Array.isArray(attributes) ? attributes : []) as Array<{ key: unknown; formula: unknown }>;
  if (list.length > MOST_ATTRIBUTES) {
    throw new Problem(`There can be ${MOST_ATTRIBUTES} custom attributes at most.`, 'LIMIT_EXCEEDED');
  }
  const keys = list.map(({ key }) => String(key ?? ''));
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw duplicate('Key', twice);
  if (list.some(({ key, formula }) => String(key ?? '').trim() === '' || String(formula ?? '').trim() === '')) {
    missing('Key, Formula');
  }
};

/** IP ranges that an app may have of each kind. */
const MOST_RANGES = 128;
/** Addresses that may get refresh tokens, in all ranges together. */
const MOST_TOKEN_ADDRESSES = 256;

type Range = { startIpAddress: unknown; endIpAddress: unknown };

const rangesIn = (ranges: unknown): Range[] => (Array.isArray(ranges) ? ranges : []) as Range[];

const addressesIn = ({ startIpAddress, endIpAddress }: Range): bigint =>
  numberOf(String(endIpAddress)) - numberOf(String(startIpAddress)) + 1n;

/** An address as a number. IPv6 addresses are spelled out by the URL parser first. */
const numberOf = (address: string): bigint => {
  if (isIP(address) === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
};

const checkIpRanges = (ranges: unknown): void => {
  const list = rangesIn(ranges);
  if (list.length > MOST_RANGES) throw new Problem(`There can be ${MOST_RANGES} IP ranges at most.`, 'LIMIT_EXCEEDED');
  for (const { startIpAddress, endIpAddress } of list) {
    if (isIpRange(String(startIpAddress), String(endIpAddress))) continue;
    throw new Problem(`Invalid IP range: ${String(startIpAddress)} - ${String(endIpAddress)}`, 'INVALID_FIELD');
  }
};

const isIpRange = (start: string, end: string): boolean => {
  if (isIP(start) === 0 || isIP(start) !== isIP(end)) return false;
  try {
    new BlockList().addRange(start, end, isIP(start) === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
};

/** Nobody can point an app at another org's consumer unless it was made to be packaged. */
const checkOauthLink = (staging: Staging, body: Body, existing?: Component): void => {
  if (body.oauthLink === undefined || body.oauthLink === existing?.body.oauthLink) return;
  const app = staging.app(body.externalClientApplication);
  if (app?.body.distributionState === 'Packaged') return;
  throw new Problem(
    `We couldn't update your OAuth link because the external client app doesn't have distribution state PACKAGED.`,
    'INVALID_FIELD',
  );
};

// -- global OAuth settings

/** All callback URLs together. */
const MOST_CALLBACK_LETTERS = 2000;

const checkGlobalSettings = (staging: Staging, { body }: Incoming): void => {
  if (body.callbackUrl === undefined) missing('CallbackUrl');
  const callbacks = String(body.callbackUrl);
  if (callbacks.length > MOST_CALLBACK_LETTERS) {
    throw new Problem(`Callback URL: data value too large: (max length=${MOST_CALLBACK_LETTERS})`, 'STRING_TOO_LONG');
  }
  for (const url of callbacks.split(/\s+/).filter(Boolean)) checkCallback(url);
  const minutes = (body.idTokenConfig as Body | undefined)?.idTokenValidityInMinutes;
  if (minutes !== undefined && (Number(minutes) < 1 || Number(minutes) > 720)) {
    throw new Problem('ID token validity must be between 1 and 720 minutes.', 'INVALID_FIELD');
  }
  checkConsumerKey(staging, body);
};

/** Salesforce's words are those for connected apps, but for a key that is changed, where nobody reported any. */
const checkConsumerKey = ({ org }: Staging, { consumerKey, externalClientApplication }: Body): void => {
  const app = org.component(APP_TYPE, String(externalClientApplication));
  const consumer = app && org.consumers.get(app.id);
  if (consumerKey === undefined || consumerKey === consumer?.primary.key) return;
  if (org.variants['chosen-consumer-key'] === 'refused') {
    throw new Problem('You cannot provide a Consumer Key', 'INVALID_FIELD');
  }
  if (consumer && org.variants['changed-consumer-key'] === 'refused') {
    throw new Problem(`The consumer key of ${consumer.name} can't be changed.`, 'FIELD_INTEGRITY_EXCEPTION');
  }
  const mayShareKey = org.variants['key-of-connected-app'] === 'accepted';
  const taken = [...org.consumers.values()].some(
    (one) =>
      (one.primary.key === consumerKey || one.staged?.key === consumerKey) &&
      !(mayShareKey && org.connectedAppById(one.appId)),
  );
  if (taken) throw new Problem('The consumer key is already taken.', 'DUPLICATE_VALUE');
};

const checkCallback = (url: string): void => {
  const known = URL.canParse(url) ? new URL(url) : undefined;
  if (!known || (known.protocol === 'http:' && !isThisMachine(known))) {
    throw new Problem(`Invalid callback URL: ${url}. Use HTTPS or a custom URI scheme.`, 'INVALID_FIELD');
  }
};

// -- OAuth policies

const IP_RELAXATIONS = ['Enforce', 'Bypass', 'Bypass_2factor'];
const VALIDITY_UNITS = ['Days', 'Hours', 'Months'];
/** Minutes that a JWT-format token may live, by the API version that they came with. */
const JWT_TIMEOUTS: Array<[since: number, minutes: number[]]> = [
  [61, [1, 5, 10, 15, 30]],
  [65, [60, 90, 120, 240, 480, 720]],
];

const checkOauthPolicies = (staging: Staging, incoming: Incoming): void => {
  const { body, version } = incoming;
  checkOneOf(body.ipRelaxationPolicyType, ipRelaxations(staging), 'IP relaxation policy');
  checkOneOf(body.refreshTokenValidityUnit, VALIDITY_UNITS, 'refresh token validity unit');
  const timeouts = JWT_TIMEOUTS.filter(([since]) => version >= since).flatMap(([, minutes]) => minutes);
  checkOneOf(body.namedUserJwtTimeout, timeouts, 'named user JWT timeout');
  checkOneOf(body.guestJwtTimeout, timeouts, 'guest JWT timeout');
  checkRunAsUser(staging, body);
  checkApexHandler(staging, body);
  checkAttributes(body.customAttributes);
  checkNamed(
    body.commaSeparatedPermissionSet,
    'permission sets',
    (name) =>
      staging.component(PERMISSION_SET, name) !== undefined ||
      staging.org
        .records('PermissionSet')
        .some((set) => set.IsOwnedByProfile !== true && sameName(permissionSetName(set), name)),
  );
  checkHoldsApps(staging, body.commaSeparatedPermissionSet);
  checkNamed(body.commaSeparatedProfile, 'profiles', (name) =>
    staging.org.records('Profile').some((profile) => sameName(profile.Name, name)),
  );
};

/** SAML works for local apps alone. Both addresses are required elements, which the schema of the type says. */
const checkSamlPolicies = (staging: Staging, { body }: Incoming): void => {
  const state = staging.app(body.externalClientApplication)?.body.distributionState ?? 'Local';
  if (state !== 'Local') throw new Problem('SAML can only be configured for local apps.', 'INVALID_OPERATION');
  checkAttributes(body.customAttributes);
  checkNamed(body.commaSeparatedProfile, 'profiles', (name) =>
    staging.org.records('Profile').some((profile) => sameName(profile.Name, name)),
  );
};

const ipRelaxations = (staging: Staging): string[] => {
  const fourth = staging.org.variants['enforce-relax-refresh'];
  return [...IP_RELAXATIONS, ...(fourth === 'both' ? ['Enforce_RelaxRefresh', 'Enforce_relaxrefresh'] : [fourth])];
};

const checkOneOf = (value: unknown, values: readonly unknown[], what: string): void => {
  if (value === undefined || values.includes(value)) return;
  throw new Problem(`Set the ${what} to ${values.join(', ')}.`, 'INVALID_FIELD');
};

const checkRunAsUser = (staging: Staging, body: Body): void => {
  const username = body.clientCredentialsFlowUser;
  if (username === undefined) return;
  if (staging.org.userByUsername(String(username))?.IsActive === true) return;
  throw new Problem('Enter a valid execution user for the OAuth client credentials flow.', 'INVALID_FIELD');
};

/** Salesforce's words are those for every reference that leads nowhere. */
const checkApexHandler = ({ org }: Staging, { apexHandler, executeHandlerAs }: Body): void => {
  const nowhere = (field: string, what: string, name: unknown): never => {
    throw new Problem(`In field: ${field} - no ${what} named ${String(name)} found`, 'INVALID_CROSS_REFERENCE_KEY');
  };
  if (apexHandler !== undefined && !org.records('ApexClass').some(({ Name }) => sameName(Name, apexHandler))) {
    nowhere('apexHandler', 'ApexClass', apexHandler);
  }
  if (executeHandlerAs !== undefined && org.userByUsername(String(executeHandlerAs))?.IsActive !== true) {
    nowhere('executeHandlerAs', 'User', executeHandlerAs);
  }
};

const checkNamed = (list: unknown, what: string, exists: (name: string) => boolean): void => {
  const unknown = namesIn(list).filter((name) => !exists(name));
  if (unknown.length === 0) return;
  throw new Problem(`INVALID_FIELD: We couldn't find ${what} called ${unknown.join(', ')}.`, 'INVALID_FIELD');
};

/** A permission set that goes with a permission set licence cannot hold assigned apps. */
const checkHoldsApps = ({ org }: Staging, list: unknown): void => {
  for (const name of namesIn(list)) {
    const set = org.records('PermissionSet').find((one) => sameName(permissionSetName(one), name));
    if (org.record('PermissionSetLicense', String(set?.LicenseId ?? ''))) {
      throw new Problem(NO_APPS_WITH_LICENCE, 'FIELD_INTEGRITY_EXCEPTION');
    }
  }
};

/** The names in a comma-separated list. */
export const namesIn = (list: unknown): string[] =>
  String(list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

const sameName = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase();

/** A permission set's API name, with the namespace where it has one. */
export const permissionSetName = (set: Record<string, unknown>): string =>
  set.NamespacePrefix ? `${String(set.NamespacePrefix)}__${String(set.Name)}` : String(set.Name);

const RULES: Record<string, Rule> = {
  [APP_TYPE]: checkApp,
  ExtlClntAppOauthSettings: checkOauthSettings,
  ExtlClntAppOauthSecuritySettings: checkSecuritySettings,
  ExtlClntAppGlobalOauthSettings: checkGlobalSettings,
  [OAUTH_POLICIES]: checkOauthPolicies,
  ExtlClntAppSamlConfigurablePolicies: checkSamlPolicies,
};
