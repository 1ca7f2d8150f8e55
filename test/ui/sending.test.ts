import { expect } from 'chai';

import type { NotReady } from '../../src/app/targets/outcome.ts';
import { itemsOf } from '../../src/app/targets/targets.ts';
import type { SfError } from '../../src/salesforce.ts';
import { programTarget } from '../../src/ui/sending.ts';

describe('a target that a program writes to', () => {
  const sending = { name: 'Order_Sync', destination: { to: 'github', place: { repo: 'acme/orders' } } as const };

  const refusal = (not: NotReady): SfError => {
    try {
      programTarget({ ...sending, items: itemsOf({}) }, not, () => expect.fail('sent'));
    } catch (error) {
      return error as SfError;
    }
    return expect.fail('taken');
  };

  it('takes nothing after a look that hung', () => {
    const error = refusal({ why: 'look-failed', end: { how: 'hung', exitCode: undefined, output: '' } });
    expect(error.name).to.equal('LookFailedError');
    expect(error.message).to.include('no end in time').and.include('Nothing was sent').and.include('(nothing)');
  });

  it('takes nothing when its program could not be started', () => {
    const error = refusal({ why: 'look-failed', end: { how: 'not-started', exitCode: undefined, output: 'EACCES' } });
    expect(error.message).to.include('could not be started').and.include('EACCES');
  });
});
