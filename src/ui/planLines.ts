import type { Change } from '../app/app.ts';
import { plainText } from '../app/plainText.ts';
import type { Advice } from '../app/problem.ts';
import { Messages } from '../salesforce.ts';
import { changeRows } from './changeRows.ts';
import { safe } from './problems.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const appMessages = Messages.loadMessages('sf-plugin-eca', 'eca');
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.apply');

/** The steps of a plan for one app, as far as they are shown. */
export type PlannedApp = {
  name: string;
  action: 'create' | 'change' | 'delete' | 'none';
  changes: Change[];
  /** Fields that the file sets and that cannot be compared, because the org does not return them. They are not sent. */
  notCompared: string[];
  /** The steps for the app's integration user, if there are any. */
  user?: string[];
};

const signs = { create: '+', change: '~', delete: '-', none: ' ' } as const;

/**
 * A plan in lines: one line for each app, with the changes below it. The plan is no table, so that a long plan prints
 * fast.
 */
export const planLines = (apps: PlannedApp[]): string[] => apps.flatMap(appLines);

const appLines = ({ name, action, changes, notCompared, user = [] }: PlannedApp): string[] => [
  messages.getMessage(`plan.${action}`, [signs[action], plainText(name)]),
  ...user.map((line) => `    ${line}`),
  ...changeRows(changes).map(({ field, before, after }) =>
    action === 'create'
      ? detail('plan.value', field, oneLine(after))
      : detail('plan.field', field, oneLine(before), oneLine(after)),
  ),
  ...notCompared.map((field) => detail('plan.notCompared', field)),
];

const detail = (message: string, ...values: string[]): string => `    ${messages.getMessage(message, values)}`;

/** Each item of a list has its own line. */
const oneLine = (cell: string): string => cell.replaceAll('\n', ', ');

/** The number of apps for each action: `1 to create, 2 to change, 0 to delete, 3 unchanged`. */
export const planSummary = (apps: PlannedApp[]): string => {
  const count = (wanted: PlannedApp['action']): string => String(apps.filter(({ action }) => action === wanted).length);
  return messages.getMessage('plan.summary', [count('create'), count('change'), count('delete'), count('none')]);
};

/** The warnings about an app, one to a line. */
export const adviceLines = (advice: Advice[]): string =>
  advice.map(({ code, values }) => `- ${appMessages.getMessage(code, safe(values))}`).join('\n');
