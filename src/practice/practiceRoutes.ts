import { Hono } from 'hono';

import { setBlocked } from './blockedConsumers.ts';
import { setInstalled } from './connectedApps.ts';
import type { PracticeEnv } from './gate.ts';
import type { PracticeOrg } from './org.ts';
import { proofOf } from './proof.ts';
import type { RequestLog } from './requestLog.ts';

/** Dates of later years have no four digits, and some day none at all. */
const LATEST = Date.UTC(9000, 0);

/** Pages that no Salesforce org has: the practice org's own pages, for its user and for tests. */
export const practiceRoutes = (org: PracticeOrg, requests: RequestLog, nonce?: string): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>().basePath('/__practice');

  routes.get('/', (c) =>
    c.json({
      practice: true,
      orgId: org.orgId,
      pid: process.pid,
      instanceUrl: org.instanceUrl,
      now: org.now().toISOString(),
      production: org.production,
      apiVersion: org.apiVersion,
      jobTime: org.jobTime,
      variants: org.variants,
    }),
  );

  routes.get('/proof', (c) => {
    const challenge = c.req.query('challenge');
    if (!nonce || !challenge) return c.text('There is nothing to prove.', 404);
    const port = Number(new URL(org.instanceUrl).port);
    return c.json({ proof: proofOf(nonce, challenge, { pid: process.pid, port, orgId: org.orgId }) });
  });

  routes.get('/requests', (c) => c.json(requests.entries()));

  routes.delete('/requests', (c) => {
    requests.clear();
    return c.body(null, 204);
  });

  // A page in a browser cannot send JSON here without being asked first whether it may.
  routes.post('/clock', async (c) => {
    if (!c.req.header('content-type')?.startsWith('application/json')) return c.text('Send JSON.', 415);
    const body = (await c.req.json().catch(() => ({}))) as { advanceSeconds?: unknown };
    if (typeof body.advanceSeconds !== 'number' || !(body.advanceSeconds >= 0)) {
      return c.text('advanceSeconds has to be a number that is not negative.', 400);
    }
    if (org.now().getTime() + body.advanceSeconds * 1000 > LATEST) return c.text('So far there is no calendar.', 400);
    org.advance(body.advanceSeconds * 1000);
    return c.json({ now: org.now().toISOString() });
  });

  routes.post('/limits', async (c) => {
    if (!c.req.header('content-type')?.startsWith('application/json')) return c.text('Send JSON.', 415);
    const body = (await c.req.json().catch(() => ({}))) as { DailyApiRequests?: { Remaining?: unknown } };
    const remaining = body.DailyApiRequests?.Remaining;
    if (!Number.isInteger(remaining) || Number(remaining) < 0) {
      return c.text('DailyApiRequests.Remaining has to be a whole number that is not negative.', 400);
    }
    org.apiRequests.leave(Number(remaining));
    return c.json({ DailyApiRequests: { Max: org.apiRequests.max, Remaining: org.apiRequests.remaining() } });
  });

  // An admin does this on the page Connected Apps OAuth Usage of Setup, and no API does it.
  routes.post('/connected-apps', async (c) => {
    if (!c.req.header('content-type')?.startsWith('application/json')) return c.text('Send JSON.', 415);
    const body = (await c.req.json().catch(() => ({}))) as { name?: unknown; installed?: unknown; blocked?: unknown };
    if (typeof body.name === 'string' && typeof body.blocked === 'boolean') {
      if (!setBlocked(org, body.name, body.blocked)) return c.text('There is no Connected App of this name.', 404);
      return c.json({ name: body.name, blocked: body.blocked });
    }
    if (typeof body.name !== 'string' || typeof body.installed !== 'boolean')
      return c.text('name has to be a text, and installed true or false.', 400);
    if (!setInstalled(org, body.name, body.installed)) return c.text("There is no vendor's app of this name.", 404);
    return c.json({ name: body.name, installed: body.installed });
  });

  return routes;
};
