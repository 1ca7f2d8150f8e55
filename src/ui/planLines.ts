import type { Change } from '../app/app.ts';
import type { Advice } from '../app/problem.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import { StandardColors } from '../salesforce.ts';
import { adviceWarning, texts } from '../texts.ts';
import { changeRows, inOneLine } from './changeRows.ts';
import { markdownTable, markdownText } from './markdown.ts';
import { orgLine } from './targetOrg.ts';

const messages = texts('eca.apply');

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

const COLOURS = {
  create: StandardColors.success,
  change: StandardColors.warning,
  delete: StandardColors.error,
  none: (sign: string): string => sign,
};

const SIGNS = { create: '+', change: '~', delete: '-', none: ' ' } as const;

/**
 * A plan in lines: one line for each app, with the changes below it. The plan is no table, so that a long plan prints
 * fast.
 */
export const planLines = (apps: PlannedApp[]): string[] => apps.flatMap(appLines);

const appLines = ({ name, action, changes, notCompared, user = [] }: PlannedApp): string[] => [
  messages.getMessage(`plan.${action}`, [{ coloured: COLOURS[action](SIGNS[action]) }, name]),
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

/** A plan for a ticket or a pull request. */
export const planMarkdown = (apps: PlannedApp[], org: TargetOrg): string => {
  const columns = (['action', 'app', 'field', 'before', 'after'] as const).map((key) =>
    messages.getMessage(`column.${key}`),
  );
  const rows = apps.flatMap(({ name, action, changes, notCompared, user = [] }) => {
    const first = [messages.getMessage(`action.${action}`), name];
    const steps = [
      ...user.map((step) => [...first, step, '', '']),
      ...changeRows(changes).map(({ field, before, after }) => [...first, field, inOneLine(before), inOneLine(after)]),
      ...notCompared.map((field) => [...first, messages.getMessage('plan.notCompared', [field]), '', '']),
    ];
    return steps.length > 0 ? steps : [[...first, '', '', '']];
  });
  return [
    `## ${markdownText(planSummary(apps))}`,
    '',
    markdownText(orgLine(org)),
    '',
    ...markdownTable(columns, rows),
    '',
  ].join('\n');
};

/** The number of apps for each action: `1 to create, 2 to change, 0 to delete, 3 unchanged`. */
export const planSummary = (apps: PlannedApp[]): string => {
  const count = (wanted: PlannedApp['action']): string => String(apps.filter(({ action }) => action === wanted).length);
  return messages.getMessage('plan.summary', [count('create'), count('change'), count('delete'), count('none')]);
};

/** What is unwise about an app, a line for each. */
export const adviceLines = (advice: Advice[]): string[] => advice.map((one) => `- ${adviceWarning(one).message}`);
