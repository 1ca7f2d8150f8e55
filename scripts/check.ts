/**
 * `npm run check`: what must hold before a change lands, beside `npm test`. `.ci/run` runs both.
 * The last line is `N passed, N failed`: the tests, plus one for each check that failed outside a test run.
 *
 * With `--fast` it is what a pull request waits for: static checks, unit tests, and one end-to-end test.
 * With `--after FILE` the tests that ran before count as well. The file is what their run left for TEST_COUNTS.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { VARIANTS } from '../src/practice/variants.ts';

type Check = {
  title: string;
  /** The npm script that does it. */
  script: string;
  /** Beside and over this process's own environment. */
  env?: Record<string, string>;
  /** After so long it is stopped and counts as failed. */
  minutes: number;
};

/** What a test run leaves: its counts, and the titles of the tests that failed. */
type Counts = { passed: number; failed: number; skipped: number; failures?: string[] };

/**
 * The second answers of the practice org's variants, or the third, as many at once as possible. Where a variant has no such
 * answer, the org gives its first. The questions are independent, so every answer is met without every combination.
 */
const answersOf = (nth: 2 | 3): string =>
  Object.entries(VARIANTS)
    .flatMap(([name, answers]: [string, readonly string[]]) => {
      const answer = answers[nth - 1];
      return answer === undefined ? [] : [`${name}=${answer}`];
    })
    .join(' ');

const BUILD: Check = { title: 'Build', script: 'build', minutes: 3 };

/** What finds a mistake soonest, and needs no org. Each keeps one processor busy, so they run side by side. */
const STATIC_CHECKS: Check[] = [
  { title: 'Types of tests and scripts', script: 'types', minutes: 6 },
  { title: 'Lint: code', script: 'lint:code', minutes: 10 },
  { title: 'Lint: format', script: 'lint:format', minutes: 4 },
  { title: 'Lint: layers', script: 'lint:layers', minutes: 2 },
  { title: 'Lint: unused files, exports and packages', script: 'lint:unused', minutes: 2 },
];

/** Does a file that is made from others say what they say? */
const COMPARISONS: Check[] = [
  { title: 'Command snapshot', script: 'snapshot:compare', minutes: 2 },
  { title: 'Schemas of the results', script: 'schemas:compare', minutes: 3 },
  { title: 'Schema of eca.yaml', script: 'schema:eca:compare', minutes: 2 },
  { title: "Schema of the practice org's metadata", script: 'schema:practice:compare', minutes: 2 },
  { title: 'Keys of the texts', script: 'messages:compare', minutes: 2 },
  { title: 'Table of fields', script: 'fields:compare', minutes: 2 },
  { title: 'Pages of the rules', script: 'docs:rules:compare', minutes: 2 },
  { title: "Commands' pages regenerated", script: 'docs:commands:compare', minutes: 2 },
  { title: 'Secrets', script: 'secrets', minutes: 2 },
];

/** The tests that a pull request waits for. They use all processors by themselves. */
const FAST_TESTS: Check[] = [
  { title: 'Unit tests', script: 'test:unit', minutes: 20 },
  { title: 'The five steps', script: 'test:e2e:one', minutes: 5 },
];

/** The tests that `npm test` leaves out. */
const LONG_TESTS: Check[] = [
  {
    title: 'End-to-end tests, where the org gives its second answers',
    script: 'test:e2e:variants',
    env: { SF_ECA_TEST_VARIANTS: answersOf(2) },
    minutes: 20,
  },
  {
    title: 'The page about moving Connected Apps, where the org gives its second answers',
    script: 'test:docs:moving',
    env: { SF_ECA_TEST_VARIANTS: answersOf(2) },
    minutes: 10,
  },
  // Few questions have a third answer. All others get their first here.
  {
    title: 'Commands of the pages, where the org gives its third answers',
    script: 'test:docs',
    env: { SF_ECA_TEST_VARIANTS: answersOf(3) },
    minutes: 30,
  },
  { title: 'Faults, one of each kind for each command', script: 'test:faults:quick', minutes: 25 },
  { title: "With Salesforce's own CLI", script: 'test:sf', minutes: 45 },
];

