/**
 * The names closest to a mistyped name, best first, at most three; none when no name is close. Upper and lower case
 * make no difference. A name that contains the text, or that the text contains, counts as close ("chatter" for
 * "chatter_api").
 */
export const nearest = (text: string, names: Iterable<string>): string[] => {
  const wanted = inShort(text.trim());
  if (wanted === '') return [];
  const tolerance = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceTo(wanted, inShort(name), tolerance) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name, 'en'))
    .slice(0, 3)
    .map(({ name }) => name);
};

/** Names are compared letter by letter, and a name from an org or a file may be very long. */
const inShort = (name: string): string => name.toLowerCase().slice(0, 100);

/**
 * A name that contains the text, or is part of the text, is just close enough. A difference of a letter or two is
 * closer.
 */
const distanceTo = (wanted: string, name: string, tolerance: number): number => {
  const shorter = Math.min(wanted.length, name.length);
  const contained = shorter >= 3 && (name.includes(wanted) || wanted.includes(name));
  const distance = editDistance(wanted, name);
  return contained ? Math.min(distance, tolerance) : distance;
};

/** Damerau-Levenshtein, restricted: insertions, deletions, replacements and swaps of neighbours each count one. */
const editDistance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let best = Math.min(replaced, last[column]! + 1, current[column - 1]! + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
};
