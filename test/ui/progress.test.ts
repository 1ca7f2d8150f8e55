import { expect } from 'chai';

import { showingProgress } from '../../src/ui/progress.ts';

const spinner = () => {
  const seen: string[] = [];
  return {
    seen,
    start: (action: string) => void seen.push(`start ${action}`),
    stop: () => void seen.push('stop'),
    set status(status: string | undefined) {
      seen.push(status ?? '');
    },
  };
};

describe('showingProgress', () => {
  it('tells each status once, with the time it has taken', async () => {
    const shown = spinner();
    const result = await showingProgress(shown, 'Creating Order_Sync', (onProgress) => {
      onProgress('Pending');
      onProgress('Pending');
      onProgress('Succeeded');
      return Promise.resolve(42);
    });
    expect(result).to.equal(42);
    expect(shown.seen).to.deep.equal(['start Creating Order_Sync', 'Pending (0 s)', 'Succeeded (0 s)', 'stop']);
  });

  it('is silent when there is nothing to tell', async () => {
    const shown = spinner();
    await showingProgress(shown, 'Creating Order_Sync', () => Promise.resolve());
    expect(shown.seen).to.deep.equal([]);
  });
});
