import { masked } from './secret.ts';

/**
 * Invisible characters, and characters that make a text look like another text. These are DEL and the C1 controls,
 * which terminals obey as they obey ESC. Other characters change the direction of text. Further: characters without
 * width, separators of lines and paragraphs, and tags and selectors, which can hide a complete text. A selector that
 * only asks for a coloured picture (U+FE0F) is not included.
 */
const UNSEEN =
  '\\u007F-\\u009F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F' +
  '\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFFB\\u{E0000}-\\u{E0FFF}';

const anyUnseen = new RegExp(`[${UNSEEN}]`, 'gu');

/** The same characters, and the C0 controls with escape sequences, but without line feeds and tabs. */
const obeyed = new RegExp(`[\\u0000-\\u0008\\u000B-\\u001F${UNSEEN}]`, 'gu');

/** The same characters, and line feeds: characters that a text of one line must not have. */
const notInOneLine = new RegExp(`[\\u0000-\\u0008\\u000A-\\u001F${UNSEEN}]`, 'gu');

const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

const codePoint = (character: string): string => `<U+${hex(character)}>`;

/**
 * Makes a text from an org, a file or a user safe inside a line of this plugin. Secrets are masked. Invisible
 * characters, and characters that a terminal would obey, become their code point, such as `<U+001B>`. So do line feeds,
 * so that the text cannot begin a line.
 */
export const plainText = (text: string): string => visible(masked(text));

/** Works like plainText, for the one secret that the user asked for: nothing is masked. */
export const visible = (text: string): string => text.replace(notInOneLine, codePoint);

/** Makes text for a terminal safe: the plugin's own colours and lines stay, and invisible characters become visible. */
export const shownOnTerminal = (text: string): string => text.replace(anyUnseen, codePoint);

/** Is the text free of invisible characters, and of characters that a terminal would obey? */
export const isPlain = (text: string): boolean => text.search(obeyed) < 0;

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/**
 * Makes JSON safe to print, or YAML with such texts between double quotes. Characters that a terminal would obey become
 * escapes, which readers of the format turn back.
 */
export const inEscapes = (text: string): string => text.replace(obeyed, escaped);

/** Works like inEscapes, for coloured JSON: the JSON already has escapes for C0 controls, and ESC begins a colour. */
export const inEscapesColoured = (text: string): string => text.replace(anyUnseen, escaped);
