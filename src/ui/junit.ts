import type { CheckStatus } from '../app/checks.ts';

/** A check as a report has it, in words. */
type Reported = {
  id: string;
  flow?: string;
  title: string;
  status: CheckStatus;
  detail: string;
  fix?: string;
  durationMs: number;
};

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

const escape = (text: string): string => text.replaceAll(/[&<>"\n\t]/g, (character) => entities[character] ?? '');

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

const testCase = (check: Reported, failing: Set<CheckStatus>): string => {
  const { flow = 'app', title, status, detail, fix = '', durationMs } = check;
  const start = `    <testcase classname="${escape(flow)}" name="${escape(title)}" time="${seconds(durationMs)}"`;
  if (status === 'passed') return `${start}/>`;
  const said = failing.has(status)
    ? `<failure type="${status}" message="${escape(detail)}">${escape(fix)}</failure>`
    : status === 'skipped'
      ? `<skipped message="${escape(detail)}"/>`
      : `<system-out>${escape([detail, fix].filter(Boolean).join('\n'))}</system-out>`;
  return `${start}>\n      ${said}\n    </testcase>`;
};

/**
 * Checks as a report in the JUnit format, which CI systems read. It knows no warnings: one stands in its test's output, or,
 * when strict, counts as a failure, as a skipped check then does.
 */
export const junit = (name: string, checks: Reported[], strict: boolean): string => {
  const failing = new Set<CheckStatus>(strict ? ['failed', 'warning', 'skipped'] : ['failed']);
  const failures = checks.filter(({ status }) => failing.has(status)).length;
  const skipped = strict ? 0 : checks.filter(({ status }) => status === 'skipped').length;
  const time = seconds(checks.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const counts = `tests="${checks.length}" failures="${failures}" skipped="${skipped}" errors="0" time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escape(`eca verify ${name}`)}" ${counts}>`,
    ...checks.map((check) => testCase(check, failing)),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
};
