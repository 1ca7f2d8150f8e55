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

/** One contest in one org and one mode. */
export type Timing = { latency: number; mode: Mode; time: Comparison; cpu: Comparison; memory: Comparison };

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
  apps: number;
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

const timed = (outcomes: Outcome[], latency: number, mode: Mode): string[][] =>
  outcomes.flatMap(({ name, theirs, timings }) =>
    timings
      .filter((timing) => timing.latency === latency && timing.mode === mode)
      .map(({ time }) => [
        name,
        theirs,
        inBrief(time.ours),
        inBrief(time.theirs),
        ratio(time.ratioOfMedians),
        ratio(time.medianOfRatios),
      ]),
  );

const weighed = (outcomes: Outcome[]): string[][] =>
  outcomes.flatMap(({ name, theirs, weight, timings }) => {
    if (!weight) return [];
    const first = timings.find(({ latency, mode }) => latency === 0 && mode === 'log off') ?? timings[0];
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

/** The report as Markdown. */
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
  const weights = weighed(outcomes);
  if (weights.length > 0) {
    sections.push(
      '#### Requests, files, processor time, memory',
      'Requests: how many / how many one after another. Files: JavaScript files loaded (of which the plugin’s own + of packages it ' +
        'brought along). Processor time in ms and memory in MB: ours : theirs.',
      table(['command', 'beside', 'requests', 'theirs', 'files', 'theirs', 'processor ms', 'memory MB'], weights),
    );
  }
  for (const mode of ['log off', 'defaults'] as const) {
    for (const latency of [0, 150]) {
      const rows = timed(outcomes, latency, mode);
      if (rows.length === 0) continue;
      sections.push(
        `#### Time: ${mode}, ${latency} ms latency`,
        table(['command', 'beside', 'ms', 'theirs', 'ratio of medians', 'median of ratios'], rows),
      );
    }
  }
  if (scale.length > 0) {
    sections.push(
      '#### `sf eca apply` of many new apps, beside `sf project deploy start` of the same metadata',
      table(
        ['apps', 'ms', 'theirs', 'ratio of medians', 'median of ratios', 'memory MB', 'requests'],
        scale.map(({ apps, time, memory, requests: asked }) => [
          String(apps),
          inBrief(time.ours),
          inBrief(time.theirs),
          ratio(time.ratioOfMedians),
          ratio(time.medianOfRatios),
          `${round(memory.ours.median)} : ${round(memory.theirs.median)}`,
          asked ? `${asked.ours} : ${asked.theirs}` : '-',
        ]),
      ),
    );
  }
  return `${sections.join('\n\n')}\n`;
};
