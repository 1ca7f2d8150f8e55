import type { Query } from '@jetstreamapp/soql-parser-js';
import { type Context, Hono } from 'hono';

import { type PracticeEnv, type RestError, restError } from '../gate.ts';
import { toId18 } from '../ids.ts';
import type { PracticeOrg } from '../org.ts';
import { apiVersionOf, notFound } from '../resource.ts';
import { SoqlError } from '../soql/errors.ts';
import type { ResultRecord } from '../soql/query.ts';

/**
 * Bulk API 2.0, queries (Bulk API 2.0 guide, "Query"). A job gets a query, and its results come as CSV, in parts. Work
 * that a live org does in the background is done at once here. A job is complete at the first request for its state.
 */

type State = 'UploadComplete' | 'JobComplete' | 'Aborted';

type Job = {
  id: string;
  operation: 'query' | 'queryAll';
  object: string;
  query: string;
  createdById: string;
  createdDate: string;
  apiVersion: number;
  state: State;
  delimiter: keyof typeof DELIMITERS;
  lineEnding: keyof typeof LINE_ENDINGS;
  columns: string[];
  records: ResultRecord[];
};

const DELIMITERS = { BACKQUOTE: '`', CARET: '^', COMMA: ',', PIPE: '|', SEMICOLON: ';', TAB: '\t' };
const LINE_ENDINGS = { LF: '\n', CRLF: '\r\n' };

/**
 * Records of one part when the request gives no number, and the most jobs that are kept. A live org keeps the jobs of
 * seven days.
 */
const PART = 10_000;
const MOST_JOBS = 200;

/** The resources of query jobs. Jobs are those of the whole org for whoever may see all data, else a user's own. */
export const bulkQueryRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>().basePath('/services/data/:version/jobs/query');
  const jobs = new Map<string, Job>();

  const jobOf = (c: Context<PracticeEnv>): Job | undefined => {
    const job = jobs.get(toId18(c.req.param('id') ?? ''));
    const { userId } = c.get('session');
    return job && (job.createdById === userId || org.can(userId, 'ViewAllData')) ? job : undefined;
  };
  const completed = (c: Context<PracticeEnv>): Job | undefined => {
    const job = jobOf(c);
    if (job?.state === 'UploadComplete') job.state = 'JobComplete';
    return job;
  };

  routes.post('/', async (c) => {
    const sent = await bodyOf(c);
    const refusal = refusalOf(sent);
    if (refusal) return restError(c, 400, refusal);
    try {
      const job = await newJob(org, c, sent);
      jobs.set(job.id, job);
      for (const oldest of [...jobs.keys()].slice(0, -MOST_JOBS)) jobs.delete(oldest);
      c.set('summary', 'bulk query');
      return c.json(infoOf(job));
    } catch (error) {
      if (!(error instanceof SoqlError)) throw error;
      return restError(c, 400, { errorCode: error.errorCode, message: error.message });
    }
  });

  routes.get('/', (c) => {
    const { userId } = c.get('session');
    const seen = [...jobs.values()].filter((job) => job.createdById === userId || org.can(userId, 'ViewAllData'));
    return c.json({ done: true, records: seen.map(infoOf), nextRecordsUrl: null });
  });

  routes.get('/:id', (c) => {
    const job = completed(c);
    if (!job) return notFound(c);
    const done = { numberRecordsProcessed: job.records.length, retries: 0, totalProcessingTime: 1 };
    return c.json({ ...infoOf(job), ...done, isPkChunkingSupported: false });
  });

  routes.get('/:id/results', (c) => {
    const job = completed(c);
    if (!job) return notFound(c);
    if (job.apiVersion !== apiVersionOf(c)) {
      return restError(c, 409, { errorCode: 'API_ERROR', message: 'Use the API version that the job was made with.' });
    }
    if (job.state !== 'JobComplete') {
      return restError(c, 400, {
        errorCode: 'INVALIDJOBSTATE',
        message: `The job is ${job.state}: it has no results.`,
      });
    }
    return resultsOf(c, job);
  });

  routes.patch('/:id', async (c) => {
    const job = jobOf(c);
    if (!job) return notFound(c);
    if ((await bodyOf(c)).state !== 'Aborted') {
      return restError(c, 400, { errorCode: 'INVALIDJOB', message: 'A query job can only be set to Aborted.' });
    }
    if (job.state !== 'UploadComplete') {
      return restError(c, 400, {
        errorCode: 'INVALIDJOBSTATE',
        message: `The job is ${job.state}: too late to abort it.`,
      });
    }
    job.state = 'Aborted';
    return c.json(infoOf(job));
  });

  routes.delete('/:id', (c) => {
    const job = jobOf(c);
    if (!job) return notFound(c);
    jobs.delete(job.id);
    return c.body(null, 204);
  });

  return routes;
};

type Sent = Record<string, unknown>;

const bodyOf = async (c: Context): Promise<Sent> => {
  const body: unknown = await c.req.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Sent) : {};
};

/** Errors in a job's description, apart from the query. */
const refusalOf = ({ operation, query, contentType, columnDelimiter, lineEnding }: Sent): RestError | undefined => {
  const invalid = (message: string): RestError => ({ errorCode: 'INVALIDJOB', message });
  if (operation !== 'query' && operation !== 'queryAll')
    return invalid(`Operation is unsupported: ${String(operation)}`);
  if (typeof query !== 'string' || query === '') return invalid('A query job has to have a query.');
  if (contentType !== undefined && contentType !== 'CSV')
    return invalid(`Unsupported content type: ${String(contentType)}`);
  if (columnDelimiter !== undefined && !Object.hasOwn(DELIMITERS, String(columnDelimiter)))
    return invalid(`Unsupported column delimiter: ${String(columnDelimiter)}`);
  if (lineEnding !== undefined && !Object.hasOwn(LINE_ENDINGS, String(lineEnding)))
    return invalid(`Unsupported line ending: ${String(lineEnding)}`);
  return undefined;
};

