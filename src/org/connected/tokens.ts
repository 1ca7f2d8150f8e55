import type { Connection } from '@salesforce/core';

import { NoAnswerError } from '../../net/noAnswer.ts';
import { texts } from '../../texts.ts';
import { type AppIdentity, identifyApp } from '../app/read.ts';
import { answersInOrder } from '../request/answersInOrder.ts';
import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';
import { readPages } from '../request/pages.ts';
import { resourcePath } from '../request/resource.ts';
import { soql } from '../request/soql.ts';
import type { AppRef } from '../secrets/credentials.ts';

const messages = texts('org');

/** The API version since which OAuth usage exists (Connect REST API Developer Guide, "OAuth Usage Resources"). */
const SINCE = 59;

/** A refresh token of an app, without the token itself, which the org never returns. Dates are the org's texts. */
export type RefreshToken = {
  userId: string;
  username?: string;
  /** The time at which the user approved the app. */
  initialConnectionAt?: string;
  /** The time of the last access token from this refresh token. */
  lastUsedAt?: string;
  /** The number of access tokens from this refresh token. */
  useCount?: number;
  /** Opaque or JWT. */
  accessTokenFormat?: string;
};

type UserAnswer = { identifier?: string; userIdentifier?: string; username?: string };
/** A user who has tokens of an app; `id` is 005... */
export type TokenUser = { id: string; username?: string };

type TokenAnswer = Omit<RefreshToken, 'userId'>;

const usagePath = (connection: Connection, { id }: AppRef): string =>
  resourcePath(connection, SINCE, `apps/oauth/usage/${id}`);

/**
 * The Id of a user, whose tokens the caller needs.
 *
 * @throws error.userNotFound; what orgSaidNo names
 */
const requireUserId = async (connection: Connection, username: string): Promise<string> => {
  const { records } = await askOrg(connection, operation('lookingForUser', username), () =>
    connection.query<{ Id: string }>(soql`SELECT Id FROM User WHERE Username = ${username}`),
  );
  const [user] = records;
  if (!user) throw messages.createError('error.userNotFound', [username]);
  return user.Id;
};

/**
 * The app of a name, and the Id of the user whose tokens are meant. The Id is undefined when every user is meant.
 *
 * @throws what identifyApp throws; error.userNotFound; what orgSaidNo names
 */
export const appAndUser = (
  connection: Connection,
  app: string,
  username: string | undefined,
): Promise<[AppIdentity, string | undefined]> =>
  answersInOrder(
    identifyApp(connection, app),
    username === undefined ? Promise.resolve(undefined) : requireUserId(connection, username),
  );

/** Milliseconds for the tokens of all users: each user takes a request, and an app may have thousands. */
const LONGEST_READING = 3_600_000;

/**
 * The refresh tokens of an app, of one user or of all.
 *
 * @throws what orgSaidNo names
 */
export const readTokens = async (connection: Connection, app: AppRef, userId?: string): Promise<RefreshToken[]> =>
  askOrg(connection, operation('readingTokens', app.name), async () => {
    const users = userId ? [{ id: userId, username: undefined }] : await usersOf(connection, app);
    const tokens: RefreshToken[] = [];
    // One request after the other: an org accepts a limited number of requests at a time. Few users have tokens for an
    // app.
    const end = Date.now() + LONGEST_READING;
    for (const { id, username } of users) {
      const url = `${usagePath(connection, app)}/${encodeURIComponent(id)}/tokens`;
      const answer = await connection.request<{ tokens?: TokenAnswer[] }>(url);
      for (const token of answer.tokens ?? []) tokens.push(toToken(token, id, username));
      if (Date.now() > end) throw new NoAnswerError(new URL(connection.instanceUrl).host, 'ANSWER_TOO_SLOW');
    }
    return tokens;
  });

const toToken = (token: TokenAnswer, userId: string, username: string | undefined): RefreshToken => {
  const { initialConnectionAt, lastUsedAt, useCount, accessTokenFormat } = token;
  return { userId, username: token.username ?? username, initialConnectionAt, lastUsedAt, useCount, accessTokenFormat };
};

/**
 * The users who have tokens of an app.
 *
 * @throws what orgSaidNo names
 */
export const readTokenUsers = async (connection: Connection, app: AppRef): Promise<TokenUser[]> =>
  askOrg(connection, operation('readingTokens', app.name), () => usersOf(connection, app));

/** Every page names a next page, also the last one; the page after the last page is empty. */
const usersOf = async (connection: Connection, app: AppRef): Promise<TokenUser[]> => {
  const users = await readPages<UserAnswer>(connection, `${usagePath(connection, app)}/users`, (answer) => {
    const { users: entries, nextPageUrl } = answer as { users?: UserAnswer[]; nextPageUrl?: string | null };
    return entries?.length ? { entries, next: nextPageUrl } : { entries: [] };
  });
  return users.flatMap(({ identifier, userIdentifier = identifier, username }) =>
    userIdentifier ? [{ id: userIdentifier, username }] : [],
  );
};

/**
 * Revokes the refresh tokens of an app, of one user or of all users. These users have to log in again. Access tokens
 * from these refresh tokens end too.
 *
 * @throws what orgSaidNo names
 */
export const revokeTokens = async (connection: Connection, app: AppRef, userId?: string): Promise<void> => {
  const url = [usagePath(connection, app), ...(userId ? [userId] : []), 'tokens'].join('/');
  await askOrg(connection, operation('revokingTokens', app.name), () => connection.request({ method: 'DELETE', url }));
};
