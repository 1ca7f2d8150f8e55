/** What no shell gives a meaning to. */
const harmless = /^[\w@%+=:,./-]+$/;

const word = (text: string): string => (harmless.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * A command line that can be pasted into a POSIX shell.
 *
 * @param words the program, the command's words and its flags, unquoted. A word in angle brackets, such as `<scopes>`,
 *   stands for what the user has to fill in and is left as it is.
 */
export const commandLine = (words: string[]): string =>
  words.map((text) => (/^<[\w -]+>$/.test(text) ? text : word(text))).join(' ');
