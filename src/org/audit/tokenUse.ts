import type { Connection } from '@salesforce/core';

import type { ApplicationLogin, TokenUse } from '../../app/audit/facts.ts';
import { type OauthToken, readOauthTokens } from '../connected/oauthTokens.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';

/** More tokens than this are not read. */
export const TOKENS_MAX = 100_000;

type WithUser = { User: { Username: string; IsActive: boolean } | null };

const dateOf = (text: string | null | undefined): Date | undefined => {
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

/**
 * The refresh tokens that an org knows, the oldest first.
 *
 * @returns undefined where the org has more tokens than are read
 * @throws what orgSaidNo names
 */
export const readTokenUse = async (connection: Connection): Promise<TokenUse[] | undefined> => {
  const { rows, isWhole } = await readOauthTokens<WithUser>(connection, ['User.Username', 'User.IsActive'], TOKENS_MAX);
  return isWhole ? rows.map(tokenOf) : undefined;
};

const tokenOf = ({
  AppName,
  AppMenuItemId,
  UserId,
  User,
  LastUsedDate,
  CreatedDate,
}: OauthToken & WithUser): TokenUse => ({
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
