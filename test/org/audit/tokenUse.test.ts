import { expect } from 'chai';

import type { TokenUse } from '../../../src/app/audit/facts.ts';
import { readTokenUse } from '../../../src/org/audit/tokenUse.ts';
import { openWire, type Wire } from '../../client/wire.ts';
import { connectTo } from '../../connectTo.ts';

const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');

/** Rows of OauthToken that an org gives for one query, whatever its limit is (Object Reference). */
const ROWS_MAX = 2500;

describe('the tokens of an audit', () => {
  let wire: Wire;

  afterEach(() => wire.close());

  /** An org with so many tokens, of which `together` were made in each moment: one second after the other. */
  const read = async (count: number, together: number, most?: number): Promise<TokenUse[] | undefined> => {
    wire = await openWire({
      '/services/data/v67.0/query': ({ query }) => {
        const soql = query.get('q') ?? '';
        const from = Date.parse(/CreatedDate >= (\S+)/.exec(soql)?.[1] ?? '2000-01-01');
        const most = Math.min(Number(/LIMIT (\d+)/.exec(soql)?.[1]), ROWS_MAX);
        const first = Math.max(0, Math.ceil((from - BEGIN) / 1000)) * together;
        const records = Array.from({ length: Math.min(most, count - first) }, (_, nth) => ({
          ...{ AppName: 'Tool', AppMenuItemId: null, UserId: `005${first + nth}`, User: null, LastUsedDate: null },
          CreatedDate: new Date(BEGIN + Math.floor((first + nth) / together) * 1000)
            .toISOString()
            .replace('Z', '+0000'),
        }));
        return { body: { totalSize: records.length, done: true, records } };
      },
    });
    return readTokenUse(await connectTo({ url: wire.url, accessToken: 'token' }), most);
  };

  it('are each read once, also where many were made in one moment, with a request for each 2,000', async () => {
    const tokens = await read(10_000, 700);
    const names = tokens?.map(({ username }) => username) ?? [];
    expect([names.length, new Set(names).size]).to.deep.equal([10_000, 10_000]);
    // A page begins with the whole of the moment in which the page before it ended.
    expect(wire.seen.length).to.be.at.most(Math.ceil(10_000 / (2000 - 700)) + 1);
    expect(wire.seen.map(({ query }) => query.get('q')).join()).to.not.match(/AccessToken|DeleteToken|RequestToken/);
  }).timeout(20_000);

  it('are not read for ever where an org has more than an audit keeps', async () => {
    expect(await read(50_000, 1, 5000)).to.equal(undefined);
    expect(wire.seen.length).to.equal(3);
  });

  it('are not read where more were made in one moment than a query gives', async () => {
    expect(await read(2600, 2600)).to.equal(undefined);
    expect(wire.seen.length).to.equal(2);
  });
});
