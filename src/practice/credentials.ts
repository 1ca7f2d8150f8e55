import { type Context, Hono, type MiddlewareHandler } from 'hono';

import { type PracticeEnv, restError } from './gate.ts';
import { toId18 } from './ids.ts';
import { distributionOf, newKeyPair } from './keyPairs.ts';
import { usageRoutes } from './oauth/usage.ts';
import { type Consumer, type KeyPair, type PracticeOrg, qualifiedName } from './org.ts';
import { apiVersionOf, needsAll, notFound, since } from './resource.ts';
/**
 * The Connect REST API resources under /apps/oauth: which apps there are, their consumer keys and secrets, and staged
 * pairs. Resources, parameters, answers and permissions are those of the Connect REST API guide. Further facts are from
 * Salesforce Help ("Stage, Rotate, and Delete OAuth Credentials for an External Client App"); error texts are as
 * reported.
 */
export const credentialsRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();
  const credentials = '/services/data/:version/apps/oauth/credentials/:appId';
  const staged = `${credentials}/:consumerId/staged`;

  routes.route('/', usageRoutes(org));

  routes.use(`${credentials}/*`, since(60), needsAll(org, 'ExternalClientAppDeveloper', 'ViewClientSecret'));
  routes.use(staged, since(65));
  routes.use(`${staged}/*`, since(65));

  routes.get(credentials, (c) => {
    const consumer = org.consumers.get(toId18(c.req.param('appId')));
    if (!consumer) return notFound(c);
    return c.json({
      consumers: [consumerAnswer(c, consumer)],
      currentPageUrl: c.req.path,
      nextPageUrl: null,
    });
  });

  routes.get(`${credentials}/:consumerId`, (c) => {
    const consumer = consumerOf(org, c);
    if (!consumer) return notFound(c);
    const parts = PARTS[c.req.query('part')?.toLowerCase() ?? 'key'];
    if (!parts) {
      return restError(c, 400, {
        errorCode: 'INVALID_INPUT',
        message: 'part must be one of key, secret, keyandsecret',
      });
    }
    if (!parts.secret || secretsAllowed(org)) return c.json(pairAnswer(consumer, parts));
    if (org.variants['secret-access-off'] === 'error') return secretsOff(c);
    return c.json(pairAnswer(consumer, { ...parts, secret: false }));
  });

  routes.use(staged, needsSecrets(org));
  routes.use(`${staged}/*`, needsSecrets(org));

  routes.get(staged, (c) => {
    const consumer = consumerOf(org, c);
    return consumer ? c.json(stagedList(org, c, consumer)) : notFound(c);
  });

  routes.post(staged, (c) => {
    const consumer = consumerOf(org, c);
    if (!consumer) return notFound(c);
    const app = org.appById(consumer.appId);
    const distribution = app && distributionOf(app);
    if (distribution === 'packaged' && org.variants['staged-packaged-app'] === 'refused') {
      return restError(c, 400, {
        errorCode: 'INVALID_INPUT',
        message: 'Staged credentials are available only for local external client apps.',
      });
    }
    if (isSlotTaken(org, consumer)) {
      return restError(c, 400, {
        errorCode: 'INVALID_INPUT',
        message: 'This consumer already has staged credentials. Delete them before you stage new ones.',
      });
    }
    const pair = newKeyPair(org, distribution);
    consumer.staged = { ...pair, expirationDate: daysFromNow(org, STAGED_DAYS) };
    return c.json(stagedList(org, c, consumer), 201);
  });

  routes.get(`${staged}/:stagedId`, (c) => {
    const found = stagedOf(org, c);
    return found ? c.json(stagedAnswer(org, c, found.consumer, found.pair)) : notFound(c);
  });

  routes.patch(`${staged}/:stagedId`, async (c) => {
    const found = stagedOf(org, c);
    if (!found) return notFound(c);
    const body: unknown = await c.req.json().catch(() => undefined);
    if ((body as { command?: unknown } | undefined)?.command !== 'rotate') {
      return restError(c, 400, { errorCode: 'INVALID_INPUT', message: 'command must be rotate' });
    }
    if (stateOf(org, found.pair) !== 'Active') {
      return restError(c, 400, {
        errorCode: 'INVALID_INPUT',
        message: 'Only active staged credentials can be rotated.',
      });
    }
    return c.json(stagedAnswer(org, c, found.consumer, promote(org, found.consumer, found.pair)));
  });

  routes.delete(`${staged}/:stagedId`, (c) => {
    const found = stagedOf(org, c);
    if (!found) return notFound(c);
    found.consumer.staged = undefined;
    return c.body(null, 204);
  });

  return routes;
};

type Parts = { key: boolean; secret: boolean };

const PARTS: Record<string, Parts | undefined> = {
  key: { key: true, secret: false },
  secret: { key: false, secret: true },
  keyandsecret: { key: true, secret: true },
};

