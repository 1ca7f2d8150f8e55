import type { LoggedRequest } from '../../src/practice/requestLog.ts';
import type { CommandOfCampaign } from './commands.ts';
import { judgeFailure, judgeSecondRun, judgeSuccess, type Wanted } from './judge.ts';
import type { Kind } from './kinds.ts';
import { stateOf } from './orgState.ts';
import { run } from './run.ts';
import { filesIn, letMinutePass, type Login, setStage, type Stage } from './scene.ts';

/** A run of a command that nothing disturbs: what it asks the org for, and what comes of it. */
export type CleanRun = Wanted & { requests: LoggedRequest[] };

const cleanRuns = new Map<string, Promise<CleanRun>>();

/** The undisturbed run of a command; made once. */
export const cleanRunOf = (command: CommandOfCampaign, login: Login = 'access-token'): Promise<CleanRun> => {
  const key = `${command.title} ${login}`;
  const made = cleanRuns.get(key) ?? makeCleanRun(command, login);
  cleanRuns.set(key, made);
  return made;
};

const makeCleanRun = (command: CommandOfCampaign, login: Login): Promise<CleanRun> =>
  onStage(command, login, async (stage) => {
    stateOf(stage.org);
    const { error, exitCode, output } = await run(command, stage);
    if (error || exitCode !== 0) {
      throw new Error(`${command.title} fails undisturbed (exit code ${exitCode}): ${error?.message ?? output}`);
    }
    const requests = stage.practice.requests.entries();
    return { requests, state: stateOf(stage.org), files: filesIn(stage.folder) };
  });

/** Does something on a stage of its own. */
export const onStage = async <T>(
  command: CommandOfCampaign,
  login: Login,
  work: (stage: Stage) => Promise<T>,
): Promise<T> => {
  const stage = await setStage(command, login);
  try {
    return await work(stage);
  } finally {
    await stage.close();
  }
};

/**
 * A request that a kind of fault can happen to. It has a place among all requests of the command, and among those that
 * the fault hits, from 1.
 */
type FaultPlace = { nth: number; nthHit: number; request: LoggedRequest };

export const placesOf = (requests: LoggedRequest[], { hits }: Kind): FaultPlace[] =>
  requests
    .map((request, index) => ({ nth: index + 1, request }))
    .filter(({ request }) => hits(request))
    .map((place, index) => ({ ...place, nthHit: index + 1 }));

/** Runs a command with one fault at one request, and once more without; says what did not hold. */
export const tryFault = (command: CommandOfCampaign, kind: Kind, { nth, nthHit }: FaultPlace): Promise<string[]> =>
  onStage(command, kind.login ?? 'access-token', async (stage) => {
    const wanted = await cleanRunOf(command, kind.login);
    const before = stateOf(stage.org);
    const place = kind.only ? { ...kind.only, nth: nthHit } : { nth };
    stage.faults.push({ ...place, onwards: kind.onwards, fault: kind.fault });
    const first = await run(command, stage);
    const complaints =
      kind.expects === 'success'
        ? judgeSuccess(first, stage, wanted)
        : judgeFailure(command, first, stage, before, wanted, kind.expects);
    stage.faults.length = 0;
    letMinutePass(stage);
    const second = await run(command, stage, ['--json']);
    return [...complaints, ...judgeSecondRun(second, stage, wanted)];
  });

/** A request in words: which one it is, and what it is about. */
export const placeOf = (nth: number, { method, path, query, summary }: LoggedRequest): string => {
  const about = /\bFROM (\w+)/.exec(query.q ?? '')?.[1] ?? summary;
  return [`request ${nth},`, method, path.replace(/^\/services\/data\/v[\d.]+/, ''), about && `(${about})`]
    .filter(Boolean)
    .join(' ');
};
