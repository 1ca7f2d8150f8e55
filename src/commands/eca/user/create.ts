import type { Connection } from '@salesforce/core';

import { merge } from '../../../app/changes.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import type { UserPlan, UserStep } from '../../../app/integrationUser.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { waitForDeploys } from '../../../org/app/deploysUnderWay.ts';
import { readLockedOut } from '../../../org/app/lockedOut.ts';
import { planWish } from '../../../org/app/plan.ts';
import { grantsOfPlan, warnOfAccess } from '../../../org/app/planAccess.ts';
import { readApp, readAppNames, requireApp, type StoredApp } from '../../../org/app/read.ts';
import { refuseUnsendable } from '../../../org/app/send.ts';
import { orgToChange } from '../../../org/app/toChange.ts';
import { writeApp } from '../../../org/app/write.ts';
import type { WriteResult } from '../../../org/app/writeResult.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { makeUser, planUsers, sayingWhatIsDone, userStep, wishToCheck } from '../../../org/users/integrationUser.ts';
import { wishFor } from '../../../org/users/runAs.ts';
import { findUserById } from '../../../org/users/users.ts';
import { Flags, SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { askApp, beginInOrg, nameSaid } from '../../../ui/begin.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS, type WriteFlags } from '../../../ui/flags.ts';
import { refuseProblems } from '../../../ui/problems.ts';
import { showingProgress, showingWrite } from '../../../ui/progress.ts';
import { mayAsk, needFlags } from '../../../ui/prompts.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showUserOutcome, showUserPlan, stepsOf, warnOfNewPowers } from '../../../ui/userOutcome.ts';
import { lockedOutInWords, warnOfLockedOut, warnOfMighty } from '../../../ui/userPlan.ts';
import { askUsername, requireOauth, userFrom } from '../../../ui/userQuestions.ts';

const messages = texts('eca.user.create');

export type EcaUserCreateResult = WriteResult & {
  org: TargetOrg;
  /** As whom the app runs; the ID is absent in a dry run for a user who is not there. */
  user: { username: string; id?: string };
  /** What an integration user takes, in its order, and whether it was there, was done now, or would be. */
  steps: Array<{ id: UserStep['id']; name: string; status: 'there' | 'done' | 'planned' }>;
};

export default class EcaUserCreate extends SfCommand<EcaUserCreateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:user:add', 'eca:user:new'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    ...exitCodes,
    [EXIT_CODE_FOR.unfinished]: messages.getMessage('exitCode.68'),
  });

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
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
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaUserCreateResult> {
    const parsed = await this.parse(EcaUserCreate);
    const begun = beginInOrg(this, parsed);
    const { flags, connection, sameApp } = begun;
    const asking = mayAsk(this, flags);
    const mayCreate = (): Promise<TargetOrg> => orgToChange(begun, 'user create', nameOrg(this));
    // Whoever may not create a user is not asked about it.
    const early = asking ? await mayCreate() : undefined;
    const ask = async (name: string): Promise<string> => askUsername(await requireApp(connection, name), sameApp);
    const { name: given, 'base-username': username } = await needFlags(asking, {
      name: { given: nameSaid(parsed), ask: async () => askApp(this, await readAppNames(connection)) },
      'base-username': { given: flags['base-username']?.trim(), ask: ({ name }) => ask(String(name)) },
    });
    const integrationUser = userFrom(flags, username, sameApp(given));
    const [org, stored] = await answersInOrder(
      Promise.resolve(early ?? mayCreate()),
      this.readAfterDeploys(connection, given, flags.wait.minutes),
    );
    const name = asSpelled(this, given, stored.app.name);
    const app = sameApp(name);
    requireOauth(stored, sameApp);
    const [[planned], lockedOut] = await answersInOrder(
      planUsers(connection, [{ stored, wish: { name }, integrationUser }]),
      readLockedOut(connection, stored),
    );
    if (!planned) throw new Error('A user without a plan.');
    // It is the org that lacks something, not the flags that are wrong.
    refuseProblems(planned.problems, app, EXIT_CODE_FOR.failure);
    // No user is made for an app that cannot be written.
    const willBe = planWish(stored, wishFor(stored, planned.plan));
    await refuseUnsendable(connection, [willBe], { apiVersion: flags['api-version'] });
    const lockOut = lockedOut && lockedOutInWords(name, lockedOut.users);
    await this.showPlan(connection, stored, planned.plan, lockOut);
    const warning = lockedOut?.users?.length === 0 ? undefined : lockOut;
    if (lockedOut && !asking) warnOfLockedOut(this, name, lockedOut.users, app);
    warnOfMighty(this, planned.plan);
    const result = flags['dry-run']
      ? await this.check(connection, stored, planned.plan, flags)
      : await this.carryOut(connection, stored, planned.plan, { ...flags, warning, org });
    showUserOutcome(this, result, app, stored.certificate);
    return { ...result, org };
  }

  /** Reads the app as it is after the deploys that another run has begun. */
  private async readAfterDeploys(connection: Connection, given: string, minutes: number): Promise<StoredApp> {
    const [waitedFor, seen] = await answersInOrder(
      showingProgress(this.spinner, messages.getMessage('progress.earlier'), (onProgress) =>
        waitForDeploys(connection, minutes, onProgress),
      ),
      readApp(connection, given, { grants: true }),
    );
    // An app that was read while a deploy ran may be another one now.
    return seen && waitedFor.length === 0 ? seen : requireApp(connection, given, { grants: true });
  }

  private async showPlan(
    connection: Connection,
    stored: StoredApp,
    userPlan: UserPlan,
    lockOut: string | undefined,
  ): Promise<void> {
    const plan = planWish(stored, wishFor(stored, userPlan));
    showUserPlan(this, stored.app.name, userPlan, { changes: plan.changes, lockOut, grants: grantsOfPlan(plan) });
    await warnOfAccess(connection, [plan]);
  }

  private async check(
    connection: Connection,
    stored: StoredApp,
    userPlan: UserPlan,
    flags: WriteFlags,
  ): Promise<Omit<EcaUserCreateResult, 'org'>> {
    const wish = wishFor(stored, userPlan);
    const checked = await showingWrite(this.spinner, flags, writingOf(stored), (options) =>
      writeApp(connection, stored, wishToCheck(connection, wish, userPlan), options),
    );
    const { user } = userPlan;
    return {
      ...checked,
      app: merge(checked.app, wish),
      changes: planWish(stored, wish).changes,
      user: { username: user?.username ?? userPlan.toMake.usernames[0] ?? '', ...(user && { id: user.id }) },
      steps: stepsOf(userPlan, 'planned'),
    };
  }

  private async carryOut(
    connection: Connection,
    stored: StoredApp,
    userPlan: UserPlan,
    { warning, org, ...flags }: WriteFlags & { 'no-prompt': boolean; warning?: string; org: TargetOrg },
  ): Promise<Omit<EcaUserCreateResult, 'org'>> {
    const isDone = userPlan.steps.every(({ there }) => there);
    const nothing = isDone && planWish(stored, wishFor(stored, userPlan)).changes.length === 0;
    if (!nothing) {
      const question = warning ? messages.getMessage('prompt.lockOut', [warning]) : messages.getMessage('prompt');
      await confirmIfAsked(this, flags, askedOf(org, question));
    }

    const done: UserStep[] = [];
    return sayingWhatIsDone(done, async () => {
      const user = await showingProgress(this.spinner, messages.getMessage('progress'), (onProgress) =>
        makeUser(connection, userPlan, done, ({ id, name }) => onProgress(userStep(id, name))),
      );
      const wish = wishFor(stored, userPlan, user.username);
      const written = await showingWrite(this.spinner, flags, writingOf(stored), (options) =>
        writeApp(connection, stored, wish, options),
      );
      if (userPlan.mighty.length === 0) warnOfNewPowers(this, await findUserById(connection, user.id));
      return { ...written, user, steps: stepsOf(userPlan, 'done', user.username) };
    });
  }
}

const writingOf = ({ app: { name } }: StoredApp) => ({ name, writing: messages.getMessage('progress.app', [name]) });
