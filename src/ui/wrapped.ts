/**
 * A text as lines of a terminal, broken between words. A word that is longer than the terminal is wide stays whole: cut in two, a key or
 * an address could not be copied.
 *
 * @param width of the terminal, in characters; absent where there is none, and then the text stays one line
 * @param margin what every line begins with
 * @param indent what every line but the first begins with beyond that
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
