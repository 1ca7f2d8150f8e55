import { expect } from 'chai';

import { pressButton } from '../../src/practice/migrateButton.ts';
import { grantsOf } from '../../src/practice/oauth/grants.ts';
import { appByKey } from '../../src/practice/oauth/oauthApp.ts';
import type { PracticeServerOptions } from '../../src/practice/practice.ts';
import { connectedAppXml } from '../commands/eca/migrate/inventoryOfTest.ts';
import { openPractice, type Practice } from './client.ts';
import { Browser, token } from './oauth/wire.ts';

const PAGE = '/lightning/setup/NavigationMenus/home';
const CALLBACK = 'https://p.example.com/cb';

describe("Salesforce's button in a practice org", () => {
  let practice: Practice;
  let browser: Browser;

  const started = async (xml: string, options: PracticeServerOptions = {}, name = 'Old'): Promise<void> => {
    practice = await openPractice({ connectedApps: [{ name, xml }], ...options });
    browser = new Browser(practice.server.url);
  };
  const admin = (): string => String(practice.server.org.seeded.admin.Username);
  const press = async (fields: Record<string, string> = { local: 'on', flow: 'on' }) =>
    browser.submit(await browser.logIn(`${PAGE}?app=Old`, admin()), { ...fields, migrate: 'Migrate' });
  const oldApp = () => practice.server.org.component('ConnectedApp', 'Old')!;
  const client = () => practice.server.org.consumers.get(oldApp().id)!.primary;

  afterEach(() => practice.close());

  it('makes an app with the name, key, secret and policies of the old one, whose clients go on', async () => {
    const config =
      '<isAdminApproved>true</isAdminApproved><isClientCredentialEnabled>true</isClientCredentialEnabled><oauthClientCredentialUser>bot@old.example</oauthClientCredentialUser>';
    const policy =
      '<oauthPolicy><ipRelaxation>BYPASS</ipRelaxation><refreshTokenPolicy>specific_lifetime:3:DAYS</refreshTokenPolicy></oauthPolicy>';
    await started(connectedAppXml('Old app', config, `${policy}<permissionSetName>Old users</permissionSetName>`));
    const { org } = practice.server;
    const { Id: _id, ...fields } = org.seeded.integrationUser;
    const { Id: user } = org.insert('User', { ...fields, Username: 'bot@old.example' });
    org.insert('PermissionSetAssignment', {
      AssigneeId: user,
      PermissionSetId: org.records('PermissionSet').find(({ Label }) => Label === 'Old users')!.Id,
    });
    const ask = () =>
      token(practice.server, {
        grant_type: 'client_credentials',
        client_id: client().key,
        client_secret: client().secret,
      });
    expect((await ask()).status).to.equal(200);
    const before = grantsOf(org).newRefreshGrant(appByKey(org, client().key)!, user, ['api', 'refresh_token']);
    expect((await press()).page.text).to.include('Old is an external client app now');
    const made = org.component('ExternalClientApplication', 'Old')!;
    expect(org.consumers.get(made.id)!.primary).to.include({ key: client().key, secret: client().secret });
    expect(org.componentOfApp('ExtlClntAppOauthConfigurablePolicies', 'Old')?.body).to.include({
      permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
      commaSeparatedPermissionSet: 'Old_users',
      ipRelaxationPolicyType: 'Bypass',
      refreshTokenPolicyType: 'SpecificLifetime',
      refreshTokenValidityPeriod: 3,
      refreshTokenValidityUnit: 'Days',
    });
    expect((await ask()).status).to.equal(200);
    expect(appByKey(org, client().key)).to.include({ id: made.id });
    expect(grantsOf(org).refreshGrantsOf(made.id)).to.deep.equal([before]);
    // The way back: the new app is deleted, and the old one works as before.
    expect(await practice.deploy([], { destroy: [{ type: 'ExternalClientApplication', name: 'Old' }] })).to.include({
      success: true,
    });
    expect((await ask()).status).to.equal(200);
    expect(appByKey(org, client().key)).to.include({ id: oldApp().id });
  });

  it('leaves the old app to be read only', async () => {
    await started(connectedAppXml('Old app'));
    const xml = '<contactEmail>it@example.com</contactEmail><label>Renamed</label>';
    await press();
    expect(await practice.problems([{ type: 'ConnectedApp', name: 'Old', xml }])).to.include('You can only read it');
  });

  it('gives the policies of a new app, as a variant', async () => {
    await started(connectedAppXml('Old app', '<isAdminApproved>true</isAdminApproved>'), {
      variants: { 'button-policies': 'defaults' },
    });
    await press();
    const policies = practice.server.org.componentOfApp('ExtlClntAppOauthConfigurablePolicies', 'Old');
    expect(policies?.body.permittedUsersPolicyType).to.equal('AllSelfAuthorized');
  });

  it('wants a login, both statements, and a user who may make external client apps', async () => {
    await started(connectedAppXml('Old app'));
    const { org, url } = practice.server;
    const form = new URLSearchParams({ app: 'Old', local: 'on', flow: 'on' });
    await fetch(`${url}${PAGE}`, { method: 'POST', body: form, redirect: 'manual' });
    expect((await press({ local: 'on' })).page).to.include({ status: 400 });
    const other = new Browser(url);
    const page = await other.logIn(PAGE, String(org.seeded.standardUser.Username));
    expect(page.page.text).to.include('Old: no button');
    expect(org.component('ExternalClientApplication', 'Old')).to.equal(undefined);
  });

  it('is there once, and not for what Salesforce does not migrate', async () => {
    await started(connectedAppXml('Old app'));
    const { org } = practice.server;
    expect(pressButton(org, 'Old', org.seeded.admin.Id)).to.equal(true);
    expect(pressButton(org, 'Old', org.seeded.admin.Id)).to.equal(false);
    const { page } = await browser.logIn(`${PAGE}?app=Old`, admin());
    expect(page.text).to.include('Old: no button');
    await practice.close();
    for (const [name, xml] of [
      [
        'Canvas',
        connectedAppXml(
          'x',
          '',
          '<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://c.example.com</canvasUrl></canvasConfig>',
        ),
      ],
      ['Handler', connectedAppXml('x', '', '<plugin>Handler</plugin>')],
      ['ns__Vendor', connectedAppXml('x')],
    ] as const) {
      await started(xml, {}, name);
      expect(pressButton(practice.server.org, name, practice.server.org.seeded.admin.Id), name).to.equal(false);
      if (name !== 'ns__Vendor') await practice.close();
    }
  });

  it('stops both apps when the key is blocked', async () => {
    await started(connectedAppXml('Old app', '<isClientCredentialEnabled>true</isClientCredentialEnabled>'));
    await press();
    const { key, secret } = client();
    const xml = `<blockedByApiWhitelisting>false</blockedByApiWhitelisting><consumerKey>${key}</consumerKey><consumerName>Old</consumerName><masterLabel>Old</masterLabel>`;
    expect(await practice.problems([{ type: 'BlacklistedConsumer', name: 'Old', xml }])).to.equal('');
    const asked = { grant_type: 'client_credentials', client_id: key, client_secret: secret };
    expect((await token(practice.server, asked)).json.error).to.equal('OAUTH_APP_BLOCKED');
    const query = new URLSearchParams({ response_type: 'code', client_id: key, redirect_uri: CALLBACK });
    const { elsewhere } = await browser.open(`/services/oauth2/authorize?${query}`);
    expect(elsewhere?.searchParams.get('error')).to.equal('OAUTH_APP_BLOCKED');
  });
});
