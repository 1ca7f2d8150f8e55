import { type Context, Hono } from 'hono';

import { type PracticeEnv, restError } from '../gate.ts';
import type { PracticeOrg } from '../org.ts';
import { SoqlError } from '../soql/errors.ts';
import type { ResultRecord } from '../soql/query.ts';

/** Records that one answer holds at most, unless the client asks for fewer. */
const BATCH = 2000;

/** Query and queryAll of the data and the Tooling API, and the answers' further pages. */
export const queryRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();
  const cursors = new Map<string, { records: ResultRecord[]; pageSize?: number }>();

  const answer = async (c: Context<PracticeEnv>, tooling: boolean): Promise<Response> => {
    // Loading the SOQL parser takes longer than all the rest: the start of an org need not wait for it.
    const { describeQuery, plansOf, runQuery } = await import('../soql/query.ts');
    const base = `/services/data/${c.req.param('version')}${tooling ? '/tooling' : ''}`;
    const soql = c.req.query('q') ?? '';
    const reader = { org, userId: c.get('session').userId, tooling };
    try {
      if (c.req.query('explain') !== undefined) return c.json(plansOf(reader, c.req.query('explain') ?? '', base));
      if (c.req.query('columns') === 'true') return c.json(describeQuery(reader, soql, base));
      const { records, count, pageSize } = runQuery(reader, soql, base, batchSize(c));
      if (count !== undefined) return c.json({ totalSize: count, done: true, records: [] });
      const cursor = `0r8${String(cursors.size).padStart(15, '0')}`;
      const size = Math.min(batchSize(c), pageSize ?? BATCH);
      if (records.length > size) cursors.set(cursor, { records, pageSize });
      return c.json({
        ...(tooling ? toolingExtras(records) : {}),
        ...pageOf(records, 0, size, `${base}/query/${cursor}`),
      });
    } catch (error) {
      if (error instanceof SoqlError) return restError(c, 400, { message: error.message, errorCode: error.errorCode });
      throw error;
    }
  };

  const more = (c: Context<PracticeEnv>, tooling: boolean): Response => {
    const [cursor = '', first] = (c.req.param('cursor') ?? '').split('-');
    const found = cursors.get(cursor);
    if (!found) return restError(c, 400, { message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' });
    const path = `/services/data/${c.req.param('version')}${tooling ? '/tooling' : ''}/query/${cursor}`;
    const size = Math.min(batchSize(c), found.pageSize ?? BATCH);
    return c.json(pageOf(found.records, Number(first), size, path));
  };

  routes.get('/services/data/:version/query', (c) => answer(c, false));
  routes.get('/services/data/:version/queryAll', (c) => answer(c, false));
  routes.get('/services/data/:version/tooling/query', (c) => answer(c, true));
  routes.get('/services/data/:version/query/:cursor', (c) => more(c, false));
  routes.get('/services/data/:version/tooling/query/:cursor', (c) => more(c, true));
  return routes;
};

const batchSize = (c: Context): number => {
  const asked = Number(/batchSize=(\d+)/.exec(c.req.header('sforce-query-options') ?? '')?.[1] ?? BATCH);
  return Math.min(Math.max(asked, 200), BATCH);
};

const pageOf = (records: ResultRecord[], first: number, size: number, path: string): ResultRecord => {
  const next = first + size;
  const done = next >= records.length;
  return {
    totalSize: records.length,
    done,
    ...(done ? {} : { nextRecordsUrl: `${path}-${next}` }),
    records: records.slice(first, next),
  };
};

/** The Tooling API tells a little more about its answer than the data API. */
const toolingExtras = (records: ResultRecord[]): ResultRecord => {
  const [first] = records as Array<{ attributes?: { type?: string } }>;
  return { size: records.length, queryLocator: null, entityTypeName: first?.attributes?.type ?? null };
};
