import type { Connection } from '@salesforce/core';

import type { Flow } from '../../app/app.ts';
import type { AppFacts, FlowResult, Outcome } from '../../app/checks.ts';
import { checkApiPath, isLoopback } from '../../app/host.ts';
import { openInBrowser } from '../../client/browser.ts';
import { flowsOfClient, readClient, situationOfClient } from '../../client/clientAlone.ts';
import { readCredentialsFile } from '../../client/credentialsFile.ts';
import { createHttpClient } from '../../client/httpClient.ts';
import { readPrivateKey, type SigningKey } from '../../client/jwtBearer.ts';
import { LONGEST_PAUSE } from '../../client/propagation.ts';
import { retryingClient } from '../../client/retryingClient.ts';
import { type JwtTrial, verify } from '../../client/verify.ts';
import { interruptible, unlessAborted } from '../../local/interruption.ts';
import { addToJobSummary, JOB_SUMMARY } from '../../local/jobSummary.ts';
import { readFacts, type Trial } from '../../org/app/facts.ts';
import { readAppNames, requireApp, type StoredApp } from '../../org/app/read.ts';
import { trialOf } from '../../org/app/trial.ts';
import { restoreSecretAccess } from '../../org/secrets/secretAccess.ts';
import { canReadSecrets } from '../../org/users/permissions.ts';
import { findUser, type UserFacts, userIfSeen } from '../../org/users/users.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginWithApp } from '../../ui/begin.ts';
import type { Token } from '../../ui/commandLine.ts';
import { offer } from '../../ui/confirmation.ts';
import { exitCodesIn } from '../../ui/exitCodes.ts';
import { NAME_ARGS, refuseTwoInputs } from '../../ui/flags.ts';
import { notWritten } from '../../ui/outputFile.ts';
import { orRefuse, refuseProblems } from '../../ui/problems.ts';
import { mayAsk, PROMPTS } from '../../ui/prompts.ts';
import { checkInWords, type EcaVerifyCheck } from '../../ui/verification.ts';
import { defaultOrg, flagsToRepeat, VERIFY_FLAGS, type VerifyFlags } from '../../ui/verifyFlags.ts';
import * as shown from '../../ui/verifying.ts';

const messages = texts('eca.verify');

export type EcaVerifyFlow = { flow: Flow; result: FlowResult };

export type EcaVerifyResult = {
  /** The app's name; without an org the one in the credentials file, or else that file as it was given. */
  name: string;
  result: Outcome;
  /** True for the result `passed` alone. */
  passed: boolean;
  flows: EcaVerifyFlow[];
  checks: EcaVerifyCheck[];
};

