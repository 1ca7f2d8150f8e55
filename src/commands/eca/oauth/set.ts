import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';

import type { App, Wish } from '../../../app/app.ts';
import { isCertificateFile } from '../../../app/certificate.ts';
import { merge } from '../../../app/changes.ts';
import { checkWish } from '../../../app/checkWish.ts';
import { checkAllowlist } from '../../../app/hardened.ts';
import {
  changesScopesThere,
  flowsAfter,
  mentionsClientCredentials,
  oauthWishFrom,
  withAllowlist,
  writesPolicies,
} from '../../../app/oauthWish.ts';
import { judgeScopes } from '../../../app/scopes.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { readCertificate, readCertificates } from '../../../local/certificate.ts';
import {
  certificateProblem,
  type CertificateTerms,
  judgeCertificate,
  keepsJwtBearer,
  refuseCertificateProblem,
  removesCertificate,
} from '../../../org/app/certificateTerms.ts';
import { type Plan, planWish } from '../../../org/app/plan.ts';
import { requireApp, type StoredApp } from '../../../org/app/read.ts';
import { writeApps } from '../../../org/app/write.ts';
import type { WriteResult } from '../../../org/app/writeResult.ts';
import { isCodeAndCredentialsAllowed } from '../../../org/organization/oauthSettings.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { findUser, type UserFacts } from '../../../org/users/users.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { changeRows, inOneLine } from '../../../ui/changeRows.ts';
import { confirmIfAsked } from '../../../ui/confirmation.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS, writeOptions } from '../../../ui/flags.ts';
import { OAUTH_FLAGS } from '../../../ui/oauthFlags.ts';
import { askCertificate, completeOauth } from '../../../ui/oauthQuestions.ts';
import {
  judgeJwtBearer,
  judgeRunAs,
  needsOrgSwitch,
  warnOfAnnounced,
  warnOfNeeds,
  warnOfUnusedRunAs,
} from '../../../ui/oauthWarnings.ts';
import { refuseProblems, warnOf } from '../../../ui/problems.ts';
import { activityOf, showingProgress } from '../../../ui/progress.ts';
import { mayAsk } from '../../../ui/prompts.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { type NextStep, showWritten } from '../../../ui/writeResult.ts';

const messages = texts('eca.oauth.set');

export type EcaOauthSetResult = WriteResult & { org: TargetOrg };

type GivenFlags = Interfaces.InferredFlags<typeof EcaOauthSet.flags>;

