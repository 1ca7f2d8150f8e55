import type { Finding } from '../app/checks.ts';
import { commandLine } from '../app/commandLine.ts';
import { isInterruption } from '../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { Handover } from '../app/handover.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import type { Text } from '../app/text.ts';
import { Flags, SfError } from '../salesforce.ts';
import { inWords, texts } from '../texts.ts';
import { confirmLoss } from './confirmation.ts';
import {
  agreeToShow,
  allowSecretAccessFlag,
  type Destination,
  destinationOf,
  HANDOVER_FLAGS,
  tellSwitch,
} from './credentials.ts';
import { exitCodesIn } from './exitCodes.ts';
import { inMinutes, nameFlag, noPromptFlag, ORG_FLAGS } from './flags.ts';
import { showStatus } from './progress.ts';
import type { Screen } from './screen.ts';
import { DESTINATION_FLAGS, forReal, type ReadyTarget, type SentTo, splitAtProgram } from './sending.ts';
import { anyTargetFlag, askForPlace, ORG_TARGET_FLAGS, type SaidPlace } from './sendingToOrg.ts';
import { askedOf } from './targetOrg.ts';
import { showNext } from './writeResult.ts';

const messages = texts('eca.credentials.rotate');

export type RotationResult = {
  org: TargetOrg;
  name: string;
  /**
   * `promoted`: a new pair is the app's now. `already-promoted`: an earlier run did that, and the old pair is not revoked yet.
   * `finished`: the old pair is revoked. `nothing-to-finish`: there was none. `dry-run`: nothing was done.
   */
  outcome: 'promoted' | 'already-promoted' | 'finished' | 'nothing-to-finish' | 'dry-run';
  /** The app's key now. */
  consumerKey: string;
  /** Only with --show-secret, and not when it went into a file. */
  consumerSecret?: string;
  /** Did the pair get a token? Absent with --finish and --dry-run. */
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
  /** With --send-to: the target of the pair, and whether it has the pair. */
  sentTo?: SentTo & { isSent: boolean };
};

/** Flags that mean nothing without another flag. */
const onlyWith = <F extends Record<string, object>>(flag: string, flags: F): F =>
  Object.fromEntries(Object.entries(flags).map(([name, one]) => [name, { ...one, dependsOn: [flag] }])) as F;

/** What the exit codes of rotate mean. */
export const ROTATION_EXIT_CODES = exitCodesIn(messages, 'success', 'failure', 'unfinished');

/** What rotate does, for how long it tries a pair, and where the pair goes. */
export const ROTATION_FLAGS = {
  ...ORG_FLAGS,
  name: nameFlag,
  ...HANDOVER_FLAGS,
  'no-prompt': noPromptFlag,
  finish: Flags.boolean({
    summary: messages.getMessage('flags.finish.summary'),
    description: messages.getMessage('flags.finish.description'),

    exclusive: ['promote-unverified', 'show-secret', 'output-file', 'format', 'prefix', 'send-to'],
  }),
  'promote-unverified': Flags.boolean({
    summary: messages.getMessage('flags.promote-unverified.summary'),
    description: messages.getMessage('flags.promote-unverified.description'),
  }),
  'send-to': {
    ...anyTargetFlag,
    summary: messages.getMessage('flags.send-to.summary'),
    description: messages.getMessage('flags.send-to.description'),
  },
  ...onlyWith('send-to', { ...DESTINATION_FLAGS, ...ORG_TARGET_FLAGS }),
  'dry-run': Flags.boolean({ summary: messages.getMessage('flags.dry-run.summary'), dependsOn: ['send-to'] }),
  'allow-secret-access': allowSecretAccessFlag,
  wait: inMinutes(
    Flags.duration({
      unit: 'minutes',
      char: 'w',
      defaultValue: 5,
      min: 0,
      max: 30,
      summary: messages.getMessage('flags.wait.summary'),
      description: messages.getMessage('flags.wait.description'),
    }),
  ),
};

/**
 * The target of a new pair, as the flags give it. A file without the secret would have the new key and maybe the old secret.
 *
 * @throws error.fileNeedsSecret (exit code 2); what destinationOf throws
 */
