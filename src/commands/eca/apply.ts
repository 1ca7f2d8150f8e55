import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';
import { exitCodeFor } from '../../app/exitCodes.ts';
import type { Wish } from '../../app/app.ts';
import { CERTIFICATE_FIELD, judgeValidity, type Validity } from '../../app/certificate.ts';
import { merge } from '../../app/changes.ts';
import type { UserPlan, UserStep } from '../../app/integrationUser.ts';
import { checkWish } from '../../app/checkWish.ts';
import type { ByName } from '../../app/name.ts';
import { judgePolicies } from '../../app/policies.ts';
import { withValues, type Advice, type Problem } from '../../app/problem.ts';
import { judgeScopes } from '../../app/scopes.ts';
import type { AppInFile } from '../../file/ecaFile.ts';
import { manageUsers, requirePermissions } from '../../org/users/permissions.ts';
import { checkApproved } from '../../org/app/approval.ts';
import { checkHandlers } from '../../org/app/handler.ts';
import { readCertificates } from '../../local/certificate.ts';
import { waitForDeploys } from '../../org/app/deploysUnderWay.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { sayingWhatIsDone, type MadeUser, userStep } from '../../org/users/integrationUser.ts';
import { readLockedOut, type LockedOut } from '../../org/app/lockedOut.ts';
import { permissionsFor, problemsOf, readRunAs, runAsProblems, type Sending } from '../../org/app/planApps.ts';
import {
  asPlanned,
  hasStepsLeft,
  makeUsers,
  plansToCheck,
  planWithUsers,
  setsToMake,
  usernameOf,
  type PlannedApps,
} from '../../org/users/plannedUsers.ts';
import { readApps, type StoredApp } from '../../org/app/read.ts';
import {
  grantsOfPlan,
  refuseUnsendable,
  removesCertificate,
  warnOfAccess,
  writeApps,
  type Plan,
  type WriteResult,
} from '../../org/app/write.ts';
import { Flags, SfCommand, SfError, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { commandLine } from '../../app/commandLine.ts';
import { asSpelled } from '../../ui/appName.ts';
import { sameApp, sameOrg } from '../../ui/commandLine.ts';
import { confirmIfAsked, confirmLoss, yesFlag } from '../../ui/confirmation.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { refuseFileProblems, type PlacedProblem } from '../../ui/fileProblems.ts';
import { orgFlags, refuseTwoInputs, writeFlags, writeOptions } from '../../ui/flags.ts';
import { adviceLines, planLines, planSummary, type PlannedApp } from '../../ui/planLines.ts';
import { warnOf } from '../../ui/problems.ts';
import { showingProgress } from '../../ui/progress.ts';
import { userPlanLines, warnOfLockedOut, warnOfMighty } from '../../ui/userPlan.ts';
import { showGrants, showNext, showPlannedGrants, warnOfNotApplied } from '../../ui/writeResult.ts';

const messages = texts('eca.apply');
const userMessages = texts('eca.user.create');

/** What was done to one app; `none` when it was as the file says already. */
export type AppliedApp = WriteResult & {
  action: 'create' | 'change' | 'delete' | 'none';
  /** Fields that the file says, that the org does not give back and that were not sent. */
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

type ApplyFlags = Interfaces.InferredFlags<typeof EcaApply.flags>;

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
    variable: Flags.string({
      multiple: true,
      summary: messages.getMessage('flags.variable.summary'),
      description: messages.getMessage('flags.variable.description'),
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
    const { apps, problems } = await readEcaFiles(flags.file, process.env, flags.variable);
    try {
      if (problems.length > 0) refuseFileProblems([...problems, ...apps.flatMap(wrongValues)]);
      return await this.apply(apps, flags, raw);
    } catch (error) {
      throw withoutValues(error, apps);
    }
  }

  private async apply(
    inFiles: AppInFile[],
    flags: ApplyFlags,
    raw: Parameters<typeof sameOrg>[0],
  ): Promise<EcaApplyResult> {
    const connection = flags['target-org'].getConnection(flags['api-version']);
    const read = (): Promise<ByName<StoredApp>> =>
      readApps(
        connection,
        inFiles.map(({ wish }) => wish.name),
        undefined,
        { grants: true },
      );
    const [, waitedFor, seen, runAs] = await answersInOrder(
      requirePermissions(connection, 'apply'),
      showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
        waitForDeploys(connection, flags.wait.minutes, onProgress),
      ),
      read(),
      readRunAs(
        connection,
        inFiles.flatMap(({ absent, wish }) => (absent ? [] : (wish.oauth?.runAs ?? []))),
      ),
    );
    // What an earlier deploy did while it was waited for has not been seen yet.
    const stored = waitedFor.length > 0 ? await read() : seen;
    const wanted = inFiles.map((app) => {
      const name = asSpelled(this, app.wish.name, stored.get(app.wish.name)?.app.name);
      return { ...app, wish: { ...app.wish, name } };
    });
    const sending = {
      sendCertificates: flags['send-certificates'],
      certificates: await readCertificates(
        wanted.map(({ absent, wish }) => (absent ? undefined : wish.oauth?.certificateFile)),
      ),
    };
    const planned = await planAll(connection, wanted, { stored, runAs }, sending);
    const { plans, users } = planned;
    const makesUsers = [...users.values()].some(hasStepsLeft);
    const permissions = [...permissionsFor(plans), ...(makesUsers ? manageUsers : [])];
    if (permissions.length > 0) await requirePermissions(connection, 'apply', permissions);
    // No user is made for apps that cannot be written.
    if (makesUsers) await refuseUnsendable(connection, plans, { apiVersion: flags['api-version'] });
    const lockedOut = await lockedOutBy(connection, planned);
    await this.showPlan(connection, planned, flags, wanted, { lockedOut, raw });

    const write = (ready: Plan[]): Promise<WriteResult[]> =>
      showingProgress(this.spinner, messages.getMessage('progress'), (onProgress) =>
        writeApps(connection, ready, writeOptions(flags, onProgress)),
      );
    const applied = flags['dry-run']
      ? (await write(plansToCheck(connection, planned, sending))).map((result, index) =>
          withPlan(asPlanned(result, planAt(plans, index)), planAt(plans, index), users),
        )
      : await this.carryOut(connection, planned, sending, write);
    const shown = applied.map((result, index) => asWritten(result, wanted[index]));
    this.showOutcome(shown, flags['dry-run'], [
      ...flags.file.flatMap((file) => ['--file', file]),
      ...(flags.variable ?? []).flatMap((name) => ['--variable', name]),
      ...sameOrg(raw),
    ]);
    if (flags['detailed-exitcode'] && plans.some((plan) => isChange(plan, users)))
      process.exitCode ??= exitCodeFor.changesFound;
    const deployId = shown.find((result) => result.deployId)?.deployId;
    return { apps: shown, ...(deployId && { deployId }), dryRun: flags['dry-run'] };
  }

  /** Makes the users first, since an org takes an app only with users and permission sets that are there. */
  private async carryOut(
    connection: Connection,
    planned: PlannedApps,
    sending: Sending,
    write: (ready: Plan[]) => Promise<WriteResult[]>,
  ): Promise<AppliedApp[]> {
    const done: UserStep[] = [];
    return sayingWhatIsDone(done, async () => {
      const { plans, made } = await showingProgress(this.spinner, userMessages.getMessage('progress'), (onProgress) =>
        makeUsers(connection, planned, sending, done, ({ id, name }) => onProgress(userStep(id, name))),
      );
      const results = await write(plans);
      return results.map((result, index) => withPlan(result, planAt(plans, index), planned.users, made));
    });
  }

  /** Shows what is to be done, warns of what is unwise about it, and asks whether to go on. */
  private async showPlan(
    connection: Connection,
    { plans, users }: PlannedApps,
    flags: { 'dry-run': boolean; 'no-prompt': boolean },
    wanted: AppInFile[],
    { lockedOut, raw }: { lockedOut: Map<Plan, LockedOut>; raw: Parameters<typeof sameOrg>[0] },
  ): Promise<void> {
    const shown = plans.map((plan, index) => plannedAsWritten(plannedApp(plan, users), wanted[index]));
    for (const line of [...planLines(shown), '', planSummary(shown)]) this.log(line);
    for (const [index, { wish, advice }] of plans.map(judged).entries()) {
      if (advice.length === 0) continue;
      const quoted = (text: string): string => wanted[index]?.written.quoted(text) ?? text;
      this.warn(messages.createWarning('warning.unwise', [quoted(wish.name), adviceLines(advice).map(quoted)]));
    }
    for (const [index, plan] of plans.entries()) {
      const { wish } = plan;
      const user = users.get(wish.name);
      if (!user) continue;
      const written = wanted[index]?.written;
      const screen: Pick<EcaApply, 'warn'> = {
        warn: (input) =>
          this.warn(
            typeof input === 'string' ? input : { ...input, message: written?.text(input.message) ?? input.message },
          ),
      };
      const locked = lockedOut.get(plan);
      if (locked) warnOfLockedOut(screen, wish.name, locked.users, sameApp(wish.name, raw));
      warnOfMighty(screen, user);
    }
    this.warnOfCertificates(plans, wanted);
    await this.showAccess(connection, plans, wanted);
    if (flags['dry-run'] || !plans.some((plan) => isChange(plan, users))) return;
    const deletions = shown.filter(({ action }) => action === 'delete').map(({ name }) => name);
    const removals = shown.filter((_one, index) => plans[index] && removesCertificate(plans[index]));
    const losses = [
      ...(deletions.length > 0 ? [messages.getMessage('prompt.deletion', [deletions.join(', ')])] : []),
      ...(removals.length > 0
        ? [messages.getMessage('prompt.removal', [removals.map(({ name }) => name).join(', ')])]
        : []),
    ];
    const question = [...losses, messages.getMessage('prompt')].join(' ');
    return losses.length === 0 ? confirmIfAsked(this, flags, question) : confirmLoss(this, flags, question);
  }

  /** Who has access beside the lists of the policies is told before the question: afterwards it is too late to say no. */
  private async showAccess(connection: Connection, plans: Plan[], wanted: AppInFile[]): Promise<void> {
    for (const [index, plan] of plans.entries()) {
      if (plan.action === 'change') {
        showPlannedGrants(this, wanted[index]?.written.quoted(plan.wish.name) ?? plan.wish.name, grantsOfPlan(plan));
      }
    }
    await warnOfAccess(connection, plans, (text) => void this.warn(withoutVariables(text, wanted)));
  }

  /** A certificate that is out of date, or will be soon, is worth a word also where the file changes nothing. */
  private warnOfCertificates(plans: Plan[], wanted: AppInFile[]): void {
    for (const [index, { action, wish, stored, terms }] of plans.entries()) {
      if (action === 'delete') continue;
      const warn = (validity: Validity, subject: string): void =>
        warnOf(this, inQuotes(judgeValidity(validity, subject), wanted[index]), wish.name);
      const file = wish.oauth?.certificateFile;
      const known = stored?.certificate;
      const given = file === undefined ? undefined : terms?.given.get(file)?.validity;
      if (file !== undefined && given) warn(given, file);
      else if (file === undefined && known?.there === 'yes' && known.validity && action === 'change') {
        warn(known.validity, wish.name);
      }
      // The file names the flows, and does not say what is to become of the certificate.
      const flows = wish.oauth?.flows ?? [];
      if (file === undefined && flows.length > 0 && !flows.includes('jwt-bearer') && known?.there === 'yes')
        this.warn(messages.createWarning('warning.jwtBearerStays', [wish.name]));
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
    for (const result of applied) {
      // A dry run has said it with the plan.
      if (!dryRun) showGrants(this, result);
      warnOfNotApplied(this, result);
    }
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
  { stored, runAs }: { stored: ByName<StoredApp>; runAs: ByName<boolean> },
  sending: Sending,
): Promise<PlannedApps> => {
  const planned = await planWithUsers(connection, wanted, stored, sending);
  const { plans, users } = planned;
  const wrongRunAs = runAsProblems(
    plans.filter(({ wish }) => !users.has(wish.name)),
    runAs,
  );
  const approvalProblems = await checkApproved(connection, plans, setsToMake(users));
  const handlerProblems = await checkHandlers(connection, plans);
  const problems = plans.flatMap((plan, index) =>
    [
      ...problemsOf(plan),
      ...(planned.problems.get(plan) ?? []).map((problem) => ({ field: 'integrationUser', ...problem })),
      ...[wrongRunAs.get(plan) ?? []].flat(),
      ...(approvalProblems.get(plan) ?? []),
      ...(handlerProblems.get(plan) ?? []),
    ].map((problem) => placed(problem, wanted[index])),
  );
  refuseFileProblems(problems);
  return planned;
};

/**
 * Who uses the apps that are for approved users only from now on since they run as an integration user, which their files need not
 * say.
 */
const lockedOutBy = async (connection: Connection, { plans, users }: PlannedApps): Promise<Map<Plan, LockedOut>> => {
  const lockedOut = new Map<Plan, LockedOut>();
  for (const plan of plans) {
    const { stored, wish, changes } = plan;
    const closes = changes.some(
      ({ field, after }) => field === 'policies.permittedUsers' && after === 'admin-approved',
    );
    const locked = stored && closes && users.has(wish.name) && (await readLockedOut(connection, stored));
    if (locked) lockedOut.set(plan, locked);
  }
  return lockedOut;
};

/** What is wrong with an app's values, as far as it can be told without the org. */
const wrongValues = (app: AppInFile): PlacedProblem[] =>
  app.absent ? [] : checkWish(app.wish).map((problem) => placed(problem, app));

/** Advice that quotes the file as it is written, variables by their names. */
const inQuotes = (advice: Advice[], file: AppInFile | undefined): Advice[] =>
  advice.map((one) => withValues(one, (value) => file?.written.quoted(value) ?? value));

const placed = (problem: Problem, app: AppInFile | undefined): PlacedProblem => {
  if (!app) throw new Error('A plan for an app that no file names.');
  // Problems of one item of a list name it first.
  const place = app.at(problem.field, problem.values[0]);
  return { ...withValues(problem, (value) => app.written.quoted(value)), ...place };
};

/** A text with variables where the files have them. */
const withoutVariables = (text: string, apps: AppInFile[]): string =>
  apps.reduce((shown, { written }) => written.text(shown), text);

/** An error without the values of variables: what the org says of an app quotes them. */
const withoutValues = (error: unknown, apps: AppInFile[]): unknown => {
  if (!(error instanceof Error)) return error;
  const hide = (text: string): string => withoutVariables(text, apps);
  error.message = hide(error.message);
  if (error.stack !== undefined) error.stack = hide(error.stack);
  if (error.cause !== undefined) error.cause = withoutValues(error.cause, apps);
  if (error instanceof SfError) {
    if (error.actions) error.actions = error.actions.map(hide);
    if (error.data !== undefined)
      error.data = JSON.parse(JSON.stringify(error.data), (_key, value: unknown) =>
        typeof value === 'string' ? hide(value) : value,
      ) as object;
  }
  return error;
};

/** A result with variables where the file has them, also in the app that was read back. */
const asWritten = (result: AppliedApp, file: AppInFile | undefined): AppliedApp => {
  if (!file) throw new Error('A result for an app that no file names.');
  const { written } = file;
  const { app, changes, notApplied, integrationUser } = result;
  return {
    ...result,
    app: written.value(app, ''),
    changes: changes.map((change) => ({ ...change, after: written.value(change.after, change.field) })),
    notApplied: notApplied.map((change) => ({ ...change, before: written.value(change.before, change.field) })),
    ...(integrationUser && {
      integrationUser: {
        ...integrationUser,
        username: written.value(integrationUser.username, 'integrationUser.username'),
        steps: integrationUser.steps.map((step) => ({ ...step, name: written.quoted(step.name) })),
      },
    }),
  };
};

const plannedAsWritten = (planned: PlannedApp, file: AppInFile | undefined): PlannedApp => {
  if (!file) throw new Error('A plan for an app that no file names.');
  const { written } = file;
  return {
    ...planned,
    name: written.value(planned.name, 'name'),
    changes: planned.changes.map((change) => ({ ...change, after: written.value(change.after, change.field) })),
    ...(planned.user && { user: planned.user.map((line) => written.text(line)) }),
  };
};

const plannedApp = ({ action, stored, wish, changes }: Plan, users: Map<string, UserPlan>): PlannedApp => {
  const user = users.get(wish.name);
  const isSent = changes.some(({ field }) => field === CERTIFICATE_FIELD);
  const isSaid = wish.oauth?.certificateFile !== undefined;
  const isSeen = stored?.certificate.there !== 'unknown';
  return {
    name: wish.name,
    action: action === 'none' && hasStepsLeft(user) ? 'change' : action,
    changes,
    notCompared: isSaid && !isSent && !isSeen ? [CERTIFICATE_FIELD] : [],
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
