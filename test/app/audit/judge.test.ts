import { expect } from 'chai';

import type { App } from '../../../src/app/app.ts';
import { tell } from '../../../src/app/audit/auditText.ts';
import type { AuditedApp, AuditFacts, Knowledge } from '../../../src/app/audit/facts.ts';
import { judgeAll, type Judged } from '../../../src/app/audit/judge.ts';
import type { Profile } from '../../../src/app/audit/rule.ts';
import { ruleNamed, RULES } from '../../../src/app/audit/rules.ts';
import { ByName } from '../../../src/app/name.ts';

const NOW = new Date('2026-11-27T12:00:00Z');

/** An app whose every rule applies. */
const APP: App = {
  name: 'Order_Sync',
  label: 'Order Sync',
  contactEmail: 'it@acme.io',
  oauth: {
    callbackUrls: ['https://app.acme.io/cb'],
    flows: ['web-server', 'client-credentials'],
    runAs: 'sync@acme.io',
    secretRequired: true,
    pkceRequired: false,
  },
  scopes: ['api', 'refresh_token'],
  policies: { permittedUsers: 'admin-approved', refreshToken: 'infinite' },
};

const audited = (app: App, others: Partial<AuditedApp> = {}): AuditedApp => ({
  id: '0xI000000000001AAA',
  app,
  installed: false,
  oauthOn: true,
  clientCredentials: { global: true, policy: true },
  certificate: { there: 'no' },
  lastModified: new Date('2026-01-01T00:00:00Z'),
  grants: [],
  unread: {},
  ...others,
});

const facts = (others: Partial<AuditFacts> = {}): AuditFacts => ({
  org: { id: '00D000000000001AAA', username: 'me@acme.io', url: 'https://acme.my.salesforce.com', production: true },
  now: NOW,
  unusedDays: 90,
  apps: [audited(APP)],
  settings: {},
  users: new ByName(),
  contacts: new Set(),
  holders: { useAnyApiClient: [], approveUninstalled: [] },
  tokens: [],
  logins: [],
  connectedApps: [
    { id: '0H4000000000001AAA', name: 'Old', allowAdminApprovedUsersOnly: false, local: true, unread: {} },
  ],
  unread: {},
  notAsked: new Set(),
  ...others,
});

const judge = (id: string, given: AuditFacts, profile: Profile = 'standard'): Judged => {
  const rule = ruleNamed(id);
  if (!rule) throw new Error(`There is no rule ${id}.`);
  const [result] = judgeAll(given, [rule], profile);
  if (!result) throw new Error(`The rule ${id} gave no result.`);
  return result;
};

