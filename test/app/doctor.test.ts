import { expect } from 'chai';

import { examine, type OrgFacts } from '../../src/app/doctor.ts';

describe('the doctor', () => {
  const now = new Date('2026-11-28T00:00:00Z');
  const seats = { id: '100', label: 'Licence', active: true, total: 5, used: 1 };
  const facts: OrgFacts = {
    username: 'admin@example.com',
    instanceUrl: 'https://acme.my.salesforce.com',
    practice: false,
    apiVersion: '67.0',
    tokenFormat: 'opaque',
    externalClientApps: true,
    commands: [{ command: 'sf eca create', missing: [], toGrant: [] }],
    secretAccessOpen: false,
    supply: {
      licence: seats,
      profiles: [{ id: '00e', name: 'Minimum Access - API Only Integrations', apiOnly: true, powerful: false }],
      permissionSetLicence: seats,
    },
    approvedAppsOnly: false,
  };
  const statusOf = (id: string, differing: Partial<OrgFacts>): string | undefined =>
    examine({ ...facts, ...differing }, now).find((check) => check.id === id)?.status;

  it('has nothing to say against an org that has all', () => {
    expect(new Set(examine(facts, now).map(({ status }) => status))).to.deep.equal(new Set(['passed']));
  });

  it('knows My Domain from the hosts that give no client-credentials token', () => {
    for (const host of ['acme--uat.sandbox.my.salesforce.com', 'acme.my.salesforce.mil', 'acme.my.sfcrmproducts.cn']) {
      expect(statusOf('my-domain', { instanceUrl: `https://${host}` }), host).to.equal('passed');
    }
    for (const host of ['login.salesforce.com', 'na139.salesforce.com', 'acme.lightning.force.com']) {
      expect(statusOf('my-domain', { instanceUrl: `https://${host}` }), host).to.equal('warning');
    }
  });

  it('minds a JWT login only where the SOAP API does', () => {
    expect(statusOf('token-format', { tokenFormat: 'jwt' })).to.equal('failed');
    expect(statusOf('token-format', { tokenFormat: 'jwt', apiVersion: '68.0' })).to.equal('passed');
  });

  it('wants a version that has policies, and warns of one without rotation', () => {
    expect(statusOf('api-version', { apiVersion: '59.0' })).to.equal('failed');
    expect(statusOf('api-version', { apiVersion: '64.0' })).to.equal('warning');
    expect(statusOf('api-version', { apiVersion: '65.0' })).to.equal('passed');
  });

  it('skips what this login may not see', () => {
    const unseen = { commands: undefined, secretAccessOpen: undefined, approvedAppsOnly: undefined };
    const skipped = examine({ ...facts, ...unseen }, now).filter(({ status }) => status === 'skipped');
    expect(skipped.map(({ id }) => id)).to.deep.equal(['permission', 'secret-access', 'api-access-control']);
  });

  it('tells which announced change comes next, and warns once the dates are old', () => {
    const at = (day: string) => examine(facts, new Date(day)).find(({ id }) => id === 'announced-changes');
    expect(at('2026-11-28')).to.include({ status: 'passed' });
    expect(JSON.stringify(at('2026-11-28')))
      .to.include('2027-02-20')
      .and.not.include('2025-09-02');
    expect(at('2027-05-27')).to.include({ status: 'warning' });
  });

  it('has a fix for everything that is not well', () => {
    const worst = examine(
      {
        ...facts,
        instanceUrl: 'https://login.salesforce.com',
        apiVersion: '59.0',
        tokenFormat: 'jwt',
        externalClientApps: false,
        commands: [
          { command: 'sf eca create', missing: ['"Modify All Data" (ModifyAllData)'], toGrant: ['ModifyAllData'] },
        ],
        secretAccessOpen: true,
        supply: { licence: { ...seats, used: 5 }, profiles: [], permissionSetLicence: { ...seats, used: 5 } },
        approvedAppsOnly: true,
      },
      new Date('2028-01-01'),
    );
    expect(worst.filter((check) => check.status === 'passed' || !('problem' in check || check.fix))).to.deep.equal([]);
  });
});
