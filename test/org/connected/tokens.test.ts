import { expect } from 'chai';

import { readTokens, revokeTokens } from '../../../src/org/connected/tokens.ts';
import { type Answers, openWire, type Wire } from '../../client/wire.ts';
import { connectTo } from '../../connectTo.ts';

const APP = { id: '0xI000000000001AAA', name: 'Order_Sync' };
const USAGE = `/services/data/v67.0/apps/oauth/usage/${APP.id}`;

/** A token as the Connect REST API Developer Guide has it ("App OAuth Usage Token"). */
const token = (userIdentifier: string, username: string) => ({
  accessTokenFormat: 'Opaque',
  appDeveloperName: 'Order_Sync',
  appIdentifier: APP.id,
  initialConnectionAt: '2026-10-01T08:00:00.000Z',
  lastUsedAt: '2026-11-01T08:00:00.000Z',
  revocationUrl: '/services/data/v67.0/apps/oauth/usage/tokens/an-identifier',
  useCount: 7,
  userIdentifier,
  username,
});

describe('refresh tokens of an app', () => {
  let wire: Wire;

  afterEach(() => wire.close());

  const login = async (answers: Answers) => {
    wire = await openWire(answers);
    return connectTo({ url: wire.url, accessToken: 'token' });
  };

  it('are read page by page and user by user', async () => {
    const connection = await login({
      // Every page names a next one, as the guide has it; the one after the last is empty.
      [`${USAGE}/users`]: ({ query }) => {
        const page = Number(query.get('page') ?? 0);
        const users = [[{ userIdentifier: '005A' }, { userIdentifier: '005B' }], [{ identifier: '005C' }], []][page];
        return { body: { users, nextPageUrl: `${USAGE}/users?page=${page + 1}` } };
      },
      [`${USAGE}/005A/tokens`]: () => ({ body: { tokens: [token('005A', 'ada@x'), token('005A', 'ada@x')] } }),
      [`${USAGE}/005B/tokens`]: () => ({ body: { tokens: [] } }),
      [`${USAGE}/005C/tokens`]: () => ({ body: { tokens: [token('005C', 'cy@x')] } }),
    });
    const tokens = await readTokens(connection, APP);
    expect(tokens.map(({ userId, username }) => [userId, username])).to.deep.equal([
      ['005A', 'ada@x'],
      ['005A', 'ada@x'],
      ['005C', 'cy@x'],
    ]);
    expect(tokens[0]).to.deep.equal({
      userId: '005A',
      username: 'ada@x',
      initialConnectionAt: '2026-10-01T08:00:00.000Z',
      lastUsedAt: '2026-11-01T08:00:00.000Z',
      useCount: 7,
      accessTokenFormat: 'Opaque',
    });
  });

  it('of one user are read without asking for the others', async () => {
    const connection = await login({
      [`${USAGE}/005A/tokens`]: () => ({ body: { tokens: [token('005A', 'ada@x')] } }),
    });
    expect(await readTokens(connection, APP, '005A')).to.have.length(1);
    expect(wire.seen.map(({ path }) => path)).to.deep.equal([`${USAGE}/005A/tokens`]);
  });

  it('are revoked for one user or for all', async () => {
    const connection = await login({
      [`${USAGE}/005A/tokens`]: () => ({ status: 204 }),
      [`${USAGE}/tokens`]: () => ({ status: 204 }),
    });
    await revokeTokens(connection, APP, '005A');
    await revokeTokens(connection, APP);
    expect(wire.seen.map(({ method, path }) => [method, path])).to.deep.equal([
      ['DELETE', `${USAGE}/005A/tokens`],
      ['DELETE', `${USAGE}/tokens`],
    ]);
  });

  it('say what the org says', async () => {
    const body = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'You do not have the level of access necessary.' }];
    const connection = await login({ [`${USAGE}/tokens`]: () => ({ status: 403, body }) });
    const error = await revokeTokens(connection, APP).catch((reason: Error) => reason);
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).name).to.equal('InsufficientAccessError');
  });
});
