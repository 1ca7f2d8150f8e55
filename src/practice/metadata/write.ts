import { distributionOf, newConsumer, newKeyPair } from '../keyPairs.ts';
import { APP_TYPE, qualifiedName } from '../org.ts';
import type { Component, PracticeOrg } from '../org.ts';
import type { Permission } from '../permissions.ts';
import type { XmlElement } from '../xml.ts';
import { Problem, readBody, visibleBody } from './body.ts';
import type { Body } from './body.ts';
import { completed } from './defaults.ts';
import { keepPermissionSet, PERMISSION_SET } from './permissionSets.ts';
import { checkRules, namesIn } from './rules.ts';
import type { Incoming } from './rules.ts';
import type { Staging } from './staging.ts';
import { isAppType, isPolicyType, SETTINGS } from './types.ts';

/** What writing one component came to. */
export type Written = { id: string; created: boolean; changed: boolean; component?: Component };

/** One component as it was sent; `userId` is who sends it. */
export type Sent = { type: string; fullName: string; root: XmlElement; version: number; userId: string };

/** Puts one component into the staging, or throws the Problem that it has. */
export function writeComponent(staging: Staging, sent: Sent): Written {
  checkAvailable(staging.org, sent.type);
  checkPermission(staging.org, sent.userId, sent.type);
  if (sent.type === 'Settings') return writeSettings(staging, sent);
  const body = sent.type === 'ConnectedApp' ? {} : readBody(sent.type, sent.root, sent.version);
  delete body.fullName;
  const existing = staging.component(sent.type, sent.fullName);
  const incoming: Incoming = { ...sent, body, existing };
  checkRules(staging, incoming);
  const component = componentOf(staging.org, sent, incoming);
  staging.put(component);
  const changed =
    !existing ||
    JSON.stringify(visibleBody(sent.type, existing.body, sent.version)) !==
      JSON.stringify(visibleBody(sent.type, component.body, sent.version));
  return { id: component.id, created: !existing, changed, component };
}

/** An org that has no external client apps does not know their types. */
function checkAvailable(org: PracticeOrg, type: string): void {
  if (!org.externalClientApps && (isAppType(type) || type === 'ExternalClientAppSettings')) {
    throw new Problem('Not available for deploy for this organization', 'INVALID_TYPE');
  }
}

/** Policies are the admin's, the rest is the developer's; settings need what Setup needs. */
function checkPermission(org: PracticeOrg, userId: string, type: string): void {
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
}

function componentOf(org: PracticeOrg, sent: Sent, { body, existing }: Incoming): Component {
  const at = org.now();
  const fullName = existing?.fullName ?? sent.fullName;
  return {
    id: existing?.id ?? org.newId(sent.type),
    type: sent.type,
    fullName,
    ...(existing?.namespace ? { namespace: existing.namespace } : {}),
    body: keptByOrg(org, sent.type, completed(sent.type, body), fullName, existing),
    createdById: existing?.createdById ?? sent.userId,
    createdDate: existing?.createdDate ?? at,
    lastModifiedById: sent.userId,
    lastModifiedDate: at,
  };
}

/** What a deploy cannot take away by leaving it out, and what an org has its own mind about. */
function keptByOrg(org: PracticeOrg, type: string, body: Body, fullName: string, existing?: Component): Body {
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
}

// -- settings

function writeSettings({ org }: Staging, { fullName, root, version }: Sent): Written {
  const type = SETTINGS[fullName];
  if (!type) throw new Problem(`No Settings named: ${fullName} found`, 'INVALID_CROSS_REFERENCE_KEY');
  const body = readBody(type, root, version);
  delete body.fullName;
  const current = org.settings[type] ?? {};
  const changed = Object.entries(body).some(([element, value]) => current[element] !== value);
  return { id: '', created: false, changed, component: settingsComponent(org, fullName, { ...current, ...body }) };
}

