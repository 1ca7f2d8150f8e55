import { setImmediate } from 'node:timers/promises';

import type { Connection as OrgConnection } from '@salesforce/core';

import { pasteable } from '../../app/commandLine.ts';
import { ofNature } from '../../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { operation } from '../request/operation.ts';
import { askOrg } from '../request/orgError.ts';
import { pausesOfDeploy, poll } from '../request/polling.ts';
import { resend } from '../request/resend.ts';
import type { Element } from './components.ts';
import { waitForDeploys } from './deploysUnderWay.ts';
import { buildMetadata } from './metadataXml.ts';

const messages = texts('org');

/** One metadata file of a deploy. */
export type DeployFile = {
  /** Metadata type as package.xml names it. */
  type: string;
  fullName: string;
  /** Path in the zip, such as `externalClientApps/Order_Sync.eca`. */
  path: string;
  /** Root element of the file; for settings it is not the type. */
  root: string;
  elements: Element[];
};

/** A component that a deploy takes away. */
export type Deletion = { type: string; fullName: string };

export type DeployOptions = {
  /** The org validates and writes nothing. */
  dryRun: boolean;
  /** How long to wait for the org, in minutes. */
  wait: number;
  /** Called with the deploy's status, as often as the org is asked. */
  onProgress?: (status: string) => void;
  /** Ends the waiting for a deploy that was sent; no second one is sent then. The deploy itself goes on. */
  signal?: AbortSignal;
};

/** A deploy that the org carried out. */
export type Deployed = {
  id: string;
  /** When the org was done, by its own clock; absent where the org does not say. */
  completed?: Date;
};

/** What one component of a refused deploy was refused for. */
export type DeployProblem = { type: string; fullName: string; problem: string };

/**
 * Deploys all files or none, and waits until the org is done. It goes over REST, which takes opaque and JWT access tokens
 * alike.
 *
 * `rollbackOnError` is always on (production insists) and no test level is sent (`NoTestRun` fails in production).
 *
 * @param subject what the deploy changes, for messages: an app's name or a setting
 * @param deletions what is taken away after the files are in; all in the same transaction
 * @throws error.deployFailed with `data: { deployId, problems }`. Also error.deployStillRunning with `data: { deployId }`, or
 *   error.deployOutOfSight when the org no longer answered (exit code 69 both). Else error.deployCanceled, error.deployBefore,
 *   the signal's reason, or what orgSaidNo names
 */
export const deploy = async (
  connection: OrgConnection,
  subject: string,
  files: DeployFile[],
  options: DeployOptions,
  deletions: Deletion[] = [],
): Promise<Deployed> => {
  const zip = Buffer.from(await toZip(files, deletions, connection.getApiVersion()));
  // While a large zip was made, the org may have closed a connection that had nothing to do. Let that be noticed first.
  await setImmediate();
  // Another deploy, or whoever changes users, may hold a record that this one needs; then nothing of it was written.
  return resend(() => deployZip(connection, subject, zip, options), isLocked);
};

/** So many of a deploy's problems are in the error's text, each with so many characters. All are in its data. */
const PROBLEMS_SHOWN = 50;
const LONGEST_PROBLEM = 2000;

const deployZip = async (
  connection: OrgConnection,
  subject: string,
  zip: Buffer,
  { dryRun, wait, onProgress, signal }: DeployOptions,
): Promise<Deployed> => {
  const deploying = operation('deploying', subject);
  const id = await resend(async (tries) => {
    signal?.throwIfAborted();
    // The answer may have been lost, and not the deploy: two of them are not to run at once. Twice the same is as good as once.
    if (tries > 0 && !dryRun) await waitForDeploys(connection, wait, (status) => onProgress?.(status));
    return send(connection, deploying, zip, dryRun);
  });
  const look = async () => {
    const status = await askOrg(connection, deploying, () => connection.metadata.checkDeployStatus(id, true, true));
    onProgress?.(status.status);
    return status.done ? status : undefined;
  };
  const result = await poll(look, wait * 60_000, signal, pausesOfDeploy).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error instanceof SfError ? outOfSight(id, subject, error as SfError) : error;
  });
  if (!result) {
    throw new SfError(
      messages.getMessage('error.deployStillRunning', [String(wait), pasteable(id)]),
      'DeployStillRunningError',
      messages.getMessages('error.deployStillRunning.actions', [pasteable(id)]),
      EXIT_CODE_FOR.stillRunning,
    ).setData({ deployId: id });
  }
  if (result.status === 'Canceled') throw messages.createError('error.deployCanceled', [pasteable(id)]);
  if (!result.success) {
    const problems = problemsOf(result);
    const lines = problems
      .slice(0, PROBLEMS_SHOWN)
      .map(({ type, fullName, problem }) =>
        `- ${[type, fullName].filter(Boolean).join(' ')}: ${problem}`.slice(0, LONGEST_PROBLEM),
      );
    const more = problems.length - PROBLEMS_SHOWN;
    if (more > 0) lines.push(messages.getMessage('deploy.moreProblems', [String(more)]));
    const failed = messages.createError('error.deployFailed', [subject, lines]);
    throw ofNature({ refused: true }, failed.setData({ deployId: id, problems }));
  }
  const completed = new Date(result.completedDate ?? NaN);
  return { id, ...(!Number.isNaN(completed.getTime()) && { completed }) };
};

