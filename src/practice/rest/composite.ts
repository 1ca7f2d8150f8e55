import { type Context, Hono } from 'hono';

import { type PracticeEnv, restError } from '../gate.ts';
import { keyPrefix } from '../ids.ts';
import { SOBJECTS } from '../sobjects/definitions.ts';

/** Several requests in one. Each is done by itself: when one fails, the others stay done. */

/** Requests that one call takes at most. */
const MOST_REQUESTS = 25;
const MOST_RECORDS = 200;

/** Runs one request of the REST API as the same user, and returns its status and its answer. */
type Ask = (request: { method: string; path: string; body?: unknown }) => Promise<{ status: number; body: unknown }>;

/** The composite resources; `routes` are those that the requests in them are for. */
export const compositeRoutes = (routes: Hono<PracticeEnv>): Hono<PracticeEnv> => {
  const composite = new Hono<PracticeEnv>().basePath('/services/data/:version/composite');

  const asker = (c: Context<PracticeEnv>): Ask => {
    const inner = new Hono<PracticeEnv>();
    inner.use(async (one, next) => {
      one.set('session', c.get('session'));
      return next();
    });
    inner.route('/', routes);
    return async ({ method, path, body }) => {
      const answer = await inner.request(
        path,
        {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        c.env,
      );
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    };
  };

  composite.get('/', (c) => {
    const base = `/services/data/${c.req.param('version')}/composite`;
    return c.json(Object.fromEntries(['batch', 'sobjects', 'tree'].map((name) => [name, `${base}/${name}`])));
  });

  composite.post('/', async (c) => {
    const sent = listIn(await bodyOf(c), 'compositeRequest');
    if (!sent || sent.length > MOST_REQUESTS) return badList(c, 'compositeRequest', MOST_REQUESTS);
    const ask = asker(c);
    const answers = new Map<string, unknown>();
    const compositeResponse: unknown[] = [];
    for (const one of sent) {
      const { method, url, body } = referred(one, answers) as { method?: string; url?: string; body?: unknown };
      const { status, body: answer } = await ask({ method: method ?? 'GET', path: url ?? '/', body });
      const referenceId = String(one.referenceId);
      answers.set(referenceId, answer);
      compositeResponse.push({ body: answer, httpHeaders: {}, httpStatusCode: status, referenceId });
    }
    return c.json({ compositeResponse });
  });

  composite.post('/batch', async (c) => {
    const sent = await bodyOf(c);
    const requests = listIn(sent, 'batchRequests');
    if (!requests || requests.length > MOST_REQUESTS) return badList(c, 'batchRequests', MOST_REQUESTS);
    const ask = asker(c);
    const results: Array<{ statusCode: number; result: unknown }> = [];
    for (const { method, url, richInput } of requests) {
      const path = `/services/data/${String(url).replace(/^\/?(services\/data\/)?/, '')}`;
      const { status, body } = await ask({ method: String(method), path, body: richInput });
      results.push({ statusCode: status, result: body });
      if (sent.haltOnError === true && status >= 400) break;
    }
    return c.json({ hasErrors: results.some(({ statusCode }) => statusCode >= 400), results });
  });

  // -- several records

  /** Asks for each record by itself, and says of each how it went. */
  const forEach = async (
    c: Context<PracticeEnv>,
    records: Sent[] | undefined,
    request: (record: Sent, base: string) => { method: string; path: string; body?: unknown },
  ): Promise<Response> => {
    if (!records || records.length > MOST_RECORDS) return badList(c, 'records', MOST_RECORDS);
    const base = `/services/data/${c.req.param('version')}/sobjects`;
    const ask = asker(c);
    const results: unknown[] = [];
    for (const record of records) {
      const { status, body } = await ask(request(record, base));
      const errors = status < 400 ? [] : (body as Array<{ errorCode: string; message: string; fields?: string[] }>);
      results.push({
        ...(status < 400 ? { id: (body as { id?: string } | null)?.id ?? record.id ?? record.Id } : {}),
        success: status < 400,
        errors: errors.map(({ errorCode, message, fields }) => ({
          statusCode: errorCode,
          message,
          fields: fields ?? [],
        })),
      });
    }
    return c.json(results);
  };

  composite.post('/sobjects', async (c) =>
    forEach(c, listIn(await bodyOf(c), 'records'), (record, base) => ({
      method: 'POST',
      path: `${base}/${typeOf(record)}`,
      body: record,
    })),
  );

  composite.patch('/sobjects', async (c) =>
    forEach(c, listIn(await bodyOf(c), 'records'), ({ id, Id, ...record }, base) => ({
      method: 'PATCH',
      path: `${base}/${typeOf(record)}/${String(id ?? Id)}`,
      body: record,
    })),
  );

  composite.delete('/sobjects', async (c) => {
    const ids = (c.req.query('ids') ?? '').split(',').filter(Boolean);
    return forEach(
      c,
      ids.map((id) => ({ id })),
      ({ id }, base) => ({ method: 'DELETE', path: `${base}/${sObjectOfId(String(id)) ?? ''}/${String(id)}` }),
    );
  });

  composite.post('/tree/:name', async (c) => {
    const records = listIn(await bodyOf(c), 'records');
    if (!records || records.length > MOST_RECORDS) return badList(c, 'records', MOST_RECORDS);
    const ask = asker(c);
    const path = `/services/data/${c.req.param('version')}/sobjects/${c.req.param('name')}`;
    const results: unknown[] = [];
    const made: string[] = [];
    for (const record of records) {
      const referenceId = (record.attributes as { referenceId?: string } | undefined)?.referenceId;
      const { status, body } = await ask({ method: 'POST', path, body: record });
      if (status >= 400) {
        const errors = (body as Array<{ errorCode: string; message: string; fields?: string[] }>).map(
          ({ errorCode, message, fields }) => ({ statusCode: errorCode, message, fields: fields ?? [] }),
        );
        // A tree grows whole or not at all.
        for (const id of made) await ask({ method: 'DELETE', path: `${path}/${id}` });
        return c.json({ hasErrors: true, results: [{ referenceId, errors }] }, 400);
      }
      const { id } = body as { id: string };
      made.push(id);
      results.push({ referenceId, id });
    }
    return c.json({ hasErrors: false, results }, 201);
  });

  return composite;
};

type Sent = Record<string, unknown>;

const bodyOf = async (c: Context): Promise<Sent> => {
  const body: unknown = await c.req.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Sent) : {};
};

