/**
 * `npm run check`: what must hold before a change lands, beside `npm test`. `.ci/run` runs both.
 * The last line is `N passed, N failed`: the tests, plus one for each check that failed outside a test run.
 *
 * With `--fast` it is what a pull request waits for: static checks, unit tests, and one end-to-end test.
 * With `--after FILE` the tests that ran before count as well. The file is what their run left for TEST_COUNTS.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
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

type Counts = { passed: number; failed: number; skipped: number };

/**
 * The other answers of the practice org's variants, as many at once as possible. All second answers come first, then
 * all third answers. The questions are independent of each other, so every answer is met without every combination.
 */
const otherAnswers = [1, 2]
  .map((nth) =>
    Object.entries(VARIANTS).flatMap(([name, answers]: [string, readonly string[]]) =>
      answers[nth] === undefined ? [] : [`${name}=${answers[nth]}`],
    ),
  )
  .filter((answers) => answers.length > 0);

/** What finds a mistake soonest, and needs no org. */
const quickChecks: Check[] = [
  { title: 'Build', script: 'build', minutes: 3 },
  { title: 'Types of tests and scripts', script: 'types', minutes: 3 },
  { title: 'Lint: code', script: 'lint:code', minutes: 5 },
  { title: 'Lint: format', script: 'lint:format', minutes: 2 },
  { title: 'Lint: layers', script: 'lint:layers', minutes: 2 },
  { title: 'Lint: unused files, exports and packages', script: 'lint:unused', minutes: 2 },
];

/** What a pull request waits for. */
const fastChecks: Check[] = [
  ...quickChecks,
  { title: 'Unit tests', script: 'test:unit', minutes: 20 },
  { title: 'The five steps', script: 'test:e2e:one', minutes: 5 },
];

/** All that `npm test` leaves out. */
const longChecks: Check[] = [
  ...quickChecks,
  ...otherAnswers.map((answers) => ({
    title: `End-to-end tests where the org answers ${answers.join(', ')}`,
    script: 'test:e2e',
    env: { SF_ECA_TEST_VARIANTS: answers.join(' ') },
    minutes: 20,
  })),
  { title: 'Faults, one of each kind for each command', script: 'test:faults:quick', minutes: 25 },
  { title: 'Command snapshot', script: 'snapshot:compare', minutes: 2 },
  { title: 'Schemas of the results', script: 'schemas:compare', minutes: 3 },
  { title: 'Schema of eca.yaml', script: 'schema:eca:compare', minutes: 2 },
  { title: "Schema of the practice org's metadata", script: 'schema:practice:compare', minutes: 2 },
  { title: 'Keys of the texts', script: 'messages:compare', minutes: 2 },
  { title: 'Table of fields', script: 'fields:compare', minutes: 2 },
  { title: "Commands' pages regenerated", script: 'docs:commands:compare', minutes: 2 },
  { title: 'Secrets', script: 'secrets', minutes: 2 },
  { title: "With Salesforce's own CLI", script: 'test:sf', minutes: 45 },
];

const { values: options } = parseArgs({ options: { fast: { type: 'boolean' }, after: { type: 'string' } } });

const countsFolder = join(import.meta.dirname, '..', '.tmp', 'counts');

/** Runs one npm script in a process group of its own, so that a time-out also ends its child processes. */
function run(check: Check, countsFile: string): Promise<boolean> {
  const child = spawn('npm', ['run', '--silent', check.script], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: { ...process.env, ...check.env, TEST_COUNTS: countsFile },
  });
  const stop = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
  };
  const interrupted = (): void => {
    stop('SIGTERM');
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  const timer = setTimeout(() => {
    console.log(`Stopped: not done after ${check.minutes} minutes.`);
    stop('SIGKILL');
  }, check.minutes * 60_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted);
      resolve(code === 0);
    });
  });
}

/**
 * The content of a test run's counts file. Undefined without a file: the script was no test run, or it ended too early.
 */
function readCounts(file: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}

rmSync(countsFolder, { recursive: true, force: true });
mkdirSync(countsFolder, { recursive: true });

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const summary: string[] = [];

/** Adds what one check ended with to the total and to the summary. */
function count(title: string, ok: boolean, counts: Counts | undefined, took = ''): void {
  total.passed += counts?.passed ?? 0;
  total.skipped += counts?.skipped ?? 0;
  total.failed += counts?.failed ?? 0;
  // A check that failed without a failed test counts as one failure; so does a test run without any test.
  const failedAsAWhole = (!ok && !counts?.failed) || (counts !== undefined && counts.passed + counts.failed === 0);
  if (failedAsAWhole) total.failed += 1;
  const tests = counts ? [`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`] : [];
  summary.push(
    `${ok && !failedAsAWhole ? 'ok    ' : 'FAILED'}  ${title} (${[took, ...tests].filter(Boolean).join(', ')})`,
  );
}

if (options.after !== undefined) {
  const counts = readCounts(options.after);
  count('npm test, before', counts?.failed === 0, counts);
}

for (const [nth, check] of (options.fast ? fastChecks : longChecks).entries()) {
  console.log(`\n=== ${check.title} (npm run ${check.script}) ===\n`);
  const countsFile = join(countsFolder, `${nth}-${check.script.replaceAll(':', '-')}.json`);
  const started = Date.now();
  const ok = await run(check, countsFile);
  count(check.title, ok, readCounts(countsFile), `${Math.round((Date.now() - started) / 1000)} s`);
}

console.log(`\n=== Summary ===\n\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
