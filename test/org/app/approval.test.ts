import type { Connection } from '@salesforce/core';
import { expect } from 'chai';

import type { Change } from '../../../src/app/app.ts';
import { checkApproved } from '../../../src/org/app/approval.ts';
import type { Plan } from '../../../src/org/app/plan.ts';
import { createPracticeServer, type PracticeServer } from '../../../src/practice/practice.ts';
import { connectTo } from '../../connectTo.ts';

describe('who is let in', () => {
  let practice: PracticeServer;
  let connection: Connection;

  beforeEach(async () => {
    practice = await createPracticeServer();
    connection = await connectTo(practice);
    const { org } = practice;
    const [licence] = org.records('PermissionSetLicense');
    const set = (fields: Record<string, unknown>) =>
      org.insert('PermissionSet', { Type: 'Regular', IsOwnedByProfile: false, NamespacePrefix: null, ...fields });
    set({ Name: 'Order_Sync', Label: 'Orders for everybody' });
    set({ Name: 'Tied', Label: 'Tied', LicenseId: licence!.Id });
    set({ Name: 'Setup', Label: 'Setup', NamespacePrefix: 'acme' });
  });
  afterEach(() => practice.close());

  const planning = (...changes: Change[]): Plan => ({
    action: 'create',
    app: 'App',
    source: undefined,
    wish: { name: 'App' },
    said: { name: 'App' },
    changes,
  });
  const sets = (after: string[], before?: string[]): Change => ({ field: 'policies.permissionSets', before, after });
  const found = async (...changes: Change[]): Promise<Array<[code: string, ...values: string[]]>> => {
    const plan = planning(...changes);
    const problems = (await checkApproved(connection, [plan])).get(plan) ?? [];
    return problems.map(({ code, values }) => [code, ...values]);
  };

  it('accepts what is there, in any case, and with its namespace', async () => {
    expect(await found(sets(['order_sync', 'acme__Setup']))).to.deep.equal([]);
    expect(await found({ field: 'policies.profiles', after: ['Standard User'] })).to.deep.equal([]);
  });

  it('gives the nearest names, by name or by label', async () => {
    expect(await found(sets(['Order_Snyc']))).to.deep.equal([
      ['error.permissionSetUnknown', 'Order_Snyc', 'Order_Sync'],
    ]);
    expect(await found(sets(['Orders for everybody']))).to.deep.equal([
      ['error.permissionSetUnknown', 'Orders for everybody', 'Order_Sync'],
    ]);
    expect(await found(sets(['Zzzzzzzz']))).to.deep.equal([['error.permissionSetUnlike', 'Zzzzzzzz']]);
    expect(await found({ field: 'policies.profiles', after: ['Standart User'] })).to.deep.equal([
      ['error.profileUnknown', 'Standart User', 'Standard User'],
    ]);
    expect((await found({ field: 'policies.profiles', after: ['Zzzzzzzz'] }))[0]?.[0]).to.equal('error.profileUnlike');
  });

  it('refuses a permission set that cannot hold an app, with the reason', async () => {
    expect(await found(sets(['Tied']))).to.deep.equal([
      ['error.permissionSetNotForApps', 'Tied', 'Salesforce API Integration'],
    ]);
  });

  it('leaves alone what the app lets in already, and what is only to be made', async () => {
    expect(await found(sets(['Gone', 'Order_Sync'], ['gone']))).to.deep.equal([]);
    const plan = planning(sets(['App_Access']));
    expect((await checkApproved(connection, [plan], ['app_access'])).size).to.equal(0);
  });

  it('asks the org nothing where nothing of this changes', async () => {
    const before = practice.requests.entries().length;
    expect(await found({ field: 'scopes', after: ['api'] })).to.deep.equal([]);
    expect(practice.requests.entries()).to.have.length(before);
  });
});
