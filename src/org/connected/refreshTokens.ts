import type { Connection } from '@salesforce/core';

import type { SourceSeen, TokenRow } from '../../app/connected/inventoryFacts.ts';
import { tell } from '../../app/connected/migrationText.ts';
import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';
import { inIso } from './logins.ts';
import { type OauthToken, readOauthTokens } from './oauthTokens.ts';

type WithUses = { UseCount: number | null };

/**
 * The refresh tokens of an org, of all apps.
 *
 * @param missing the permission that the user lacks to see the tokens of others
 * @throws what orgSaidNo names
 */
export const readRefreshTokens = async (
  connection: Connection,
  missing: string | undefined,
): Promise<{ tokens: TokenRow[]; seen: SourceSeen }> => {
  const { totalSize: counted } = await askOrg(connection, operation('readingAllTokens'), () =>
    connection.query('SELECT COUNT() FROM OauthToken'),
  );
  const { rows, isWhole } = await readOauthTokens<WithUses>(connection, ['UseCount']);
  const reasons = [
    ...(missing === undefined ? [] : [tell('inventory.unseen.permission', missing)]),
    ...(isWhole ? [] : [tell('inventory.unseen.sameTime')]),
    ...(isWhole && rows.length < counted ? [tell('inventory.unseen.fewer', String(counted), String(rows.length))] : []),
  ];
  return {
    tokens: rows.map(toToken),
    seen: { source: 'tokens', seen: reasons.length === 0 ? 'all' : 'part', count: rows.length, reasons },
  };
};

const toToken = ({ AppName, AppMenuItemId, UserId, LastUsedDate, UseCount }: OauthToken & WithUses): TokenRow => ({
  label: AppName ?? '',
  ...(AppMenuItemId !== null && { menuItemId: AppMenuItemId }),
  userId: UserId,
  ...(LastUsedDate !== null && { lastUsed: inIso(LastUsedDate) }),
  uses: UseCount ?? 0,
});