export default class EcaOauthSet extends SfCommand<EcaOauthSetResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...OAUTH_FLAGS,
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaOauthSetResult> {
    const { flags, connection, given, asking, sameApp, targetOrg } = await beginWithApp(
      this,
      await this.parse(EcaOauthSet),
    );
    const { wish: said, problems } = oauthWishFrom(flags, given);
    refuseProblems(problems, sameApp(given));

    const { runAs } = said.oauth ?? {};
    const [org, , stored, named] = await answersInOrder(
      nameOrg(this, readTargetOrg(connection, targetOrg)),
      requirePermissions(connection, 'oauth set', writesPolicies(said) ? ['ExternalClientAppAdmin'] : []),
      requireApp(connection, given, { grants: true }),
      runAs ? findUser(connection, runAs) : Promise.resolve(undefined),
    );
    const name = asSpelled(this, given, stored.app.name);
    const app = sameApp(name);
    refuseOtherScopes(stored.app, said, app);
    const { wish, terms } = await withCertificate(
      withAllowlist(await completeOauth({ ...said, name }, stored, asking), stored.app, flags),
      stored,
      flags,
      asking,
    );
    const unlisted = flags.hardened && !flags['no-ip-allowlist'] ? checkAllowlist(merge(stored.app, wish)) : [];
    refuseProblems([...checkWish(wish, stored.app), ...unlisted], app);
    const planned = planWish(stored, wish, terms);
    await this.judge(connection, planned, named, app);
    if (removesCertificate(planned)) await this.confirmRemoval(planned, flags, org);
    if (flags.hardened && planned.changes.length > 0) await this.confirmHardening(planned, flags, org);

    const activity = activityOf(flags, name, messages.getMessage('progress', [name]));
    const [{ result }] = await showingProgress(this.spinner, activity, (onProgress) =>
      writeApps(connection, [planned], writeOptions(flags, onProgress)),
    );
    showWritten(this, result, nextStep(result, this.config.bin, app));
    return { ...result, org };
  }

  /** After the removal, nobody can log in with the certificate's private key. */
  private async confirmRemoval(
    { wish }: Plan,
    flags: Pick<GivenFlags, 'dry-run' | 'no-prompt'>,
    org: TargetOrg,
  ): Promise<void> {
    if (flags['dry-run'] || !mayAsk(this, flags)) {
      this.warn(messages.createWarning('warning.certificateRemoved', [wish.name]));
      return;
    }
    await confirmIfAsked(this, flags, askedOf(org, messages.getMessage('prompt.removeCertificate', [wish.name])));
  }

  /** Shows what --hardened sets, and what nobody can undo, before anything is sent. */
  private async confirmHardening(
    { app, stored, changes }: Plan,
    flags: Pick<GivenFlags, 'dry-run' | 'no-prompt'>,
    org: TargetOrg,
  ): Promise<void> {
    this.logToStderr(messages.getMessage('hardened.plan', [app]));
    for (const { field, before, after } of changeRows(changes)) {
      this.logToStderr(messages.getMessage('hardened.change', [field, inOneLine(before), inOneLine(after)]));
    }
    this.logToStderr(messages.getMessage('hardened.forGood'));
    if (stored?.app.oauth?.pkceRequired === false) {
      this.warn(messages.createWarning('warning.clientsWithoutPkce', [app], [app]));
    }
    if (!flags['dry-run'])
      await confirmIfAsked(this, flags, askedOf(org, messages.getMessage('prompt.hardened', [app])));
  }

  /** Warns of what is unwise in the plan, or missing for it, and refuses what cannot work. */
  private async judge(connection: Connection, plan: Plan, named: UserFacts | undefined, app: string): Promise<void> {
    const { stored, wish } = plan;
    refuseCertificateProblem(plan);
    warnOf(this, judgeCertificate(plan), app);
    const there = stored?.certificate.there ?? 'no';
    judgeJwtBearer(this, wish, { there, keepsJwtBearer: keepsJwtBearer(plan) }, app);
    const flows = flowsAfter(stored?.app, wish);
    if (wish.oauth?.runAs && !flows.includes('client-credentials')) warnOfUnusedRunAs(this);
    const runAs = mentionsClientCredentials(wish) && (wish.oauth?.runAs ?? stored?.app.oauth?.runAs);
    if (runAs) judgeRunAs(this, runAs, named ?? (await findUser(connection, runAs)), plan.app);
    warnOfNeeds(this, wish, needsOrgSwitch(wish) ? await isCodeAndCredentialsAllowed(connection) : undefined);
    warnOf(this, judgeScopes(wish.scopes ?? [], flows), app);
    warnOfAnnounced(this, plan);
  }
}

/** This command may give an app its first scopes, so that one command sets up an app. Existing scopes stay. */
const refuseOtherScopes = (stored: App, wish: Wish, app: string): void => {
  if (!changesScopesThere(stored, wish)) return;
  const has = (stored.scopes ?? []).join(', ');
  throw messages.createError('error.scopesThere', [wish.name, has], [app, (wish.scopes ?? []).join(',')]);
};

/**
 * The wish with its certificate, and the terms for the certificate. The user is asked only if the settings cannot be
 * written without the answer. Then the org did not return the certificate, and this machine has no note of it.
 */
const withCertificate = async (
  said: Wish,
  stored: StoredApp,
  flags: Pick<GivenFlags, 'no-certificate' | 'remove-certificate'>,
  asking: boolean,
): Promise<{ wish: Wish; terms: CertificateTerms }> => {
  const missing = asking && said.oauth?.certificateFile === undefined && certificateProblem(planWish(stored, said));
  const asked = missing ? await askCertificate(missing) : undefined;
  const wish = asked === undefined ? said : merge(said, { name: said.name, oauth: { certificateFile: asked } });
  const file = wish.oauth?.certificateFile;
  // A file that is not usable is refused, also if nothing else changes.
  if (isCertificateFile(file)) await readCertificate(file);
  const removes = flags['remove-certificate'];
  return { wish, terms: { given: await readCertificates([file]), alone: isCertificateFile(file) || removes, removes } };
};

const nextStep = (result: WriteResult, bin: string, app: string): NextStep =>
  result.app.scopes?.length
    ? { text: messages.getMessage('next.credentials'), commandLine: `${bin} eca credentials --name ${app}` }
    : { text: messages.getMessage('next.scopes'), commandLine: `${bin} eca scopes set --name ${app}` };
