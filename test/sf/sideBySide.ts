/**
 * Does several things side by side, but only so many at once, and gives what came of each. They begin in their order as soon as
 * the first result is waited for.
 *
 * @param atOnce starting `sf` is work for a whole processor; most of the rest is waiting
 */
export const sideBySide = <T>(jobs: Array<() => Promise<T>>, atOnce = 3): Array<() => Promise<T>> => {
  const results = jobs.map(() => Promise.withResolvers<T>());
  // Each is looked at by a test of its own, later.
  for (const { promise } of results) promise.catch(() => undefined);
  const waiting = [...jobs.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, job] = next;
      await job().then(results[index]?.resolve, results[index]?.reject);
    }
  };
  let begun = false;
  return results.map(({ promise }) => () => {
    if (!begun) for (let lane = 0; lane < atOnce; lane += 1) void work();
    begun = true;
    return promise;
  });
};
