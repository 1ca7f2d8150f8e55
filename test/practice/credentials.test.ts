import { expect } from 'chai';

import { grantsOf } from '../../src/practice/oauth/grants.ts';
import { appByKey } from '../../src/practice/oauth/oauthApp.ts';
import type { Component, Consumer } from '../../src/practice/org.ts';
import { createPracticeServer, type PracticeServer, type PracticeServerOptions } from '../../src/practice/practice.ts';
import { VARIANTS } from '../../src/practice/variants.ts';
import { appInOrg } from './oauth/appInOrg.ts';
import { token } from './oauth/wire.ts';

type Json = Record<string, unknown>;

const NOT_FOUND = [404, 'NOT_FOUND'];
const NO_ACCESS = [403, 'INSUFFICIENT_ACCESS'];
const DAY = 24 * 3600 * 1000;

describe('the credentials resources', () => {
  let server: PracticeServer;
  let app: Component;
  let consumer: Consumer;

  const started = async (options: PracticeServerOptions = {}, secretAccess = true): Promise<void> => {
    server = await createPracticeServer(options);
    ({ app, consumer } = appInOrg(server.org));
    server.org.settings.ExternalClientAppSettings!.enableClientSecretInRestApiAccess = secretAccess;
  };

  afterEach(() => server.close());

  const call = async (path: string, { method = 'GET', version = 67, body, as }: CallOptions = {}): Promise<Called> => {
    const url = path.startsWith('/')
      ? `${server.url}${path}`
      : `${server.url}/services/data/v${version}.0/apps/oauth/${path}`;
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${as ?? server.accessToken}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: (text ? JSON.parse(text) : undefined) as Json };
  };

  /** A session of a user who has these permissions and no others. */
  const userWith = (...permissions: string[]): string => {
    const { org } = server;
    const user = org.insert('User', { Username: 'limited@example.com', IsActive: true });
    const granted = Object.fromEntries(permissions.map((name) => [`Permissions${name}`, true]));
    const set = org.insert('PermissionSet', { Name: 'Limited', PermissionsApiEnabled: true, ...granted });
    org.insert('PermissionSetAssignment', { AssigneeId: user.Id, PermissionSetId: set.Id });
    const expiresAt = new Date(org.now().getTime() + DAY);
    return org.openSession({ userId: user.Id, scopes: ['full'], format: 'opaque', expiresAt }).token;
  };

  const ofApp = () => `credentials/${app.id}`;
  const ofConsumer = () => `${ofApp()}/${consumer.id}`;
  const staged = () => `${ofConsumer()}/staged`;
  const firstStaged = ({ json }: Called) => (json.stagedCredentials as Json[])[0]!;
  const gets = async ({ key, secret }: { key?: unknown; secret?: unknown }) =>
    (
      await token(server, {
        grant_type: 'client_credentials',
        client_id: String(key),
        client_secret: String(secret),
      })
    ).status === 200;

  it('list the consumers of an app, by its id of 15 or 18 characters', async () => {
    await started();
    const { status, json } = await call(ofApp());
    const url = `/services/data/v67.0/apps/oauth/credentials/${app.id}/${consumer.id}`;
    expect(status).to.equal(200);
    expect(json.consumers).to.deep.equal([
      { id: consumer.id, key: consumer.primary.key, name: 'Order_Sync', url, stagedCredentialsUrl: `${url}/staged` },
    ]);
    expect((await call(`credentials/${app.id.slice(0, 15)}`)).json.consumers).to.deep.equal(json.consumers);
    const [older] = (await call(ofApp(), { version: 64 })).json.consumers as Json[];
    expect(older).to.not.have.property('stagedCredentialsUrl');
  });

  it('give the part that was asked for, and the key where none was', async () => {
    await started();
    const { id } = consumer;
    const { key, secret } = consumer.primary;
    expect((await call(ofConsumer())).json).to.deep.equal({ id, key });
    expect((await call(`${ofConsumer()}?part=key`)).json).to.deep.equal({ id, key });
    expect((await call(`${ofConsumer()}?part=secret`)).json).to.deep.equal({ id, secret });
    expect((await call(`${ofConsumer()}?part=keyandsecret`)).json).to.deep.equal({ id, key, secret });
    expect((await call(`${ofConsumer()}?part=all`)).status).to.equal(400);
  });

  it('keep the secret where the org does not show secrets: with an error or, in the other variant, without a word', async () => {
    await started({}, false);
    expect(errorOf(await call(`${ofConsumer()}?part=keyandsecret`))).to.deep.equal([403, 'FUNCTIONALITY_NOT_ENABLED']);
    expect((await call(ofConsumer())).json.key).to.equal(consumer.primary.key);
    expect(errorOf(await call(staged()))).to.deep.equal([403, 'FUNCTIONALITY_NOT_ENABLED']);
    await server.close();
    await started({ variants: { 'secret-access-off': 'omitted' } }, false);
    expect((await call(`${ofConsumer()}?part=keyandsecret`)).json).to.deep.equal({
      id: consumer.id,
      key: consumer.primary.key,
    });
  });

  it('are there from the API version that they came with', async () => {
    await started();
    const status = async (path: string, version: number) => (await call(path, { version })).status;
    expect([await status('usage', 58), await status('usage', 59)]).to.deep.equal([404, 200]);
    expect([await status(ofApp(), 59), await status(ofApp(), 60)]).to.deep.equal([404, 200]);
    expect([await status(ofConsumer(), 59), await status(ofConsumer(), 60)]).to.deep.equal([404, 200]);
    expect([await status(staged(), 64), await status(staged(), 65)]).to.deep.equal([404, 200]);
  });

  it('want the permissions of a developer who may see secrets', async () => {
    await started();
    const none = userWith();
    expect(errorOf(await call(ofApp(), { as: none }))).to.deep.equal(NO_ACCESS);
    expect(errorOf(await call('usage', { as: none }))).to.deep.equal(NO_ACCESS);
    const developer = userWith('ExternalClientAppDeveloper');
    expect(errorOf(await call(`${ofConsumer()}?part=key`, { as: developer }))).to.deep.equal(NO_ACCESS);
    expect((await call('usage', { as: developer })).status).to.equal(200);
    const both = userWith('ExternalClientAppDeveloper', 'ViewClientSecret');
    expect((await call(`${ofConsumer()}?part=secret`, { as: both })).status).to.equal(200);
    expect((await call(staged(), { as: both, method: 'POST' })).status).to.equal(201);
    expect(errorOf(await call(ofApp(), { as: 'nobody' }))).to.deep.equal([401, 'INVALID_SESSION_ID']);
  });

  it('know no app and no consumer but those of the org', async () => {
    await started();
    const { consumer: other } = appInOrg(server.org, { name: 'Other_App' });
    expect(errorOf(await call('credentials/0xI000000000001AAA'))).to.deep.equal(NOT_FOUND);
    expect(errorOf(await call(`${ofApp()}/${other.id}`))).to.deep.equal(NOT_FOUND);
    expect(errorOf(await call(`${staged()}/0yq000000000001AAA`, { method: 'DELETE' }))).to.deep.equal(NOT_FOUND);
  });

  describe('staged', () => {
    it('hold one pair, for 30 days', async () => {
      await started();
      expect((await call(staged())).json.stagedCredentials).to.deep.equal([]);
      const made = await call(staged(), { method: 'POST', body: {} });
      expect(made.status).to.equal(201);
      const pair = firstStaged(made);
      expect(pair).to.include({ state: 'Active', url: `/services/data/v67.0/apps/oauth/${staged()}/${pair.id}` });
      expect(pair.key)
        .to.match(/^3MVG9.{80}$/)
        .and.not.equal(consumer.primary.key);
      expect(pair.secret)
        .to.match(/^[0-9A-F]{64}$/)
        .and.not.equal(consumer.primary.secret);
      const life = Date.parse(String(pair.expirationDate)) - Date.parse(String(pair.createdDate));
      expect(Math.abs(life - 30 * DAY)).to.be.lessThan(1000);
      expect(firstStaged(await call(staged()))).to.deep.equal(pair);
      expect((await call(staged(), { method: 'POST', body: {} })).status, 'a second one').to.equal(400);
      server.org.advance(30 * DAY);
      expect(firstStaged(await call(staged())).state).to.equal('Expired');
      expect((await call(staged(), { method: 'POST' })).status, 'in the place of one that expired').to.equal(201);
    });

    for (const [variant, before] of [
      ['unknown', false],
      ['works', true],
    ] as const) {
      it(`${before ? 'work' : 'do not work'} before they are promoted, in the variant ${variant}; after it both do`, async () => {
        await started({ variants: { 'staged-pair': variant } });
        const old = { ...consumer.primary };
        const pair = firstStaged(await call(staged(), { method: 'POST', body: {} }));
        expect(await gets(old)).to.equal(true);
        expect(await gets(pair)).to.equal(before);

        const rotated = await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } });
        expect(rotated.status).to.equal(200);
        expect(rotated.json).to.include({ id: pair.id, state: 'Rotated', key: old.key, secret: old.secret });
        expect((await call(`${ofConsumer()}?part=keyandsecret`)).json).to.include({
          key: pair.key,
          secret: pair.secret,
        });
        const settings = server.org.component('ExtlClntAppGlobalOauthSettings', 'Order_Sync_glbloauth')!;
        expect(settings.body.consumerKey).to.equal(pair.key);
        expect([await gets(pair), await gets(old)]).to.deep.equal([true, true]);
        expect(await gets({ key: old.key, secret: pair.secret }), 'halves of two pairs').to.equal(false);

        expect((await call(String(pair.url), { method: 'DELETE' })).status).to.equal(204);
        expect([await gets(pair), await gets(old)]).to.deep.equal([true, false]);
        expect((await call(staged())).json.stagedCredentials).to.deep.equal([]);
      });
    }

    it('take a new pair in the place of a Rotated one, or not, as the variant says', async () => {
      await started();
      const [old] = [{ ...consumer.primary }];
      const rotate = async (): Promise<Json> => {
        const pair = firstStaged(await call(staged(), { method: 'POST' }));
        await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } });
        return pair;
      };
      const first = await rotate();
      expect(errorOf(await call(staged(), { method: 'POST' }))).to.deep.equal([400, 'INVALID_INPUT']);
      expect([await gets(old), await gets(first)]).to.deep.equal([true, true]);
      await server.close();

      await started({ variants: { 'staged-slot': 'replaced', 'staged-pair': 'works' } });
      const before = { ...consumer.primary };
      const second = await rotate();
      const third = firstStaged(await call(staged(), { method: 'POST' }));
      expect((await call(staged())).json.stagedCredentials).to.have.lengthOf(1);
      expect([await gets(before), await gets(second), await gets(third)]).to.deep.equal([false, true, true]);
      expect((await call(staged(), { method: 'POST' })).status, 'in the place of an Active one').to.equal(400);
    });

    for (const answer of VARIANTS['staged-id']) {
      it(`have an id that stays with the ${answer} when they are promoted`, async () => {
        await started({ variants: { 'staged-id': answer } });
        const old = { ...consumer.primary };
        const pair = firstStaged(await call(staged(), { method: 'POST' }));
        await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } });
        const slot = firstStaged(await call(staged()));
        expect(slot).to.include({ key: old.key, state: 'Rotated' });
        expect(slot.id === pair.id).to.equal(answer === 'slot');
        expect((await call(String(pair.url))).status).to.equal(answer === 'slot' ? 200 : 404);
        expect((await call(String(slot.url), { method: 'DELETE' })).status).to.equal(204);
        expect([await gets(old), await gets(pair)]).to.deep.equal([false, true]);
      });
    }

    it('serve a client that stages without looking and deletes what it staged two rotations ago', async () => {
      await started({ variants: { 'staged-slot': 'replaced', 'staged-id': 'pair' } });
      const rotations: Json[] = [];
      for (let nth = 0; nth < 3; nth += 1) {
        const made = await call(staged(), { method: 'POST' });
        expect(made.status).to.equal(201);
        const pair = firstStaged(made);
        expect((await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } })).status).to.equal(200);
        const oldest = rotations.at(-2);
        if (oldest) expect((await call(String(oldest.url), { method: 'DELETE' })).status).to.equal(404);
        rotations.push(pair);
      }
      expect(await Promise.all(rotations.map(gets))).to.deep.equal([false, true, true]);
    });

    it('are for local apps alone, or for packaged ones too, as the variant says', async () => {
      for (const [variants, status] of [
        [{}, 400],
        [{ 'staged-packaged-app': 'taken' }, 201],
      ] as Array<[Record<string, string>, number]>) {
        await started({ variants, installed: ['acme__Orders'] });
        const own = appInOrg(server.org, { name: 'For_All', app: { distributionState: 'Packaged' } });
        const [installed] = server.org.components('ExternalClientApplication').filter((one) => one.namespace);
        const theirs = server.org.consumers.get(installed!.id)!;
        for (const { appId, id } of [own.consumer, theirs]) {
          const path = `credentials/${appId}/${id}/staged`;
          expect((await call(path, { method: 'POST' })).status).to.equal(status);
          expect((await call(path)).json.stagedCredentials).to.have.lengthOf(status === 201 ? 1 : 0);
        }
        await server.close();
      }
      await started();
    });

    it('let the old pair go after 30 days', async () => {
      await started();
      const old = { ...consumer.primary };
      const pair = firstStaged(await call(staged(), { method: 'POST' }));
      await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } });
      server.org.advance(30 * DAY - 60_000);
      expect(await gets(old)).to.equal(true);
      server.org.advance(60_000);
      expect(await gets(old)).to.equal(false);
      expect(await gets(pair)).to.equal(true);
    });

    it('know one command, and rotate a pair once', async () => {
      await started();
      const pair = firstStaged(await call(staged(), { method: 'POST' }));
      expect((await call(String(pair.url), { method: 'PATCH', body: { command: 'swap' } })).status).to.equal(400);
      expect((await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } })).status).to.equal(200);
      expect((await call(String(pair.url), { method: 'PATCH', body: { command: 'rotate' } })).status).to.equal(400);
    });
  });

  describe('of usage', () => {
    it('list the apps, page by page', async () => {
      await started();
      for (const name of ['A_App', 'B_App']) appInOrg(server.org, { name });
      const first = await call('usage?pageSize=2');
      expect((first.json.apps as Json[]).map((one) => one.developerName)).to.deep.equal(['A_App', 'B_App']);
      const second = await call(String(first.json.nextPageUrl));
      expect(second.json.apps).to.have.lengthOf(1);
      expect((second.json.apps as Json[])[0]).to.include({ developerName: 'Order_Sync', identifier: app.id });
      expect(second.json.nextPageUrl).to.equal(null);
      expect((await call('usage?page=7')).json.apps).to.deep.equal([]);
    });

    it('list the refresh tokens of a user, and end them one by one or all', async () => {
      await started();
      const grants = grantsOf(server.org);
      const oauthApp = appByKey(server.org, consumer.primary.key)!;
      const { admin, standardUser } = server.org.seeded;
      for (const user of [standardUser, standardUser, admin])
        grants.newRefreshGrant(oauthApp, user.Id, ['api', 'refresh_token']);
      expect(server.org.records('OauthToken')).to.have.lengthOf(3);

      const tokensOf = async (userId: string) => (await call(`usage/${app.id}/${userId}/tokens`)).json.tokens as Json[];
      const [first] = await tokensOf(standardUser.Id);
      expect(first).to.include({ userIdentifier: standardUser.Id, username: standardUser.Username, useCount: 1 });
      expect(Date.parse(String(first!.initialConnectionAt))).to.be.closeTo(Date.now(), 60_000);
      expect((await call(String(first!.revocationUrl), { method: 'DELETE' })).status).to.equal(204);
      expect(await tokensOf(standardUser.Id)).to.have.lengthOf(1);
      const users = (await call(`usage/${app.id}/users`)).json.users as Json[];
      expect(users.map((user) => user.identifier)).to.have.members([standardUser.Id, admin.Id]);
      expect((await call(`usage/${app.id}/${standardUser.Id}/tokens`, { method: 'DELETE' })).status).to.equal(204);
      expect([await tokensOf(standardUser.Id), (await tokensOf(admin.Id)).length]).to.deep.equal([[], 1]);
      expect((await call(`usage/${app.id}/tokens`, { method: 'DELETE' })).status).to.equal(204);
      expect(server.org.records('OauthToken')).to.deep.equal([]);
    });

    it('name a token by which a refresh token can be ended and not used', async () => {
      await started();
      const oauthApp = appByKey(server.org, consumer.primary.key)!;
      const grant = grantsOf(server.org).newRefreshGrant(oauthApp, server.org.seeded.admin.Id, [
        'api',
        'refresh_token',
      ]);
      const deleteToken = String(server.org.record('OauthToken', grant.id)!.DeleteToken);
      expect(deleteToken).to.not.equal(grant.token);
      const refresh = {
        grant_type: 'refresh_token',
        client_id: consumer.primary.key,
        client_secret: consumer.primary.secret,
      };
      expect((await token(server, { ...refresh, refresh_token: deleteToken })).json.error).to.equal('invalid_grant');
      expect((await token(server, { ...refresh, refresh_token: grant.token })).status).to.equal(200);
      expect((await fetch(`${server.url}/services/oauth2/revoke?token=${deleteToken}`)).status).to.equal(200);
      expect((await token(server, { ...refresh, refresh_token: grant.token })).json.error).to.equal('invalid_grant');
    });
  });
});

type CallOptions = { method?: string; version?: number; body?: Json; as?: string };
type Called = { status: number; json: Json };

const errorOf = ({ status, json }: Called): unknown => [
  status,
  (json as unknown as Array<{ errorCode: string }>)[0]?.errorCode,
];
