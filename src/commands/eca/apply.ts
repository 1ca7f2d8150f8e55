import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { checkWish } from '../../app/checkWish.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import type { UserStep } from '../../app/integrationUser.ts';
import type { TargetOrg } from '../../app/targetOrg.ts';
import type { AppInFile } from '../../file/ecaFile.ts';
import { readCertificates } from '../../local/certificate.ts';
import { addToJobSummary, JOB_SUMMARY } from '../../local/jobSummary.ts';
import { judgeCertificate, keepsJwtBearer, removesCertificate } from '../../org/app/certificateTerms.ts';
import { waitForDeploys } from '../../org/app/deploysUnderWay.ts';
import { type LockedOut, lockedOutBy } from '../../org/app/lockedOut.ts';
import type { Plan, Sending } from '../../org/app/plan.ts';
import { grantsOfPlan, warnOfAccess } from '../../org/app/planAccess.ts';
import { judgePlan } from '../../org/app/planChecks.ts';
import { writeApps, type Written } from '../../org/app/write.ts';
import { readTargetOrg } from '../../org/organization/organization.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { carryOutPlans, checkPlans, isChange, readBefore, requireAllFor } from '../../org/users/applying.ts';
import {
  actionWithUser,
  type AppliedApp,
  appliedApp,
  hasUserSteps,
  notCompared,
  planAppsWithUsers,
  type WantedApp,
} from '../../org/users/appsWithUsers.ts';
import { userStep } from '../../org/users/integrationUser.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { APPLY_FLAGS } from '../../ui/applyFlags.ts';
import { showApplied } from '../../ui/applyOutcome.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginInOrg } from '../../ui/begin.ts';
import { sameApp, sameOrg } from '../../ui/commandLine.ts';
import { yesFlag } from '../../ui/confirmation.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { placed, refuseFileProblems } from '../../ui/fileProblems.ts';
import { ORG_FLAGS, refuseTwoInputs, WRITE_FLAGS } from '../../ui/flags.ts';
import { notWritten } from '../../ui/outputFile.ts';
import { confirmPlan, markdownOf, type PlanView, showPlan } from '../../ui/planView.ts';
import { showingProgress, showingSteps, showingWrite } from '../../ui/progress.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { errorWithVariables, withVariables } from '../../ui/withVariables.ts';

const messages = texts('eca.apply');
const userMessages = texts('eca.user.create');

export type EcaApplyResult = {
  org: TargetOrg;
  /** In the order of the files. */
  apps: AppliedApp[];
  /** The one deploy; absent when there was nothing to do. */
  deployId?: string;
  dryRun: boolean;
};

/** The plan for an app of a file. */
type FilePlan = Plan<AppInFile>;

type ApplyFlags = Interfaces.InferredFlags<typeof EcaApply.flags>;

type Tokens = Parameters<typeof sameOrg>[0];

