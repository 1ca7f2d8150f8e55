import type { Connection } from '@salesforce/core';
import type { Wish } from '../../app/app.ts';
import { endsSoon } from '../../app/certificate.ts';
import { merge } from '../../app/changes.ts';
import type { UserPlan, UserStep } from '../../app/integrationUser.ts';
import { checkWish } from '../../app/checkWish.ts';
import { judgePolicies } from '../../app/policies.ts';
import type { Advice, Problem } from '../../app/problem.ts';
import { judgeScopes } from '../../app/scopes.ts';
import type { AppInFile } from '../../file/ecaFile.ts';
import { manageUsers, requirePermissions } from '../../org/access.ts';
import { checkApproved } from '../../org/approval.ts';
import { readExpiry } from '../../org/certificate.ts';
import { waitForDeploys } from '../../org/deploysUnderWay.ts';
import { inTurn } from '../../org/inTurn.ts';
import { sayingWhatIsDone, type MadeUser } from '../../org/integrationUser.ts';
import { permissionsFor, problemsOf, readRunAs, runAsProblems } from '../../org/planApps.ts';
import {
  asPlanned,
  hasStepsLeft,
  makeUsers,
  plansToCheck,
  planWithUsers,
  setsToMake,
  usernameOf,
  type PlannedApps,
} from '../../org/plannedUsers.ts';
import { readApps, type StoredApp } from '../../org/read.ts';
import { writeApps, type Plan, type WriteResult } from '../../org/write.ts';
import { Flags, Messages, SfCommand, toHelpSection } from '../../salesforce.ts';
import { commandLine } from '../../app/commandLine.ts';
import { sameOrg } from '../../ui/commandLine.ts';
import { confirmIfAsked, confirmLoss, yesFlag } from '../../ui/confirmation.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { refuseFileProblems, type PlacedProblem } from '../../ui/fileProblems.ts';
import { orgFlags, refuseTwoInputs, writeFlags, writeOptions } from '../../ui/flags.ts';
import { adviceLines, planLines, planSummary, type PlannedApp } from '../../ui/planLines.ts';
import { showingProgress } from '../../ui/progress.ts';
import { userPlanLines } from '../../ui/userPlan.ts';
import { showNext, warnOfNotApplied } from '../../ui/written.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.apply');
const userMessages = Messages.loadMessages('sf-plugin-eca', 'eca.user.create');

