/**
 * Characters that a terminal obeys instead of showing (C0 and C1 controls, escape sequences among them), and the Unicode
 * controls that reorder text so that a value reads as another one. Line feeds and tabs are left alone.
 */
const obeyed = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/g;

/** A text of the org's made safe to print: what a terminal would obey is shown as its code point, such as `<U+001B>`. */
export const plainText = (text: string): string =>
  text.replace(obeyed, (character) => `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);

/** Has the text nothing in it that a terminal would obey? */
export const isPlain = (text: string): boolean => text.search(obeyed) < 0;

/**
 * JSON, or YAML in which such texts stand between double quotes, made safe to print: what a terminal would obey becomes an escape
 * that the format's readers turn back into it.
 */
export const inEscapes = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
