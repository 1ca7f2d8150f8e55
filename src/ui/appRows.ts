import { flowsToShow, type SeenApp } from '../app/certificate.ts';
import { leaves } from '../app/changes.ts';
import { texts } from '../texts.ts';
import { changeRows } from './changeRows.ts';

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

/** An app, one field to a row. */
export const fieldRows = (app: SeenApp): Array<{ field: string; value: string }> =>
  leaves(app).map(([field, value]) => ({ field, value: cell(field === 'oauth.flows' ? flowsToShow(app) : value) }));

/** A value as a table shows it, by the rules for changes. */
const cell = (value: unknown): string => changeRows([{ field: '', after: value }])[0]?.after ?? '';
