/**
 * The fault campaign (`npm run test:faults`): for each command, each kind of fault at each request that it makes, and what can
 * happen to its process and its disk. Each is tried against a practice org of its own, and judged by what the org and the files
 * are afterwards, by what the command said, and by a second run. What was tried and what held goes to docs/reliability.md.
 *
 *     npm run test:faults                            all, and write the report
 *     npm run test:faults -- --quick                 one place for each command and each kind of fault; no report
 *     npm run test:faults -- --command create --hazard 503
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commands } from './commands.ts';
import { hazards } from './hazards.ts';
import { report } from './report.ts';
import type { Task, Tried } from './worker.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, command: { type: 'string' }, hazard: { type: 'string' } },
});

const all = commands.flatMap(({ title: command }) =>
  hazards.map(({ title: hazard }): Task => ({ command, hazard, sample: values.quick })),
);
const tasks = all.filter(
  ({ command, hazard }) => command === (values.command ?? command) && hazard === (values.hazard ?? hazard),
);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Starts a worker with a home folder of its own. */
const startWorker = (): { child: ChildProcess; home: string } => {
  const home = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-faults-'));
  const child = fork(join(import.meta.dirname, 'worker.ts'), {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      USERPROFILE: home,
      SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
      SF_DISABLE_TELEMETRY: 'true',
      NO_COLOR: '1',
      // What the commands log is not for their users; that no secret is in it is another test's (test/e2e/secrets.test.ts).
      SF_DISABLE_LOG_FILE: 'true',
      NODE_NO_WARNINGS: '1',
    },
  });
  return { child, home };
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
  const { child, home } = startWorker();
  for (let task = waiting.shift(); task; task = waiting.shift()) {
    const tried = await next(child, task);
    results.push(tried);
    tell(tried);
  }
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  rmSync(home, { recursive: true, force: true });
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

const results: Tried[] = [];
const waiting = [...tasks];
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, () => work(waiting, results)));

const failed = results.reduce((sum, { failures }) => sum + failures.length, 0);
const passed = results.reduce((sum, { tried }) => sum + tried, 0) - failed;
if (tasks.length === all.length && !values.quick) {
  writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'reliability.md'), await report(commands, hazards, results));
}
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
