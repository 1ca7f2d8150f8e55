import { expect } from 'chai';

import { credentialsStatus, endsWithin, nextStep } from '../../src/app/credentialsStatus.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');

const inDays = (days: number): string => new Date(NOW + days * 24 * 3_600_000).toISOString();

const statusOf = (state?: 'Active' | 'Expired' | 'Rotated', expirationDate?: string) =>
  credentialsStatus(
    'Order_Sync',
    [
      {
        consumer: { id: '888', consumerKey: 'first' },
        ...(state && { staged: { consumerKey: 'second', state, createdDate: inDays(-2.5), expirationDate } }),
      },
    ],
    NOW,
  );

describe('the key pairs of an app', () => {
  it('have an age and days left where the org gives dates', () => {
    expect(statusOf('Rotated', inDays(5.5)).consumers[0]?.pairs).to.deep.equal([
      { consumerKey: 'first', state: 'in-use' },
      {
        consumerKey: 'second',
        state: 'rotated',
        createdDate: inDays(-2.5),
        expirationDate: inDays(5.5),
        ageDays: 2,
        daysLeft: 5,
      },
    ]);
  });

  it('end soon if a staged or old pair does, and not if it has ended or its end is not told', () => {
    for (const state of ['Active', 'Rotated'] as const) {
      expect(endsWithin(statusOf(state, inDays(5.5)), 6), state).to.equal(true);
      expect(endsWithin(statusOf(state, inDays(5.5)), 5), state).to.equal(false);
      expect(endsWithin(statusOf(state, 'some day'), 100), state).to.equal(false);
    }
    expect(endsWithin(statusOf('Expired', inDays(-1)), 100)).to.equal(false);
    expect(endsWithin(statusOf(), 100)).to.equal(false);
    expect(endsWithin(credentialsStatus('Order_Sync', 'not-seen'), 100)).to.equal(false);
  });

  it('say how the rotation goes on', () => {
    expect([statusOf('Active'), statusOf('Rotated'), statusOf('Expired'), statusOf()].map(nextStep)).to.deep.equal([
      'resume',
      'finish',
      undefined,
      undefined,
    ]);
  });
});
