import { expect } from 'chai';

import { GROUPS_MAX, joined, readByWindows, type TimeWindow } from '../../../src/org/connected/timeWindows.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Reads events as an org does: each is a group of its own, and a limit holds for one time. */
const reader = (events: number[]) => {
  const asked: TimeWindow[] = [];
  const read = async (window: TimeWindow): Promise<number[]> => {
    asked.push(window);
    return events.filter((at) => at >= window.from && at < window.to).slice(0, GROUPS_MAX);
  };
  return { asked, read };
};

describe('groups by windows of time', () => {
  it('are read in one piece when they fit', async () => {
    const { asked, read } = reader([0, 5, 10]);
    expect(await readByWindows({ from: 0, to: DAY }, read)).to.deep.equal({ rows: [0, 5, 10], full: [], unread: [] });
    expect(asked).to.have.lengthOf(1);
  });

  it('are all read once when they do not fit, wherever they lie', async () => {
    const spread = Array.from({ length: 9000 }, (_, nth) => Math.floor((nth * DAY) / 9000));
    const crowded = Array.from(
      { length: 5000 },
      (_, nth) => DAY - 10 * MINUTE + Math.floor((nth * 10 * MINUTE) / 5000),
    );
    for (const events of [spread, crowded, [...spread, ...crowded].sort((a, b) => a - b)]) {
      const { rows, full, unread } = await readByWindows({ from: 0, to: DAY }, reader(events).read);
      expect(rows).to.deep.equal(events);
      expect([full, unread]).to.deep.equal([[], []]);
    }
  });

  it('name the shortest windows that stay full, and those for which no request was left', async () => {
    const events = Array.from({ length: 3000 }, (_, nth) => 7 * MINUTE + (nth % 1000));
    const { full, unread, rows } = await readByWindows({ from: 0, to: DAY }, reader(events).read);
    expect(full).to.have.lengthOf(1);
    expect(full[0]!.to - full[0]!.from).to.be.at.most(MINUTE);
    expect(unread).to.deep.equal([]);
    expect(rows).to.have.lengthOf(GROUPS_MAX);

    const always = async (): Promise<number[]> => Array.from({ length: GROUPS_MAX }, () => 0);
    const endless = await readByWindows({ from: 0, to: 90 * DAY }, always);
    expect(endless.unread).to.have.lengthOf(1);
    expect(endless.unread[0]?.to).to.equal(90 * DAY);
  });

  it('count windows side by side as one', () => {
    expect(
      joined([
        { from: 2, to: 3 },
        { from: 0, to: 1 },
        { from: 1, to: 2 },
        { from: 5, to: 6 },
      ]),
    ).to.deep.equal([
      { from: 0, to: 3 },
      { from: 5, to: 6 },
    ]);
  });
});