/** What was done to one app; `none` when it was as the file says already. */
export type AppliedApp = WriteResult & {
  action: 'create' | 'change' | 'delete' | 'none';
  /** Fields that the file says, that no org gives back and that were not sent. */
  notCompared: string[];
  /** The app's integration user, where the file says one: what it takes, and whether that was there, was done or would be. */
  integrationUser?: {
    username: string;
    id?: string;
    steps: Array<{ id: UserStep['id']; name: string; status: 'there' | 'done' | 'planned' }>;
  };
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
    '68': userMessages.getMessage('exitCode.68'),
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
    'no-prompt': yesFlag,
  };

  public async run(): Promise<EcaApplyResult> {
    const { flags, raw } = await this.parse(EcaApply);
    refuseTwoInputs(...flags.file);
    // Loaded here, so that help does without the YAML parser.
    const { readEcaFiles } = await import('../../file/read.ts');
    const { apps: wanted, problems } = await readEcaFiles(flags.file, process.env);
    if (problems.length > 0) refuseFileProblems([...problems, ...wanted.flatMap(wrongValues)]);

    const connection = flags['target-org'].getConnection(flags['api-version']);
    const read = (): Promise<Map<string, StoredApp>> =>
      readApps(
        connection,
        wanted.map(({ wish }) => wish.name),
      );
    const [, waitedFor, seen, runAs] = await inTurn(
      requirePermissions(connection, 'apply'),
      showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
        waitForDeploys(connection, flags.wait.minutes, onProgress),
      ),
      read(),
      readRunAs(
        connection,
        wanted.flatMap(({ absent, wish }) => (absent ? [] : (wish.oauth?.runAs ?? []))),
      ),
    );
    // What an earlier deploy did while it was waited for has not been seen yet.
    const stored = waitedFor.length > 0 ? await read() : seen;
    const sending = { sendCertificates: flags['send-certificates'] };
    const planned = await planAll(connection, wanted, { stored, runAs }, sending);
    const { plans, users } = planned;
    const makesUsers = [...users.values()].some(hasStepsLeft);
    const permissions = [...permissionsFor(plans), ...(makesUsers ? manageUsers : [])];
    if (permissions.length > 0) await requirePermissions(connection, 'apply', permissions);
    await this.showPlan(planned, flags);

    const write = (ready: Plan[]): Promise<WriteResult[]> =>
      showingProgress(this.spinner, messages.getMessage('progress'), (onProgress) =>
        writeApps(connection, ready, writeOptions(flags, onProgress)),
      );
    const applied = flags['dry-run']
      ? (await write(plansToCheck(connection, planned, sending))).map((result, index) =>
          withPlan(asPlanned(result, planAt(plans, index)), planAt(plans, index), users),
        )
      : await this.carryOut(connection, planned, sending, write);
    this.showOutcome(applied, flags['dry-run'], [...flags.file.flatMap((file) => ['--file', file]), ...sameOrg(raw)]);
    if (flags['detailed-exitcode'] && plans.some((plan) => isChange(plan, users))) process.exitCode ??= changesFound;
    const deployId = applied.find((result) => result.deployId)?.deployId;
    return { apps: applied, ...(deployId && { deployId }), dryRun: flags['dry-run'] };
  }

  /** Makes the users first, since an org takes an app only with users and permission sets that are there. */
  private async carryOut(
    connection: Connection,
    planned: PlannedApps,
    sending: { sendCertificates: boolean },
    write: (ready: Plan[]) => Promise<WriteResult[]>,
  ): Promise<AppliedApp[]> {
    const done: UserStep[] = [];
    return sayingWhatIsDone(done, async () => {
      const { plans, made } = await showingProgress(this.spinner, userMessages.getMessage('progress'), (onProgress) =>
        makeUsers(connection, planned, sending, done, ({ id, name }) =>
          onProgress(userMessages.getMessage(`doing.${id}`, [name])),
        ),
      );
      const results = await write(plans);
      return results.map((result, index) => withPlan(result, planAt(plans, index), planned.users, made));
    });
  }

  /** Shows what is to be done, warns of what is unwise about it, and asks whether to go on. */
  private async showPlan(
    { plans, users }: PlannedApps,
    flags: { 'dry-run': boolean; 'no-prompt': boolean },
  ): Promise<void> {
    const shown = plans.map((plan) => plannedApp(plan, users));
    for (const line of [...planLines(shown), '', planSummary(shown)]) this.log(line);
    for (const { wish, advice } of plans.map(judged).filter((one) => one.advice.length > 0)) {
      this.warn(messages.createWarning('warning.unwise', [wish.name, adviceLines(advice)]));
    }
    await this.warnOfCertificates(plans);
    if (flags['dry-run'] || !plans.some((plan) => isChange(plan, users))) return;
    const deletions = plans.filter(({ action }) => action === 'delete').map(({ wish }) => wish.name);
    if (deletions.length === 0) return confirmIfAsked(this, flags, messages.getMessage('prompt'));
    return confirmLoss(this, flags, messages.getMessage('prompt.deletion', [deletions.join(', ')]));
  }

  /** A certificate that ends takes the JWT bearer flow with it, also where the file is applied again and changes nothing. */
  private async warnOfCertificates(plans: Plan[]): Promise<void> {
    for (const { action, wish } of plans) {
      const file = wish.oauth?.certificateFile;
      const expires = file === undefined || action === 'delete' ? undefined : await readExpiry(file);
      if (file !== undefined && expires && endsSoon(expires)) {
        const values = [wish.name, file, expires.toISOString().slice(0, 10)];
        this.warn(messages.createWarning('warning.certificateExpiresSoon', values));
      }
    }
  }

  private showOutcome(applied: AppliedApp[], dryRun: boolean, sameFlags: string[]): void {
    const wasThere = ({ integrationUser }: AppliedApp): boolean =>
      integrationUser?.steps.every(({ status }) => status === 'there') ?? true;
    if (applied.every((one) => one.action === 'none' && wasThere(one))) {
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
const planAll = async (
  connection: Connection,
  wanted: AppInFile[],
  { stored, runAs }: { stored: Map<string, StoredApp>; runAs: Map<string, boolean> },
  sending: { sendCertificates: boolean },
): Promise<PlannedApps> => {
  refuseFileProblems(wanted.flatMap((app) => spelledOtherwise(app, [...stored.keys()])));
  const planned = await planWithUsers(connection, wanted, stored, sending);
  const { plans, users } = planned;
  const wrongRunAs = runAsProblems(
    plans.filter(({ wish }) => !users.has(wish.name)),
    runAs,
  );
  const approvalProblems = await checkApproved(connection, plans, setsToMake(users));
  const problems = plans.flatMap((plan, index) =>
    [
      ...problemsOf(plan),
      ...(planned.problems.get(plan) ?? []).map((problem) => ({ field: 'integrationUser', ...problem })),
      ...[wrongRunAs.get(plan) ?? []].flat(),
      ...(approvalProblems.get(plan) ?? []),
    ].map((problem) => placed(problem, wanted[index])),
  );
  refuseFileProblems(problems);
  return planned;
};

/** What is wrong with an app's values, as far as it can be told without the org. */
const wrongValues = (app: AppInFile): PlacedProblem[] =>
  app.absent ? [] : checkWish(app.wish).map((problem) => placed(problem, app));

/** An org takes names that differ in upper and lower case alone for the same, and so for another app than it would make. */
const spelledOtherwise = (app: AppInFile, names: string[]): PlacedProblem[] => {
  const { name } = app.wish;
  const spelled = names.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  return spelled === undefined ? [] : [{ code: 'plan.nameSpelled', values: [name, spelled], ...app.at() }];
};

const placed = (problem: Problem, app: AppInFile | undefined): PlacedProblem => {
  if (!app) throw new Error('A plan for an app that no file names.');
  // Problems of one item of a list name it first.
  return { ...problem, ...app.at(problem.field, problem.values[0]) };
};

const certificate = 'oauth.certificateFile';

const plannedApp = ({ action, wish, changes }: Plan, users: Map<string, UserPlan>): PlannedApp => {
  const user = users.get(wish.name);
  const isSent = changes.some(({ field }) => field === certificate);
  const isSaid = wish.oauth?.certificateFile !== undefined;
  return {
    name: wish.name,
    action: action === 'none' && hasStepsLeft(user) ? 'change' : action,
    changes,
    notCompared: isSaid && !isSent ? [certificate] : [],
    ...(user && hasStepsLeft(user) && { user: userPlanLines(user) }),
  };
};

const planAt = (plans: Plan[], index: number): Plan => {
  const plan = plans[index];
  if (!plan) throw new Error('A result without a plan.');
  return plan;
};

/** Is there anything to do for an app, or for its user? */
const isChange = ({ action, wish }: Plan, users: Map<string, UserPlan>): boolean =>
  action !== 'none' || hasStepsLeft(users.get(wish.name));

/** @param made the users by app, where they were to be made */
const withPlan = (
  result: WriteResult,
  plan: Plan,
  users: Map<string, UserPlan>,
  made?: Map<string, MadeUser>,
): AppliedApp => {
  const { action, notCompared } = plannedApp(plan, users);
  const user = users.get(plan.wish.name);
  if (!user) return { ...result, action, notCompared };
  const { username, id } = made?.get(plan.wish.name) ?? user.user ?? { username: usernameOf(user) };
  const steps = user.steps.map((step) => ({
    id: step.id,
    name: step.id === 'user' ? username : step.name,
    status: step.there ? ('there' as const) : made ? ('done' as const) : ('planned' as const),
  }));
  return { ...result, action, notCompared, integrationUser: { username, ...(id && { id }), steps } };
};

/** What is unwise about an app that is written; of the others nobody asked. */
const judged = ({ action, stored, wish }: Plan): { wish: Wish; advice: Advice[] } => {
  if (action !== 'create' && action !== 'change') return { wish, advice: [] };
  const app = merge(stored?.app, wish);
  if (!app.oauth) return { wish, advice: [] };
  return { wish, advice: [...judgeScopes(app.scopes ?? [], app.oauth.flows ?? []), ...judgePolicies(app)] };
};
