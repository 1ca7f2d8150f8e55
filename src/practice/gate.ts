import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';

import { mayCallApis } from './apiAccessControl.ts';
import type { PracticeOrg, Session } from './org.ts';

/** The data that the handlers of a request can rely on; `summary` is the request log's text for the request. */
export type PracticeEnv = {
  Bindings: HttpBindings;
  Variables: { session: Session; summary?: string; deployFault?: DeployFault };
};

/** The faults of a deploy: the deploy waits in a queue, or a row is locked. */
export type DeployFault = { slowSeconds?: number; lockedRow?: boolean };

/** One error of the REST API; an answer is a list of errors. */
export type RestError = { errorCode: string; message: string; fields?: string[] };

/** An answer in the shape of every REST API error. */
export const restError = (
  c: Context,
  status: 400 | 401 | 403 | 404 | 405 | 409 | 500 | 503,
  error: RestError,
): Response => c.json([error], status);

export const INVALID_SESSION: RestError = {
  errorCode: 'INVALID_SESSION_ID',
  message: 'Session expired or invalid',
};

/** The access token of a request, from its Authorization header: `Bearer` or, as older clients have it, `OAuth`. */
export const tokenOf = (c: Context): string | undefined =>
  /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];

/** May this login call the data and metadata APIs? An app's token needs a scope for it. */
export const hasApiScope = (session: Session): boolean =>
  !session.appId || session.scopes.includes('api') || session.scopes.includes('full');

export const REQUEST_LIMIT: RestError = {
  errorCode: 'REQUEST_LIMIT_EXCEEDED',
  message: 'TotalRequests Limit exceeded.',
};

/**
 * Lets a request through under four conditions. The access token is live and has a scope for the API. The user may use
 * the API. The app may use it too. The org has calls left. A blocked app gets the same answer as an app whose token
 * lacks the scope.
 */
export const requireApi =
  (org: PracticeOrg): MiddlewareHandler<PracticeEnv> =>
  async (c, next) => {
    const session = org.session(tokenOf(c) ?? '');
    if (!session) return restError(c, 401, INVALID_SESSION);
    if (!hasApiScope(session) || !mayCallApis(org, session)) {
      return restError(c, 401, {
        errorCode: 'INVALID_SESSION_ID',
        message: 'This session is not valid for use with the REST API',
      });
    }
    if (!org.can(session.userId, 'ApiEnabled')) {
      return restError(c, 403, {
        errorCode: 'API_DISABLED_FOR_ORG',
        message: 'The REST API is not enabled for this Organization.',
      });
    }
    if (!org.apiRequests.take()) return restError(c, 403, REQUEST_LIMIT);
    org.used(session);
    c.set('session', session);
    await next();
    c.header('Sforce-Limit-Info', `api-usage=${org.apiRequests.used()}/${org.apiRequests.max}`);
    return undefined;
  };
