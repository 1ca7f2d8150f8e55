import { type Context, Hono } from 'hono';

import { noteLogin, STATUS } from '../loginHistory.ts';
import { passwordFits, shutOut } from '../logins.ts';
import type { PracticeOrg } from '../org.ts';
import { type Asker, askerOf, AUTHORIZE, type Query, showRefusal, toCallback, wantedOf } from './authorize.ts';
import { type Form, formOf } from './client.ts';
import { grantsOf, type Site } from './grants.ts';
import { isPermitted, type OauthApp } from './oauthApp.ts';
import { OauthRefusal, refusals } from './refusal.ts';

/**
 * The authorization code and credentials flow. A user logs in with an app's own form. Then the app gets a code with the
 * user's name and password. Salesforce's Headless Identity guide says that the flow is for an Experience Cloud site.
 * The site of a practice org is `localhost`; its My Domain is 127.0.0.1. Flows for registration, passwordless login and
 * guests are not there.
 */
export const codeAndCredentialsRoutes = (org: PracticeOrg): Hono => {
  const routes = new Hono();

  routes.post(AUTHORIZE, async (c) => {
    const form = await formOf(c);
    let asker: Asker;
    try {
      if (form.response_type !== 'code_credentials') throw refusals.unsupportedResponse();
      asker = askerOf(org, form);
    } catch (error) {
      if (error instanceof OauthRefusal) return showRefusal(c, error);
      throw error;
    }
    try {
      return toCallback(c, asker.redirectUri, codeFor(org, c, asker, form));
    } catch (error) {
      if (!(error instanceof OauthRefusal)) throw error;
      return toCallback(c, asker.redirectUri, {
        error: error.error,
        error_description: error.description,
        state: form.state,
      });
    }
  });

  /** A callback for apps that have none: it gives back what it was given, as JSON. */
  routes.on(['GET', 'POST'], '/services/oauth2/echo', async (c) => {
    const form = c.req.method === 'POST' ? await formOf(c) : {};
    c.header('cache-control', 'no-store');
    return c.json({ ...c.req.query(), ...form });
  });

  return routes;
};

/**
 * The answer that goes to the callback URL for the user whose name and password are in the request. Throws
 * OauthRefusal.
 */
const codeFor = (org: PracticeOrg, c: Context, { app, redirectUri }: Asker, form: Form): Query => {
  const site = siteOf(org, c);
  if (!isOn(org, app)) throw refusals.unsupportedResponse();
  const wanted = wantedOf(org, app, form, 'code_credentials');
  if (c.req.header('auth-request-type')?.toLowerCase() !== 'named-user') throw refusals.missing('Auth-Request-Type');
  const userId = userWith(org, app, credentialsOf(app, c, form));
  if (!isPermitted(org, app, userId)) throw refusals.notAdminApproved();
  const code = grantsOf(org).newCode({ app, redirectUri, userId, ...wanted, site });
  return { code, state: form.state, ...site };
};

/** The org's switch and the app's. */
const isOn = (org: PracticeOrg, app: OauthApp): boolean =>
  org.settings.OauthOidcSettings?.oAuthCdCrdtFlowEnable === true && app.codeAndCredentials;

const siteOf = (org: PracticeOrg, c: Context): Site => {
  const { host, hostname, origin } = new URL(c.req.url);
  if (hostname !== 'localhost' || host === new URL(org.instanceUrl).host) throw refusals.otherDomain();
  return { sfdc_community_url: origin, sfdc_community_id: siteIdOf(org) };
};

const siteIds = new WeakMap<PracticeOrg, string>();

const siteIdOf = (org: PracticeOrg): string => {
  const id = siteIds.get(org) ?? org.newId('Network');
  siteIds.set(org, id);
  return id;
};

type Credentials = { username: string; password: string };

/** Name and password: by HTTP Basic unless the app wants them in the form. */
const credentialsOf = (app: OauthApp, c: Context, form: Form): Credentials => {
  const basic = /^Basic\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (basic && !app.credentialsInBody) {
    const [username = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { username, password: password.join(':') };
  }
  if (!form.username || !form.password) throw refusals.missing('username and password');
  return { username: form.username, password: form.password };
};

/** Salesforce does not say whether the name or the password was wrong, or the user may not log in. */
const userWith = (org: PracticeOrg, app: OauthApp, { username, password }: Credentials): string => {
  const user = org.userByUsername(username);
  if (!user) throw refusals.authenticationFailure();
  const problem = shutOut(org, user.Id) ?? (passwordFits(org, user.Id, password) ? undefined : 'wrong-password');
  if (problem) {
    noteLogin(org, { userId: user.Id, way: 'code-and-credentials', application: app.label }, STATUS[problem]);
    throw refusals.authenticationFailure();
  }
  return user.Id;
};
