import { type AppStatus, endsWithin, type PairStatus } from '../app/credentialsStatus.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { plainText } from '../app/plainText.ts';
import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';
import { showTable } from './tables.ts';

const messages = texts('eca.credentials.status');

/** The columns of the table, in their order. One app needs no column for its name. */
const COLUMNS = ['app', 'consumerKey', 'state', 'created', 'age', 'expires', 'left'] as const;

type Row = Record<(typeof COLUMNS)[number], string>;

/** Shows the pairs of all apps as a table, and warns of those that this login may not see. */
export const showCredentialsStatus = (
  screen: Pick<Screen, 'log' | 'table' | 'warn'>,
  apps: AppStatus[],
  { all }: { all: boolean },
): void => {
  if (apps.length === 0) return screen.log(messages.getMessage('none'));
  showTable(screen, {
    data: apps.flatMap(rowsOf),
    columns: COLUMNS.filter((key) => all || key !== 'app').map((key) => ({
      key,
      name: messages.getMessage(`column.${key}`),
    })),
  });
  if (apps.some(({ pairs }) => pairs === 'seen')) screen.log(messages.getMessage('ageNotTold'));
  const unseen = unseenOf(apps);
  if (unseen.length > 0) screen.warn(messages.createWarning('warning.unseen', [unseen.join(', ')]));
};

const unseenOf = (apps: AppStatus[]): string[] =>
  apps.filter(({ pairs }) => pairs === 'not-seen').map(({ name }) => name);

const rowsOf = ({ name, pairs, consumers }: AppStatus): Row[] => {
  const app = plainText(name);
  if (pairs === 'seen') return consumers.flatMap((consumer) => consumer.pairs.map((pair) => rowOf(app, pair)));
  const state = messages.getMessage(`state.${pairs}`);
  return [{ app, consumerKey: '-', state, created: '-', age: '-', expires: '-', left: '-' }];
};

const rowOf = (
  app: string,
  { consumerKey, state, createdDate, expirationDate, ageDays, daysLeft }: PairStatus,
): Row => ({
  app,
  consumerKey: plainText(consumerKey),
  state: messages.getMessage(`state.${state}`),
  created: dayOf(createdDate),
  age: state === 'in-use' && ageDays === undefined ? messages.getMessage('notTold') : daysOf(ageDays),
  expires: dayOf(expirationDate),
  left: daysOf(daysLeft),
});

const dayOf = (date: string | undefined): string => plainText(date?.slice(0, 10) ?? '-');

const daysOf = (count: number | undefined): string => (count === undefined ? '-' : String(count));

/** Sets the exit code for what was found. What was not seen is not fine. */
export const judgeCredentials = (apps: AppStatus[], warnDays: number | undefined): void => {
  if (warnDays === undefined) return;
  if (unseenOf(apps).length > 0) process.exitCode = EXIT_CODE_FOR.unfinished;
  if (apps.some((app) => endsWithin(app, warnDays))) process.exitCode = EXIT_CODE_FOR.changesFound;
};
