import { type Context, Hono } from 'hono';

import { blockOf } from '../blockedConsumers.ts';
import { type Distribution, keyOfAnotherOrg } from '../keyPairs.ts';
import type { PracticeOrg } from '../org.ts';
import { isThisMachine } from '../thisMachine.ts';
import { type BrowserLogin, type Browsers, loginUrl, showPage } from './browser.ts';
import { formOf } from './client.ts';
import { grantsOf } from './grants.ts';
import { appByKey, isPermitted, isUnapproved, type OauthApp } from './oauthApp.ts';
import { approvalPage } from './pages.ts';
import { OauthRefusal, refusals } from './refusal.ts';
import { sameText } from './sameText.ts';
import { grantedScopes, scopesOfRequest } from './scopes.ts';

/** The parameters of an authorize request, from its query or its form. */
export type Query = Record<string, string | undefined>;

/** The client, and the target of the answer: both must be correct before anything is sent to the target. */
export type Asker = { app: OauthApp; redirectUri: string };

export type Wanted = { scopes: string[]; challenge?: string; nonce?: string };

export const AUTHORIZE = '/services/oauth2/authorize';
const APPROVAL = '/setup/secur/RemoteAccessAuthorizationPage.apexp';

export const askerOf = (org: PracticeOrg, query: Query): Asker => {
  const app = query.client_id ? appByKey(org, query.client_id) : undefined;
  if (!app) throw refusals.unknownClient();
  const redirectUri = query.redirect_uri ?? '';
  if (!app.isCallback(redirectUri)) throw refusals.wrongRedirect();
  return { app, redirectUri };
};

export const wantedOf = (org: PracticeOrg, app: OauthApp, query: Query, responseType = 'code'): Wanted => {
  if (app.blocked || blockOf(org, app.key) || isUnapproved(org, app)) throw refusals.blocked();
  if (query.response_type !== responseType) throw refusals.unsupportedResponse();
  const scopes = grantedScopes(app.scopes, scopesOfRequest(query.scope));
  if (!scopes) throw refusals.wrongScope();
  return { scopes, challenge: challengeOf(org, app, query), nonce: query.nonce };
};

/**
 * The app or the whole org may require a challenge. The challenge is a SHA-256 hash, even if the request names no
 * method: Salesforce knows no other.
 */
const challengeOf = (org: PracticeOrg, app: OauthApp, query: Query): string | undefined => {
  const { code_challenge: challenge, code_challenge_method: method = 'S256' } = query;
  if (!challenge) {
    if (app.pkceRequired || org.settings.OauthOidcSettings?.isPkceRequired === true) throw refusals.noChallenge();
    return undefined;
  }
  if (method !== 'S256' || !/^[\w-]{43}$/.test(challenge)) throw refusals.wrongChallenge();
  return challenge;
};

const prompts = (query: Query): string[] => (query.prompt ?? '').split(/\s+/).filter(Boolean);

/** The same request once its user has logged in: not asked to log in again. */
const withoutLoginPrompt = (query: Query): Query => {
  const rest = prompts(query).filter((prompt) => prompt !== 'login' && prompt !== 'select_account');
  const { prompt: _prompt, ...others } = query;
  return rest.length > 0 ? { ...others, prompt: rest.join(' ') } : others;
};

const urlOf = (path: string, query: Query): string => `${path}?${parametersOf(query)}`;

const parametersOf = (parameters: Query): string => {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
};

/** Sends an answer to the callback URL, which stays as the client wrote it. */
export const toCallback = (c: Context, redirectUri: string, answer: Query): Response => {
  const separator = redirectUri.includes('?') ? '&' : '?';
  return c.redirect(redirectUri + separator + parametersOf(answer), 302);
};

/** A refusal that cannot go to the callback is shown on a page, in the same words. */
export const showRefusal = (c: Context, refusal: OauthRefusal): Response => {
  const text = `error=${refusal.error}&error_description=${encodeURIComponent(refusal.description)}`;
  return c.body(text, 400, { 'content-type': 'text/html;charset=UTF-8', 'cache-control': 'no-store' });
};

/**
 * A user who comes with the key of another org's app logs in first. Only then is the user's org known. A local app is
 * for its own org alone, a packaged app for the orgs that have it installed. This org does not know the callback URLs
 * of that app. So the refusal goes only to a callback on this machine; otherwise a page shows it.
 */
