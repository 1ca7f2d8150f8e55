import type { Change } from '../app/app.ts';
import { INTEGRATION, type UserPlan, type UserStep } from '../app/integrationUser.ts';
import { Messages } from '../salesforce.ts';
import { changeRows } from './changeRows.ts';
import { plainText } from '../app/plainText.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.user.create');

/** What is done for an integration user, a line for each step: `+` is to be done, `=` is there. */
export const userPlanLines = ({ steps, user, toMake, accessSet }: UserPlan): string[] =>
  steps.map(({ id, name, there }) => {
    const isRead = id === 'access-set' && there;
    const line = messages.getMessage(isRead ? 'plan.access-set.there' : `plan.${id}`, [
      there ? '=' : '+',
      plainText(name),
      ...profileOf(id, user?.profileName ?? toMake.profile?.name ?? INTEGRATION.profile),
    ]);
    const { others } = accessSet;
    // Without a number there may be some.
    const tellsOthers = isRead && others !== 0;
    return tellsOthers ? `${line}. ${messages.getMessage('plan.access-set.others', [String(others ?? '?')])}` : line;
  });

/** What changes in the app, a line for each field. */
export const appChangeLines = (changes: Change[]): string[] =>
  changeRows(changes).map(
    ({ field, before, after }) =>
      `~ ${messages.getMessage('plan.field', [field, inOneLine(before), inOneLine(after)])}`,
  );

const profileOf = (id: UserStep['id'], profile: string): string[] => (id === 'user' ? [plainText(profile)] : []);

/** Items of a list come one to a line. */
const inOneLine = (cell: string): string => cell.replaceAll('\n', ', ');
