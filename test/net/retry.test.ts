import { expect } from 'chai';

import { retry } from '../../src/net/retry.ts';

/** Gives or throws one thing after the other, and keeps what it was told. */
const trying = <T>(...results: Array<T | Error>) => {
  const told: number[] = [];
  const attempt = async (tries: number): Promise<T> => {
    told.push(tries);
    const result = results[tries];
    if (result instanceof Error) throw result;
    if (result === undefined) throw new Error('tried too often');
    return result;
  };
  return { told, attempt };
};

describe('trying again', () => {
  it('goes on as long as the policy has a pause, after a value and after an error', async () => {
    const { attempt, told } = trying<number>(new Error('no'), 1, 2);
    const paused: number[] = [];
    const sleep = async (milliseconds: number): Promise<void> => void paused.push(milliseconds);
    const value = await retry(attempt, {
      pauseAfter: (tried, tries) => ('error' in tried ? 10 : tried.value < 2 ? 20 + tries : undefined),
      sleep,
    });
    expect([value, told, paused]).to.deep.equal([2, [0, 1, 2], [10, 21]]);
  });

  it('throws what the last try threw, as it was', async () => {
    const [first, last] = [new Error('first'), new Error('last')];
    const { attempt, told } = trying<number>(first, last);
    const thrown = await retry(attempt, { pauseAfter: (_tried, tries) => [0][tries] }).catch((error: unknown) => error);
    expect(thrown).to.equal(last);
    expect(told).to.deep.equal([0, 1]);
  });

  it('takes no value for an error, however empty', async () => {
    for (const value of [undefined, null, 0, ''])
      expect(await retry(async () => value, { pauseAfter: () => undefined })).to.equal(value);
  });

  it('ends with a wait that ends, and tries no more', async () => {
    const { attempt, told } = trying<number>(new Error('no'), 1);
    const thrown = await retry(attempt, {
      pauseAfter: (tried) => ('error' in tried ? 1 : undefined),
      sleep: () => Promise.reject(new Error('told to end')),
    }).catch((error: Error) => error.message);
    expect([thrown, told]).to.deep.equal(['told to end', [0]]);
  });

  it('waits as long as it is told', async () => {
    const { attempt } = trying<number>(new Error('no'), 1);
    const began = performance.now();
    await retry(attempt, { pauseAfter: (tried) => ('error' in tried ? 60 : undefined) });
    expect(performance.now() - began).to.be.at.least(55);
  });
});
