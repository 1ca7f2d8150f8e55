import { randomBytes } from 'node:crypto';

import { expect } from 'chai';

import { createPracticeServer, type PracticeServer, type PracticeServerOptions } from '../../src/practice/practice.ts';
import { appInOrg } from './oauth/appInOrg.ts';
import { Browser, get, post, refusal, token } from './oauth/wire.ts';

/** Who can log in, and what is said to those who cannot. */
describe('logins', () => {
  let server: PracticeServer;
  let key: string;
  let secret: string;

  const started = async (options: PracticeServerOptions = {}): Promise<void> => {
    server = await createPracticeServer(options);
    ({ key, secret } = appInOrg(server.org).consumer.primary);
  };

  afterEach(() => server.close());

  const data = () => `${server.url}/services/data/v67.0`;
  const as = (userId: string) => {
    const expiresAt = new Date(server.org.now().getTime() + 24 * 3_600_000);
    return server.org.openSession({ userId, scopes: ['full'], format: 'opaque', expiresAt }).token;
  };

  const loginRecord = async (userId: string, accessToken = server.accessToken) => {
    const soql = `SELECT Id, IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = '${userId}'`;
    const { json } = await get(`${data()}/query?q=${encodeURIComponent(soql)}`, {
      authorization: `Bearer ${accessToken}`,
    });
    return (json.records as Array<{ Id: string; IsFrozen: boolean; IsPasswordLocked: boolean }>)[0];
  };

  const change = async (userId: string, fields: Record<string, unknown>, accessToken = server.accessToken) => {
    const record = await loginRecord(userId);
    return fetch(`${data()}/sobjects/UserLogin/${record!.Id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
  };

  const clientCredentials = () =>
    token(server, { grant_type: 'client_credentials', client_id: key, client_secret: secret });

  /** What the login page says after an attempt; nothing when it let the user in. */
  const attempt = async (username: unknown, password = ''): Promise<string | undefined> => {
    const browser = new Browser(server.url);
    const { page } = await browser.submit(await browser.open('/'), { username: String(username), pw: password });
    return /id="error">([^<]*)</.exec(page.text)?.[1];
  };

  const NOT_IN = 'Please check your username and password.';

  it('are refused to a frozen user, until an admin unfreezes them', async () => {
    await started();
    const { integrationUser } = server.org.seeded;
    const { json } = await clientCredentials();
    expect((await change(integrationUser.Id, { IsFrozen: true })).status).to.equal(204);
    expect(await loginRecord(integrationUser.Id)).to.include({ IsFrozen: true });
    expect(refusal(await clientCredentials())).to.deep.equal([400, 'invalid_grant', 'authentication failure']);
    expect(await attempt(integrationUser.Username)).to.equal(
      'Your access is disabled. Contact your site administrator.',
    );
    const authorization = `Bearer ${String(json.access_token)}`;
    expect((await get(`${data()}/limits`, { authorization })).status, 'a session that was there').to.equal(200);
    await change(integrationUser.Id, { IsFrozen: false });
    expect((await clientCredentials()).status).to.equal(200);
  });

  it('are refused to an inactive user', async () => {
    await started();
    const { standardUser } = server.org.seeded;
    expect(await attempt(standardUser.Username)).to.equal(undefined);
    server.org.update('User', standardUser.Id, { IsActive: false });
    expect(await attempt(standardUser.Username)).to.equal(NOT_IN);
    expect(await attempt('nobody@example.com')).to.equal(NOT_IN);
  });

  describe('with passwords', () => {
    const password = randomBytes(12).toString('base64url');
    const lockOut = async (username: unknown) => {
      for (let attempts = 0; attempts < 10; attempts += 1) expect(await attempt(username, 'wrong')).to.equal(NOT_IN);
    };
    const setPassword = (userId: string) =>
      fetch(`${data()}/sobjects/User/${userId}/password`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ NewPassword: password }),
      });

    it('lock a user out after ten wrong ones in a row, for fifteen minutes', async () => {
      await started();
      const { Id: userId, Username: username } = server.org.seeded.integrationUser;
      await setPassword(userId);
      expect(await attempt(username, password)).to.equal(undefined);
      await lockOut(username);
      expect(await attempt(username, password)).to.equal(NOT_IN);
      expect(await loginRecord(userId)).to.include({ IsPasswordLocked: true });
      expect(refusal(await clientCredentials())).to.deep.equal([400, 'invalid_grant', 'authentication failure']);
      server.org.advance(15 * 60_000);
      expect(await loginRecord(userId)).to.include({ IsPasswordLocked: false });
      expect(await attempt(username, password)).to.equal(undefined);
      expect((await clientCredentials()).status).to.equal(200);
    });

    it('let in again when an admin unlocks the user', async () => {
      await started();
      const { Id: userId, Username: username } = server.org.seeded.integrationUser;
      await setPassword(userId);
      await lockOut(username);
      expect((await change(userId, { IsPasswordLocked: false })).status).to.equal(204);
      expect((await clientCredentials()).status).to.equal(200);
      expect(await attempt(username, 'wrong'), 'one attempt of ten').to.equal(NOT_IN);
      expect(await attempt(username, password)).to.equal(undefined);
    });

    it('begin the count anew with the right one', async () => {
      await started();
      const { Id: userId, Username: username } = server.org.seeded.standardUser;
      await setPassword(userId);
      for (let round = 0; round < 2; round += 1) {
        for (let attempts = 0; attempts < 9; attempts += 1) await attempt(username, 'wrong');
        expect(await attempt(username, password)).to.equal(undefined);
      }
    });

    it('may not matter to flows without one: nobody knows', async () => {
      await started({ variants: { 'locked-out-user': 'let-in' } });
      const { Id: userId, Username: username } = server.org.seeded.integrationUser;
      await setPassword(userId);
      await lockOut(username);
      expect((await clientCredentials()).status).to.equal(200);
      expect(await attempt(username, password)).to.equal(NOT_IN);
    });
  });

  it('are kept in a record that shows itself to who manages users, and can be locked by nobody', async () => {
    await started();
    const { standardUser, integrationUser } = server.org.seeded;
    expect(await loginRecord(integrationUser.Id, as(standardUser.Id))).to.equal(undefined);
    expect(await loginRecord(standardUser.Id, as(standardUser.Id))).to.include({ IsFrozen: false });
    expect((await change(integrationUser.Id, { IsFrozen: true }, as(standardUser.Id))).status).to.equal(403);
    for (const fields of [{ IsPasswordLocked: true }, { UserId: standardUser.Id }]) {
      const refused = await change(integrationUser.Id, fields);
      const [error] = (await refused.json()) as Array<{ errorCode: string; fields: string[] }>;
      expect([refused.status, error!.errorCode, error!.fields]).to.deep.equal([
        400,
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        Object.keys(fields),
      ]);
    }
  });

  it('end a refresh token of a frozen user for as long as they are', async () => {
    await started();
    const { Id: userId, Username: username } = server.org.seeded.standardUser;
    const { json } = await token(server, { response_type: 'device_code', client_id: key, scope: 'api refresh_token' });
    const browser = new Browser(server.url);
    const connect = await browser.logIn('/setup/connect', String(username));
    await browser.submit(await browser.submit(connect, { user_code: String(json.user_code) }), { save: 'Allow' });
    const device = { grant_type: 'device', client_id: key, code: String(json.device_code) };
    const { refresh_token: refreshToken } = (await token(server, device)).json;
    const refresh = () =>
      post(`${server.url}/services/oauth2/token`, {
        grant_type: 'refresh_token',
        refresh_token: String(refreshToken),
        client_id: key,
        client_secret: secret,
      });
    await change(userId, { IsFrozen: true });
    expect(refusal(await refresh())).to.deep.equal([400, 'invalid_grant', 'authentication failure']);
    await change(userId, { IsFrozen: false });
    expect((await refresh()).status).to.equal(200);
  });
});
