import type { Connection } from '@salesforce/core';

import type { Finding } from '../../app/checks.ts';
import { isInterruption, ofNature } from '../../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { Secret } from '../../app/secret.ts';
import { say } from '../../app/text.ts';
import { SfError } from '../../salesforce.ts';
import { inWords, texts } from '../../texts.ts';
import { resend } from '../request/resend.ts';
import { type AppRef, askCredentials, type Consumer, readCredentials } from './credentials.ts';
import {
  forgetTargets,
  isAt,
  LEFT_OUT,
  mayHave,
  type NotedTarget,
  noteSending,
  noteSent,
  noteTarget,
  readTargets,
  targetsFile,
} from './rotationTargets.ts';
import {
  type KeyPair,
  readOne,
  readSlot,
  remove,
  requireVersion,
  type Slot,
  slotOf,
  type StagedList,
  type StagedPair,
} from './stagedSlot.ts';

const messages = texts('org');

/**
 * `sf` must not be logged in through the app whose keys change: after the change, `sf` could not log in again.
 *
 * @throws error.ownLogin
 */
const refuseOwnLogin = (connection: Connection, app: AppRef, keys: Array<string | undefined>): void => {
  const { clientId, username } = connection.getAuthInfoFields();
  if (clientId && keys.includes(clientId)) {
    throw messages.createError('error.ownLogin', [app.name, username ?? ''], []);
  }
};

export type RotationStep =
  'staging' | 'resuming' | 'trying' | 'sending' | 'promoting' | 'checking' | 'sendingBack' | 'takingAway';

/** Where pairs are used. `words` follow `credentials send --name APP` in a command that sends there. */
export type PairTarget = Pick<NotedTarget, 'words'> & {
  /** @throws why the target does not have the whole pair for certain */
  send: (pair: KeyPair, signal: AbortSignal) => Promise<void>;
};

export type RotationOptions = {
  /** Tries whether a pair gets a token: passed, failed, or skipped when the app has no flow for a try. */
  tryPair: (pair: KeyPair) => Promise<Finding>;
  /** Promote a pair also when it did not get a token, or could not be tried. */
  promoteUnverified: boolean;
  /** Gets the new pair: before the promotion if the staged pair got a token, or else after it. */
  target?: PairTarget;
  /** The command that sends the pair in use to a target. */
  sendLine: (words: string[]) => string;
  /** Once aborted, no new step begins; until the pair is promoted, completed steps are undone. */
  signal: AbortSignal;
  onProgress: (step: RotationStep) => void;
};

export type Rotated = {
  /** `already-promoted`: an earlier run promoted the pair, and the old pair is not revoked yet. */
  outcome: 'promoted' | 'already-promoted';
  /** The app's current pair. */
  pair: KeyPair;
  /** Does this pair get a token? */
  trial: Finding;
  /** The former pair, which works until it expires. Absent when it could no longer be read. */
  previous?: StagedPair;
} & SentToTarget;

/** Did the target get the pair? Absent without a target. A pair that got no token is not sent. */
type SentToTarget = { isSent?: boolean; sendError?: unknown };

/**
 * Gives an app a new key pair, while the old pair continues to work. Stages a pair, tries it, promotes it, and tries it
 * again. A run continues the work of an earlier run. Until the pair is promoted, a failure removes the pair again. A target
 * that may have the new pair gets the pair in use again before that. Where this fails, the new pair stays staged.
 *
 * @throws error.rotationNeedsVersion, error.ownLogin. UnverifiedPair with the result of the trial. `error.sentBack`.
 *   `error.stagedPairLeft` when a pair could not be removed, `error.stagedPairKept` when a target may have it; what
 *   readConsumers and askCredentials throw
 */
