import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Cli } from './cli.ts';
import { AuthInfo } from '../../src/salesforce.ts';

type Login = { username: string; alias: string; instanceUrl: string; accessToken: string };

/**
 * Logs the commands of `cli` in to an org that runs inside the test itself, so that a test can play an org that answers as
 * it likes. Done in a process of its own, since Salesforce's library keeps logins in the home folder that it started with;
 * the token goes there by message and not by argument.
 */
export async function logIn(cli: Cli, login: Login): Promise<void> {
  const child = fork(import.meta.filename, {
    env: { PATH: process.env.PATH, HOME: cli.home, USERPROFILE: cli.home, SF_USE_GENERIC_UNIX_KEYCHAIN: 'true' },
    execArgv: [],
  });
  child.send(login);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Could not log in to ${login.instanceUrl}.`);
}

async function saveLogin({ username, alias, instanceUrl, accessToken }: Login): Promise<void> {
  const info = await AuthInfo.create({
    username,
    accessTokenOptions: { accessToken, instanceUrl, loginUrl: instanceUrl },
  });
  await info.save();
  await info.handleAliasAndDefaultSettings({ alias, setDefault: false, setDefaultDevHub: false });
}

if (import.meta.main) {
  const [login] = (await once(process, 'message')) as [Login];
  await saveLogin(login);
  process.disconnect();
}
