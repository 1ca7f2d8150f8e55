/**
 * The fault campaign (`npm run test:faults`). Each command meets each kind of fault at each of its requests. Its
 * process and its disk fail, too. Each trial has a practice org of its own. Three things are judged: what the org and
 * the files are afterwards, what the command said, and a second run. What was tried and what held goes to
 * docs/reliability.md.
 *
 *     npm run test:faults                            all, and write the report
 *
 *     npm run test:faults -- --quick                 one place for each command and each kind of fault; no report
 *
 *     npm run test:faults -- --command create --hazard 503
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { COMMANDS } from './commands.ts';
import { HAZARDS } from './hazards.ts';
import { report } from './report.ts';
import type { Task, Tried } from './worker.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, command: { type: 'string' }, hazard: { type: 'string' } },
});

const TRIED = COMMANDS.filter(({ makesKey }) => !makesKey);

const all = TRIED.flatMap(({ title: command }) =>
  HAZARDS.map(({ title: hazard }): Task => ({ command, hazard, sample: values.quick })),
);
const tasks = all.filter(
  ({ command, hazard }) => command === (values.command ?? command) && hazard === (values.hazard ?? hazard),
);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Leaves the counts where scripts/check.ts adds them up. */
const leaveCounts = (file: string | undefined, counts: { passed: number; failed: number; skipped: number }): void => {
  if (!file) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(counts));
};

/** Starts a worker with a home folder of its own. */
const startWorker = (): ChildProcess => {
  const home = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-faults-'));
  process.on('exit', () => rmSync(home, { recursive: true, force: true }));
  const child = fork(join(import.meta.dirname, 'worker.ts'), {
    // Spinners and warnings of Node's find their way past those who listen.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      USERPROFILE: home,
      SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
      SF_DISABLE_TELEMETRY: 'true',
      NO_COLOR: '1',
      // The workers look through the logs, so as much as can be is to be in them.
      SF_LOG_LEVEL: 'trace',
      NODE_NO_WARNINGS: '1',
    },
  });
  return child;
};

const next = (child: ChildProcess, task: Task): Promise<Tried> =>
  new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(`The worker ended at ${task.command}, ${task.hazard}.`));
    child.once('exit', ended);
    child.once('message', (tried: Tried) => {
      child.off('exit', ended);
      resolve(tried);
    });
    child.send(task);
  });

/** Gives a worker one task after the other, until there are none. */
const work = async (waiting: Task[], results: Tried[]): Promise<void> => {
  const child = startWorker();
  for (let task = waiting.shift(); task; task = waiting.shift()) {
    const tried = await next(child, task);
    results.push(tried);
    tell(tried);
  }
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
};

/** Says how it went. Places at which the same was wrong are told together. */
const tell = ({ command, hazard, tried, failures }: Tried): void => {
  if (tried === 0) return;
  say(`${command} · ${hazard}: ${tried - failures.length} of ${tried}`);
  const complaints = failures.flatMap(({ place, complaints }) => complaints.map((complaint) => ({ place, complaint })));
  for (const [complaint, places] of Map.groupBy(complaints, (one) => one.complaint)) {
    say(`    ${complaint.replaceAll('\n', '\n    ')}\n      at ${places.map(({ place }) => place).join('; ')}`);
  }
};

// The home folders go when this process ends, also when it is told to.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const results: Tried[] = [];
const WAITING = [...tasks];
// Much of the time of a trial is waiting, so there are more workers than processors.
await Promise.all(Array.from({ length: 2 * availableParallelism() }, () => work(WAITING, results)));

const failed = results.reduce((sum, { failures }) => sum + failures.length, 0);
const passed = results.reduce((sum, { tried }) => sum + tried, 0) - failed;
if (tasks.length === all.length && !values.quick) {
  writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'reliability.md'), await report(TRIED, HAZARDS, results));
}
leaveCounts(process.env.TEST_COUNTS, { passed, failed, skipped: 0 });
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
