import { withExceptions } from '../../app/audit/exceptions.ts';
import { type Include, INCLUDES } from '../../app/audit/facts.ts';
import { judgeAll } from '../../app/audit/judge.ts';
import type { AuditReport } from '../../app/audit/report.ts';
import { PROFILES } from '../../app/audit/rule.ts';
import { SEVERITIES } from '../../app/audit/severity.ts';
import { commandLine } from '../../app/commandLine.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { placesInCheckout } from '../../file/appPlaces.ts';
import { parseExceptions } from '../../file/auditExceptions.ts';
import { isThere, saveFile } from '../../file/save.ts';
import { readTextFiles, type TextFileKind } from '../../file/textFiles.ts';
import { placesOfField } from '../../org/app/sourceFormat.ts';
import { readAudit } from '../../org/audit/readAudit.ts';
import { Flags, SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { isFailed, onlyFrom, refuseOutputs, rulesToRun } from '../../ui/audit/asked.ts';
import type { Disk } from '../../ui/audit/disk.ts';
import {
  readBaseline,
  readExceptions,
  saveBaseline,
  saveOutputs,
  warnOfManyResults,
  warnOfUnneeded,
} from '../../ui/audit/files.ts';
import { appTable, auditLines, hasNoApps } from '../../ui/audit/lines.ts';
import { isFixes } from '../../ui/audit/outputs.ts';
import { reportOf } from '../../ui/audit/words.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { sameOrg, type Token } from '../../ui/commandLine.ts';
import { exitCodesIn } from '../../ui/exitCodes.ts';
import { ORG_FLAGS } from '../../ui/flags.ts';
import { showingWork } from '../../ui/progress.ts';
import { showTable } from '../../ui/tables.ts';
import { showNext } from '../../ui/writeResult.ts';

const messages = texts('eca.audit');

const TEXT_FILE: TextFileKind = {
  names: /./,
  // A finding takes some hundred bytes, and an org has some ten thousand of them at most.
  bytesMax: 20_000_000,
  tooLarge: 'file.tooLarge',
  folderEmpty: 'file.folderEmpty',
};

/** The files of the audit: ui/ says what becomes of them. */
const DISK: Disk = {
  isThere,
  saveFile,
  readText: async (path) => {
    const { files, problems } = await readTextFiles([path], TEXT_FILE);
    return { text: files.map(({ text }) => text).join('\n'), problems };
  },
  parseExceptions,
  placesInCheckout: (folder, left) => placesInCheckout(folder, left, placesOfField),
  // Loaded here, so that help does without the YAML library.
  formatEcaFile: async (apps, certificates) => (await import('../../file/format.ts')).formatEcaFile(apps, certificates),
};

export type EcaAuditResult = AuditReport & {
  /** Did a finding reach `--fail-on`, or was something not checked under `--fail-on-unchecked`? */
  failed: boolean;
  /** The files that were written. */
  files: string[];
};

export default class EcaAudit extends SfCommand<EcaAuditResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'wrongFlags', 'changesFound'),
  );

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: Flags.string({ char: 'n', multiple: true, summary: messages.getMessage('flags.name.summary') }),
    profile: Flags.option({
      options: PROFILES,
      default: 'standard' as const,
      summary: messages.getMessage('flags.profile.summary'),
      description: messages.getMessage('flags.profile.description'),
    })(),
    include: Flags.option({
      options: INCLUDES,
      multiple: true,
      summary: messages.getMessage('flags.include.summary'),
      description: messages.getMessage('flags.include.description'),
    })(),
    rule: Flags.string({ multiple: true, summary: messages.getMessage('flags.rule.summary') }),
    'skip-rule': Flags.string({ multiple: true, summary: messages.getMessage('flags.skip-rule.summary') }),
    'min-severity': Flags.option({
      options: SEVERITIES,
      summary: messages.getMessage('flags.min-severity.summary'),
    })(),
    'fail-on': Flags.option({ options: SEVERITIES, summary: messages.getMessage('flags.fail-on.summary') })(),
    'fail-on-unchecked': Flags.boolean({ summary: messages.getMessage('flags.fail-on-unchecked.summary') }),
    'unused-days': Flags.integer({ default: 90, min: 1, summary: messages.getMessage('flags.unused-days.summary') }),
    baseline: Flags.string({ summary: messages.getMessage('flags.baseline.summary') }),
    'write-baseline': Flags.string({ summary: messages.getMessage('flags.write-baseline.summary') }),
    'ignore-file': Flags.string({
      summary: messages.getMessage('flags.ignore-file.summary'),
      description: messages.getMessage('flags.ignore-file.description'),
    }),
    'output-file': Flags.string({
      multiple: true,
      summary: messages.getMessage('flags.output-file.summary'),
      description: messages.getMessage('flags.output-file.description'),
    }),
  };

  public async run(): Promise<EcaAuditResult> {
    const parsed = await this.parse(EcaAudit);
    const { flags } = parsed;
    const rules = rulesToRun(flags);
    refuseOutputs(flags);
    const { connection } = beginInOrg(this, parsed);
    const { exceptions, file } = await readExceptions({ screen: this, disk: DISK }, flags['ignore-file']);
    const include: Include[] = [...new Set(flags.include ?? [])];
    const facts = await showingWork(this.spinner, messages.getMessage('reading'), () =>
      readAudit(connection, {
        ...(flags.name && { names: flags.name }),
        include,
        unusedDays: flags['unused-days'],
      }),
    );
    const baseline = await readBaseline({ screen: this, disk: DISK }, flags.baseline, facts.org.id);
    const judged = judgeAll(facts, rules, flags.profile);
    const results = withExceptions(judged, exceptions, baseline, facts);
    warnOfUnneeded(this, exceptions, judged, { file, orgId: facts.org.id });

    const asked = { profile: flags.profile, include, inOrg: sameOrg(parsed.raw).slice(0, 2) };
    const whole = reportOf(facts, results, asked);
    const report = onlyFrom(whole, flags['min-severity']);
    this.show(report);
    warnOfManyResults(this, whole, flags['output-file'] ?? []);
    const { profile } = flags;
    const audited = { facts, results, report, profile, version: this.config.version, disk: DISK };
    const files = [
      ...(await saveOutputs(audited, flags['output-file'] ?? [])),
      ...(await saveBaseline(DISK, flags['write-baseline'], facts.org.id, results)),
    ];
    for (const path of files) this.logToStderr(messages.getMessage('saved', [path]));
    this.suggest(report, parsed.raw, files.some(isFixes));
    const failed = isFailed(whole, flags);
    if (failed) process.exitCode = EXIT_CODE_FOR.changesFound;
    return { ...report, failed, files };
  }

  private show(report: AuditReport): void {
    const table = appTable(report.apps);
    if (hasNoApps(report)) this.log(messages.getMessage('none'));
    if (table.data.length > 0) showTable(this, table);
    for (const line of auditLines(report, process.stdout.columns)) this.log(line);
  }

  private suggest({ findings }: AuditReport, raw: Token[], isSaved: boolean): void {
    const [first] = findings;
    if (!first) return;
    const eca = [this.config.bin, 'eca', 'audit'];
    showNext(
      this,
      isSaved || first.kind !== 'app'
        ? { text: messages.getMessage('next.explain'), commandLine: commandLine([...eca, 'explain', first.rule]) }
        : {
            text: messages.getMessage('next.fixes'),
            commandLine: commandLine([...eca, ...sameOrg(raw), '--output-file', 'fixes.eca.yaml']),
          },
    );
  }
}
