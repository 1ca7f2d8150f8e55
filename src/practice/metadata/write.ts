import { BLOCKED_CONSUMER, endSessionsOf } from '../blockedConsumers.ts';
import { distributionOf, newConsumer, newKeyPair } from '../keyPairs.ts';
import { APP_TYPE, type Component, CONNECTED_APP, type PracticeOrg, qualifiedName } from '../org.ts';
import type { Permission } from '../permissions.ts';
import { newComponent } from '../stamps.ts';
import type { XmlElement } from '../xml.ts';
import { keepAccess } from './access.ts';
import { type Body, Problem, readBody, visibleBody } from './body.ts';
import { keepConnectedAccess } from './connectedAccess.ts';
import { completed, defaultPolicyName } from './defaults.ts';
import { keepPermissionSet, PERMISSION_SET } from './permissionSets.ts';
import { checkRules, type Incoming, takenOver } from './rules.ts';
import type { Staging } from './staging.ts';
import {
  isAppType,
  isPolicyType,
  isSettingsType,
  metadataType,
  OAUTH_POLICIES,
  PLUGIN_POLICIES,
  SETTINGS,
} from './types.ts';

/** The result of writing one component. */
export type Written = { id: string; created: boolean; changed: boolean; component?: Component };

/** One component as it was sent; `userId` is the sender. */
export type Sent = { type: string; fullName: string; root: XmlElement; version: number; userId: string };

/** Puts one component into the staging, or throws the Problem that it has. */
export const writeComponent = (staging: Staging, asSent: Sent): Written => {
  const sent = { ...asSent, fullName: staging.org.ownName(asSent.fullName) };
  checkAvailable(staging.org, sent.type);
  checkPermission(staging.org, sent.userId, sent.type);
  if (sent.type === 'Settings') return writeSettings(staging, sent);
  const existing = staging.component(sent.type, sent.fullName);
  // A new Connected App is refused whatever its file holds.
  const isRefused = sent.type === CONNECTED_APP && !existing;
  const body = isRefused ? {} : readBody(sent.type, sent.root, sent.version);
  delete body.fullName;
  const { externalClientApplication: app } = body;
  if (app !== undefined) body.externalClientApplication = staging.org.ownName(String(app));
  const incoming: Incoming = { ...sent, body, existing };
  checkRules(staging, incoming);
  const before = existing ?? takenOver(staging, incoming);
  const component = componentOf(staging.org, sent, incoming, before);
  if (before && !existing) staging.remove(before);
  staging.put(component);
  const changed =
    !existing ||
    JSON.stringify(visibleBody(sent.type, existing.body, sent.version)) !==
      JSON.stringify(visibleBody(sent.type, component.body, sent.version));
  return { id: component.id, created: !before, changed, component };
};

/** An org without external client apps does not know their types, and the practice org keeps nothing of some others. */
const checkAvailable = (org: PracticeOrg, type: string): void => {
  const noApps = !org.externalClientApps && (isAppType(type) || type === 'ExternalClientAppSettings');
  if (noApps || metadataType(type)?.alwaysEmpty) {
    throw new Problem('Not available for deploy for this organization', 'INVALID_TYPE');
  }
};

/** Policies are the admin's, the rest is the developer's; settings need what Setup needs. */
const checkPermission = (org: PracticeOrg, userId: string, type: string): void => {
  const needed: Permission = isPolicyType(type)
    ? 'ExternalClientAppAdmin'
    : isAppType(type)
      ? 'ExternalClientAppDeveloper'
      : type === PERMISSION_SET
        ? 'ManageProfilesPermissionsets'
        : 'CustomizeApplication';
  if (org.can(userId, needed)) return;
  throw new Problem(
    `INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights on ${type}`,
    'INSUFFICIENT_ACCESS_OR_READONLY',
  );
};

/**
 * `before` is the component that is replaced: the component with the same name, or another one that this component
 * takes over.
 */
const componentOf = (org: PracticeOrg, sent: Sent, { body, existing }: Incoming, before?: Component): Component => {
  const at = org.now();
  const fullName = existing?.fullName ?? sent.fullName;
  return {
    id: before?.id ?? org.newId(sent.type),
    type: sent.type,
    fullName,
    ...(existing?.namespace ? { namespace: existing.namespace } : {}),
    body: keptByOrg(org, sent.type, completed(sent.type, body), fullName, existing),
    createdById: before?.createdById ?? sent.userId,
    createdDate: before?.createdDate ?? at,
    lastModifiedById: sent.userId,
    lastModifiedDate: at,
  };
};

/** Values that a deploy cannot remove by leaving them out, and values that an org decides itself. */
const keptByOrg = (org: PracticeOrg, type: string, body: Body, fullName: string, existing?: Component): Body => {
  switch (type) {
    case APP_TYPE:
      return { ...body, orgScopedExternalApp: `${org.orgId.slice(0, 15)}:${fullName}` };
    case 'ExtlClntAppOauthSettings':
      return { ...body, oauthLink: body.oauthLink ?? existing?.body.oauthLink };
    case 'ExtlClntAppGlobalOauthSettings': {
      const sticky = existing?.body.isPkceRequired === true && org.variants['pkce-sticky'] === 'yes';
      return { ...body, isPkceRequired: sticky || body.isPkceRequired };
    }
    default:
      return body;
  }
};

