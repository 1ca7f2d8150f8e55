import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PracticeServerOptions } from './server.ts';

/** What is kept of a practice org that runs in the background. No token: whoever can read the file cannot log in with it. */
export type RunningOrg = {
  alias: string;
  pid: number;
  port: number;
  orgId: string;
  instanceUrl: string;
  username: string;
};

/** A practice org that was just started. `accessToken` is a login of its admin. */
export type PracticeHandle = RunningOrg & { integrationUsername: string; accessToken: string };

/** What the background process says once it listens. */
export type Ready = Omit<PracticeHandle, 'alias'>;

/** Options that can be handed to another process. */
export type StartOptions = Omit<PracticeServerOptions, 'clock'>;

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
 * Starts a practice org in the background and waits until it answers. It goes on when this process ends. `stateDir` is `sf`'s own
 * directory; it is written down there, for stopPracticeOrg. Throws a PracticeProblem: alreadyRunning, portInUse, didNotStart.
 */
export async function startPracticeOrg(
  stateDir: string,
  alias: string,
  options: StartOptions,
): Promise<PracticeHandle> {
  if (await runningPracticeOrg(stateDir, alias)) {
    throw new PracticeProblem('alreadyRunning', `A practice org runs under the alias ${alias} already.`);
  }
  const child = fork(mainFile(), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: withoutLogins(process.env),
  });
  const ready = await readiness(child, options);
  child.disconnect();
  child.unref();
  const { accessToken, integrationUsername, ...rest } = ready;
  const state: RunningOrg = { alias, ...rest };
  const file = fileOf(stateDir, alias);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  return { ...state, integrationUsername, accessToken };
}

/** The practice org of an alias, if it still runs. One that was ended otherwise is forgotten. */
export async function runningPracticeOrg(stateDir: string, alias: string): Promise<RunningOrg | undefined> {
  const state = await stateOf(stateDir, alias);
  if (!state) return undefined;
  if (await answersAs(state)) return state;
  await rm(fileOf(stateDir, alias), { force: true });
  return undefined;
}

/** Ends the practice org of an alias and waits until it is gone. Throws a PracticeProblem: notRunning. */
export async function stopPracticeOrg(stateDir: string, alias: string): Promise<RunningOrg> {
  const state = await runningPracticeOrg(stateDir, alias);
  if (!state) throw new PracticeProblem('notRunning', `No practice org runs under the alias ${alias}.`);
  process.kill(state.pid, 'SIGTERM');
  const until = Date.now() + PATIENCE;
  while (await isAlive(state.pid)) {
    if (Date.now() > until) process.kill(state.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await rm(fileOf(stateDir, alias), { force: true });
  return state;
}

/** The background process's program, beside this file: as source here, built in the package. */
function mainFile(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));
}

/** The practice org needs nothing of what `sf` takes from the environment, tokens among it. */
function withoutLogins(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(SF|SFDX)_/.test(name)));
}

function readiness(child: ChildProcess, options: StartOptions): Promise<Ready> {
  return new Promise((resolve, reject) => {
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
}

function fileOf(stateDir: string, alias: string): string {
  return join(stateDir, 'practice-orgs', `${encodeURIComponent(alias)}.json`);
}

async function stateOf(stateDir: string, alias: string): Promise<RunningOrg | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(stateDir, alias), 'utf8')) as RunningOrg;
  } catch {
    return undefined;
  }
}

/** Is it this very org that answers there? Its process id may be another program's by now, and so may its port. */
async function answersAs({ instanceUrl, orgId, pid }: RunningOrg): Promise<boolean> {
  try {
    const answer = await fetch(`${instanceUrl}/__practice`, { signal: AbortSignal.timeout(3000) });
    const identity = (await answer.json()) as { orgId?: string; pid?: number };
    return identity.orgId === orgId && identity.pid === pid;
  } catch {
    return false;
  }
}

/** Does a process still run? One that has ended, and that nobody has taken note of yet, does not: in a container nobody may. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  // proc(5): the state comes after the name, which is in parentheses and may have some itself.
  const [state] = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).split(') ').at(-1) ?? '';
  return state !== 'Z';
}
