import type { Connection } from '@salesforce/core';

import { type AuditText, tell } from '../../app/audit/auditText.ts';
import type { AuditedApp, SecondPair, Unread } from '../../app/audit/facts.ts';
import { isAbsent, isKeptBack, isSecretless } from '../../app/errorNature.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { readRotation, type RotationState } from '../secrets/stagedSlot.ts';

/** Apps whose pairs are asked for at the same time. */
const AT_ONCE = 5;

/** What was read of the key pairs of one app. */
export type KeyPairsRead = Pick<AuditedApp, 'oauthSince' | 'secondPairs'> & { unread: Unread };

/**
 * How old the OAuth settings of apps are, and the pairs beside those in use. Secrets that come along go no further. No
 * switch is opened: while the access to secrets is off, the pairs are not asked for.
 *
 * @param apps the org's own apps with OAuth settings
 * @param closed why the pairs cannot be read; absent where they can
 * @returns what was read, by the app's id
 * @throws what orgSaidNo names, save for refusals
 */
export const readKeyPairs = async (
  connection: Connection,
  apps: AuditedApp[],
  closed: AuditText | undefined,
): Promise<Map<string, KeyPairsRead>> => {
  const since = await readSince(connection);
  const found = new Map<string, KeyPairsRead>();
  for (let at = 0; at < apps.length; at += AT_ONCE)
    await Promise.all(
      apps.slice(at, at + AT_ONCE).map(async ({ id, app: { name } }) => {
        const created = since.get(id);
        const pairs = closed ? { unread: { secondPairs: closed } } : await readPairs(connection, { id, name });
        const unread = { ...pairs.unread, ...(!created && { oauthSince: tell('unread.notReturned') }) };
        found.set(id, { ...pairs, ...(created && { oauthSince: created }), unread });
      }),
    );
  return found;
};

/** When the OAuth settings of each app were made: one query. A login that may not see it gets nothing. */
const readSince = async (connection: Connection): Promise<Map<string, Date>> => {
  const rows = await query<{ ExternalClientApplicationId: string; CreatedDate: string }>(
    connection,
    operation('lookingForApps'),
    'SELECT ExternalClientApplicationId, CreatedDate FROM ExtlClntAppOauthSettings',
    { INVALID_TYPE: [], INVALID_FIELD: [], INSUFFICIENT_ACCESS: [] },
  );
  const dated = rows.map(({ ExternalClientApplicationId: id, CreatedDate }) => [id, new Date(CreatedDate)] as const);
  return new Map(dated.filter(([, date]) => !Number.isNaN(date.getTime())));
};

const readPairs = async (connection: Connection, app: { id: string; name: string }): Promise<KeyPairsRead> => {
  try {
    const states = await readRotation(connection, app);
    return { secondPairs: states.flatMap(secondPairOf), unread: {} };
  } catch (error) {
    // Without a consumer there is no pair at all.
    if (isAbsent(error)) return { secondPairs: [], unread: {} };
    if (!isKeptBack(error) && !isSecretless(error)) throw error;
    return { unread: { secondPairs: tell('unread.said', error.message) } };
  }
};

/** An expired pair is of no more use to anybody. */
const secondPairOf = ({ staged }: RotationState): SecondPair[] => {
  if (!staged || staged.state === 'Expired') return [];
  const expires = new Date(staged.expirationDate ?? NaN);
  const isKnown = !Number.isNaN(expires.getTime());
  return [{ state: staged.state === 'Rotated' ? 'rotated' : 'staged', ...(isKnown && { expires }) }];
};