export const rotate = async (connection: Connection, app: AppRef, options: RotationOptions): Promise<Rotated> => {
  requireVersion(connection);
  const { consumer, slot } = await readOne(connection, app);
  refuseOwnLogin(connection, app, [consumer.consumerKey, slot?.pair.consumerKey]);
  if (slot?.pair.state === 'Rotated') return goOnAfterPromotion(connection, app, slot.pair, options);

  const staged = await stage(connection, app, consumer, slot, options);
  let inUse: KeyPair | undefined;
  try {
    options.onProgress('trying');
    const trial = await options.tryPair(staged);
    options.signal.throwIfAborted();
    if (trial.status !== 'passed' && !options.promoteUnverified) throw new UnverifiedPair(trial);
    if (options.target) await noteTarget(connection, app.id, options.target.words);
    if (options.target && trial.status === 'passed') {
      inUse = await readPair(connection, app);
      options.onProgress('sending');
      await deliver(connection, app, options.target, { pair: staged, signal: options.signal });
      options.signal.throwIfAborted();
    }
    options.onProgress('promoting');
    await promote(connection, app, staged);
  } catch (error) {
    throw await undone(connection, app, { staged, inUse, because: error }, options);
  }
  options.onProgress('checking');
  const trial = await options.tryPair(staged).catch((error: unknown): Finding => {
    // A user who stops the waiting here still has to get the pair: it is already the app's current pair.
    if (!options.signal.aborted) throw error;
    return { status: 'skipped', detail: say('detail.interrupted') };
  });
  const after = await resend(() => readOne(connection, app)).catch(() => undefined);
  const sent = inUse ? { isSent: true } : await deliverPromoted(connection, app, { pair: staged, trial }, options);
  return { outcome: 'promoted', pair: staged, trial, previous: after?.slot?.pair, ...sent };
};

/** Sends a pair to a target. The note is written first: a killed run must leave word of it. */
const deliver = async (
  connection: Connection,
  app: AppRef,
  target: PairTarget,
  { pair, signal }: { pair: KeyPair; signal: AbortSignal },
): Promise<void> => {
  await noteSending(connection, app.id, target.words, pair.consumerKey);
  await target.send(pair, signal);
  await noteSent(connection, app.id, target.words, pair.consumerKey);
};

/** Sends the app's current pair to a target that does not have it yet, if nothing speaks against the pair. */
const deliverPromoted = async (
  connection: Connection,
  app: AppRef,
  { pair, trial }: Pick<Rotated, 'pair' | 'trial'>,
  { target, signal, onProgress }: RotationOptions,
): Promise<SentToTarget> => {
  if (!target) return {};
  if (trial.status === 'failed' || signal.aborted) return { isSent: false };
  onProgress('sending');
  return deliver(connection, app, target, { pair, signal }).then(
    () => ({ isSent: true }),
    (sendError: unknown) => ({ isSent: false, sendError }),
  );
};

/** Milliseconds for a target after a signal: what comes after needs time as well. */
const TIME_TO_SEND_BACK = 3_000;

/**
 * Undoes what was done before the promotion.
 *
 * @param inUse the pair in use, which a target has to get again
 * @returns the error to end with
 * @throws error.stagedPairLeft
 */
const undone = async (
  connection: Connection,
  app: AppRef,
  { staged, inUse, because }: { staged: KeyPair; inUse?: KeyPair; because: unknown },
  { target, signal, onProgress, sendLine }: RotationOptions,
): Promise<unknown> => {
  const holdersOf = async (): Promise<NotedTarget[]> =>
    (await readTargets(connection, app.id)).filter(mayHave(staged.consumerKey));
  const isThisOne = isAt(target?.words ?? []);
  // An earlier run may have sent the pair that this run gives up.
  const isHere = (await holdersOf()).some(isThisOne);
  const former = inUse ?? (isHere ? await readPair(connection, app).catch(() => undefined) : undefined);
  let isBack = true;
  if (former && target) {
    onProgress('sendingBack');
    const patience = signal.aborted ? AbortSignal.timeout(TIME_TO_SEND_BACK) : signal;
    isBack = await deliver(connection, app, target, { pair: former, signal: patience }).then(
      () => true,
      () => false,
    );
  }
  // A note does not keep the words of a user's own command, and this run has them.
  const holders = (await holdersOf()).map((noted) => (target && isThisOne(noted) ? target.words : noted.words));
  if (target && !isBack && holders.length === 0) holders.push(target.words);
  if (holders.length > 0) {
    const values = [app.name, reasonOf(because), holders.map(sendLine)] as const;
    const error = messages.createError('error.stagedPairKept', [...values], [], EXIT_CODE_FOR.unfinished);
    return endedBy(because, tellingOfLeftOut(error, holders));
  }
  onProgress('takingAway');
  await takeAway(connection, app, because);
  return former ? endedBy(because, messages.createError('error.sentBack', [app.name, reasonOf(because)], [])) : because;
};

