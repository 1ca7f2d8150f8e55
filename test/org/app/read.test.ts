import type { Connection } from '@salesforce/core';
import { expect } from 'chai';
import type { Wish } from '../../../src/app/app.ts';
import type { Names } from '../../../src/org/app/components.ts';
import { readApps } from '../../../src/org/app/read.ts';
import { writeApp } from '../../../src/org/app/write.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';

const name = 'Order_Sync';
const wish: Wish = {
  name,
  label: 'Order Sync',
  contactEmail: 'it@example.com',
  oauth: { callbackUrls: ['https://orders.example.com/cb'] },
  scopes: ['api'],
};

describe('reading apps whose components have likely names', () => {
  let practice: PracticeServer;
  let connection: Connection;
  let names: Names;

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await connectTo(practice);
    await writeApp(connection, undefined, wish, { dryRun: false, wait: 1 });
    const components = (await readApps(connection, [name])).get(name)?.components ?? {};
    names = Object.fromEntries(Object.entries(components).map(([part, { fullName }]) => [part, [fullName]]));
    // These cannot be queried, so they are found among all of the org's.
    Object.assign(names, { globalOauthSettings: ['*'], oauthSecuritySettings: ['*'], samlPolicies: ['*'] });
    practice.requests.clear();
  });

  afterEach(() => practice.close());

  const retrieves = (): number => practice.requests.entries().filter(({ summary }) => summary === 'retrieve').length;

  it('retrieves once when the queries name them and no others', async () => {
    const apps = await readApps(connection, [name], { ...names, policies: [...(names.policies ?? []), 'Another'] });
    expect(apps.get(name)?.app).to.deep.include({ label: 'Order Sync', scopes: ['api'] });
    expect(retrieves()).to.equal(1);
  });

  for (const part of ['application', 'oauthSettings', 'globalOauthSettings', 'oauthPolicies', 'policies'] as const) {
    it(`retrieves what the queries name where the ${part} is called otherwise`, async () => {
      const apps = await readApps(connection, [name], { ...names, [part]: ['Something_else'] });
      // The app has no security settings, and no SAML.
      const parts = Object.keys(names).filter((one) => !['oauthSecuritySettings', 'samlPolicies'].includes(one));
      expect(Object.keys(apps.get(name)?.components ?? {})).to.have.members(parts);
      expect(retrieves()).to.equal(2);
    });
  }

  it('finds no app where there is none any more', async () => {
    const apps = await readApps(connection, ['Gone'], { application: ['Gone'], policies: ['Gone_defaultPolicy'] });
    expect(apps.spellings()).to.deep.equal([]);
  });

  it('reads an app back in one trip less, also one whose policies the org makes by itself', async () => {
    await writeApp(connection, undefined, { ...wish, name: 'Invoices' }, { dryRun: false, wait: 1 });
    expect(retrieves()).to.equal(1);
    await writeApp(
      connection,
      (await readApps(connection, ['Invoices'])).get('Invoices'),
      { name: 'Invoices', scopes: ['api', 'openid'] },
      { dryRun: false, wait: 1 },
    );
    expect(retrieves()).to.equal(3);
  });
});
