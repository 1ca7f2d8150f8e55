import { Hono } from 'hono';

import { appsWithButton, pressButton } from '../migrateButton.ts';
import { type PracticeOrg, qualifiedName } from '../org.ts';
import { type Browsers, loginUrl, pathAndQuery, showPage } from './browser.ts';
import { formOf } from './client.ts';
import { appManagerPage, messagePage, migratePage } from './pages.ts';
import { sameText } from './sameText.ts';

/** App Manager in Setup. */
const PATH = '/lightning/setup/NavigationMenus/home';

/** The page with Salesforce's button "Migrate to External Client App". A person confirms two things, and presses it. */
export const appManagerRoutes = (org: PracticeOrg, browsers: Browsers): Hono => {
  const routes = new Hono();
  /** Salesforce Help: whoever presses the button may create external client apps. */
  const buttonsFor = (userId: string): string[] =>
    org.externalClientApps && org.can(userId, 'ExternalClientAppDeveloper') ? appsWithButton(org) : [];

  routes.get(PATH, (c) => {
    const login = browsers.loginOf(c);
    if (!login) return c.redirect(loginUrl(pathAndQuery(c)), 302);
    const buttons = buttonsFor(login.userId);
    const app = c.req.query('app');
    if (app !== undefined && buttons.includes(app))
      return showPage(c, migratePage({ csrf: login.csrf, path: PATH, app }));
    const apps = org
      .listedConnectedApps()
      .map(qualifiedName)
      .map((name) => ({ name, hasButton: buttons.includes(name) }));
    return showPage(c, appManagerPage({ path: PATH, apps }));
  });

  routes.post(PATH, async (c) => {
    const form = await formOf(c);
    const login = browsers.loginOf(c);
    if (!login || !sameText(form.csrf ?? '', login.csrf)) return c.redirect(loginUrl(PATH), 302);
    const app = form.app ?? '';
    if (!buttonsFor(login.userId).includes(app))
      return showPage(c, messagePage('Not possible', `There is no button to migrate ${app}.`), 400);
    if (form.local === undefined || form.flow === undefined) {
      const error = 'Confirm both statements.';
      return showPage(c, migratePage({ csrf: login.csrf, path: PATH, app, error }), 400);
    }
    pressButton(org, app, login.userId);
    return showPage(c, messagePage('Migrated', `${app} is an external client app now. You may close this page.`));
  });

  return routes;
};