/** A member of Settings in the shape of a component. Settings that are left out stay as they are. */
export function settingsComponent(org: PracticeOrg, fullName: string, body: Body): Component {
  const at = org.now();
  const { Id } = org.seeded.admin;
  return {
    id: '',
    type: SETTINGS[fullName] ?? '',
    fullName,
    body,
    createdById: Id,
    createdDate: at,
    lastModifiedById: Id,
    lastModifiedDate: at,
  };
}

// -- what happens beside the write

const OAUTH_POLICIES = 'ExtlClntAppOauthConfigurablePolicies';
const APP_POLICIES = 'ExtlClntAppConfigurablePolicies';

/** The policies that an org makes by itself for a new app, and for new OAuth settings, that bring none. */
export function addPolicies(staging: Staging, written: Component, userId: string): void {
  const [type, app] =
    written.type === APP_TYPE
      ? [APP_POLICIES, qualifiedName(written)]
      : [OAUTH_POLICIES, String(written.body.externalClientApplication)];
  if (written.type !== APP_TYPE && written.type !== 'ExtlClntAppOauthSettings') return;
  if (staging.childOf(type, app)) return;
  const fullName = `${qualifiedName(written)}_defaultPolicy`;
  const at = staging.org.now();
  staging.put({
    id: staging.org.newId(type),
    type,
    fullName,
    body: completed(type, { externalClientApplication: app, label: fullName }),
    createdById: userId,
    createdDate: at,
    lastModifiedById: userId,
    lastModifiedDate: at,
  });
}

/** What a written component brings about once it is in the org: keys, links, access, settings. */
export function takeEffect(org: PracticeOrg, component: Component): void {
  if (component.type === 'ExtlClntAppGlobalOauthSettings') keepConsumer(org, component);
  if (component.type === PERMISSION_SET) keepPermissionSet(org, component);
  if (component.type === OAUTH_POLICIES) keepAccess(org, component);
  if (Object.values(SETTINGS).includes(component.type)) org.settings[component.type] = component.body;
}

/** Gives the app its consumer, or new keys where that was asked for, and links the OAuth settings to it. */
function keepConsumer(org: PracticeOrg, settings: Component): void {
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
}

/** Who the policies let in has access to the app, as SetupEntityAccess says it too. */
function keepAccess(org: PracticeOrg, policies: Component): void {
  const app = org.component(APP_TYPE, String(policies.body.externalClientApplication));
  if (!app) return;
  const sets = new Set(namesIn(policies.body.commaSeparatedPermissionSet).map((name) => name.toLowerCase()));
  const profiles = new Set(namesIn(policies.body.commaSeparatedProfile).map((name) => name.toLowerCase()));
  if (org.variants['setup-entity-access'] === 'goes') {
    for (const { Id, SetupEntityId } of org.records('SetupEntityAccess')) {
      if (SetupEntityId === app.id) org.delete('SetupEntityAccess', Id);
    }
  }
  if (sets.size + profiles.size === 0 && !org.grantsByPolicies.has(app.id)) return;
  const parents = org.records('PermissionSet').filter((set) => {
    if (set.IsOwnedByProfile !== true) return sets.has(String(set.Name).toLowerCase());
    return profiles.has(String(org.record('Profile', String(set.ProfileId))?.Name).toLowerCase());
  });
  for (const id of org.grantsByPolicies.get(app.id) ?? []) org.delete('SetupEntityAccess', id);
  const there = new Map(
    org.records('SetupEntityAccess').flatMap((one) => (one.SetupEntityId === app.id ? [[one.ParentId, one.Id]] : [])),
  );
  // A permission set has one access to an app, whoever gave it.
  const grants = parents.map(
    ({ Id }) =>
      there.get(Id) ??
      org.insert('SetupEntityAccess', {
        ParentId: Id,
        SetupEntityId: app.id,
        SetupEntityType: 'ExternalClientApplication',
      }).Id,
  );
  org.grantsByPolicies.set(app.id, grants);
}
