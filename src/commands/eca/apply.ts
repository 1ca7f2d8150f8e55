import type { Connection } from '@salesforce/core';
import type { Wish } from '../../app/app.ts';
import { merge } from '../../app/changes.ts';
import { judgePolicies } from '../../app/policies.ts';
import type { Advice, Problem } from '../../app/problem.ts';
import { judgeScopes } from '../../app/scopes.ts';
import type { AppInFile } from '../../file/ecaFile.ts';
import { readEcaFiles } from '../../file/read.ts';
import { requirePermissions } from '../../org/access.ts';
import { waitForDeploys } from '../../org/deploysUnderWay.ts';
import { checkRunAs, permissionsFor, planApp, problemsOf } from '../../org/planApps.ts';
import { readApps } from '../../org/read.ts';
import { writeApps, type Plan, type WriteResult } from '../../org/write.ts';
import { Flags, Messages, SfCommand, toHelpSection } from '../../salesforce.ts';
import { commandLine, sameOrg } from '../../ui/commandLine.ts';
import { confirmIfAsked, confirmLoss } from '../../ui/confirmation.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { refuseFileProblems, type PlacedProblem } from '../../ui/fileProblems.ts';
import { noPromptFlag, orgFlags, writeFlags, writeOptions } from '../../ui/flags.ts';
import { adviceLines, planLines, planSummary, type PlannedApp } from '../../ui/planLines.ts';
import { showingProgress } from '../../ui/progress.ts';
import { showNext, warnOfNotApplied } from '../../ui/written.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.apply');

/** What was done to one app; `none` when it was as the file says already. */
export type AppliedApp = WriteResult & {
  action: 'create' | 'change' | 'delete' | 'none';
  /** Fields that the file says, that no org gives back and that were not sent. */
  notCompared: string[];
};

export type EcaApplyResult = {
  /** In the order of the files. */
  apps: AppliedApp[];
  /** The one deploy; absent when there was nothing to do. */
  deployId?: string;
  dryRun: boolean;
};

const changesFound = 3;

export default class EcaApply extends SfCommand<EcaApplyResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    ...exitCodes,
    '3': messages.getMessage('exitCode.3'),
  });

  public static override readonly flags = {
    ...orgFlags,
    file: Flags.string({
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      required: true,
      summary: messages.getMessage('flags.file.summary'),
      description: messages.getMessage('flags.file.description'),
    }),
    'send-certificates': Flags.boolean({
      summary: messages.getMessage('flags.send-certificates.summary'),
      description: messages.getMessage('flags.send-certificates.description'),
    }),
    'detailed-exitcode': Flags.boolean({ summary: messages.getMessage('flags.detailed-exitcode.summary') }),
    ...writeFlags,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaApplyResult> {
    const { flags, raw } = await this.parse(EcaApply);
    const { apps: wanted, problems } = await readEcaFiles(flags.file, process.env);
    refuseFileProblems(problems);

    const connection = flags['target-org'].getConnection(flags['api-version']);
    await requirePermissions(connection, 'apply');
    await showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
      waitForDeploys(connection, flags.wait.minutes, onProgress),
    );
    const plans = await planAll(connection, wanted, flags['send-certificates']);
    const permissions = permissionsFor(plans);
    if (permissions.length > 0) await requirePermissions(connection, 'apply', permissions);
    await this.showPlan(plans, flags);

    const results = await showingProgress(this.spinner, messages.getMessage('progress'), (onProgress) =>
      writeApps(connection, plans, writeOptions(flags, onProgress)),
    );
    const applied = results.map((result, index) => withPlan(result, plans[index]));
    this.showOutcome(applied, flags['dry-run'], [...flags.file.flatMap((file) => ['--file', file]), ...sameOrg(raw)]);
    if (flags['detailed-exitcode'] && plans.some(({ action }) => action !== 'none')) process.exitCode ??= changesFound;
    const deployId = results.find((result) => result.deployId)?.deployId;
    return { apps: applied, ...(deployId && { deployId }), dryRun: flags['dry-run'] };
  }

  /** Shows what is to be done, warns of what is unwise about it, and asks whether to go on. */
  private async showPlan(plans: Plan[], flags: { 'dry-run': boolean; 'no-prompt': boolean }): Promise<void> {
    const shown = plans.map(plannedApp);
    for (const line of [...planLines(shown), '', planSummary(shown)]) this.log(line);
    for (const { wish, advice } of plans.map(judged).filter((one) => one.advice.length > 0)) {
      this.warn(messages.createWarning('warning.unwise', [wish.name, adviceLines(advice)]));
    }
    if (flags['dry-run'] || plans.every(({ action }) => action === 'none')) return;
    const deletions = plans.filter(({ action }) => action === 'delete').map(({ wish }) => wish.name);
    if (deletions.length === 0) return confirmIfAsked(this, flags, messages.getMessage('prompt'));
    return confirmLoss(this, flags, messages.getMessage('prompt.deletion', [deletions.join(', ')]));
  }

  private showOutcome(applied: AppliedApp[], dryRun: boolean, sameFlags: string[]): void {
    if (applied.every(({ action }) => action === 'none')) {
      this.logSuccess(messages.getMessage('done.nothing'));
      return;
    }
    this.logSuccess(messages.getMessage(dryRun ? 'done.dryRun' : 'done'));
    for (const result of applied) warnOfNotApplied(this, result);
    const command = [this.config.bin, 'eca', 'apply', ...sameFlags];
    showNext(
      this,
      dryRun
        ? { text: messages.getMessage('next.withoutDryRun'), commandLine: commandLine(command) }
        : {
            text: messages.getMessage('next.drift'),
            commandLine: commandLine([...command, '--dry-run', '--detailed-exitcode']),
          },
    );
  }
}

