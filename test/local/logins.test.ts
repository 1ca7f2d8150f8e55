import { TestContext } from '@salesforce/core/testSetup';
import { expect } from 'chai';

import { loginsHere } from '../../src/local/logins.ts';
import { StateAggregator } from '../../src/salesforce.ts';

/** An access token in JWT format that was given to an app. Nobody signed it. */
const jwtFor = (clientId: string): string =>
  [{ alg: 'RS256' }, { client_id: clientId }, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

describe('the logins of this machine', () => {
  const $$ = new TestContext();

  const stored = async (...logins: Array<Record<string, unknown> & { username: string }>): Promise<void> => {
    const { orgs } = await StateAggregator.getInstance();
    $$.SANDBOX.stub(orgs, 'readAll').resolves(logins.map(({ accessToken: _secret, ...rest }) => rest));
    $$.SANDBOX.stub(orgs, 'read').callsFake(async (username) => {
      const found = logins.find((one) => one.username === username);
      if (found?.isLocked) throw new Error('The key to decrypt it is not on this machine.');
      return found ?? null;
    });
  };
  const here = (accessToken?: string): ReturnType<typeof loginsHere> =>
    loginsHere({ accessToken, getUsername: () => 'env@example.com' });

  it('say the app by their client id, by each app that is linked, or by a token that names it', async () => {
    const linked = { Reports: { clientId: 'linked-key' }, Sync: { clientId: 'other-key' } };
    await stored(
      { username: 'a@example.com', clientId: 'own-key', clientApps: linked, isDevHub: true },
      { username: 'b@example.com', accessToken: jwtFor('key-in-token') },
      { username: 'c@example.com', accessToken: '00D000!opaque' },
      { username: 'd@example.com', accessToken: jwtFor('unread'), isLocked: true },
    );
    expect(await here(jwtFor('key-of-environment'))).to.deep.equal([
      { username: 'a@example.com', clientId: 'own-key', isDevHub: true },
      { username: 'a@example.com', clientId: 'linked-key', isDevHub: true },
      { username: 'a@example.com', clientId: 'other-key', isDevHub: true },
      { username: 'b@example.com', clientId: 'key-in-token', isDevHub: false },
      { username: 'c@example.com', isDevHub: false },
      { username: 'd@example.com', isDevHub: false },
      { username: 'env@example.com', clientId: 'key-of-environment', isDevHub: false },
    ]);
  });

  it('say nothing of a login in use that has an opaque token', async () => {
    await stored();
    expect(await here('00D000!opaque')).to.deep.equal([]);
    expect(await here()).to.deep.equal([]);
  });
});
