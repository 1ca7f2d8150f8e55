import { homedir } from 'node:os';

import { type Cli, createCli } from './cli.ts';
import { variantFlags } from './variants.ts';

/** What the practice org's own log says of one request. */
export type LoggedRequest = { method: string; path: string; status: number; summary?: string };

/** The org that a suite works with: a practice org of its own or, with SF_ECA_TEST_ORG, a real one. */
export type TestOrg = {
  cli: Cli;
  alias: string;
  /** A real org cannot show its requests and has users and apps of its own. */
  real: boolean;
  username: string;
  instanceUrl: string;
  /** A user for the client-credentials flow; in a real org SF_ECA_TEST_RUN_AS names it. */
  runAs: string;
  /** `base`, made unique in a real org. */
  appName: (base: string) => string;
  /** What was asked of the practice org, oldest first. */
  requests: () => Promise<LoggedRequest[]>;
  /** Ends the practice org; in a real org, deletes what `appName` named. */
  close: () => Promise<void>;
};

type PracticeStart = { instanceUrl: string; username: string; alias: string; integrationUsername: string };

const realAlias = process.env.SF_ECA_TEST_ORG;

export const openOrg = async (options: { cli?: Cli; alias?: string } = {}): Promise<TestOrg> =>
  realAlias ? openRealOrg(realAlias) : openPracticeOrg(options.cli ?? createCli(), options.alias ?? 'practice');

const openPracticeOrg = async (cli: Cli, alias: string): Promise<TestOrg> => {
  const started = await cli.json<PracticeStart>(['eca', 'practice', 'start', '--alias', alias, ...variantFlags]);
  if (started.status !== 0) throw new Error(`The practice org did not start: ${started.message ?? 'no reason given'}`);
  const { instanceUrl, username, integrationUsername } = started.result;
  return {
    cli,
    alias,
    real: false,
    username,
    instanceUrl,
    runAs: integrationUsername,
    appName: (base) => base,
    requests: async () => {
      const answer = await fetch(`${instanceUrl}/__practice/requests`);
      return (await answer.json()) as LoggedRequest[];
    },
    close: async () => {
      await cli.run(['eca', 'practice', 'stop', '--alias', alias]);
      cli.remove();
    },
  };
};

const openRealOrg = (alias: string): Promise<TestOrg> => {
  const runAs = process.env.SF_ECA_TEST_RUN_AS;
  if (!runAs) throw new Error('Set SF_ECA_TEST_RUN_AS to the username of a user for the client-credentials flow.');
  // The user's own logins, and so the user's own environment.
  const { SF_USE_GENERIC_UNIX_KEYCHAIN } = process.env;
  const cli = createCli({ home: homedir(), env: { ...process.env, NO_COLOR: '1', SF_USE_GENERIC_UNIX_KEYCHAIN } });
  const suffix = `_${Date.now().toString(36)}`;
  const names = new Set<string>();
  return Promise.resolve({
    cli,
    alias,
    real: true,
    username: '',
    instanceUrl: '',
    runAs,
    appName: (base) => {
      names.add(`${base}${suffix}`);
      return `${base}${suffix}`;
    },
    requests: () => Promise.reject(new Error('A real org does not show what was asked of it.')),
    close: async () => {
      // Not every test makes the app that it names.
      const { result: apps } = await cli.json<Array<{ name: string }>>(['eca', 'list', '--target-org', alias]);
      for (const { name } of apps.filter((app) => names.has(app.name)))
        await cli.run(['eca', 'delete', '--name', name, '--no-prompt', '--target-org', alias]);
    },
  });
};
