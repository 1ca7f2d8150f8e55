import { expect } from 'chai';

import type { App } from '../../../src/app/app.ts';
import type { CheckContext } from '../../../src/client/checks/check.ts';
import { HARDENING_CHECKS } from '../../../src/client/checks/hardening.ts';
import { inWords } from '../../../src/texts.ts';

describe('the check of announced changes', () => {
  const check = HARDENING_CHECKS.find(({ id }) => id === 'announced-changes')!;
  const on = (day: string, app: Partial<App>): CheckContext =>
    ({
      facts: { app: { name: 'A', ...app } },
      propagation: { now: () => Date.parse(day) },
    }) as unknown as CheckContext;
  const device: Partial<App> = { oauth: { flows: ['device'], callbackUrls: ['https://orders.example.com/cb'] } };
  const refresh: Partial<App> = { scopes: ['refresh_token'] };

  it('warns of a flow that ends, before and after its day', async () => {
    for (const [day, code] of [
      ['2026-11-29', 'announced.from'],
      ['2026-12-01', 'announced.since'],
    ] as const) {
      expect(check.applies?.(on(day, device))).to.equal(true);
      const { status, detail, fix } = await check.run(on(day, device));
      expect([status, detail.code, fix?.code]).to.deep.equal(['warning', code, 'fix.certificateUnknown']);
      expect(fix && inWords(fix)).to.match(
        /Give A a callback URL .*\n +sf eca oauth set --name A --add-callback-url http:\/\/localhost:1717\/OauthRedirect\n/,
      );
    }
  });

  it('warns of a limit only until it has begun, and says both where two come', async () => {
    expect(check.applies?.(on('2026-11-03', refresh))).to.equal(true);
    expect(check.applies?.(on('2026-11-04', refresh))).to.equal(false);
    const both = await check.run(on('2026-11-03', { ...refresh, ...device }));
    expect([both.detail.code, both.fix?.code]).to.deep.equal(['announced.both', 'fix.both']);
    expect(both.fix && inWords(both.fix)).to.match(/sf eca oauth set --name A --refresh-token-idle-limit/);
  });

  it('says of a packaged app that no callback URL helps it', async () => {
    const { fix } = await check.run(on('2026-11-29', { ...device, distributionState: 'packaged' }));
    expect(fix && inWords(fix))
      .to.include('A is a packaged app')
      .and.not.include('--add-callback-url');
  });
});