const newJob = async (org: PracticeOrg, c: Context<PracticeEnv>, sent: Sent): Promise<Job> => {
  const { runQuery } = await import('../soql/query.ts');
  const { parsed } = await import('../soql/parse.ts');
  const soql = String(sent.query);
  const { userId } = c.get('session');
  const query = parsed(soql);
  refuseUnsupported(query);
  const base = `/services/data/${c.req.param('version')}`;
  // Whatever the object, a job gives all its records: it has no pages to run out of.
  const { records } = runQuery({ org, userId, tooling: false }, soql, base, Infinity);
  return {
    id: org.newId('BulkQueryJob'),
    operation: sent.operation as Job['operation'],
    object: query.sObject ?? '',
    query: soql,
    createdById: userId,
    createdDate: org.now().toISOString(),
    apiVersion: apiVersionOf(c),
    state: 'UploadComplete',
    delimiter: (sent.columnDelimiter ?? 'COMMA') as Job['delimiter'],
    lineEnding: (sent.lineEnding ?? 'LF') as Job['lineEnding'],
    columns: columnsOf(query),
    records,
  };
};

/**
 * The guide lists what a job's query may not have. The answer for a query inside the query was reported; the wording of
 * the other answers imitates it.
 */
const refuseUnsupported = (query: Query): void => {
  const refuse = (what: string): never => {
    throw new SoqlError('API_ERROR', `${what} not supported in Bulk Query`);
  };
  if (query.groupBy) refuse('GROUP BY');
  if (query.offset !== undefined) refuse('OFFSET');
  for (const field of query.fields ?? []) {
    if (field.type === 'FieldSubquery') refuse('Aggregate Relationships');
    if (field.type === 'FieldTypeof') refuse('TYPEOF');
    if (field.type === 'FieldFunctionExpression') {
      if (field.functionName.toUpperCase() === 'FIELDS') refuse('Selecting compound data');
      if (field.isAggregateFn) refuse('Aggregate functions');
    }
  }
};

/**
 * The column headings: fields as the query names them, with the relationships before them and without the sObject's
 * alias.
 */
const columnsOf = ({ fields = [], sObject, sObjectAlias }: Query): string[] => {
  const own = new Set([sObject?.toLowerCase(), sObjectAlias?.toLowerCase()]);
  return fields.flatMap((field) => {
    if (field.type === 'Field') return [field.field];
    if (field.type === 'FieldRelationship') {
      const [first, ...rest] = [...field.relationships, field.field];
      return [own.has(first?.toLowerCase()) ? rest.join('.') : [first, ...rest].join('.')];
    }
    return field.type === 'FieldFunctionExpression' ? [field.alias ?? String(field.parameters[0])] : [];
  });
};

const infoOf = (job: Job): Record<string, unknown> => ({
  id: job.id,
  operation: job.operation,
  object: job.object,
  createdById: job.createdById,
  createdDate: job.createdDate.replace(/Z$/, '+0000'),
  systemModstamp: job.createdDate.replace(/Z$/, '+0000'),
  state: job.state,
  concurrencyMode: 'Parallel',
  contentType: 'CSV',
  apiVersion: job.apiVersion,
  lineEnding: job.lineEnding,
  columnDelimiter: job.delimiter,
  jobType: 'V2Query',
});

/** One part of the results. The locator of the next one is in a header, `null` on the last part. */
const resultsOf = (c: Context, job: Job): Response => {
  const first = Number(c.req.query('locator') === undefined ? 0 : decodedLocator(c.req.query('locator') ?? ''));
  const size = Number(c.req.query('maxRecords') ?? PART);
  if (!Number.isInteger(first) || first < 0 || first > job.records.length || !Number.isInteger(size) || size < 1) {
    return restError(c, 400, { errorCode: 'INVALID_QUERY_LOCATOR', message: 'Invalid locator or maxRecords.' });
  }
  const part = job.records.slice(first, first + size);
  const next = first + size < job.records.length ? locatorOf(first + size) : 'null';
  const line = (cells: unknown[]): string =>
    cells.map(quoted).join(DELIMITERS[job.delimiter]) + LINE_ENDINGS[job.lineEnding];
  const csv = line(job.columns) + part.map((record) => line(job.columns.map((path) => cell(record, path)))).join('');
  return c.body(csv, 200, {
    'content-type': 'text/csv',
    'sforce-locator': next,
    'sforce-numberofrecords': String(part.length),
  });
};

/** A locator is opaque to its client; the guide's examples look like this. */
const locatorOf = (first: number): string => Buffer.from(String(first)).toString('base64url');

const decodedLocator = (locator: string): string => {
  const text = Buffer.from(locator, 'base64url').toString();
  return /^\d+$/.test(text) ? text : 'no number';
};

/** A record's value at the end of a path, whatever the case of its letters; empty where there is none. */
const cell = (record: ResultRecord, path: string): unknown =>
  path.split('.').reduce<unknown>((at, step) => {
    if (typeof at !== 'object' || at === null) return undefined;
    const key = Object.keys(at).find((one) => one.toLowerCase() === step.toLowerCase());
    return key === undefined ? undefined : (at as ResultRecord)[key];
  }, record);

const quoted = (value: unknown): string => {
  if (value === undefined || value === null) return '""';
  // In CSV the zone is Z, where JSON has +0000.
  const text = String(value).replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)\+0000$/, '$1Z');
  return `"${text.replaceAll('"', '""')}"`;
};
