import { type Context, Hono } from 'hono';

import { tokenOf } from '../gate.ts';
import type { PracticeOrg, Session } from '../org.ts';
import { appManagerRoutes } from './appManager.ts';
import { authorizeRoutes } from './authorize.ts';
import { browserRoutes, Browsers } from './browser.ts';
import { formOf } from './client.ts';
import { codeAndCredentialsRoutes } from './codeAndCredentials.ts';
import { connectDeviceRoutes } from './connectDevice.ts';
import { discovery } from './discovery.ts';
import { identity, userInfo } from './identity.ts';
import { introspect } from './introspection.ts';
import { OauthRefusal } from './refusal.ts';
import { revoke } from './revocation.ts';
import { jwks } from './signing.ts';
import { tokenEndpoint } from './tokenEndpoint.ts';

/** Scopes that let a token read who its user is. */
const IDENTITY_SCOPES = ['id', 'openid', 'profile', 'email', 'address', 'phone', 'api', 'full', 'web'];

/** All OAuth answers of the org: tokens, logins and approvals in a browser, and the user of a token. */
export const oauthRoutes = (org: PracticeOrg): Hono => {
  const routes = new Hono();
  const browsers = new Browsers(org);

  routes.post('/services/oauth2/token', (c) => answered(c, () => tokenEndpoint(org, c)));
  routes.post('/services/oauth2/introspect', (c) => answered(c, () => introspect(org, c)));

  routes.get('/services/oauth2/revoke', (c) => revoked(c, () => revoke(org, c.req.query('token'))));
  routes.post('/services/oauth2/revoke', async (c) => {
    const form = await formOf(c);
    return revoked(c, () => revoke(org, form.token ?? c.req.query('token')));
  });

  routes.on(['GET', 'POST'], '/services/oauth2/userinfo', (c) =>
    identified(org, c, (session) => c.json(userInfo(org, org.record('User', session.userId)!))),
  );
  routes.on(['GET', 'POST'], '/id/:orgId/:userId', (c) =>
    identified(org, c, (session) => {
      if (!sameId(c.req.param('orgId'), org.orgId)) return c.text('Wrong_Org', 403);
      const user = org.record('User', c.req.param('userId'));
      return user ? c.json(identity(org, user, session.userId)) : c.text('Bad_Id', 404);
    }),
  );

  routes.get('/id/keys', async (c) => c.json(await jwks(org)));
  routes.get('/.well-known/openid-configuration', (c) => c.json(discovery(org)));

  routes.on(['GET', 'POST'], '/services/oauth2/singleaccess', (c) =>
    identified(org, c, (session) =>
      c.json({ frontdoor_uri: frontdoorUrl(org, browsers, session, c.req.query('redirect_uri')) }),
    ),
  );

  routes.route('/', authorizeRoutes(org, browsers));
  routes.route('/', codeAndCredentialsRoutes(org));
  routes.route('/', connectDeviceRoutes(org, browsers));
  routes.route('/', appManagerRoutes(org, browsers));
  routes.route('/', browserRoutes(org, browsers));
  return routes;
};

const unkept = (c: Context): void => {
  c.header('cache-control', 'no-store');
  c.header('pragma', 'no-cache');
};

/** An answer in JSON, or the refusal in the form that OAuth has for it. */
const answered = async (c: Context, answer: () => Promise<object>): Promise<Response> => {
  unkept(c);
  try {
    return c.json(await answer());
  } catch (error) {
    if (!(error instanceof OauthRefusal)) throw error;
    return c.json({ error: error.error, error_description: error.description }, 400);
  }
};

/** Revocation answers with nothing; a refusal is form-encoded unless the client asks for JSON, as older clients read it so. */
const revoked = (c: Context, end: () => void): Response => {
  unkept(c);
  try {
    end();
    return c.body(null, 200);
  } catch (error) {
    if (!(error instanceof OauthRefusal)) throw error;
    const answer = { error: error.error, error_description: error.description };
    if ((c.req.header('accept') ?? '').includes('json')) return c.json(answer, 400);
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return c.body(new URLSearchParams(answer).toString(), 400, { 'content-type': type });
  }
};

/**
 * The caller, by a token in the header, the query or the form. The refusals are those of Salesforce's identity URL:
 * plain words.
 */
const identified = async (
  org: PracticeOrg,
  c: Context,
  go: (session: Session) => Response | Promise<Response>,
): Promise<Response> => {
  unkept(c);
  const form = c.req.method === 'POST' ? await formOf(c) : {};
  const token = tokenOf(c) ?? form.access_token ?? c.req.query('access_token') ?? c.req.query('oauth_token');
  if (!token) return c.text('Missing_OAuth_Token', 403);
  const session = org.session(token);
  if (!session) return c.text('Bad_OAuth_Token', 403);
  if (session.appId && !session.scopes.some((scope) => IDENTITY_SCOPES.includes(scope))) {
    return c.text('Missing_OAuth_Scope', 403);
  }
  return go(session);
};

const frontdoorUrl = (org: PracticeOrg, browsers: Browsers, session: Session, redirect: string | undefined): string => {
  const query = new URLSearchParams({
    otp: browsers.newOneTimePassword(session.userId),
    ...(redirect ? { startURL: redirect.startsWith('/') ? redirect : `/${redirect}` } : {}),
  });
  return `${org.instanceUrl}/secur/frontdoor.jsp?${query.toString()}`;
};

/** Ids come with 15 characters or 18. */
const sameId = (a: string, b: string): boolean => a.slice(0, 15) === b.slice(0, 15);
