import { type Context, Hono } from 'hono';

import { type PracticeEnv, restError } from '../gate.ts';
import { toId18 } from '../ids.ts';
import type { PracticeOrg, SObjectRecord } from '../org.ts';
import { type SObjectDefinition, SOBJECTS } from '../sobjects/definitions.ts';
import { describeGlobalEntry, describeSObject } from '../sobjects/describe.ts';
import { createRecord, deleteRecord, DmlError, type Fields, updateRecord } from '../sobjects/dml.ts';
import { rows } from '../sobjects/rows.ts';
import { fieldValue, sObjectOf } from '../soql/fields.ts';

/** Describing sObjects, and reading and writing single records, on the data and the Tooling API. */
export const sObjectRoutes = (org: PracticeOrg, tooling: boolean): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>().basePath(`/services/data/:version${tooling ? '/tooling' : ''}/sobjects`);

  const baseOf = (c: Context): string => `/services/data/${c.req.param('version')}${tooling ? '/tooling' : ''}`;
  const definitionOf = (c: Context<PracticeEnv>): SObjectDefinition | undefined =>
    sObjectOf({ org, userId: c.get('session').userId, tooling }, c.req.param('name') ?? '');
  const writerOf = (c: Context<PracticeEnv>): { org: PracticeOrg; userId: string } => ({
    org,
    userId: c.get('session').userId,
  });

  routes.get('/', (c) => {
    const seen = [...SOBJECTS.values()].filter(({ name }) => sObjectOf({ ...writerOf(c), tooling }, name));
    return c.json({
      encoding: 'UTF-8',
      maxBatchSize: 200,
      sobjects: seen.map((definition) => describeGlobalEntry(definition, baseOf(c))),
    });
  });

  routes.get('/:name/describe', (c) => {
    const definition = definitionOf(c);
    return definition ? c.json(describeSObject(definition, baseOf(c))) : notFound(c);
  });

  routes.get('/:name', (c) => {
    const definition = definitionOf(c);
    if (!definition) return notFound(c);
    return c.json({ objectDescribe: describeGlobalEntry(definition, baseOf(c)), recentItems: [] });
  });

  routes.get('/:name/:id', (c) => {
    const definition = definitionOf(c);
    const id = toId18(c.req.param('id'));
    const row = definition && rows(org, definition.name, c.get('session').userId).find((one) => one.Id === id);
    if (!definition || !row) return notFound(c);
    return c.json(recordOf(definition, row, baseOf(c), c.req.query('fields')?.split(',')));
  });

  routes.post('/:name', (c) =>
    written(c, async (definition) => {
      const id = createRecord(writerOf(c), definition, await bodyOf(c));
      return c.json({ id, success: true, errors: [] }, 201);
    }),
  );

  routes.patch('/:name/:id', (c) =>
    written(c, async (definition) => {
      updateRecord(writerOf(c), definition, c.req.param('id'), await bodyOf(c));
      return c.body(null, 204);
    }),
  );

  routes.delete('/:name/:id', (c) =>
    written(c, (definition) => {
      deleteRecord(writerOf(c), definition, c.req.param('id'));
      return c.body(null, 204);
    }),
  );

  const written = async (
    c: Context<PracticeEnv>,
    work: (definition: SObjectDefinition) => Response | Promise<Response>,
  ): Promise<Response> => {
    const definition = definitionOf(c);
    if (!definition) return notFound(c);
    try {
      return await work(definition);
    } catch (error) {
      if (!(error instanceof DmlError)) throw error;
      return restError(c, error.status, { message: error.message, errorCode: error.errorCode, fields: error.fields });
    }
  };

  return routes;
};

const notFound = (c: Context): Response =>
  restError(c, 404, { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' });

const bodyOf = async (c: Context): Promise<Fields> => {
  const body: unknown = await c.req.json().catch(() => undefined);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  throw new DmlError('JSON_PARSER_ERROR', 'The request body is not a JSON object.');
};

/** A record with the fields that were asked for, all when none were. */
const recordOf = (
  definition: SObjectDefinition,
  row: SObjectRecord,
  base: string,
  fields = [...definition.fields.values()].filter(({ type }) => type !== 'complex').map(({ name }) => name),
): Record<string, unknown> => {
  const known = fields.flatMap((name) => definition.fields.get(name.trim().toLowerCase()) ?? []);
  return {
    attributes: { type: definition.name, url: `${base}/sobjects/${definition.name}/${row.Id}` },
    ...Object.fromEntries(known.map((field) => [field.name, fieldValue(row, field)])),
    Id: row.Id,
  };
};