export default class EcaApply extends SfCommand<EcaApplyResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:deploy', 'eca:push'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    ...exitCodes,
    [EXIT_CODE_FOR.changesFound]: messages.getMessage('exitCode.3'),
    [EXIT_CODE_FOR.unfinished]: userMessages.getMessage('exitCode.68'),
  });

  public static override readonly flags = {
    ...ORG_FLAGS,
    ...APPLY_FLAGS,
    ...WRITE_FLAGS,
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaApplyResult> {
    const { flags, raw } = await this.parse(EcaApply);
    refuseTwoInputs(...flags.file);
    // Loaded here, so that help does without the YAML parser.
    const { readEcaFiles } = await import('../../file/read.ts');
    const { apps, problems } = await readEcaFiles(flags.file, process.env, flags.variable);
    try {
      if (problems.length > 0) refuseFileProblems(this, [...problems, ...apps.flatMap(wrongValues)]);
      return await this.apply(apps, flags, raw);
    } catch (error) {
      throw errorWithVariables(error, apps);
    }
  }

  private async apply(inFiles: AppInFile[], flags: ApplyFlags, raw: Tokens): Promise<EcaApplyResult> {
    const { connection, targetOrg } = beginInOrg(this, { flags, raw });
    const [org, now] = await answersInOrder(
      nameOrg(this)(readTargetOrg(connection, targetOrg)),
      readBefore(connection, inFiles, () =>
        showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
          waitForDeploys(connection, flags.wait.minutes, onProgress),
        ),
      ),
    );
    const wanted = inFiles.map((source): WantedApp<AppInFile> => {
      const name = asSpelled(this, source.wish.name, now.stored.get(source.wish.name)?.app.name);
      return { ...source, wish: { ...source.wish, name }, source };
    });
    const files = wanted.map(({ absent, wish }) => (absent ? undefined : wish.oauth?.certificateFile));
    const sending = { sendCertificates: flags['send-certificates'], certificates: await readCertificates(files) };
    const planned = await planAppsWithUsers(connection, wanted, now, sending);
    refuseFileProblems(
      this,
      planned.flatMap(({ plan, problems }) => problems.map((problem) => placed(problem, plan.source))),
    );
    const plans = planned.map(({ plan }) => plan);
    await requireAllFor(connection, plans, flags['api-version']);
    await this.showPlan(connection, plans, flags, { raw, org });

    const written = await this.carryOut(connection, plans, sending, flags);
    const apps = written.map(({ plan, result }) => appliedApp(plan, result));
    showApplied(this, apps, flags, [this.config.bin, 'eca', 'apply', ...sameFlags(flags, raw)]);
    if (flags['detailed-exitcode'] && plans.some(isChange)) process.exitCode ??= EXIT_CODE_FOR.changesFound;
    const deployId = apps.find((app) => app.deployId)?.deployId;
    return { org, apps, ...(deployId && { deployId }), dryRun: flags['dry-run'] };
  }

  private carryOut(
    connection: Connection,
    plans: FilePlan[],
    sending: Sending,
    flags: ApplyFlags,
  ): Promise<Array<Written<FilePlan>>> {
    const names = plans.map(({ app }) => app).join(', ');
    const writing = messages.getMessage('progress');
    const write = <P extends Plan>(ready: P[]): Promise<Array<Written<P>>> =>
      showingWrite(this.spinner, flags, { name: names, writing }, (options) => writeApps(connection, ready, options));
    if (flags['dry-run']) return checkPlans(connection, plans, sending, write);
    const showMaking = showingSteps(this.spinner, userMessages.getMessage('progress'), ({ id, name }: UserStep) =>
      userStep(id, name),
    );
    return carryOutPlans(connection, plans, sending, showMaking, write);
  }

  /** Shows what is to be done, warns of what is unwise about it, and asks whether to go on. */
  private async showPlan(
    connection: Connection,
    plans: FilePlan[],
    flags: ApplyFlags,
    { raw, org }: { raw: Tokens; org: TargetOrg },
  ): Promise<void> {
    const lockedOut = await lockedOutBy(connection, plans);
    const views = plans.map((plan) => viewOf(plan, lockedOut.get(plan)));
    const markdown = flags['result-format'] === 'markdown' ? markdownOf(views, org) : undefined;
    showPlan(this, views, (app) => sameApp(app, raw), markdown);
    if (markdown !== undefined) await addToJobSummary(markdown).catch(notWritten(JOB_SUMMARY));
    const files = plans.map(({ source }) => source);
    await warnOfAccess(connection, plans, (text) => void this.warn(withVariables(text, files)));
    if (!flags['dry-run'] && plans.some(isChange)) await confirmPlan(this, flags, views, org);
  }
}

/** What is wrong with an app's values, as far as it can be told without the org. */
const wrongValues = (app: AppInFile): ReturnType<typeof placed>[] =>
  app.absent ? [] : checkWish(app.wish).map((problem) => placed(problem, app));

const viewOf = (plan: FilePlan, lockedOut: LockedOut | undefined): PlanView => ({
  name: plan.app,
  action: actionWithUser(plan),
  changes: plan.changes,
  notCompared: notCompared(plan),
  written: plan.source.written,
  advice: judgePlan(plan),
  certificateAdvice: judgeCertificate(plan),
  keepsJwtBearer: keepsJwtBearer(plan),
  removesCertificate: removesCertificate(plan),
  ...(plan.user && { user: plan.user }),
  hasUserSteps: hasUserSteps(plan),
  ...(lockedOut && { lockedOut }),
  ...(plan.action === 'change' && { grants: grantsOfPlan(plan) }),
});

/** The flags with which the same command is about the same files and the same org. */
const sameFlags = (flags: ApplyFlags, raw: Tokens): string[] => [
  ...flags.file.flatMap((file) => ['--file', file]),
  ...(flags.variable ?? []).flatMap((name) => ['--variable', name]),
  ...sameOrg(raw),
];
