import { MockTestOrgData, type TestContext } from '@salesforce/core/testSetup';

import { createPracticeServer, type PracticeServer, type PracticeServerOptions } from '../../src/practice/practice.ts';
import type { SfError } from '../../src/salesforce.ts';

// Every command that runs in this process listens for its signals, and never stops.
process.setMaxListeners(0);

/** A practice org that `sf` is logged in to. */
export type LoggedIn = PracticeServer & {
  /** What `--target-org` takes. */
  username: string;
  /** How many metadata deploys the org was sent so far. */
  deploys(): number;
  /** What the org was asked for, less what `sf` itself looks up about an org that it opens. */
  asked(): string[];
};

/**
 * Logs `sf` in to an org on this machine, in memory only. The wire stays real.
 *
 * @param loginUrl where somebody logged in, when it is another address than the org's
 */
export const logIn = async (
  $$: TestContext,
  username: string,
  url: string,
  accessToken: string,
  loginUrl = url,
): Promise<void> => {
  const login = new MockTestOrgData(username, { username });
  login.instanceUrl = url;
  login.loginUrl = loginUrl;
  login.accessToken = accessToken;
  // A login with an access token alone: nothing to get a new one with.
  Reflect.deleteProperty(login, 'refreshToken');
  await $$.stubAuths(login);
  // The context would answer every request by itself.
  $$.SANDBOXES.CONNECTION.restore();
};

/**
 * Starts a practice org and logs `sf` in to it.
 *
 * @param user whose login it is; the administrator's when absent
 */
export const logInToPractice = async (
  $$: TestContext,
  options: PracticeServerOptions = {},
  user: (practice: PracticeServer) => { Id: string; Username?: unknown } = ({ org }) => org.seeded.admin,
): Promise<LoggedIn> => {
  // What an earlier test's command left behind.
  process.exitCode = undefined;
  const practice = await createPracticeServer(options);
  const { Id: userId, Username } = user(practice);
  const username = String(Username);
  const expiresAt = new Date(practice.org.now().getTime() + 3_600_000);
  const { token } = practice.org.openSession({ userId, scopes: ['full'], format: 'opaque', expiresAt });
  await logIn($$, username, practice.url, token);
  const deploys = (): number =>
    practice.requests.entries().filter(({ method, path }) => method === 'POST' && path.endsWith('/deployRequest'))
      .length;
  const asked = (): string[] =>
    practice.requests
      .entries()
      .filter(({ path, query }) => path !== '/services/data' && !/ FROM Organization\b/.test(String(query.q)))
      .map(({ method, path, query }) => [method, path, query.q].filter(Boolean).join(' '));
  return { ...practice, username, deploys, asked };
};

/** What a command failed with. */
export const failure = async (command: Promise<unknown>): Promise<SfError> => {
  const error = await command.then(
    () => undefined,
    (reason: SfError) => reason,
  );
  if (!error) throw new Error('The command did not fail.');
  return error;
};
