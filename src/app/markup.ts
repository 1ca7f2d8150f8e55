import { plainText } from './plainText.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text of an org within HTML, also within quotes. Nothing in it is markup, and nothing moves a cursor. */
export const inHtml = (text: string): string =>
  plainText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
