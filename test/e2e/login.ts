import { fork } from 'node:child_process';
import { once } from 'node:events';

import { AuthInfo } from '../../src/salesforce.ts';
import type { Cli } from './cli.ts';

/**
 * Without an alias, commands name the org by its username. Commands that run beside each other in one home folder need
 * that. Salesforce's library keeps all aliases in one file. It empties the file before it writes it anew, and reads it
 * without a lock.
 */
type Login = { username: string; alias?: string; instanceUrl: string; accessToken: string };

/** Makes logins in the home folder of some commands, until it is closed. */
export type Logins = { logIn: (login: Login) => Promise<void>; close: () => Promise<void> };

/**
 * Logs commands in to orgs that run inside the test itself. So a test can play an org that answers as it likes. A
 * process of its own does it: Salesforce's library keeps logins in the home folder that it started with. The token goes
 * there by message and not by argument.
 */
export const openLogins = (home: string): Logins => {
  const child = fork(import.meta.filename, {
    env: { PATH: process.env.PATH, HOME: home, USERPROFILE: home, SF_USE_GENERIC_UNIX_KEYCHAIN: 'true' },
    execArgv: [],
  });
  const ended = once(child, 'exit');
  let before: Promise<unknown> = Promise.resolve();
  const one = async (login: Login): Promise<void> => {
    child.send(login);
    const [done] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    if (done !== 'done') throw new Error(`Could not log in to ${login.instanceUrl}.`);
  };
  return {
    logIn: (login) => {
      // One after the other: they change the same files.
      const mine = before.then(() => one(login));
      before = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};

/** Logs the commands of `cli` in to one org. */
export const logIn = async (cli: Cli, login: Login): Promise<void> => {
  const logins = openLogins(cli.home);
  try {
    await logins.logIn(login);
  } finally {
    await logins.close();
  }
};

const saveLogin = async ({ username, alias, instanceUrl, accessToken }: Login): Promise<void> => {
  const info = await AuthInfo.create({
    username,
    accessTokenOptions: { accessToken, instanceUrl, loginUrl: instanceUrl },
  });
  await info.save();
  if (alias) await info.handleAliasAndDefaultSettings({ alias, setDefault: false, setDefaultDevHub: false });
};

if (import.meta.main) {
  process.on('message', (login: Login) => {
    void saveLogin(login).then(() => process.send?.('done'));
  });
}
