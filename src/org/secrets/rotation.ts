import type { Connection } from '@salesforce/core';

import type { Finding } from '../../app/checks.ts';
import { isAbsent } from '../../app/errorNature.ts';
import { Secret } from '../../app/secret.ts';
import { say } from '../../app/text.ts';
import { texts } from '../../texts.ts';
import { resend } from '../request/resend.ts';
import { type AppRef, askCredentials, type Consumer, readConsumers, readCredentials } from './credentials.ts';

const messages = texts('org');

/**
 * The API version since which staged credentials exist (Connect REST API Developer Guide, "OAuth Staged Credentials").
 */
const SINCE = 65;

/** A consumer key with its secret. */
export type KeyPair = { consumerKey: string; consumerSecret: Secret };

/**
 * The content of a consumer's staged slot, which holds one pair. `Active`: a new pair that was not promoted. `Rotated`:
 * the former pair, which works until it expires or is deleted. `Expired`: either of them, now useless.
 */
export type StagedPair = {
  id: string;
  consumerKey: string;
  state: 'Active' | 'Expired' | 'Rotated';
  /** ISO 8601, as the org gives them. */
  createdDate?: string;
  expirationDate?: string;
};

/**
 * The progress of a consumer's rotation. The progress is read from the org each time: an earlier run may have stopped
 * at any step.
 */
export type RotationState = { consumer: Consumer; staged?: StagedPair };

type StagedAnswer = { id: string; key?: string; secret?: string; state?: string } & Pick<
  StagedPair,
  'createdDate' | 'expirationDate'
>;

/**
 * The staged pair of a consumer, with its secret for the next step.
 *
 * @throws error.rotationNeedsVersion; what readConsumers and askCredentials throw
 */
const readSlot = async (connection: Connection, app: AppRef, consumer: Consumer): Promise<Slot | undefined> => {
  const path = `/${consumer.id}/staged`;
  const answer = await askCredentials<StagedList>(connection, app, { method: 'GET', path });
  return slotOf(answer);
};

type StagedList = { stagedCredentials?: StagedAnswer[] };

/** A staged pair, with its secret if the org returned it. */
type Slot = { pair: StagedPair; secret?: Secret };

const slotOf = ({ stagedCredentials = [] }: StagedList): Slot | undefined => {
  const [staged] = stagedCredentials;
  if (!staged?.key) return undefined;
  const { id, key, secret, createdDate, expirationDate } = staged;
  const expired = expirationDate !== undefined && Date.parse(expirationDate) <= Date.now();
  const state = expired ? 'Expired' : ((staged.state ?? 'Active') as StagedPair['state']);
  return {
    pair: { id, consumerKey: key, state, createdDate, expirationDate },
    ...(secret !== undefined && { secret: new Secret(secret) }),
  };
};

const requireVersion = (connection: Connection): void => {
  const version = connection.getApiVersion();
  if (Number(version) < SINCE) throw messages.createError('error.rotationNeedsVersion', [version]);
};

/**
 * The state of an app's consumers, without any secret.
 *
 * @throws error.rotationNeedsVersion; what readConsumers and askCredentials throw
 */
export const readRotation = async (connection: Connection, app: AppRef): Promise<RotationState[]> => {
  requireVersion(connection);
  const consumers = await readConsumers(connection, app);
  return Promise.all(
    consumers.map(async (consumer) => ({ consumer, staged: (await readSlot(connection, app, consumer))?.pair })),
  );
};

/** The consumer that is rotated: the consumer with the app's key. */
const readOne = async (connection: Connection, app: AppRef): Promise<{ consumer: Consumer; slot?: Slot }> => {
  const [consumer] = await readConsumers(connection, app);
  if (!consumer) throw new Error('readConsumers gives one at least.');
  return { consumer, slot: await readSlot(connection, app, consumer) };
};

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

export type RotationStep = 'staging' | 'resuming' | 'trying' | 'promoting' | 'checking' | 'takingAway';

export type RotationOptions = {
  /** Tries whether a pair gets a token: passed, failed, or skipped when the app has no flow for a try. */
  tryPair: (pair: KeyPair) => Promise<Finding>;
  /** Promote a pair also when it did not get a token, or could not be tried. */
  promoteUnverified: boolean;
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
};