// -- settings

const writeSettings = ({ org }: Staging, { fullName, root, version, userId }: Sent): Written => {
  const type = SETTINGS[fullName];
  if (!type) throw new Problem(`No Settings named: ${fullName} found`, 'INVALID_CROSS_REFERENCE_KEY');
  const body = readBody(type, root, version);
  delete body.fullName;
  const current = org.settings[type] ?? {};
  const changed = Object.entries(body).some(([element, value]) => current[element] !== value);
  const written = { at: org.now(), userId };
  return {
    id: '',
    created: false,
    changed,
    component: settingsComponent(org, fullName, { ...current, ...body }, written),
  };
};

/** A member of Settings in the shape of a component. Settings that are left out stay as they are. */
export const settingsComponent = (
  org: PracticeOrg,
  fullName: string,
  body: Body,
  written = org.settingsWritten.get(SETTINGS[fullName] ?? ''),
): Component => {
  const { Id } = org.seeded.admin;
  return {
    id: '',
    type: SETTINGS[fullName] ?? '',
    fullName,
    body,
    createdById: Id,
    createdDate: org.madeAt,
    lastModifiedById: written?.userId ?? Id,
    lastModifiedDate: written?.at ?? org.madeAt,
  };
};

// -- what happens beside the write

/** The policies that an org makes by itself for a new app, and for new OAuth settings, that bring none. */
export const addPolicies = (staging: Staging, written: Component, userId: string): void => {
  addSecuritySettings(staging, written, userId);
  const [type, app] =
    written.type === APP_TYPE
      ? [PLUGIN_POLICIES, qualifiedName(written)]
      : [OAUTH_POLICIES, String(written.body.externalClientApplication)];
  if (written.type !== APP_TYPE && written.type !== 'ExtlClntAppOauthSettings') return;
  if (staging.childOf(type, app)) return;
  const fullName = defaultPolicyName(written.fullName, (name) => staging.component(type, name) !== undefined);
  const body = completed(type, { externalClientApplication: app, label: fullName });
  staging.put(newComponent(staging.org, userId, { type, fullName, body, madeByOrg: true }));
};

/** The security settings that an org with that habit makes for new OAuth settings. They came with API version 67. */
const addSecuritySettings = (staging: Staging, written: Component, userId: string): void => {
  const type = 'ExtlClntAppOauthSecuritySettings';
  const app = String(written.body.externalClientApplication);
  if (written.type !== 'ExtlClntAppOauthSettings' || staging.org.variants['security-settings'] !== 'made-by-org')
    return;
  if (staging.childOf(type, app)) return;
  const fullName = `${app}_oauthSecurity`;
  const body = { externalClientApplication: app, label: fullName };
  staging.put(newComponent(staging.org, userId, { type, fullName, body, madeByOrg: true }));
};

/** The effects of a written component in the org: keys, links, access, settings. */
export const takeEffect = (org: PracticeOrg, component: Component): void => {
  if (component.type === 'ExtlClntAppGlobalOauthSettings') keepConsumer(org, component);
  if (component.type === CONNECTED_APP) keepConnectedApp(org, component);
  if (component.type === BLOCKED_CONSUMER) endSessionsOf(org, component.body.consumerKey);
  if (component.type === PERMISSION_SET) keepPermissionSet(org, component);
  if (component.type === OAUTH_POLICIES) keepAccess(org, component);
  if (isSettingsType(component.type)) {
    org.settings[component.type] = component.body;
    org.settingsWritten.set(component.type, { at: component.lastModifiedDate, userId: component.lastModifiedById });
  }
};

/** A Connected App keeps its consumer for as long as it has OAuth. */
const keepConnectedApp = (org: PracticeOrg, app: Component): void => {
  keepConnectedAccess(org, app);
  const config = app.body.oauthConfig as Body | undefined;
  if (!config) {
    org.consumers.delete(app.id);
    return;
  }
  const consumer = org.consumers.get(app.id) ?? newConsumer(org, app);
  Object.assign(config, { consumerKey: consumer.primary.key, consumerSecret: undefined });
};

/** Gives the app its consumer, or new keys where that was asked for, and links the OAuth settings to it. */
const keepConsumer = (org: PracticeOrg, settings: Component): void => {
  const { body } = settings;
  const appName = String(body.externalClientApplication);
  const app = org.component(APP_TYPE, appName);
  if (!app) return;
  const consumer = org.consumers.get(app.id) ?? newConsumer(org, app);
  const fresh = newKeyPair(org, distributionOf(app));
  if (typeof body.consumerKey === 'string') consumer.primary.key = body.consumerKey;
  if (typeof body.consumerSecret === 'string') consumer.primary.secret = body.consumerSecret;
  if (body.shouldRotateConsumerKey === true) consumer.primary.key = fresh.key;
  if (body.shouldRotateConsumerSecret === true) consumer.primary.secret = fresh.secret;
  Object.assign(body, {
    consumerKey: consumer.primary.key,
    consumerSecret: undefined,
    shouldRotateConsumerKey: false,
    shouldRotateConsumerSecret: false,
  });
  const oauth = org.componentOfApp('ExtlClntAppOauthSettings', appName);
  if (oauth) oauth.body.oauthLink ??= `${org.orgId.slice(0, 15)}:${consumer.id.slice(0, 15)}`;
};
