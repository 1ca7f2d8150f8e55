import { TestContext } from '@salesforce/core/testSetup';
import { stubSfCommandUx, stubSpinner } from '@salesforce/sf-plugins-core';
import { expect } from 'chai';

import EcaMigrateList from '../../../../src/commands/eca/migrate/list.ts';
import { type LoggedIn, logInToPractice } from '../../practice.ts';
import { fill, type LargeOrg, manyApps } from './inventoryOfTest.ts';

const FLOWS = {
  'web-server': 'web-server',
  refresh: 'refresh',
  'client-credentials': 'client-credentials',
  'username-password': 'username-password',
  'jwt-bearer': 'unnamed',
} as const;

describe('migrate list in an org with 60 apps, 3,000 tokens and 100,000 logins', () => {
  const $$ = new TestContext();
  let org: LoggedIn;
  let large: LargeOrg;

  beforeEach(async function () {
    this.timeout(120_000);
    stubSfCommandUx($$.SANDBOX);
    stubSpinner($$.SANDBOX);
    const days = 80;
    const clock = new Date(Date.now() - days * 86_400_000);
    org = await logInToPractice($$, { clock, connectedApps: manyApps(60) });
    large = fill(org.org, { apps: 60, users: 40, logins: 100_000, tokens: 3000, days: days - 1 });
    // The login is as new as the org's time is now.
    for (const session of org.org.sessions.values()) session.expiresAt = new Date(org.org.now().getTime() + 3_600_000);
  });

  afterEach(() => org.close());

  it('finds what was put in, and says so', async function () {
    this.timeout(120_000);
    const { apps, sources } = await EcaMigrateList.run(['--target-org', org.username]);
    expect(sources.filter(({ seen }) => seen !== 'all')).to.deep.equal([]);
    expect(apps).to.have.lengthOf(60);
    for (const app of apps) {
      const put = large.putIn.get(app.label);
      const seen = {
        logins: app.flows.reduce((sum, { logins }) => sum + logins, 0),
        failed: app.failedLogins,
        users: app.users,
        addresses: app.addresses,
        flows: app.flows.map(({ flow }) => flow).sort(),
        tokens: app.tokens.count,
      };
      expect(seen, app.label).to.deep.equal({
        logins: put?.logins ?? 0,
        failed: put?.failed ?? 0,
        users: [...(put?.users ?? [])].sort(),
        addresses: [...(put?.addresses ?? [])].sort(),
        flows: [...(put?.ways ?? [])].map((way) => FLOWS[way as keyof typeof FLOWS]).sort(),
        tokens: put?.tokens ?? 0,
      });
    }
    expect(apps.filter(({ owner }) => owner === 'local')).to.have.lengthOf(54);
    expect(apps.filter(({ owner }) => owner === 'installed').map(({ name }) => name)).to.have.lengthOf(3);
    expect(apps.filter(({ owner }) => owner === 'not-installed')).to.have.lengthOf(3);
    const [unseen] = apps.filter(({ label }) => !large.putIn.has(label));
    expect(unseen?.notes[0]).to.contain('does not prove');
    expect(process.exitCode).to.equal(undefined);
  });
});
