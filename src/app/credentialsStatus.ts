/** A consumer key and secret, and how long they still work. */
export type PairStatus = {
  consumerKey: string;
  /**
   * `in-use`: the app's pair; `staged`: new and not promoted; `rotated`: the pair before, which works until it expires;
   * `expired`: of no more use.
   */
  state: 'in-use' | 'staged' | 'rotated' | 'expired';
  /** Dates are the org's texts; absent where it gives none. Salesforce gives none for a pair in use. */
  createdDate?: string;
  expirationDate?: string;
  /** Whole days since createdDate, and until expirationDate. */
  ageDays?: number;
  daysLeft?: number;
};

/** The key pairs of one app. */
export type AppStatus = {
  name: string;
  /** `not-seen`: the org does not show this login the pairs. `none`: the app has no consumer key, because it has no OAuth settings. */
  pairs: 'seen' | 'not-seen' | 'none';
  /** Empty unless the pairs were seen. */
  consumers: Array<{ id: string; name?: string; pairs: PairStatus[] }>;
};

/** What the org says of one consumer. */
type Consumer = {
  consumer: { id: string; name?: string; consumerKey: string };
  staged?: {
    consumerKey: string;
    state: 'Active' | 'Expired' | 'Rotated';
    createdDate?: string;
    expirationDate?: string;
  };
};

const DAY = 24 * 3_600_000;

const STATES = { Active: 'staged', Rotated: 'rotated', Expired: 'expired' } as const;

/** The state of an app's pairs. @param seen what the org says, or why it says nothing */
export const credentialsStatus = (
  name: string,
  seen: Consumer[] | 'not-seen' | 'none',
  now = Date.now(),
): AppStatus => {
  if (!Array.isArray(seen)) return { name, pairs: seen, consumers: [] };
  const consumers = seen.map(({ consumer, staged }) => ({
    id: consumer.id,
    name: consumer.name,
    pairs: [
      { consumerKey: consumer.consumerKey, state: 'in-use' } satisfies PairStatus,
      ...(staged ? [secondPair(staged, now)] : []),
    ],
  }));
  return { name, pairs: 'seen', consumers };
};

const secondPair = (
  { consumerKey, state, createdDate, expirationDate }: NonNullable<Consumer['staged']>,
  now: number,
): PairStatus => ({
  consumerKey,
  state: STATES[state],
  createdDate,
  expirationDate,
  ageDays: wholeDays(createdDate, (created) => now - created),
  daysLeft: wholeDays(expirationDate, (expires) => Math.max(0, expires - now)),
});

const wholeDays = (date: string | undefined, distance: (time: number) => number): number | undefined => {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(distance(time) / DAY);
};

/**
 * Does a second pair end within so many days? Then a rotation was not finished: clients still hold the old pair, or never got the
 * new one. A pair that has expired is of no more use, and is not counted.
 */
export const endsWithin = ({ consumers }: AppStatus, days: number): boolean =>
  pairsOf(consumers).some(
    ({ state, daysLeft }) => state !== 'expired' && state !== 'in-use' && daysLeft !== undefined && daysLeft < days,
  );

/** What a begun rotation waits for: a run that continues it, or a run that revokes the old pair. */
export const nextStep = ({ consumers }: AppStatus): 'resume' | 'finish' | undefined => {
  const found = pairsOf(consumers).map(({ state }) => state);
  if (found.includes('staged')) return 'resume';
  return found.includes('rotated') ? 'finish' : undefined;
};

const pairsOf = (consumers: AppStatus['consumers']): PairStatus[] => consumers.flatMap(({ pairs }) => pairs);
