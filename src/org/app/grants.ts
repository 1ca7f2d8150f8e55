import type { Connection } from '@salesforce/core';

import type { App, Wish } from '../../app/app.ts';
import { isAbsent } from '../../app/errorNature.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { distinctNames, sameName } from '../../app/name.ts';
import { orgIdOf } from '../../local/stateFiles.ts';
import { Lifecycle, SfError } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { ensureLink } from '../request/ensureRecord.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { type EntryKind, type Holder, living, newHold, peekAt, withJournalOf } from '../secrets/switchJournal.ts';
import { waitForDeploys } from './deploysUnderWay.ts';

const messages = texts('org');

/*
 * An org keeps in records who may use an app that is for approved users only. There is a SetupEntityAccess for each permission
 * set. For a profile there is one with the permission set that the profile owns (Object Reference). A policy's own lists make
 * such records, and so can anybody. A deploy of the OAuth policies was reported to take away the records that the lists do not
 * name. So a write puts those into the lists. Where a list cannot hold them, it puts them back after the deploy.
 */

/** A permission set, or a profile, by which users may use an app. */
export type Grant = {
  /** The permission set's Id; for a profile, that of the set which the profile owns. */
  setId: string;
  kind: 'permission-set' | 'profile';
  /** API name of a permission set, with its namespace (`ns__Name`); name of a profile. */
  name: string;
  /** The app's policies can name it in their lists. */
  listable: boolean;
};

type GrantRow = {
  SetupEntityId: string;
  ParentId: string;
  Parent: {
    Name: string;
    NamespacePrefix: string | null;
    Type: string | null;
    IsOwnedByProfile: boolean;
    HasActivationRequired: boolean;
    Profile: { Name: string } | null;
  } | null;
};

/**
 * The grants of all external client apps of the org, by the app's Id: one query.
 *
 * @returns undefined where this login may not see them
 * @throws what orgSaidNo names
 */
export const readGrants = async (connection: Connection): Promise<Map<string, Grant[]> | undefined> => {
  const unseen: GrantRow[] = [];
  const rows = await query<GrantRow>(
    connection,
    operation('readingPermissionSets'),
    'SELECT SetupEntityId, ParentId, Parent.Name, Parent.NamespacePrefix, Parent.Type, Parent.IsOwnedByProfile, ' +
      'Parent.HasActivationRequired, Parent.Profile.Name FROM SetupEntityAccess ' +
      "WHERE SetupEntityType = 'ExternalClientApplication'",
    { INVALID_TYPE: unseen, INVALID_FIELD: unseen, INSUFFICIENT_ACCESS: unseen },
  );
  if (rows === unseen) return undefined;
  const grants = new Map<string, Grant[]>();
  for (const row of rows) grants.set(row.SetupEntityId, [...(grants.get(row.SetupEntityId) ?? []), grantOf(row)]);
  return grants;
};

/**
 * Permission sets that grant access to an app, beside those that its policies name. Who may not see them gets none, and still learns
 * from Salesforce's answer whether the user may use the app.
 *
 * @throws what orgSaidNo names
 */
export const permissionSetsAllowing = async (connection: Connection, appId: string): Promise<string[]> =>
  ((await readGrants(connection))?.get(appId) ?? []).flatMap(({ kind, name }) =>
    kind === 'permission-set' ? [name] : [],
  );

const grantOf = ({ ParentId, Parent }: GrantRow): Grant => {
  // Who may see the record may not see the permission set.
  if (!Parent) return { setId: ParentId, kind: 'permission-set', name: ParentId, listable: false };
  const { Name, NamespacePrefix, Type, IsOwnedByProfile, HasActivationRequired, Profile } = Parent;
  if (IsOwnedByProfile) {
    const name = Profile?.Name ?? Name;
    return { setId: ParentId, kind: 'profile', name, listable: Profile !== null && !name.includes(',') };
  }
  return {
    setId: ParentId,
    kind: 'permission-set',
    name: NamespacePrefix ? `${NamespacePrefix}__${Name}` : Name,
    // Only of these it is known that the policies take them by name.
    listable: !NamespacePrefix && (Type ?? 'Regular') === 'Regular' && !HasActivationRequired,
  };
};

const LISTS = { 'permission-set': 'permissionSets', profile: 'profiles' } as const;

const listOf = (app: Pick<App, 'policies'>, kind: Grant['kind']): string[] => app.policies?.[LISTS[kind]] ?? [];

const isListed = (app: Pick<App, 'policies'>, { kind, name }: Grant): boolean =>
  listOf(app, kind).some((one) => sameName(one, name));

