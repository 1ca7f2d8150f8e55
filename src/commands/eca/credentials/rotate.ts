import type { Connection } from '@salesforce/core';

import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { type Handover, shown } from '../../../app/handover.ts';
import { isLoopback } from '../../../app/host.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { handoverOf } from '../../../client/handover.ts';
import { checkHandoverFile, writeHandoverFile } from '../../../client/handoverFile.ts';
import { patientPairTrial } from '../../../client/pairTrial.ts';
import { readFacts } from '../../../org/app/facts.ts';
import { readAppNames, requireApp, type StoredApp } from '../../../org/app/read.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import {
  finishRotation,
  rotate,
  type Rotated,
  type RotationOptions,
  UnverifiedPair,
} from '../../../org/secrets/rotation.ts';
import { restoreSecretAccess, tidyingWork } from '../../../org/secrets/secretAccess.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { confirmLoss } from '../../../ui/confirmation.ts';
import {
  agreeToShow,
  type Destination,
  HANDOVER_FLAGS,
  refuse,
  showHandover,
  tellSwitch,
} from '../../../ui/credentials.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import {
  newDestination,
  ROTATION_FLAGS,
  showingTrial,
  stillPromoted,
  switchTerms,
  tellRotated,
  unverifiedPair,
} from '../../../ui/rotation.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.rotate');

export type EcaCredentialsRotateResult = {
  org: TargetOrg;
  name: string;
  /**
   * `promoted`: a new pair is the app's now. `already-promoted`: an earlier run did that, and the old pair is not revoked yet.
   * `finished`: the old pair is revoked. `nothing-to-finish`: there was none.
   */
  outcome: 'promoted' | 'already-promoted' | 'finished' | 'nothing-to-finish';
  /** The app's key now. */
  consumerKey: string;
  /** Only with --show-secret, and not when it went into a file. */
  consumerSecret?: string;
  /** Did the pair get a token? Absent with --finish. */
  verified?: boolean;
  /** The pair before, which works until it expires; after --finish it works no more. */
  previous?: { consumerKey: string; expirationDate?: string };
  tokenUrl: string;
  authorizeUrl: string;
  myDomainUrl: string;
  scopes: string[];
  flows: Handover['flows'];
  /** With --output-file: where the credentials went, as it was given. */
  outputFile?: string;
};

/** The app whose keys change. */
type Subject = {
  connection: Connection;
  stored: StoredApp;
  name: string;
  /** What follows `--name`: the app, and the org where it is not the default one. */
  app: string;
};

export default class EcaCredentialsRotate extends SfCommand<EcaCredentialsRotateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    [EXIT_CODE_FOR.success]: messages.getMessage('exitCode.0'),
    [EXIT_CODE_FOR.failure]: messages.getMessage('exitCode.1'),
    [EXIT_CODE_FOR.unfinished]: messages.getMessage('exitCode.68'),
  });
  protected static override readonly showsSecretAs = 'consumerSecret';
  public static override readonly args = NAME_ARGS;
  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...ROTATION_FLAGS,
    ...HANDOVER_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCredentialsRotateResult> {
    const parsed = await this.parse(EcaCredentialsRotate);
    const destination = newDestination(parsed.flags);
    if (destination.file) refuse(await checkHandoverFile(destination.file, destination.file.keepOutOfGit));
    const begun = await beginWithApp(this, readAppNames, parsed);
    const { flags, connection, given, asking, targetOrg, sameApp, inSameOrg } = begun;
    if (flags['show-secret']) await agreeToShow(this, given, destination, { asking, noPrompt: flags['no-prompt'] });
    const [org, , stored] = await answersInOrder(
      nameOrg(this, readTargetOrg(connection, targetOrg)),
      requirePermissions(connection, 'credentials', ['ViewClientSecret']),
      requireApp(connection, given),
    );
    const name = asSpelled(this, given, stored.app.name);
    // Salesforce Help says that only local apps can. No secret is let out of an org for what the org would refuse.
    if (stored.installed) throw messages.createError('error.installedApp', [name]);
    if (flags.finish) await confirmLoss(this, flags, askedOf(org, messages.getMessage('confirmFinish', [name])));
    await restoreSecretAccess(connection, tellSwitch(this));

    const subject = { connection, stored, name, app: sameApp(name) };
    const result = await tidyingWork(connection, switchTerms(this, flags['allow-secret-access']), async (signal) => {
      const known = await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl));
      const { onWait, onProgress } = showingTrial(this);
      const tryPair = patientPairTrial(known, { waitMs: flags.wait.milliseconds, signal, onWait });
      const options = { tryPair, signal, onProgress };
      if (flags.finish) return this.finish(subject, options);
      const rotated = await this.rotate(subject, { ...options, promoteUnverified: flags['promote-unverified'] });
      return this.handOver(subject, rotated, destination, flags['show-secret']);
    }).finally(() => this.spinner.stop());
    if (!flags.finish) {
      const finish = inSameOrg('credentials', 'rotate', '--name', name, '--finish');
      showNext(this, { text: messages.getMessage('next'), commandLine: finish });
    }
    return { ...result, org };
  }

  /** Partly done is a pair that is the app's without a token, unless that was asked for. */
  private async rotate({ connection, stored, name, app }: Subject, options: RotationOptions): Promise<Rotated> {
    const rotated = await rotate(connection, { id: stored.id, name, inCommands: app }, options).catch(
      unlessUnverified('error.stagedPairUnverified', { name, app }),
    );
    this.spinner.stop();
    if (rotated.trial.status !== 'passed' && !options.promoteUnverified) process.exitCode = EXIT_CODE_FOR.unfinished;
    return rotated;
  }

  private async finish(
    { connection, stored, name, app }: Subject,
    options: Omit<RotationOptions, 'promoteUnverified'>,
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
    { connection, stored, name, app }: Subject,
    { outcome, pair, trial, previous }: Rotated,
    destination: Destination,
    showSecret: boolean,
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
      outcome,
      verified: trial.status === 'passed',
      previous: previous && { consumerKey: previous.consumerKey, expirationDate: previous.expirationDate },
      outputFile: file?.path,
    };
  }
}

/** Puts into words why a pair was not gone on with. */
const unlessUnverified =
  (key: Parameters<typeof unverifiedPair>[0], names: Parameters<typeof unverifiedPair>[1]) =>
  (error: unknown): never => {
    throw error instanceof UnverifiedPair ? unverifiedPair(key, names, error.trial) : error;
  };
