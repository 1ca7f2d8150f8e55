import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import type { ConnectedAppFile } from './connectedAppFile.ts';
import { addConnectedApp } from './connectedApps.ts';
import { credentialsRoutes } from './credentials.ts';
import { type Fault, misbehave } from './faults.ts';
import { type PracticeEnv, requireApi, restError } from './gate.ts';
import { installApp } from './installed.ts';
import { Deployments } from './metadata/deployments.ts';
import { namedCredentialRoutes } from './namedCredentials.ts';
import { oauthRoutes } from './oauth/routes.ts';
import { PracticeOrg, type PracticeOrgOptions } from './org.ts';
import { partnerSoapRoutes } from './partnerSoap.ts';
import { practiceRoutes } from './practiceRoutes.ts';
import { logRequests, RequestLog } from './requestLog.ts';
import { restRoutes } from './rest/routes.ts';
import { soapOperation, soapRoutes } from './soap.ts';

export type PracticeServerOptions = PracticeOrgOptions & {
  /** A free one is taken when absent. */
  port?: number;
  /** Milliseconds that every answer takes longer. */
  latency?: number;
  /** Apps that are there as if a package had been installed: `ns__App`. */
  installed?: string[];
  /** Connected Apps that are there. */
  connectedApps?: ConnectedAppFile[];
  /** Requests that go wrong on purpose. */
  faults?: Fault[];
  /** The secret with which the org's process proves its identity (proof.ts). Without one it proves nothing. */
  nonce?: string;
};

/** A practice org that listens. `accessToken` is a login of its admin. */
export type PracticeServer = {
  org: PracticeOrg;
  url: string;
  port: number;
  accessToken: string;
  requests: RequestLog;
  close(): Promise<void>;
};

const HOST = '127.0.0.1';
const OWN_HOSTS = new Set([HOST, 'localhost', '[::1]']);
/** How long a login of `sf` lasts: as long as anyone will run the same practice org. */
const LOGIN_DAYS = 365;

/**
 * Some clients join an instance URL that ends in a slash with a path that begins with a slash. Some paths end in a
 * slash.
 */
const pathOf = (request: Request): string => {
  const path = new URL(request.url).pathname.replace(/^\/+/, '/');
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
};

/** Refuses a request that was meant for another host: a page elsewhere that had its name point to this machine. */
const onlyOwnHost = (): MiddlewareHandler => async (c, next) => {
  const host = (c.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!OWN_HOSTS.has(host)) return c.text('This is a practice org: it answers on the loopback address only.', 421);
  return next();
};

/**
 * Refuses writing requests that a page of another origin makes a browser send: such a page could post forms here.
 * Clients that are no browsers send neither of the two headers; not every browser sends both.
 */
const onlyOwnPages = (): MiddlewareHandler => async (c, next) => {
  const isLook = c.req.method === 'GET' || c.req.method === 'HEAD';
  return isLook || isOfOwnPage(c) ? next() : c.text('This is a practice org: it takes nothing from other pages.', 403);
};

const isOfOwnPage = (c: Context): boolean => {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = c.req.header('origin');
  return origin === undefined || origin === `http://${c.req.header('host')}`;
};

/** The most bytes of a body: of a deploy (as many as Salesforce accepts), of a record, of a form. */
const BODY_LIMITS = { deploy: 52_428_800, record: 1_000_000, form: 64_000 };

/** Refuses bodies that are too large, before they are read whole. */
const onlySmallBodies = (): MiddlewareHandler => {
  const limit = (maxSize: number): MiddlewareHandler =>
    bodyLimit({ maxSize, onError: (c) => c.text(`The body of this request is larger than ${maxSize} bytes.`, 413) });
  const [deploy, record, form] = [limit(BODY_LIMITS.deploy), limit(BODY_LIMITS.record), limit(BODY_LIMITS.form)];
  return (c, next) => {
    if (/^\/services\/(Soap|data\/[^/]+\/metadata)\//.test(c.req.path)) return deploy(c, next);
    return (c.req.path.startsWith('/services/data/') ? record : form)(c, next);
  };
};

/** Answers are what they say they are, whatever a browser may take their text for. */
const noGuessing = (): MiddlewareHandler => {
  return async (c, next) => {
    await next();
    // An answer that was cut off on purpose has no more data to send; this object identifies it.
    if (c.res === RESPONSE_ALREADY_SENT) return;
    if (c.res.headers.get('x-content-type-options') === null) c.header('x-content-type-options', 'nosniff');
  };
};

/** Answers are dated by the clock of the org, which may have been moved. */
const dated =
  (org: PracticeOrg): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.res !== RESPONSE_ALREADY_SENT) c.header('date', org.now().toUTCString());
  };

const slowDown =
  (milliseconds: number): MiddlewareHandler =>
  async (_c, next) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return next();
  };

/** Everything that a practice org answers, over an org's state. */
export const practiceApp = (
  org: PracticeOrg,
  requests: RequestLog,
  options: Pick<PracticeServerOptions, 'latency' | 'faults' | 'nonce'> = {},
): Hono<PracticeEnv> => {
  const app = new Hono<PracticeEnv>({ getPath: pathOf });
  app.use(onlyOwnHost(), onlyOwnPages(), onlySmallBodies(), noGuessing(), dated(org));
  app.route('/', practiceRoutes(org, requests, options.nonce));
  app.use(logRequests(requests));
  if (options.latency) app.use(slowDown(options.latency));
  if (options.faults) app.use(misbehave(options.faults, soapOperation));
  app.use('/services/data/:version/*', requireApi(org));
  app.use('/services/data/:version', requireApi(org));
  app.route('/', oauthRoutes(org));
  app.route('/', credentialsRoutes(org));
  app.route('/', namedCredentialRoutes(org));
  const deployments = new Deployments(org);
  app.route('/', restRoutes(org, deployments));
  app.route('/', soapRoutes(org, deployments));
  app.route('/', partnerSoapRoutes(org));
  app.notFound((c) => restError(c, 404, { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }));
  return app;
};

/** Starts a practice org inside this process, on loopback only. */
export const createPracticeServer = async (options: PracticeServerOptions = {}): Promise<PracticeServer> => {
  const org = new PracticeOrg(options);
  for (const name of options.installed ?? []) installApp(org, name);
  for (const file of options.connectedApps ?? []) addConnectedApp(org, file);
  const requests = new RequestLog();
  const app = practiceApp(org, requests, options);
  const { server, port } = await listen(app, options.port ?? 0);
  org.instanceUrl = `http://${HOST}:${port}`;
  const login = org.openSession({
    userId: org.seeded.admin.Id,
    scopes: ['full'],
    format: 'opaque',
    expiresAt: new Date(org.now().getTime() + LOGIN_DAYS * 24 * 3600 * 1000),
  });
  return {
    org,
    url: org.instanceUrl,
    port,
    accessToken: login.token,
    requests,
    close: () => closed(server),
  };
};

/**
 * Milliseconds that a client may take to send its headers, and its complete request: a slow client holds a connection.
 */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 120_000, connectionsCheckingInterval: 1000 };

const listen = (app: Hono<PracticeEnv>, port: number): Promise<{ server: Server; port: number }> =>
  new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: HOST, port, serverOptions: PATIENCE }, (address: AddressInfo) =>
      resolve({ server, port: address.port }),
    ) as Server;
    server.once('error', reject);
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
