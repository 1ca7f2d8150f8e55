import type { InventoryFacts, LoginGroup, SourceName } from './inventoryFacts.ts';
import { flowOf, isOfClientApp, type KnownApp, SEEN_FLOWS, type SeenFlow, type Use } from './inventoryUse.ts';
import { type MigrationText, tell } from './migrationText.ts';

/** Days that a live org keeps its login history for (Salesforce Help: six months). */
export const HISTORY_DAYS = 184;

/** Days without use after which an app may be blocked, unless somebody wants others. */
export const QUIET_DAYS = 7;

/** A flow that the users of an app were seen with. */
export type FlowSeen = { flow: SeenFlow; logins: number; users: number; last: string };

/** What was seen of an app's use. Dates are texts in ISO format. */
export type UseSeen = {
  flows: FlowSeen[];
  /** Usernames, or ids where the org does not tell the names. */
  users: string[];
  addresses: string[];
  /** Attempts to log in that failed. */
  failedLogins: number;
  tokens: { count: number; users: number };
  /** Absent when no use was seen. */
  lastUse?: string;
};

export const useSeen = (use: Use, usernames: ReadonlyMap<string, string>): UseSeen => {
  const flows = flowsSeen(use.logins);
  const ids = new Set([...use.logins.filter(({ succeeded }) => succeeded), ...use.tokens].map(({ userId }) => userId));
  const lastUse = latest([...flows.map(({ last }) => last), ...use.tokens.flatMap(({ lastUsed }) => lastUsed ?? [])]);
  return {
    flows,
    users: [...ids].map((id) => usernames.get(id) ?? id).sort(),
    addresses: [...new Set(use.addresses.map(({ address }) => address))].sort(),
    failedLogins: sum(use.logins.filter(({ succeeded }) => !succeeded).map(({ count }) => count)),
    tokens: { count: use.tokens.length, users: new Set(use.tokens.map(({ userId }) => userId)).size },
    ...(lastUse !== undefined && { lastUse }),
  };
};

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

const latest = (times: string[]): string | undefined => times.sort().at(-1);

const flowsSeen = (logins: LoginGroup[]): FlowSeen[] => {
  const groups = Map.groupBy(
    logins.filter((login) => login.succeeded && (isOfClientApp(login) || flowOf(login.subType) === 'soap')),
    ({ subType }) => flowOf(subType),
  );
  return SEEN_FLOWS.flatMap((flow) => {
    const rows = groups.get(flow);
    if (!rows) return [];
    return [
      {
        flow,
        logins: sum(rows.map(({ count }) => count)),
        users: new Set(rows.map(({ userId }) => userId)).size,
        last: latest(rows.map((row) => row.last)) ?? '',
      },
    ];
  });
};

/** For how long nobody used an app. */
export type Quietness = {
  /** Whole days without use, by the org's clock. Absent where nobody can tell: such an app is not quiet. */
  days?: number;
  /** No use was seen at all, so the days are those that the login history was read for. */
  atLeast?: true;
  /** The last use or refused attempt: a text in ISO format. Absent when none was seen. */
  last?: string;
  /** Why nobody can tell, or why an earlier use is not shown. Empty where all was seen. */
  unread: MigrationText[];
};

/** Is it known that nobody used the app for so many days? What could not be read is never quiet. */
export const isQuietFor = ({ days }: Quietness, wanted: number): boolean => days !== undefined && days >= wanted;

/** A day in milliseconds. */
const DAY = 24 * 3_600_000;

/** The clocks of an org's servers differ by this many milliseconds at most (assumption). */
const CLOCK_TOLERANCE = 5 * 60_000;

/** What an org must show in full, or an unseen use may be missing. */
const NEEDED: readonly SourceName[] = ['logins', 'tokens', 'applications', 'menu'];

/**
 * For how long nobody used an app. Every sign of life counts: a login, a token that was used, and a refused attempt.
 * A login says only a label, so a login of another app with the same label counts as well.
 *
 * @param now the org's clock; absent where the org did not say it
 */
export const quietnessOf = (
  { use }: Pick<KnownApp, 'use'>,
  { days: window, sources }: Pick<InventoryFacts, 'days' | 'sources'>,
  now: Date | undefined,
): Quietness => {
  const last = latest([
    ...use.logins.map((login) => login.last),
    ...use.tokens.flatMap(({ lastUsed }) => lastUsed ?? []),
  ]);
  const age = now && last !== undefined ? now.getTime() - Date.parse(last) : undefined;
  const unread = [
    ...NEEDED.flatMap((source) => {
      const found = sources.find((one) => one.source === source);
      return found?.seen === 'all' ? [] : (found?.reasons ?? [tell('use.unread', source)]);
    }),
    ...(now ? [] : [tell('use.noClock')]),
    ...(age !== undefined && !(age >= -CLOCK_TOLERANCE) ? [tell('use.future', last ?? '')] : []),
  ];
  const seen = { ...(last !== undefined && { last }), unread };
  if (unread.length > 0) return seen;
  // A token keeps its date for longer than the login history does.
  return age === undefined
    ? { days: window, atLeast: true, ...seen }
    : { days: Math.max(0, Math.floor(age / DAY)), ...seen };
};
