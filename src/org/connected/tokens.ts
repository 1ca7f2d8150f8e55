import type { Connection } from '@salesforce/core';
import { texts } from '../../texts.ts';
import type { AppRef } from '../secrets/credentials.ts';
import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';
import { soql } from '../request/soql.ts';

const messages = texts('org');

/** OAuth usage is there since this API version (Connect REST API Developer Guide, "OAuth Usage Resources"). */
const since = 59;

/** A refresh token of an app, without the token itself, which the org keeps to itself. Dates are the org's texts. */
export type RefreshToken = {
  userId: string;
  username?: string;
  /** When the user let the app in. */
  initialConnectionAt?: string;
  /** When an access token was last got with it. */
  lastUsedAt?: string;
  /** Access tokens got with it. */
  useCount?: number;
  /** Opaque or JWT. */
  accessTokenFormat?: string;
};

type UserAnswer = { identifier?: string; userIdentifier?: string; username?: string };
type TokenAnswer = Omit<RefreshToken, 'userId'>;

const usagePath = (connection: Connection, { id }: AppRef): string => {
  const version = Number(connection.getApiVersion()) >= since ? connection.getApiVersion() : `${since}.0`;
  return `/services/data/v${version}/apps/oauth/usage/${id}`;
};

/**
 * The Id of a user whose tokens are meant.
 *
 * @throws error.userNotFound; what orgSaidNo names
 */
export const requireUserId = async (connection: Connection, username: string): Promise<string> => {
  const { records } = await askOrg(connection, operation('lookingForUser', username), () =>
    connection.query<{ Id: string }>(soql`SELECT Id FROM User WHERE Username = ${username}`),
  );
  const [user] = records;
  if (!user) throw messages.createError('error.userNotFound', [username]);
  return user.Id;
};

/**
 * The refresh tokens of an app, of one user or of all.
 *
 * @throws what orgSaidNo names
 */
export const readTokens = async (connection: Connection, app: AppRef, userId?: string): Promise<RefreshToken[]> =>
  askOrg(connection, operation('readingTokens', app.name), async () => {
    const users = userId ? [{ id: userId, username: undefined }] : await usersOf(connection, app);
    const tokens: RefreshToken[] = [];
    // One after the other: an org takes only so many requests at a time, and has few users with tokens for an app.
    for (const { id, username } of users) {
      const url = `${usagePath(connection, app)}/${id}/tokens`;
      const answer = await connection.request<{ tokens?: TokenAnswer[] }>(url);
      tokens.push(...(answer.tokens ?? []).map((token) => toToken(token, id, username)));
    }
    return tokens;
  });

const toToken = (token: TokenAnswer, userId: string, username: string | undefined): RefreshToken => {
  const { initialConnectionAt, lastUsedAt, useCount, accessTokenFormat } = token;
  return { userId, username: token.username ?? username, initialConnectionAt, lastUsedAt, useCount, accessTokenFormat };
};

/** Every page names a next one, also the last; the page after that is empty. */
const usersOf = async (connection: Connection, app: AppRef): Promise<Array<{ id: string; username?: string }>> => {
  const users: Array<{ id: string; username?: string }> = [];
  let next: string | null | undefined = `${usagePath(connection, app)}/users`;
  while (next) {
    const page: { users?: UserAnswer[]; nextPageUrl?: string | null } = await connection.request(next);
    if (!page.users?.length) break;
    users.push(
      ...page.users.flatMap(({ identifier, userIdentifier = identifier, username }) =>
        userIdentifier ? [{ id: userIdentifier, username }] : [],
      ),
    );
    next = page.nextPageUrl;
  }
  return users;
};

/**
 * Revokes the refresh tokens of an app, of one user or of all: whoever used them has to log in again. Access tokens that were
 * got with them end too.
 *
 * @throws what orgSaidNo names
 */
export const revokeTokens = async (connection: Connection, app: AppRef, userId?: string): Promise<void> => {
  const url = [usagePath(connection, app), ...(userId ? [userId] : []), 'tokens'].join('/');
  await askOrg(connection, operation('revokingTokens', app.name), () => connection.request({ method: 'DELETE', url }));
};