/** Names of the permission sets that grant access beside the app's own list, and that the list can hold. */
export const unlistedSets = (app: App | undefined, grants: Grant[] | undefined = []): string[] =>
  grants
    .filter((grant) => grant.kind === 'permission-set' && grant.listable && !(app && isListed(app, grant)))
    .map(({ name }) => name);

/**
 * The wish, with the grants in the lists that it does not set itself. So the deploy that writes the lists keeps them. A list
 * that the wish sets is left as it was said.
 */
export const withGrantsListed = (app: App, grants: Grant[] | undefined = [], wish: Wish): Wish => {
  const policies = { ...wish.policies };
  for (const kind of ['permission-set', 'profile'] as const) {
    if (policies[LISTS[kind]] !== undefined) continue;
    const names = grants
      .filter((grant) => grant.kind === kind && grant.listable && !isListed(app, grant))
      .map(({ name }) => name);
    if (names.length > 0) policies[LISTS[kind]] = distinctNames([...listOf(app, kind), ...names]);
  }
  return { ...wish, policies };
};

/** The grants that a wish does not take away. It takes one away where it sets a list that had the name, and leaves it out. */
export const grantsToKeep = (app: App, grants: Grant[] | undefined = [], wish: Wish): Grant[] =>
  grants.filter((grant) => {
    const said = wish.policies?.[LISTS[grant.kind]];
    return said === undefined || !isListed(app, grant) || isListed(wish, grant);
  });

/** Names of the grants that are in the lists of the app after a write and were not before it. */
export const newlyListed = (before: App, grants: Grant[] | undefined = [], after: App): string[] =>
  grants.filter((grant) => !isListed(before, grant) && isListed(after, grant)).map(({ name }) => name);

/** Grants that a deploy may take away, with the app that they are for. */
export type Guarded = { app: string; appId: string; grants: Grant[] };

/** What a list of the policies keeps needs no guard. */
export const guardedOf = (app: App, appId: string, keep: Grant[]): Guarded[] => {
  const grants = keep.filter((grant) => !isListed(app, grant));
  return grants.length > 0 ? [{ app: app.name, appId, grants }] : [];
};

type GuardedWrite = { holder: Holder; guarded: Guarded[] };

/** The writes of processes that are gone. */
const orphanedOf = async (writes: GuardedWrite[]): Promise<GuardedWrite[]> => {
  const alive = new Set((await living(writes.map(({ holder }) => holder))).map(({ id }) => id));
  return writes.filter(({ holder }) => !alive.has(holder.id));
};

type GrantEntry = { orgId: string; writes: GuardedWrite[] };

/** What this machine remembers of grants while a deploy may take them away. It holds names and Ids, and no secret. */
const ofGrants: EntryKind<GrantEntry> = {
  prefix: 'grants',
  toEntry: (orgId, kept) => ({ orgId, writes: Array.isArray(kept?.writes) ? kept.writes : [] }),
};

/**
 * Writes down the grants that the deploy to come may take away. If this process is killed, a later run can put them back.
 *
 * @returns forgets them again: they were put back, or nothing was deployed
 * @throws error.journalUnwritable
 */
export const guardGrants = async (connection: Connection, guarded: Guarded[]): Promise<() => Promise<void>> => {
  if (guarded.length === 0) return () => Promise.resolve();
  const orgId = orgIdOf(connection);
  const { holder, letGo } = await newHold();
  await withJournalOf(ofGrants, orgId, ({ entry, write }) =>
    write({ orgId, writes: [...(entry?.writes ?? []), { holder, guarded }] }),
  ).catch(async (error: unknown) => {
    await letGo();
    throw error;
  });
  return () =>
    withJournalOf(
      ofGrants,
      orgId,
      async ({ entry, write }) => {
        const writes = (entry?.writes ?? []).filter((one) => one.holder.id !== holder.id);
        await write(writes.length > 0 ? { orgId, writes } : undefined).catch(() => undefined);
      },
      { anyway: true },
    ).finally(letGo);
};

/**
 * Puts grants back that are not there any more. A permission set that is gone has nothing to put back.
 *
 * @param now the grants as they are
 * @returns the names of those that were put back, by the app's name
 * @throws error.grantsLost (exit code 68), with `data: { lost }`
 */