/**
 * What is to be done for each app of the files, in their order.
 *
 * @throws error.filesWrong for everything about the files that an org makes wrong, such as a user who is not there
 */
const planAll = async (connection: Connection, wanted: AppInFile[], sendCertificates: boolean): Promise<Plan[]> => {
  const stored = await readApps(
    connection,
    wanted.map(({ wish }) => wish.name),
  );
  refuseFileProblems(wanted.flatMap((app) => spelledOtherwise(app, [...stored.keys()])));
  const plans = wanted.map((app) => planApp(stored.get(app.wish.name), app, { sendCertificates }));
  const runAsProblems = await checkRunAs(connection, plans);
  const problems = plans.flatMap((planned, index) =>
    [...problemsOf(planned), ...[runAsProblems.get(planned) ?? []].flat()].map((problem) =>
      placed(problem, wanted[index]),
    ),
  );
  refuseFileProblems(problems);
  return plans;
};

/** An org takes names that differ in upper and lower case alone for the same, and so for another app than it would make. */
const spelledOtherwise = (app: AppInFile, names: string[]): PlacedProblem[] => {
  const { name } = app.wish;
  const spelled = names.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  return spelled === undefined ? [] : [{ code: 'plan.nameSpelled', values: [name, spelled], ...app.at() }];
};

const placed = (problem: Problem, app: AppInFile | undefined): PlacedProblem => {
  if (!app) throw new Error('A plan for an app that no file names.');
  return { ...problem, ...app.at(problem.field) };
};

const certificate = 'oauth.certificateFile';

const plannedApp = ({ action, wish, changes }: Plan): PlannedApp => {
  const isSent = changes.some(({ field }) => field === certificate);
  const isSaid = wish.oauth?.certificateFile !== undefined;
  return { name: wish.name, action, changes, notCompared: isSaid && !isSent ? [certificate] : [] };
};

const withPlan = (result: WriteResult, planned: Plan | undefined): AppliedApp => {
  if (!planned) throw new Error('A result without a plan.');
  const { action, notCompared } = plannedApp(planned);
  return { ...result, action, notCompared };
};

/** What is unwise about an app that is written; of the others nobody asked. */
const judged = ({ action, stored, wish }: Plan): { wish: Wish; advice: Advice[] } => {
  if (action !== 'create' && action !== 'change') return { wish, advice: [] };
  const app = merge(stored?.app, wish);
  if (!app.oauth) return { wish, advice: [] };
  return { wish, advice: [...judgeScopes(app.scopes ?? [], app.oauth.flows ?? []), ...judgePolicies(app)] };
};
