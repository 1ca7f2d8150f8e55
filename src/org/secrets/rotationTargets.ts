import { createHash, randomUUID } from 'node:crypto';

import type { Connection } from '@salesforce/core';

import { orgIdOf, stateFile } from '../../local/stateFiles.ts';
import { type EntryKind, peekAt, withJournalOf } from './switchJournal.ts';

/*
 * This machine's note about the places that a rotation sends pairs to. The old pair is revoked only when each place has the
 * new one. A killed run leaves the note, so the next run knows. It holds consumer keys, and no secret. A user's own command may
 * have a token for a store among its words. So the note has the command's program, and a salted hash that knows the words again.
 */

/** A place that pairs were sent to, or were to be sent to. */
export type NotedTarget = {
  /** The words after `credentials send --name APP` that send there. The words of a user's own command are left out. */
  words: string[];
  /** A salt and the hash of all words. */
  mark: string;
  /** The consumer key of the pair that it has for certain. */
  has?: string;
  /** The consumer keys of the pairs that it may have in part, since a run was cut off or failed. */
  mayHave: string[];
};

type Entry = { orgId: string; apps: Record<string, NotedTarget[]> };

const OF_TARGETS: EntryKind<Entry> = {
  prefix: 'rotation-targets',
  toEntry: (orgId, kept) => ({
    orgId,
    apps: Object.fromEntries(
      Object.entries(kept?.apps ?? {}).map(([id, noted]) => [id, Array.isArray(noted) ? noted.filter(isWhole) : []]),
    ),
  }),
};

const areTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item: unknown) => typeof item === 'string');

const isWhole = (noted: Partial<NotedTarget> | null): noted is NotedTarget =>
  areTexts(noted?.words) &&
  areTexts(noted?.mayHave) &&
  typeof noted?.mark === 'string' &&
  ['string', 'undefined'].includes(typeof noted.has);

/** Stands in a note for the words of a user's own command. */
export const LEFT_OUT = '...';

/** What a note keeps of a target's words: all, but of a user's own command only the program. */
const keptOf = (words: string[]): string[] => {
  const program = words.indexOf('--') + 1;
  return program === 0 || words.length <= program + 1 ? words : [...words.slice(0, program + 1), LEFT_OUT];
};

const markOf = (words: string[], salt: string): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify([salt, words]))
    .digest('hex');
  return `${salt} ${hash}`;
};

/** Is a noted target the one with these words? */
export const isAt =
  (words: string[]) =>
  ({ mark }: NotedTarget): boolean =>
    mark === markOf(words, mark.split(' ')[0] ?? '');

/** The file of the note, for a user who wants it gone. */
export const targetsFile = (connection: Connection): string =>
  stateFile(`${OF_TARGETS.prefix}-${orgIdOf(connection)}.json`);

/** The places that the app's rotations send pairs to, as far as this machine knows. */
export const readTargets = async (connection: Connection, appId: string): Promise<NotedTarget[]> =>
  (await peekAt(OF_TARGETS, orgIdOf(connection)))?.apps[appId] ?? [];

/**
 * Changes what is noted about an app's targets.
 *
 * @throws error.journalUnwritable, error.stateNotOwn
 */
const change = async (
  connection: Connection,
  appId: string,
  changed: (noted: NotedTarget[]) => NotedTarget[],
): Promise<void> => {
  const orgId = orgIdOf(connection);
  await withJournalOf(OF_TARGETS, orgId, async ({ entry, write }) => {
    const { [appId]: before = [], ...others } = entry?.apps ?? {};
    const now = changed(before);
    const apps = now.length > 0 ? { ...others, [appId]: now } : others;
    await write(Object.keys(apps).length > 0 ? { orgId, apps } : undefined);
  });
};

/** Notes a target of a rotation that is not noted yet. */
export const noteTarget = (connection: Connection, appId: string, words: string[]): Promise<void> =>
  change(connection, appId, (noted) =>
    noted.some(isAt(words))
      ? noted
      : [...noted, { words: keptOf(words), mark: markOf(words, randomUUID()), mayHave: [] }],
  );

/** Changes what is noted about one target. A target that no rotation sends to is not noted. */
const changeOne = async (
  connection: Connection,
  appId: string,
  words: string[],
  changed: (noted: NotedTarget) => Pick<NotedTarget, 'has' | 'mayHave'>,
): Promise<void> => {
  if (!(await readTargets(connection, appId)).some(isAt(words))) return;
  await change(connection, appId, (noted) =>
    noted.map((one) => (isAt(words)(one) ? { words: one.words, mark: one.mark, ...changed(one) } : one)),
  );
};

/** Notes that a pair is about to be sent to a noted target. From here on, the target may have a part of it. */
export const noteSending = (connection: Connection, appId: string, words: string[], key: string): Promise<void> =>
  changeOne(connection, appId, words, ({ has, mayHave: keys }) => ({
    mayHave: [...new Set([...keys, ...(has === undefined ? [] : [has]), key])],
  }));

/** Notes that a noted target has a pair. */
export const noteSent = (connection: Connection, appId: string, words: string[], key: string): Promise<void> =>
  changeOne(connection, appId, words, () => ({ has: key, mayHave: [] }));

/** Forgets the targets of an app: they have the new pair, and the old pair is revoked. */
export const forgetTargets = async (connection: Connection, appId: string): Promise<void> => {
  if ((await readTargets(connection, appId)).length > 0) await change(connection, appId, () => []);
};

/** May a target have this pair, or a part of it? */
export const mayHave =
  (consumerKey: string) =>
  ({ has, mayHave: keys }: NotedTarget): boolean =>
    has === consumerKey || keys.includes(consumerKey);
