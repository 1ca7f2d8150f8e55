import type { Connection } from '@salesforce/core';

import { clientIdIn } from '../app/accessToken.ts';
import type { LoginHere } from '../app/connected/blocking.ts';
import { AuthRemover, StateAggregator } from '../salesforce.ts';

/**
 * The login of an alias: its user, and whether the org is a practice org. An alias can also be left without a login.
 * Undefined for an alias that nobody has.
 */
export const loginOf = async (alias: string): Promise<{ username: string; practice: boolean } | undefined> => {
  const state = await StateAggregator.getInstance();
  const username = state.aliases.getUsername(alias);
  if (!username) return undefined;
  const fields = (await state.orgs.hasFile(username)) ? await state.orgs.read(username) : undefined;
  return { username, practice: !fields || isPractice(fields.instanceUrl) };
};

/**
 * All logins of this machine, to any org, and the app through which each of them came. A login with an opaque access token
 * alone does not say the app.
 *
 * @param current the login in use, which may come from the environment alone
 */
export const loginsHere = async (current: Pick<Connection, 'accessToken' | 'getUsername'>): Promise<LoginHere[]> => {
  const state = await StateAggregator.getInstance();
  const stored = await state.orgs.readAll();
  const logins = stored.map(({ username = '', clientId, isDevHub }) => ({
    username,
    ...(clientId !== undefined && { clientId }),
    isDevHub: isDevHub === true,
  }));
  const clientId = clientIdIn(current.accessToken ?? '');
  return clientId === undefined
    ? logins
    : [...logins, { username: current.getUsername() ?? '', clientId, isDevHub: false }];
};

/** A practice org listens on loopback only, and uses plain HTTP. */
const isPractice = (instanceUrl = ''): boolean => /^http:\/\/127\.0\.0\.1:\d+\/?$/.test(instanceUrl);

/** Removes a user's login from this machine, with its aliases. Does nothing when there is no such login. */
export const logOut = async (username: string): Promise<void> => {
  const remover = await AuthRemover.create();
  await remover.removeAuth(username);
};
