import type { AuditReport } from '../../app/audit/report.ts';
import { texts } from '../../texts.ts';
import { markdownBlock, markdownTable, markdownText } from '../markdown.ts';
import { severityWord, summaryLine } from './lines.ts';

const messages = texts('eca.audit');

const table = (columns: string[], rows: string[][]): string[] =>
  rows.length === 0 ? [] : markdownTable(columns, rows);

/** The audit as Markdown: for a pull request, or for the summary of a job. */
export const auditMarkdown = (report: AuditReport): string => {
  const head = (key: 'name' | 'worst' | 'findings' | 'lastUsed' | 'owner' | 'rule' | 'what' | 'why'): string =>
    messages.getMessage(`column.${key}`);
  return [
    `# ${markdownText(messages.getMessage('headline', [report.org.username]))}`,
    '',
    markdownText(summaryLine(report)),
    '',
    ...table(
      [head('name'), head('worst'), head('findings'), head('lastUsed'), head('owner')],
      report.apps.map(({ name, worst, findings, lastUsed = '-', owner = '-' }) => [
        name,
        worst === undefined ? '-' : severityWord(worst),
        String(findings),
        lastUsed,
        owner,
      ]),
    ),
    '',
    `## ${messages.getMessage('findings')}`,
    ...report.findings.flatMap((one) => [
      '',
      `### ${markdownText(`${one.rule} ${one.subject}: ${one.title} (${severityWord(one.severity)})`)}`,
      '',
      markdownText(one.detail),
      '',
      markdownText(one.reason),
      '',
      markdownText(messages.getMessage('line.fix', [one.fix])),
      ...(one.commands.length === 0 ? [] : ['', ...markdownBlock(one.commands)]),
      '',
      markdownText(messages.getMessage('line.breaks', [one.breaks])),
    ]),
    ...(report.suppressed.length === 0 ? [] : ['', `## ${messages.getMessage('suppressed')}`, '']),
    ...report.suppressed.map((one) => `- ${markdownText(`${one.rule} ${one.subject}: ${one.suppression}`)}`),
    ...(report.notChecked.length === 0 ? [] : ['', `## ${messages.getMessage('notChecked')}`, '']),
    ...table(
      [head('rule'), head('name'), head('what'), head('why')],
      report.notChecked.map(({ rule, subject, what, why }) => [rule, subject, what, why]),
    ),
    '',
  ].join('\n');
};
