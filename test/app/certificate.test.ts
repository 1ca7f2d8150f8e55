import { expect } from 'chai';

import { endsSoon } from '../../src/app/certificate.ts';

describe('a certificate', () => {
  const now = Date.parse('2026-11-23T00:00:00Z');

  for (const [expires, soon] of [
    ['2026-12-22T23:59:59Z', true],
    ['2026-12-23T00:00:00Z', false],
    ['2026-11-22T00:00:00Z', true],
  ] as const) {
    it(`that is good until ${expires} ${soon ? 'ends soon' : 'does not end soon'}`, () => {
      expect(endsSoon(new Date(expires), now)).to.equal(soon);
    });
  }
});
