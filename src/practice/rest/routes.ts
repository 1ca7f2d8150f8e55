import { Hono } from 'hono';

import type { PracticeEnv } from '../gate.ts';
import type { Deployments } from '../metadata/deployments.ts';
import { OLDEST_API_VERSION, type PracticeOrg } from '../org.ts';
import { bulkQueryRoutes } from './bulkQuery.ts';
import { compositeRoutes } from './composite.ts';
import { metadataRoutes } from './metadata.ts';
import { passwordRoutes } from './passwords.ts';
import { queryRoutes } from './query.ts';
import { smallResources } from './resources.ts';
import { sObjectRoutes } from './sobjects.ts';
import { versionRoutes } from './versions.ts';

/** The REST API under /services/data. The caller's permissions were checked earlier. */
export const restRoutes = (org: PracticeOrg, deployments: Deployments): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();
  routes.route('/', versionRoutes(org));
  routes.use('/services/data/:version/*', async (c, next) => {
    const version = /^v(\d+)\.0$/.exec(c.req.param('version'))?.[1];
    if (!version || Number(version) < OLDEST_API_VERSION || Number(version) > org.apiVersion) {
      return c.json([{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }], 404);
    }
    return next();
  });
  routes.route('/', queryRoutes(org));
  routes.route('/', bulkQueryRoutes(org));
  routes.route('/', smallResources(org));
  routes.route('/', passwordRoutes(org));
  routes.route('/', sObjectRoutes(org, false));
  routes.route('/', sObjectRoutes(org, true));
  routes.route('/', compositeRoutes(routes));
  routes.route('/', metadataRoutes(org, deployments));
  return routes;
};
