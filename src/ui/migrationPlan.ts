import type { App, Flow } from '../app/app.ts';
import type { Access } from '../app/connected/access.ts';
import type { Outcome } from '../app/connected/answer.ts';
import type { Migration } from '../app/connected/translate.ts';
import type { WorksheetStep } from '../app/connected/worksheet.ts';
import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { FLOWS } from '../app/flows.ts';
import { plainText } from '../app/plainText.ts';
import { StandardColors } from '../salesforce.ts';
import { migrationInWords, problemInFile, texts } from '../texts.ts';
import { refuseFileProblems } from './fileProblems.ts';
import { markdownTable, markdownText } from './markdown.ts';
import { remedyOf } from './remedies.ts';
import { wrapped } from './wrapped.ts';

const messages = texts('eca.migrate.plan');

/** What becomes of one element of a Connected App, in words. */
export type ElementInWords = {
  /** Path in the metadata, such as `oauthConfig.scopes`. */
  element: string;
  /** Absent when the Connected App does not have the element. */
  value?: string;
  outcome: Outcome;
  /** The fields of the new app that get the value. */
  fields: string[];
  reason: string;
};

/** The plan for one Connected App, in words. */
export type MigrationInWords = {
  connectedApp: string;
  /** The file that the Connected App was read from; absent for one of an org. */
  file?: string;
  /** The external client app that is planned. */
  app: App;
  elements: ElementInWords[];
  counts: Record<Outcome, number>;
  /** Permission sets and profiles that may use the Connected App, though its metadata does not name them. */
  added?: Access;
  findings: Array<{ id: string; text: string; fix: string; commands: string[] }>;
  worksheet: Array<{ for: WorksheetStep['for']; text: string }>;
};

/** What needs somebody comes first. */
const ORDER: readonly Outcome[] = ['needsYou', 'cannot', 'changed', 'carried'];

const SIGNS: Record<Outcome, string> = { needsYou: '!', cannot: '✘', changed: '~', carried: '✔' };

const COLOURS = {
  needsYou: StandardColors.warning,
  cannot: StandardColors.error,
  changed: StandardColors.info,
  carried: StandardColors.success,
};

/** A Connected App, where it came from, and what becomes of it. */
type Move = { migration: Migration; source: { file?: string }; added: Access };

export const planInWords = ({ migration, source: { file }, added }: Move): MigrationInWords => {
  const elements = migration.elements.map(({ element, value, outcome, fields, reason, problem }) => ({
    element,
    ...(value !== undefined && { value }),
    outcome,
    fields,
    reason: [migrationInWords(reason), ...(problem ? [problemInFile(problem)] : [])].join(' '),
  }));
  const count = (outcome: Outcome): number => elements.filter((one) => one.outcome === outcome).length;
  return {
    connectedApp: migration.connectedApp,
    ...(file !== undefined && { file }),
    app: migration.wish,
    elements,
    counts: {
      carried: count('carried'),
      changed: count('changed'),
      needsYou: count('needsYou'),
      cannot: count('cannot'),
    },
    ...(namesIn(added).length > 0 && { added }),
    findings: migration.findings.map(({ id, text, fix }) => ({
      id,
      text: migrationInWords(text),
      fix: migrationInWords(fix),
      commands: remedyOf(migrationInWords(fix)).commands,
    })),
    worksheet: migration.worksheet.map((step) => ({ for: step.for, text: migrationInWords(step.text) })),
  };
};

const namesIn = ({ permissionSets, profiles }: Access): string[] => [...permissionSets, ...profiles];

const addedLine = ({ added }: MigrationInWords): string[] =>
  added ? [messages.getMessage('added', [namesIn(added).join(', ')])] : [];

/**
 * The Connected Apps of files, or an error about all that is wrong with the files.
 *
 * @param as the name of the new app
 * @param unread problems of files that could not be read
 * @throws error.filesWrong with all problems of all files; error.asForOne (exit code 2): a name is for one app
 */
export const refuseSources = <Source, P extends Parameters<typeof refuseFileProblems>[1]>(
  screen: Parameters<typeof refuseFileProblems>[0],
  as: string | undefined,
  unread: P,
  { sources, problems }: { sources: Source[]; problems: P },
): Source[] => {
  refuseFileProblems(screen, [...unread, ...problems]);
  if (as !== undefined && sources.length > 1)
    throw messages.createError('error.asForOne', [String(sources.length)], [], EXIT_CODE_FOR.wrongFlags);
  return sources;
};

