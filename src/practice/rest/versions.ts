import { Hono } from 'hono';

import type { PracticeEnv } from '../gate.ts';
import { identityUrl } from '../oauth/identity.ts';
import { OLDEST_API_VERSION, type PracticeOrg } from '../org.ts';
/** Release that an API version came with: three a year, v50 being Winter '21. */
export const releaseLabel = (version: number): string => {
  const season = ['Winter', 'Spring', 'Summer'][(version - OLDEST_API_VERSION) % 3];
  return `${season} '${21 + Math.floor((version - OLDEST_API_VERSION) / 3)}`;
};

/**
 * The resources of a version (REST guide, "List Available REST Resources", v68), `identity` aside, which has an address
 * of another form. `apps` is not in the guide's list. Resources that the practice org does not have answer 404
 * nevertheless.
 */
const RESOURCES = [
  ...[
    'tooling',
    'metadata',
    'eclair',
    'folders',
    'prechatForms',
    'contact-tracing',
    'jsonxform',
    'chatter',
    'payments',
  ],
  ...['tabs', 'appMenu', 'quickActions', 'queryAll', 'commerce', 'wave', 'iot', 'analytics', 'search'],
  ...['smartdatadiscovery', 'composite', 'parameterizedSearch', 'fingerprint', 'theme', 'nouns', 'domino', 'event'],
  ...['serviceTemplates', 'recent', 'connect', 'licensing', 'limits', 'process', 'dedupe', 'async-queries', 'query'],
  ...['jobs', 'localizedvalue', 'mobile', 'emailConnect', 'consent', 'tokenizer', 'compactLayouts', 'async'],
  ...['sobjects', 'actions', 'support', 'apps'],
];

/** The list of API versions, which needs no login, and the resources of one. */
export const versionRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
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
    return c.json({
      ...Object.fromEntries(RESOURCES.map((name) => [name, `${base}/${name}`])),
      identity: identityUrl(org, c.get('session').userId),
    });
  });

  // Of these limits, the practice org counts API requests alone. The others exist for clients that read them before
  // they begin.
  routes.get('/services/data/:version/limits', (c) =>
    c.json({
      ConcurrentAsyncGetReportInstances: { Max: 200, Remaining: 200 },
      DailyApiRequests: { Max: org.apiRequests.max, Remaining: org.apiRequests.remaining() },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
      DailyBulkV2QueryFileStorageMB: { Max: 976_562, Remaining: 976_562 },
      DataStorageMB: { Max: 5, Remaining: 5 },
      FileStorageMB: { Max: 20, Remaining: 20 },
    }),
  );

  return routes;
};
