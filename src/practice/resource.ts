import type { Context, MiddlewareHandler } from 'hono';

import { type PracticeEnv, restError } from './gate.ts';
import type { PracticeOrg } from './org.ts';
import type { Permission } from './permissions.ts';

/** Checks before a REST resource that exists only in some versions, or only for some users. */

/** The API version of a request, such as 67; the path has it as `:version`. */
export const apiVersionOf = (c: Context): number => Number(/^v(\d+)\.0$/.exec(c.req.param('version') ?? '')?.[1]);

export const notFound = (c: Context): Response =>
  restError(c, 404, { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' });

/** A resource is not there in API versions older than itself. */
export const since =
  (version: number): MiddlewareHandler<PracticeEnv> =>
  async (c, next) =>
    apiVersionOf(c) >= version ? next() : notFound(c);

/** Only users who have all of these permissions. */
export const needsAll =
  (org: PracticeOrg, ...permissions: Permission[]): MiddlewareHandler<PracticeEnv> =>
  async (c, next) =>
    permissions.every((permission) => org.can(c.get('session').userId, permission)) ? next() : noAccess(c);

/** Only users who have one of these permissions. */
export const needsOne =
  (org: PracticeOrg, ...permissions: Permission[]): MiddlewareHandler<PracticeEnv> =>
  async (c, next) =>
    permissions.some((permission) => org.can(c.get('session').userId, permission)) ? next() : noAccess(c);

const noAccess = (c: Context): Response =>
  restError(c, 403, {
    errorCode: 'INSUFFICIENT_ACCESS',
    message: 'You do not have the level of access necessary to perform the operation you requested.',
  });
