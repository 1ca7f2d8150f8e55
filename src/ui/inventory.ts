import { type AnnouncedChange, announcement } from '../app/announcedChanges.ts';
import type { FlowSwitches } from '../app/connected/context.ts';
import { orgFlows } from '../app/connected/findings.ts';
import type { Inventory, InventoryEntry, Owner, Road } from '../app/connected/inventory.ts';
import type { SourceSeen } from '../app/connected/inventoryFacts.ts';
import { tell } from '../app/connected/migrationText.ts';
import type { FlowSeen } from '../app/connected/use.ts';
import { csv } from '../app/csv.ts';
import { plainText } from '../app/plainText.ts';
import { inWords, migrationInWords, texts } from '../texts.ts';
import type { Table } from './appRows.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.migrate.list');

/** A source of the inventory, in words. */
export type SourceInWords = {
  source: SourceSeen['source'];
  seen: SourceSeen['seen'];
  count: number;
  reasons: string[];
};

/** One Connected App of the inventory, in words. Dates are texts in ISO format. */
export type EntryInWords = {
  /** API name. Absent for an app that only its tokens or logins show. */
  name?: string;
  label: string;
  owner: Owner;
  flows: FlowSeen[];
  users: string[];
  addresses: string[];
  failedLogins: number;
  tokens: { count: number; users: number };
  /** Absent when no use was seen. */
  lastUse?: string;
  access: string[];
  /** Announced changes that concern the app: `day` is the first day, such as 2027-02-20. */
  changes: Array<{ id: string; day: string; text: string }>;
  road: Road;
  obstacles: string[];
  notes: string[];
};

/** The inventory, in words. */
export type InventoryInWords = {
  days: number;
  apps: EntryInWords[];
  /** Does the org block the flows that end? Absent where the org did not show it. */
  flowSwitches?: FlowSwitches;
  sources: SourceInWords[];
};

export const inventoryInWords = ({ days, apps, flowSwitches, sources }: Inventory, now: Date): InventoryInWords => ({
  days,
  apps: apps.map((app) => entryInWords(app, now)),
  ...(flowSwitches && { flowSwitches }),
  sources: sources.map(({ reasons, ...source }) => ({ ...source, reasons: reasons.map(migrationInWords) })),
});

const entryInWords = ({ changes, obstacles, notes, ...entry }: InventoryEntry, now: Date): EntryInWords => ({
  ...entry,
  changes: changes.map((change: AnnouncedChange) => ({
    id: change.id,
    day: change.day,
    text: inWords(announcement(change, now)),
  })),
  obstacles: obstacles.map(migrationInWords),
  notes: notes.map(migrationInWords),
});

/** Was every source seen whole? */
export const isWhole = ({ sources }: InventoryInWords): boolean => sources.every(({ seen }) => seen === 'all');

const day = (time: string | undefined): string => time?.slice(0, 10) ?? '';

const notSeen = (): string => messages.getMessage('value.notSeen');

const COLUMNS = ['app', 'owner', 'flows', 'users', 'tokens', 'lastUse', 'road'] as const;

const rowOf = (app: EntryInWords): Record<(typeof COLUMNS)[number], string> => ({
  app: plainText(app.name ?? app.label),
  owner: messages.getMessage(`owner.${app.owner}`),
  flows: app.flows.map(({ flow }) => messages.getMessage(`flow.${flow}`)).join('\n') || notSeen(),
  users: String(app.users.length),
  tokens: String(app.tokens.count),
  lastUse: day(app.lastUse) || notSeen(),
  road: messages.getMessage(`road.${app.road}`),
});

/** The apps as a table, one to a row. */
export const inventoryTable = ({ apps }: InventoryInWords): Table => ({
  data: apps.map(rowOf),
  columns: COLUMNS.map((key) => ({ key, name: messages.getMessage(`column.${key}`) })),
});

/** Characters that the table takes at least, where each column has room for its words. */
const TABLE_WIDTH = 90;

/** Is a terminal of this width too narrow for the table? */
export const isNarrow = (width: number | undefined): boolean => width !== undefined && width < TABLE_WIDTH;

