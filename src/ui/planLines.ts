import type { Change } from '../app/app.ts';
import { plainText } from '../app/plainText.ts';
import type { Advice } from '../app/problem.ts';
import { Messages } from '../salesforce.ts';
import { changeRows, inOneLine } from './changeRows.ts';
import { safe } from './problems.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const appMessages = Messages.loadMessages('sf-plugin-eca', 'eca');
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.apply');

/** What is to be done to one app, as far as it is shown. */
export type PlannedApp = {
  name: string;
  action: 'create' | 'change' | 'delete' | 'none';
  changes: Change[];
  /** Fields that the file says and nobody can compare, since the org does not return them; they are not sent. */
  notCompared: string[];
  /** What is to be done for the app's integration user, if anything. */
  user?: string[];
};

const signs = { create: '+', change: '~', delete: '-', none: ' ' } as const;

/** A plan in lines: an app to a line, what changes in it below. Long plans stay quick to print, so no table. */
export const planLines = (apps: PlannedApp[]): string[] => apps.flatMap(appLines);

const appLines = ({ name, action, changes, notCompared, user = [] }: PlannedApp): string[] => [
  messages.getMessage(`plan.${action}`, [signs[action], plainText(name)]),
  ...user.map((line) => `    ${line}`),
  ...changeRows(changes).map(({ field, before, after }) =>
    action === 'create'
      ? detail('plan.value', field, inOneLine(after))
      : detail('plan.field', field, inOneLine(before), inOneLine(after)),
  ),
  ...notCompared.map((field) => detail('plan.notCompared', field)),
];

const detail = (message: string, ...values: string[]): string => `    ${messages.getMessage(message, values)}`;

/** How many apps are in for what: `1 to create, 2 to change, 0 to delete, 3 unchanged`. */
export const planSummary = (apps: PlannedApp[]): string => {
  const count = (wanted: PlannedApp['action']): string => String(apps.filter(({ action }) => action === wanted).length);
  return messages.getMessage('plan.summary', [count('create'), count('change'), count('delete'), count('none')]);
};

/** What is unwise about an app, a line for each. */
export const adviceLines = (advice: Advice[]): string =>
  advice.map(({ code, values }) => `- ${appMessages.getMessage(code, safe(values))}`).join('\n');
