import type { Connection } from '@salesforce/core';

import { appForClients, type StoredApp } from '../app/read.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { type OnProgress, withSecretAccess } from './secretAccess.ts';

/**
 * The consumer key of an app that was read, and its secret on request.
 *
 * @param inCommands what follows `--name` in a command about the app
 * @param options.allowed may the org's setting be opened for this read?
 * @param onProgress tells that the setting is opened and closed
 * @throws what readCredentials and withSecretAccess throw
 */
export const credentialsOf = (
  connection: Connection,
  stored: StoredApp,
  inCommands: string,
  { secret, allowed }: { secret: boolean; allowed: boolean },
  onProgress: OnProgress,
): Promise<Credentials> => {
  const { app, id, consumerKey } = stored;
  if (consumerKey !== undefined && !secret) return Promise.resolve({ consumerKey });
  const read = (): Promise<Credentials> => readCredentials(connection, { id, name: app.name, inCommands }, { secret });
  // Without OAuth there is no secret that the switch would have to be opened for.
  return allowed && appForClients(stored).oauth ? withSecretAccess(connection, onProgress, read) : read();
};
