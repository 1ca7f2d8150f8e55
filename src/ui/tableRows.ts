/**
 * Rows for a table in which each cell has one line: a row with longer cells becomes several rows. The table's library
 * pads the further lines of a short cell by a different width than the first line. This would move the borders out of
 * line.
 */
export const tableRows = <Row extends Record<string, string>>(rows: Row[]): Row[] =>
  rows.flatMap((row) => {
    const cells = Object.entries(row).map(([key, value]) => [key, value.split('\n')] as const);
    const height = Math.max(1, ...cells.map(([, lines]) => lines.length));
    return Array.from(
      { length: height },
      (_, line) => Object.fromEntries(cells.map(([key, lines]) => [key, lines[line] ?? ''])) as Row,
    );
  });
