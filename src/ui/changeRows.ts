import type { Change } from '../app/app.ts';
import { plainText } from '../app/plainText.ts';

/** A change as a table row shows it. */
export type ChangeRow = { field: string; before: string; after: string };

/** A description may have thousands of characters, too many for a table cell. */
const LONGEST = 200;

export const changeRows = (changes: Change[]): ChangeRow[] =>
  changes.map(({ field, before, after }) => ({ field, before: cell(before), after: cell(after) }));

/** A cell's text on one line: items of a list come one to a line in it. */
export const inOneLine = (text: string): string => text.replaceAll('\n', ', ');

/** A value as people read it. Each item of a list has a line. A dash stands for no value. */
export const cell = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '-';
  if (!Array.isArray(value)) return one(value);
  return value.length === 0 ? '-' : value.map(one).join('\n');
};

/** One value, on one line. */
const one = (value: unknown): string => {
  const text = plainText(
    asText(value)
      .replace(/\r\n?|\n/g, '\\n')
      .replaceAll('\t', ' '),
  );
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
};

const asText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (isRange(value)) return `${value.start} - ${value.end}${value.description ? ` (${value.description})` : ''}`;
  if (isAttribute(value)) return `${value.key} = ${value.formula}`;
  return JSON.stringify(value);
};

const isRange = (value: unknown): value is { start: string; end: string; description?: string } =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value;

const isAttribute = (value: unknown): value is { key: string; formula: string } =>
  typeof value === 'object' && value !== null && 'key' in value && 'formula' in value;
