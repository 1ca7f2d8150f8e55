import type { Change } from '../app/app.ts';
import type { Advice } from '../app/problem.ts';
import { adviceWarning, texts } from '../texts.ts';
import { changeRows, inOneLine } from './changeRows.ts';

const messages = texts('eca.apply');

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
  messages.getMessage(`plan.${action}`, [signs[action], name]),
  ...user.map(indented),
  ...changeRows(changes).map(({ field, before, after }) =>
    indented(
      action === 'create'
        ? messages.getMessage('plan.value', [field, inOneLine(after)])
        : messages.getMessage('plan.field', [field, inOneLine(before), inOneLine(after)]),
    ),
  ),
  ...notCompared.map((field) => indented(messages.getMessage('plan.notCompared', [field]))),
];

const indented = (line: string): string => `    ${line}`;

/** How many apps are in for what: `1 to create, 2 to change, 0 to delete, 3 unchanged`. */
export const planSummary = (apps: PlannedApp[]): string => {
  const count = (wanted: PlannedApp['action']): string => String(apps.filter(({ action }) => action === wanted).length);
  return messages.getMessage('plan.summary', [count('create'), count('change'), count('delete'), count('none')]);
};

/** What is unwise about an app, a line for each. */
export const adviceLines = (advice: Advice[]): string[] => advice.map((one) => `- ${adviceWarning(one).message}`);
