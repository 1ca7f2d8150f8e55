import type { Connection } from '@salesforce/core';

import { type AppRef, secretAccessOff } from './credentials.ts';
import { readOldPair, type RotationOptions } from './rotation.ts';
import { isSecretAccessOpen, type OnProgress, withSecretAccess } from './secretAccess.ts';

/** What commands look at before they ask a user about a secret. Nobody has to answer a question that leads to a refusal. */

/**
 * Makes sure that the org would return a secret. If this login may not see the setting, the org itself answers later.
 *
 * @param allowed may the command open the setting by itself?
 * @throws error.secretAccessOff; what isSecretAccessOpen throws
 */
export const requireSecretAccess = async (connection: Connection, name: string, allowed: boolean): Promise<void> => {
  if (!allowed && (await isSecretAccessOpen(connection)) === false) throw secretAccessOff(name);
};

/**
 * The looks before the questions of a rotation. Each closes the setting again before anybody is asked.
 *
 * @param terms `allowed`: may the command open the setting by itself?
 * @returns `secretAccess` throws as requireSecretAccess does. `hasOldPair` says whether there is a pair to revoke, and throws what
 *   readOldPair and withSecretAccess throw
 */
export const looksBeforeAsking = (
  connection: Connection,
  app: AppRef,
  { allowed, onProgress, sendLine }: { allowed: boolean; onProgress: OnProgress } & Pick<RotationOptions, 'sendLine'>,
): { secretAccess: () => Promise<void>; hasOldPair: () => Promise<boolean> } => {
  const look = (): ReturnType<typeof readOldPair> => readOldPair(connection, app, sendLine);
  return {
    secretAccess: () => requireSecretAccess(connection, app.name, allowed),
    hasOldPair: async () => {
      const { old } = await (allowed ? withSecretAccess(connection, onProgress, look) : look());
      return old !== undefined;
    },
  };
};
