import { expect } from 'chai';

import {
  type Bounds,
  daysBlocked,
  refusalOfBounds,
  refusalOfUse,
  refusalToFinish,
} from '../../../src/app/connected/blocking.ts';
import type { Use } from '../../../src/app/connected/inventoryUse.ts';
import type { Quietness } from '../../../src/app/connected/use.ts';

const KEY = 'key-of-the-old-app';

const BOUNDS: Bounds = { name: 'Old', key: KEY, logins: [], newApps: [] };

const DAY = 24 * 3_600_000;
const CREATED = new Date('2026-10-01T00:00:00.500Z');
const after = (days: number): Date => new Date(CREATED.getTime() + days * DAY);

describe('what may be blocked', () => {
  it('is an app with a key that nobody here and no new app has', () => {
    expect(refusalOfBounds(BOUNDS)).to.equal(undefined);
    const others = {
      logins: [{ username: 'a', clientId: 'other', isDevHub: true }],
      newApps: [{ name: 'N', key: 'n' }],
    };
    expect(refusalOfBounds({ ...BOUNDS, ...others })).to.equal(undefined);
    const cases: Array<[Partial<Bounds>, string]> = [
      [{ key: undefined }, 'error.blockNoKey'],
      [{ key: 'PlatformCLI' }, 'error.blockCli'],
      [{ key: 'platformcli' }, 'error.blockCli'],
      [{ logins: [{ username: 'a', clientId: KEY, isDevHub: false }] }, 'error.blockOwnLogin'],
      // No document says whether the case of a key counts, and a login has the key as somebody typed it.
      [{ logins: [{ username: 'a', clientId: ` ${KEY.toUpperCase()}`, isDevHub: false }] }, 'error.blockOwnLogin'],
      [{ newApps: [{ name: 'N', key: KEY.toUpperCase() }] }, 'error.blockSharedKey'],
      [{ newApps: [{ name: 'N', key: KEY }] }, 'error.blockSharedKey'],
      [{ newApps: [{ name: 'N' }] }, 'error.blockKeysUnread'],
      [{ newApps: undefined }, 'error.blockKeysUnread'],
      [{ newApps: [{ name: 'M' }, { name: 'N', key: KEY }] }, 'error.blockSharedKey'],
    ];
    for (const [change, code] of cases) expect(refusalOfBounds({ ...BOUNDS, ...change })?.code, code).to.equal(code);
  });

  it('is quiet for as long as somebody wants, and what is not known is not quiet', () => {
    const codeOf = (quietness: Partial<Quietness>, days: number): string | undefined =>
      refusalOfUse('Old', { unread: [], ...quietness }, days)?.code;
    expect(codeOf({ days: 7 }, 7)).to.equal(undefined);
    expect(codeOf({ days: 6 }, 7)).to.equal('error.blockInUse');
    expect(codeOf({ days: 0 }, 0)).to.equal(undefined);
    expect(codeOf({}, 1)).to.equal('error.blockUseUnknown');
    expect(codeOf({}, 0)).to.equal(undefined);
  });
});

describe('what may be deleted for good', () => {
  const block = { fullName: 'Old', consumerKey: KEY, since: CREATED };
  const never: Use = { tokens: [], logins: [], addresses: [] };
  const login = (succeeded: boolean, last: Date): Use => ({
    ...never,
    logins: [{ application: 'Old', loginType: 'Oauth2', userId: '005', succeeded, count: 1, last: last.toISOString() }],
  });
  const codeOf = (use: Use, sameLabel: string[] = [], unread: Quietness['unread'] = []): string | undefined =>
    refusalToFinish({
      name: 'Old',
      block,
      now: after(30),
      blockedDays: 30,
      use: { known: { use, sameLabel }, quietness: { unread } },
    })?.code;

  it('is an app that was blocked for all the days', () => {
    const at = (now: Date | undefined, one: typeof block | undefined = block): string | undefined =>
      refusalToFinish({ name: 'Old', block: one, now, blockedDays: 30 })?.code;
    expect(at(after(30))).to.equal(undefined);
    expect(at(new Date(after(30).getTime() - 1))).to.equal('error.finishTooEarly');
    expect(at(after(-1))).to.equal('error.finishNoDate');
    expect(at(undefined)).to.equal('error.finishNoDate');
    expect(refusalToFinish({ name: 'Old', block: undefined, now: after(30), blockedDays: 30 })?.code).to.equal(
      'error.finishNotBlocked',
    );
    expect(daysBlocked({ fullName: 'Old', consumerKey: KEY }, after(3))).to.equal(undefined);
    expect(daysBlocked(block, after(3.9))).to.equal(3);
  });

  it('is an app that nobody tried to use since, as far as all was read', () => {
    expect(codeOf(never)).to.equal(undefined);
    expect(codeOf(login(false, after(1)))).to.equal('error.finishUsed');
    expect(codeOf(login(false, after(-1)))).to.equal(undefined);
    expect(codeOf(login(true, after(1)))).to.equal('error.finishUsed');
    expect(codeOf(login(true, after(1)), ['New'])).to.equal(undefined);
    expect(codeOf(login(false, after(1)), ['New'])).to.equal('error.finishUsed');
    const token = { label: 'Old', userId: '005', uses: 1, lastUsed: after(2).toISOString() };
    expect(codeOf({ ...never, tokens: [token] }, ['New'])).to.equal('error.finishUsed');
    expect(codeOf(never, [], [{ code: 'use.noClock', values: [] }])).to.equal('error.finishUseUnknown');
  });
});
