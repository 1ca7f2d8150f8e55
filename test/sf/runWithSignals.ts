import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { createPracticeServer } from '../../src/practice/practice.ts';
import type { Cli, Outcome } from '../e2e/cli.ts';
import type { Logins } from '../e2e/login.ts';
import type { CommandOfCampaign } from '../faults/commands.ts';
import { type OrgState, stateOf } from '../faults/orgState.ts';
import { type OnWire, openFaultyWire } from '../faultyWire.ts';

/** Starts a command at a terminal of its own, whatever process is told to end. Its arguments hold no blanks. */
export const AT_TERMINAL = ['sh', '-c', 'exec script -qefc "$*" /dev/null', 'sh'];

/** The signals that end a run, and what its exit code is then. */
export const EXIT_CODES = { SIGINT: 130, SIGQUIT: 131, SIGTERM: 143, SIGHUP: 129 } as const;

export type Signal = keyof typeof EXIT_CODES;

/** Where a run is with the org's switch for secrets when it is told to end. */
export type Moment = 'opening' | 'reading' | 'closing';

export const MOMENTS: Moment[] = ['opening', 'reading', 'closing'];

type Command = Pick<CommandOfCampaign, 'words' | 'prepare' | 'flags' | 'variants'> & {
  /** How long the org does not know what was changed, in seconds. */
  propagation?: number;
};

type Signals = {
  /** When the run is told to end: at a moment, at a request (counted from 1), or at a text. */
  moment: Moment | number | RegExp;
  /** Sends the first signal, and may send others; the run waits meanwhile. */
  send: (child: ChildProcess) => void | Promise<void>;
  /** Runs the same command once more afterwards, with nothing in its way. */
  again?: boolean;
  /** How long the org goes on waiting with its answer, in milliseconds; until the run has ended when absent. */
  holdMs?: number;
  /** The process that is seen is a terminal: the command in it may end later. */
  atTerminal?: boolean;
};

/** Does a request write metadata, by a deploy or by a call that the org carries out at once? */
export const writesMetadata = ({ method, path, body }: OnWire): boolean =>
  method === 'POST' && (path.endsWith('/deployRequest') || body.includes('updateMetadata'));

/** The process at the end of a row of processes. Each started the next one, as `script` does with a command. */
export const lastOf = (pid: number): number => {
  const [next] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return next ? lastOf(Number(next)) : pid;
};

/** How the org is, and what this machine remembers of it. */
type State = { switchIsOpen: boolean; journal: string[] };

/** What came of a run that was told to end. */
export type Ended = Outcome &
  State & {
    /** Did the run get to the moment? */
    signalled: boolean;
    /** How long it went on after the first signal, in milliseconds. */
    tookMs: number;
    /** The consumer secrets of the org. */
    secrets: string[];
    /** The requests of the run, in order. */
    requests: OnWire[];
    /** All that the org had before the run, and has after it. */
    before: OrgState;
    after: OrgState;
    /** What came of the second run. */
    again?: Outcome & State;
  };

/**
 * Runs a command in an org of its own, and tells it to end at a moment.
 *
 * @param logins makes logins in the home folder of `cli`
 */
export const runWithSignals = async (
  cli: Cli,
  logins: Logins,
  { words, prepare, flags, variants, propagation }: Command,
  { moment, send, again, holdMs, atTerminal }: Signals,
): Promise<Ended> => {
  const practice = await createPracticeServer({ variants: { 'staged-pair': 'works', ...variants }, propagation });
  const { org } = practice;
  const folder = mkdtempSync(join(cli.home, 'trial-'));
  prepare?.({ org, folder });
  const before = stateOf(org);

  let run: { child: ChildProcess; ended: Promise<void> } | undefined;
  let signalledAt = 0;
  const requests: OnWire[] = [];
  let writes = 0;
  const isAt = (request: OnWire): boolean => {
    if (writesMetadata(request)) writes += 1;
    if (moment instanceof RegExp) return false;
    if (typeof moment === 'number') return requests.length === moment;
    if (moment === 'reading') return writes === 1 && request.path.includes('/oauth/credentials/');
    return writesMetadata(request) && writes === (moment === 'opening' ? 1 : 2);
  };
  const wire = await openFaultyWire(practice, async (request) => {
    if (!run) return undefined;
    requests.push(request);
    if (signalledAt > 0 || !isAt(request)) return undefined;
    const { child, ended } = run;
    signalledAt = Date.now();
    await send(child);
    await (holdMs === undefined ? ended : Promise.race([ended, pause(holdMs)]));
    return undefined;
  });

  try {
    const username = String(org.seeded.admin.Username);
    await logins.logIn({ username, instanceUrl: wire.url, accessToken: practice.accessToken });
    const args = ['eca', ...words.split(' '), '--target-org', username, ...flags({ org, folder })];
    const settings = org.settings.ExternalClientAppSettings as Record<string, boolean>;
    const state = (): State => ({
      switchIsOpen: settings.enableClientSecretInRestApiAccess === true,
      journal: journalOf(cli.home, [org.orgId.slice(0, 15), new URL(wire.url).port]),
    });
    let shown = '';
    const outcome = await cli.run(args, {
      keepStdin: atTerminal,
      onStart: (child) => (run = { child, ended: new Promise((resolve) => child.once('exit', () => resolve())) }),
      onOutput: (text) => {
        shown += text;
        if (!run || signalledAt > 0 || !(moment instanceof RegExp && moment.test(shown))) return;
        signalledAt = Date.now();
        void send(run.child);
      },
    });
    const tookMs = Date.now() - signalledAt;
    const isLeft = ({ switchIsOpen, journal }: State): boolean => switchIsOpen || journal.length > 0;
    for (let tries = 0; atTerminal && tries < 100 && isLeft(state()); tries += 1) await pause(200);
    // The org may still be busy with what it was asked for last.
    for (let tries = 0; tries < 100 && practice.requests.entries().length < requests.length; tries += 1)
      await pause(10);
    const left = state();
    const after = stateOf(org);
    const secrets = [...org.consumers.values()].flatMap(({ primary, staged }) =>
      [primary, staged].flatMap((pair) => (pair ? [pair.secret] : [])),
    );
    return {
      ...{ ...outcome, ...left, signalled: signalledAt > 0, tookMs, secrets, requests, before, after },
      ...(again && { again: { ...(await cli.run(args)), ...state() } }),
    };
  } finally {
    await wire.close();
    await practice.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The files that say that somebody still has to close the switch of an org, or to give access back. */
const journalOf = (home: string, names: string[]): string[] => {
  const folder = join(home, '.sf', 'sf-plugin-eca');
  return (existsSync(folder) ? readdirSync(folder) : []).filter(
    (file) => /^(secret-access|grants)-.*\.json$/.test(file) && names.some((name) => file.includes(name)),
  );
};
