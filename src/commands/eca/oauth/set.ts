import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import { merge } from '../../../app/changes.ts';
import { checkWish } from '../../../app/checkWish.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { checkAllowlist } from '../../../app/hardened.ts';
import { certificateInTheWay, usualFiles } from '../../../app/newCertificate.ts';
import {
  changesScopesThere,
  flowsAfter,
  flowsNamed,
  mentionsClientCredentials,
  oauthSaid,
  withAdded,
  writesPolicies,
} from '../../../app/oauthWish.ts';
import { judgeScopes } from '../../../app/scopes.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { type NewPair, newPair, withNewFiles } from '../../../client/keyFiles.ts';
import {
  type CertificateTerms,
  judgeCertificate,
  keepsJwtBearer,
  refuseCertificateProblem,
  removesCertificate,
} from '../../../org/app/certificateTerms.ts';
import { wishFor, withCertificate } from '../../../org/app/certificateWish.ts';
import { lockedOutBy } from '../../../org/app/lockedOut.ts';
import type { Plan } from '../../../org/app/plan.ts';
import { grantsOfPlan } from '../../../org/app/planAccess.ts';
import { readAppNames, type StoredApp } from '../../../org/app/read.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { writeApps } from '../../../org/app/write.ts';
import type { WriteResult } from '../../../org/app/writeResult.ts';
import { isCodeAndCredentialsAllowed } from '../../../org/organization/oauthSettings.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { carryOutOne, isChange, requireAllFor } from '../../../org/users/applying.ts';
import { type AppliedApp, planWithUser } from '../../../org/users/appsWithUsers.ts';
import { userStep } from '../../../org/users/integrationUser.ts';
import { findUser, type UserFacts } from '../../../org/users/users.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import {
  loginOf,
  namingFiles,
  type NewCertificateResult,
  shapeOf,
  tellNewCertificate,
} from '../../../ui/certificate.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { confirmOauth } from '../../../ui/oauthConfirmations.ts';
import { OAUTH_FLAGS } from '../../../ui/oauthFlags.ts';
import { scopesThere, showOauthWritten } from '../../../ui/oauthOutcome.ts';
import { askCertificate, completeOauth } from '../../../ui/oauthQuestions.ts';
import {
  judgeJwtBearer,
  judgeRunAs,
  needsOrgSwitch,
  warnOfAnnounced,
  warnOfNeeds,
  warnOfUnusedRunAs,
} from '../../../ui/oauthWarnings.ts';
import { orRefuse, refuseProblems, warnOf } from '../../../ui/problems.ts';
import { showingSteps, showingWrite } from '../../../ui/progress.ts';
import { mayAsk } from '../../../ui/prompts.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showUserPlan } from '../../../ui/userOutcome.ts';
import { lockedOutInWords, warnOfLockedOut, warnOfMighty } from '../../../ui/userPlan.ts';

const messages = texts('eca.oauth.set');
const userMessages = texts('eca.user.create');

export type EcaOauthSetResult = WriteResult &
  Pick<AppliedApp, 'integrationUser'> &
  Partial<NewCertificateResult> & { org: TargetOrg };

type AtOrg = { app: string; org: TargetOrg; targetOrg: string | undefined };
type Given = { flags: GivenFlags; made: NewPair | undefined; app: string };
type GivenFlags = Interfaces.InferredFlags<typeof EcaOauthSet.flags>;