/** Says what belongs in the place of words that the note does not keep. */
const tellingOfLeftOut = (error: SfError, targets: string[][]): SfError => {
  if (targets.some((words) => words.at(-1) === LEFT_OUT))
    error.actions = [messages.getMessage('rotation.leftOut', [LEFT_OUT]), ...(error.actions ?? [])];
  return error;
};

const reasonOf = (because: unknown): string[] => {
  if (because instanceof UnverifiedPair) return inWords(because.trial.detail).split('\n');
  return (because instanceof Error ? because.message : String(because)).split('\n');
};

/** A run that a signal ended has the signal's exit code. */
const endedBy = (because: unknown, error: SfError): SfError => {
  if (because instanceof SfError) Object.assign(error, { data: because.data as unknown });
  if (!isInterruption(because)) return error;
  if (because instanceof SfError) error.exitCode = because.exitCode;
  return ofNature({ interrupted: true }, error);
};

/** Thrown when a staged pair was not promoted because it did not get a token. The trial has the reason, in sayings. */
export class UnverifiedPair extends Error {
  readonly trial: Finding;

  constructor(trial: Finding) {
    super('The staged pair did not get a token.');
    this.name = 'UnverifiedPair';
    this.trial = trial;
  }
}

const goOnAfterPromotion = async (
  connection: Connection,
  app: AppRef,
  previous: StagedPair,
  options: RotationOptions,
): Promise<Rotated> => {
  const { target, tryPair, onProgress } = options;
  if (target) await noteTarget(connection, app.id, target.words);
  onProgress('checking');
  const pair = await readPair(connection, app);
  const trial = await tryPair(pair);
  const sent = await deliverPromoted(connection, app, { pair, trial }, options);
  return { outcome: 'already-promoted', pair, trial, previous, ...sent };
};

const readPair = async (connection: Connection, app: AppRef): Promise<KeyPair> => {
  const { consumerKey, consumerSecret = new Secret('') } = await readCredentials(connection, app, { secret: true });
  return { consumerKey, consumerSecret };
};

/** A staged pair for the next step: the existing pair, or a new pair in place of a useless one. */
const stage = async (
  connection: Connection,
  app: AppRef,
  consumer: Consumer,
  slot: Slot | undefined,
  { signal, onProgress }: RotationOptions,
): Promise<KeyPair> => {
  if (slot?.pair.state === 'Active' && slot.secret) {
    onProgress('resuming');
    return { consumerKey: slot.pair.consumerKey, consumerSecret: slot.secret };
  }
  signal.throwIfAborted();
  onProgress('staging');
  const path = `/${consumer.id}/staged`;
  // A target may have this pair, so it cannot be removed.
  if (slot?.pair.state === 'Active' && (await readTargets(connection, app.id)).some(mayHave(slot.pair.consumerKey)))
    throw stagedSecretMissing(app);
  if (slot) await remove(connection, app, `${path}/${slot.pair.id}`);
  try {
    const staged = await resend(async (tries) => {
      // The earlier request may have created the pair, though its answer was lost.
      const there = tries > 0 ? await readSlot(connection, app, consumer) : undefined;
      if (there) return there;
      // The guide shows no body for this request; without a body the request was reported to hang.
      const made = slotOf(await askCredentials<StagedList>(connection, app, { method: 'POST', path, body: {} }));
      return made?.secret ? made : readSlot(connection, app, consumer);
    });
    if (!staged?.secret) throw stagedSecretMissing(app);
    return { consumerKey: staged.pair.consumerKey, consumerSecret: staged.secret };
  } catch (error) {
    await takeAway(connection, app, error);
    throw error;
  }
};

const stagedSecretMissing = ({ name, inCommands = name }: AppRef): SfError =>
  messages.createError('error.stagedSecretMissing', [name], [inCommands]);

/** Is the pair the app's current pair? If so, the slot has the old pair. */
const isPromoted = ({ consumer, slot }: { consumer: Consumer; slot?: Slot }, pair: KeyPair): boolean =>
  consumer.consumerKey === pair.consumerKey || slot?.pair.state === 'Rotated';

