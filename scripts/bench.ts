/**
 * `npm run bench`: compares every `sf eca` command with the nearest command of Salesforce, in turns. The practice orgs
 * are of three kinds (`scripts/bench/practiceOrgs.ts`), and the packed plugin is installed in the real `sf`. The page
 * `docs/performance.md` explains the results.
 *
 *   --quick          in about twenty minutes: only the contests with an aim, two kinds of org, no log file
 *   --pairs N        pairs of runs of each contest, org and mode (7; with --quick 5); 0 only counts requests and files
 *   --only WORD      only the contests with the word in their name; `scale` for apply of many apps
 *   --minutes N      the minutes after which no further round of pairs begins (60; with --quick 15)
 *   --json FILE      the file for the complete result (.tmp/bench.json)
 *   --write          put the tables into docs/performance.md
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, homedir, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { format, resolveConfig } from 'prettier';

import { type Cli, createCli } from '../test/e2e/cli.ts';
import { CLI_VERSIONS, installPlugin, installSalesforceCli, packPlugin, waysToTheRegistry } from '../test/sf/sfCli.ts';
import { type Contest, CONTESTS, type Stage } from './bench/contests.ts';
import { measure, type Run } from './bench/measure.ts';
import { WHOLE_APP, writeSources, yamlOf } from './bench/metadata.ts';
import {
  AS_LIVE,
  type BenchOrg,
  endOrg,
  FAR,
  furnish,
  NEAR,
  type OrgKind,
  startOrg,
  tokenOf,
} from './bench/practiceOrgs.ts';
import { type Mode, type Outcome, type Report, type Scaled, toMarkdown, type Weight } from './bench/report.ts';
import { countRequests, forgetRequests, requestsOf } from './bench/requests.ts';
import { compare, type Pair } from './bench/statistics.ts';

const root = join(import.meta.dirname, '..');

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    only: { type: 'string' },
    minutes: { type: 'string' },
    json: { type: 'string', default: join(root, '.tmp', 'bench.json') },
    write: { type: 'boolean', default: false },
  },
});

const pairs = Number(options.pairs ?? (options.quick ? 5 : 7));
const minutes = Number(options.minutes ?? (options.quick ? 15 : 60));
const modes: Mode[] = options.quick ? ['log off'] : ['log off', 'defaults'];
const KINDS = options.quick ? [AS_LIVE, NEAR] : [AS_LIVE, NEAR, FAR];
const sizes = options.quick ? [100, 1000] : [1, 10, 100, 500, 1000];
const SCALE_PAIRS = 3;

const begun = Date.now();
const minutesGone = (): number => (Date.now() - begun) / 60_000;

const isMeant = ({ name, aims }: Contest): boolean =>
  options.only ? name.includes(options.only) : !options.quick || aims !== undefined;
/** A contest that was not selected still runs when a selected contest needs its results. */
const chosen = CONTESTS.filter(
  (contest) => isMeant(contest) || (contest.changesOrg && CONTESTS.some((one) => one.changesOrg && isMeant(one))),
);

type Sample = { ours: Run; theirs: Run };

/** Runs of a contest in one org and one mode, by `keyOf`. */
const samples = new Map<string, Sample[]>();
const weights = new Map<string, { ours: Weight; theirs: Weight }>();
const commandLines = new Map<string, { ours: string; theirs: string }>();
const failures = new Set<string>();

const keyOf = (contest: Contest, org: string, mode: Mode): string => `${contest.name}|${org}|${mode}`;

const say = (text: string): void => console.error(`[${minutesGone().toFixed(1)} min] ${text}`);

const home = mkdtempSync(join(tmpdir(), 'sf-plugin-eca-bench-home-'));
const orgs: BenchOrg[] = [];

