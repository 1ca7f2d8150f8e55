import { Hono } from 'hono';
import type { PracticeEnv } from '../gate.ts';
import { OLDEST_API_VERSION } from '../org.ts';
import type { PracticeOrg } from '../org.ts';

/** Release that an API version came with: three a year, v50 being Winter '21. */
export function releaseLabel(version: number): string {
  const season = ['Winter', 'Spring', 'Summer'][(version - OLDEST_API_VERSION) % 3];
  return `${season} '${21 + Math.floor((version - OLDEST_API_VERSION) / 3)}`;
}

/** The list of API versions, which needs no login, and the resources of one. */
export function versionRoutes(org: PracticeOrg): Hono<PracticeEnv> {
  const routes = new Hono<PracticeEnv>();
  const versions = Array.from(
    { length: org.apiVersion - OLDEST_API_VERSION + 1 },
    (_, nth) => OLDEST_API_VERSION + nth,
  );

  routes.get('/services/data', (c) =>
    c.json(
      versions.map((version) => ({
        label: releaseLabel(version),
        url: `/services/data/v${version}.0`,
        version: `${version}.0`,
      })),
    ),
  );

  routes.get('/services/data/:version{v[0-9]+\\.0}', (c) => {
    const base = `/services/data/${c.req.param('version')}`;
    const resources = ['apps', 'limits', 'metadata', 'query', 'queryAll', 'sobjects', 'tooling', 'composite'];
    return c.json(Object.fromEntries(resources.map((name) => [name, `${base}/${name}`])));
  });

  // Of these the practice org counts API requests alone: the others are there for clients that look at them before they begin.
  routes.get('/services/data/:version/limits', (c) =>
    c.json({
      ConcurrentAsyncGetReportInstances: { Max: 200, Remaining: 200 },
      DailyApiRequests: { Max: org.apiRequests.max, Remaining: org.apiRequests.remaining() },
      DataStorageMB: { Max: 5, Remaining: 5 },
      FileStorageMB: { Max: 20, Remaining: 20 },
    }),
  );

  return routes;
}
