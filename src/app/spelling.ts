/**
 * How people spell lists and words on the command line and at a prompt. A file has lists of its own, and one spelling
 * for each word.
 */

/**
 * The parts of a text that are not empty, without the blanks around them. An empty text counts as one part, so that it
 * is refused and not overlooked.
 */
export const splitList = (text: string, separator: string | RegExp): string[] => {
  const parts = text.split(separator).flatMap((part) => part.trim() || []);
  return parts.length > 0 ? parts : [text];
};

/**
 * The names in a text, which commas or blanks separate. A name may contain blanks, such as a label in Setup. So a text
 * is split only if the complete text is no name.
 */
export const namesIn = (text: string, isName: (name: string) => boolean): string[] => {
  const parts = isName(text) ? [text] : splitList(text, ',');
  return parts.flatMap((part) => {
    if (isName(part)) return [part];
    const words = splitList(part, /\s/);
    // A name with a typing error is not split: its words are no names in any case.
    return words.some(isName) ? words : [part];
  });
};

/** A word without its case, blanks, hyphens and underscores, in which spellings of one word differ. */
export const bare = (word: string): string => word.toLowerCase().replace(/[\s_-]/g, '');

/**
 * The value that a word means: `AllUsers` is `all-users`. Undefined if the word means none of them.
 *
 * @param others further words for a value, in the spelling of `bare`
 */
export const valueMeant = <T extends string>(
  word: string,
  values: readonly T[],
  others: Readonly<Record<string, T>> = {},
): T | undefined => {
  const asked = bare(word);
  return values.find((value) => bare(value) === asked) ?? (Object.hasOwn(others, asked) ? others[asked] : undefined);
};
