import type { Screen } from './screen.ts';
import { wrapped } from './wrapped.ts';

/** Rows, and the columns in their order. A cell may have several lines. */
export type Table = { data: Array<Record<string, string>>; columns: Array<{ key: string; name: string }> };

/**
 * Shows rows as a table. On a narrow terminal, a table would cut words, and nobody could copy a name or a key. There, each
 * row becomes a few lines.
 *
 * @param width of the terminal, in characters; absent without a terminal
 */
export const showTable = (
  screen: Pick<Screen, 'log' | 'table'>,
  table: Table,
  width: number | undefined = process.stdout.columns,
): void => {
  if (width === undefined || fits(table, width))
    screen.table({ data: tableRows(table.data), columns: table.columns, overflow: 'wrap' });
  else for (const line of rowLines(table, width)) screen.log(line);
};

/** A blank on each side of a cell. */
const PADDING = 2;

/**
 * Does the table keep its words whole? The table's library narrows the widest column first, as far as its heading. So that
 * column alone has to give way, and needs room for its longest word.
 */
const fits = ({ data, columns }: Table, width: number): boolean => {
  const cells = columns.map(({ key, name }) => [name, ...data.map((row) => row[key] ?? '')]);
  const widths = cells.map((texts) => longest(texts.flatMap((text) => text.split('\n'))) + PADDING);
  const excess = widths.reduce((sum, one) => sum + one, columns.length + 1) - width;
  const widest = widths.indexOf(Math.max(...widths));
  const words = longest((cells[widest] ?? []).flatMap((text) => text.split(/\s/))) + PADDING;
  return excess <= 0 || (widths[widest] ?? 0) - excess >= words;
};

const longest = (texts: string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** The first cell of a row as a heading, and the others below it. */
const rowLines = ({ data, columns: [first, ...rest] }: Table, width: number): string[] =>
  data.flatMap((row) => [
    row[first?.key ?? ''] ?? '',
    ...rest.flatMap(({ key, name }) =>
      wrapped(`${name}: ${(row[key] ?? '').replaceAll('\n', ', ')}`, width, MARGIN, MARGIN),
    ),
  ]);

const MARGIN = '  ';

/**
 * Rows for a table in which each cell has one line: a row with longer cells becomes several rows. The table's library
 * pads the further lines of a short cell by a different width than the first line. This would move the borders out of
 * line.
 */
const tableRows = <Row extends Record<string, string>>(rows: Row[]): Row[] =>
  rows.flatMap((row) => {
    const cells = Object.entries(row).map(([key, value]) => [key, value.split('\n')] as const);
    const height = Math.max(1, ...cells.map(([, lines]) => lines.length));
    return Array.from(
      { length: height },
      (_, line) => Object.fromEntries(cells.map(([key, lines]) => [key, lines[line] ?? ''])) as Row,
    );
  });
