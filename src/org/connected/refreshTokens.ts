import type { Connection } from '@salesforce/core';

import type { SourceSeen, TokenRow } from '../../app/connected/inventoryFacts.ts';
import { tell } from '../../app/connected/migrationText.ts';
import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';
import { query } from '../request/query.ts';
import { inIso } from './logins.ts';

/** Rows of OauthToken that one query gives at most, on pages of 500 (Object Reference, OauthToken). */
const ROWS_MAX = 2500;

type Row = {
  AppName: string | null;
  AppMenuItemId: string | null;
  UserId: string;
  LastUsedDate: string | null;
  UseCount: number | null;
  CreatedDate: string;
};

/**
 * The refresh tokens of an org, of all apps. Its AccessToken and DeleteToken are secrets, and never asked for.
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
  const rows: Row[] = [];
  let since: string | undefined;
  let isLost = false;
  for (let isLast = false; !isLast;) {
    const page = await readFrom(connection, since);
    const last = page.at(-1)?.CreatedDate;
    isLast = page.length < ROWS_MAX || last === undefined;
    // Rows of the last moment come again with the next query. Some of them may still be missing here.
    const whole = isLast ? page : page.filter(({ CreatedDate }) => CreatedDate !== last);
    const isOneMoment = !isLast && whole.length === 0;
    for (const row of isOneMoment ? page : whole) rows.push(row);
    isLost ||= isOneMoment;
    since = last && `${isOneMoment ? '>' : '>='} ${inIso(last)}`;
  }
  const reasons = [
    ...(missing === undefined ? [] : [tell('inventory.unseen.permission', missing)]),
    ...(isLost ? [tell('inventory.unseen.sameTime')] : []),
    ...(!isLost && rows.length < counted ? [tell('inventory.unseen.fewer', String(counted), String(rows.length))] : []),
  ];
  return {
    tokens: rows.map(toToken),
    seen: { source: 'tokens', seen: reasons.length === 0 ? 'all' : 'part', count: rows.length, reasons },
  };
};

const readFrom = (connection: Connection, since: string | undefined): Promise<Row[]> =>
  query<Row>(
    connection,
    operation('readingAllTokens'),
    'SELECT AppName, AppMenuItemId, UserId, LastUsedDate, UseCount, CreatedDate FROM OauthToken ' +
      `${since === undefined ? '' : `WHERE CreatedDate ${since} `}ORDER BY CreatedDate LIMIT ${ROWS_MAX}`,
  );

const toToken = ({ AppName, AppMenuItemId, UserId, LastUsedDate, UseCount }: Row): TokenRow => ({
  label: AppName ?? '',
  ...(AppMenuItemId !== null && { menuItemId: AppMenuItemId }),
  userId: UserId,
  ...(LastUsedDate !== null && { lastUsed: inIso(LastUsedDate) }),
  uses: UseCount ?? 0,
});
