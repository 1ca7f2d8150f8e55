import type { Connection } from '@salesforce/core';

import type { AddressGroup, LoginGroup, SourceSeen } from '../../app/connected/inventoryFacts.ts';
import { type MigrationText, tell } from '../../app/connected/migrationText.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { GROUPS_MAX, joined, readByWindows, timeInSoql, type TimeWindow, type WindowedRows } from './timeWindows.ts';

/** Rows of LoginHistory, as far as they were seen. */
export type SeenLogins = { logins: LoginGroup[]; addresses: AddressGroup[]; sources: SourceSeen[] };

/** Logins with a browser are not of a client app, and most logins of an org. LoginType can be filtered, Application cannot. */
const OF_CLIENTS = "LoginType != 'Application'";

/**
 * The logins of clients in LoginHistory, put into groups (Object Reference: Application and Status can be grouped, and
 * not filtered). An answer with groups has 2,000 at most, so the time is divided into windows.
 *
 * @param days before today, by the org's clock
 * @param missing the permission that the user lacks to see the logins of others
 * @throws what orgSaidNo names
 */
export const readLogins = async (
  connection: Connection,
  days: number,
  missing: string | undefined,
): Promise<SeenLogins> => {
  const [span] = await query<{ oldest: string | null; newest: string | null; n: number }>(
    connection,
    operation('readingLogins'),
    `SELECT MIN(LoginTime) oldest, MAX(LoginTime) newest, COUNT(Id) n FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:${days} AND ${OF_CLIENTS}`,
  );
  const own = missing === undefined ? [] : [tell('inventory.unseen.permission', missing)];
  const { oldest, newest, n = 0 } = span ?? {};
  if (!oldest || !newest) {
    const empty = (source: 'logins' | 'addresses'): SourceSeen => seen(source, 0, own);
    return { logins: [], addresses: [], sources: [empty('logins'), empty('addresses')] };
  }
  const whole = { from: wholeSecond(oldest), to: wholeSecond(newest) + 1000 };
  const logins = await readByWindows(whole, (window) => readGroups<LoginRow>(connection, LOGIN_FIELDS, window));
  const addresses = await readByWindows(whole, (window) => readGroups<AddressRow>(connection, ADDRESS_FIELDS, window));
  const groups = logins.rows.map(toLogin);
  return {
    logins: groups,
    addresses: addresses.rows
      .filter(({ Status, SourceIp }) => Status === SUCCESS && SourceIp !== null)
      .map(({ Application, SourceIp, n: count }) => ({
        application: Application ?? '',
        address: SourceIp ?? '',
        count,
      })),
    sources: [
      seen('logins', countIn(logins), [...own, ...gapsOf(logins, n)]),
      seen('addresses', countIn(addresses), [...own, ...gapsOf(addresses, n)]),
    ],
  };
};

const SUCCESS = 'Success';

type Counted = { n: number };
type LoginRow = Counted & {
  Application: string | null;
  LoginType: string | null;
  LoginSubType: string | null;
  UserId: string;
  Status: string | null;
  newest: string;
};
type AddressRow = Counted & { Application: string | null; Status: string | null; SourceIp: string | null };

const LOGIN_FIELDS = ['Application', 'LoginType', 'LoginSubType', 'UserId', 'Status'];
const ADDRESS_FIELDS = ['Application', 'Status', 'SourceIp'];

const readGroups = <Row extends object>(
  connection: Connection,
  fields: string[],
  { from, to }: TimeWindow,
): Promise<Row[]> =>
  query<Row>(
    connection,
    operation('readingLogins'),
    `SELECT ${fields.join(', ')}, COUNT(Id) n, MAX(LoginTime) newest FROM LoginHistory ` +
      `WHERE LoginTime >= ${timeInSoql(from)} AND LoginTime < ${timeInSoql(to)} AND ${OF_CLIENTS} ` +
      `GROUP BY ${fields.join(', ')} LIMIT ${GROUPS_MAX}`,
  );

const toLogin = ({ Application, LoginType, LoginSubType, UserId, Status, n, newest }: LoginRow): LoginGroup => ({
  application: Application ?? '',
  loginType: LoginType ?? '',
  ...(LoginSubType !== null && { subType: LoginSubType }),
  userId: UserId,
  succeeded: Status === SUCCESS,
  count: n,
  last: inIso(newest),
});

/** A time of an answer: its zone is written as +0000. */
export const inIso = (time: string): string => new Date(time).toISOString();

const wholeSecond = (time: string): number => Math.floor(Date.parse(time) / 1000) * 1000;

const countIn = ({ rows }: WindowedRows<Counted>): number => rows.reduce((sum, { n }) => sum + n, 0);

const seen = (source: SourceSeen['source'], count: number, reasons: MigrationText[]): SourceSeen => ({
  source,
  seen: reasons.length === 0 ? 'all' : 'part',
  count,
  reasons,
});

/** Why the groups are not all. A window has too many of them, or they have fewer logins than the org counts. */
const gapsOf = (found: WindowedRows<Counted>, counted: number): MigrationText[] => {
  const inWords = (windows: TimeWindow[]): string =>
    joined(windows)
      .map(({ from, to }) => `${timeInSoql(from)} - ${timeInSoql(to)}`)
      .join(', ');
  const { full, unread } = found;
  const isFewer = full.length + unread.length === 0 && countIn(found) < counted;
  return [
    ...(full.length > 0 ? [tell('inventory.unseen.windows', inWords(full))] : []),
    ...(unread.length > 0 ? [tell('inventory.unseen.requests', inWords(unread))] : []),
    ...(isFewer ? [tell('inventory.unseen.fewer', String(counted), String(countIn(found)))] : []),
  ];
};
