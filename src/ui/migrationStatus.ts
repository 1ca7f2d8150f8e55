import type { Comparison, Side } from '../app/connected/comparison.ts';
import type { Quietness } from '../app/connected/use.ts';
import { plainText } from '../app/plainText.ts';
import { migrationInWords, texts } from '../texts.ts';
import type { Table } from './appRows.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.migrate.status');
const listMessages = texts('eca.migrate.list');

/** Where it is known from which external client app belongs to a Connected App. */
export type PairFrom = { from: 'flag' } | { from: 'note'; since: string } | { from: 'nowhere' };

/** A Connected App beside its new app, in words. Dates are texts in ISO format. */
export type ComparisonInWords = {
  old: Side;
  /** Absent where no new app is known, or the org does not have it. */
  new?: Side;
  pair: PairFrom;
  /** Without `days`, nobody can tell; `unread` says why. */
  quiet: Omit<Quietness, 'unread'> & { unread: string[] };
  notes: string[];
};

export const comparisonInWords = ({ quiet, notes, ...sides }: Comparison, pair: PairFrom): ComparisonInWords => ({
  ...sides,
  pair,
  quiet: { ...quiet, unread: quiet.unread.map(migrationInWords) },
  notes: notes.map(migrationInWords),
});

/** Which apps are compared, and where the pair is known from. */
export const pairLine = (old: string, newName: string | undefined, pair: PairFrom): string => {
  if (newName === undefined || pair.from === 'nowhere') return messages.getMessage('pair.none', [old]);
  return pair.from === 'flag'
    ? messages.getMessage('pair.flag', [old, newName])
    : messages.getMessage('pair.note', [old, newName, pair.since.slice(0, 10)]);
};

const ROWS = ['users', 'flows', 'addresses', 'lastUse', 'tokens', 'failedLogins'] as const;

const notSeen = (): string => listMessages.getMessage('value.notSeen');

const cells = (side: Side | undefined): Record<(typeof ROWS)[number], string> => {
  const list = (values: string[] = []): string => values.map(plainText).join('\n') || notSeen();
  const { count = 0, users = 0 } = side?.tokens ?? {};
  return {
    users: list(side?.users),
    flows: list(side?.flows.map(({ flow }) => listMessages.getMessage(`flow.${flow}`))),
    addresses: list(side?.addresses),
    lastUse: side?.lastUse ?? notSeen(),
    tokens: messages.getMessage('tokens', [String(count), String(users)]),
    failedLogins: String(side?.failedLogins ?? 0),
  };
};

/** Both apps as a table, with one column for each. */
export const comparisonTable = ({ old, new: other }: ComparisonInWords): Table => {
  const [ofOld, ofNew] = [cells(old), cells(other)];
  const columns = ['what', 'old', ...(other ? ['new' as const] : [])] as const;
  return {
    data: ROWS.map((row) => ({ what: messages.getMessage(`row.${row}`), old: ofOld[row], new: ofNew[row] })),
    columns: columns.map((key) => ({ key, name: messages.getMessage(`column.${key}` as 'column.what') })),
  };
};

/** The lines below the table: for how long the Connected App was quiet, and what limits the comparison. */
export const comparisonLines = ({ quiet, notes }: ComparisonInWords, width?: number): string[] => {
  const { days, atLeast, last = '', unread } = quiet;
  return [
    '',
    ...(days === undefined
      ? [
          ...wrapped(messages.getMessage('quiet.unknown'), width, ''),
          ...unread.flatMap((reason) => wrapped(`- ${reason}`, width, '    ', '  ')),
        ]
      : wrapped(
          atLeast
            ? messages.getMessage('quiet.atLeast', [String(days)])
            : messages.getMessage('quiet.days', [String(days), last]),
          width,
          '',
        )),
    ...notes.flatMap((note) => wrapped(messages.getMessage('note', [note]), width, '  ')),
  ];
};