/** Telemetry and looking for updates are off: both send something to Salesforce, and to npm. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...waysToTheRegistry,
  PATH: process.env.PATH,
  HOME: home,
  USERPROFILE: home,
  SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
  SF_DISABLE_TELEMETRY: 'true',
  SF_AUTOUPDATE_DISABLE: 'true',
  SF_SKIP_NEW_VERSION_CHECK: 'true',
  NO_COLOR: '1',
};

const environmentOf = (mode: Mode): NodeJS.ProcessEnv =>
  mode === 'log off' ? { ...ENVIRONMENT, SF_DISABLE_LOG_FILE: 'true' } : ENVIRONMENT;

/** Runs a command and notes it when it does not end as it should. */
const runOne = async (
  sf: string[],
  contest: Pick<Contest, 'name' | 'code'>,
  args: string[],
  how: { cwd: string; env: NodeJS.ProcessEnv; files?: boolean },
): Promise<Run> => {
  const run = await measure(sf, args, how);
  if (run.code !== (contest.code ?? 0)) {
    const lines = run.output.trim().split('\n').slice(0, 3).join(' ');
    failures.add(`sf ${args.join(' ')} ended with exit code ${run.code}: ${lines}`);
  }
  return run;
};

/** Both commands of a contest, one right after the other; which goes first changes with the round. */
const runPair = async (sf: string[], contest: Contest, stage: Stage, mode: Mode): Promise<Sample> => {
  contest.prepare?.(stage);
  const env = environmentOf(mode);
  const how = { cwd: stage.project, env };
  const ours = (): Promise<Run> => runOne(sf, contest, contest.ours(stage), how);
  const theirs = (): Promise<Run> =>
    runOne(sf, contest, contest.theirs(stage), { ...how, env: { ...env, ...contest.theirEnv?.(stage) } });
  const sample =
    stage.round % 2 === 0
      ? { ours: await ours(), theirs: await theirs() }
      : { theirs: await theirs(), ours: await ours() };
  if (contest.clearUp) await runOne(sf, contest, contest.clearUp(stage), how);
  return sample;
};

const isOurs = (file: string): boolean => file.includes('/node_modules/sf-plugin-eca/');

/** Files and requests of one command. Never timed: writing down the files takes time as well. */
const weigh = async (
  sf: string[],
  contest: Contest,
  args: string[],
  org: BenchOrg,
  more: NodeJS.ProcessEnv = {},
): Promise<Weight> => {
  await forgetRequests(org.instanceUrl);
  const env = { ...environmentOf('log off'), ...more };
  const { files = [] } = await runOne(sf, contest, args, { cwd: org.stage.project, env, files: true });
  const log = await requestsOf(org.instanceUrl);
  return {
    ...(!contest.offline && { requests: countRequests(log) }),
    files: files.length,
    ownFiles: files.filter(isOurs).length,
    broughtFiles: files.filter((file) => file.startsWith(home) && !isOurs(file)).length,
  };
};

const weighAll = async (sf: string[], org: BenchOrg, spare: Stage['spare'], round: number): Promise<void> => {
  const stage: Stage = { ...org.stage, round, spare };
  for (const contest of chosen) {
    say(`counts for ${contest.name}`);
    contest.prepare?.(stage);
    const ours = await weigh(sf, contest, contest.ours(stage), org);
    const theirs = await weigh(sf, contest, contest.theirs(stage), org, contest.theirEnv?.(stage));
    weights.set(contest.name, { ours, theirs });
    const shown = (args: string[]): string => args.join(' ').replaceAll(`${stage.project}/`, '');
    commandLines.set(contest.name, { ours: shown(contest.ours(stage)), theirs: shown(contest.theirs(stage)) });
    if (contest.clearUp)
      await runOne(sf, contest, contest.clearUp(stage), { cwd: stage.project, env: environmentOf('log off') });
  }
};

