import { Hono } from 'hono';

import { type PracticeEnv, restError } from '../gate.ts';
import type { PracticeOrg } from '../org.ts';
import { notFound } from '../resource.ts';
import { rows } from '../sobjects/rows.ts';
import { sObjectOf } from '../soql/fields.ts';

/** Small resources that the list of a version leads to and that clients look at on their way. */
export const smallResources = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>().basePath('/services/data/:version');

  // A user's recent items, and the tabs of the user's apps. Nobody has used a browser here, so the lists are empty.
  routes.get('/recent', (c) => c.json([]));
  routes.get('/tabs', (c) => c.json([]));

  for (const [resource, below] of Object.entries(BELOW)) {
    routes.get(`/${resource}`, (c) => {
      const base = `/services/data/${c.req.param('version')}/${resource}`;
      return c.json(Object.fromEntries(below.map((name) => [name, `${base}/${name}`])));
    });
  }

  routes.get('/limits/recordCount', (c) => {
    const asked = c.req
      .query('sObjects')
      ?.split(',')
      .map((name) => name.trim());
    if (!asked) {
      return restError(c, 400, { errorCode: 'INVALID_INPUT', message: 'The parameter sObjects is needed here.' });
    }
    const { userId } = c.get('session');
    const sObjects = asked.flatMap((name) => {
      const definition = sObjectOf({ org, userId, tooling: false }, name);
      return definition ? [{ count: rows(org, definition.name, userId).length, name: definition.name }] : [];
    });
    return c.json({ sObjects });
  });

  routes.get('/chatter/users/:id', (c) => {
    const id = c.req.param('id');
    const user = org.record('User', id === 'me' ? c.get('session').userId : id);
    if (!user) return notFound(c);
    return c.json({
      companyName: org.record('Organization', org.orgId)?.Name,
      displayName: user.Name,
      email: user.Email,
      firstName: user.FirstName,
      id: user.Id,
      isActive: user.IsActive,
      isInThisCommunity: true,
      lastName: user.LastName,
      name: user.Name,
      title: user.Title ?? null,
      type: 'User',
      url: `/services/data/${c.req.param('version')}/chatter/users/${user.Id}`,
      userType: 'Internal',
      username: user.Username,
    });
  });

  return routes;
};

/** The links of resources that only link to other resources. */
const BELOW: Record<string, readonly string[]> = {
  jobs: ['query'],
  metadata: ['deployRequest'],
  tooling: ['query', 'sobjects'],
};
