import type { Connection } from '@salesforce/core';
import type { App, Wish } from '../../../app/app.ts';
import {
  accessSetName,
  checkIntegrationUser,
  checkUsername,
  withIntegrationUser,
  type IntegrationUser,
  type UserPlan,
  type UserStep,
} from '../../../app/integrationUser.ts';
import { merge } from '../../../app/changes.ts';
import { plainText } from '../../../app/plainText.ts';
import { tooPowerful } from '../../../app/user.ts';
import { requirePermissions } from '../../../org/access.ts';
import { waitForDeploys } from '../../../org/deploysUnderWay.ts';
import { inTurn } from '../../../org/inTurn.ts';
import { makeUser, planUsers, sayingWhatIsDone, wishToCheck } from '../../../org/integrationUser.ts';
import { readApp, requireApp, type StoredApp } from '../../../org/read.ts';
import { findUserById } from '../../../org/users.ts';
import { plan as planApp, writeApp, type WriteOptions, type WriteResult } from '../../../org/write.ts';
import { Flags, Messages, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { sameApp } from '../../../ui/commandLine.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { nameFlag, noPromptFlag, orgFlags, wholeList, writeFlags, writeOptions } from '../../../ui/flags.ts';
import { explain, refuseProblems } from '../../../ui/problems.ts';
import { showingProgress } from '../../../ui/progress.ts';
import { askName, mayAsk, needFlags, prompts } from '../../../ui/prompts.ts';
import { appChangeLines, userPlanLines } from '../../../ui/userPlan.ts';
import { forReal, showNext, warnOfNotApplied, type NextStep } from '../../../ui/written.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.user.create');

export type EcaUserCreateResult = WriteResult & {
  /** As whom the app runs; the ID is absent in a dry run for a user who is not there. */
  user: { username: string; id?: string };
  /** What an integration user takes, in its order, and whether it was there, was done now, or would be. */
  steps: Array<{ id: UserStep['id']; name: string; status: 'there' | 'done' | 'planned' }>;
};

/** It is the org that lacks something, not the flags that are wrong. */
const failed = 1;