const STAGED_DAYS = 30;

/** Can no new pair be staged? An expired pair never prevents this; a variant decides whether a Rotated pair does. */
const isSlotTaken = (org: PracticeOrg, { staged }: Consumer): boolean => {
  if (!staged) return false;
  const state = stateOf(org, staged);
  if (state === 'Rotated') return org.variants['staged-slot'] === 'refused';
  return state !== 'Expired';
};

/**
 * Makes the staged pair the primary pair. The old pair takes its place in the slot and works until it expires. A
 * variant decides whether the id in the staged pair's URL stays with the slot or goes with the pair.
 */
const promote = (org: PracticeOrg, consumer: Consumer, staged: KeyPair): KeyPair => {
  const { primary: old } = consumer;
  const [primaryId, slotId] = org.variants['staged-id'] === 'slot' ? [old.id, staged.id] : [staged.id, old.id];
  consumer.primary = { ...staged, id: primaryId, expirationDate: undefined };
  consumer.staged = { ...old, id: slotId, state: 'Rotated', expirationDate: daysFromNow(org, STAGED_DAYS) };
  nameNewKey(org, consumer);
  return consumer.staged;
};

/**
 * The metadata has the key as well. A retrieve must not return the old key, and a deploy of the old key must not
 * restore it.
 */
const nameNewKey = (org: PracticeOrg, consumer: Consumer): void => {
  const app = org.appById(consumer.appId);
  const settings = app && org.componentOfApp('ExtlClntAppGlobalOauthSettings', qualifiedName(app));
  if (settings) settings.body.consumerKey = consumer.primary.key;
};

const daysFromNow = (org: PracticeOrg, days: number): Date => new Date(org.now().getTime() + days * 24 * 3600 * 1000);

const stateOf = (org: PracticeOrg, pair: KeyPair): KeyPair['state'] =>
  pair.expirationDate && pair.expirationDate <= org.now() ? 'Expired' : pair.state;

// -- what is asked for

const consumerOf = (org: PracticeOrg, c: Context): Consumer | undefined => {
  const consumer = org.consumers.get(toId18(c.req.param('appId') ?? ''));
  return consumer && consumer.id === toId18(c.req.param('consumerId') ?? '') ? consumer : undefined;
};

const stagedOf = (org: PracticeOrg, c: Context): { consumer: Consumer; pair: KeyPair } | undefined => {
  const consumer = consumerOf(org, c);
  const pair = consumer?.staged;
  return consumer && pair && pair.id === toId18(c.req.param('stagedId') ?? '') ? { consumer, pair } : undefined;
};

// -- answers

const consumerUrl = (c: Context, consumer: Consumer): string =>
  `/services/data/${c.req.param('version')}/apps/oauth/credentials/${consumer.appId}/${consumer.id}`;

const consumerAnswer = (c: Context, consumer: Consumer): Record<string, unknown> => {
  const url = consumerUrl(c, consumer);
  return {
    id: consumer.id,
    key: consumer.primary.key,
    name: consumer.name,
    url,
    ...(apiVersionOf(c) >= 65 ? { stagedCredentialsUrl: `${url}/staged` } : {}),
  };
};

const pairAnswer = ({ id, primary }: Consumer, parts: Parts): Record<string, string> => ({
  id,
  ...(parts.key ? { key: primary.key } : {}),
  ...(parts.secret ? { secret: primary.secret } : {}),
});

const stagedList = (org: PracticeOrg, c: Context, consumer: Consumer): Record<string, unknown> => {
  const { staged } = consumer;
  return {
    stagedCredentials: staged ? [stagedAnswer(org, c, consumer, staged)] : [],
    url: `${consumerUrl(c, consumer)}/staged`,
  };
};

const stagedAnswer = (org: PracticeOrg, c: Context, consumer: Consumer, pair: KeyPair): Record<string, unknown> => ({
  id: pair.id,
  key: pair.key,
  secret: pair.secret,
  state: stateOf(org, pair),
  createdDate: pair.createdDate.toISOString(),
  expirationDate: pair.expirationDate?.toISOString(),
  url: `${consumerUrl(c, consumer)}/staged/${pair.id}`,
});

// -- secrets

const secretsAllowed = (org: PracticeOrg): boolean =>
  org.settings.ExternalClientAppSettings?.enableClientSecretInRestApiAccess === true;

const secretsOff = (c: Context): Response =>
  restError(c, 403, {
    errorCode: 'FUNCTIONALITY_NOT_ENABLED',
    message: 'The requested feature is not currently enabled for this user or organization.',
  });

/** Staged pairs include their secret: while the org does not allow secrets to be shown, the resource refuses. */
const needsSecrets =
  (org: PracticeOrg): MiddlewareHandler<PracticeEnv> =>
  async (c, next) =>
    secretsAllowed(org) ? next() : secretsOff(c);
