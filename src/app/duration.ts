/** Seconds in each unit of a duration. */
const SECONDS_IN = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

type Unit = keyof typeof SECONDS_IN;

const UNIT_WORDS: Record<Unit, readonly string[]> = {
  s: ['s', 'sec', 'secs', 'second', 'seconds'],
  m: ['m', 'min', 'mins', 'minute', 'minutes'],
  h: ['h', 'hr', 'hrs', 'hour', 'hours'],
  d: ['d', 'day', 'days'],
};

/**
 * A number with its word: `30 days` and `30d` give `{ count: 30, word: 'd' }`. The word is in lower case, and empty for
 * a number alone. Undefined for every other text.
 */
export const countAndWord = (text: string): { count: number; word: string } | undefined => {
  const [, digits, word = ''] = /^(\d{1,10})\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : { count: Number(digits), word: word.toLowerCase() };
};

/**
 * A duration in whole minutes or seconds: `30`, `30m`, `2h` or `1 day`. A number alone counts in this unit. Undefined
 * if the text is no duration, or no whole number of the unit.
 */
export const parseDuration = (text: string, unit: 'minutes' | 'seconds'): number | undefined => {
  const said = countAndWord(text);
  if (said === undefined) return undefined;
  const { count, word } = said;
  if (word === '') return count;
  const named = (Object.keys(UNIT_WORDS) as Unit[]).find((one) => UNIT_WORDS[one].includes(word));
  if (named === undefined) return undefined;
  const whole = (count * SECONDS_IN[named]) / SECONDS_IN[unit === 'minutes' ? 'm' : 's'];
  return Number.isInteger(whole) ? whole : undefined;
};
