import type { Connection } from '@salesforce/core';

import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { inIso } from './logins.ts';

/** Rows of OauthToken that one query gives at most, on pages of 500 (Object Reference, OauthToken). */
const ROWS_MAX = 2500;

/** A refresh token, by the fields that everybody reads. Its AccessToken and DeleteToken are secrets, and never asked for. */
export type OauthToken = {
  AppName: string | null;
  AppMenuItemId: string | null;
  UserId: string;
  LastUsedDate: string | null;
  CreatedDate: string | null;
};

/**
 * The refresh tokens that an org knows, of all apps, the oldest first. The Id of each row is empty, so the next query
 * begins with the last time of the one before.
 *
 * @param further fields besides those of OauthToken here, such as `UseCount`
 * @param most rows, after which no more are read
 * @returns the rows, and whether they are all as far as times can tell
 * @throws what orgSaidNo names
 */
export const readOauthTokens = async <Further extends object>(
  connection: Connection,
  further: readonly string[],
  most = Number.POSITIVE_INFINITY,
): Promise<{ rows: Array<OauthToken & Further>; isWhole: boolean }> => {
  const fields = ['AppName', 'AppMenuItemId', 'UserId', 'LastUsedDate', 'CreatedDate', ...further].join(', ');
  const rows: Array<OauthToken & Further> = [];
  let isWhole = true;
  for (let since = ''; ;) {
    const page = await query<OauthToken & Further>(
      connection,
      operation('readingAllTokens'),
      `SELECT ${fields} FROM OauthToken ${since}ORDER BY CreatedDate LIMIT ${ROWS_MAX}`,
    );
    const last = page.at(-1)?.CreatedDate;
    if (page.length < ROWS_MAX) return { rows: [...rows, ...page], isWhole };
    if (!last || rows.length > most) return { rows: [...rows, ...page], isWhole: false };
    // Rows of the last moment come again with the next query. Some of them may still be missing here.
    const before = page.filter(({ CreatedDate }) => CreatedDate !== last);
    const isOneMoment = before.length === 0;
    rows.push(...(isOneMoment ? page : before));
    isWhole &&= !isOneMoment;
    since = `WHERE CreatedDate ${isOneMoment ? '>' : '>='} ${inIso(last)} `;
  }
};