export const newDestination = (flags: Parameters<typeof destinationOf>[0]): Destination => {
  const destination = destinationOf(flags);
  if (destination.file && !flags['show-secret'])
    throw messages.createError('error.fileNeedsSecret', [], [], EXIT_CODE_FOR.wrongFlags);
  return destination;
};

/** Without a target, a name may follow `--`, as everywhere. */
export const splitForTarget = (argv: string[]): ReturnType<typeof splitAtProgram> => {
  const split = splitAtProgram(argv);
  return split.own.some((word) => word.startsWith('--send-to')) ? split : { own: argv, program: [] };
};

/** Says what would be sent and where, and the command that does it. */
export const tellDryRun = (
  command: Pick<Screen, 'log' | 'logToStderr' | 'config'>,
  target: ReadyTarget,
  split: ReturnType<typeof splitAtProgram>,
): Pick<RotationResult, 'outcome' | 'sentTo'> => {
  target.showPlan(command);
  showNext(command, { text: messages.getMessage('nextForReal'), commandLine: forReal(command, 'rotate', split) });
  return { outcome: 'dry-run', sentTo: { ...target.told, isSent: false } };
};

type TargetFlags = Omit<Parameters<typeof askForPlace>[1], 'to'> & {
  'send-to'?: Parameters<typeof askForPlace>[1]['to'];
};

/** Where --send-to sends to. A user at a terminal is asked for what its flags lack. */
export const rotationPlace = async (
  asking: boolean,
  { 'send-to': to, ...flags }: TargetFlags,
  program: string[],
): Promise<SaidPlace | undefined> => to && askForPlace(asking, { ...flags, to }, program);

/**
 * Asks before a secret is shown or sent, and before the old pair is revoked. At a terminal, each question comes after a look
 * whether its answer can matter.
 *
 * @param looks `secretAccess` ends the command if the org would not return a secret. `hasOldPair` ends it if the old pair may
 *   not be revoked
 * @throws what the looks, agreeToShow and confirmLoss throw
 */
export const confirmRotation = async (
  command: Parameters<typeof agreeToShow>[0],
  flags: { 'no-prompt': boolean; 'show-secret': boolean; finish: boolean },
  on: { asking: boolean; org: TargetOrg; name: string; at?: ReadyTarget; destination: Destination },
  looks: { secretAccess: () => Promise<void>; hasOldPair: () => Promise<boolean> },
): Promise<void> => {
  const { asking, org, name, at, destination } = on;
  if (asking) await looks.secretAccess();
  if (asking && flags['show-secret']) await agreeToShow(command, name, destination, { asking, noPrompt: false, org });
  if (at) await confirmLoss(command, flags, askedOf(org, at.question));
  if (flags.finish && (!asking || (await looks.hasOldPair())))
    await confirmLoss(command, flags, askedOf(org, messages.getMessage('confirmFinish', [name])));
};

/** How the org's switch is opened, and what ends a run that takes too long to tidy up. */
export const switchTerms = (command: Pick<Screen, 'logToStderr' | 'spinner'>, allowed: boolean) => ({
  allowed,
  onProgress: (step: 'opening' | 'closing'): void => {
    command.spinner.stop();
    tellSwitch(command)(step);
  },
  left: ({ reason }: { reason: unknown }): Error =>
    messages.createError('error.interrupted', [], [], (reason as SfError).exitCode),
});

type Step = 'staging' | 'resuming' | 'trying' | 'sending' | 'promoting' | 'checking' | 'sendingBack' | 'takingAway';

/** Shows the steps of a rotation, and what it waits for. */
export const showingTrial = ({ spinner }: Pick<Screen, 'spinner'>) => {
  let activity = '';
  return {
    onWait: (why: Text): void => showStatus(spinner, activity, inWords(why)),
    onProgress: (step: Step): void => {
      activity = messages.getMessage(`progress.${step}`);
      spinner.start(activity);
    },
  };
};

