import { type Baseline, formatBaseline, newRules, parseBaseline } from '../../app/audit/baseline.ts';
import { type AuditResult, type Exception, unneeded } from '../../app/audit/exceptions.ts';
import type { AuditFacts } from '../../app/audit/facts.ts';
import type { Judged } from '../../app/audit/judge.ts';
import type { AuditReport, FindingPlace } from '../../app/audit/report.ts';
import { RULES } from '../../app/audit/rules.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { auditInWords, texts } from '../../texts.ts';
import { refuseFileProblems } from '../fileProblems.ts';
import { notWritten } from '../outputFile.ts';
import type { Screen } from '../screen.ts';
import type { Disk } from './disk.ts';
import { type Audited, isSarif, outputFor } from './outputs.ts';

const messages = texts('eca.audit');

/** Where exceptions are looked for without a flag. */
const IGNORE_FILE = '.eca-audit.yaml';

/** What a file is read or written with, and where its problems are shown. */
type Reader = { screen: Pick<Screen, 'warn' | 'logToStderr'>; disk: Disk };

const readText = async ({ screen, disk }: Reader, path: string): Promise<string> => {
  const { text, problems } = await disk.readText(path);
  refuseFileProblems(screen, problems);
  return text;
};

/**
 * The exceptions of a file. Without a path, those of `.eca-audit.yaml` in the current folder, if it is there.
 *
 * @throws error.filesWrong
 */
export const readExceptions = async (
  reader: Reader,
  path: string | undefined,
): Promise<{ exceptions: Exception[]; file: string }> => {
  const file = path ?? IGNORE_FILE;
  if (path === undefined && !(await reader.disk.isThere(file))) return { exceptions: [], file };
  const { exceptions, problems } = reader.disk.parseExceptions(await readText(reader, file), file);
  refuseFileProblems(reader.screen, problems);
  return { exceptions, file };
};

/** Warns of exceptions that nothing needs any more. */
export const warnOfUnneeded = (
  screen: Pick<Screen, 'warn'>,
  exceptions: Exception[],
  judged: Judged[],
  { file, orgId }: { file: string; orgId: string },
): void => {
  const left = unneeded(exceptions, judged, orgId).map(({ rule, app = '*' }) => `${rule} ${app}`);
  if (left.length > 0) screen.warn(messages.createWarning('warning.exceptionsUnneeded', [file, left.join(', ')]));
};

/**
 * A baseline of this org. Rules that came later are named.
 *
 * @throws error.baselineBroken, error.baselineOfOtherOrg (exit code 2); error.filesWrong
 */
export const readBaseline = async (
  reader: Reader,
  path: string | undefined,
  orgId: string,
): Promise<Baseline | undefined> => {
  if (path === undefined) return undefined;
  const baseline = parseBaseline(await readText(reader, path));
  if (!baseline) throw messages.createError('error.baselineBroken', [path], [path], EXIT_CODE_FOR.wrongFlags);
  if (baseline.org.slice(0, 15) !== orgId.slice(0, 15))
    throw messages.createError('error.baselineOfOtherOrg', [path, baseline.org, orgId], [], EXIT_CODE_FOR.wrongFlags);
  const later = newRules(baseline);
  if (later.length > 0) reader.screen.warn(messages.createWarning('warning.baselineOlder', [path, later.join(', ')]));
  return baseline;
};

/** Writes the findings as they are now, with those of an earlier baseline, and without those of the ignore file. */
export const saveBaseline = async (
  disk: Disk,
  path: string | undefined,
  orgId: string,
  results: AuditResult[],
): Promise<string[]> => {
  if (path === undefined) return [];
  const found = results.filter((one) => one.status === 'fail').filter(({ suppression }) => suppression?.by !== 'file');
  await disk.saveFile(path, formatBaseline(orgId, found)).catch(notWritten(path));
  return [path];
};

/** Results of one file that GitHub keeps; it refuses more than 25,000 (GitHub Docs, limits on SARIF results). */
const SARIF_RESULTS_MAX = 5000;

/** Warns of a SARIF file of which GitHub would keep a part. The worst findings come first in it. */
export const warnOfManyResults = (screen: Pick<Screen, 'warn'>, report: AuditReport, paths: string[]): void => {
  const count = report.findings.length + report.notChecked.length;
  const path = paths.find(isSarif);
  if (path !== undefined && count > SARIF_RESULTS_MAX)
    screen.warn(messages.createWarning('warning.sarifLong', [path, String(count), String(SARIF_RESULTS_MAX)]));
};

/** A path that stands for an app where no file of the checkout says it. It stays when a label changes. */
const virtualPlace = (orgId: string, kind: string, subject: string): FindingPlace => ({
  uri: ['salesforce', orgId, ...(kind === 'org' ? ['org'] : [kind, subject])].map(encodeURIComponent).join('/'),
});

/**
 * Code scanning takes the alerts of apps that nobody could see for mended. So there is no such file then.
 *
 * @throws error.sarifUnseen
 */
const refuseUnseen = ({ unread }: AuditFacts, paths: string[]): void => {
  const path = paths.find(isSarif);
  const why = unread.apps ?? unread.connectedApps;
  if (path !== undefined && why) throw messages.createError('error.sarifUnseen', [path, auditInWords(why)]);
};

/**
 * @returns the paths, in the order of the flags
 * @throws error.sarifUnseen
 */
export const saveOutputs = async (audited: Omit<Audited, 'placeOf'>, paths: string[]): Promise<string[]> => {
  refuseUnseen(audited.facts, paths);
  const inCheckout = paths.some(isSarif) ? await audited.disk.placesInCheckout(process.cwd(), paths) : () => undefined;
  const fieldsOf = new Map(RULES.map(({ id, looksAt }) => [id as string, looksAt]));
  const placeOf = (kind: string, subject: string, rule: string): FindingPlace =>
    (kind === 'app' ? inCheckout(subject, fieldsOf.get(rule) ?? []) : undefined) ??
    virtualPlace(audited.report.org.id, kind, subject);
  for (const path of paths) {
    const text = await outputFor(path)?.({ ...audited, placeOf });
    if (text !== undefined) await audited.disk.saveFile(path, text).catch(notWritten(path));
  }
  return paths;
};
