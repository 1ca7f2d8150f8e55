import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { SignJWT } from 'jose';

import { addConnectedApp } from '../../src/practice/connectedApps.ts';
import { setPassword } from '../../src/practice/logins.ts';
import type { Component } from '../../src/practice/org.ts';
import { BadConnectedApp, readConnectedAppFile } from '../../src/practice/practice.ts';
import { selfSigned } from '../client/selfSigned.ts';
import { openPractice, type Practice } from './client.ts';
import { Browser, post, refusal, token } from './oauth/wire.ts';

const CALLBACK = 'https://portal.example.com/cb';

/** The metadata of a Connected App with OAuth. */
const xmlOf = (oauthConfig = '', more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?><ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
  <oauthConfig><callbackUrl>${CALLBACK}</callbackUrl><scopes>Api</scopes><scopes>RefreshToken</scopes>${oauthConfig}</oauthConfig>
  <label>Old Portal</label>${more}<contactEmail>it@example.com</contactEmail></ConnectedApp>`;

type Row = Record<string, unknown>;

describe('the Connected Apps of a practice org', () => {
  let practice: Practice;

  const started = async (
    options: Parameters<typeof openPractice>[0] = { connectedApps: [{ name: 'Old_Portal', xml: xmlOf() }] },
  ): Promise<Component> => {
    practice = await openPractice(options, '68.0');
    return practice.server.org.components('ConnectedApp')[0]!;
  };

  afterEach(() => practice.close());

  const rows = async (soql: string): Promise<Row[]> => (await practice.connection.query<Row>(soql)).records;

  const listed = async (): Promise<string[]> => {
    const list = await practice.connection.metadata.list({ type: 'ConnectedApp' });
    return list.map(({ fullName }) => fullName);
  };

  const clientOf = ({ id }: Component): { client_id: string; client_secret: string } => {
    const { primary } = practice.server.org.consumers.get(id)!;
    return { client_id: primary.key, client_secret: primary.secret };
  };

  /** The code of the web server flow, as a client's user gets it; or the refusal. */
  const codeFor = async (client_id: string, username: unknown): Promise<string> => {
    const browser = new Browser(practice.server.url);
    const query = new URLSearchParams({ response_type: 'code', client_id, redirect_uri: CALLBACK });
    const shown = await browser.logIn(`/services/oauth2/authorize?${query}`, String(username));
    if (shown.page.text.includes('error=')) return shown.page.text;
    const { elsewhere } = shown.elsewhere ? shown : await browser.submit(shown, { save: 'Allow' });
    return elsewhere?.searchParams.get('code') ?? String(elsewhere);
  };

  it('are listed, read, edited and deleted, and none can be made', async () => {
    const [key, secret] = [`3MVG9${'a'.repeat(80)}`, 'f'.repeat(64)];
    const xml = xmlOf(`<consumerKey>${key}</consumerKey><consumerSecret>${secret}</consumerSecret>`);
    const app = await started({ connectedApps: [{ name: 'Old_Portal', xml }] });
    expect(clientOf(app)).to.deep.equal({ client_id: key, client_secret: secret });
    expect(await listed()).to.deep.equal(['Old_Portal']);
    const { metadata } = practice.connection;
    const [read] = [await metadata.read('ConnectedApp' as never, ['Old_Portal'])].flat() as unknown as [Row];
    expect(read.oauthConfig).to.include({ consumerKey: key, isPkceRequired: 'false' });
    expect(JSON.stringify(read)).to.not.contain(secret);

    const config = `<oauthConfig><callbackUrl>${CALLBACK}</callbackUrl><consumerKey>${key}</consumerKey><isPkceRequired>true</isPkceRequired><scopes>Api</scopes></oauthConfig>`;
    const edited = `<contactEmail>it@example.com</contactEmail><label>Old Portal</label>${config}`;
    expect(await practice.problems([{ type: 'ConnectedApp', name: 'Old_Portal', xml: edited }])).to.equal('');
    expect(practice.server.org.connectedAppById(app.id)?.body.oauthConfig).to.include({ isPkceRequired: true });
    const other = edited.replace(key, `${key}b`);
    expect(await practice.problems([{ type: 'ConnectedApp', name: 'Old_Portal', xml: other }])).to.contain(
      'You cannot provide a Consumer Key',
    );
    expect(await practice.problems([{ type: 'ConnectedApp', name: 'New_Portal', xml: edited }])).to.contain(
      "You can't create a connected app.",
    );

    await practice.deploy([], { destroy: [{ type: 'ConnectedApp', name: 'Old_Portal' }] });
    expect(await listed()).to.deep.equal([]);
    expect(practice.server.org.consumers.size).to.equal(0);
  });

  it('are in ConnectedApplication, in AppMenuItem and, with whom they name, in SetupEntityAccess', async () => {
    const more = '<permissionSetName>Portal users</permissionSetName><profileName>Standard User</profileName>';
    const { id } = await started({ connectedApps: [{ name: 'Old_Portal', xml: xmlOf('', more) }] });
    expect(await rows('SELECT Id, Name FROM ConnectedApplication')).to.have.nested.property('[0].Name', 'Old Portal');
    const [item] = await rows("SELECT ApplicationId, Name FROM AppMenuItem WHERE Type = 'ConnectedApplication'");
    expect(item).to.include({ ApplicationId: id, Name: 'Old_Portal' });
    const access = await rows(
      `SELECT Parent.Label, Parent.Profile.Name FROM SetupEntityAccess WHERE SetupEntityType = 'ConnectedApplication' AND SetupEntityId = '${id}'`,
    );
    const names = access.map(({ Parent }) => Parent as { Label: string; Profile?: { Name: string } | null });
    expect(names.map((one) => one.Profile?.Name ?? one.Label).sort()).to.deep.equal(['Portal users', 'Standard User']);
  });

  it('give tokens by the web server flow and by refresh, also while the org lists the token', async () => {
    const app = await started();
    const client = clientOf(app);
    const code = await codeFor(client.client_id, practice.server.org.seeded.admin.Username);
    const tokens = await token(practice.server, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      ...client,
    });
    expect(tokens.json).to.include({ scope: 'api refresh_token' });
    const refresh_token = String(tokens.json.refresh_token);
    const refreshed = await token(practice.server, { grant_type: 'refresh_token', refresh_token, ...client });
    expect(refreshed.status).to.equal(200);
    const [kept] = await rows('SELECT AppName, AppMenuItemId, UseCount FROM OauthToken');
    expect(kept).to.include({ AppName: 'Old Portal', UseCount: 2 }).and.to.have.property('AppMenuItemId').that.is.not
      .null;
    const history = await rows('SELECT Application, LoginSubType FROM LoginHistory ORDER BY LoginTime, Id');
    expect(history.map(({ Application, LoginSubType }) => [Application, LoginSubType]).slice(-2)).to.deep.equal([
      ['Old Portal', 'OauthWebServer'],
      ['Old Portal', 'OauthRefreshToken'],
    ]);
    // With the app, its tokens end.
    await practice.deploy([], { destroy: [{ type: 'ConnectedApp', name: 'Old_Portal' }] });
    const after = await token(practice.server, { grant_type: 'refresh_token', refresh_token, ...client });
    expect(after.json.error).to.equal('invalid_client_id');
  });

  it('give tokens by client credentials and by JWT, with the certificate as an org returns it', async () => {
    const { certificate, key } = selfSigned();
    const user = (): string => String(practice.server.org.seeded.integrationUser.Username);
    await started({});
    const { org } = practice.server;
    const pem = Buffer.from(`Bag Attributes\n    localKeyID: 01\n${certificate}`).toString('base64');
    const config = `<certificate>${pem}</certificate><isAdminApproved>true</isAdminApproved><isClientCredentialEnabled>true</isClientCredentialEnabled><oauthClientCredentialUser>${user()}</oauthClientCredentialUser>`;
    const profile = '<profileName>Minimum Access - API Only Integrations</profileName>';
    const app = addConnectedApp(org, { name: 'Batch', xml: xmlOf(config, profile) });
    const client = clientOf(app);
    expect((await token(practice.server, { grant_type: 'client_credentials', ...client })).json).to.include({
      scope: 'api',
    });
    const assertion = await new SignJWT({
      iss: client.client_id,
      sub: user(),
      aud: practice.server.url,
      exp: Math.floor(org.now().getTime() / 1000) + 60,
    })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(key);
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    expect((await token(practice.server, { grant_type, assertion })).status).to.equal(200);
  });

  it('take a password where the org does not block it, and until 20 February 2027', async () => {
    const clock = new Date('2027-02-19T23:59:00Z');
    const app = await started({ clock, connectedApps: [{ name: 'Old_Portal', xml: xmlOf() }] });
    const { org } = practice.server;
    const password = 'correct horse 1';
    setPassword(org, org.seeded.standardUser.Id, password);
    const ask = () =>
      token(practice.server, {
        grant_type: 'password',
        username: String(org.seeded.standardUser.Username),
        password,
        ...clientOf(app),
      });
    const refused = [400, 'invalid_grant', 'authentication failure'];
    expect(refusal(await ask()), 'blocked').to.deep.equal(refused);
    org.settings.OauthOidcSettings!.blockOAuthUnPwFlow = false;
    const { json } = await ask();
    expect(json).to.include({ scope: 'api' }).and.not.have.property('refresh_token');
    org.advance(60_000);
    expect(refusal(await ask()), 'after its end').to.deep.equal(refused);
    const history = await rows('SELECT Status FROM LoginHistory ORDER BY LoginTime, Id');
    expect(history.map(({ Status }) => Status)).to.deep.equal([
      'Username-Password Flow Disabled',
      'Success',
      'Username-Password Flow Disabled',
    ]);
  });

  for (const [answer, text] of [
    ['not-found', 'cannot be found'],
    ['load-failed', 'Load of metadata from db failed'],
  ] as const)
    it(`of a vendor are listed and not returned: ${answer}`, async () => {
      await started({
        variants: { 'vendor-connected-app': answer },
        connectedApps: [
          { name: 'ns__Portal', xml: xmlOf() },
          { name: 'Vendor_CLI', xml: xmlOf(), isOfVendor: true },
        ],
      });
      expect((await listed()).sort()).to.deep.equal(['Vendor_CLI', 'ns__Portal']);
      const types = [{ name: 'ConnectedApp', members: ['Vendor_CLI', 'ns__Portal'] }];
      const request = { apiVersion: '68.0', singlePackage: true, unpackaged: { types, version: '68.0' } };
      const result = await practice.connection.metadata.retrieve(request as never).complete();
      const problems = [result.messages].flat() as unknown as Array<{ problem: string }>;
      expect(problems.map(({ problem }) => problem.includes(text))).to.deep.equal([true, true]);
      const gone = await practice.deploy([], { destroy: [{ type: 'ConnectedApp', name: 'ns__Portal' }] });
      expect(gone.failures[0]?.problem).to.contain('Cannot delete managed object');
    });

  it('of a vendor that are not installed are known by their tokens alone', async () => {
    const app = await started({ connectedApps: [{ name: 'ns__Portal', xml: xmlOf(), isInstalled: false }] });
    const client = clientOf(app);
    const { admin, standardUser } = practice.server.org.seeded;
    expect(await codeFor(client.client_id, standardUser.Username)).to.contain('OAUTH_APPROVAL_ERROR_GENERIC');
    const code = await codeFor(client.client_id, admin.Username);
    await token(practice.server, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...client });
    expect(await listed()).to.deep.equal([]);
    expect(await rows('SELECT Id FROM ConnectedApplication')).to.deep.equal([]);
    const itemOf = async (): Promise<unknown> => (await rows('SELECT AppMenuItemId FROM OauthToken'))[0]?.AppMenuItemId;
    expect(await itemOf()).to.equal(null);

    const page = `${practice.server.url}/__practice/connected-apps`;
    const send = (body: object): Promise<Response> =>
      fetch(page, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    expect((await send({ name: 'ns__Portal', installed: true })).status).to.equal(200);
    expect(await listed()).to.deep.equal(['ns__Portal']);
    expect((await send({ name: 'ns__Other', installed: true })).status).to.equal(404);
    expect((await send({ name: 'ns__Portal', installed: 'yes' })).status).to.equal(400);
    expect((await post(page, { name: 'ns__Portal' })).status).to.equal(415);
  });

  it('come from files of any API version, and every other file is refused with the reason', async () => {
    practice = await openPractice();
    const folder = await mkdtemp(join(tmpdir(), 'connected-'));
    const read = async (name: string, xml: string): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, xml);
      return readConnectedAppFile(path).then(
        (file) => file.name,
        (error: unknown) => (error instanceof BadConnectedApp ? error.message : String(error)),
      );
    };
    try {
      const old = xmlOf('', '<pluginExecutionUser>a@b.example</pluginExecutionUser>');
      expect(await read('Old_Portal.connectedApp-meta.xml', old)).to.equal('Old_Portal');
      expect(await read('ns__Portal.connectedApp', xmlOf())).to.equal('ns__Portal');
      expect(await read('app.xml', xmlOf('', '<fullName>By_Name</fullName>'))).to.equal('By_Name');
      expect(await read('a b.connectedApp', xmlOf())).to.contain('is not the name');
      expect(await read('A.connectedApp', '<Profile/>')).to.contain('It is a Profile');
      expect(await read('A.connectedApp', '<ConnectedApp>')).to.contain('line 1');
      expect(await read('A.connectedApp', '<!DOCTYPE a><ConnectedApp/>')).to.contain('DOCTYPE');
      expect(await read('A.connectedApp', xmlOf('', '<other/>'))).to.contain('other invalid at this location');
      expect(await read('A.connectedApp', 'x'.repeat(1_000_001))).to.contain('1 MB');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
