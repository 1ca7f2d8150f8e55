import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Cli } from '../../test/e2e/cli.ts';
import { makeProject, type Stage, STANDING } from './contests.ts';
import { yamlOf } from './metadata.ts';

/** A kind of org: how long a request takes, and how long a deploy or a retrieve does, in milliseconds. */
export type OrgKind = { alias: string; name: string; latency: number; jobTime: number };

/** The kinds of org that are measured. As users have it, each deploy and each retrieve is a job in a queue. */
export const NEAR: OrgKind = { alias: 'near', name: '0 ms latency', latency: 0, jobTime: 0 };
export const FAR: OrgKind = { alias: 'far', name: '150 ms latency', latency: 150, jobTime: 0 };
export const AS_LIVE: OrgKind = {
  alias: 'live',
  name: 'as live (300 ms latency, jobs of 1.5 s)',
  latency: 300,
  jobTime: 1500,
};

/** A practice org in the background, and a project that its commands are run in. */
export type BenchOrg = {
  alias: string;
  kind: OrgKind;
  instanceUrl: string;
  pid: number;
  /** A stage with everything but the round. */
  stage: Omit<Stage, 'round' | 'spare'>;
};

type Started = { instanceUrl: string; username: string; integrationUsername: string; pid: number };

export const startOrg = async (sf: Cli, kind: OrgKind, alias = kind.alias): Promise<BenchOrg> => {
  const { result } = await sure<Started>(sf, [
    ...['eca', 'practice', 'start', '--alias', alias],
    ...['--latency', String(kind.latency), '--job-time', String(kind.jobTime)],
  ]);
  const { instanceUrl, username, integrationUsername, pid } = result;
  const project = join(sf.home, alias);
  mkdirSync(project);
  makeProject(project);
  return {
    alias,
    kind,
    instanceUrl,
    pid,
    stage: { org: alias, runAs: integrationUsername, username, project },
  };
};

/** Makes three apps. One of them has a user of its own: the reading commands read this one. */
export const furnish = async (sf: Cli, { alias, stage }: BenchOrg): Promise<void> => {
  const file = join(stage.project, 'standing.yaml');
  writeFileSync(file, yamlOf([STANDING, 'Billing', 'Stock'], stage.runAs));
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
