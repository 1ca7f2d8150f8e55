import { expect } from 'chai';

import { ANNOUNCED_CHANGES, announcement, changesFor, isPast, staleChanges } from '../../src/app/announcedChanges.ts';
import type { App } from '../../src/app/app.ts';
import { inWords } from '../../src/texts.ts';

const change = (id: string) => ANNOUNCED_CHANGES.find((one) => one.id === id)!;

describe('the table of announced changes', () => {
  it('has days that are days, in their order, and says where and when each was read', () => {
    for (const { id, day, read, source } of ANNOUNCED_CHANGES) {
      for (const one of [day, read]) expect(new Date(one).toISOString().slice(0, 10), id).to.equal(one);
      expect(source, id).to.match(/article \d|release notes/);
    }
    const days = ANNOUNCED_CHANGES.map(({ day }) => day);
    expect(days).to.deep.equal([...days].sort());
  });

  it('knows the day itself as past', () => {
    expect(isPast(change('device-flow'), new Date('2026-11-29T23:59:59Z'))).to.equal(false);
    expect(isPast(change('device-flow'), new Date('2026-11-30T00:00:00Z'))).to.equal(true);
  });

  it('has sources that grow old after 180 days', () => {
    expect(staleChanges(new Date('2027-05-26T00:00:00Z'))).to.deep.equal([]);
    expect(staleChanges(new Date('2027-05-26T00:00:01Z'))).to.have.length(ANNOUNCED_CHANGES.length);
  });

  it('is told as announced, with its source, and otherwise once it is past', () => {
    const told = (now: string): string => inWords(announcement(change('device-flow'), new Date(now)));
    expect(told('2026-11-29')).to.match(/^As announced, quoted by others, from 2026-11-30: The device flow .*Source: /);
    expect(told('2026-12-01')).to.include('since 2026-11-30');
    expect(inWords(announcement(change('connected-apps'), new Date('2026-11-28')))).to.include("from Summer '27");
  });
});

describe('the announced changes for an app', () => {
  const ids = (app: Partial<App>): string[] => changesFor({ name: 'A', ...app }).map(({ id }) => id);
  const device = (callbackUrls: string[], distributionState?: App['distributionState']): string[] =>
    ids({ oauth: { flows: ['web-server', 'device'], callbackUrls }, distributionState });

  it('are those of the device flow, but for a local app with a callback URL on localhost', () => {
    expect(device(['https://orders.example.com/cb'])).to.deep.equal(['device-flow']);
    expect(device(['https://orders.example.com/cb', 'http://localhost:1717/cb'], 'local')).to.deep.equal([]);
    expect(device(['http://127.0.0.1:1717/cb'], 'packaged')).to.deep.equal(['device-flow']);
  });

  it('are those of refresh tokens, where the limit changes how they end', () => {
    const scopes = ['api', 'refresh_token'];
    expect(ids({ scopes })).to.deep.equal(['idle-limit']);
    expect(ids({ scopes: ['api'] })).to.deep.equal([]);
    expect(ids({ scopes, policies: { refreshToken: 'immediate' } })).to.deep.equal([]);
    expect(ids({ scopes, policies: { refreshToken: 'inactivity', refreshTokenValidity: '7 days' } })).to.deep.equal([]);
  });

  it('are those of PKCE, while it is off', () => {
    expect(ids({ oauth: { pkceRequired: false } })).to.deep.equal(['pkce-stays']);
    expect(ids({ oauth: { pkceRequired: true } })).to.deep.equal([]);
  });
});
