import { expect } from 'chai';

import { sameApp } from '../../src/ui/commandLine.ts';

describe('sameApp', () => {
  it('repeats the org that was given', () => {
    const raw = [{ type: 'flag', flag: 'target-org', input: 'my prod' } as const];
    expect(sameApp('Order_Sync', raw)).to.equal("Order_Sync --target-org 'my prod'");
  });

  it('says nothing of the default org', () => {
    expect(sameApp('Order_Sync', [{ type: 'flag', flag: 'name', input: 'Order_Sync' }])).to.equal('Order_Sync');
  });
});
