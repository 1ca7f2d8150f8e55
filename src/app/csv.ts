import { plainText } from './plainText.ts';

/** What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[\s]*[=+\-@\t\r|%]/;

/** One cell. A text that a spreadsheet would run gets an apostrophe before it. */
const cell = (text: string): string => {
  const plain = plainText(text.replaceAll(/\s+/g, ' '));
  return `"${FORMULA.test(plain) ? "'" : ''}${plain.replaceAll('"', '""')}"`;
};

/** Rows as CSV (RFC 4180). Each cell has one line and nothing that a spreadsheet runs. */
export const csv = (rows: string[][]): string => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