/** The apps as lines, for a narrow terminal. */
export const appLines = ({ apps }: InventoryInWords, width?: number): string[] =>
  apps.flatMap((app) => {
    const row = rowOf(app);
    const about = [
      messages.getMessage('line.owner', [row.owner, row.road]),
      messages.getMessage('line.use', [row.flows.replaceAll('\n', ', '), row.lastUse]),
      messages.getMessage('line.counts', [row.users, row.tokens]),
    ];
    return [row.app, ...about.flatMap((text) => wrapped(text, width, '  ', '  '))];
  });

/** The lines below the table: obstacles, announced changes, and what was not seen. */
export const inventoryLines = (inventory: InventoryInWords, width?: number): string[] => {
  const { apps } = inventory;
  const item = (text: string): string[] => wrapped(`- ${text}`, width, '    ', '  ');
  const about = apps.filter(({ obstacles, notes }) => obstacles.length + notes.length > 0);
  return [
    ...(about.length === 0 ? [] : ['', messages.getMessage('section.obstacles')]),
    ...about.flatMap(({ name, label, obstacles, notes }) => [
      `  ${plainText(name ?? label)}`,
      ...[...obstacles, ...notes].flatMap(item),
    ]),
    ...dateLines(apps, width),
    '',
    ...wrapped(migrationInWords(tell(orgFlows(inventory.flowSwitches))), width, ''),
    '',
    messages.getMessage('section.sources', [String(inventory.days)]),
    ...inventory.sources.flatMap((source) => sourceLines(source, width)),
  ];
};

const dateLines = (apps: EntryInWords[], width: number | undefined): string[] => {
  const changes = new Map(apps.flatMap((app) => app.changes.map((change) => [change.id, change] as const)));
  if (changes.size === 0) return [];
  const sorted = [...changes.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  return [
    '',
    messages.getMessage('section.dates'),
    ...sorted.flatMap(({ id, text }) => {
      const hit = apps.filter((app) => app.changes.some((change) => change.id === id));
      const names = hit.map(({ name, label }) => plainText(name ?? label)).join(', ');
      return [
        ...wrapped(text, width, '  ', '  '),
        ...wrapped(messages.getMessage('date.apps', [String(hit.length), names]), width, '    '),
      ];
    }),
  ];
};

const sourceLines = ({ source, seen, count, reasons }: SourceInWords, width: number | undefined): string[] => [
  ...wrapped(
    messages.getMessage(`seen.${seen}`, [messages.getMessage(`source.${source}`), String(count)]),
    width,
    '  ',
    '  ',
  ),
  ...reasons.flatMap((reason) => wrapped(reason, width, '    ')),
];

const CSV_COLUMNS = [
  'name',
  'label',
  'owner',
  'road',
  'obstacles',
  'dates',
  'flows',
  'lastUse',
  'users',
  'usernames',
  'addresses',
  'tokens',
  'failedLogins',
  'access',
  'notes',
  'gaps',
] as const;

/** The inventory for a spreadsheet: one line for each app, and what was not seen beside each. */
export const inventoryCsv = (inventory: InventoryInWords): string => {
  const gaps = inventory.sources
    .filter(({ seen }) => seen !== 'all')
    .map(({ source, reasons }) => `${messages.getMessage(`source.${source}`)}: ${reasons.join(' ')}`)
    .join('; ');
  const rows = inventory.apps.map((app): Record<(typeof CSV_COLUMNS)[number], string> => ({
    name: app.name ?? '',
    label: app.label,
    owner: messages.getMessage(`owner.${app.owner}`),
    road: messages.getMessage(`road.${app.road}`),
    obstacles: app.obstacles.join(' '),
    dates: app.changes.map(({ text }) => text).join(' '),
    flows:
      app.flows
        .map(({ flow, logins }) =>
          messages.getMessage('flow.counted', [messages.getMessage(`flow.${flow}`), String(logins)]),
        )
        .join('; ') || notSeen(),
    lastUse: day(app.lastUse) || notSeen(),
    users: String(app.users.length),
    usernames: app.users.join('; '),
    addresses: app.addresses.join('; '),
    tokens: String(app.tokens.count),
    failedLogins: String(app.failedLogins),
    access: app.access.join('; '),
    notes: app.notes.join(' '),
    gaps,
  }));
  return csv([
    CSV_COLUMNS.map((key) => messages.getMessage(`csv.${key}`)),
    ...rows.map((row) => CSV_COLUMNS.map((key) => row[key])),
  ]);
};
