import type { Interfaces } from '@oclif/core';

import { commandLine } from '../../../app/commandLine.ts';
import type { NamesInOrg } from '../../../app/connected/context.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { readConnectedAppFiles } from '../../../file/connectedAppFiles.ts';
import { besideFile, isThere, saveFile } from '../../../file/save.ts';
import type { CertificateFile } from '../../../org/connected/certificateOf.ts';
import { readNamesInOrg } from '../../../org/connected/connectedApps.ts';
import { planMove, type Source, sourceInOrg, sourcesIn } from '../../../org/connected/sources.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { beginInOrg } from '../../../ui/begin.ts';
import { sameOrg, type Token } from '../../../ui/commandLine.ts';
import { confirmLoss, yesFlag } from '../../../ui/confirmation.ts';
import { exitCodesIn } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, ORG_FLAGS } from '../../../ui/flags.ts';
import { MOVE_FLAGS, moveFlags } from '../../../ui/migrationFlags.ts';
import {
  fileComment,
  isOpen,
  type MigrationInWords,
  migrationLines,
  migrationMarkdown,
  planInWords,
  refuseSources,
} from '../../../ui/migrationPlan.ts';
import { notWritten } from '../../../ui/outputFile.ts';
import { askConnectedApp, mayAsk, needFlags } from '../../../ui/prompts.ts';
import { defaultOrg } from '../../../ui/verifyFlags.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.migrate.plan');

export type EcaMigratePlanResult = {
  /** One for each Connected App, in the order of the files. */
  plans: MigrationInWords[];
  /** The new apps as eca.yaml. */
  yaml: string;
  /** The files that were written: eca.yaml, and the certificates. */
  files: string[];
};

type PlanFlags = Interfaces.InferredFlags<typeof EcaMigratePlan.flags>;

type Parsed = { flags: PlanFlags; raw: Token[] };

type Read = { sources: Source[]; names?: NamesInOrg };

type Planned = { plan: MigrationInWords; certificate?: CertificateFile };

export default class EcaMigratePlan extends SfCommand<EcaMigratePlanResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'wrongFlags', 'changesFound'),
  );

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    'target-org': Flags.optionalOrg({ default: undefined, summary: messages.getMessage('flags.target-org.summary') }),
    ...MOVE_FLAGS,
    'output-file': Flags.string({ summary: messages.getMessage('flags.output-file.summary') }),
    'detailed-exitcode': Flags.boolean({ summary: messages.getMessage('flags.detailed-exitcode.summary') }),
    'result-format': Flags.option({
      options: ['human', 'markdown'] as const,
      default: 'human' as const,
      exclusive: ['json'],
      summary: messages.getMessage('flags.result-format.summary'),
    })(),
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaMigratePlanResult> {
    const parsed = await this.parse(EcaMigratePlan);
    const { raw } = parsed;
    const flags = moveFlags(parsed);
    const from = { flags, raw };
    const { sources, names } = flags.file ? await this.fromFiles(from, flags.file) : await this.fromOrg(from);
    const planned = sources.map((source) => plan(source, flags, names));
    const plans = planned.map((one) => one.plan);
    // Loaded here, so that help does without the YAML library.
    const { formatEcaFile } = await import('../../../file/format.ts');
    const yaml = `${fileComment(plans)}${formatEcaFile(plans.map(({ app }) => app))}`;

    for (const one of plans) this.show(one, flags);
    const written = await this.save(planned, yaml, flags);
    const file = flags['output-file'];
    const eca = [this.config.bin, 'eca'];
    const [next, ...words] =
      file === undefined
        ? (['next.outputFile', 'migrate', 'plan', ...this.argv, '--output-file', 'eca.yaml'] as const)
        : (['next.apply', 'apply', '--file', file, '--dry-run', ...sameOrg(raw)] as const);
    showNext(this, { text: messages.getMessage(next), commandLine: commandLine([...eca, ...words]) });
    if (flags['detailed-exitcode'] && plans.some(isOpen)) process.exitCode = EXIT_CODE_FOR.changesFound;
    return { plans, yaml, files: written };
  }

  private async fromOrg({ flags, raw }: Parsed): Promise<Read> {
    const { name } = await needFlags(mayAsk(this, flags), { name: { given: flags.name, ask: askConnectedApp } });
    const org = flags['target-org'] ?? (await defaultOrg());
    const { connection } = beginInOrg(this, { flags: { ...flags, 'target-org': org }, raw });
    return { sources: [await sourceInOrg(connection, name)], names: await readNamesInOrg(connection) };
  }

  private async fromFiles({ flags, raw }: Parsed, paths: string[]): Promise<Read> {
    const { files, problems } = await readConnectedAppFiles(paths);
    const sources = refuseSources(this, flags.as, problems, sourcesIn(files, flags.as));
    const org = flags['target-org'];
    if (!org) return { sources };
    const { connection } = beginInOrg(this, { flags: { ...flags, 'target-org': org }, raw });
    return { sources, names: await readNamesInOrg(connection) };
  }

  private show(one: MigrationInWords, flags: PlanFlags): void {
    if (flags['result-format'] === 'markdown') this.log(migrationMarkdown(one));
    else for (const line of migrationLines(one, process.stdout.columns)) this.log(line);
  }

  private async save(planned: Planned[], yaml: string, flags: PlanFlags): Promise<string[]> {
    const certificates = planned.flatMap(({ certificate }) => certificate ?? []);
    const output = flags['output-file'];
    if (output === undefined) {
      const named = certificates.map(({ file }) => file).join(', ');
      if (named !== '') this.warn(messages.createWarning('warning.certificatesLeftOut', [named]));
      return [];
    }
    const toWrite = [
      ...certificates.map(({ file, certificate }) => ({ path: besideFile(output, file), text: certificate.pem })),
      { path: output, text: yaml },
    ];
    for (const { path } of toWrite)
      if (await isThere(path)) await confirmLoss(this, flags, messages.getMessage('prompt.overwrite', [path]));
    for (const { path, text } of toWrite) await saveFile(path, text).catch(notWritten(path));
    this.logToStderr(messages.getMessage('saved', [String(planned.length), output]));
    return toWrite.map(({ path }) => path);
  }
}

const plan = (source: Source, flags: PlanFlags, org: NamesInOrg | undefined): Planned => {
  const move = planMove(source, {
    as: flags.as,
    runAs: flags['run-as'],
    adminApproved: flags['admin-approved'],
    org,
  });
  return { plan: planInWords(move), certificate: move.certificate };
};
