import { Hono } from 'hono';

import { type PracticeEnv, restError } from '../gate.ts';
import { maySetPassword, resetPassword, setPassword, SHORTEST_PASSWORD } from '../logins.ts';
import type { PracticeOrg, SObjectRecord } from '../org.ts';
import { notFound } from '../resource.ts';

/** The REST API's resource for a user's password: POST sets one, DELETE makes a new one and gives it out. */
export const passwordRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>().basePath('/services/data/:version/sobjects/User/:id/password');

  const userFor = (by: string, id: string): SObjectRecord | 'refused' | undefined => {
    const user = org.record('User', id);
    return user && !maySetPassword(org, by, user.Id) ? 'refused' : user;
  };
  const REFUSED = {
    errorCode: 'INSUFFICIENT_ACCESS',
    message: 'insufficient access rights on cross-reference id',
  };

  routes.get('/', (c) => (org.record('User', c.req.param('id')) ? c.json({ isExpired: false }) : notFound(c)));

  routes.post('/', async (c) => {
    const user = userFor(c.get('session').userId, c.req.param('id'));
    if (!user) return notFound(c);
    if (user === 'refused') return restError(c, 403, REFUSED);
    const body = (await c.req.json().catch(() => undefined)) as { NewPassword?: unknown } | undefined;
    const password = body?.NewPassword;
    if (typeof password !== 'string' || password.length < SHORTEST_PASSWORD) {
      return restError(c, 400, {
        errorCode: 'INVALID_NEW_PASSWORD',
        message: `Your password must be at least ${SHORTEST_PASSWORD} characters long.`,
      });
    }
    setPassword(org, user.Id, password);
    return c.body(null, 204);
  });

  routes.delete('/', (c) => {
    const user = userFor(c.get('session').userId, c.req.param('id'));
    if (!user) return notFound(c);
    return user === 'refused' ? restError(c, 403, REFUSED) : c.json({ NewPassword: resetPassword(org, user.Id) });
  });

  return routes;
};