export default class EcaUserCreate extends SfCommand<EcaUserCreateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    ...exitCodes,
    '68': messages.getMessage('exitCode.68'),
  });

  public static override readonly flags = {
    ...orgFlags,
    name: nameFlag,
    'base-username': Flags.string({
      summary: messages.getMessage('flags.base-username.summary'),
      description: messages.getMessage('flags.base-username.description'),
    }),
    'permission-set': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: messages.getMessage('flags.permission-set.summary'),
      description: messages.getMessage('flags.permission-set.description'),
    }),
    email: Flags.string({ summary: messages.getMessage('flags.email.summary') }),
    'last-name': Flags.string({ summary: messages.getMessage('flags.last-name.summary') }),
    ...writeFlags,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaUserCreateResult> {
    const { flags, raw } = await this.parse(EcaUserCreate);
    const asking = mayAsk(this, flags);
    const connection = flags['target-org'].getConnection(flags['api-version']);
    const { name, 'base-username': username } = await needFlags(asking, {
      name: { given: flags.name, ask: () => askName() },
      'base-username': { given: flags['base-username'], ask: askUsername },
    });
    const integrationUser: IntegrationUser = {
      username,
      permissionSets: wholeList(flags['permission-set']),
      email: flags.email,
      lastName: flags['last-name'],
    };
    const app = sameApp(name, raw);
    refuseProblems(checkIntegrationUser(integrationUser), app);

    const [, waitedFor, seen] = await inTurn(
      requirePermissions(connection, 'user create'),
      showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
        waitForDeploys(connection, flags.wait.minutes, onProgress),
      ),
      readApp(connection, name),
    );
    // What an earlier deploy did while it was waited for has not been seen yet.
    const stored = seen && waitedFor.length === 0 ? seen : await requireApp(connection, name);
    if (!stored.app.oauth) throw messages.createError('error.oauthNotSet', [name], [name]);
    const [planned] = await planUsers(connection, [{ stored, wish: { name }, integrationUser }]);
    if (!planned) throw new Error('A user without a plan.');
    refuseProblems(planned.problems, app, failed);

    this.showPlan(stored, planned.plan);
    const options = (onProgress: WriteOptions['onProgress']): WriteOptions => ({ ...writeOptions(flags, onProgress) });
    const result = flags['dry-run']
      ? await this.check(connection, stored, planned.plan, options)
      : await this.carryOut(connection, stored, planned.plan, options, flags);
    this.showOutcome(result, app);
    return result;
  }

  private showPlan(stored: StoredApp, userPlan: UserPlan): void {
    const { changes } = planApp(stored, wishFor(stored, userPlan));
    this.log(messages.getMessage('plan', [stored.app.name]));
    const lines = [...userPlanLines(userPlan), ...appChangeLines(changes), messages.getMessage('plan.legend')];
    for (const line of lines) this.log(`  ${line}`);
  }

  private async check(
    connection: Connection,
    stored: StoredApp,
    userPlan: UserPlan,
    options: (onProgress: WriteOptions['onProgress']) => WriteOptions,
  ): Promise<EcaUserCreateResult> {
    const wish = wishFor(stored, userPlan);
    const { changes } = planApp(stored, wish);
    const checked = await showingProgress(this.spinner, appProgress(stored), (onProgress) =>
      writeApp(connection, stored, wishToCheck(connection, wish, userPlan), options(onProgress)),
    );
    const { user, steps } = userPlan;
    return {
      ...checked,
      app: merge(checked.app, wish),
      changes,
      user: { username: user?.username ?? usernameOf(userPlan), ...(user && { id: user.id }) },
      steps: steps.map(({ id, name, there }) => ({ id, name, status: there ? 'there' : 'planned' })),
    };
  }

  private async carryOut(
    connection: Connection,
    stored: StoredApp,
    userPlan: UserPlan,
    options: (onProgress: WriteOptions['onProgress']) => WriteOptions,
    flags: { 'no-prompt': boolean },
  ): Promise<EcaUserCreateResult> {
    const isDone = userPlan.steps.every(({ there }) => there);
    const nothing = isDone && planApp(stored, wishFor(stored, userPlan)).changes.length === 0;
    if (!nothing) await confirmIfAsked(this, flags, messages.getMessage('prompt'));

    const done: UserStep[] = [];
    return sayingWhatIsDone(done, async () => {
      const user = await showingProgress(this.spinner, messages.getMessage('progress'), (onProgress) =>
        makeUser(connection, userPlan, done, ({ id, name }) => onProgress(messages.getMessage(`doing.${id}`, [name]))),
      );
      const wish = wishFor(stored, userPlan, user.username);
      const written = await showingProgress(this.spinner, appProgress(stored), (onProgress) =>
        writeApp(connection, stored, wish, options(onProgress)),
      );
      await this.warnOfPower(connection, user.id);
      return {
        ...written,
        user,
        steps: userPlan.steps.map(({ id, name, there }) => ({
          id,
          name: id === 'user' ? user.username : name,
          status: there ? 'there' : 'done',
        })),
      };
    });
  }

  /** A permission set may hold more than it should. */
  private async warnOfPower(connection: Connection, userId: string): Promise<void> {
    const user = await findUserById(connection, userId);
    const powers = user ? tooPowerful(user) : [];
    if (!user || powers.length === 0) return;
    const named = powers.map(({ label, name }) => `"${label}" (${name})`).join(', ');
    this.warn(messages.createWarning('warning.userPowerful', [plainText(user.username), named]));
  }

  private showOutcome(result: EcaUserCreateResult, app: string): void {
    const { user, steps, changes, dryRun } = result;
    const nothing = changes.length === 0 && steps.every(({ status }) => status === 'there');
    const outcome = nothing ? 'written.nothing' : 'written.ready';
    this.logSuccess(
      dryRun && !nothing
        ? messages.getMessage('written.dryRun')
        : messages.getMessage(outcome, [result.app.name, plainText(user.username)]),
    );
    warnOfNotApplied(this, result);
    showNext(this, dryRun && !nothing ? forReal(this) : nextStep(result.app, this.config.bin, app));
  }
}

const usernameOf = ({ toMake }: UserPlan): string => toMake.usernames[0] ?? '';

/** The one change of the app: it runs as the user and lets the user in. */
const wishFor = (
  { app }: StoredApp,
  { user, toMake }: UserPlan,
  username = user?.username ?? toMake.usernames[0] ?? '',
): Wish => withIntegrationUser(app, { name: app.name }, username, accessSetName(app.name));

const appProgress = ({ app }: StoredApp): string => messages.getMessage('progress.app', [app.name]);

const askUsername = (): Promise<string> =>
  prompts.text({
    message: messages.getMessage('prompt.base-username'),
    problem: (answer) => explain(checkUsername(answer)),
  });

/** @param target what goes behind `--name`: the app, and the org where it is not the default one */
const nextStep = ({ oauth }: App, bin: string, target: string): NextStep => {
  const flows = oauth?.flows ?? [];
  if (flows.includes('client-credentials')) {
    return { text: messages.getMessage('next.verify'), commandLine: `${bin} eca verify --name ${target}` };
  }
  const flags = [...flows.filter((flow) => flow !== 'web-server'), 'client-credentials'].map(
    (flow) => `--flow ${flow}`,
  );
  // Of an app with a certificate, the command knows it or asks for it.
  const certificate = flows.includes('jwt-bearer') ? [] : ['--no-certificate'];
  return {
    text: messages.getMessage('next.flow'),
    commandLine: `${bin} eca oauth set --name ${target} ${[...flags, ...certificate].join(' ')}`,
  };
};
