import { expect } from 'chai';

import type { ConnectedApp, ConnectedAppElement } from '../../../src/app/connected/connectedApp.ts';
import { type InventoryEntry, judgeInventory } from '../../../src/app/connected/inventory.ts';
import type { InventoryFacts, ListedApp, LoginGroup, SourceName } from '../../../src/app/connected/inventoryFacts.ts';
import { flowOf } from '../../../src/app/connected/inventoryUse.ts';

const SOURCES: readonly SourceName[] = ['list', 'metadata', 'applications', 'menu', 'externalApps', 'tokens', 'logins'];

const text = (name: string, value: string): ConnectedAppElement => ({ name, text: value });

const local = (name: string, label: string, more: ConnectedAppElement[] = []): ListedApp => {
  const oauthConfig: ConnectedAppElement = {
    name: 'oauthConfig',
    children: [text('callbackUrl', 'https://a.example/cb'), text('scopes', 'Api')],
  };
  const app: ConnectedApp = {
    name,
    elements: [text('contactEmail', 'a@b.example'), text('label', label), oauthConfig, ...more],
  };
  return { id: `0H4${name}`, name, isInstalled: false, app };
};

const login = (application: string, subType?: string, more: Partial<LoginGroup> = {}): LoginGroup => ({
  application,
  loginType: 'Remote Access 2.0',
  ...(subType !== undefined && { subType }),
  userId: '005A',
  succeeded: true,
  count: 3,
  last: '2026-11-01T08:00:00.000Z',
  ...more,
});

const facts = (some: Partial<InventoryFacts>): InventoryFacts => ({
  days: 90,
  listed: [],
  applications: [],
  menu: [],
  externalApps: [],
  access: [],
  tokens: [],
  logins: [],
  addresses: [],
  usernames: new Map([['005A', 'ada@example.com']]),
  sources: SOURCES.map((source) => ({ source, seen: 'all', count: 1, reasons: [] })),
  ...some,
});

const judged = (some: Partial<InventoryFacts>): InventoryEntry[] => judgeInventory(facts(some)).apps;

const codes = (texts: InventoryEntry['notes']): string[] => texts.map(({ code }) => code);

