import type { Change } from '../app/app.ts';
import { INTEGRATION, type UserPlan, type UserStep } from '../app/integrationUser.ts';
import type { UserPermission } from '../app/user.ts';
import { Messages } from '../salesforce.ts';
import { changeRows } from './changeRows.ts';
import { plainText } from '../app/plainText.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.user.create');

/** The part of a command that warns. */
type Screen = { warn(input: { name: string; message: string; actions?: string[] }): unknown };

/** The steps for an integration user, a line for each: `+` is a step to do, `=` exists already. */
export const userPlanLines = ({ steps, user, toMake, accessSet }: UserPlan): string[] =>
  steps.map(({ id, name, there }) => {
    const isRead = id === 'access-set' && there;
    const line = messages.getMessage(isRead ? 'plan.access-set.there' : `plan.${id}`, [
      there ? '=' : '+',
      plainText(name),
      ...profileOf(id, user?.profileName ?? toMake.profile?.name ?? INTEGRATION.profile),
    ]);
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

const profileOf = (id: UserStep['id'], profile: string): string[] => (id === 'user' ? [plainText(profile)] : []);

/**
 * Warns of permissions that an integration user should not have, now or once a plan is carried out. Does nothing
 * without such permissions.
 */
export const warnOfMighty = (screen: Screen, { user, toMake, mighty }: UserPlan): void =>
  warnOfPowers(
    screen,
    user?.username ?? toMake.usernames[0] ?? '',
    mighty.map(({ name, permissions }) =>
      messages.getMessage('warning.userPowerful.set', [permissionsInWords(permissions), plainText(name)]),
    ),
  );

/** @param powers the permissions in question, in words */
export const warnOfPowers = (screen: Screen, username: string, powers: string[]): void => {
  if (powers.length === 0) return;
  screen.warn(messages.createWarning('warning.userPowerful', [plainText(username), powers.join('; ')]));
};

/** Permissions by the labels that Setup shows, and by API name. */
export const permissionsInWords = (permissions: UserPermission[]): string =>
  permissions.map(({ label, name }) => `"${label}" (${name})`).join(', ');

/** The most users that a warning names: an app may have thousands of users. */
const usersNamed = 10;

/**
 * The users who lose access to an app when only approved users may use it.
 *
 * @param users the current users; undefined when they cannot be read
 */
export const lockedOutInWords = (app: string, users: string[] | undefined): string => {
  const named = users?.slice(0, usersNamed).map(plainText).join(', ');
  const more = users && users.length > usersNamed ? `, ... (${users.length})` : '';
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
export const warnOfLockedOut = (screen: Screen, app: string, users: string[] | undefined, target: string): void => {
  if (users?.length === 0) return;
  screen.warn(messages.createWarning('warning.lockOut', [lockedOutInWords(app, users)], [target]));
};

/** Each item of a list has its own line. */
const inOneLine = (cell: string): string => cell.replaceAll('\n', ', ');
