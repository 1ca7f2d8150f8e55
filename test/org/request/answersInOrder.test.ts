import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';

import { answersInOrder } from '../../../src/org/request/answersInOrder.ts';

const refused = async (after: number, name: string): Promise<never> => {
  await setTimeout(after);
  throw new Error(name);
};

describe('requests side by side', () => {
  it('give their answers in order, whichever comes first', async () => {
    const [slow, fast] = await answersInOrder(setTimeout(20, 'slow'), Promise.resolve(1));
    expect({ slow, fast }).to.deep.equal({ slow: 'slow', fast: 1 });
  });

  it('throw what the first in order was refused for, whichever was refused first, and leave no rejection behind', async () => {
    const unheard: unknown[] = [];
    const listen = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    const error = await answersInOrder(refused(20, 'permissions'), refused(1, 'reading')).catch(
      (thrown: Error) => thrown,
    );
    await setTimeout(30);
    process.off('unhandledRejection', listen);
    expect(error).to.include({ message: 'permissions' });
    expect(unheard).to.deep.equal([]);
  });

  it('do not wait for the later ones once an earlier one is refused', async () => {
    const begun = Date.now();
    await answersInOrder(refused(1, 'permissions'), setTimeout(5000, undefined, { ref: false })).catch(() => undefined);
    expect(Date.now() - begun).to.be.below(4500);
  });
});
