import type { Change } from '../app/app.ts';
import { INTEGRATION, type UserPlan } from '../app/integrationUser.ts';
import type { UserPermission } from '../app/user.ts';
import { texts } from '../texts.ts';
import { changeRows, inOneLine } from './changeRows.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.user.create');

/** The steps for an integration user, a line for each: `+` is a step to do, `=` exists already. */
export const userPlanLines = ({ steps, user, toMake, accessSet }: UserPlan): string[] =>
  steps.map(({ id, name, there }) => {
    const isRead = id === 'access-set' && there;
    const sign = there ? '=' : '+';
    const profile = user?.profileName ?? toMake.profile?.name ?? INTEGRATION.profile;
    const line =
      id === 'user'
        ? messages.getMessage('plan.user', [sign, name, profile])
        : messages.getMessage(isRead ? 'plan.access-set.there' : `plan.${id}`, [sign, name]);
    const { others } = accessSet;
    // Without a number, there may be some.
    const tellsOthers = isRead && others !== 0;
    return tellsOthers ? `${line}. ${messages.getMessage('plan.access-set.others', [String(others ?? '?')])}` : line;
  });

/** The changes of the app, a line for each field. */
export const appChangeLines = (changes: Change[]): string[] =>
  changeRows(changes).map(
    ({ field, before, after }) =>
      `~ ${messages.getMessage('plan.field', [field, inOneLine(before), inOneLine(after)])}`,
  );

/** Warns of what a user can do, now or after the plan, and an integration should not. Silent for a user without such permissions. */
export const warnOfMighty = (screen: Pick<Screen, 'warn'>, { user, toMake, mighty }: UserPlan): void =>
  warnOfPowers(
    screen,
    user?.username ?? toMake.usernames[0] ?? '',
    mighty.map(({ name, permissions }) =>
      messages.getMessage('warning.userPowerful.set', [permissionsInWords(permissions), name]),
    ),
  );

/** @param powers what the user can do, in words */
export const warnOfPowers = (screen: Pick<Screen, 'warn'>, username: string, powers: string[]): void => {
  if (powers.length === 0) return;
  screen.warn(messages.createWarning('warning.userPowerful', [username, powers.join('; ')]));
};

/** Permissions by the labels that Setup shows, and by API name. */
export const permissionsInWords = (permissions: UserPermission[]): string =>
  permissions.map(({ label, name }) => `"${label}" (${name})`).join(', ');

/** The most users that a warning names: an app may have thousands of users. */
const USERS_NAMED = 10;

/**
 * The users who lose access to an app when only approved users may use it.
 *
 * @param users the current users; undefined when they cannot be read
 */
export const lockedOutInWords = (app: string, users: string[] | undefined): string => {
  const named = users?.slice(0, USERS_NAMED).join(', ');
  const more = users && users.length > USERS_NAMED ? `, ... (${users.length})` : '';
  const who = users
    ? users.length > 0
      ? messages.getMessage('plan.lockOut.users', [`${named}${more}`])
      : messages.getMessage('plan.lockOut.nobody')
    : messages.getMessage('plan.lockOut.unseen');
  return messages.getMessage('plan.lockOut', [app, who]);
};

/**
 * Warns of the users whom a change to approved users only would lock out. Does nothing when nobody uses the app.
 *
 * @param target the app in its org, as `sameApp` gives it
 */
export const warnOfLockedOut = (
  screen: Pick<Screen, 'warn'>,
  app: string,
  users: string[] | undefined,
  target: string,
): void => {
  if (users?.length === 0) return;
  screen.warn(messages.createWarning('warning.lockOut', [lockedOutInWords(app, users)], [target]));
};
