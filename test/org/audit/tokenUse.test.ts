import { expect } from 'chai';

import { readTokenUse } from '../../../src/org/audit/tokenUse.ts';
import { openWire, type Wire } from '../../client/wire.ts';
import { connectTo } from '../../connectTo.ts';

const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');

/** Rows of OauthToken that an org gives for one query, whatever its limit is (Object Reference). */
const ROWS_MAX = 2500;

const COUNT = 10_000;

/** So many tokens were made in each moment: one second after the other. */
const TOGETHER = 700;

describe('the tokens of an audit', () => {
  let wire: Wire;

  afterEach(() => wire.close());

  it('are each read once, by the ten thousand, in few requests, and without a secret', async () => {
    wire = await openWire({
      '/services/data/v67.0/query': ({ query }) => {
        const from = Date.parse(/CreatedDate >= (\S+)/.exec(query.get('q') ?? '')?.[1] ?? '2000-01-01');
        const first = Math.max(0, Math.ceil((from - BEGIN) / 1000)) * TOGETHER;
        const records = Array.from({ length: Math.min(ROWS_MAX, COUNT - first) }, (_, nth) => ({
          ...{ AppName: 'Tool', AppMenuItemId: null, UserId: `005${first + nth}`, User: null, LastUsedDate: null },
          CreatedDate: new Date(BEGIN + Math.floor((first + nth) / TOGETHER) * 1000).toISOString(),
        }));
        return { body: { totalSize: records.length, done: true, records } };
      },
    });
    const tokens = await readTokenUse(await connectTo({ url: wire.url, accessToken: 'token' }));
    const names = tokens?.map(({ username }) => username) ?? [];
    expect([names.length, new Set(names).size]).to.deep.equal([COUNT, COUNT]);
    // A page begins with the whole of the moment in which the page before it ended.
    expect(wire.seen.length).to.be.at.most(Math.ceil(COUNT / (ROWS_MAX - TOGETHER)) + 1);
    expect(wire.seen.map(({ query }) => query.get('q')).join()).to.not.match(/AccessToken|DeleteToken|RequestToken/);
  });
});
