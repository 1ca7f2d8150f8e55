import { AuthRemover, StateAggregator } from '../salesforce.ts';

/**
 * Whose login an alias is, and whether it is one to a practice org, or nothing but the alias is left of it. Undefined for an
 * alias that nobody has.
 */
export const loginOf = async (alias: string): Promise<{ username: string; practice: boolean } | undefined> => {
  const state = await StateAggregator.getInstance();
  const username = state.aliases.getUsername(alias);
  if (!username) return undefined;
  const fields = (await state.orgs.hasFile(username)) ? await state.orgs.read(username) : undefined;
  return { username, practice: !fields || isPractice(fields.instanceUrl) };
};

/** A practice org listens on loopback only, and speaks plain HTTP. */
const isPractice = (instanceUrl = ''): boolean => /^http:\/\/127\.0\.0\.1:\d+\/?$/.test(instanceUrl);

/** Takes a user's login away from this machine, with its aliases. Nothing happens where there is none. */
export const logOut = async (username: string): Promise<void> => {
  const remover = await AuthRemover.create();
  await remover.removeAuth(username);
};
