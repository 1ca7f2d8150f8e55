/**
 * A text as lines of a terminal, broken between words. A word that is longer than the terminal is wide stays whole.
 * Nobody could copy a key or an address that is cut in two.
 *
 * @param width of the terminal, in characters; absent without a terminal, and then the text stays one line
 * @param margin the beginning of every line
 * @param indent more blanks after the margin, for every line but the first
 */
export const wrapped = (text: string, width = Number.POSITIVE_INFINITY, margin = '', indent = ''): string[] => {
  const lines: string[] = [];
  let line = margin;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && lengthOf(`${line} ${word}`) > width) {
      lines.push(line);
      line = `${margin}${indent}${word}`;
    } else line = isEmpty ? `${line}${word}` : `${line} ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
};

/** ESC, some numbers, and an m: colours take no place on the screen. */
const colour = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

const lengthOf = (text: string): number => text.replace(colour, '').length;
