/**
 * `npm run picture`: draws docs/terminal.svg, as plain SVG, from a real run of the demonstration. Each line of the
 * terminal is one line of text, with the colours of the commands. The picture shows some of the commands, each with all
 * of its output.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { demonstrate } from './try.ts';

type Style = { colour?: string; bold?: boolean; dim?: boolean };
type Piece = Style & { text: string };

const SIZE = { columns: 110, character: 7.8, line: 18, margin: 18, bar: 30 };

/** The eight colours of a terminal, and their bright twins, on a dark ground. */
const PALETTE: Record<number, string> = {
  30: '#6e7681',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  37: '#e6edf3',
};

/** The effect of one SGR sequence (`ESC [ codes m`) on a style. Extended colours (38;5, 38;2) are passed over. */
export const restyle = (style: Style, codes: number[]): Style => {
  const next = { ...style };
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) return restyle({}, codes.slice(index + 1));
    if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) next.bold = next.dim = false;
    else if (code === 39) delete next.colour;
    else if (code === 38) index += codes[index + 1] === 5 ? 2 : 4;
    else next.colour = PALETTE[code >= 90 ? code - 60 : code] ?? next.colour;
  }
  return next;
};

/** Cuts a terminal's output into lines of evenly styled pieces; other control sequences fall away. */
export const readTerminal = (output: string): Piece[][] => {
  const lines: Piece[][] = [[]];
  let style: Style = {};
  for (const part of output.replaceAll('\r\n', '\n').split(/(\u001b\[[0-9;?]*[A-Za-z]|\n)/)) {
    if (part === '\n') lines.push([]);
    else if (part.startsWith('\u001b[')) {
      if (part.endsWith('m')) style = restyle(style, part.slice(2, -1).split(';').map(Number));
    } else if (part !== '') lines.at(-1)?.push({ ...style, text: part });
  }
  return lines;
};

/** Breaks a line that is wider than the picture, as a terminal does. */
export const wrap = (line: Piece[], columns: number): Piece[][] => {
  const wrapped: Piece[][] = [[]];
  let room = columns;
  for (const piece of line) {
    let rest = piece.text;
    while (rest.length > room) {
      wrapped.at(-1)?.push({ ...piece, text: rest.slice(0, room) });
      rest = rest.slice(room);
      wrapped.push([]);
      room = columns;
    }
    wrapped.at(-1)?.push({ ...piece, text: rest });
    room -= rest.length;
  }
  return wrapped;
};

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const drawPiece = ({ text, colour, bold, dim }: Piece): string => {
  const attributes = [
    colour ? ` fill="${colour}"` : '',
    bold ? ' font-weight="bold"' : '',
    dim ? ' opacity="0.65"' : '',
  ].join('');
  return `<tspan${attributes}>${escapeXml(text)}</tspan>`;
};

/** The parts of a session whose command begins with one of these words, each from its prompt to the next. */
export const selectCommands = (output: string, commands: string[]): string =>
  output
    .split(/^(?=\$ )/m)
    .filter((part) => commands.some((command) => part.startsWith(`$ ${command}`)))
    .join('');

/** Draws a terminal's output as an SVG document. */
export const drawTerminal = (output: string, title: string): string => {
  const lines = readTerminal(output.trim()).flatMap((line) => wrap(line, SIZE.columns));
  const width = Math.round(SIZE.columns * SIZE.character + 2 * SIZE.margin);
  const height = SIZE.bar + lines.length * SIZE.line + 2 * SIZE.margin;
  const text = lines.map((line, index) => {
    const y = SIZE.bar + SIZE.margin + (index + 1) * SIZE.line - 5;
    // Typed text looks different from printed text.
    const typed = line[0]?.text.startsWith('$ ') ? ' class="typed"' : '';
    return line.length === 0 ? '' : `<text x="${SIZE.margin}" y="${y}"${typed}>${line.map(drawPiece).join('')}</text>`;
  });
  return [
    // Both ways to keep spaces: older renderers know only the attribute.
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    '<style>text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre; }',
    '.typed { fill: #ffffff; font-weight: bold; }</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (colour, index) =>
        `<circle cx="${SIZE.margin + 6 + index * 20}" cy="${SIZE.bar / 2 + 3}" r="6" fill="${colour}"/>`,
    ),
    ...text.filter((line) => line !== ''),
    '</svg>',
    '',
  ].join('\n');
};

if (import.meta.main) {
  let output = '';
  await demonstrate(
    (text) => {
      output += text;
      process.stdout.write(text);
    },
    { colours: true, columns: SIZE.columns },
  );
  writeFileSync(
    join(import.meta.dirname, '..', 'docs', 'terminal.svg'),
    // All of it would be three screens high; these tell the story.
    drawTerminal(
      selectCommands(output, ['sf eca create', 'sf eca credentials', 'sf eca verify']),
      'A terminal in which an app is created, read out and verified on a practice org',
    ),
  );
}