const { values: options } = parseArgs({ options: { fast: { type: 'boolean' }, after: { type: 'string' } } });

const countsFolder = join(import.meta.dirname, '..', '.tmp', 'counts');

const running = new Set<ChildProcess>();

/** Ends a check and all that it started: it is a process group of its own. */
const stop = ({ pid, exitCode }: ChildProcess, signal: NodeJS.Signals): void => {
  if (pid !== undefined && exitCode === null) process.kill(-pid, signal);
};

process.once('SIGINT', () => {
  for (const child of running) stop(child, 'SIGTERM');
  process.exit(130);
});

type Ended = { ok: boolean; output: string };

/** Runs one npm script. What it prints is shown at once when it runs `alone`, and is given back when others run beside it. */
const run = (check: Check, countsFile: string, alone: boolean): Promise<Ended> => {
  const stdio = alone ? 'inherit' : 'pipe';
  const child = spawn('npm', ['run', '--silent', check.script], {
    stdio: ['ignore', stdio, stdio],
    detached: true,
    env: { ...process.env, ...check.env, TEST_COUNTS: countsFile },
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const timer = setTimeout(() => {
    output += `Stopped: not done after ${check.minutes} minutes.\n`;
    stop(child, 'SIGKILL');
  }, check.minutes * 60_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ ok: code === 0, output });
    });
  });
};

/**
 * The content of a test run's counts file. Undefined without a file: the script was no test run, or it ended too early.
 */
const readCounts = (file: string): Counts | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
};

rmSync(countsFolder, { recursive: true, force: true });
mkdirSync(countsFolder, { recursive: true });

const TOTAL: Counts = { passed: 0, failed: 0, skipped: 0 };
const summary: string[] = [];

/** Adds what one check ended with to the total and to the summary. */
const count = (title: string, ok: boolean, counts: Counts | undefined, took = ''): void => {
  TOTAL.passed += counts?.passed ?? 0;
  TOTAL.skipped += counts?.skipped ?? 0;
  TOTAL.failed += counts?.failed ?? 0;
  // A check that failed without a failed test counts as one failure; so does a test run without any test.
  const failedAsAWhole = (!ok && !counts?.failed) || (counts !== undefined && counts.passed + counts.failed === 0);
  if (failedAsAWhole) TOTAL.failed += 1;
  const tests = counts ? [`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`] : [];
  summary.push(
    `${ok && !failedAsAWhole ? 'ok    ' : 'FAILED'}  ${title} (${[took, ...tests].filter(Boolean).join(', ')})`,
    // The reports are far above, and a CI system may show the end of its log alone.
    ...(counts?.failures ?? []).map((failure) => `          ${failure}`),
  );
};

if (options.after !== undefined) {
  const counts = readCounts(options.after);
  count('npm test, before', counts?.failed === 0, counts);
}

/** Does one check after the other, as many lanes at once as said, and counts each. */
const carryOut = async (checks: Check[], lanes = 1): Promise<void> => {
  const waiting = [...checks];
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const heading = `\n=== ${check.title} (npm run ${check.script}) ===\n`;
      if (lanes === 1) console.log(heading);
      // A script may run more than once, with another environment.
      const countsFile = join(countsFolder, `${summary.length}-${check.script.replaceAll(':', '-')}.json`);
      const started = Date.now();
      const { ok, output } = await run(check, countsFile, lanes === 1);
      if (lanes > 1) console.log(heading);
      if (output) console.log(output);
      count(check.title, ok, readCounts(countsFile), `${Math.round((Date.now() - started) / 1000)} s`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
};

await carryOut([BUILD]);
await carryOut(options.fast ? STATIC_CHECKS : [...STATIC_CHECKS, ...COMPARISONS], Math.max(2, availableParallelism()));
await carryOut(options.fast ? FAST_TESTS : LONG_TESTS);

console.log(`\n=== Summary ===\n\n${summary.join('\n')}\n`);
console.log(`${TOTAL.passed} passed, ${TOTAL.failed} failed`);
process.exitCode = TOTAL.failed === 0 && TOTAL.passed > 0 ? 0 : 1;
