import type { Connection } from '@salesforce/core';

import { compare, type Comparison } from '../../app/connected/comparison.ts';
import type { ExternalUse } from '../../app/connected/inventoryFacts.ts';
import { appsWithUse } from '../../app/connected/inventoryUse.ts';
import { isKeptBack } from '../../app/errorNature.ts';
import { sameName } from '../../app/name.ts';
import { texts } from '../../texts.ts';
import { readApp } from '../app/read.ts';
import { readInventory } from './inventory.ts';
import { readTokens } from './tokens.ts';

const messages = texts('org');

/**
 * A Connected App beside its new app, by what the org shows of both.
 *
 * @param newName absent where nobody knows the new app
 * @param days before today that logins are read of
 * @throws error.connectedAppNotFound; what orgSaidNo names
 */
export const readComparison = async (
  connection: Connection,
  oldName: string,
  newName: string | undefined,
  days: number,
): Promise<Comparison> => {
  const facts = await readInventory(connection, days);
  const known = appsWithUse(facts).find(({ listed }) => listed !== undefined && sameName(listed.name, oldName));
  if (!known) throw messages.createError('error.connectedAppNotFound', [oldName]);
  const found = newName === undefined ? undefined : await readExternalUse(connection, newName);
  return compare(known, facts, found);
};

const readExternalUse = async (connection: Connection, name: string): Promise<ExternalUse | undefined> => {
  const stored = await readApp(connection, name);
  if (!stored) return undefined;
  const { app, id, consumerKey } = stored;
  const { label = app.name, enabled = true } = app;
  const about = { name: app.name, label, enabled, ...(consumerKey !== undefined && { consumerKey }) };
  try {
    const tokens = await readTokens(connection, { id, name: app.name });
    return {
      ...about,
      tokens: tokens.map(({ userId, lastUsedAt, useCount = 0 }) => ({
        label,
        userId,
        ...(lastUsedAt !== undefined && { lastUsed: new Date(lastUsedAt).toISOString() }),
        uses: useCount,
      })),
    };
  } catch (error) {
    if (!isKeptBack(error)) throw error;
    return { ...about, tokens: [], unread: error.message };
  }
};