const listIn = (body: Sent, name: string): Sent[] | undefined => {
  const list = body[name];
  return Array.isArray(list) ? (list as Sent[]) : undefined;
};

const badList = (c: Context, name: string, most: number): Response =>
  restError(c, 400, {
    errorCode: 'INVALID_INPUT',
    message: `The request has to have a list ${name} of at most ${most}.`,
  });

/** The sObject that an id belongs to, by its first three characters. */
const sObjectOfId = (id: string): string | undefined =>
  [...SOBJECTS.values()].find(({ name }) => keyPrefix(name) === id.slice(0, 3))?.name;

const typeOf = (record: Sent): string => String((record.attributes as { type?: string } | undefined)?.type);

/** A request in which `@{name.field}` stands for what an earlier one answered. */
const referred = (value: unknown, answers: Map<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((one) => referred(one, answers));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, referred(one, answers)]));
  }
  if (typeof value !== 'string') return value;
  return value.replace(/@\{(\w+)((?:\.\w+|\[\d+\])*)\}/g, (whole, name: string, path: string) => {
    const steps = path.match(/\w+/g) ?? [];
    const found = steps.reduce<unknown>(
      (at, step) => (at as Record<string, unknown> | undefined)?.[step],
      answers.get(name),
    );
    return found === undefined ? whole : String(found);
  });
};
