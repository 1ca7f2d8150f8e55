import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Cli } from '../../test/e2e/cli.ts';
import { makeProject, type Stage, STANDING } from './contests.ts';
import { yamlOf } from './metadata.ts';

/** A practice org in the background, and a project that its commands are run in. */
export type BenchOrg = {
  alias: string;
  latency: number;
  instanceUrl: string;
  pid: number;
  /** A stage with everything but the round. */
  stage: Omit<Stage, 'round' | 'spare'>;
};

type Started = { instanceUrl: string; username: string; integrationUsername: string; pid: number };

export const startOrg = async (sf: Cli, alias: string, latency: number): Promise<BenchOrg> => {
  const { result } = await sure<Started>(sf, [
    ...['eca', 'practice', 'start', '--alias', alias, '--latency', String(latency)],
  ]);
  const { instanceUrl, username, integrationUsername, pid } = result;
  const project = join(sf.home, alias);
  mkdirSync(project);
  makeProject(project);
  return {
    alias,
    latency,
    instanceUrl,
    pid,
    stage: { org: alias, runAs: integrationUsername, username, project },
  };
};

/** Makes the app that the reading commands read, with a user of its own. */
export const furnish = async (sf: Cli, { alias, stage }: BenchOrg): Promise<void> => {
  const file = join(stage.project, 'standing.yaml');
  writeFileSync(file, yamlOf([STANDING], stage.runAs));
  await sure(sf, ['eca', 'apply', '--no-prompt', '--file', file, '--target-org', alias]);
  await sure(sf, [
    ...['eca', 'user', 'create', '--name', STANDING, '--base-username', 'order-sync@example.com', '--no-prompt'],
    ...['--target-org', alias],
  ]);
};

/** An access token of a practice org's admin, to log in with once more. */
export const tokenOf = async (sf: Cli, { alias }: BenchOrg): Promise<string> => {
  const { result } = await sure<{ accessToken: string }>(sf, [
    ...['org', 'auth', 'show-access-token', '--no-prompt', '--target-org', alias],
  ]);
  return result.accessToken;
};

/** Ends the org's process, whoever is still logged in. */
export const endOrg = ({ pid }: BenchOrg): void => {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // The practice org has ended by itself.
  }
};

/** Runs a command that has to work for the rest to make sense. */
const sure = async <Result>(sf: Cli, args: string[]): Promise<{ result: Result }> => {
  const answer = await sf.json<Result>(args);
  if (answer.status !== 0) throw new Error(`sf ${args.join(' ')}: ${answer.message ?? 'failed, and says no more'}`);
  return answer;
};
