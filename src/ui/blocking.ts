import { type Block, type Bounds, type LoginHere, refusalOfBounds, unknownLogins } from '../app/connected/blocking.ts';
import type { KnownApp } from '../app/connected/inventoryUse.ts';
import type { Quietness } from '../app/connected/use.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { migrationInWords, refusalError, texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.migrate.blocking');

/** What a command did to the block of a Connected App. */
export type BlockResult = {
  /** The Connected App. A consumer key is no secret. */
  app: { name: string; label: string; consumerKey: string };
  /** Is the app blocked now? */
  blocked: boolean;
  /** Full name of the BlacklistedConsumer in the org's metadata. Absent where there is none. */
  block?: string;
  /** Was anything written? */
  changed: boolean;
  dryRun: boolean;
  org: TargetOrg;
};

/** The use of an app, in words. */
export type QuietInWords = {
  /** Whole days without use, by the org's clock. Absent where nobody can tell. */
  days?: number;
  /** The last use or refused attempt, in ISO format. */
  last?: string;
  /** What could not be read. */
  unread: string[];
  /** Other apps with the label of the app: the logins that count may be theirs. Absent where there are none. */
  sameLabel?: string[];
};

export const quietInWords = (
  { days, last, unread }: Quietness,
  { sameLabel }: Pick<KnownApp, 'sameLabel'>,
): QuietInWords => ({
  ...(days !== undefined && { days }),
  ...(last !== undefined && { last }),
  unread: unread.map(migrationInWords),
  ...(sameLabel.length > 0 && { sameLabel }),
});

/**
 * Refuses an app that nobody may block or delete, whatever its use is.
 *
 * @returns the consumer key
 * @throws the error that refusalOfBounds names
 */
export const requireBounds = (bounds: Bounds): string => {
  const refusal = refusalOfBounds(bounds);
  if (refusal) throw refusalError(refusal);
  return bounds.key ?? '';
};

/** Warns of what ends with the app, as far as this machine's logins say it. */
export const warnOfLogins = (screen: Pick<Screen, 'warn'>, logins: LoginHere[], username: string | undefined): void => {
  const unknown = unknownLogins(logins);
  if (unknown.length > 0) screen.warn(messages.createWarning('warning.unknownLogins', [unknown.join(', ')]));
  if (logins.some((login) => login.isDevHub && login.username === username))
    screen.warn(messages.createWarning('warning.devHub'));
};

/** Warns of logins that may be of other apps. No field of the login history names more of an app than its label. */
export const warnOfSameLabel = (
  screen: Pick<Screen, 'warn'>,
  { sameLabel, use }: Pick<KnownApp, 'sameLabel' | 'use'>,
): void => {
  if (sameLabel.length > 0 && use.logins.length > 0)
    screen.warn(messages.createWarning('warning.sameLabel', [sameLabel.join(', ')]));
};

/** The days without use. A login history that shows none says only how many they are at least. */
export const daysInWords = ({ days, atLeast }: Quietness): string => `${days ?? ''}${atLeast ? '+' : ''}`;

export const lastUseInWords = ({ last }: Quietness): string => last ?? messages.getMessage('value.notSeen');

/**
 * Compares what the org shows after a write.
 *
 * @throws error.blockNotSeen (exit code 68)
 */
export const requireSeen = (block: Block | undefined, isWanted: boolean, name: string): void => {
  if ((block !== undefined) === isWanted) return;
  const state = messages.getMessage(block ? 'value.blocked' : 'value.notBlocked');
  throw messages.createError('error.blockNotSeen', [name, state], [], EXIT_CODE_FOR.unfinished);
};
