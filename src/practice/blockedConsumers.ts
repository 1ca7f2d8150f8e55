import { noteLogin } from './loginHistory.ts';
import type { ClaimedClient, Form } from './oauth/client.ts';
import { grantsOf } from './oauth/grants.ts';
import { appByKey } from './oauth/oauthApp.ts';
import { OauthRefusal, refusals } from './oauth/refusal.ts';
import { type Component, CONNECTED_APP, type PracticeOrg } from './org.ts';
import { newComponent } from './stamps.ts';

/**
 * Consumers that an admin blocked: each is a component BlacklistedConsumer, and so is what the button in Setup makes. To
 * block one "ends all current user sessions and prevents future sessions" (Metadata API guide, `BlacklistedConsumer`). Its
 * key counts, so that all apps with the key are blocked.
 */

export const BLOCKED_CONSUMER = 'BlacklistedConsumer';

/** The block of a consumer key. */
export const blockOf = (org: PracticeOrg, key: string): Component | undefined =>
  org.components(BLOCKED_CONSUMER).find(({ body }) => body.consumerKey === key);

/** Ends the sessions of the apps with the key. The guide says nothing of refresh tokens: they stay, and are refused. */
export const endSessionsOf = (org: PracticeOrg, key: unknown): void => {
  const apps = [...org.consumers.values()].filter(({ primary }) => primary.key === key).map(({ appId }) => appId);
  for (const { token, appId } of [...org.sessions.values()])
    if (appId !== undefined && apps.includes(appId)) org.sessions.delete(token);
};

/**
 * Blocks a consumer, or lets it go again, as an admin does on a page of Setup. The name that Setup gives to the component is
 * not known.
 *
 * @returns false where no Connected App has the name
 */
export const setBlocked = (org: PracticeOrg, name: string, isBlocked: boolean): boolean => {
  const app = org.component(CONNECTED_APP, name);
  const key = app && org.consumers.get(app.id)?.primary.key;
  if (!app || key === undefined) return false;
  const there = blockOf(org, key);
  if (!isBlocked) {
    if (there) org.removeComponent(BLOCKED_CONSUMER, there.fullName);
    return true;
  }
  if (there) return true;
  const label = String(app.body.label ?? name);
  const fullName = `Blocked_${app.id}`;
  const body = { blockedByApiWhitelisting: false, consumerKey: key, consumerName: label, masterLabel: label };
  org.putComponent(newComponent(org, org.seeded.admin.Id, { type: BLOCKED_CONSUMER, fullName, body }));
  endSessionsOf(org, key);
  return true;
};

/**
 * Refuses the token request of a blocked consumer. The history of logins has the try under its user, as far as the request says
 * who it is.
 */
export const refuseBlocked = (org: PracticeOrg, client: ClaimedClient, form: Form): void => {
  const key = client.id ?? issuerOf(form.assertion);
  const app = key === undefined ? undefined : appByKey(org, key);
  if (!app || !blockOf(org, app.key)) return;
  const { description } = refusals.blocked();
  const user = userOf(org, form, app.clientCredentials.runAs);
  if (user !== undefined && org.variants['blocked-login'] === 'recorded')
    noteLogin(org, { ...user, application: app.label }, `Failed: ${description}`);
  throw new OauthRefusal(org.variants['blocked-token-request'], description);
};

type Asking = Pick<Parameters<typeof noteLogin>[1], 'userId' | 'way'>;

const userOf = (org: PracticeOrg, form: Form, runAs: string | undefined): Asking | undefined => {
  const named = (username: unknown, way: Asking['way']): Asking | undefined => {
    const user = typeof username === 'string' ? org.userByUsername(username) : undefined;
    return user && { userId: user.Id, way };
  };
  if (form.grant_type === 'client_credentials') return named(runAs, 'client-credentials');
  if (form.grant_type === 'password') return named(form.username, 'username-password');
  if (form.assertion !== undefined) return named(claimsOf(form.assertion).sub, 'jwt-bearer');
  const grant = form.refresh_token === undefined ? undefined : grantsOf(org).refreshGrant(form.refresh_token);
  return grant && { userId: grant.userId, way: 'refresh' };
};

const issuerOf = (assertion: string | undefined): string | undefined => {
  const { iss } = assertion === undefined ? {} : claimsOf(assertion);
  return typeof iss === 'string' ? iss : undefined;
};

/** The claims of an assertion that nobody has verified. */
const claimsOf = (assertion: string): { iss?: unknown; sub?: unknown } => {
  try {
    return JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')) as object;
  } catch {
    return {};
  }
};
