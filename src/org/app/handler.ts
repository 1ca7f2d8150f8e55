import type { Connection } from '@salesforce/core';

import { ByName } from '../../app/name.ts';
import { type Problem, quotable } from '../../app/problem.ts';
import { operation } from '../request/operation.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';
import type { Plan } from './plan.ts';

const HANDLER_FIELD = 'policies.apexHandler';
const RUN_AS_FIELD = 'policies.apexHandlerRunAs';

/**
 * Looks whether the Apex handlers that plans name are there, and the users as whom these run. The org is asked once, however many
 * plans there are, and only when a plan changes one of them.
 *
 * @returns problems for each plan that names what is not there
 * @throws what orgSaidNo names
 */
export const checkHandlers = async (connection: Connection, plans: Plan[]): Promise<Map<Plan, Problem[]>> => {
  const classes = plans.flatMap((planned) => newName(planned, HANDLER_FIELD));
  const usernames = plans.flatMap((planned) => newName(planned, RUN_AS_FIELD));
  const [there, users] = await Promise.all([readClasses(connection, classes), readUsers(connection, usernames)]);
  return new Map(
    plans.flatMap((planned): Array<[Plan, Problem[]]> => {
      const problems: Problem[] = [
        ...newName(planned, HANDLER_FIELD)
          .filter((name) => there && !there.has(name))
          .map((name): Problem => ({
            code: 'error.apexHandlerUnknown',
            values: [quotable(name)],
            field: HANDLER_FIELD,
          })),
        ...newName(planned, RUN_AS_FIELD)
          .filter((name) => users.get(name) !== true)
          .map((name): Problem => ({
            code: users.has(name) ? 'error.apexHandlerRunAsInactive' : 'error.apexHandlerRunAsUnknown',
            values: [quotable(name)],
            field: RUN_AS_FIELD,
          })),
      ];
      return problems.length > 0 ? [[planned, problems]] : [];
    }),
  );
};

/** The name that a plan puts into a field; none where it leaves the field, or empties it. */
const newName = ({ changes }: Plan, field: string): string[] =>
  changes.flatMap((change) =>
    change.field === field && typeof change.after === 'string' && change.after !== '' ? [change.after] : [],
  );

type ClassRow = { Name: string; NamespacePrefix: string | null };

/** The classes among these names, with and without their namespace. Undefined where this login may not see classes: only the org can tell then. */
const readClasses = async (connection: Connection, names: string[]): Promise<ByName<true> | undefined> => {
  if (names.length === 0) return new ByName();
  const unseen: ClassRow[] = [];
  const own = names.map((name) => name.replace(/^\w+?__(?=\w)/, '').replace(/^\w+\./, ''));
  const rows = await query<ClassRow>(
    connection,
    operation('lookingForHandler'),
    soql`SELECT Name, NamespacePrefix FROM ApexClass WHERE Name IN ${[...names, ...own]}`,
    { INVALID_TYPE: unseen },
  );
  if (rows === unseen) return undefined;
  const spellings = rows.flatMap(({ Name, NamespacePrefix: prefix }) =>
    prefix ? [Name, `${prefix}__${Name}`, `${prefix}.${Name}`] : [Name],
  );
  return new ByName(spellings.map((name) => [name, true]));
};

/** The users among these usernames, and whether they are active. */
const readUsers = async (connection: Connection, usernames: string[]): Promise<ByName<boolean>> => {
  if (usernames.length === 0) return new ByName();
  const rows = await query<{ Username: string; IsActive: boolean }>(
    connection,
    operation('lookingForUser', usernames.join(', ')),
    soql`SELECT Username, IsActive FROM User WHERE Username IN ${usernames}`,
  );
  return new ByName(rows.map(({ Username, IsActive }) => [Username, IsActive]));
};
