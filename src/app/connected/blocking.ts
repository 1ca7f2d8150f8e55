import type { NamedMessages } from '../../messageKeys.ts';
import type { KnownApp } from './inventoryUse.ts';
import type { MigrationText } from './migrationText.ts';
import { isQuietFor, type Quietness } from './use.ts';

/**
 * A blocked consumer, as an org lists it (Metadata API guide, `BlacklistedConsumer`). Setup gives it a name of its own. `since`:
 * when it was last changed. No document says that Setup makes a new one for an app that it blocks again. The key is absent where
 * the org did not return it.
 */
export type Block = { fullName: string; consumerKey?: string; since?: Date };

/** The block of a consumer key. One key has one block at most. */
export const blockOf = (blocks: Block[], key: string | undefined): Block | undefined =>
  key === undefined ? undefined : blocks.find(({ consumerKey }) => consumerKey === key);

/** A login that this machine has, to any org. `clientId`: the consumer key that it came through. */
export type LoginHere = { username: string; clientId?: string; isDevHub: boolean };

/** What a Dev Hub says of the scratch orgs that were made through an app. */
export type ScratchOrgs = {
  count: number;
  /** The last one was made then: a text in ISO format. Absent when there is none. */
  last?: string;
};

/** The consumer keys of the org's external client apps. Absent where they could not be read. */
export type KeysOfNewApps = Array<{ name: string; key?: string }>;

/** What decides whether anybody may block or delete a Connected App, apart from its use. */
export type Bounds = {
  /** As the org spells it. */
  name: string;
  /** Absent where the metadata had none. */
  key?: string;
  logins: LoginHere[];
  newApps?: KeysOfNewApps;
  /** Absent where the org is no Dev Hub, or does not say that it is. */
  scratchOrgs?: ScratchOrgs;
};

/** Why a Connected App is left alone: an error of messages/eca.migrate.blocking.md, and what fills it. Reasons are put into words. */
export type Refusal = { code: keyof NamedMessages['eca.migrate.blocking']; values: Array<string | MigrationText[]> };

/** The client id of Salesforce's CLI, which every org knows (`sf org login web`). */
const CLI_CLIENT_ID = 'PlatformCLI';

/**
 * Can two consumer keys be of one app? A login has the key as somebody typed it, and no document says whether its case
 * counts. So a key in another case is taken for the same.
 */
const mayBeSame = (one: string | undefined, other: string): boolean =>
  one?.trim().toLowerCase() === other.trim().toLowerCase();

/** Why nobody may block or delete the app, whatever its use is. */
export const refusalOfBounds = ({ name, key, logins, newApps }: Bounds): Refusal | undefined => {
  if (key === undefined) return { code: 'error.blockNoKey', values: [name] };
  if (mayBeSame(key, CLI_CLIENT_ID)) return { code: 'error.blockCli', values: [name] };
  const through = logins.filter(({ clientId }) => mayBeSame(clientId, key));
  if (through.length > 0) {
    const names = through.map(({ username, isDevHub }) => (isDevHub ? `${username} (Dev Hub)` : username));
    return { code: 'error.blockOwnLogin', values: [name, [...new Set(names)].join(', ')] };
  }
  const unread = newApps?.filter((one) => one.key === undefined).map((one) => one.name);
  const sharing = newApps?.filter((one) => mayBeSame(one.key, key)).map((one) => one.name) ?? [];
  if (sharing.length > 0) return { code: 'error.blockSharedKey', values: [name, sharing.join(', ')] };
  if (unread?.length !== 0) return { code: 'error.blockKeysUnread', values: [name, unread?.join(', ') ?? '-'] };
  return undefined;
};

/** Logins of this machine that do not say through which app they came: they have an access token alone. */
export const unknownLogins = (logins: LoginHere[]): string[] =>
  logins.filter(({ clientId }) => clientId === undefined).map(({ username }) => username);

/**
 * Why a block would stop somebody's work. What could not be read is never quiet.
 *
 * @param quietDays 0: the use is not looked at
 */
export const refusalOfUse = (name: string, quietness: Quietness, quietDays: number): Refusal | undefined => {
  if (quietDays === 0 || isQuietFor(quietness, quietDays)) return undefined;
  const { days, last = '', unread } = quietness;
  return days === undefined
    ? { code: 'error.blockUseUnknown', values: [name, unread] }
    : { code: 'error.blockInUse', values: [name, last, String(days), String(quietDays)] };
};

/** A day in milliseconds. */
const DAY = 24 * 3_600_000;

export const daysBefore = (time: Date, days: number): Date => new Date(time.getTime() - days * DAY);

/** What decides whether a blocked app may be deleted for good. */
export type FinishFacts = {
  name: string;
  block: Block | undefined;
  /** The org's clock. */
  now: Date | undefined;
  blockedDays: number;
  /** Absent while nobody has read it yet. */
  use?: { known: Pick<KnownApp, 'use' | 'sameLabel'>; quietness: Quietness };
};

/** The whole days for which an app is blocked, by the org's clock. Absent where a date is missing or lies in the future. */
export const daysBlocked = (block: Block | undefined, now: Date | undefined): number | undefined => {
  if (!block?.since || !now) return undefined;
  const days = Math.floor((now.getTime() - block.since.getTime()) / DAY);
  return days >= 0 ? days : undefined;
};

/**
 * Why an app is not deleted: it is not blocked for long enough, or somebody tried to use it since. Nothing passes this
 * by.
 */
export const refusalToFinish = ({ name, block, now, blockedDays, use }: FinishFacts): Refusal | undefined => {
  if (!block) return { code: 'error.finishNotBlocked', values: [name] };
  const days = daysBlocked(block, now);
  if (days === undefined || !block.since) return { code: 'error.finishNoDate', values: [name] };
  const since = block.since.toISOString();
  if (days < blockedDays)
    return { code: 'error.finishTooEarly', values: [name, String(days), String(blockedDays), since] };
  if (!use) return undefined;
  const last = lastUseSince(use.known, since);
  if (last !== undefined) return { code: 'error.finishUsed', values: [name, last, since] };
  const { unread } = use.quietness;
  return unread.length > 0 ? { code: 'error.finishUseUnknown', values: [name, unread] } : undefined;
};

/**
 * The last attempt to use an app since it was blocked. A blocked app lets nobody in. So a login that succeeded is another
 * app's with the same label, if there is such an app.
 */
const lastUseSince = ({ use, sameLabel }: Pick<KnownApp, 'use' | 'sameLabel'>, since: string): string | undefined =>
  [
    ...use.logins.filter(({ succeeded }) => !succeeded || sameLabel.length === 0).map(({ last }) => last),
    ...use.tokens.flatMap(({ lastUsed }) => lastUsed ?? []),
  ]
    .filter((time) => time > since)
    .sort()
    .at(-1);
