import { flowsToShow, type SeenApp } from '../app/certificate.ts';
import { texts } from '../texts.ts';
import { cell } from './changeRows.ts';

const messages = texts('eca.list');

type Row = Record<string, string>;

/** A table's contents: its rows, and its columns with their headings. */
export type Table = { data: Row[]; columns: Array<{ key: string; name: string }> };

const COLUMNS = ['name', 'label', 'enabled', 'flows', 'scopes', 'permittedUsers'] as const;

/** Apps as a table, one to a row. */
export const appRows = (apps: SeenApp[]): Table => ({
  data: apps.map((app) => ({
    name: cell(app.name),
    label: cell(app.label),
    // Salesforce's default is on.
    enabled: messages.getMessage(app.enabled === false ? 'value.no' : 'value.yes'),
    flows: cell(flowsToShow(app)),
    scopes: cell(app.scopes),
    permittedUsers: cell(app.policies?.permittedUsers),
  })),
  columns: COLUMNS.map((key) => ({ key, name: messages.getMessage(`column.${key}`) })),
});
