import type { Connection } from '@salesforce/core';

import { isAbsent } from '../../app/errorNature.ts';
import { Secret } from '../../app/secret.ts';
import { texts } from '../../texts.ts';
import { type AppRef, askCredentials, type Consumer, readConsumers } from './credentials.ts';

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
export const readSlot = async (connection: Connection, app: AppRef, consumer: Consumer): Promise<Slot | undefined> => {
  const path = `/${consumer.id}/staged`;
  const answer = await askCredentials<StagedList>(connection, app, { method: 'GET', path });
  return slotOf(answer);
};

export type StagedList = { stagedCredentials?: StagedAnswer[] };

/** A staged pair, with its secret if the org returned it. */
export type Slot = { pair: StagedPair; secret?: Secret };

export const slotOf = ({ stagedCredentials = [] }: StagedList): Slot | undefined => {
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

export const requireVersion = (connection: Connection): void => {
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
export const readOne = async (connection: Connection, app: AppRef): Promise<{ consumer: Consumer; slot?: Slot }> => {
  const [consumer] = await readConsumers(connection, app);
  if (!consumer) throw new Error('readConsumers gives one at least.');
  return { consumer, slot: await readSlot(connection, app, consumer) };
};

/** Empties the slot. An empty slot is no error: an earlier request, whose answer was lost, may have emptied it. */
export const remove = async (connection: Connection, app: AppRef, path: string): Promise<void> => {
  try {
    await askCredentials<void>(connection, app, { method: 'DELETE', path });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
};