export default class EcaOauthSet extends SfCommand<EcaOauthSetResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:oauth:update', 'eca:oauth:configure', 'eca:configure'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...OAUTH_FLAGS,
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaOauthSetResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaOauthSet));
    const { flags, connection, given, asking, sameApp, targetOrg } = begun;
    const { said, integrationUser, problems } = oauthSaid(flags, given);
    refuseProblems(problems, sameApp(given));

    const also = writesPolicies(said, flowsNamed(flags)) ? (['ExternalClientAppAdmin'] as const) : [];
    const [[org, stored], named] = await answersInOrder(
      appToChange(begun, 'oauth set', nameOrg(this), { also, grants: true }),
      flags['run-as'] ? findUser(connection, flags['run-as'].trim()) : Promise.resolve(undefined),
    );
    const name = asSpelled(this, given, stored.app.name);
    const at = { app: sameApp(name), org, targetOrg };
    if (changesScopesThere(stored.app, said)) throw scopesThere(stored.app, said, at.app);
    const made = await madeFor(flags['new-certificate'], stored, at.app);
    const completed = await completeOauth(withAdded({ ...said, name }, stored.app, flags), stored, asking);
    const [wish, terms] = made
      ? wishFor(completed, made.files.certificate, made.certificate)
      : await withCertificate(completed, stored, flags['remove-certificate'], asking && askCertificate(at.app));
    const unlisted = flags.hardened && !flags['no-ip-allowlist'] ? checkAllowlist(merge(stored.app, wish)) : [];
    refuseProblems([...checkWish(wish, stored.app), ...unlisted], at.app);
    const { planned, missing } = await planWithUser(connection, stored, wish, terms, integrationUser);
    // It is the org that lacks something, not the flags that are wrong.
    refuseProblems(missing, at.app, EXIT_CODE_FOR.failure);
    await this.judge(connection, planned, named, at);
    await confirmOauth(this, flags, org, { ...planned, removesCertificate: removesCertificate(planned) });
    await this.agreeToUser(connection, planned, flags, at);

    const result = await this.carryOut(connection, planned, terms, { flags, made, app: at.app });
    showOauthWritten(this, result, at.app);
    if (!made) return { ...result, org };
    const login = loginOf(connection, result.app, { keyFile: made.files.key, user: undefined });
    return { ...result, org, ...tellNewCertificate(this, { ...made, login }, flags['dry-run']) };
  }

  /** Shows what is to be done for the new user, and asks whether to go on. */
  private async agreeToUser(connection: Connection, planned: Plan, flags: GivenFlags, at: AtOrg): Promise<void> {
    const { user, changes } = planned;
    if (!user || !isChange(planned)) return;
    await requireAllFor(connection, [planned], flags['api-version'], 'oauth set');
    const lockedOut = (await lockedOutBy(connection, [planned])).get(planned);
    const lockOut = lockedOut && lockedOutInWords(planned.app, lockedOut.users);
    showUserPlan(this, planned.app, user, { changes, lockOut, grants: grantsOfPlan(planned) });
    if (lockedOut && !mayAsk(this, flags)) warnOfLockedOut(this, planned.app, lockedOut.users, at.app);
    warnOfMighty(this, user);
    if (!flags['dry-run']) await confirmIfAsked(this, flags, askedOf(at.org, userMessages.getMessage('prompt')));
  }

  private carryOut(connection: Connection, planned: Plan, terms: CertificateTerms, { flags, made, app }: Given) {
    const writing = messages.getMessage('progress', [planned.app]);
    return carryOutOne(connection, planned, terms, {
      dryRun: flags['dry-run'],
      showMaking: showingSteps(this.spinner, userMessages.getMessage('progress'), ({ id, name }) => userStep(id, name)),
      write: (plans) =>
        giving(flags['dry-run'] ? undefined : made, app, () =>
          showingWrite(this.spinner, flags, { name: planned.app, writing }, (options) =>
            writeApps(connection, plans, options),
          ),
        ),
    });
  }

  /** Warns of what is unwise in the plan, or missing for it, and refuses what cannot work. */
  private async judge(connection: Connection, plan: Plan, named: UserFacts | undefined, at: AtOrg): Promise<void> {
    const { stored, wish } = plan;
    refuseCertificateProblem(plan);
    warnOf(this, judgeCertificate(plan), at.app);
    const there = stored?.certificate.there ?? 'no';
    judgeJwtBearer(this, wish, { there, keepsJwtBearer: keepsJwtBearer(plan) }, at.app);
    const flows = flowsAfter(stored?.app, wish);
    if (wish.oauth?.runAs && !flows.includes('client-credentials')) warnOfUnusedRunAs(this);
    const runAs = !plan.user && mentionsClientCredentials(wish) && (wish.oauth?.runAs ?? stored?.app.oauth?.runAs);
    if (runAs) judgeRunAs(this, runAs, named ?? (await findUser(connection, runAs)), plan.app);
    warnOfNeeds(this, wish, needsOrgSwitch(wish) ? await isCodeAndCredentialsAllowed(connection) : undefined);
    warnOf(this, judgeScopes(wish.scopes ?? [], flows), at.app);
    warnOfAnnounced(this, plan, at.targetOrg);
  }
}

/** A new key and its certificate, where --new-certificate names a folder for them. */
const madeFor = async (folder: string | undefined, stored: StoredApp, app: string): Promise<NewPair | undefined> => {
  if (folder === undefined) return undefined;
  const { name } = stored.app;
  const inTheWay = certificateInTheWay(name, stored.certificate);
  refuseProblems(inTheWay ? [inTheWay] : [], app, EXIT_CODE_FOR.failure);
  return orRefuse(await newPair(usualFiles(name, folder), shapeOf({}, name)), EXIT_CODE_FOR.wrongFlags, app);
};

/** The files come before the write: an app with the certificate of a lost key would be of no use. */
const giving = async <T>(made: NewPair | undefined, app: string, give: () => Promise<T>): Promise<T> =>
  made ? orRefuse(await withNewFiles(made, give).catch(namingFiles(made.files, app)), EXIT_CODE_FOR.failure) : give();
