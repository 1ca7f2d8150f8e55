import type { AuditResult } from '../../app/audit/exceptions.ts';
import type { AuditFacts } from '../../app/audit/facts.ts';
import { wishOf } from '../../app/audit/fixCommands.ts';
import type { AuditReport, FindingPlace } from '../../app/audit/report.ts';
import type { Profile } from '../../app/audit/rule.ts';
import { RULES } from '../../app/audit/rules.ts';
import { sarif } from '../../app/audit/sarif.ts';
import type { CertificateKnowledge } from '../../app/certificate.ts';
import { csv } from '../../app/csv.ts';
import { plainText } from '../../app/plainText.ts';
import { texts } from '../../texts.ts';
import { junit } from '../junit.ts';
import type { Disk } from './disk.ts';
import { auditHtml } from './html.ts';
import { severityWord } from './lines.ts';
import { auditMarkdown } from './markdown.ts';
import { passesIn, ruleInWords } from './words.ts';

const messages = texts('eca.audit');

/** All that an output is made of. */
export type Audited = {
  facts: AuditFacts;
  results: AuditResult[];
  report: AuditReport;
  profile: Profile;
  /** Of the plugin. */
  version: string;
  disk: Disk;
  placeOf: (kind: string, subject: string, rule: string) => FindingPlace;
};

type Output = (audited: Audited) => string | Promise<string>;

const asCsv: Output = ({ report }) =>
  csv([
    ['status', 'severity', 'score', 'rule', 'kind', 'subject', 'title', 'detail', 'fix', 'commands', 'fingerprint'],
    ...[
      ...report.findings.map((one) => ({ ...one, status: 'fail', note: one.detail })),
      ...report.suppressed.map((one) => ({ ...one, status: 'suppressed', note: `${one.detail} ${one.suppression}` })),
    ].map((one) => [
      ...[one.status, one.severity, String(one.score), one.rule, one.kind, one.subject, one.title, one.note],
      ...[one.fix, one.commands.join('; '), one.fingerprint],
    ]),
    ...report.notChecked.map((one) => [
      ...['notChecked', '', '', one.rule, one.kind, one.subject, one.title, `${one.what}: ${one.why}`, '', ''],
      one.fingerprint,
    ]),
  ]);

/** A test for each rule and subject. Advice is no failure, and what was not checked is skipped. */
const asJunit: Output = ({ report, results }) => {
  const test = (one: { rule: string; subject: string; title: string }) => ({
    id: one.rule,
    flow: plainText(one.subject),
    title: `${one.rule} ${one.title}`,
    durationMs: 0,
  });
  return `${junit(
    plainText(report.org.username),
    [
      ...report.findings.map((one) => ({
        ...test(one),
        status: one.severity === 'info' ? ('warning' as const) : ('failed' as const),
        detail: `${severityWord(one.severity)}: ${one.detail}`,
        fix: [one.fix, ...one.commands].join('\n'),
      })),
      ...report.suppressed.map((one) => ({ ...test(one), status: 'skipped' as const, detail: one.suppression })),
      ...report.notChecked.map((one) => ({
        ...test(one),
        status: 'skipped' as const,
        detail: `${one.what}: ${one.why}`,
      })),
      ...passesIn(results).map((one) => ({ ...test(one), status: 'passed' as const, detail: '' })),
    ],
    [],
    false,
    'audit',
  )}\n`;
};

/** One line of a comment, whatever an org wrote. */
const comment = (text: string, margin: string): string => `${margin}# ${plainText(text).replaceAll(/\s+/g, ' ')}`;

/** The wishes of the fixes as eca.yaml, for a review and for apply. Comments name the findings, and what may break. */
const asFixes: Output = async ({ facts, results, report, profile, disk }) => {
  const failed = results.filter((one) => one.status === 'fail').filter(({ suppression }) => !suppression);
  const inWords = new Map(report.findings.map((one) => [one.fingerprint, one]));
  const entries: string[] = [];
  let hasApps = false;
  for (const one of facts.apps) {
    const own = failed.filter(
      ({ subject, fingerprint }) => subject.kind === 'app' && subject.name === one.app.name && inWords.has(fingerprint),
    );
    const { wish, covered } = wishOf(one, own, facts, profile);
    const certificates = new Map<string, CertificateKnowledge>([[wish.name, one.certificate]]);
    const lines = own.flatMap((finding) => {
      const said = inWords.get(finding.fingerprint);
      if (!said) return [];
      const head = `${said.rule} (${severityWord(said.severity)}): ${said.detail}`;
      return covered.includes(finding)
        ? [comment(head, '  '), comment(messages.getMessage('line.breaks', [said.breaks]), '  ')]
        : [comment(messages.getMessage('fixes.byHand', [head, [said.fix, ...said.commands].join(' ')]), '  ')];
    });
    entries.push(...lines);
    if (covered.length === 0) continue;
    hasApps = true;
    entries.push(...(await disk.formatEcaFile([wish], certificates)).trimEnd().split('\n').slice(1));
  }
  return [
    comment(messages.getMessage('fixes.header', [report.org.username]), ''),
    comment(messages.getMessage('fixes.review'), ''),
    hasApps ? 'apps:' : 'apps: []',
    ...entries,
    '',
  ].join('\n');
};

/** The outputs by the ending of the file. */
const OUTPUTS: Array<[ending: string, output: Output]> = [
  ['.eca.yaml', asFixes],
  ['.eca.yml', asFixes],
  ['.sarif', ({ report, version, placeOf }) => sarif(report, RULES.map(ruleInWords), version, placeOf)],
  ['.xml', asJunit],
  ['.csv', asCsv],
  ['.json', ({ report }) => `${JSON.stringify(report, undefined, 2)}\n`],
  ['.md', ({ report }) => auditMarkdown(report)],
  ['.html', ({ report }) => auditHtml(report)],
];

/** The endings that a file may have, for people to read. */
export const ENDINGS = OUTPUTS.map(([ending]) => ending);

/** What makes the text of a file, by its ending. Undefined for an unknown ending. */
export const outputFor = (path: string): Output | undefined =>
  OUTPUTS.find(([ending]) => path.toLowerCase().endsWith(ending))?.[1];

export const isSarif = (path: string): boolean => path.toLowerCase().endsWith('.sarif');

/** Does such a file have the fixes, which apply can carry out? */
export const isFixes = (path: string): boolean => outputFor(path) === asFixes;