export default class EcaVerify extends SfCommand<EcaVerifyResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:test', 'eca:check'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection(
    'ERROR CODES',
    exitCodesIn(messages, 'success', 'failure', 'unfinished'),
  );

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = VERIFY_FLAGS;

  public async run(): Promise<EcaVerifyResult> {
    const { flags, args, raw } = await this.parse(EcaVerify);
    const { 'api-path': apiPath, 'credentials-file': file } = flags;
    const problem = apiPath === undefined ? undefined : checkApiPath(apiPath);
    refuseProblems(problem ? [problem] : [], '');
    refuseTwoInputs(file, flags['jwt-key-file']);
    const seen: shown.Seen = { checks: [], restored: false };
    try {
      return file !== undefined && flags['target-org'] === undefined && (flags.name ?? args.name) === undefined
        ? await this.verifyClient(flags, file, seen)
        : await this.verifyApp({ flags, args, raw }, seen);
    } catch (error) {
      throw shown.interrupted(error, seen) ?? error;
    }
  }

  private async verifyApp({ flags, args, raw }: ParsedFlags, seen: shown.Seen): Promise<EcaVerifyResult> {
    const org = flags['target-org'] ?? (await defaultOrg());
    const parsed = { flags: { ...flags, 'target-org': org }, args, raw };
    const { connection, given, targetOrg } = await beginWithApp(this, readAppNames, parsed);
    const fileCredentials = await trialFrom(flags['credentials-file']);
    const key = await keyFrom(flags['jwt-key-file']);

    const stored = await requireApp(connection, given);
    const name = asSpelled(this, given, stored.app.name);
    const tellSwitch = (step: 'opening' | 'closing'): void =>
      this.logToStderr(messages.getMessage(`secretAccess.${step}`));
    await restoreSecretAccess(connection, tellSwitch);
    const known = {
      ...(await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl))),
      flags: flagsToRepeat(flags),
    };
    const trial =
      fileCredentials ??
      (await trialOf(connection, stored, known, {
        flows: flags.flow ?? [],
        browser: flags.browser,
        allowed: flags['allow-secret-access'],
        mayOpen: () => this.mayOpen(connection, stored, flags),
        onSwitch: (step) => {
          seen.restored ||= step === 'closing';
          tellSwitch(step);
        },
      }));
    const username = key && (await this.jwtUser(flags, stored.app.oauth?.runAs));
    const jwt = key && username !== undefined && { ...key, username, user: await findUser(connection, username) };
    const facts = { ...known, ...trial, consumerKey: trial.consumerKey ?? stored.consumerKey };
    return this.verify(
      flags,
      { name, facts, jwt: jwt || undefined, userById: (id) => userIfSeen(connection, id) },
      seen,
    );
  }

  /** With what a client has, and nothing else: no org is looked up, and no login read. */
  private async verifyClient(flags: VerifyFlags, path: string, seen: shown.Seen): Promise<EcaVerifyResult> {
    const key = await keyFrom(flags['jwt-key-file']);
    const file = orRefuse(await readClient(path, key !== undefined));
    const jwt = key && { ...key, username: await this.jwtUser(flags, file.username) };
    const facts = { ...situationOfClient(file, path, flags['api-version']), flags: flagsToRepeat(flags) };
    shown.tell(this, flags['result-format'], messages.getMessage('withoutOrg', [file.origin]));
    const flow = flags.flow ?? flowsOfClient(file, jwt !== undefined);
    const name = file.app.name ?? path;
    return this.verify({ ...flags, flow }, { name, facts, jwt, userById: () => Promise.resolve(undefined) }, seen);
  }

  /**
   * The user whom the client logs in as: the one that is named here, or else the configured one.
   *
   * @throws error.noJwtUser when there is neither, and nobody may be asked
   */
  private async jwtUser(flags: VerifyFlags, configured: string | undefined): Promise<string> {
    const username = flags['run-as'] ?? configured;
    if (username !== undefined) return username;
    if (!mayAsk(this, flags)) throw messages.createError('error.noJwtUser');
    return PROMPTS.text({ message: messages.getMessage('prompt.runAs') });
  }

  /** Asks whether to open the switch, if this user can. A question that only leads to a refusal is not worth an answer. */
  private async mayOpen(connection: Connection, { app }: StoredApp, flags: VerifyFlags): Promise<boolean> {
    if (!mayAsk(this, flags) || !(await canReadSecrets(connection))) return false;
    return offer(this, flags, messages.getMessage('offerSecretAccess', [app.name, connection.getUsername() ?? '']));
  }

  private async verify(flags: VerifyFlags, trial: VerifyTrial, seen: shown.Seen): Promise<EcaVerifyResult> {
    const { name, facts, jwt, userById } = trial;
    const { flow: flows, probe, strict, verbose, 'api-path': apiPath, 'result-format': format } = flags;
    this.spinner.start(messages.getMessage('verifying', [name]));
    const telling = shown.tellingChecks(this, format, seen, LONGEST_PAUSE / 2);
    const verdict = await interruptible((signal) =>
      verify(
        facts,
        { http: retryingClient(createHttpClient()), userById: (id) => unlessAborted(signal, userById(id)) },
        {
          ...{ flows, probe, strict, jwt, apiPath, signal },
          ...(flags.browser && { browserLogin: shown.browserLogin(this, openInBrowser) }),
          ...(mayAsk(this, flags) && { showDeviceLogin: (login) => shown.showDeviceLogin(this, login) }),
          waitMs: flags.wait?.milliseconds,
          ...telling,
        },
      ),
    ).finally(telling.onEnd);
    const report = shown.showVerdict(this, verdict, { name, strict, format, verbose });
    if (report !== undefined) await addToJobSummary(report).catch(notWritten(JOB_SUMMARY));
    const { consumerKey, myDomainUrl: instanceUrl } = facts;
    const keyFile = flags['jwt-key-file'];
    if (jwt && keyFile !== undefined && consumerKey !== undefined)
      shown.showJwtLogin(this, verdict, { consumerKey, keyFile, username: jwt.username, instanceUrl });
    const { result, checks } = verdict;
    return { name, result, passed: result === 'passed', flows: verdict.flows, checks: checks.map(checkInWords) };
  }
}

type ParsedFlags = { flags: VerifyFlags; args: { name?: string }; raw: Token[] };

/** Whom and what to try. */
type VerifyTrial = {
  name: string;
  facts: AppFacts;
  jwt: JwtTrial | undefined;
  userById: (id: string) => Promise<UserFacts | undefined>;
};

/** @throws error.credentialsFileNotFound, error.credentialsFileUnreadable, error.credentialsFileEmpty */
const trialFrom = async (path: string | undefined): Promise<Trial | undefined> => {
  if (path === undefined) return undefined;
  const { consumerKey, consumerSecret, client } = orRefuse(await readCredentialsFile(path));
  return { consumerKey, secret: { from: 'file', secret: consumerSecret }, client };
};

/** @throws error.keyFileNotFound, error.keyFileUnreadable, error.keyFileInvalid, error.keyFileEncrypted, error.keyFileNotRsa */
const keyFrom = async (path: string | undefined): Promise<SigningKey | undefined> =>
  path === undefined ? undefined : orRefuse(await readPrivateKey(path));
