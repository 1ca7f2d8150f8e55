import { expect } from 'chai';

import { parseDuration } from '../../src/app/duration.ts';

describe('parseDuration', () => {
  const minutes: Record<string, number> = {
    '30': 30,
    ' 30m ': 30,
    '30 minutes': 30,
    '2h': 120,
    '1 Day': 1440,
    '120s': 2,
  };
  for (const [text, count] of Object.entries(minutes)) {
    it(`reads ${JSON.stringify(text)} as ${count} minutes`, () =>
      expect(parseDuration(text, 'minutes')).to.equal(count));
  }

  it('reads seconds', () => {
    expect(parseDuration('45', 'seconds')).to.equal(45);
    expect(parseDuration('3m', 'seconds')).to.equal(180);
  });

  for (const text of ['', 'm', '30s', '1.5h', '-5', '1h30', '30 x', '1e3', '99999999999']) {
    it(`refuses ${JSON.stringify(text)} as minutes`, () => expect(parseDuration(text, 'minutes')).to.equal(undefined));
  }
});
