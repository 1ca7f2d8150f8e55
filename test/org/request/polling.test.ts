import { expect } from 'chai';

import { pausesOfDeploy, poll } from '../../../src/org/request/polling.ts';

describe('polling', () => {
  it('asks until there is an answer', async () => {
    const answers = [undefined, undefined, 'done'];
    expect(await poll(() => Promise.resolve(answers.shift()), 5000)).to.equal('done');
  });

  it('gives up when the time is up, having asked at least once', async () => {
    let asked = 0;
    const answer = await poll(() => Promise.resolve(void asked++), 250);
    expect(answer).to.equal(undefined);
    expect(asked).to.be.within(2, 4);
  });

  it('looks at a deploy a second after the first look, then after a tenth of its age', () => {
    expect([1, 2, 3].map((looks) => pausesOfDeploy(looks, 0))).to.deep.equal([1000, 100, 100]);
    expect([1_100, 5_000, 60_000].map((age) => pausesOfDeploy(2, age))).to.deep.equal([110, 500, 6_000]);
  });

  it('takes a falsy answer for an answer', async () => {
    expect(await poll(() => Promise.resolve(0), 1000)).to.equal(0);
  });

  it('ends at once at a signal, whether it pauses or an answer does not come', async () => {
    for (const ask of [() => Promise.resolve(undefined), () => new Promise<undefined>(() => {})]) {
      const stop = new AbortController();
      const began = Date.now();
      setTimeout(() => stop.abort(new Error('told to end')), 20);
      const thrown = await poll(ask, 600_000, stop.signal).catch((error: unknown) => error);
      expect(thrown).to.equal(stop.signal.reason);
      expect(Date.now() - began).to.be.lessThan(5_000);
    }
  });

  it('passes on what asking threw', async () => {
    const failure = new Error('no');
    const thrown = await poll(() => Promise.reject(failure), 1000).catch((error: unknown) => error);
    expect(thrown).to.equal(failure);
  });
});