/** Sends a deploy. @returns its id */
const send = (connection: OrgConnection, deploying: string, zip: Buffer, checkOnly: boolean): Promise<string> =>
  askOrg(connection, deploying, async () => {
    const options = { singlePackage: true, rollbackOnError: true, checkOnly };
    // jsforce's locator is a thenable that polls at its own pace. Only its promise of the job's id is wanted here.
    const { id } = await (connection.metadata.deployRest(zip, options) as PromiseLike<{ id: string }>);
    return id;
  });

const outOfSight = (deployId: string, subject: string, { message, actions }: SfError): SfError => {
  const error = messages.createError(
    'error.deployOutOfSight',
    [subject, message.split('\n')],
    [pasteable(deployId)],
    EXIT_CODE_FOR.stillRunning,
  );
  error.actions = [...(error.actions ?? []), ...(actions ?? [])];
  return error.setData({ deployId });
};

/** Was a deploy refused because somebody else held a record? The texts are those of the exception UNABLE_TO_LOCK_ROW. */
const isLocked = (refused: unknown): boolean => {
  const { problems = [] } = ((refused as SfError).data ?? {}) as { problems?: DeployProblem[] };
  return problems.some(({ fullName, problem }) =>
    /UNABLE_TO_LOCK_ROW|unable to (lock row|obtain exclusive access)/i.test(`${fullName} ${problem}`),
  );
};

type Failure = { componentType?: string | null; fullName: string; problem?: string | null };
type Failed = {
  status: string;
  errorMessage?: string | null;
  errorStatusCode?: string | null;
  details?: { componentFailures?: Failure | Failure[] };
};

const noReason = (): string => messages.getMessage('deploy.noReason');

const problemsOf = ({ status, errorMessage, errorStatusCode, details }: Failed): DeployProblem[] => {
  const failures = [details?.componentFailures ?? []].flat();
  if (failures.length === 0) {
    return [{ type: '', fullName: errorStatusCode ?? status, problem: errorMessage ?? noReason() }];
  }
  return failures.map(({ componentType, fullName, problem }) => ({
    type: componentType ?? '',
    fullName,
    problem: problem ?? noReason(),
  }));
};

const toZip = async (files: DeployFile[], deletions: Deletion[], version: string): Promise<Uint8Array> => {
  // Loaded here, so that help does without.
  const { strToU8, zipSync } = await import('fflate');
  return zipSync(
    {
      'package.xml': strToU8(manifest(files, version)),
      // "Post": after the files, so that what is replaced is never missing in between (Metadata API Developer Guide, "Deleting
      // Components from an Organization").
      ...(deletions.length > 0 && { 'destructiveChangesPost.xml': strToU8(manifest(deletions, version)) }),
      ...Object.fromEntries(files.map(({ path, root, elements }) => [path, strToU8(buildMetadata(root, elements))])),
    },
    // Files of a few lines gain little by compression. With thousands of them it takes longer than all the rest.
    { level: 0 },
  );
};

const manifest = (members: Array<{ type: string; fullName: string }>, version: string): string => {
  const types: Element[] = [...Map.groupBy(members, ({ type }) => type)].map(([type, ofType]) => ({
    name: 'types',
    children: [...ofType.map(({ fullName }) => ({ name: 'members', text: fullName })), { name: 'name', text: type }],
  }));
  return buildMetadata('Package', [...types, { name: 'version', text: version }]);
};
