import { tell } from '../../app/audit/auditText.ts';
import type { AppInAudit, AuditReport, FindingInWords, NotCheckedInWords } from '../../app/audit/report.ts';
import { SEVERITIES, type Severity } from '../../app/audit/severity.ts';
import { plainText } from '../../app/plainText.ts';
import { StandardColors } from '../../salesforce.ts';
import { auditInWords, texts } from '../../texts.ts';
import { wrapped } from '../wrapped.ts';

const messages = texts('eca.audit');

/** More apps, or more findings of one rule, are in the files only. */
const SHOWN_MAX = 20;

const COLOURS: Record<Severity, (text: string) => string> = {
  critical: StandardColors.error,
  high: StandardColors.error,
  medium: StandardColors.warning,
  low: StandardColors.info,
  info: StandardColors.info,
};

export const severityWord = (severity: Severity): string => auditInWords(tell(`severity.${severity}`));

const coloured = (severity: Severity): { coloured: string } => ({
  coloured: COLOURS[severity](severityWord(severity)),
});

const COLUMNS = ['name', 'worst', 'findings', 'lastUsed', 'owner'] as const;

/** The first thing to look at: the apps with findings, by worst finding. */
export const appTable = (
  apps: AppInAudit[],
): { data: Array<Record<string, string>>; columns: Array<{ key: string; name: string }> } => ({
  data: apps
    .filter(({ findings }) => findings > 0)
    .slice(0, SHOWN_MAX)
    .map(({ name, worst, findings, lastUsed = '-', owner = '-' }) => ({
      name: plainText(name),
      worst: worst === undefined ? '-' : severityWord(worst),
      findings: String(findings),
      lastUsed: plainText(lastUsed),
      owner: plainText(owner),
    })),
  columns: COLUMNS.map((key) => ({ key, name: messages.getMessage(`column.${key}`) })),
});

/** The findings of one rule: why it matters is said once. */
const ruleLines = (findings: FindingInWords[], width?: number): string[] => {
  const [first] = findings;
  if (!first) return [];
  const shown = findings.slice(0, SHOWN_MAX);
  return [
    '',
    ...wrapped(messages.getMessage('line.rule', [coloured(first.severity), first.rule, first.title]), width, '', '  '),
    ...wrapped(first.reason, width, '  '),
    ...shown.flatMap((one) => [
      ...wrapped(messages.getMessage('line.finding', [one.subject, one.detail]), width, '  - ', '    ').map(
        (line, index) => (index === 0 ? line : line.replace(/^ {2}- /, '  ')),
      ),
      ...one.commands.map((command) => `      $ ${plainText(command)}`),
    ]),
    ...(findings.length > SHOWN_MAX
      ? [`  ${messages.getMessage('line.more', [String(findings.length - SHOWN_MAX)])}`]
      : []),
    ...wrapped(messages.getMessage('line.fix', [first.fix]), width, '  ', '  '),
    ...wrapped(messages.getMessage('line.breaks', [first.breaks]), width, '  ', '  '),
  ];
};

/** What was not checked: the same reason is said once for all of its rules and apps. */
const notCheckedLines = (notChecked: NotCheckedInWords[], width?: number): string[] => {
  if (notChecked.length === 0) return [];
  const groups = Map.groupBy(notChecked, ({ what, why }) => `${what}\n${why}`);
  return [
    '',
    messages.getMessage('notChecked'),
    ...[...groups.values()].flatMap((group) => {
      const rules = [...new Set(group.map(({ rule }) => rule))].join(', ');
      const subjects = [...new Set(group.map(({ subject }) => subject))];
      const named = subjects.slice(0, 3).join(', ') + (subjects.length > 3 ? ` (+${subjects.length - 3})` : '');
      const { what = '', why = '' } = group[0] ?? {};
      return wrapped(messages.getMessage('line.notChecked', [what, why, rules, named]), width, '  ', '  ');
    }),
  ];
};

const countsBySeverity = (findings: FindingInWords[]): string =>
  SEVERITIES.map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severityWord(severity)}`)
    .join(', ');

/** Does the org have no apps? Where this login may not see them, nobody knows. */
export const hasNoApps = ({ apps, notChecked }: AuditReport): boolean =>
  apps.length === 0 && !notChecked.some(({ what }) => what === auditInWords(tell('knowledge.apps')));

/** In one line: how many apps, how many findings, what was left out. */
export const summaryLine = ({ apps, findings, counts }: AuditReport): string =>
  messages.getMessage('summaryLine', [
    String(apps.length),
    findings.length === 0 ? messages.getMessage('noFindings') : countsBySeverity(findings),
    String(counts.suppressed),
    String(counts.notChecked),
  ]);

/** The findings by rule, and then what was not checked. */
export const auditLines = (report: AuditReport, width?: number): string[] => {
  // A rule's findings may differ in severity, so they are grouped by both.
  const groups = Map.groupBy(report.findings, ({ rule, severity }) => `${rule} ${severity}`);
  const withFindings = report.apps.filter(({ findings }) => findings > 0).length;
  return [
    ...(withFindings > SHOWN_MAX ? [messages.getMessage('line.moreApps', [String(withFindings - SHOWN_MAX)])] : []),
    ...[...groups.values()].flatMap((findings) => ruleLines(findings, width)),
    ...notCheckedLines(report.notChecked, width),
    '',
    ...wrapped(summaryLine(report), width),
  ];
};
