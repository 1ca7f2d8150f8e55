import { expect } from 'chai';

import type { LoginGroup, SourceSeen, TokenRow } from '../../../src/app/connected/inventoryFacts.ts';
import { isQuietFor, type Quietness, quietnessOf } from '../../../src/app/connected/use.ts';

const NOW = new Date('2026-11-28T12:00:00.000Z');

const ALL: SourceSeen[] = (['logins', 'tokens', 'applications', 'menu'] as const).map((source) => ({
  source,
  seen: 'all',
  count: 1,
  reasons: [],
}));

const login = (last: string, succeeded = true): LoginGroup => ({
  application: 'Portal',
  loginType: 'Remote Access 2.0',
  userId: '005000000000001',
  succeeded,
  count: 1,
  last,
});

const token = (lastUsed?: string): TokenRow => ({
  label: 'Portal',
  userId: '005000000000001',
  ...(lastUsed !== undefined && { lastUsed }),
  uses: 1,
});

const quietness = (
  { logins = [], tokens = [] }: { logins?: LoginGroup[]; tokens?: TokenRow[] },
  sources = ALL,
  now: Date | undefined = NOW,
): Quietness => quietnessOf({ use: { logins, tokens, addresses: [] } }, { days: 90, sources }, now);

describe('for how long nobody used an app', () => {
  it('counts whole days since the last login, token or refused attempt', () => {
    const old = login('2026-11-01T12:00:00.000Z');
    expect(quietness({ logins: [old] }).days).to.equal(27);
    expect(quietness({ logins: [old], tokens: [token('2026-11-21T12:00:01.000Z'), token()] }).days).to.equal(6);
    expect(quietness({ logins: [old, login('2026-11-27T11:00:00.000Z', false)] }).days).to.equal(1);
  });

  it('knows only the days of the history where no use was seen', () => {
    expect(quietness({})).to.deep.equal({ days: 90, atLeast: true, unread: [] });
  });

  it('is never quiet where something was not read', () => {
    for (const { source } of ALL) {
      const without = ALL.filter((one) => one.source !== source);
      const part: SourceSeen = { source, seen: 'part', count: 0, reasons: [{ code: 'use.noClock', values: [] }] };
      for (const sources of [without, [...without, part]]) {
        const { days, unread } = quietness({}, sources);
        expect(days, source).to.equal(undefined);
        expect(unread, source).to.have.length(1);
      }
    }
    expect(isQuietFor(quietness({}, []), 0)).to.equal(false);
  });

  it('is never quiet by a clock that is wrong or unknown', () => {
    const future = quietness({ logins: [login('2026-11-28T13:00:00.000Z')] });
    expect(future.days).to.equal(undefined);
    expect(future.last).to.equal('2026-11-28T13:00:00.000Z');
    expect(quietness({ logins: [login('no date')] }).days).to.equal(undefined);
    const unknown = quietnessOf(
      { use: { logins: [], tokens: [], addresses: [] } },
      { days: 90, sources: ALL },
      undefined,
    );
    expect(unknown.unread.map(({ code }) => code)).to.deep.equal(['use.noClock']);
    // Two servers of an org differ by a moment.
    expect(quietness({ logins: [login('2026-11-28T12:00:30.000Z')] }).days).to.equal(0);
  });

  it('is quiet from the wanted day on', () => {
    const used = quietness({ logins: [login('2026-11-21T12:00:00.000Z')] });
    expect([isQuietFor(used, 7), isQuietFor(used, 8)]).to.deep.equal([true, false]);
  });
});
