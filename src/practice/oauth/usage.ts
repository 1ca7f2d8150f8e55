import { type Context, Hono } from 'hono';

import type { PracticeEnv } from '../gate.ts';
import { toId18 } from '../ids.ts';
import { APP_TYPE, type Component, type PracticeOrg } from '../org.ts';
import { needsOne, notFound, since } from '../resource.ts';
import { grantsOf, type RefreshGrant } from './grants.ts';
/** Entries of a page when the request does not say; the guide's default. */
const PAGE_SIZE = 100;

/** The Connect REST API's OAuth usage resources: the org's apps, who uses them, and their refresh tokens. */
export const usageRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();
  const grants = grantsOf(org);
  const usage = '/services/data/:version/apps/oauth/usage';

  // No document names the permissions for these resources; one that lets a user see or edit apps is accepted.
  const see = needsOne(org, 'ExternalClientAppDeveloper', 'ExternalClientAppAdmin', 'ExternalClientAppViewer');
  const edit = needsOne(org, 'ExternalClientAppDeveloper', 'ExternalClientAppAdmin');
  routes.use(usage, since(59), see);
  routes.use(`${usage}/*`, since(59), see);

  routes.get(usage, (c) => {
    const apps = org.components(APP_TYPE).filter((app) => org.consumers.has(app.id));
    return c.json(page(c, 'apps', apps.map(appAnswer)));
  });

  routes.delete(`${usage}/tokens/:tokenId`, edit, (c) => {
    const grant = appsOf(org)
      .flatMap((id) => grants.refreshGrantsOf(id))
      .find((one) => one.id === toId18(c.req.param('tokenId')));
    if (!grant) return notFound(c);
    grants.revoke(grant);
    return c.body(null, 204);
  });

  routes.get(`${usage}/:appId/users`, (c) => {
    const ofApp = grantsOfApp(org, c);
    if (!ofApp) return notFound(c);
    const userIds = [...new Set(ofApp.map((grant) => grant.userId))];
    return c.json(
      page(
        c,
        'users',
        userIds.map((id) => ({ identifier: id, username: org.record('User', id)?.Username })),
      ),
    );
  });

  routes.get(`${usage}/:appId/:userId/tokens`, (c) => {
    const ofUser = grantsOfUser(org, c);
    return ofUser ? c.json({ tokens: ofUser.map((grant) => tokenAnswer(org, c, grant)) }) : notFound(c);
  });

  routes.delete(`${usage}/:appId/:userId/tokens`, edit, (c) => {
    const ofUser = grantsOfUser(org, c);
    if (!ofUser) return notFound(c);
    for (const grant of ofUser) grants.revoke(grant);
    return c.body(null, 204);
  });

  routes.delete(`${usage}/:appId/tokens`, edit, (c) => {
    const ofApp = grantsOfApp(org, c);
    if (!ofApp) return notFound(c);
    for (const grant of ofApp) grants.revoke(grant);
    return c.body(null, 204);
  });

  return routes;
};

const appsOf = (org: PracticeOrg): string[] => org.components(APP_TYPE).map((app) => app.id);

/** Undefined when there is no such app. */
const grantsOfApp = (org: PracticeOrg, c: Context): RefreshGrant[] | undefined => {
  const app = org.appById(c.req.param('appId') ?? '');
  return app && grantsOf(org).refreshGrantsOf(app.id);
};

const grantsOfUser = (org: PracticeOrg, c: Context): RefreshGrant[] | undefined => {
  const user = org.record('User', c.req.param('userId') ?? '');
  return user && grantsOfApp(org, c)?.filter((grant) => grant.userId === user.Id);
};

const appAnswer = (app: Component): Record<string, unknown> => ({
  developerName: app.fullName,
  identifier: app.id,
  namespacePrefix: app.namespace ?? null,
});

/** Connect REST API Developer Guide, "App OAuth Usage Token". */
const tokenAnswer = (org: PracticeOrg, c: Context, grant: RefreshGrant): Record<string, unknown> => ({
  accessTokenFormat: org.session([...grant.accessTokens].at(-1) ?? '')?.format ?? 'opaque',
  initialConnectionAt: grant.grantedAt.toISOString(),
  lastUsedAt: grant.lastUsedAt.toISOString(),
  revocationUrl: `/services/data/${c.req.param('version')}/apps/oauth/usage/tokens/${grant.id}`,
  useCount: org.record('OauthToken', grant.id)?.UseCount ?? 0,
  userIdentifier: grant.userId,
  username: org.record('User', grant.userId)?.Username,
});

/** One page of a list, with the URLs of this page and the next. Pages count from 0. */
const page = (c: Context, name: string, entries: unknown[]): Record<string, unknown> => {
  const number = Math.max(0, Number(c.req.query('page')) || 0);
  const size = Math.max(1, Number(c.req.query('pageSize')) || PAGE_SIZE);
  const urlOf = (wanted: number) => `${c.req.path}?page=${wanted}&pageSize=${size}`;
  return {
    [name]: entries.slice(number * size, (number + 1) * size),
    currentPageUrl: urlOf(number),
    nextPageUrl: (number + 1) * size < entries.length ? urlOf(number + 1) : null,
  };
};