/** All contests in all orgs and modes, round by round. A machine that is slow for a while then slows all of them. */
const runRounds = async (sf: string[], timedOrgs: BenchOrg[], spare: Stage['spare']): Promise<number> => {
  let round = 0;
  let pair = 0;
  for (; pair < pairs && (pair === 0 || minutesGone() < minutes); pair++) {
    say(`pair ${pair + 1} of ${pairs}`);
    for (const mode of modes) {
      // Each one has a number of its own, because names of new apps contain it. An even number of modes must not decide
      // who goes first.
      const stageRound = 2 * round++ + (pair % 2);
      for (const org of timedOrgs) {
        for (const contest of chosen) {
          if (contest.offline && org.kind !== NEAR) continue;
          const sample = await runPair(sf, contest, { ...org.stage, round: stageRound, spare }, mode);
          const key = keyOf(contest, org.kind.name, mode);
          samples.set(key, [...(samples.get(key) ?? []), sample]);
        }
      }
    }
  }
  return 2 * round + 2;
};

/** The aims for `apply` of many apps, by their number. */
const SCALE_AIMS: Record<number, Contest['aims']> = {
  100: { near: 0.7, live: 1 },
  1000: { near: 0.4, live: 0.55 },
};

const aimIn = ({ alias }: OrgKind, aims: Contest['aims']): number | undefined =>
  aims?.[alias === AS_LIVE.alias ? 'live' : 'near'];

/** `apply` of so many new apps beside a deploy of the same, each in an org of its own. */
const runScale = async (sf: string[], cli: Cli, kind: OrgKind): Promise<Scaled[]> => {
  const results: Scaled[] = [];
  for (const apps of sizes) {
    const runs: Sample[] = [];
    let requests: Scaled['requests'];
    for (let pair = 0; pair < SCALE_PAIRS; pair++) {
      say(`apply of ${apps} apps, pair ${pair + 1} of ${SCALE_PAIRS}`);
      const names = Array.from({ length: apps }, (_, index) => `App_${index}`);
      const [first, second] = [
        await startOrg(cli, kind, `ours-${kind.alias}-${apps}-${pair}`),
        await startOrg(cli, kind, `theirs-${kind.alias}-${apps}-${pair}`),
      ];
      orgs.push(first, second);
      const file = join(first.stage.project, 'eca.yaml');
      const folder = join(second.stage.project, 'deploys', 'apps');
      writeFileSync(file, yamlOf(names, first.stage.runAs));
      writeSources(folder, names, WHOLE_APP, second.stage.runAs);
      const env = environmentOf('log off');
      const contest = { name: `apply of ${apps} apps` };
      const ours = async (): Promise<Run> =>
        runOne(sf, contest, ['eca', 'apply', '--no-prompt', '--file', file, '--target-org', first.alias], {
          cwd: first.stage.project,
          env,
        });
      const theirs = async (): Promise<Run> =>
        runOne(sf, contest, ['project', 'deploy', 'start', '--source-dir', folder, '--target-org', second.alias], {
          cwd: second.stage.project,
          env,
        });
      await Promise.all([first, second].map(({ instanceUrl }) => forgetRequests(instanceUrl)));
      runs.push(
        pair % 2 === 0
          ? { ours: await ours(), theirs: await theirs() }
          : { theirs: await theirs(), ours: await ours() },
      );
      const [ourLog, theirLog] = await Promise.all([first, second].map(({ instanceUrl }) => requestsOf(instanceUrl)));
      requests = { ours: ourLog?.length ?? 0, theirs: theirLog?.length ?? 0 };
      for (const org of [first, second]) endOrg(org);
    }
    results.push({
      org: kind.name,
      apps,
      aim: aimIn(kind, SCALE_AIMS[apps]),
      requests,
      time: compared(runs, 'ms'),
      memory: compared(runs, 'peakMb'),
    });
  }
  return results;
};

const compared = (runs: Sample[], measured: 'ms' | 'cpuMs' | 'peakMb'): ReturnType<typeof compare> =>
  compare(runs.map(({ ours, theirs }): Pair => ({ ours: ours[measured], theirs: theirs[measured] })));

