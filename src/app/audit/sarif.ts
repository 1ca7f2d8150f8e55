import { plainText } from '../plainText.ts';
import type { AuditReport, FindingPlace, RuleInWords } from './report.ts';
import type { Severity } from './severity.ts';

/** What SARIF has for a severity (SARIF 2.1.0, section 3.27.10). */
const LEVELS: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

type Place = (kind: string, subject: string, rule: string) => FindingPlace;

const location = ({ uri, line }: FindingPlace): object => ({
  physicalLocation: { artifactLocation: { uri }, region: { startLine: line ?? 1 } },
});

/** GitHub tells alerts apart by this fingerprint, and by nothing that a new label changes. */
const fingerprints = (fingerprint: string): object => ({
  primaryLocationLineHash: fingerprint,
  auditFinding: fingerprint,
});

const message = (...texts: string[]): object => ({ text: plainText(texts.filter((text) => text !== '').join(' ')) });

const lines = (...texts: string[]): string => texts.filter((text) => text !== '').join('\n\n');

const ruleOf = (rule: RuleInWords, score: number): object => ({
  id: rule.id,
  name: rule.name,
  shortDescription: { text: rule.title },
  fullDescription: { text: rule.reason },
  help: {
    text: lines(rule.reason, rule.fix, rule.breaks, rule.except),
    markdown: lines(
      rule.reason,
      `**Fix:** ${rule.fix}`,
      `**May break:** ${rule.breaks}`,
      `**Does not apply:** ${rule.except}`,
    ),
  },
  defaultConfiguration: { level: LEVELS[rule.severity] },
  properties: { tags: ['security'], precision: 'high', 'security-severity': score.toFixed(1) },
});

/**
 * The audit as SARIF 2.1.0, as GitHub code scanning takes it. Suppressed findings are left out, since GitHub ignores
 * that they are suppressed. A rule that could not be checked gives a note with the finding's own fingerprint.
 * Without it, an open alert would read as fixed.
 *
 * @param placeOf a place relative to the root of the checkout; GitHub refuses results without one
 */
export const sarif = (report: AuditReport, rules: RuleInWords[], version: string, placeOf: Place): string => {
  const worst = new Map<string, number>();
  for (const { rule, score } of report.findings) worst.set(rule, Math.max(score, worst.get(rule) ?? 0));
  const indexOf = new Map(rules.map(({ id }, index) => [id, index]));
  const results = [
    ...report.findings.map((one) => ({
      ruleId: one.rule,
      ruleIndex: indexOf.get(one.rule),
      level: LEVELS[one.severity],
      message: message(`${one.subject}:`, one.detail, one.fix, ...one.commands),
      locations: [location(placeOf(one.kind, one.subject, one.rule))],
      partialFingerprints: fingerprints(one.fingerprint),
      properties: { severity: one.severity, score: one.score, org: report.org.id, url: report.org.url },
    })),
    ...report.notChecked.map((one) => ({
      ruleId: one.rule,
      ruleIndex: indexOf.get(one.rule),
      level: 'note',
      message: message(`${one.subject}: not checked.`, one.what, '-', one.why),
      locations: [location(placeOf(one.kind, one.subject, one.rule))],
      partialFingerprints: fingerprints(one.fingerprint),
      properties: { status: 'notChecked', org: report.org.id },
    })),
  ];
  const run = {
    tool: {
      driver: {
        name: 'sf-plugin-eca',
        semanticVersion: version,
        version,
        rules: rules.map((rule) => ruleOf(rule, worst.get(rule.id) ?? rule.score)),
      },
    },
    automationDetails: { id: `sf-eca-audit/${report.org.id}/` },
    columnKind: 'utf16CodeUnits',
    results,
  };
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
  return `${JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
};
