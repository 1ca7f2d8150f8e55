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
 * All logins of this machine, to any org, and the apps through which each of them came. A user may have further apps linked
 * (`sf org login web --client-app`). A login with an opaque access token alone does not say the app.
 *
 * @param current the login in use, which may come from the environment alone
 */
export const loginsHere = async (current: Pick<Connection, 'accessToken' | 'getUsername'>): Promise<LoginHere[]> => {
  const state = await StateAggregator.getInstance();
  const logins: LoginHere[] = [];
  for (const { username = '', clientId, clientApps, isDevHub } of await state.orgs.readAll()) {
    const about = { username, isDevHub: isDevHub === true };
    const own = clientId ?? clientIdIn(await tokenOf(username));
    logins.push({ ...about, ...(own !== undefined && { clientId: own }) });
    for (const linked of Object.values(clientApps ?? {})) logins.push({ ...about, clientId: linked.clientId });
  }
  const clientId = clientIdIn(current.accessToken ?? '');
  return clientId === undefined
    ? logins
    : [...logins, { username: current.getUsername() ?? '', clientId, isDevHub: false }];
};

/** The access token of a stored login. Empty where there is none, or where its key is not on this machine. */
const tokenOf = async (username: string): Promise<string> => {
  try {
    const { orgs } = await StateAggregator.getInstance();
    return (await orgs.read(username, true))?.accessToken ?? '';
  } catch {
    return '';
  }
};

/** A practice org listens on loopback only, and uses plain HTTP. */
const isPractice = (instanceUrl = ''): boolean => /^http:\/\/127\.0\.0\.1:\d+\/?$/.test(instanceUrl);

/** Removes a user's login from this machine, with its aliases. Does nothing when there is no such login. */
export const logOut = async (username: string): Promise<void> => {
  const remover = await AuthRemover.create();
  await remover.removeAuth(username);
};