describe('the inventory of Connected Apps', () => {
  it('finds the logins of an app by its label, whatever spelling the org has for OAuth', () => {
    for (const loginType of ['Remote Access 2.0', 'Oauth2', 'Remote Access Client', 'Oauth']) {
      const [app] = judged({
        listed: [local('Sync', 'Order Sync')],
        logins: [
          login('order sync', 'OauthUsernamePassword', { loginType }),
          login('Order Sync', undefined, { loginType, userId: '005B', last: '2026-11-02T08:00:00.000Z' }),
          login('Order Sync', 'OauthWebServer', { loginType, succeeded: false, count: 7 }),
        ],
      });
      expect(
        app?.flows.map(({ flow, logins }) => [flow, logins]),
        loginType,
      ).to.deep.equal([
        ['unnamed', 3],
        ['username-password', 3],
      ]);
      expect(app).to.deep.include({
        users: ['005B', 'ada@example.com'],
        failedLogins: 7,
        lastUse: '2026-11-02T08:00:00.000Z',
        owner: 'local',
        road: 'in-place',
      });
      expect(app?.changes.map(({ id }) => id)).to.include('old-flows');
      expect(codes(app?.obstacles ?? [])).to.include('inventory.obstacle.usernamePassword');
    }
  });

  it('knows every subtype of an old flow, and calls a value that it does not know another flow', () => {
    const subTypes = ['OauthUserAgent', 'OauthUserAgentIdToken', 'OauthHybridUserAgent', 'SoapApiLoginX', 'OauthNew'];
    expect(subTypes.map(flowOf)).to.deep.equal(['user-agent', 'user-agent', 'user-agent', 'soap', 'unnamed']);
  });

  it('does not take a login with a browser for one of an app', () => {
    const apps = judged({ logins: [login('Browser', 'UsernamePasswordUiLogin', { loginType: 'Application' })] });
    expect(apps).to.deep.equal([]);
  });

  it('gives the logins of a label to all who have it, and says so', () => {
    const apps = judged({
      listed: [local('A', 'Portal'), local('B', 'Portal')],
      externalApps: [{ name: 'Portal_ECA', label: 'Portal' }],
      logins: [login('Portal', 'OauthWebServer')],
    });
    expect(apps.map(({ name, flows, notes }) => [name, flows.length, notes[0]?.values[0]])).to.deep.equal([
      ['A', 1, 'B, Portal_ECA'],
      ['B', 1, 'A, Portal_ECA'],
    ]);
  });

  it('tells tokens of an app that is installed from those of another with its label', () => {
    const token = { label: 'Portal', userId: '005A', uses: 1 };
    const apps = judged({
      listed: [local('A', 'Portal')],
      menu: [
        { id: '0DSa', appId: '0H4A', label: 'Portal', isConnectedApp: true },
        { id: '0DSe', appId: '0xI', label: 'Portal', isConnectedApp: false },
      ],
      tokens: [{ ...token, menuItemId: '0DSa' }, { ...token, menuItemId: '0DSe' }, token, token],
    });
    expect(apps.map(({ name, owner, tokens }) => [name, owner, tokens.count])).to.deep.equal([
      [undefined, 'not-installed', 2],
      ['A', 'local', 1],
    ]);
  });

  it('takes no external client app for a Connected App', () => {
    const apps = judged({
      externalApps: [{ name: 'Sync_ECA', label: 'Sync' }],
      logins: [login('Sync', 'OauthWebServer')],
      tokens: [{ label: 'Sync', userId: '005A', uses: 1 }],
    });
    expect(apps).to.deep.equal([]);
  });

  it('names the road: the button, side by side, the vendor, none', () => {
    const listed: ListedApp[] = [
      local('A', 'A'),
      local('B', 'B', [text('plugin', 'Handler')]),
      local('C', 'C'),
      { name: 'ns__D', namespace: 'ns', isInstalled: true },
      { name: 'sf_com_apps__E', namespace: 'sf_com_apps', isInstalled: true },
    ];
    const apps = judged({
      listed,
      externalApps: [{ name: 'C', label: 'Something' }],
      logins: [login('Salesforce CLI', 'OauthRefreshToken'), login('Vendor Tool', 'OauthRefreshToken')],
    });
    expect(Object.fromEntries(apps.map(({ label, owner, road }) => [label, [owner, road]]))).to.deep.equal({
      A: ['local', 'in-place'],
      B: ['local', 'side-by-side'],
      C: ['local', 'none'],
      ns__D: ['installed', 'vendor'],
      sf_com_apps__E: ['salesforce', 'none'],
      'Salesforce CLI': ['salesforce', 'none'],
      'Vendor Tool': ['not-installed', 'vendor'],
    });
    expect(codes(apps.find(({ label }) => label === 'Vendor Tool')?.notes ?? [])).to.include(
      'inventory.note.onlyLogins',
    );
  });

  it('says how it knows that an app is of Salesforce: by its package, or by a label that anybody can use', () => {
    const apps = judged({
      listed: [{ name: 'sf_com_apps__E', namespace: 'sf_com_apps', isInstalled: true }, local('Own', 'Salesforce CLI')],
      logins: [login('dataLoader Bulk', 'OauthRefreshToken')],
    });
    const [byLabel, own, byPackage] = apps;
    expect(byLabel?.label).to.equal('dataLoader Bulk');
    expect(codes(byLabel?.notes ?? [])).to.include('inventory.note.salesforceLabel');
    expect([own?.owner, codes(own?.notes ?? []).join()]).to.deep.equal(['local', 'inventory.note.notSeen']);
    expect(byPackage?.notes[0]).to.deep.equal({ code: 'inventory.note.salesforcePackage', values: ['sf_com_apps'] });
  });

  it('takes a flow that the org blocks for a thing of the past, and else for an obstacle', () => {
    const names = { permissionSets: [], profiles: [] };
    const flowsOf = (flowSwitches?: { passwordFlowBlocked: boolean; userAgentFlowBlocked: boolean }): string[] => {
      const [app] = judged({
        listed: [local('A', 'A')],
        logins: [login('A', 'OauthUsernamePassword'), login('A', 'OauthHybridUserAgent')],
        names: { ...names, ...(flowSwitches && { flowSwitches }) },
      });
      return codes([...(app?.obstacles ?? []), ...(app?.notes ?? [])]).map((code) => code.replace('inventory.', ''));
    };
    const open = ['obstacle.usernamePassword', 'obstacle.userAgent'];
    expect(flowsOf()).to.deep.equal(open);
    expect(flowsOf({ passwordFlowBlocked: false, userAgentFlowBlocked: false })).to.deep.equal(open);
    expect(flowsOf({ passwordFlowBlocked: true, userAgentFlowBlocked: false })).to.deep.equal([
      'obstacle.userAgent',
      'note.passwordBlocked',
    ]);
    expect(flowsOf({ passwordFlowBlocked: true, userAgentFlowBlocked: true })).to.deep.equal([
      'note.passwordBlocked',
      'note.userAgentBlocked',
    ]);
  });

  it('never says of an app without a trace that nobody uses it', () => {
    const [whole] = judged({ listed: [local('A', 'A')] });
    expect(codes(whole?.notes ?? [])).to.deep.equal(['inventory.note.notSeen']);
    const sources = facts({}).sources.map((one) => ({
      ...one,
      ...(one.source === 'logins' && { seen: 'part' as const }),
    }));
    const [part] = judged({ listed: [local('A', 'A')], sources });
    expect(codes(part?.notes ?? [])).to.deep.equal(['inventory.note.cannotTell']);
  });

  it('says unknown where the list or the external client apps were not seen', () => {
    for (const source of ['list', 'externalApps'] as const) {
      const sources = facts({}).sources.map((one) => ({
        ...one,
        ...(one.source === source && { seen: 'none' as const }),
      }));
      const [app] = judged({ logins: [login('Tool', 'OauthWebServer')], sources });
      expect([app?.owner, app?.road], source).to.deep.equal(['unknown', 'unknown']);
    }
  });
});
