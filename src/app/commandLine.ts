import { plainText } from './plainText.ts';

/** What no shell and no parser of .env files gives a meaning to. */
export const HARMLESS = /^[\w@%+=:,./-]+$/;

/** A text as one word of a POSIX shell. Between single quotes, a shell changes nothing. A single quote is added outside them. */
export const shellWord = (text: string): string => (HARMLESS.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * A command line that can be pasted into a POSIX shell.
 *
 * @param words the program, the command's words and its flags, unquoted
 */
export const commandLine = (words: string[]): string => words.map(shellWord).join(' ');

/**
 * A text of the org, such as an id, as one word of a command line on the screen. A user can paste the word; neither a
 * shell nor a terminal obeys it.
 */
export const pasteable = (text: string): string => shellWord(plainText(text));
