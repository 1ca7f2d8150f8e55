import { masked } from './secret.ts';

/**
 * Characters that are there and not seen, or that make a text read as another one: DEL and the C1 controls, which terminals obey
 * as they obey ESC; what turns text around; what has no width; the separators of lines and paragraphs; and the tags and selectors
 * in which a whole text can hide. A selector that only asks for a coloured picture (U+FE0F) is none of them.
 */
const unseen =
  '\\u007F-\\u009F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F' +
  '\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFFB\\u{E0000}-\\u{E0FFF}';

const anyUnseen = new RegExp(`[${unseen}]`, 'gu');

/** The same, and the C0 controls, escape sequences among them, but for line feeds and tabs. */
const obeyed = new RegExp(`[\\u0000-\\u0008\\u000B-\\u001F${unseen}]`, 'gu');

/** The same, and line feeds: what has no place in a text that stands in one line. */
const notInOneLine = new RegExp(`[\\u0000-\\u0008\\u000A-\\u001F${unseen}]`, 'gu');

const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

const codePoint = (character: string): string => `<U+${hex(character)}>`;

/**
 * A text of an org's, a file's or a user's made safe to stand in a line of ours: secrets are masked, and what a terminal would obey
 * or nobody would see is shown as its code point, such as `<U+001B>`; line feeds too, so that the text begins no line.
 */
export const plainText = (text: string): string => visible(masked(text));

/** As plainText, for the one secret that was asked for: nothing is masked. */
export const visible = (text: string): string => text.replace(notInOneLine, codePoint);

/** What is about to be written to a terminal: our own colours and lines stay, and what nobody would see is shown. */
export const shownOnTerminal = (text: string): string => text.replace(anyUnseen, codePoint);

/** Has the text nothing in it that a terminal would obey, or nobody would see? */
export const isPlain = (text: string): boolean => text.search(obeyed) < 0;

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/**
 * JSON, or YAML in which such texts stand between double quotes, made safe to print: what a terminal would obey becomes an escape
 * that the format's readers turn back into it.
 */
export const inEscapes = (text: string): string => text.replace(obeyed, escaped);

/** As inEscapes, for JSON that is coloured: a control of C0 is an escape in it already, and ESC is ours. */
export const inEscapesColoured = (text: string): string => text.replace(anyUnseen, escaped);
