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
import { consumerKeyOf } from '../../../org/secrets/credentials.ts';
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
import { confirmLoss } from '../../../ui/confirmation.ts';
import { agreeToShow, type Destination, refuse, showHandover, tellSwitch } from '../../../ui/credentials.ts';
import { NAME_ARGS } from '../../../ui/flags.ts';
import {
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
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.rotate');

export type EcaCredentialsRotateResult = RotationResult;

/** The app whose keys change. */
type Subject = {
  connection: Connection;
  stored: StoredApp;
  name: string;
  /** What follows `--name`: the app, and the org where it is not the default one. */
  app: string;
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
    const said = await rotationPlace(asking, flags, split.program);
    if (flags['show-secret']) await agreeToShow(this, given, destination, { asking, noPrompt: flags['no-prompt'] });
    const [org, stored] = await appToChange(begun, 'credentials', nameOrg(this), { also: ['ViewClientSecret'] });
    const name = asSpelled(this, given, stored.app.name);
    // Salesforce Help says that only local apps can. No secret is let out of an org for what the org would refuse.
    if (stored.installed) throw messages.createError('error.installedApp', [name]);
    if (flags.finish) await confirmLoss(this, flags, askedOf(org, messages.getMessage('confirmFinish', [name])));
    const at = said && (await this.look(said, { connection, stored, name, app: sameApp(name) }, flags));
    const subject = { connection, stored, name, app: sameApp(name), at };
    if (at && flags['dry-run']) return { ...(await handoverNow(subject)), ...tellDryRun(this, at, split), org };
    if (at) await confirmLoss(this, flags, askedOf(org, at.question));
    await restoreSecretAccess(connection, tellSwitch(this));

    const result = await tidyingWork(connection, switchTerms(this, flags['allow-secret-access']), async (signal) => {
      const known = await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl));
      const { onWait, onProgress } = showingTrial(this);
      const tryPair = patientPairTrial(known, { waitMs: flags.wait.milliseconds, signal, onWait });
      const sendLine = sendLineOf(this.config.bin, subject.app, flags['allow-secret-access']);
      const options = { tryPair, signal, onProgress, sendLine };
      if (flags.finish) return this.finish(subject, options);
      const rotated = await this.rotate(subject, { ...options, promoteUnverified: flags['promote-unverified'] });
      return this.handOver(subject, rotated, destination, { showSecret: flags['show-secret'], sendLine });
    }).finally(() => this.spinner.stop());
    const finish = inSameOrg(...rotateWords(name, 'finish', flags['allow-secret-access']));
    if (!flags.finish) showNext(this, { text: messages.getMessage('next'), commandLine: finish });
    return { ...result, org };
  }

  /** Can the target be written to? A principal that has a pair of this app gets the new pair without --replace. */
  private async look(
    said: SaidPlace,
    { connection, stored, name, app }: Subject,
    flags: { replace: boolean; 'api-version'?: string },
  ): Promise<ReadyTarget> {
    if ('place' in said) {
      const looked = await lookAtPrincipal(connectionTo(said.destinationOrg, flags), said.place);
      const isReplaced = flags.replace || (await hasPairOf(connection, { ...stored, inCommands: app }, looked));
      return principalTarget(this, looked, { name, isReplaced, tokensFrom: connection.instanceUrl });
    }
    const { destination, items } = said;
    const looked = await interruptible((signal) => lookAtTarget(destination, items, signal));
    return programTarget({ name, destination, items }, looked, sendPair);
  }

  /** Partly done is a pair that is the app's without a token, unless that was asked for. */
  private async rotate({ connection, stored, name, app, at }: Subject, options: RotationOptions): Promise<Rotated> {
    const target = at && targetOnStderr(this, at);
    const rotated = await rotate(connection, { id: stored.id, name, inCommands: app }, { ...options, target }).catch(
      unlessUnverified('error.stagedPairUnverified', { name, app }),
    );
    this.spinner.stop();
    if (rotated.trial.status !== 'passed' && !options.promoteUnverified) process.exitCode = EXIT_CODE_FOR.unfinished;
    return rotated;
  }

  private async finish(
    { connection, stored, name, app }: Subject,
    options: Omit<RotationOptions, 'promoteUnverified' | 'target'>,
  ): Promise<Omit<EcaCredentialsRotateResult, 'org'>> {
    const subject = { id: stored.id, name, inCommands: app };
    const { outcome, consumerKey, previous } = await finishRotation(connection, subject, options).catch(
      unlessUnverified('error.newPairUnverified', { name, app }),
    );
    this.spinner.stop();
    this.logSuccess(messages.getMessage(`outcome.${outcome}`, [name]));
    return {
      ...shown(handoverOf(stored.app, connection.instanceUrl, { consumerKey })),
      outcome,
      previous: previous && { consumerKey: previous.consumerKey },
    };
  }

  /** Tells how it stands, and hands the pair over. From here on it is the app's, whatever goes wrong with the file. */
  private async handOver(
    { connection, stored, name, app, at }: Subject,
    { outcome, pair, trial, previous, ...delivered }: Rotated,
    destination: Destination,
    { showSecret, sendLine }: { showSecret: boolean } & Pick<RotationOptions, 'sendLine'>,
  ): Promise<Omit<EcaCredentialsRotateResult, 'org'>> {
    const { file } = destination;
    tellRotated(this, { name, app }, { outcome, trial, until: previous?.expirationDate });
    const { consumerKey } = pair;
    const handover = handoverOf(stored.app, connection.instanceUrl, showSecret ? pair : { consumerKey });
    try {
      if (file) refuse(await writeHandoverFile(file, handover), EXIT_CODE_FOR.unfinished);
      showHandover(this, handover, destination);
    } catch (error) {
      throw stillPromoted(error, app);
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
const handoverNow = async ({ connection, stored, app }: Subject) =>
  shown(handoverOf(stored.app, connection.instanceUrl, { consumerKey: await consumerKeyOf(connection, stored, app) }));

/** Puts into words why a pair was not gone on with. */
const unlessUnverified =
  (key: Parameters<typeof unverifiedPair>[0], names: Parameters<typeof unverifiedPair>[1]) =>
  (error: unknown): never => {
    throw error instanceof UnverifiedPair ? unverifiedPair(key, names, error.trial) : error;
  };
