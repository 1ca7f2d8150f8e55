import { expect } from 'chai';

import type { PracticeServerOptions } from '../../src/practice/practice.ts';
import { connectedAppXml } from '../commands/eca/migrate/inventoryOfTest.ts';
import { openPractice, type Practice } from './client.ts';
import { Browser, refusal, token } from './oauth/wire.ts';

const CALLBACK = 'https://p.example.com/cb';

describe('the blocked consumers of a practice org', () => {
  let practice: Practice;
  let client: { client_id: string; client_secret: string };
  let runAs: string;

  const started = async (variants: PracticeServerOptions['variants'] = {}): Promise<void> => {
    const user = 'integration@blocked.example';
    const config = `<isAdminApproved>false</isAdminApproved><isClientCredentialEnabled>true</isClientCredentialEnabled><oauthClientCredentialUser>${user}</oauthClientCredentialUser>`;
    practice = await openPractice({
      variants,
      connectedApps: [{ name: 'Old', xml: connectedAppXml('Old app', config) }],
    });
    const { org } = practice.server;
    const { Id: _id, ...fields } = org.seeded.integrationUser;
    runAs = org.insert('User', { ...fields, Username: user }).Id;
    const { primary } = org.consumers.get(org.component('ConnectedApp', 'Old')!.id)!;
    client = { client_id: primary.key, client_secret: primary.secret };
  };

  afterEach(() => practice.close());

  const blockXml = (key = client.client_id): string =>
    `<blockedByApiWhitelisting>false</blockedByApiWhitelisting><consumerKey>${key}</consumerKey><consumerName>Old app</consumerName><masterLabel>Old app</masterLabel>`;

  const block = (name = 'Old_app', xml = blockXml()): Promise<string> =>
    practice.problems([{ type: 'BlacklistedConsumer', name, xml }]);

  const unblock = () => practice.deploy([], { destroy: [{ type: 'BlacklistedConsumer', name: 'Old_app' }] });

  const ask = (): ReturnType<typeof token> => token(practice.server, { grant_type: 'client_credentials', ...client });

  const history = () =>
    practice.connection.query("SELECT UserId, Status FROM LoginHistory WHERE LoginSubType = 'OauthClientCredentials'");

  it('get no tokens, lose their sessions, and get tokens again when the block is deleted', async () => {
    await started();
    const { access_token } = (await ask()).json;
    expect(await block()).to.equal('');
    expect(practice.server.org.session(String(access_token))).to.equal(undefined);
    expect(refusal(await ask())).to.deep.equal([400, 'OAUTH_APP_BLOCKED', 'this app is blocked by admin']);
    const { records } = await history();
    expect(records.at(-1)).to.include({ UserId: runAs, Status: 'Failed: this app is blocked by admin' });
    expect(await unblock()).to.include({ success: true });
    expect((await ask()).status).to.equal(200);
  });

  it('are refused on the authorize page', async () => {
    await started();
    await block();
    const query = new URLSearchParams({ response_type: 'code', client_id: client.client_id, redirect_uri: CALLBACK });
    const browser = new Browser(practice.server.url);
    const { elsewhere } = await browser.open(`/services/oauth2/authorize?${query}`);
    expect(elsewhere?.searchParams.get('error')).to.equal('OAUTH_APP_BLOCKED');
  });

  it('are blocked in Setup too, under a name of its own, and with another app of their key', async () => {
    await started();
    const send = (body: object): Promise<Response> =>
      fetch(`${practice.server.url}/__practice/connected-apps`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect(await send({ name: 'Old', blocked: true })).to.include({ status: 200 });
    expect((await ask()).status).to.equal(400);
    const [listed] = await practice.connection.metadata.list({ type: 'BlacklistedConsumer' });
    expect(listed).to.have.property('fullName').that.does.not.equal('Old_app');
    expect(await block()).to.contain('already blocked');
    expect(await send({ name: 'Old', blocked: false })).to.include({ status: 200 });
    expect((await ask()).status).to.equal(200);
    expect(await send({ name: 'Nobody', blocked: true })).to.include({ status: 404 });
  });

  it('keep their key, and have one', async () => {
    await started();
    expect(await block('Old_app', blockXml('short'))).to.contain('Consumer Key');
    expect(await block()).to.equal('');
    expect(await block('Old_app', blockXml('another-key'))).to.contain("can't be edited");
  });

  it('follow the variants', async () => {
    await started({
      'blocked-token-request': 'app_blocked',
      'blocked-login': 'not-recorded',
      'unblock-by-deletion': 'refused',
    });
    await block();
    expect(refusal(await ask())).to.deep.equal([400, 'app_blocked', 'this app is blocked by admin']);
    expect((await history()).records).to.deep.equal([]);
    expect(await unblock()).to.include({ success: false });
  });

  describe('and apps with the name or the key of a Connected App', () => {
    const app = (name: string, key?: string) => [
      {
        type: 'ExternalClientApplication',
        name,
        xml: `<contactEmail>it@example.com</contactEmail><distributionState>Local</distributionState><isProtected>false</isProtected><label>New</label>`,
      },
      {
        type: 'ExtlClntAppOauthSettings',
        name: `${name}_oauth`,
        xml: `<commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes><externalClientApplication>${name}</externalClientApplication><label>New</label>`,
      },
      {
        type: 'ExtlClntAppGlobalOauthSettings',
        name: `${name}_glbloauth`,
        xml: `<callbackUrl>${CALLBACK}</callbackUrl>${key === undefined ? '' : `<consumerKey>${key}</consumerKey>`}<externalClientApplication>${name}</externalClientApplication><label>New</label>`,
      },
    ];

    it('are refused, or taken', async () => {
      await started();
      expect(await practice.problems(app('Old'))).to.contain('already used by a connected app');
      expect(await practice.problems(app('New', client.client_id))).to.contain('already taken');
      await practice.close();
      await started({ 'same-name-as-connected-app': 'accepted', 'key-of-connected-app': 'accepted' });
      expect(await practice.problems(app('Old', client.client_id))).to.equal('');
    });

    for (const [answer, old, made] of [
      ['alone', false, true],
      ['refused', true, true],
      ['with-new-app', false, false],
    ] as const) {
      it(`let the Connected App be deleted: ${answer}`, async () => {
        await started({
          'same-name-as-connected-app': 'accepted',
          'key-of-connected-app': 'accepted',
          'delete-migrated-app': answer,
        });
        await practice.problems(app('Old', client.client_id));
        await practice.deploy([], { destroy: [{ type: 'ConnectedApp', name: 'Old' }] });
        const { org } = practice.server;
        expect(org.component('ConnectedApp', 'Old') !== undefined).to.equal(old);
        expect(org.component('ExternalClientApplication', 'Old') !== undefined).to.equal(made);
        expect(org.componentOfApp('ExtlClntAppGlobalOauthSettings', 'Old') !== undefined).to.equal(made);
      });
    }
  });
});
