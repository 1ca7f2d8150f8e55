import { expect } from 'chai';

import { isProduction, type OrganizationFacts } from '../../src/app/targetOrg.ts';

const END = '2026-12-31T00:00:00.000+0000';

const facts = (said: Partial<OrganizationFacts> = {}): OrganizationFacts => ({
  Id: '00D000000000001AAA',
  IsSandbox: false,
  TrialExpirationDate: null,
  OrganizationType: 'Enterprise Edition',
  ...said,
});

describe('isProduction', () => {
  const cases: Array<[what: string, facts: OrganizationFacts | undefined, production: boolean]> = [
    ['an org of a customer', facts(), true],
    ['a sandbox', facts({ IsSandbox: true }), false],
    ['a scratch org', facts({ IsSandbox: true, TrialExpirationDate: END }), false],
    ['a trial', facts({ TrialExpirationDate: END }), false],
    ['a Developer Edition', facts({ OrganizationType: 'Developer Edition' }), false],
    ['an org that does not say', undefined, true],
  ];
  for (const [what, given, production] of cases) {
    it(`${what}: ${production}`, () => {
      expect(isProduction(given)).to.equal(production);
    });
  }
});
