import { expect } from 'chai';

import { type OauthToken, readOauthTokens } from '../../../src/org/connected/oauthTokens.ts';
import { openWire, type Wire } from '../../client/wire.ts';
import { connectTo } from '../../connectTo.ts';

/** Rows of OauthToken that an org gives for one query. */
const IN_QUERY = 2500;

const QUERY = '/services/data/v67.0/query';

const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');

/** Tokens of users who are counted, each some milliseconds after the one before. */
const tokens = (count: number, apart: number, begin = BEGIN): OauthToken[] =>
  Array.from({ length: count }, (_, nth) => ({
    AppName: 'Tool',
    AppMenuItemId: null,
    UserId: `${begin}-${nth}`,
    LastUsedDate: null,
    CreatedDate: new Date(begin + nth * apart).toISOString(),
  }));

describe('all refresh tokens of an org', () => {
  let wire: Wire;

  afterEach(() => wire.close());

  const asked = (): Array<string | null> =>
    wire.seen.filter(({ path }) => path === QUERY).map(({ query }) => query.get('q'));

  const login = async (inOrg: OauthToken[]) => {
    wire = await openWire({
      [QUERY]: ({ query }) => {
        const [, compare, since] = /CreatedDate (>=?) (\S+)/.exec(query.get('q') ?? '') ?? [];
        const records = inOrg
          .filter(({ CreatedDate }) => {
            if (since === undefined || CreatedDate === null) return true;
            return compare === '>' ? CreatedDate > since : CreatedDate >= since;
          })
          .slice(0, IN_QUERY);
        return { body: { totalSize: records.length, done: true, records } };
      },
    });
    return connectTo({ url: wire.url, accessToken: 'token' });
  };

  it('are each read once, however many queries that takes', async () => {
    const inOrg = tokens(2 * IN_QUERY, 60_000);
    const { rows, isWhole } = await readOauthTokens(await login(inOrg), []);
    expect(rows.map(({ UserId }) => UserId)).to.deep.equal(inOrg.map(({ UserId }) => UserId));
    expect(isWhole).to.equal(true);
    expect(asked()).to.have.lengthOf(3);
  });

  it('are asked for by the fields that are wanted, and never by those that are secrets', async () => {
    await readOauthTokens(await login([]), ['User.Username', 'UseCount']);
    const [first] = asked();
    expect(first).to.match(/^SELECT .*\bUser\.Username, UseCount FROM OauthToken ORDER BY CreatedDate LIMIT 2500$/);
    expect(first).to.not.match(/AccessToken|DeleteToken|RefreshToken/);
  });

  it('may be more than those of one moment that the org returns', async () => {
    const later = tokens(10, 60_000, BEGIN + 3_600_000);
    const { rows, isWhole } = await readOauthTokens(await login([...tokens(IN_QUERY + 1, 0), ...later]), []);
    expect(isWhole).to.equal(false);
    expect(rows).to.have.lengthOf(IN_QUERY + later.length);
  });

  it('are not all read where there are more than somebody wants', async () => {
    const connection = await login(tokens(4 * IN_QUERY, 60_000));
    const { isWhole } = await readOauthTokens(connection, [], IN_QUERY);
    expect(isWhole).to.equal(false);
    expect(asked()).to.have.lengthOf(3);
  });
});
