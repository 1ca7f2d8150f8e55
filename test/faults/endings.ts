import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Fault, type OnWire, openFaultyWire } from '../faultyWire.ts';
import type { CommandOfCampaign } from './commands.ts';
import type { Hazard } from './hazards.ts';
import { judgeFiles, judgeSecondRun, judgeState, KILLED, type Wanted } from './judge.ts';
import { type OrgState, stateOf } from './orgState.ts';
import { run } from './run.ts';
import { journalOf, letMinutePass, logIn, type Stage } from './scene.ts';
import { cleanRunOf, onStage } from './trials.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

type Ended = { code: number; output: string };

/** Starts a command as a process of its own, in the home folder of this one. */
const start = ({ words, flags }: CommandOfCampaign, stage: Stage) => {
  const args = ['eca', ...words.split(' '), '--target-org', stage.username, ...flags(stage)];
  const { PATH, HOME, USERPROFILE, SF_LOG_LEVEL } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    cwd: homedir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH,
      HOME,
      USERPROFILE,
      SF_LOG_LEVEL,
      SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
      SF_DISABLE_TELEMETRY: 'true',
      NO_COLOR: '1',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const ended = once(child, 'close').then(([code]): Ended => {
    const bySignal = child.signalCode === 'SIGKILL' ? 137 : 130;
    return { code: (code as number | null) ?? bySignal, output };
  });
  return { child, ended };
};

/** Runs a command as a process of its own, and is told of each of its requests, from 1. */
const runInProcess = async (
  command: CommandOfCampaign,
  stage: Stage,
  onRequest: (nth: number, child: ReturnType<typeof start>['child'], request: OnWire) => Fault | undefined,
): Promise<Ended & { requests: number }> => {
  const { org, practice, username } = stage;
  let started: ReturnType<typeof start> | undefined;
  let requests = 0;
  const wire = await openFaultyWire(practice, (request) =>
    started ? onRequest(++requests, started.child, request) : undefined,
  );
  try {
    await logIn(org, username, wire.url);
    practice.requests.clear();
    started = start(command, stage);
    const ended = await started.ended;
    // The org may still be busy with what it was asked for last.
    for (let tries = 0; tries < 100 && practice.requests.entries().length < requests; tries++) await pause(10);
    return { ...ended, requests };
  } finally {
    org.instanceUrl = practice.url;
    await logIn(org, username, practice.url);
    await wire.close();
  }
};

const requestCounts = new Map<string, Promise<number>>();

/** How many requests a command makes as a process of its own. */
const requestsOf = (command: CommandOfCampaign): Promise<number> => {
  const counted =
    requestCounts.get(command.title) ??
    onStage(command, 'access-token', async (stage) => {
      const { code, requests, output } = await runInProcess(command, stage, () => undefined);
      if (code !== 0) throw new Error(`${command.title} fails undisturbed (exit code ${code}): ${output}`);
      return requests;
    });
  requestCounts.set(command.title, counted);
  return counted;
};

type Ending = Pick<Hazard, 'title' | 'meaning' | 'promise'> & {
  signal: 'SIGKILL' | 'SIGINT';
  /** What happens to the answer of the request at which the process is ended. */
  answer: Fault | undefined;
  judge: (command: CommandOfCampaign, ended: Ended, stage: Stage, before: OrgState, wanted: Wanted) => string[];
};

const endingAtEachRequest = ({ title, meaning, promise, signal, answer, judge }: Ending): Hazard => ({
  title,
  meaning,
  promise,
  places: async (command) => {
    if (!command.writes) return [];
    const count = await requestsOf(command);
    return Array.from({ length: count }, (_, index) => ({
      title: `request ${index + 1}`,
      attempt: () =>
        onStage(command, 'access-token', async (stage) => {
          const wanted = await cleanRunOf(command);
          const before = stateOf(stage.org);
          const ended = await runInProcess(command, stage, (nth, child) => {
            if (nth !== index + 1) return undefined;
            child.kill(signal);
            return answer;
          });
          const complaints = judge(command, ended, stage, before, wanted);
          letMinutePass(stage);
          const second = await run(command, stage, ['--json']);
          return [...complaints, ...judgeSecondRun(second, stage, wanted)];
        }),
    }));
  },
});

/** Nothing can be tidied up; the next run does it. */
export const kill = endingAtEachRequest({
  title: 'kill -9',
  meaning: 'the process is killed while the org does what it was asked for',
  promise: 'the next run goes on from there',
  signal: 'SIGKILL',
  answer: 'lost',
  judge: (command, { code }, stage, before, wanted) => [
    ...(code === 137 ? [] : [`it had ended by itself, with exit code ${code}`]),
    // What a killed run has left open it could not say.
    ...judgeState(command, stateOf(stage.org), before, wanted.state, KILLED),
    ...judgeFiles(stage, wanted, false),
  ],
});

/** The command is asked to end, and may tidy up before it does. */
export const ctrlC = endingAtEachRequest({
  title: 'Ctrl-C',
  meaning: 'the process is interrupted while the org does what it was asked for',
  promise: 'ends, with nothing left open',
  signal: 'SIGINT',
  answer: undefined,
  judge: (command, { code, output }, stage, before, wanted) => [
    ...([0, 130].includes(code) ? [] : [`exit code ${code}: ${output.trim().slice(-300)}`]),
    ...judgeState(command, stateOf(stage.org), before, wanted.state),
    ...judgeFiles(stage, wanted, false),
    ...journalOf(stage).map((file) => `the journal has ${file}`),
  ],
});