const outcomeOf = (contest: Contest, timedOrgs: BenchOrg[]): Outcome => {
  const timings = timedOrgs.flatMap(({ kind }) =>
    modes.flatMap((mode) => {
      const runs = samples.get(keyOf(contest, kind.name, mode));
      if (!runs) return [];
      const [time, cpu, memory] = [compared(runs, 'ms'), compared(runs, 'cpuMs'), compared(runs, 'peakMb')];
      const aim = kind === FAR ? undefined : aimIn(kind, contest.aims);
      return [{ org: kind.name, mode, aim, time, cpu, memory }];
    }),
  );
  const { ours = '', theirs = '' } = commandLines.get(contest.name) ?? {};
  const shortOf = (line: string): string => line.replace(/ --(?!help|no-such-flag).*/, '');
  return { name: contest.name, ours, theirs: shortOf(theirs), weight: weights.get(contest.name), timings };
};

/** Puts the tables between the two marks of docs/performance.md. */
const writeIntoPage = async (markdown: string): Promise<void> => {
  const file = join(root, 'docs', 'performance.md');
  const page = readFileSync(file, 'utf8');
  const marked = /(<!-- bench: begin -->\n)[^]*(<!-- bench: end -->)/;
  if (!marked.test(page)) throw new Error('docs/performance.md has no place for the tables.');
  const text = page.replace(marked, (_, before: string, after: string) => `${before}\n${markdown}\n${after}`);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
};

const versionIn = (file: string): string => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;

const bench = async (): Promise<Report> => {
  const loadBefore = loadavg()[0] ?? 0;
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const cliFolder = join(cache, 'sf-plugin-eca-bench');
  say(`Salesforce's CLI ${CLI_VERSIONS.newest} is kept in ${cliFolder}`);
  const sf = [process.execPath, '--no-deprecation', await installSalesforceCli(CLI_VERSIONS.newest, cliFolder)];
  say('packs the plugin and installs it in a home folder of its own');
  const cli = createCli({ command: sf, home, env: ENVIRONMENT });
  await installPlugin(cli, packPlugin(home));

  const wantsContests = chosen.length > 0;
  const timedOrgs: BenchOrg[] = [];
  if (wantsContests) {
    say(`starts practice orgs: ${KINDS.map(({ name }) => name).join('; ')}`);
    for (const kind of KINDS) {
      const org = await startOrg(cli, kind);
      orgs.push(org);
      await furnish(cli, org);
      timedOrgs.push(org);
    }
    const spareOrg = await startOrg(cli, NEAR, 'spare');
    orgs.push(spareOrg);
    const spare = { instanceUrl: spareOrg.instanceUrl, accessToken: await tokenOf(cli, spareOrg) };
    const next = await runRounds(sf, timedOrgs, spare);
    say('counts requests and files');
    // Only where requests take time can be seen which ones waited for one another.
    const [live] = timedOrgs;
    if (live) await weighAll(sf, live, spare, next);
  }
  const wantsScale = pairs > 0 && (!options.only || 'scale'.includes(options.only));
  const scale: Scaled[] = [];
  if (wantsScale) for (const kind of [AS_LIVE, NEAR]) scale.push(...(await runScale(sf, cli, kind)));

  const [processor] = cpus();
  return {
    machine: {
      date: new Date().toISOString(),
      processor: processor?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1024 ** 3),
      system: `${type()} ${release()}`,
      node: process.versions.node,
      cli: CLI_VERSIONS.newest,
      plugin: versionIn(join(root, 'package.json')),
      load: [loadBefore, loadavg()[0] ?? 0],
    },
    minutes: Math.round(minutesGone()),
    pairs,
    outcomes: chosen.filter(isMeant).map((contest) => outcomeOf(contest, timedOrgs)),
    scale,
    failures: [...failures],
  };
};

const leave = (): void => {
  for (const org of orgs) endOrg(org);
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    leave();
    process.exit(130);
  });
}

try {
  const report = await bench();
  const markdown = toMarkdown(report);
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  console.log(markdown);
  if (options.write) await writeIntoPage(markdown);
  say(`the whole result is in ${options.json}`);
  if (report.failures.length > 0) process.exitCode = 1;
} finally {
  leave();
}
