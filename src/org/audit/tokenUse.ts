import type { Connection } from '@salesforce/core';

import type { ApplicationLogin, TokenUse } from '../../app/audit/facts.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';

/** Rows of OauthToken that an org returns for one query, less than its limit of 2,500 (Object Reference, OauthToken). */
const TOKENS_IN_QUERY = 2000;

/** More tokens than this are not read. */
export const TOKENS_MAX = 100_000;

type TokenRow = {
  AppName: string | null;
  AppMenuItemId: string | null;
  UserId: string;
  User: { Username: string; IsActive: boolean } | null;
  LastUsedDate: string | null;
  CreatedDate: string | null;
};

const dateOf = (text: string | null | undefined): Date | undefined => {
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

/**
 * The refresh tokens that an org knows, the oldest first. The fields that are or end a token are never asked for. The
 * Id of each row is empty, so the next query begins with the last time of the one before.
 *
 * @param most the number of tokens after which no more are read
 * @returns undefined where the org has more tokens than are read
 * @throws what orgSaidNo names
 */
export const readTokenUse = async (connection: Connection, most = TOKENS_MAX): Promise<TokenUse[] | undefined> => {
  let rows: TokenRow[] = [];
  for (let from: string | undefined; ;) {
    const page = await query<TokenRow>(
      connection,
      operation('readingAllTokens'),
      'SELECT AppName, AppMenuItemId, UserId, User.Username, User.IsActive, LastUsedDate, CreatedDate FROM OauthToken ' +
        (from === undefined ? '' : `WHERE CreatedDate >= ${new Date(from).toISOString()} `) +
        `ORDER BY CreatedDate LIMIT ${TOKENS_IN_QUERY}`,
    );
    // This page has all of that time again.
    const since = from;
    rows = [...rows.filter(({ CreatedDate }) => CreatedDate !== since), ...page];
    if (page.length < TOKENS_IN_QUERY) return rows.map(tokenOf);
    const last = page.at(-1)?.CreatedDate;
    if (rows.length > most || !last || last === from) return undefined;
    from = last;
  }
};

const tokenOf = ({ AppName, AppMenuItemId, UserId, User, LastUsedDate, CreatedDate }: TokenRow): TokenUse => ({
  appName: AppName ?? '',
  installed: AppMenuItemId !== null,
  username: User?.Username ?? UserId,
  ...(User && { userActive: User.IsActive }),
  lastUsed: dateOf(LastUsedDate),
  created: dateOf(CreatedDate),
});

/**
 * The last login with each application, of the six months that an org keeps: one query.
 *
 * @throws what orgSaidNo names
 */
export const readLogins = async (connection: Connection): Promise<ApplicationLogin[]> => {
  const rows = await query<{ Application: string | null; latest: string | null }>(
    connection,
    operation('readingLogins'),
    'SELECT Application, MAX(LoginTime) latest FROM LoginHistory GROUP BY Application',
  );
  return rows.flatMap(({ Application, latest }) => {
    const date = dateOf(latest);
    return Application && date ? [{ application: Application, last: date }] : [];
  });
};