const notInThisOrg = (c: Context, browsers: Browsers, query: Query, app: Distribution): Response => {
  if (!browsers.loginOf(c))
    return c.redirect(loginUrl(urlOf(AUTHORIZE, withoutLoginPrompt(query)), query.login_hint), 302);
  const refusal = app === 'local' ? refusals.crossOrg() : refusals.notInstalled();
  const redirectUri = URL.canParse(query.redirect_uri ?? '') ? new URL(query.redirect_uri ?? '') : undefined;
  if (!redirectUri?.protocol.startsWith('http') || !isThisMachine(redirectUri)) return showRefusal(c, refusal);
  return toCallback(c, redirectUri.href, {
    error: refusal.error,
    error_description: refusal.description,
    state: query.state,
  });
};

/**
 * An app that is not installed needs a user with a permission of its own (Salesforce Help, article 005132365). Whom it
 * was approved by before September 2025 may go on.
 */
const mayApprove = (org: PracticeOrg, app: OauthApp, userId: string): boolean =>
  app.connected?.isInstalled !== false ||
  grantsOf(org).approved(app, userId).size > 0 ||
  org.can(userId, 'CanApproveUninstalledApps');

/** GET /services/oauth2/authorize, and the page on which a user allows or denies. */
export const authorizeRoutes = (org: PracticeOrg, browsers: Browsers): Hono => {
  const routes = new Hono();
  const grants = grantsOf(org);

  /** Continues with a good request of a user who is logged in. Any other request gets the refusal, in the right way. */
  const handled = async (
    c: Context,
    go: (asker: Asker, wanted: Wanted, login: BrowserLogin) => Response | Promise<Response>,
  ): Promise<Response> => {
    const query = c.req.query();
    const foreign = keyOfAnotherOrg(org, query.client_id ?? '');
    if (foreign) return notInThisOrg(c, browsers, query, foreign);
    let asker: Asker;
    try {
      asker = askerOf(org, query);
    } catch (error) {
      if (error instanceof OauthRefusal) return showRefusal(c, error);
      throw error;
    }
    try {
      const wanted = wantedOf(org, asker.app, query);
      const login = browsers.loginOf(c);
      if (!login && prompts(query).includes('none')) throw new OauthRefusal('login_required', 'user is not logged in');
      if (!login || prompts(query).includes('login'))
        return c.redirect(loginUrl(urlOf(AUTHORIZE, withoutLoginPrompt(query)), query.login_hint), 302);
      if (org.can(login.userId, 'ApiUserOnly')) {
        return showRefusal(c, refusals.approvalError());
      }
      if (!mayApprove(org, asker.app, login.userId)) return showRefusal(c, refusals.approvalError());
      if (!isPermitted(org, asker.app, login.userId)) {
        throw new OauthRefusal('OAUTH_APP_ACCESS_DENIED', 'user is not admin approved to access this app');
      }
      return await go(asker, wanted, login);
    } catch (error) {
      if (!(error instanceof OauthRefusal)) throw error;
      return toCallback(c, asker.redirectUri, {
        error: error.error,
        error_description: error.description,
        state: query.state,
      });
    }
  };

  const sendCode = (c: Context, { app, redirectUri }: Asker, wanted: Wanted, login: BrowserLogin): Response => {
    const code = grants.newCode({ app, redirectUri, userId: login.userId, ...wanted });
    return toCallback(c, redirectUri, { code, state: c.req.query('state') });
  };

  routes.get(AUTHORIZE, (c) =>
    handled(c, ({ app, redirectUri }, wanted, login) => {
      const approved = grants.approved(app, login.userId);
      const known = app.adminApprovedOnly || wanted.scopes.every((scope) => approved.has(scope));
      if (known && !prompts(c.req.query()).includes('consent')) return sendCode(c, { app, redirectUri }, wanted, login);
      if (prompts(c.req.query()).includes('none')) {
        throw new OauthRefusal('consent_required', 'user has not approved this app');
      }
      return c.redirect(urlOf(APPROVAL, c.req.query()), 302);
    }),
  );

  routes.get(APPROVAL, (c) =>
    handled(c, ({ app }, { scopes }, login) =>
      showPage(
        c,
        approvalPage({
          csrf: login.csrf,
          action: urlOf(APPROVAL, c.req.query()),
          app: app.label,
          username: String(org.record('User', login.userId)?.Username),
          scopes,
        }),
      ),
    ),
  );

  routes.post(APPROVAL, async (c) => {
    const form = await formOf(c);
    return handled(c, (asker, wanted, login) => {
      if (!sameText(form.csrf ?? '', login.csrf)) return c.redirect(urlOf(APPROVAL, c.req.query()), 302);
      if (form.save === undefined) throw new OauthRefusal('access_denied', 'end-user denied authorization');
      grants.approve(asker.app, login.userId, wanted.scopes);
      return sendCode(c, asker, wanted, login);
    });
  });

  return routes;
};