/** Is there anything that a person has to decide, to do or to give up? */
export const isOpen = ({ counts }: MigrationInWords): boolean => counts.needsYou + counts.cannot > 0;

const named = ({ element, value }: ElementInWords): string => {
  if (value === undefined) return messages.getMessage('element.absent', [element]);
  const line = value.replaceAll(/\s+/g, ' ').trim();
  return line === ''
    ? messages.getMessage('element.empty', [element])
    : messages.getMessage('element', [element, line]);
};

const isFlow = (about: WorksheetStep['for']): about is Flow => Object.hasOwn(FLOWS, about);

const about = (step: WorksheetStep['for']): string =>
  isFlow(step) ? FLOWS[step].label : messages.getMessage(`for.${step}`);

const summaryLine = ({ counts }: MigrationInWords): string =>
  messages.getMessage('summaryLine', [
    String(counts.carried),
    String(counts.changed),
    String(counts.needsYou),
    String(counts.cannot),
  ]);

/**
 * The plan as lines of a terminal.
 *
 * @param width of the terminal; absent without a terminal, and then text is not wrapped
 */
export const migrationLines = (plan: MigrationInWords, width?: number): string[] => {
  const say = (text: string, margin: string): string[] => wrapped(text, width, margin);
  const sections = ORDER.flatMap((outcome) => {
    const elements = plan.elements.filter((one) => one.outcome === outcome);
    if (elements.length === 0) return [];
    const sign = COLOURS[outcome](SIGNS[outcome]);
    return [
      '',
      messages.getMessage('section', [messages.getMessage(`outcome.${outcome}`), String(elements.length)]),
      ...elements.flatMap((one) => [
        ...wrapped(`${sign} ${named(one)}`, width, '  ', '  '),
        // What is carried is most of the plan, and most of it for the same reason.
        ...(outcome === 'carried' ? [] : say(one.reason, '      ')),
      ]),
    ];
  });
  return [
    messages.getMessage('headline', [plan.connectedApp, plan.app.name]),
    ...sections,
    '',
    ...addedLine(plan).flatMap((line) => [...wrapped(line, width, ''), '']),
    messages.getMessage('findings'),
    ...plan.findings.flatMap(({ text, fix }) => [...wrapped(`- ${text}`, width, '  ', '  '), ...say(fix, '    ')]),
    ...(plan.worksheet.length === 0 ? [] : ['', messages.getMessage('worksheet')]),
    ...plan.worksheet.flatMap((step) => wrapped(`- ${about(step.for)}: ${step.text}`, width, '  ', '  ')),
    '',
    summaryLine(plan),
  ];
};

/** The plan as Markdown. */
export const migrationMarkdown = (plan: MigrationInWords): string => {
  const columns = (['element', 'value', 'outcome', 'reason'] as const).map((key) =>
    messages.getMessage(`column.${key}`),
  );
  return [
    `# ${markdownText(messages.getMessage('headline', [plan.connectedApp, plan.app.name]))}`,
    '',
    markdownText(summaryLine(plan)),
    '',
    ...markdownTable(
      columns,
      ORDER.flatMap((outcome) =>
        plan.elements
          .filter((one) => one.outcome === outcome)
          .map(({ element, value = '', reason }) => [
            element,
            value,
            messages.getMessage(`outcome.${outcome}`),
            reason,
          ]),
      ),
    ),
    '',
    `## ${messages.getMessage('findings')}`,
    '',
    ...addedLine(plan).map((line) => `- ${markdownText(line)}`),
    ...plan.findings.map(({ text, fix }) => `- ${markdownText(text)} ${markdownText(fix)}`),
    ...(plan.worksheet.length === 0 ? [] : ['', `## ${messages.getMessage('worksheet')}`, '']),
    ...plan.worksheet.map((step) => `- [ ] ${markdownText(about(step.for))}: ${markdownText(step.text)}`),
    '',
  ].join('\n');
};

/** The comment at the top of an eca.yaml: where the apps come from, and what somebody has to do first. */
export const fileComment = (plans: MigrationInWords[]): string =>
  plans
    .flatMap((plan) => {
      const open = plan.elements.filter(({ outcome }) => outcome === 'needsYou');
      return [
        messages.getMessage('file.header', [plan.connectedApp]),
        ...(open.length === 0 ? [] : [messages.getMessage('file.needsYou')]),
        ...open.map((one) => `- ${named(one)}. ${one.reason}`),
      ];
    })
    .map((line) => `# ${plainText(line).replaceAll(/\s+/g, ' ')}\n`)
    .join('');
