import type { Context } from 'hono';

import type { PracticeOrg, Session } from '../org.ts';
import { checkSecret, claimedClient, formOf, namedApp } from './client.ts';
import { hasExpired } from './flows/refreshToken.ts';
import { grantee, grantsOf, type RefreshGrant } from './grants.ts';
import { identityUrl } from './identity.ts';
import { appById, appByKey, type OauthApp } from './oauthApp.ts';
import { refusals } from './refusal.ts';
import { seconds } from './tokens.ts';

type Introspection = { active: false } | ({ active: true } & Record<string, unknown>);

const INACTIVE: Introspection = { active: false };

/**
 * POST /services/oauth2/introspect: an app may introspect its own tokens. An app with the right setting may introspect
 * all tokens of the org.
 */
export const introspect = async (org: PracticeOrg, c: Context): Promise<Introspection> => {
  const form = await formOf(c);
  const client = claimedClient(c, form);
  const app = namedApp(org, client.id);
  checkSecret(app, client.secret, true);
  if (!form.token) throw refusals.missing('token');
  const session = org.session(form.token);
  if (session) return app.introspectAllTokens || session.appId === app.id ? ofAccessToken(org, session) : INACTIVE;
  const grant = grantsOf(org).refreshGrant(form.token);
  if (!grant || grant.token !== form.token) return INACTIVE;
  return app.introspectAllTokens || grant.appId === grantee(app) ? ofRefreshToken(org, grant) : INACTIVE;
};

const ofAccessToken = (org: PracticeOrg, session: Session): Introspection => ({
  active: true,
  scope: session.scopes.join(' '),
  client_id: session.appId ? appById(org, session.appId)?.key : undefined,
  username: org.record('User', session.userId)?.Username,
  sub: identityUrl(org, session.userId),
  token_type: 'access_token',
  exp: seconds(session.expiresAt),
  iat: seconds(session.issuedAt),
  nbf: seconds(session.issuedAt),
});

const ofRefreshToken = (org: PracticeOrg, grant: RefreshGrant): Introspection => {
  const app = granted(org, grant);
  if (!app || hasExpired(grant, app, org.now())) return INACTIVE;
  const policy = app.refreshTokenPolicy;
  const from = policy.kind === 'SpecificInactivity' ? grant.lastUsedAt : grant.grantedAt;
  return {
    active: true,
    scope: grant.scopes.join(' '),
    client_id: app.key,
    username: org.record('User', grant.userId)?.Username,
    sub: identityUrl(org, grant.userId),
    token_type: 'refresh_token',
    ...(policy.kind === 'Infinite' ? {} : { exp: seconds(new Date(from.getTime() + policy.milliseconds)) }),
    iat: seconds(grant.grantedAt),
    nbf: seconds(grant.grantedAt),
  };
};

/** The app of a grant: by its id or, the CLI's own, by its client id. */
const granted = (org: PracticeOrg, grant: RefreshGrant): OauthApp | undefined =>
  appById(org, grant.appId) ?? appByKey(org, grant.appId);
