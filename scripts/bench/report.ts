import { AS_LIVE, FAR, NEAR } from './practiceOrgs.ts';
import type { Requests } from './requests.ts';
import type { Comparison, Spread } from './statistics.ts';

/** Where it was measured. */
export type Machine = {
  date: string;
  processor: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  cli: string;
  plugin: string;
  /** Processes that wanted a core, on average over a minute: before the run and after it. Far above 1, it was not alone. */
  load: [number, number];
};

/** How the commands were run: `sf`'s own settings (but telemetry and looking for updates), or those without a log file. */
export type Mode = 'log off' | 'defaults';

/**
 * One contest in one kind of org and one mode.
 *
 * @property aim the most that the ratio should be
 */
export type Timing = {
  org: string;
  mode: Mode;
  aim?: number;
  time: Comparison;
  cpu: Comparison;
  memory: Comparison;
};

/** Results that do not depend on the machine. */
export type Weight = {
  /** Absent for commands that ask no org. */
  requests?: Requests;
  files: number;
  /** Of the plugin's own package. */
  ownFiles: number;
  /** Of packages that the plugin brought along. */
  broughtFiles: number;
};

export type Outcome = {
  name: string;
  ours: string;
  theirs: string;
  weight?: { ours: Weight; theirs: Weight };
  timings: Timing[];
};

/** `apply` of so many apps that are new, beside a deploy of the same. */
export type Scaled = {
  org: string;
  apps: number;
  aim?: number;
  time: Comparison;
  memory: Comparison;
  requests?: { ours: number; theirs: number };
};

export type Report = {
  machine: Machine;
  minutes: number;
  pairs: number;
  outcomes: Outcome[];
  scale: Scaled[];
  /** Unexpected results; if there are any, the figures mean little. */
  failures: string[];
};

const round = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
const inBrief = ({ median, least, most }: Spread): string => `${round(median)} (${round(least)}-${round(most)})`;
const ratio = (value: number): string => value.toFixed(2);
const requests = ({ count, trips }: Requests): string => `${count} / ${trips}`;

const table = (head: string[], rows: string[][]): string => {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
};

/** An aim beside what was measured. */
const aimed = (aim: number | undefined, { ratioOfMedians }: Comparison): string => {
  if (aim === undefined) return '';
  return `${ratio(aim)}: ${ratioOfMedians <= aim ? 'met' : 'not met'}`;
};

const timed = (outcomes: Outcome[], org: string, mode: Mode): string[][] =>
  outcomes.flatMap(({ name, theirs, timings }) =>
    timings
      .filter((timing) => timing.org === org && timing.mode === mode)
      .map(({ aim, time }) => [
        name,
        theirs,
        inBrief(time.ours),
        inBrief(time.theirs),
        ratio(time.ratioOfMedians),
        ratio(time.medianOfRatios),
        aimed(aim, time),
      ]),
  );

const weighed = (outcomes: Outcome[]): string[][] =>
  outcomes.flatMap(({ name, theirs, weight, timings }) => {
    if (!weight) return [];
    const [first] = timings;
    return [
      [
        name,
        theirs,
        weight.ours.requests ? requests(weight.ours.requests) : '-',
        weight.theirs.requests ? requests(weight.theirs.requests) : '-',
        `${weight.ours.files} (${weight.ours.ownFiles} + ${weight.ours.broughtFiles})`,
        String(weight.theirs.files),
        first ? `${round(first.cpu.ours.median)} : ${round(first.cpu.theirs.median)}` : '-',
        first ? `${round(first.memory.ours.median)} : ${round(first.memory.theirs.median)}` : '-',
      ],
    ];
  });

/** The report as Markdown. The times come first, and those of the org that is most like a user's before the others. */
export const toMarkdown = (report: Report): string => {
  const { machine, outcomes, scale, failures } = report;
  const where =
    `Measured on ${machine.date.slice(0, 10)}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ` +
    `${machine.system}, Node ${machine.node}, @salesforce/cli ${machine.cli}, sf-plugin-eca ${machine.plugin}; up to ` +
    `${report.pairs} pairs, ${report.minutes} minutes; load ${machine.load.map((load) => load.toFixed(1)).join(' before and ')} after.`;
  const sections: string[] = [where];
  if (failures.length > 0) {
    sections.push(`**Not all went as it should:**\n\n${failures.map((failure) => `- ${failure}`).join('\n')}`);
  }
  for (const mode of ['log off', 'defaults'] as const) {
    for (const { name: org } of [AS_LIVE, NEAR, FAR]) {
      const rows = timed(outcomes, org, mode);
      if (rows.length === 0) continue;
      sections.push(
        `#### Time: ${org}, ${mode}`,
        table(['command', 'beside', 'ms', 'theirs', 'ratio of medians', 'median of ratios', 'aim'], rows),
      );
    }
  }
  if (scale.length > 0) {
    sections.push(
      '#### `sf eca apply` of many new apps, beside `sf project deploy start` of the same metadata',
      table(
        ['org', 'apps', 'ms', 'theirs', 'ratio of medians', 'median of ratios', 'aim', 'memory MB', 'requests'],
        scale.map(({ org, apps, aim, time, memory, requests: asked }) => [
          org,
          String(apps),
          inBrief(time.ours),
          inBrief(time.theirs),
          ratio(time.ratioOfMedians),
          ratio(time.medianOfRatios),
          aimed(aim, time),
          `${round(memory.ours.median)} : ${round(memory.theirs.median)}`,
          asked ? `${asked.ours} : ${asked.theirs}` : '-',
        ]),
      ),
    );
  }
  const weights = weighed(outcomes);
  if (weights.length > 0) {
    sections.push(
      '#### Requests, files, processor time, memory',
      'Requests: how many / how many one after another. Files: JavaScript files loaded (of which the plugin’s own + of packages it ' +
        'brought along). Processor time in ms and memory in MB: ours : theirs.',
      table(['command', 'beside', 'requests', 'theirs', 'files', 'theirs', 'processor ms', 'memory MB'], weights),
    );
  }
  return `${sections.join('\n\n')}\n`;
};