export const putBackGrants = async (
  connection: Connection,
  guarded: Guarded[],
  now: Map<string, Grant[]>,
): Promise<Map<string, string[]>> => {
  const putBack = new Map<string, string[]>();
  for (const { app, appId, grants } of guarded) {
    const there = new Set((now.get(appId) ?? []).map(({ setId }) => setId));
    const lost = grants.filter(({ setId }) => !there.has(setId));
    for (const [index, { setId, name }] of lost.entries()) {
      try {
        const fields = { ParentId: setId, SetupEntityId: appId };
        await ensureLink(connection, operation('puttingGrantBack', app, name), 'SetupEntityAccess', fields);
      } catch (error) {
        if (!(error instanceof SfError)) throw error;
        // The permission set, or the app, was deleted meanwhile.
        if (isAbsent(error)) continue;
        throw grantsLost(error, app, lost.slice(index));
      }
      putBack.set(app, [...(putBack.get(app) ?? []), name]);
    }
  }
  return putBack;
};

const grantsLost = ({ message, actions = [] }: SfError, app: string, lost: Grant[]): SfError => {
  const names = lost.map(({ name }) => name).join(', ');
  const error = messages.createError(
    'error.grantsLost',
    [app, names, message.split('\n')],
    [names, app],
    EXIT_CODE_FOR.unfinished,
  );
  error.actions = [...(error.actions ?? []), ...actions];
  return error.setData({ app, lost: lost.map(({ kind, name }) => ({ kind, name })) });
};

/** Later than this nobody can tell whether the run lost a grant, or an administrator took it away. */
const LONGEST_MEMORY = 24 * 3_600_000;

/** How long to wait for a deploy that a killed run has left to the org, in minutes. */
const LONGEST_DEPLOY = 10;

/**
 * Puts the grants back that a run on this machine may have taken away, if it was killed too early. Costs no request where there
 * is no such run. Whoever reads apps does this first; what cannot be put back stays written down, and is a warning.
 */
export const restoreGrants = async (connection: Connection): Promise<void> => {
  const orgId = orgIdOf(connection);
  const left = await peekAt(ofGrants, orgId);
  if (!left || (await orphanedOf(left.writes)).length === 0) return;
  try {
    await withJournalOf(ofGrants, orgId, async ({ entry, write }) => {
      const writes = entry?.writes ?? [];
      const orphaned = await orphanedOf(writes);
      const recent = orphaned.filter(({ holder }) => Date.now() - Date.parse(holder.since) < LONGEST_MEMORY);
      await putBackAsLeft(connection, recent);
      for (const { guarded } of orphaned.filter((one) => !recent.includes(one))) await warnOfOld(guarded);
      const rest = writes.filter((one) => !orphaned.includes(one));
      await write(rest.length > 0 ? { orgId, writes: rest } : undefined);
    });
  } catch (error) {
    if (!(error instanceof SfError)) throw error;
    await warn(messages.getMessage('warning.grantsNotRestored', [error.message.split('\n')]));
  }
};

const putBackAsLeft = async (connection: Connection, orphaned: GuardedWrite[]): Promise<void> => {
  if (orphaned.length === 0) return;
  // The run's deploy may still be under way, and would take the grants away again.
  await waitForDeploys(connection, LONGEST_DEPLOY, () => undefined);
  const now = await readGrants(connection);
  if (!now) throw messages.createError('error.grantsUnseen');
  const guarded = orphaned.flatMap((one) => one.guarded);
  for (const [app, names] of await putBackGrants(connection, guarded, now)) {
    await warn(messages.getMessage('warning.grantsRestored', [app, names.join(', ')]));
  }
};

const warnOfOld = async (guarded: Guarded[]): Promise<void> => {
  for (const { app, grants } of guarded) {
    await warn(messages.getMessage('warning.grantsTooOld', [app, grants.map(({ name }) => name).join(', ')]));
  }
};

/** How a warning reaches the user: by default as Salesforce's library passes warnings on. */
export type Tell = (text: string) => unknown;

const told = new WeakMap<Connection, Set<string>>();

/** Says before a write that nobody can see who has access to the apps of these names. So the write may take access away. */
export const warnOfUnguarded = (connection: Connection, apps: string[], tell?: Tell): Promise<void> =>
  tellOnce(connection, messages.getMessage('warning.grantsUnguarded', [apps.join(', ')]), tell);

/** Says before a write that this login could not give access back to these permission sets and profiles. */
export const warnOfNotReturnable = (
  connection: Connection,
  apps: string[],
  names: string[],
  tell?: Tell,
): Promise<void> =>
  tellOnce(connection, messages.getMessage('warning.grantsNotReturnable', [apps.join(', '), names.join(', ')]), tell);

/** Says a text once to a run. */
const tellOnce = async (connection: Connection, text: string, tell: Tell = warn): Promise<void> => {
  const already = told.get(connection) ?? new Set();
  told.set(connection, already);
  if (already.has(text)) return;
  already.add(text);
  await tell(text);
};

const warn = async (text: string): Promise<void> => Lifecycle.getInstance().emitWarning(text);