/**
 * Gives an app a new key pair, while the old pair continues to work. Stages a pair, tries it, promotes it, and tries it
 * again. A run continues the work of an earlier run. Until the pair is promoted, a failure removes the pair again.
 *
 * @throws error.rotationNeedsVersion, error.ownLogin. `error.stagedPairUnverified` with the result of the trial.
 *   `error.stagedPairLeft` when a pair could not be removed; what readConsumers and askCredentials throw
 */
export const rotate = async (connection: Connection, app: AppRef, options: RotationOptions): Promise<Rotated> => {
  requireVersion(connection);
  const { consumer, slot } = await readOne(connection, app);
  refuseOwnLogin(connection, app, [consumer.consumerKey, slot?.pair.consumerKey]);
  if (slot?.pair.state === 'Rotated') return goOnAfterPromotion(connection, app, slot.pair, options);

  const staged = await stage(connection, app, consumer, slot, options);
  try {
    options.onProgress('trying');
    const trial = await options.tryPair(staged);
    options.signal.throwIfAborted();
    if (trial.status !== 'passed' && !options.promoteUnverified) throw new UnverifiedPair(trial);
    options.onProgress('promoting');
    await promote(connection, app, staged);
  } catch (error) {
    options.onProgress('takingAway');
    await takeAway(connection, app, error);
    throw error;
  }
  options.onProgress('checking');
  const trial = await options.tryPair(staged).catch((error: unknown): Finding => {
    // A user who stops the waiting here still has to get the pair: it is already the app's current pair.
    if (!options.signal.aborted) throw error;
    return { status: 'skipped', detail: say('detail.interrupted') };
  });
  const after = await resend(() => readOne(connection, app)).catch(() => undefined);
  return { outcome: 'promoted', pair: staged, trial, previous: after?.slot?.pair };
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
  { tryPair, onProgress }: RotationOptions,
): Promise<Rotated> => {
  onProgress('checking');
  const pair = await readPair(connection, app);
  return { outcome: 'already-promoted', pair, trial: await tryPair(pair), previous };
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
    if (!staged?.secret)
      throw messages.createError('error.stagedSecretMissing', [app.name], [app.inCommands ?? app.name]);
    return { consumerKey: staged.pair.consumerKey, consumerSecret: staged.secret };
  } catch (error) {
    await takeAway(connection, app, error);
    throw error;
  }
};

/** Empties the slot. An empty slot is no error: an earlier request, whose answer was lost, may have emptied it. */
const remove = async (connection: Connection, app: AppRef, path: string): Promise<void> => {
  try {
    await askCredentials<void>(connection, app, { method: 'DELETE', path });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
};

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

export type Finished = { outcome: 'finished' | 'nothing-to-finish'; consumerKey: string; previous?: StagedPair };

/**
 * Revokes an app's former pair after a rotation, if the new pair gets a token or cannot be tried.
 *
 * @throws error.notPromoted when a pair is staged and not promoted. error.rotationNeedsVersion, error.ownLogin;
 *   UnverifiedPair; what readConsumers and askCredentials throw
 */
export const finishRotation = async (
  connection: Connection,
  app: AppRef,
  { tryPair, signal, onProgress }: Omit<RotationOptions, 'promoteUnverified'>,
): Promise<Finished> => {
  requireVersion(connection);
  const { consumer, slot } = await readOne(connection, app);
  const { consumerKey } = consumer;
  if (!slot || slot.pair.state === 'Expired') return { outcome: 'nothing-to-finish', consumerKey };
  if (slot.pair.state === 'Active')
    throw messages.createError('error.notPromoted', [app.name], [app.inCommands ?? app.name]);
  refuseOwnLogin(connection, app, [slot.pair.consumerKey]);
  onProgress('checking');
  const trial = await tryPair(await readPair(connection, app));
  if (trial.status === 'failed') throw new UnverifiedPair(trial);
  signal.throwIfAborted();
  await resend(async () => {
    const now = await readSlot(connection, app, consumer);
    if (now?.pair.state !== 'Rotated' || now.pair.consumerKey !== slot.pair.consumerKey) return;
    await remove(connection, app, `/${consumer.id}/staged/${now.pair.id}`);
  });
  return { outcome: 'finished', consumerKey, previous: slot.pair };
};
