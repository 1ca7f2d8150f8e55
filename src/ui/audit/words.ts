import { ruleText, type RuleTextKey, tell } from '../../app/audit/auditText.ts';
import type { AuditResult } from '../../app/audit/exceptions.ts';
import type { AuditFacts, Include } from '../../app/audit/facts.ts';
import { fixLines } from '../../app/audit/fixCommands.ts';
import type { Failed } from '../../app/audit/judge.ts';
import type {
  AppInAudit,
  AuditReport,
  FindingInWords,
  NotCheckedInWords,
  PassInWords,
  RuleInWords,
  StatusCounts,
  SuppressedInWords,
} from '../../app/audit/report.ts';
import type { Profile, Rule } from '../../app/audit/rule.ts';
import { SEVERITIES, type Severity, severityOf } from '../../app/audit/severity.ts';
import { lastUseOf } from '../../app/audit/use.ts';
import { auditInWords } from '../../texts.ts';

const said = (rule: Rule, which: RuleTextKey): string => auditInWords(ruleText(rule.id, which));

/** A rule in words. */
export const ruleInWords = (rule: Rule): RuleInWords => ({
  id: rule.id,
  name: rule.name,
  title: said(rule, 'title'),
  reason: said(rule, 'reason'),
  fix: said(rule, 'fix'),
  breaks: said(rule, 'breaks'),
  except: said(rule, 'except'),
  severity: severityOf(rule.score),
  score: rule.score,
  sources: [...rule.sources],
  looksAt: [...rule.looksAt],
});

const findingInWords = (one: Failed & AuditResult, inOrg: string[]): FindingInWords => {
  const { rule, subject, severity, score, text, fix, fingerprint } = one;
  const ended = one.ended === undefined ? '' : ` ${auditInWords(tell('ended', one.ended))}`;
  return {
    rule: rule.id,
    title: said(rule, 'title'),
    kind: subject.kind,
    subject: subject.name,
    severity,
    score,
    detail: `${auditInWords(text)}${ended}`,
    reason: said(rule, 'reason'),
    fix: said(rule, 'fix'),
    commands: fixLines(subject.name, fix, inOrg),
    breaks: said(rule, 'breaks'),
    fingerprint,
    ...(one.ended !== undefined && { ended: one.ended }),
  };
};

const suppressionInWords = ({ suppression }: AuditResult): Pick<SuppressedInWords, 'suppressedBy' | 'suppression'> => {
  if (suppression?.by !== 'file')
    return { suppressedBy: 'baseline', suppression: auditInWords(tell('suppressed.baseline')) };
  const { reason, until } = suppression;
  return {
    suppressedBy: 'file',
    suppression:
      until === undefined
        ? auditInWords(tell('suppressed.file', reason))
        : auditInWords(tell('suppressed.fileUntil', until, reason)),
  };
};

/** The worst first; of the same severity, by rule and subject. */
const byScore = (one: FindingInWords, other: FindingInWords): number =>
  other.score - one.score ||
  (one.rule === other.rule ? (one.subject < other.subject ? -1 : 1) : one.rule < other.rule ? -1 : 1);

/** How the audit was asked for. */
export type AuditAsked = { profile: Profile; include: Include[]; inOrg: string[] };

/** An audit in words: what every output is made of. */
export const reportOf = (
  facts: AuditFacts,
  results: AuditResult[],
  { profile, include, inOrg }: AuditAsked,
): AuditReport => {
  const failed = results.filter((one) => one.status === 'fail');
  const findings = failed.filter(({ suppression }) => !suppression).map((one) => findingInWords(one, inOrg));
  const notChecked = results.flatMap((one): NotCheckedInWords[] =>
    one.status === 'notChecked'
      ? [
          {
            rule: one.rule.id,
            title: said(one.rule, 'title'),
            kind: one.subject.kind,
            subject: one.subject.name,
            what: auditInWords(tell(`knowledge.${one.what}`)),
            why: auditInWords(one.text),
            fingerprint: one.fingerprint,
          },
        ]
      : [],
  );
  return {
    org: { id: facts.org.id, username: facts.org.username, url: facts.org.url },
    auditedAt: facts.now.toISOString(),
    profile,
    include,
    apps: appsInAudit(facts, findings, notChecked),
    findings: findings.sort(byScore),
    suppressed: failed
      .filter(({ suppression }) => suppression)
      .map((one) => ({ ...findingInWords(one, inOrg), ...suppressionInWords(one) }))
      .sort(byScore),
    notChecked,
    counts: countsOf(results),
  };
};

/** What passed, for reports that list every test. */
export const passesIn = (results: AuditResult[]): PassInWords[] =>
  results.flatMap(({ status, rule, subject }) =>
    status === 'pass' ? [{ rule: rule.id, title: said(rule, 'title'), subject: subject.name }] : [],
  );

const countsOf = (results: AuditResult[]): StatusCounts => {
  const counts = { pass: 0, fail: 0, suppressed: 0, notApplicable: 0, notChecked: 0 };
  for (const { status, suppression } of results) counts[suppression ? 'suppressed' : status]++;
  return counts;
};

const worstOf = (findings: FindingInWords[]): Severity | undefined =>
  SEVERITIES.find((severity) => findings.some((one) => one.severity === severity));

const rank = ({ worst }: AppInAudit): number => (worst === undefined ? SEVERITIES.length : SEVERITIES.indexOf(worst));

const appsInAudit = (facts: AuditFacts, findings: FindingInWords[], notChecked: NotCheckedInWords[]): AppInAudit[] => {
  const of = <T extends { kind: string; subject: string }>(all: T[]): Map<string, T[]> =>
    Map.groupBy(
      all.filter(({ kind }) => kind === 'app'),
      ({ subject }) => subject,
    );
  const [found, open] = [of(findings), of(notChecked)];
  return facts.apps
    .map((one): AppInAudit => {
      const { app, installed } = one;
      const own = found.get(app.name) ?? [];
      const worst = worstOf(own);
      const owner = installed ? one.package : app.contactEmail;
      const lastUsed = lastUseOf(one, facts);
      return {
        name: app.name,
        ...(app.label !== undefined && { label: app.label }),
        installed,
        enabled: app.enabled !== false,
        ...(owner !== undefined && { owner }),
        ...(lastUsed && { lastUsed: lastUsed.toISOString().slice(0, 10) }),
        ...(worst && { worst }),
        findings: own.length,
        notChecked: (open.get(app.name) ?? []).length,
      };
    })
    .sort((one, other) => rank(one) - rank(other) || other.findings - one.findings);
};
