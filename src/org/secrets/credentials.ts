import type { Connection } from '@salesforce/core';

import { ofNature } from '../../app/errorNature.ts';
import { Secret } from '../../app/secret.ts';
import { NoAnswerError } from '../../net/noAnswer.ts';
import { texts } from '../../texts.ts';
import { operation } from '../request/operation.ts';
import { askOrg, orgError } from '../request/orgError.ts';
import { askResource, resourcePath, type ResourceRequest } from '../request/resource.ts';

const messages = texts('org');

/** The data that identifies a client to the org. */
export type Credentials = { consumerKey: string; consumerSecret?: Secret };

/** The Connect REST resource, since API version 60 (Connect REST API Developer Guide, "OAuth Credentials"). */
const SINCE = 60;

/** An app's name in these resources. */
export type AppRef = {
  /** 0xI... */
  id: string;
  name: string;
  /** What follows `--name` in a command about the app, such as `Order_Sync --target-org prod`. Absent: the name alone. */
  inCommands?: string;
};

/** One OAuth consumer of an app. Every known app has one; the API could return several. */
export type Consumer = { id: string; name?: string; consumerKey: string };

/** Each consumer needs requests of its own. */
const CONSUMERS_MAX = 100;

/** The path of an app's credentials, at the login's own version unless this version is older than the resource. */
export const credentialsPath = (connection: Connection, app: AppRef): string =>
  resourcePath(connection, SINCE, `apps/oauth/credentials/${app.id}`);

/**
 * An app's consumers, with their keys.
 *
 * @throws error.noConsumer when the app has no OAuth settings; error.secretNotAllowed; else what orgSaidNo names
 */
export const readConsumers = async (connection: Connection, app: AppRef): Promise<Consumer[]> => {
  type Answer = { consumers?: Array<{ id: string; key?: string; name?: string }> };
  const { consumers = [] } = await askCredentials<Answer>(connection, app, { method: 'GET', path: '' });
  if (consumers.length > CONSUMERS_MAX)
    throw orgError(
      new NoAnswerError(new URL(connection.instanceUrl).host, 'ANSWER_TOO_LARGE'),
      operation('readingCredentials', app.name),
    );
  const found = consumers.flatMap(({ id, key, name }) => (key ? [{ id, name, consumerKey: key }] : []));
  if (found.length === 0) throw noConsumer(app);
  return found;
};

/**
 * Reads an app's consumer key, and its secret on request, from the Connect REST API.
 *
 * The answer with the secret goes only into the result. Salesforce's libraries log requests, but only the status of
 * answers.
 *
 * @throws error.noConsumer when the app has no OAuth settings. `error.secretAccessOff` when the org does not return the
 *   secret. `error.secretNotAllowed` when this user may not read the secret; else what orgSaidNo names
 */
export const readCredentials = async (
  connection: Connection,
  app: AppRef,
  { secret }: { secret: boolean },
): Promise<Credentials> => {
  const [consumer] = await readConsumers(connection, app);
  if (!consumer) throw noConsumer(app);
  if (!secret) return { consumerKey: consumer.consumerKey };
  const pair = await askCredentials<{ key?: string; secret?: string }>(connection, app, {
    method: 'GET',
    path: `/${consumer.id}?part=keyandsecret`,
  });
  // With the switch off, some orgs answer with an error, and some answer without the secret.
  if (!pair.secret) throw secretAccessOff(app.name);
  return { consumerKey: pair.key ?? consumer.consumerKey, consumerSecret: new Secret(pair.secret) };
};

/**
 * The consumer key of an app. Where the org did not return it with the metadata, the Connect REST API has it.
 *
 * @param inCommands as in AppRef
 * @throws error.noConsumer when the app has no OAuth settings; error.secretNotAllowed; else what orgSaidNo names
 */
export const consumerKeyOf = async (
  connection: Connection,
  { id, app: { name }, consumerKey }: { id: string; app: { name: string }; consumerKey?: string },
  inCommands?: string,
): Promise<string> =>
  consumerKey ?? (await readCredentials(connection, { id, name, inCommands }, { secret: false })).consumerKey;

/**
 * Asks one of the resources below an app's credentials.
 *
 * @throws error.secretAccessOff, error.secretNotAllowed; else what orgSaidNo names
 */
export const askCredentials = async <T>(connection: Connection, app: AppRef, request: ResourceRequest): Promise<T> => {
  const path = credentialsPath(connection, app) + request.path;
  return askOrg(connection, operation('readingCredentials', app.name), async () => {
    try {
      return await askResource<T>(connection, { ...request, path });
    } catch (error) {
      throw namedError(error, app);
    }
  });
};

const noConsumer = ({ name, inCommands = name }: AppRef) =>
  ofNature({ secretless: true, absent: true }, messages.createError('error.noConsumer', [name], [inCommands]));

export const secretAccessOff = (name: string) =>
  ofNature({ secretless: true, switchedOff: true }, messages.createError('error.secretAccessOff', [name]));

const NOT_FOUND = new Set(['NOT_FOUND', 'ERROR_HTTP_404']);
const NO_ACCESS = new Set(['INSUFFICIENT_ACCESS', 'INSUFFICIENT_ACCESS_OR_READONLY', 'FORBIDDEN', 'ERROR_HTTP_403']);

/** Errors that only these resources return; another error stays as it is. */
const namedError = (error: unknown, app: AppRef): unknown => {
  const { name } = app;
  const { errorCode, message } = error as { errorCode?: unknown; message?: unknown };
  // The app itself was found before: what is not there is its consumer.
  if (NOT_FOUND.has(String(errorCode))) return noConsumer(app);
  // The org has no code of its own for the switch, so its words tell the two apart.
  if (/not (currently )?enabled/i.test(String(message))) return secretAccessOff(name);
  if (NO_ACCESS.has(String(errorCode)))
    return ofNature({ secretless: true }, messages.createError('error.secretNotAllowed', [name], []));
  return error;
};
