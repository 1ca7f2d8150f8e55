import type { AuditReport } from '../../app/audit/report.ts';
import { inMarkdown } from '../../app/markup.ts';
import { texts } from '../../texts.ts';
import { severityWord, summaryLine } from './lines.ts';

const messages = texts('eca.audit');

const row = (...cells: string[]): string => `| ${cells.map(inMarkdown).join(' | ')} |`;

const table = (heads: string[], rows: string[][]): string[] =>
  rows.length === 0
    ? []
    : [row(...heads), `| ${heads.map(() => '---').join(' | ')} |`, ...rows.map((cells) => row(...cells))];

/** A command as a block, which no mark in it can end. */
const block = (commands: string[]): string[] => {
  const fence = '`'.repeat(Math.max(3, ...commands.map((line) => (/`+/.exec(line)?.[0].length ?? 0) + 1)));
  return commands.length === 0 ? [] : ['', `${fence}sh`, ...commands, fence];
};

/** The audit as Markdown: for a pull request, or for the summary of a job. */
export const auditMarkdown = (report: AuditReport): string => {
  const head = (key: 'name' | 'worst' | 'findings' | 'lastUsed' | 'owner' | 'rule' | 'what' | 'why'): string =>
    messages.getMessage(`column.${key}`);
  return [
    `# ${inMarkdown(messages.getMessage('headline', [report.org.username]))}`,
    '',
    inMarkdown(summaryLine(report)),
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
      `### ${inMarkdown(`${one.rule} ${one.subject}: ${one.title} (${severityWord(one.severity)})`)}`,
      '',
      inMarkdown(one.detail),
      '',
      inMarkdown(one.reason),
      '',
      inMarkdown(messages.getMessage('line.fix', [one.fix])),
      ...block(one.commands),
      '',
      inMarkdown(messages.getMessage('line.breaks', [one.breaks])),
    ]),
    ...(report.suppressed.length === 0 ? [] : ['', `## ${messages.getMessage('suppressed')}`, '']),
    ...report.suppressed.map((one) => `- ${inMarkdown(`${one.rule} ${one.subject}: ${one.suppression}`)}`),
    ...(report.notChecked.length === 0 ? [] : ['', `## ${messages.getMessage('notChecked')}`, '']),
    ...table(
      [head('rule'), head('name'), head('what'), head('why')],
      report.notChecked.map(({ rule, subject, what, why }) => [rule, subject, what, why]),
    ),
    '',
  ].join('\n');
};
