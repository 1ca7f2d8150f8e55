import { randomBytes } from 'node:crypto';

import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

import { noteLogin, STATUS, SUCCESS } from '../loginHistory.ts';
import { hasPassword, type LoginProblem, passwordFits, shutOut } from '../logins.ts';
import type { PracticeOrg } from '../org.ts';
import { type Form, formOf } from './client.ts';
import { loginPage, messagePage, type Page } from './pages.ts';
import { sameText } from './sameText.ts';

/** A user who is logged in in a browser. `csrf` has to be in every form that this login sends. */
export type BrowserLogin = { userId: string; csrf: string; expiresAt: Date };

const LOGIN_LIFE = 2 * 3600 * 1000;
const ONE_TIME_LIFE = 60 * 1000;

/** The logins of one org in browsers, by cookie. The cookie's name contains the org, because cookies ignore ports. */
export class Browsers {
  readonly #org: PracticeOrg;
  readonly #logins = new Map<string, BrowserLogin>();
  readonly #oneTime = new Map<string, { userId: string; expiresAt: Date }>();

  constructor(org: PracticeOrg) {
    this.#org = org;
  }

  /** The user who is logged in in the browser that sent this request. */
  loginOf(c: Context): BrowserLogin | undefined {
    const login = this.#logins.get(getCookie(c, this.#cookie('sid')) ?? '');
    if (!login || login.expiresAt <= this.#org.now()) return undefined;
    return this.#org.record('User', login.userId)?.IsActive === true ? login : undefined;
  }

  logIn(c: Context, userId: string): void {
    const sid = newSecret();
    this.#logins.set(sid, { userId, csrf: newSecret(), expiresAt: this.#in(LOGIN_LIFE) });
    this.#set(c, 'sid', sid);
  }

  /** The value that a form must return when it is shown before a login. */
  csrfBeforeLogin(c: Context): string {
    const token = getCookie(c, this.#cookie('csrf')) ?? newSecret();
    this.#set(c, 'csrf', token);
    return token;
  }

  cameFromLoginPage(c: Context, form: Form): boolean {
    return sameText(form.csrf ?? '', getCookie(c, this.#cookie('csrf')) ?? newSecret());
  }

  /** A password for one login by URL. */
  newOneTimePassword(userId: string): string {
    const password = newSecret();
    this.#oneTime.set(password, { userId, expiresAt: this.#in(ONE_TIME_LIFE) });
    return password;
  }

  takeOneTimePassword(password: string): string | undefined {
    const there = this.#oneTime.get(password);
    this.#oneTime.delete(password);
    return there && there.expiresAt > this.#org.now() ? there.userId : undefined;
  }

  #in(milliseconds: number): Date {
    return new Date(this.#org.now().getTime() + milliseconds);
  }

  #cookie(name: string): string {
    return `${name}_${this.#org.orgId}`;
  }

  #set(c: Context, name: string, value: string): void {
    setCookie(c, this.#cookie(name), value, { httpOnly: true, sameSite: 'Lax', path: '/' });
  }
}

const newSecret = (): string => randomBytes(24).toString('base64url');

/** A page that no other page may frame, and that runs no script. */
export const showPage = (
  c: Context,
  content: Page,
  status: 200 | 400 | 401 | 403 = 200,
): Response | Promise<Response> => {
  c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  c.header('cache-control', 'no-store');
  // Not no-referrer: with that, forms of this org's own pages would come back from nowhere (`Origin: null`).
  c.header('referrer-policy', 'same-origin');
  return c.html(content, status);
};

/** Where a user goes to log in, and comes back from. The login page has the username that is hinted at filled in. */
export const loginUrl = (startUrl: string, loginHint?: string): string => {
  const query = new URLSearchParams({ ec: '302', startURL: startUrl });
  if (loginHint !== undefined) query.set('login_hint', loginHint);
  return `/?${query.toString()}`;
};

/** A path of this org, and nothing that a browser takes for another host: it leaves out control characters. */
const ownPath = (url: string | undefined): string => (url && /^\/(?![/\\])\P{Cc}*$/u.test(url) ? url : '/');

/** The login page, and logging in by URL as `sf org open` does. */
export const browserRoutes = (org: PracticeOrg, browsers: Browsers): Hono => {
  const routes = new Hono();

  const showLogin = (c: Context, view: { startUrl: string; username: string; error?: string }) => {
    const usernames = org
      .records('User')
      .filter((user) => user.IsActive === true)
      .map((user) => String(user.Username));
    return showPage(
      c,
      loginPage({ ...view, csrf: browsers.csrfBeforeLogin(c), usernames }),
      view.error === undefined ? 200 : 401,
    );
  };

  routes.get('/', (c) => {
    const login = browsers.loginOf(c);
    const startUrl = ownPath(c.req.query('startURL'));
    if (!login || startUrl !== '/') {
      return showLogin(c, { startUrl, username: c.req.query('login_hint') ?? '' });
    }
    return showPage(
      c,
      messagePage('Practice org', `Logged in as ${String(org.record('User', login.userId)?.Username)}.`),
    );
  });

  routes.post('/', async (c) => {
    const form = await formOf(c);
    const startUrl = ownPath(form.startURL);
    const username = form.username ?? '';
    if (!browsers.cameFromLoginPage(c, form)) {
      return showLogin(c, { startUrl, username, error: 'The login page is out of date. Please try again.' });
    }
    const user = org.userByUsername(username);
    if (!user) return showLogin(c, { startUrl, username, error: NOT_IN });
    const problem = whyNotIn(org, user.Id, form.pw ?? '');
    const attempt = { userId: user.Id, way: 'login-page' as const, application: 'Browser' };
    noteLogin(org, attempt, problem ? STATUS[problem] : SUCCESS);
    if (problem) {
      return showLogin(c, { startUrl, username, error: problem === 'frozen' ? FROZEN : NOT_IN });
    }
    browsers.logIn(c, user.Id);
    return c.redirect(startUrl, 302);
  });

  routes.get('/secur/frontdoor.jsp', (c) => {
    const otp = c.req.query('otp');
    const userId =
      otp === undefined ? org.session(c.req.query('sid') ?? '')?.userId : browsers.takeOneTimePassword(otp);
    const startUrl = ownPath(c.req.query('startURL') ?? c.req.query('retURL'));
    if (!userId) return c.redirect(loginUrl(startUrl), 302);
    browsers.logIn(c, userId);
    return c.redirect(startUrl, 302);
  });

  routes.get('/lightning/*', (c) => {
    if (!browsers.loginOf(c)) return c.redirect(loginUrl(pathAndQuery(c)), 302);
    return showPage(c, messagePage('Practice org', `A practice org has no such page: ${c.req.path}`));
  });

  return routes;
};

const NOT_IN = 'Please check your username and password.';
const FROZEN = 'Your access is disabled. Contact your site administrator.';

/**
 * Why the login page does not let a user in. Nobody has to type a password; one that is typed has to be right where the user has
 * one.
 */
const whyNotIn = (org: PracticeOrg, userId: string, password: string): LoginProblem | undefined => {
  const why = shutOut(org, userId);
  if (why !== undefined) return why;
  const wrong = password !== '' && hasPassword(org, userId) && !passwordFits(org, userId, password);
  return wrong ? 'wrong-password' : undefined;
};

/** The target of a request, as a path of this org. */
export const pathAndQuery = (c: Context): string => {
  const url = new URL(c.req.url);
  return `${url.pathname.replace(/^\/{2,}/, '/')}${url.search}`;
};
