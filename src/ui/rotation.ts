import type { Finding } from '../app/checks.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { Text } from '../app/text.ts';
import { Flags, SfError } from '../salesforce.ts';
import { inWords, texts } from '../texts.ts';
import { allowSecretAccessFlag, type Destination, destinationOf, tellSwitch } from './credentials.ts';
import { inMinutes } from './flags.ts';
import { showStatus } from './progress.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.credentials.rotate');

/** What rotate does, and for how long it tries a pair. */
export const ROTATION_FLAGS = {
  finish: Flags.boolean({
    summary: messages.getMessage('flags.finish.summary'),
    description: messages.getMessage('flags.finish.description'),

    exclusive: ['promote-unverified', 'show-secret', 'output-file', 'format', 'prefix'],
  }),
  'promote-unverified': Flags.boolean({
    summary: messages.getMessage('flags.promote-unverified.summary'),
    description: messages.getMessage('flags.promote-unverified.description'),
  }),
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

/** Shows the steps of a rotation, and what it waits for. */
export const showingTrial = ({ spinner }: Pick<Screen, 'spinner'>) => {
  let activity = '';
  return {
    onWait: (why: Text): void => showStatus(spinner, activity, inWords(why)),
    onProgress: (step: 'staging' | 'resuming' | 'trying' | 'promoting' | 'checking' | 'takingAway'): void => {
      activity = messages.getMessage(`progress.${step}`);
      spinner.start(activity);
    },
  };
};

/**
 * Why a pair was not gone on with, with what the org said and what to do. Where no flow can test a pair, neither a longer wait nor
 * `verify` helps.
 *
 * @param app what follows `--name`: the app, and the org where it is not the default one
 */
export const unverifiedPair = (
  key: 'error.stagedPairUnverified' | 'error.newPairUnverified',
  { name, app }: { name: string; app: string },
  { status, detail, fix }: Finding,
): SfError => {
  const why = status === 'skipped' ? 'error.stagedPairUntested' : key;
  const told = messages.createError(why, [name, inWords(detail).split('\n')], [app]);
  told.actions = [...(fix ? [inWords(fix)] : []), ...(told.actions ?? [])];
  return told;
};

/** Tells that the new pair is the app's, and warns when it got no token. stdout is for the credentials. */
export const tellRotated = (
  command: Pick<Screen, 'logToStderr' | 'warn'>,
  { name, app }: { name: string; app: string },
  { outcome, trial, until }: { outcome: 'promoted' | 'already-promoted'; trial: Finding; until: string | undefined },
): void => {
  command.logToStderr(messages.getMessage(`outcome.${outcome}`, [name, until ?? messages.getMessage('unknownDate')]));
  const why = inWords(trial.detail).split('\n');
  if (trial.status === 'skipped') command.warn(messages.createWarning('warning.notTested', [name, why]));
  if (trial.status === 'failed') command.warn(messages.createWarning('warning.notVerified', [name, why], [app]));
};

/** What went wrong with the hand-over, and that the pair is the app's all the same. */
export const stillPromoted = (error: unknown, app: string): unknown => {
  if (error instanceof SfError) error.actions = [...(error.actions ?? []), messages.getMessage('handOverAgain', [app])];
  return error;
};
