import type { AuditReport } from '../../app/audit/report.ts';
import type { Rule } from '../../app/audit/rule.ts';
import { nearestRule, ruleNamed, RULES } from '../../app/audit/rules.ts';
import { isAtLeast, type Severity } from '../../app/audit/severity.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { texts } from '../../texts.ts';
import { ENDINGS, isSarif, outputFor } from './outputs.ts';

const messages = texts('eca.audit');

/** The flags that decide which rules run and what counts. */
export type AuditFlags = {
  name?: string[];
  rule?: string[];
  'skip-rule'?: string[];
  'min-severity'?: Severity;
  'fail-on'?: Severity;
  'fail-on-unchecked'?: boolean;
  'output-file'?: string[];
};

/** @throws error.ruleUnknown (exit code 2) */
export const requireRule = (text: string): Rule => {
  const rule = ruleNamed(text);
  if (!rule) throw messages.createError('error.ruleUnknown', [text], [nearestRule(text)], EXIT_CODE_FOR.wrongFlags);
  return rule;
};

/**
 * The rules of this run. With names of apps, these are the rules about apps alone.
 *
 * @throws error.ruleUnknown (exit code 2)
 */
export const rulesToRun = ({ name, rule, 'skip-rule': skipped = [] }: AuditFlags): Rule[] => {
  const asked = rule?.map(requireRule);
  const left = skipped.map(requireRule);
  return RULES.filter(
    (one) => (asked?.includes(one) ?? true) && !left.includes(one) && (name === undefined || one.about === 'app'),
  );
};

/**
 * Code scanning takes an alert that is missing for mended. So a SARIF file has all findings of all apps.
 *
 * @throws error.outputUnknown, error.sarifWhole (exit code 2)
 */
export const refuseOutputs = (flags: AuditFlags): void => {
  const files = flags['output-file'] ?? [];
  for (const path of files)
    if (!outputFor(path))
      throw messages.createError('error.outputUnknown', [path], [ENDINGS.join(', ')], EXIT_CODE_FOR.wrongFlags);
  const narrowing = (['min-severity', 'rule', 'name'] as const).find((flag) => flags[flag] !== undefined);
  if (narrowing !== undefined && files.some(isSarif))
    throw messages.createError('error.sarifWhole', [`--${narrowing}`], [`--${narrowing}`], EXIT_CODE_FOR.wrongFlags);
};

/** The report without the findings below a severity. */
export const onlyFrom = (report: AuditReport, least: Severity | undefined): AuditReport => {
  if (least === undefined) return report;
  const isShown = ({ severity }: { severity: Severity }): boolean => isAtLeast(severity, least);
  const findings = report.findings.filter(isShown);
  return {
    ...report,
    findings,
    suppressed: report.suppressed.filter(isShown),
    apps: report.apps.map(({ worst, ...app }) => ({
      ...app,
      ...(worst && isAtLeast(worst, least) && { worst }),
      findings: findings.filter(({ kind, subject }) => kind === 'app' && subject === app.name).length,
    })),
  };
};

/** Does the audit fail by the gates that were asked for? */
export const isFailed = (report: AuditReport, flags: AuditFlags): boolean => {
  const limit = flags['fail-on'];
  const reached = limit !== undefined && report.findings.some(({ severity }) => isAtLeast(severity, limit));
  return reached || (flags['fail-on-unchecked'] === true && report.counts.notChecked > 0);
};
