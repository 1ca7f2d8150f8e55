import { plainText } from './plainText.ts';

/** Characters without a special meaning in any shell. */
const harmless = /^[\w@%+=:,./-]+$/;

const word = (text: string): string => (harmless.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * A command line that can be pasted into a POSIX shell.
 *
 * @param words the program, the command's words and its flags, unquoted
 */
export const commandLine = (words: string[]): string => words.map(word).join(' ');

/**
 * A text of the org, such as an id, as one word of a command line on the screen. A user can paste the word; neither a
 * shell nor a terminal obeys it.
 */
export const pasteable = (text: string): string => word(plainText(text));
