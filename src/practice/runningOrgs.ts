import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isProof } from './proof.ts';
import type { PracticeServerOptions } from './server.ts';

/**
 * The stored data of a practice org that runs in the background. No token: whoever can read the file cannot log in with
 * it.
 */
export type RunningOrg = {
  alias: string;
  pid: number;
  port: number;
  orgId: string;
  instanceUrl: string;
  username: string;
  integrationUsername: string;
  /** What it was started with. */
  options: StartOptions;
};

/** A practice org that was just started. `accessToken` is a login of its admin. */
export type PracticeHandle = RunningOrg & { accessToken: string };

/** The message of the background process once it listens. */
export type Ready = Omit<PracticeHandle, 'alias' | 'options'>;

/** Options that can be handed to another process. */
export type StartOptions = Omit<PracticeServerOptions, 'clock'>;

/** The content of the file: the data and the nonce, which only the process itself knows otherwise. */
type Kept = RunningOrg & { nonce: string };

export type PracticeProblemCode = 'alreadyRunning' | 'portInUse' | 'didNotStart' | 'notRunning';

/** Why a practice org was not started or stopped. */
export class PracticeProblem extends Error {
  readonly code: PracticeProblemCode;

  constructor(code: PracticeProblemCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Milliseconds that a practice org has to start or to stop. */
const PATIENCE = 15_000;

/**
 * Starts a practice org in the background and waits until it answers. The practice org continues after this process
 * ends. `stateDir` is `sf`'s own directory; it is written down there, for stopPracticeOrg. Throws a PracticeProblem:
 * alreadyRunning, portInUse, didNotStart.
 */
export const startPracticeOrg = async (
  stateDir: string,
  alias: string,
  options: StartOptions,
): Promise<PracticeHandle> => {
  if (await runningPracticeOrg(stateDir, alias)) {
    throw new PracticeProblem('alreadyRunning', `A practice org runs under the alias ${alias} already.`);
  }
  const child = fork(mainFile(), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: ownEnvironment(process.env),
  });
  const nonce = randomBytes(32).toString('base64url');
  const ready = await readiness(child, { ...options, nonce });
  child.disconnect();
  child.unref();
  const { accessToken, ...rest } = ready;
  const state: RunningOrg = { alias, ...rest, options };
  const file = fileOf(stateDir, alias);
  await mkdir(dirname(file), { recursive: true });
  // A file that was there would keep the mode it has.
  await rm(file, { force: true });
  const kept: Kept = { ...state, nonce };
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return { ...state, accessToken };
};

/** The practice org of an alias, if it still runs. A practice org that was ended in another way is forgotten. */
export const runningPracticeOrg = async (stateDir: string, alias: string): Promise<RunningOrg | undefined> => {
  const kept = await keptOf(stateDir, alias);
  if (!kept) return undefined;
  const { nonce: _nonce, ...state } = kept;
  if (await answersAs(kept)) return state;
  await rm(fileOf(stateDir, alias), { force: true });
  return undefined;
};

/** Ends the practice org of an alias and waits until it is gone. Throws a PracticeProblem: notRunning. */
export const stopPracticeOrg = async (stateDir: string, alias: string): Promise<RunningOrg> => {
  const state = await runningPracticeOrg(stateDir, alias);
  if (!state) throw new PracticeProblem('notRunning', `No practice org runs under the alias ${alias}.`);
  const ours = await processOf(state.pid);
  signal(state.pid, 'SIGTERM');
  const until = Date.now() + PATIENCE;
  // Another process that gets the id of one that has ended is not waited for, and not ended.
  for (let now = ours; now !== undefined && now === ours; now = await processOf(state.pid)) {
    if (Date.now() > until) signal(state.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await rm(fileOf(stateDir, alias), { force: true });
  return state;
};

/** The background process's program, beside this file: as source here, built in the package. */
const mainFile = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));

/**
 * Variables that Node, the locale and temporary files need. Other variables may hold secrets, which would stay in the
 * process for as long as it runs. Proxies are not among them: a practice org asks nobody anything, and a proxy's
 * address may hold a password.
 */
const NEEDED_VARIABLES =
  /^(PATH|NODE_OPTIONS|NODE_V8_COVERAGE|NODE_ICU_DATA|LD_LIBRARY_PATH|TMPDIR|TMP|TEMP|TZ|LANG|LANGUAGE|LC_\w+|SYSTEMROOT|WINDIR)$/i;

const ownEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED_VARIABLES.test(name)));

const readiness = (child: ChildProcess, options: StartOptions): Promise<Ready> =>
  new Promise((resolve, reject) => {
    const fail = (code: PracticeProblemCode, message: string): void => {
      clearTimeout(timer);
      child.kill();
      reject(new PracticeProblem(code, message));
    };
    const timer = setTimeout(
      () => fail('didNotStart', `It did not answer within ${PATIENCE / 1000} seconds.`),
      PATIENCE,
    );
    child.once('error', (error) => fail('didNotStart', error.message));
    child.once('exit', (code) => fail('didNotStart', `Its process ended with exit code ${code ?? 'unknown'}.`));
    child.once('message', (message: Ready | { problem: string; portInUse: boolean }) => {
      if ('problem' in message) return fail(message.portInUse ? 'portInUse' : 'didNotStart', message.problem);
      clearTimeout(timer);
      child.removeAllListeners('exit');
      return resolve(message);
    });
    child.send(options);
  });

const fileOf = (stateDir: string, alias: string): string =>
  join(stateDir, 'practice-orgs', `${encodeURIComponent(alias)}.json`);

const keptOf = async (stateDir: string, alias: string): Promise<Kept | undefined> => {
  try {
    return JSON.parse(await readFile(fileOf(stateDir, alias), 'utf8')) as Kept;
  } catch {
    return undefined;
  }
};

/** Is it this very org that answers there? Its process id may be another program's by now, and so may its port: it has to prove it. */
const answersAs = async ({ nonce, instanceUrl, ...state }: Kept): Promise<boolean> => {
  if (typeof nonce !== 'string' || nonce === '') return false;
  const challenge = randomBytes(32).toString('base64url');
  try {
    const answer = await fetch(`${instanceUrl}/__practice/proof?challenge=${challenge}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(3000),
    });
    const { proof } = (await answer.json()) as { proof?: unknown };
    return isProof(proof, nonce, challenge, state);
  } catch {
    return false;
  }
};

/** A signal for a process that may have ended in the meantime. */
const signal = (pid: number, name: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/**
 * A value that distinguishes a process from a later process with the same id. On Linux it is the start time, elsewhere
 * the id alone. Undefined when there is no process. Also undefined when the process has ended and its parent has not
 * collected it. In a container, possibly no parent does.
 */
const processOf = async (pid: number): Promise<string | undefined> => {
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  if (process.platform !== 'linux') return String(pid);
  // proc(5): the state is the third field. It follows the name, which is in parentheses and may contain parentheses
  // itself.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const [state, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? ['Z'];
  return state === 'Z' ? undefined : rest[STARTED_AT - 4];
};

/** The number of the field with a process's start. */
const STARTED_AT = 22;
