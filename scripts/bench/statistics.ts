/** The middle of some values; between the two in the middle where their number is even. Not a number for none. */
export const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = NaN, above = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
};

export type Spread = { median: number; least: number; most: number };

export const spread = (values: number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** One measure of a command and of its counterpart, taken directly one after the other. */
export type Pair = { ours: number; theirs: number };

/**
 * The ratio of our command to their command, in two ways. One is the ratio of the medians, the other is the median of
 * each pair's ratio. On a machine with changing speed, the second is more stable. If both agree, the figure can be
 * trusted.
 */
export type Comparison = {
  pairs: number;
  ours: Spread;
  theirs: Spread;
  ratioOfMedians: number;
  medianOfRatios: number;
};

export const compare = (pairs: Pair[]): Comparison => {
  const ours = spread(pairs.map((pair) => pair.ours));
  const theirs = spread(pairs.map((pair) => pair.theirs));
  return {
    pairs: pairs.length,
    ours,
    theirs,
    ratioOfMedians: ours.median / theirs.median,
    medianOfRatios: median(pairs.map((pair) => pair.ours / pair.theirs)),
  };
};
