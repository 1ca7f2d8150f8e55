import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler } from 'hono';

import { INVALID_SESSION, type PracticeEnv, type RestError, restError } from './gate.ts';
import { textOfFile } from './textFile.ts';
/** The faults that a test or user can ask for. */
export const FAULTS = [
  'invalid-session',
  'request-limit',
  'error-500',
  'html-503',
  'reset',
  'hang',
  'truncated',
  'answer-lost',
  'slow-deploy',
  'locked-row',
  'ip-restricted',
  'api-access-control',
] as const;

export type Fault = {
  /** `GET`, `POST`, ...; any when absent. */
  method?: string;
  /** Path of the request; `*` stands for anything. Any when absent. */
  path?: string;
  /**
   * The SOAP call, as the request log names it, such as `readMetadata ExtlClntApp*`; `*` stands for anything. Any
   * request when absent.
   */
  operation?: string;
  /** The number of the matching request, beginning with 1; every matching request when absent. */
  nth?: number;
  /** This request and every matching request after it. */
  onwards?: boolean;
  fault: (typeof FAULTS)[number];
  /** How long a slow deploy is pending; 5 when absent. */
  seconds?: number;
};

/** Thrown for a list of faults that cannot be read. */
export class BadFaults extends Error {}

/** Reads a file with a list of faults, as JSON. Throws BadFaults. */
export const readFaults = async (path: string): Promise<Fault[]> => {
  let list: unknown;
  try {
    list = JSON.parse(await textOfFile(path));
  } catch (error) {
    throw new BadFaults((error as Error).message);
  }
  if (!Array.isArray(list)) throw new BadFaults('It is not a list.');
  return list.map(checkedFault);
};

const checkedFault = (one: unknown, index: number): Fault => {
  const at = `Entry ${index + 1}`;
  if (typeof one !== 'object' || one === null) throw new BadFaults(`${at} is not an object.`);
  const { method, path, operation, nth, onwards, fault, seconds, ...rest } = one as Record<string, unknown>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new BadFaults(`${at} has ${unknown.join(', ')}, which mean nothing.`);
  if (!FAULTS.includes(fault as Fault['fault'])) throw new BadFaults(`${at}: fault is one of ${FAULTS.join(', ')}.`);
  for (const [name, value, type] of [
    ['method', method, 'string'],
    ['path', path, 'string'],
    ['operation', operation, 'string'],
    ['nth', nth, 'number'],
    ['onwards', onwards, 'boolean'],
    ['seconds', seconds, 'number'],
  ] as const) {
    if (value !== undefined && typeof value !== type) throw new BadFaults(`${at}: ${name} is a ${type}.`);
  }
  return one as Fault;
};

const matches = (fault: Fault, c: Context, operation: string | undefined): boolean => {
  if (fault.method !== undefined && fault.method.toUpperCase() !== c.req.method) return false;
  if (fault.operation !== undefined && !isLike(fault.operation, operation ?? '')) return false;
  return fault.path === undefined || isLike(fault.path, c.req.path);
};

const isLike = (pattern: string, text: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
};

/**
 * Makes the requests that the list names go wrong, in its order. `operationOf` names the operation of a SOAP call; it
 * is called only for a fault that names an operation.
 */
export const misbehave = (
  faults: readonly Fault[],
  operationOf: (c: Context) => Promise<string | undefined>,
): MiddlewareHandler<PracticeEnv> => {
  const seen = faults.map(() => 0);
  const isByOperation = faults.some((fault) => fault.operation !== undefined);
  return async (c, next) => {
    const operation = isByOperation ? await operationOf(c) : undefined;
    const due = faults.filter((fault, index) => {
      if (!matches(fault, c, operation)) return false;
      const count = (seen[index] ?? 0) + 1;
      seen[index] = count;
      return fault.nth === undefined || fault.nth === count || (fault.onwards === true && count > fault.nth);
    });
    const [fault] = due;
    return fault ? BEHAVIOURS[fault.fault](c, next, fault) : next();
  };
};

type Behaviour = (
  c: Context<PracticeEnv>,
  next: () => Promise<void>,
  fault: Fault,
) => Response | Promise<Response | void>;

const UNAVAILABLE =
  '<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head><body><h1>Down for maintenance</h1></body></html>';

const LOCKED_ROW: RestError = {
  errorCode: 'UNABLE_TO_LOCK_ROW',
  message: 'unable to obtain exclusive access to this record or 1 records',
};

const BEHAVIOURS: Record<Fault['fault'], Behaviour> = {
  'invalid-session': (c) =>
    c.req.path.startsWith('/services/Soap')
      ? soapFault(c, 'INVALID_SESSION_ID', 'Invalid Session ID found in SessionHeader: Illegal Session')
      : restError(c, 401, INVALID_SESSION),
  'request-limit': (c) =>
    c.req.path.startsWith('/services/Soap')
      ? soapFault(c, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
      : restError(c, 403, { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }),
  'error-500': (c) =>
    restError(c, 500, {
      errorCode: 'UNKNOWN_EXCEPTION',
      message: 'An unexpected error occurred. Please include this ErrorId if you contact support: 0000000000-00000 (0)',
    }),
  'html-503': (c) => c.html(UNAVAILABLE, 503),
  reset: (c) => {
    c.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  },
  hang: async (c) => {
    await new Promise((resolve) => c.env.incoming.socket.once('close', resolve));
    return RESPONSE_ALREADY_SENT;
  },
  truncated: async (c, next) => {
    await next();
    const whole = Buffer.from(await c.res.arrayBuffer());
    const headers = { ...Object.fromEntries(c.res.headers), 'content-length': String(whole.length) };
    c.env.outgoing.writeHead(c.res.status, headers);
    c.env.outgoing.write(whole.subarray(0, Math.floor(whole.length / 2)), () => c.env.incoming.socket.destroy());
    // Without this line, the headers of the planned answer would be added to the mark.
    c.res = undefined;
    c.res = RESPONSE_ALREADY_SENT;
  },
  // The org does the work, and the connection ends before the answer.
  'answer-lost': async (c, next) => {
    await next();
    c.env.incoming.socket.destroy();
    c.res = undefined;
    c.res = RESPONSE_ALREADY_SENT;
  },
  'slow-deploy': async (c, next, fault) => {
    c.set('deployFault', { slowSeconds: fault.seconds ?? 5 });
    return next();
  },
  // The token endpoint's answer for an address that the user's profile or the org does not allow. The wording was not
  // reported.
  'ip-restricted': (c) => c.json({ error: 'invalid_grant', error_description: 'ip restricted' }, 400),
  // API Access Control lets only approved apps use the APIs; the wording is ours.
  'api-access-control': (c) =>
    restError(c, 403, {
      errorCode: 'API_ACCESS_DENIED',
      message: 'This app is not approved to access the APIs of this org (API Access Control).',
    }),
  // A deploy fails with this fault, a component's write without a job fails, and a record's write is refused. Other
  // requests are not affected.
  'locked-row': async (c, next) => {
    if (c.req.method !== 'GET' && /\/sobjects\//.test(c.req.path)) return restError(c, 400, LOCKED_ROW);
    c.set('deployFault', { lockedRow: true });
    return next();
  },
};

const soapFault = (c: Context, code: string, message: string): Response => {
  const fault = `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${message}</faultstring></soapenv:Fault>`;
  return c.body(
    `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body>${fault}</soapenv:Body></soapenv:Envelope>`,
    500,
    { 'content-type': 'text/xml;charset=UTF-8' },
  );
};
