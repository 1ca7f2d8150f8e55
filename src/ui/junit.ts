import type { FlowResult, TrialStatus } from '../app/checks.ts';

/** A check in words, as a report shows it. */
type Reported = {
  id: string;
  flow?: string;
  title: string;
  status: TrialStatus;
  detail: string;
  fix?: string;
  durationMs: number;
};

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

const escape = (text: string): string => text.replaceAll(/[&<>"\n\t]/g, (character) => ENTITIES[character] ?? '');

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

/** The result of a flow, as a code and in words. */
type ReportedFlow = { flow: string; result: FlowResult; title: string; detail: string };

const flowCase = ({ flow, result, title, detail }: ReportedFlow): string => {
  const start = `    <testcase classname="${escape(flow)}" name="${escape(title)}" time="0.000"`;
  // A flow fails because one of its checks fails.
  return result === 'notTried'
    ? `${start}>\n      <error type="${result}" message="${escape(detail)}"/>\n    </testcase>`
    : `${start}/>`;
};

const testCase = (check: Reported, failing: Set<TrialStatus>): string => {
  const { flow = 'app', title, status, detail, fix = '', durationMs } = check;
  const start = `    <testcase classname="${escape(flow)}" name="${escape(title)}" time="${seconds(durationMs)}"`;
  if (status === 'passed') return `${start}/>`;
  const said = failing.has(status)
    ? `<failure type="${status}" message="${escape(detail)}">${escape(fix)}</failure>`
    : status === 'skipped' || status === 'unfinished'
      ? `<skipped message="${escape([detail, fix].filter(Boolean).join('\n'))}"/>`
      : `<system-out>${escape([detail, fix].filter(Boolean).join('\n'))}</system-out>`;
  return `${start}>\n      ${said}\n    </testcase>`;
};

/**
 * Checks and flows as a report in the JUnit format, which CI systems read. JUnit has no warnings. A warning becomes
 * output of its test, or a failure when strict. A flow that could not be tried is an error. A reader of this report
 * alone must not believe that the app was tested.
 *
 * @param command the command of the plugin that the report is from
 */
export const junit = (
  name: string,
  checks: Reported[],
  flows: ReportedFlow[],
  strict: boolean,
  command = 'verify',
): string => {
  const failing = new Set<TrialStatus>(strict ? ['failed', 'warning'] : ['failed']);
  const failures = checks.filter(({ status }) => failing.has(status)).length;
  const skipped = checks.filter(({ status }) => status === 'skipped' || status === 'unfinished').length;
  const errors = flows.filter(({ result }) => result === 'notTried').length;
  const time = seconds(checks.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const tests = checks.length + flows.length;
  const counts = `tests="${tests}" failures="${failures}" skipped="${skipped}" errors="${errors}" time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escape(`eca ${command} ${name}`)}" ${counts}>`,
    ...checks.map((check) => testCase(check, failing)),
    ...flows.map(flowCase),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
};
