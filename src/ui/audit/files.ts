import { type Baseline, formatBaseline, newRules, parseBaseline } from '../../app/audit/baseline.ts';
import { type AuditResult, type Exception, unneeded } from '../../app/audit/exceptions.ts';
import type { Judged } from '../../app/audit/judge.ts';
import type { FindingPlace } from '../../app/audit/report.ts';
import { RULES } from '../../app/audit/rules.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { placesInCheckout } from '../../file/appPlaces.ts';
import { parseExceptions } from '../../file/auditExceptions.ts';
import { isThere, saveFile } from '../../file/save.ts';
import { readTextFiles, type TextFileKind } from '../../file/textFiles.ts';
import { texts } from '../../texts.ts';
import { refuseFileProblems } from '../fileProblems.ts';
import { notWritten } from '../outputFile.ts';
import type { Screen } from '../screen.ts';
import { type Audited, isSarif, outputFor } from './outputs.ts';

const messages = texts('eca.audit');

/** Where exceptions are looked for without a flag. */
const IGNORE_FILE = '.eca-audit.yaml';

const TEXT_FILE: TextFileKind = {
  names: /./,
  // A finding takes some hundred bytes, and an org has some ten thousand of them at most.
  bytesMax: 20_000_000,
  tooLarge: 'file.tooLarge',
  folderEmpty: 'file.folderEmpty',
};

const readText = async (screen: Pick<Screen, 'logToStderr'>, path: string): Promise<string> => {
  const { files, problems } = await readTextFiles([path], TEXT_FILE);
  refuseFileProblems(screen, problems);
  return files.map(({ text }) => text).join('\n');
};

/**
 * The exceptions of a file. Without a path, those of `.eca-audit.yaml` in the current folder, if it is there.
 *
 * @throws error.filesWrong
 */
export const readExceptions = async (
  screen: Pick<Screen, 'logToStderr'>,
  path: string | undefined,
): Promise<{ exceptions: Exception[]; file: string }> => {
  const file = path ?? IGNORE_FILE;
  if (path === undefined && !(await isThere(file))) return { exceptions: [], file };
  const { exceptions, problems } = parseExceptions(await readText(screen, file), file);
  refuseFileProblems(screen, problems);
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
  screen: Pick<Screen, 'warn' | 'logToStderr'>,
  path: string | undefined,
  orgId: string,
): Promise<Baseline | undefined> => {
  if (path === undefined) return undefined;
  const baseline = parseBaseline(await readText(screen, path));
  if (!baseline) throw messages.createError('error.baselineBroken', [path], [path], EXIT_CODE_FOR.wrongFlags);
  if (baseline.org.slice(0, 15) !== orgId.slice(0, 15))
    throw messages.createError('error.baselineOfOtherOrg', [path, baseline.org, orgId], [], EXIT_CODE_FOR.wrongFlags);
  const later = newRules(baseline);
  if (later.length > 0) screen.warn(messages.createWarning('warning.baselineOlder', [path, later.join(', ')]));
  return baseline;
};

/** Writes the findings as they are now, with those of an earlier baseline, and without those of the ignore file. */
export const saveBaseline = async (
  path: string | undefined,
  orgId: string,
  results: AuditResult[],
): Promise<string[]> => {
  if (path === undefined) return [];
  const found = results.filter((one) => one.status === 'fail').filter(({ suppression }) => suppression?.by !== 'file');
  await saveFile(path, formatBaseline(orgId, found)).catch(notWritten(path));
  return [path];
};

/** A path that stands for an app where no file of the checkout says it. It stays when a label changes. */
const virtualPlace = (orgId: string, kind: string, subject: string): FindingPlace => ({
  uri: ['salesforce', orgId, ...(kind === 'org' ? ['org'] : [kind, subject])].map(encodeURIComponent).join('/'),
});

/** @returns the paths, in the order of the flags */
export const saveOutputs = async (audited: Omit<Audited, 'placeOf'>, paths: string[]): Promise<string[]> => {
  const inCheckout = paths.some(isSarif) ? await placesInCheckout(process.cwd(), paths) : () => undefined;
  const fieldsOf = new Map(RULES.map(({ id, looksAt }) => [id as string, looksAt]));
  const placeOf = (kind: string, subject: string, rule: string): FindingPlace =>
    (kind === 'app' ? inCheckout(subject, fieldsOf.get(rule) ?? []) : undefined) ??
    virtualPlace(audited.report.org.id, kind, subject);
  for (const path of paths) {
    const text = await outputFor(path)?.({ ...audited, placeOf });
    if (text !== undefined) await saveFile(path, text).catch(notWritten(path));
  }
  return paths;
};