/**
 * Why a pair was not gone on with, with what the org said and what to do. Where no flow can test a pair, neither a longer wait nor
 * `verify` helps.
 *
 * @param app its name; `inCommands` follows `--name`: the app, and the org where it is not the default one
 */
export const unverifiedPair = (
  key: 'error.stagedPairUnverified' | 'error.newPairUnverified',
  { name, inCommands }: { name: string; inCommands: string },
  { status, detail, fix }: Finding,
): SfError => {
  const why = status === 'skipped' ? 'error.stagedPairUntested' : key;
  const told = messages.createError(why, [name, inWords(detail).split('\n')], [inCommands]);
  told.actions = [...(fix ? [inWords(fix)] : []), ...(told.actions ?? [])];
  return told;
};

/** Tells that the new pair is the app's, and warns when it got no token. stdout is for the credentials. */
export const tellRotated = (
  command: Pick<Screen, 'logToStderr' | 'warn'>,
  { name, inCommands }: { name: string; inCommands: string },
  { outcome, trial, until }: { outcome: 'promoted' | 'already-promoted'; trial: Finding; until: string | undefined },
): void => {
  command.logToStderr(messages.getMessage(`outcome.${outcome}`, [name, until ?? messages.getMessage('unknownDate')]));
  const why = inWords(trial.detail).split('\n');
  if (trial.status === 'skipped') command.warn(messages.createWarning('warning.notTested', [name, why]));
  if (trial.status === 'failed') command.warn(messages.createWarning('warning.notVerified', [name, why], [inCommands]));
};

/** What a result says of a rotated pair, and of the pair before it. */
export const toldOfPair = ({
  outcome,
  trial,
  previous,
}: {
  outcome: RotationResult['outcome'];
  trial: Finding;
  previous?: NonNullable<RotationResult['previous']>;
}): Pick<RotationResult, 'outcome' | 'verified' | 'previous'> => ({
  outcome,
  verified: trial.status === 'passed',
  previous: previous && { consumerKey: previous.consumerKey, expirationDate: previous.expirationDate },
});

/** The words of the command that goes on with a rotation, with the flag that this run needed as well. */
export const rotateWords = (name: string, step: 'resume' | 'finish', allowed: boolean): string[] => [
  ...['credentials', 'rotate', '--name', name, ...(step === 'finish' ? ['--finish'] : [])],
  ...(allowed ? ['--allow-secret-access'] : []),
];

/** The command that sends the app's pair to a target, as its words say. */
export const sendLineOf =
  (bin: string, app: string, allowed: boolean): ((words: string[]) => string) =>
  (words) =>
    `${bin} eca credentials send --name ${app} ${commandLine([...(allowed ? ['--allow-secret-access'] : []), ...words])}`;

/**
 * Tells whether the target has the new pair. If not, it names the command that sends the pair.
 *
 * @returns what the result says of the target
 * @throws why the target did not take the pair, with exit code 68: the pair is promoted
 */
export const tellDelivered = (
  command: Pick<Screen, 'warn'>,
  target: ReadyTarget | undefined,
  { isSent = false, sendError }: { isSent?: boolean; sendError?: unknown },
  sendLine: (words: string[]) => string,
): RotationResult['sentTo'] => {
  if (!target) return undefined;
  const line = sendLine(target.words);
  if (sendError instanceof Error) throw withLine(sendError, line);
  if (!isSent) {
    command.warn(messages.createWarning('warning.notSent', [target.told.destination], [line]));
    process.exitCode = EXIT_CODE_FOR.unfinished;
  }
  return { ...target.told, isSent };
};

const withLine = (error: Error, line: string): Error => {
  const exitCode = isInterruption(error) ? {} : { exitCode: EXIT_CODE_FOR.unfinished };
  return Object.assign(error, { actions: [messages.getMessage('sendAgain', [line])], ...exitCode });
};

/** What went wrong with the hand-over, and that the pair is the app's all the same. */
export const stillPromoted = (error: unknown, app: string): unknown => {
  if (error instanceof SfError) error.actions = [...(error.actions ?? []), messages.getMessage('handOverAgain', [app])];
  return error;
};