/** Promotes the staged pair. Afterwards the org is read: an answer can be lost. */
const promote = (connection: Connection, app: AppRef, pair: KeyPair): Promise<void> =>
  resend(async () => {
    const now = await readOne(connection, app);
    if (isPromoted(now, pair)) return;
    if (now.slot?.pair.consumerKey !== pair.consumerKey) throw messages.createError('error.stagedPairGone', [app.name]);
    const path = `/${now.consumer.id}/staged/${now.slot.pair.id}`;
    await askCredentials(connection, app, { method: 'PATCH', path, body: { command: 'rotate' } });
  });

/**
 * Removes a pair from the slot that was not promoted. Each try reads the slot first. Once the new pair is promoted, the
 * slot has the old pair, and clients use it.
 *
 * @throws error.stagedPairLeft
 */
const takeAway = async (connection: Connection, app: AppRef, because: unknown): Promise<void> => {
  try {
    await resend(async () => {
      const { consumer, slot } = await readOne(connection, app);
      if (slot?.pair.state !== 'Active' || slot.pair.consumerKey === consumer.consumerKey) return;
      await remove(connection, app, `/${consumer.id}/staged/${slot.pair.id}`);
    });
  } catch {
    const reason = because instanceof Error ? because.message : String(because);
    throw messages.createError('error.stagedPairLeft', [app.name, reason], [app.inCommands ?? app.name]);
  }
};

/**
 * An app's former pair, which a rotation left. Each target of the rotation has to have the new pair.
 *
 * @param sendLine as in RotationOptions
 * @returns the consumer with the current key; no pair when there is nothing to revoke
 * @throws error.notPromoted when a pair is staged and not promoted. error.targetsWithoutPair. error.rotationNeedsVersion,
 *   error.ownLogin; what readConsumers and askCredentials throw
 */
export const readOldPair = async (
  connection: Connection,
  app: AppRef,
  sendLine: RotationOptions['sendLine'],
): Promise<{ consumer: Consumer; old?: StagedPair }> => {
  requireVersion(connection);
  const { consumer, slot } = await readOne(connection, app);
  const noted = await readTargets(connection, app.id);
  const without = noted.filter(({ has }) => has !== consumer.consumerKey).map(({ words }) => words);
  if (!slot || slot.pair.state === 'Expired') {
    if (without.length === 0) await forgetTargets(connection, app.id);
    return { consumer };
  }
  if (slot.pair.state === 'Active')
    throw messages.createError('error.notPromoted', [app.name], [app.inCommands ?? app.name]);
  refuseOwnLogin(connection, app, [slot.pair.consumerKey]);
  if (without.length > 0)
    throw tellingOfLeftOut(
      messages.createError('error.targetsWithoutPair', [app.name, without.map(sendLine)], [targetsFile(connection)]),
      without,
    );
  return { consumer, old: slot.pair };
};

export type Finished = { outcome: 'finished' | 'nothing-to-finish'; consumerKey: string; previous?: StagedPair };

/**
 * Revokes an app's former pair after a rotation, if the new pair gets a token or cannot be tried.
 *
 * @throws UnverifiedPair; what readOldPair throws
 */
export const finishRotation = async (
  connection: Connection,
  app: AppRef,
  { tryPair, signal, onProgress, sendLine }: Omit<RotationOptions, 'promoteUnverified' | 'target'>,
): Promise<Finished> => {
  const { consumer, old } = await readOldPair(connection, app, sendLine);
  const { consumerKey } = consumer;
  if (!old) return { outcome: 'nothing-to-finish', consumerKey };
  onProgress('checking');
  const trial = await tryPair(await readPair(connection, app));
  if (trial.status === 'failed') throw new UnverifiedPair(trial);
  signal.throwIfAborted();
  await resend(async () => {
    const now = await readSlot(connection, app, consumer);
    if (now?.pair.state !== 'Rotated' || now.pair.consumerKey !== old.consumerKey) return;
    await remove(connection, app, `/${consumer.id}/staged/${now.pair.id}`);
  });
  await forgetTargets(connection, app.id);
  return { outcome: 'finished', consumerKey, previous: old };
};
