import { Hono } from 'hono';

import type { PracticeOrg } from '../org.ts';
import { type Browsers, loginUrl, pathAndQuery, showPage } from './browser.ts';
import { formOf } from './client.ts';
import { grantsOf } from './grants.ts';
import { isPermitted } from './oauthApp.ts';
import { approvalPage, messagePage, userCodePage } from './pages.ts';
import { sameText } from './sameText.ts';

const CONNECT = '/setup/connect';

/** The page where a user types in the code of a device and lets it in. */
export const connectDeviceRoutes = (org: PracticeOrg, browsers: Browsers): Hono => {
  const routes = new Hono();
  const grants = grantsOf(org);

  routes.get(CONNECT, (c) => {
    const login = browsers.loginOf(c);
    if (!login) return c.redirect(loginUrl(pathAndQuery(c)), 302);
    return showPage(c, userCodePage({ csrf: login.csrf, userCode: c.req.query('user_code') ?? '' }));
  });

  routes.post(CONNECT, async (c) => {
    const form = await formOf(c);
    const login = browsers.loginOf(c);
    if (!login || !sameText(form.csrf ?? '', login.csrf)) return c.redirect(loginUrl(CONNECT), 302);
    const userCode = form.user_code ?? c.req.query('user_code') ?? '';
    const device = grants.waitingDevice(userCode);
    if (!device) {
      const error = 'That code is unknown or out of date.';
      return showPage(c, userCodePage({ csrf: login.csrf, userCode, error }), 400);
    }
    if (org.can(login.userId, 'ApiUserOnly') || !isPermitted(org, device.app, login.userId)) {
      return showPage(c, messagePage('Not allowed', 'OAUTH_APP_ACCESS_DENIED: this user may not use the app.'), 403);
    }
    if (form.save !== undefined) {
      grants.approve(device.app, login.userId, device.scopes);
      device.answer = { userId: login.userId };
      return showPage(c, messagePage('Connected', 'The device has access now. You may close this page.'));
    }
    if (form.cancel !== undefined) {
      device.answer = 'denied';
      return showPage(c, messagePage('Denied', 'The device has no access. You may close this page.'));
    }
    return showPage(
      c,
      approvalPage({
        csrf: login.csrf,
        action: `${CONNECT}?${new URLSearchParams({ user_code: userCode }).toString()}`,
        app: device.app.label,
        username: String(org.record('User', login.userId)?.Username),
        scopes: device.scopes,
      }),
    );
  });

  return routes;
};