describe('the judgement of an audit', () => {
  for (const { id, needs, about } of RULES)
    for (const what of needs)
      it(`never passes ${id} without having read ${what}`, () => {
        const unread = { [what]: tell('unread.said', 'No.') } as Partial<Record<Knowledge, ReturnType<typeof tell>>>;
        const given = about === 'app' ? facts({ apps: [audited(APP, { unread })] }) : facts({ unread });
        expect(judge(id, given)).to.include({ status: 'notChecked', what });
        expect(judge(id, facts({ unread }))).to.include({ status: 'notChecked', what });
      });

  it('checks nothing about apps that it could not read', () => {
    const unread = { apps: tell('unread.said', 'No.') };
    expect(judge('ECA102', facts({ apps: [], unread })).status).to.equal('notChecked');
  });

  it('does not apply what nobody asked for', () => {
    const result = judge('ECA603', facts({ notAsked: new Set<Knowledge>(['tokens']) }));
    expect(result).to.deep.include({ status: 'notApplicable', text: tell('notAsked', 'tokens') });
  });

  describe('of severity', () => {
    const scoreOf = (app: Partial<App>, id = 'ECA102', profile?: Profile): number =>
      judge(id, facts({ apps: [audited({ ...APP, ...app })] }), profile).score;

    it('is higher with the scope full, and lower where a token only says who its user is', () => {
      expect(scoreOf({ scopes: ['full'] })).to.be.greaterThan(scoreOf({}));
      expect(scoreOf({ scopes: ['openid', 'email'] })).to.be.lessThan(scoreOf({}));
    });

    it('is critical for a client without secret and PKCE, and less for identity scopes alone', () => {
      const oauth = { ...APP.oauth, secretRequired: false };
      const severity = (scopes: string[]) =>
        judge('ECA101', facts({ apps: [audited({ ...APP, oauth, scopes })] })).severity;
      expect([severity(['full']), severity(['api']), severity(['openid'])]).to.deep.equal([
        'critical',
        'critical',
        'high',
      ]);
    });

    it('is low for an app that is disabled', () => {
      expect(scoreOf({ enabled: false, scopes: ['full'] })).to.be.at.most(3.9);
    });

    it('is high for the four controls with the profile partner', () => {
      for (const id of ['ECA102', 'ECA108', 'ECA111', 'ECA112']) {
        expect(scoreOf({}, id, 'partner'), id).to.be.at.least(7);
        expect(scoreOf({}, id), id).to.be.below(7);
      }
    });

    it('takes advice for a finding with the profile strict', () => {
      expect(judge('ORG806', facts())).to.include({ status: 'fail', severity: 'info' });
      expect(judge('ORG806', facts(), 'strict')).to.include({ status: 'fail', severity: 'low' });
    });
  });

  it('keeps its fingerprints when a label changes, and when an id has 18 characters', () => {
    const one = judge('ECA102', facts());
    const other = judge('ECA102', facts({ apps: [audited({ ...APP, label: 'New' }, { id: '0xI000000000001' })] }));
    expect(one.fingerprint).to.equal('ECA102/00D000000000001/0xI000000000001');
    expect(other.fingerprint).to.equal(one.fingerprint);
  });

  it('finds a wildcard, and does not take a custom scheme or this machine for clear text', () => {
    const status = (url: string) =>
      judge('ECA103', facts({ apps: [audited({ ...APP, oauth: { ...APP.oauth, callbackUrls: [url] } })] })).status;
    expect(['https://*.acme.io/cb', 'http://acme.io/cb'].map(status)).to.deep.equal(['fail', 'fail']);
    expect(['acme:/cb', 'http://localhost:1717/cb', 'https://acme.io/cb', 'no url'].map(status)).to.deep.equal(
      Array(4).fill('pass'),
    );
  });

  it('knows a URL for trials: tools, tunnels, examples and names that no public host has', () => {
    const found = (url: string): string => {
      const oauth = { ...APP.oauth, callbackUrls: ['https://app.acme.io/cb', url] };
      return judge('ECA104', facts({ apps: [audited({ ...APP, oauth })] })).status;
    };
    for (const url of [
      ...['https://oauth.pstmn.io/v1/browser-callback', 'https://openidconnect.herokuapp.com/callback'],
      ...['https://a1b2.ngrok-free.app/cb', 'https://blue-cat.trycloudflare.com/cb', 'https://callback'],
      ...['https://developers.google.com/oauthplayground', 'https://shop.example.org/cb', 'https://localhost:8443/cb'],
    ])
      expect(found(url), url).to.equal('fail');
    for (const url of [
      ...['https://developers.google.com/identity/cb', 'https://ngrok.acme.io/cb', 'https://myngrok.app/cb'],
      ...['com.acme.app:/cb', 'acme://cb', 'https://example.acme.io/cb', 'https://[2001:db8::1]/cb'],
    ])
      expect(found(url), url).to.equal('pass');
  });

  it('leaves an app alone that has no browser login', () => {
    const oauth = { ...APP.oauth, callbackUrls: ['https://login.salesforce.com/services/oauth2/success'] };
    expect(judge('ECA102', facts({ apps: [audited({ ...APP, oauth })] })).status).to.equal('notApplicable');
  });

  it('judges a thousand apps with ten thousand tokens each time only once', () => {
    const apps = Array.from({ length: 1000 }, (_, index) =>
      audited(
        { ...APP, name: `App_${index}`, label: `App ${index}` },
        { id: `0xI${String(index).padStart(12, '0')}AAA` },
      ),
    );
    const tokens = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ appName: `App ${index % 1000}`, installed: true, username: `u${index}@acme.io`, userActive: true },
      ...{ lastUsed: NOW, created: NOW },
    }));
    const start = performance.now();
    const results = judgeAll(facts({ apps, tokens }), RULES, 'standard');
    expect(results.length).to.be.greaterThan(30_000);
    expect(performance.now() - start).to.be.below(20_000);
  });
});
