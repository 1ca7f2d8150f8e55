import type { Connection } from '@salesforce/core';

import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { shown } from '../../../app/handover.ts';
import { isLoopback } from '../../../app/host.ts';
import { handoverOf } from '../../../client/handover.ts';
import { checkHandoverFile, writeHandoverFile } from '../../../client/handoverFile.ts';
import { patientPairTrial } from '../../../client/pairTrial.ts';
import { lookAtTarget, sendPair } from '../../../client/sending.ts';
import { interruptible } from '../../../local/interruption.ts';
import { readFacts } from '../../../org/app/facts.ts';
import { readAppNames, type StoredApp } from '../../../org/app/read.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { looksBeforeAsking } from '../../../org/secrets/beforeAsking.ts';
import { type AppRef, consumerKeyOf } from '../../../org/secrets/credentials.ts';
import { hasPairOf, lookAtPrincipal } from '../../../org/secrets/namedCredential.ts';
import {
  finishRotation,
  rotate,
  type Rotated,
  type RotationOptions,
  UnverifiedPair,
} from '../../../org/secrets/rotation.ts';
import { restoreSecretAccess, tidyingWork } from '../../../org/secrets/secretAccess.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp, connectionTo } from '../../../ui/begin.ts';
import { agreeToShow, type Destination, refuse, showHandover, tellSwitch } from '../../../ui/credentials.ts';
import { NAME_ARGS } from '../../../ui/flags.ts';
import { askedAfterLook } from '../../../ui/prompts.ts';
import {
  confirmRotation,
  newDestination,
  rotateWords,
  ROTATION_EXIT_CODES,
  ROTATION_FLAGS,
  rotationPlace,
  type RotationResult,
  sendLineOf,
  showingTrial,
  splitForTarget,
  stillPromoted,
  switchTerms,
  tellDelivered,
  tellDryRun,
  tellRotated,
  toldOfPair,
  unverifiedPair,
} from '../../../ui/rotation.ts';
import { programTarget, type ReadyTarget, targetOnStderr } from '../../../ui/sending.ts';
import { principalTarget, type SaidPlace } from '../../../ui/sendingToOrg.ts';
import { nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.rotate');

export type EcaCredentialsRotateResult = RotationResult;

/** The app whose keys change. */
type Subject = {
  connection: Connection;
  stored: StoredApp;
  ref: Required<AppRef>;
  /** Where the new pair goes. */
  at?: ReadyTarget;
};

export default class EcaCredentialsRotate extends SfCommand<EcaCredentialsRotateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', ROTATION_EXIT_CODES);
  protected static override readonly showsSecretAs = 'consumerSecret';
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = ROTATION_FLAGS;

  public async run(): Promise<EcaCredentialsRotateResult> {
    const split = splitForTarget(this.argv);
    const parsed = await this.parse(EcaCredentialsRotate, split.own);
    const destination = newDestination(parsed.flags);
    if (destination.file) refuse(await checkHandoverFile(destination.file, destination.file.keepOutOfGit));
    const begun = await beginWithApp(this, readAppNames, parsed);
    const { flags, connection, given, asking, targetOrg, sameApp, inSameOrg } = begun;
    const { 'allow-secret-access': allowed, 'show-secret': showSecret } = flags;
    const warns = showSecret && (flags['no-prompt'] || this.jsonEnabled());
    if (showSecret && !asking && !warns) await agreeToShow(this, given, destination, { asking, noPrompt: false });
    const askWhere = () => rotationPlace(asking, flags, split.program);
    const [said, [org, stored]] = await askedAfterLook(asking, askWhere, () =>
      appToChange(begun, 'credentials', nameOrg(this), { also: ['ViewClientSecret'] }),
    );
    const name = asSpelled(this, given, stored.app.name);
    // Salesforce Help says that only local apps can. No secret is let out of an org for what the org would refuse.
    if (stored.installed) throw messages.createError('error.installedApp', [name]);
    const ref = { id: stored.id, name, inCommands: sameApp(name) };
    const at = said && (await this.look(said, { connection, stored, ref }, flags));
    const subject = { connection, stored, ref, at };
    if (at && flags['dry-run']) return { ...(await handoverNow(subject)), ...tellDryRun(this, at, split), org };
    await restoreSecretAccess(connection, tellSwitch(this));
    const sendLine = sendLineOf(this.config.bin, ref.inCommands, allowed);
    const looks = looksBeforeAsking(connection, ref, { allowed, onProgress: tellSwitch(this), sendLine });
    await confirmRotation(this, flags, { asking, org, name, at, destination }, looks);
    const result = await tidyingWork(connection, switchTerms(this, allowed), async (signal) => {
      const known = await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl));
      const { onWait, onProgress } = showingTrial(this);
      const tryPair = patientPairTrial(known, { waitMs: flags.wait.milliseconds, signal, onWait });
      const options = { tryPair, signal, onProgress, sendLine };
      if (flags.finish) return this.finish(subject, options);
      const rotated = await this.rotate(subject, { ...options, promoteUnverified: flags['promote-unverified'] });
      return this.handOver(subject, rotated, destination, { showSecret, warns, sendLine });
    }).finally(() => this.spinner.stop());
    const commandLine = inSameOrg(...rotateWords(name, 'finish', allowed));
    if (!flags.finish) showNext(this, { text: messages.getMessage('next'), commandLine });
    return { ...result, org };
  }

  /** Can the target be written to? A principal that has a pair of this app gets the new pair without --replace. */
  private async look(
    said: SaidPlace,
    { connection, stored, ref: { name, inCommands } }: Subject,
    flags: { replace: boolean; 'api-version'?: string },
  ): Promise<ReadyTarget> {
    if ('place' in said) {
      const looked = await lookAtPrincipal(connectionTo(said.destinationOrg, flags), said.place);
      const isReplaced = flags.replace || (await hasPairOf(connection, { ...stored, inCommands }, looked));
      return principalTarget(this, looked, { name, isReplaced, tokensFrom: connection.instanceUrl });
    }
    const { destination, items } = said;
    const looked = await interruptible((signal) => lookAtTarget(destination, items, signal));
    return programTarget({ name, destination, items }, looked, sendPair);
  }

  /** Partly done is a pair that is the app's without a token, unless that was asked for. */
  private async rotate({ connection, ref, at }: Subject, options: RotationOptions): Promise<Rotated> {
    const target = at && targetOnStderr(this, at);
    const rotated = await rotate(connection, ref, { ...options, target }).catch(
      unlessUnverified('error.stagedPairUnverified', ref),
    );
    this.spinner.stop();
    if (rotated.trial.status !== 'passed' && !options.promoteUnverified) process.exitCode = EXIT_CODE_FOR.unfinished;
    return rotated;
  }

  private async finish(
    { connection, stored, ref }: Subject,
    options: Omit<RotationOptions, 'promoteUnverified' | 'target'>,
  ): Promise<Omit<EcaCredentialsRotateResult, 'org'>> {
    const { outcome, consumerKey, previous } = await finishRotation(connection, ref, options).catch(
      unlessUnverified('error.newPairUnverified', ref),
    );
    this.spinner.stop();
    this.logSuccess(messages.getMessage(`outcome.${outcome}`, [ref.name]));
    return {
      ...shown(handoverOf(stored.app, connection.instanceUrl, { consumerKey })),
      outcome,
      previous: previous && { consumerKey: previous.consumerKey },
    };
  }

  /** Tells how it stands, and hands the pair over. From here on it is the app's, whatever goes wrong with the file. */
  private async handOver(
    { connection, stored, ref, at }: Subject,
    { outcome, pair, trial, previous, ...delivered }: Rotated,
    destination: Destination,
    { showSecret, warns, sendLine }: { showSecret: boolean; warns: boolean } & Pick<RotationOptions, 'sendLine'>,
  ): Promise<Omit<EcaCredentialsRotateResult, 'org'>> {
    const { file } = destination;
    tellRotated(this, ref, { outcome, trial, until: previous?.expirationDate });
    const { consumerKey } = pair;
    const handover = handoverOf(stored.app, connection.instanceUrl, showSecret ? pair : { consumerKey });
    try {
      if (file) refuse(await writeHandoverFile(file, handover), EXIT_CODE_FOR.unfinished);
      if (warns) await agreeToShow(this, ref.name, destination, { asking: false, noPrompt: true });
      showHandover(this, handover, destination);
    } catch (error) {
      throw stillPromoted(error, ref.inCommands);
    }
    const { consumerSecret, ...told } = shown(handover);
    return {
      ...told,
      consumerSecret: file ? undefined : consumerSecret,
      ...toldOfPair({ outcome, trial, previous }),
      outputFile: file?.path,
      sentTo: tellDelivered(this, at, delivered, sendLine),
    };
  }
}

/** The key in use, without its secret. */
const handoverNow = async ({ connection, stored, ref }: Subject) => {
  const consumerKey = await consumerKeyOf(connection, stored, ref.inCommands);
  return shown(handoverOf(stored.app, connection.instanceUrl, { consumerKey }));
};

/** Puts into words why a pair was not gone on with. */
const unlessUnverified =
  (key: Parameters<typeof unverifiedPair>[0], names: Parameters<typeof unverifiedPair>[1]) =>
  (error: unknown): never => {
    throw error instanceof UnverifiedPair ? unverifiedPair(key, names, error.trial) : error;
  };
