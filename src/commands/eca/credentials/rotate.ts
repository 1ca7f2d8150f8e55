import type { Interfaces } from '@oclif/core';
import type { Connection } from '@salesforce/core';
import type { Finding } from '../../../app/checks.ts';
import type { Text } from '../../../app/text.ts';
import { exitCodeFor } from '../../../app/exitCodes.ts';
import { shown, type Handover } from '../../../app/handover.ts';
import { isLoopback } from '../../../app/host.ts';
import { handoverOf } from '../../../client/handover.ts';
import { checkHandoverFile, writeHandoverFile } from '../../../client/handoverFile.ts';
import { createHttpClient } from '../../../client/httpClient.ts';
import { pairTrial } from '../../../client/pairTrial.ts';
import { retryingClient } from '../../../client/retryingClient.ts';
import { sleep } from '../../../client/propagation.ts';
import { requirePermissions } from '../../../org/users/permissions.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { interruptible, unlessLongAborted } from '../../../local/interruption.ts';
import { requireApp, type StoredApp } from '../../../org/app/read.ts';
import {
  finishRotation,
  rotate,
  UnverifiedPair,
  type Rotated,
  type RotationOptions,
  type StagedPair,
} from '../../../org/secrets/rotation.ts';
import { openSecretAccess, restoreSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { readFacts } from '../../../org/app/facts.ts';
import { Flags, SfCommand, SfError, toHelpSection } from '../../../salesforce.ts';
import { inWords, texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { confirmLoss } from '../../../ui/confirmation.ts';
import {
  agreeToShow,
  allowSecretAccessFlag,
  destinationOf,
  handoverFlags,
  refuse,
  showHandover,
  tellSwitch,
  type Destination,
} from '../../../ui/credentials.ts';
import { nameFlag, noPromptFlag, orgFlags } from '../../../ui/flags.ts';
import { showNext } from '../../../ui/writeResult.ts';

const messages = texts('eca.credentials.rotate');

/** Milliseconds after a signal in which a staged pair can be taken away again. CI services kill a job about ten seconds after it. */
const tidyingUp = 5_000;

export type EcaCredentialsRotateResult = {
  name: string;
  /**
   * `promoted`: a new pair is the app's now; `already-promoted`: an earlier run did that, and the old pair is not revoked yet;
   * `finished`: the old pair is revoked; `nothing-to-finish`: there was none.
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

export default class EcaCredentialsRotate extends SfCommand<EcaCredentialsRotateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', {
    '0': messages.getMessage('exitCode.0'),
    '1': messages.getMessage('exitCode.1'),
    '68': messages.getMessage('exitCode.68'),
  });

  protected static override readonly showsSecretAs = 'consumerSecret';

  public static override readonly flags = {
    ...orgFlags,
    name: nameFlag,

    finish: Flags.boolean({
      summary: messages.getMessage('flags.finish.summary'),
      description: messages.getMessage('flags.finish.description'),
      // eslint-disable-next-line sf-plugin/flag-cross-references -- those flags come from ui/credentials.ts
      exclusive: ['promote-unverified', 'show-secret', 'output-file', 'format', 'prefix'],
    }),
    'promote-unverified': Flags.boolean({
      summary: messages.getMessage('flags.promote-unverified.summary'),
      description: messages.getMessage('flags.promote-unverified.description'),
    }),
    wait: Flags.duration({
      unit: 'minutes',
      char: 'w',
      defaultValue: 5,
      min: 0,
      max: 30,
      summary: messages.getMessage('flags.wait.summary'),
      description: messages.getMessage('flags.wait.description'),
    }),
    ...handoverFlags,
    'allow-secret-access': allowSecretAccessFlag,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCredentialsRotateResult> {
    const parsed = await this.parse(EcaCredentialsRotate);
    const destination = await checkedDestination(parsed.flags);
    const { flags, connection, given, asking, targetOrg, inSameOrg } = await beginWithApp(this, parsed);
    if (flags['show-secret']) await agreeToShow(this, given, destination, { asking, noPrompt: flags['no-prompt'] });
    if (flags.finish) await confirmLoss(this, flags, messages.getMessage('confirmFinish', [given]));
    const [, stored] = await answersInOrder(
      requirePermissions(connection, 'credentials', ['ViewClientSecret']),
      requireApp(connection, given),
    );
    const name = asSpelled(this, given, stored.app.name);
    // Salesforce Help says that only local apps can. No secret is let out of an org for what the org would refuse.
    if (stored.installed) throw messages.createError('error.installedApp', [name]);
    await restoreSecretAccess(connection, tellSwitch(this));

    const result = await this.withAccess(connection, flags['allow-secret-access'], async (signal) => {
      const options = await this.trying(connection, stored, flags.wait.milliseconds, targetOrg, signal);
      if (flags.finish) return this.finish(connection, stored, options);
      const promoteUnverified = flags['promote-unverified'];
      const rotated = await rotate(connection, { id: stored.id, name }, { ...options, promoteUnverified }).catch(
        explained('error.stagedPairUnverified', name),
      );
      this.spinner.stop();
      if (rotated.trial.status !== 'passed' && !promoteUnverified) process.exitCode = exitCodeFor.unfinished;
      return this.handOver(connection, stored, rotated, destination, flags['show-secret']);
    });
    if (!flags.finish) {
      const finish = inSameOrg('credentials', 'rotate', '--name', name, '--finish');
      showNext(this, { text: messages.getMessage('next'), commandLine: finish });
    }
    return result;
  }

  /**
   * Does the work with the org's switch open, if that is allowed, and not ended before it has tidied up. An org that does not
   * answer keeps neither the process nor the switch for long.
   *
   * @throws error.interrupted when the work was left before it had tidied up
   */
  private withAccess<T>(
    connection: Connection,
    allowed: boolean,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return interruptible(async (signal) => {
      const access = allowed ? await openSecretAccess(connection, tellSwitch(this), signal) : undefined;
      try {
        const left = (): Error =>
          messages.createError('error.interrupted', [], [], (signal.reason as SfError).exitCode);
        return await unlessLongAborted(signal, { ms: tidyingUp, left }, work(signal));
      } finally {
        this.spinner.stop();
        await access?.close();
      }
    });
  }

  /** How a pair is tried, and what is shown meanwhile. */
  private async trying(
    connection: Connection,
    stored: StoredApp,
    waitMs: number,
    targetOrg: string | undefined,
    signal: AbortSignal,
  ): Promise<Omit<RotationOptions, 'promoteUnverified'>> {
    const known = await readFacts(connection, stored, targetOrg, isLoopback(connection.instanceUrl));
    const http = retryingClient(createHttpClient());
    const propagation = {
      waitMs,
      now: () => Date.now(),
      sleep: async (ms: number) => {
        await sleep(ms, signal).catch(() => undefined);
        signal.throwIfAborted();
      },
      onWait: (why: Text) => {
        this.spinner.status = inWords(why);
      },
    };
    return {
      tryPair: pairTrial(http, known, propagation),
      signal,
      onProgress: (step) => this.spinner.start(messages.getMessage(`progress.${step}`)),
    };
  }

  private async finish(
    connection: Connection,
    { app, id }: StoredApp,
    options: Omit<RotationOptions, 'promoteUnverified'>,
  ): Promise<EcaCredentialsRotateResult> {
    const { name } = app;
    const { outcome, consumerKey, previous } = await finishRotation(connection, { id, name }, options).catch(
      explained('error.newPairUnverified', name),
    );
    this.spinner.stop();
    this.logSuccess(messages.getMessage(`outcome.${outcome}`, [name]));
    return {
      ...shown(handoverOf(app, connection.instanceUrl, { consumerKey })),
      outcome,
      previous: previous && { consumerKey: previous.consumerKey },
    };
  }

  /** Tells how it stands, and hands the pair over. From here on it is the app's, whatever goes wrong with the file. */
  private async handOver(
    connection: Connection,
    { app }: StoredApp,
    { outcome, pair, trial, previous }: Rotated,
    destination: Destination,
    showSecret: boolean,
  ): Promise<EcaCredentialsRotateResult> {
    const { name } = app;
    const { file } = destination;
    const until = previous?.expirationDate ?? messages.getMessage('unknownDate');
    this.logToStderr(messages.getMessage(`outcome.${outcome}`, [name, until]));
    const verified = trial.status === 'passed';
    if (!verified) this.warn(messages.createWarning('warning.notVerified', [name, inWords(trial.detail).split('\n')]));
    const handover = handoverOf(app, connection.instanceUrl, showSecret ? pair : { consumerKey: pair.consumerKey });
    try {
      if (file) refuse(await writeHandoverFile(file, handover), exitCodeFor.unfinished);
      showHandover(this, handover, destination);
    } catch (error) {
      throw stillPromoted(error, name);
    }
    const { consumerSecret, ...told } = shown(handover);
    return {
      ...told,
      consumerSecret: file ? undefined : consumerSecret,
      outcome,
      verified,
      previous: inShort(previous),
      outputFile: file?.path,
    };
  }
}

/** Looks at once whether the credentials can go where the flags say. */
const checkedDestination = async (
  flags: Interfaces.InferredFlags<typeof EcaCredentialsRotate.flags>,
): Promise<Destination> => {
  const destination = destinationOf(flags);
  const { file } = destination;
  // The key in the file would be new, and the secret that it may have already the old one.
  if (file && !flags['show-secret'])
    throw messages.createError('error.fileNeedsSecret', [], [], exitCodeFor.wrongFlags);
  if (file) refuse(await checkHandoverFile(file, file.keepOutOfGit));
  return destination;
};

const inShort = (pair: StagedPair | undefined): EcaCredentialsRotateResult['previous'] =>
  pair && { consumerKey: pair.consumerKey, expirationDate: pair.expirationDate };

/** Puts into words why a pair was not gone on with. */
const explained =
  (key: 'error.stagedPairUnverified' | 'error.newPairUnverified', name: string) =>
  (error: unknown): never => {
    if (!(error instanceof UnverifiedPair)) throw error;
    const { detail, fix }: Finding = error.trial;
    const told = messages.createError(key, [name, inWords(detail).split('\n')], [name]);
    told.actions = [...(fix ? [inWords(fix)] : []), ...(told.actions ?? [])];
    throw told;
  };

/** What went wrong with the hand-over, and that the pair is the app's all the same. */
const stillPromoted = (error: unknown, name: string): unknown => {
  if (error instanceof SfError)
    error.actions = [...(error.actions ?? []), messages.getMessage('handOverAgain', [name])];
  return error;
};
