import type { Flow, Wish } from '../app.ts';
import { checkNewApp } from '../checkWish.ts';
import { setField } from '../fields.ts';
import { FLOW_NAMES } from '../flows.ts';
import { type Problem, quotable } from '../problem.ts';
import {
  type Answer,
  carried,
  type Item,
  needsYou,
  type Outcome,
  type Row,
  withoutOauth,
  withoutSaml,
} from './answer.ts';
import { BASICS } from './basics.ts';
import { type ConnectedApp, type ConnectedAppElement, elementsAt, textsAt } from './connectedApp.ts';
import { type ConnectedAppContext, contextOf, type MigrationOptions } from './context.ts';
import { judgeMigration, type MigrationFinding } from './findings.ts';
import { type MigrationText, tell } from './migrationText.ts';
import { OAUTH } from './oauth.ts';
import { POLICIES } from './policies.ts';
import { SAML } from './saml.ts';
import { worksheetFor, type WorksheetStep } from './worksheet.ts';

/** The known elements of a Connected App, by path, in the order in which a plan shows them. */
export const ELEMENTS: Readonly<Record<string, Row>> = { ...BASICS, ...OAUTH, ...POLICIES, ...SAML };

/** What becomes of one element of a Connected App. */
export type PlannedElement = {
  /** Path in the metadata, such as `oauthConfig.scopes`. A list has one entry for each value. */
  element: string;
  /** Absent when the Connected App does not have the element. A long value is cut. */
  value?: string;
  outcome: Outcome;
  /** The fields of the new app that get the value. */
  fields: string[];
  reason: MigrationText;
  /** Why the new app cannot have the value. */
  problem?: Problem;
};

/** The plan for the move of one Connected App. */
export type Migration = {
  /** API name of the Connected App. */
  connectedApp: string;
  /** The new app. */
  wish: Wish;
  elements: PlannedElement[];
  findings: MigrationFinding[];
  /** What the owner of the client has to change. */
  worksheet: WorksheetStep[];
};

type Answered = { element: string; value?: string; answer: Answer };

/** Plans an external client app that does the work of a Connected App. Every element is answered. */
export const translate = (app: ConnectedApp, options: MigrationOptions = {}): Migration => {
  const context = contextOf(app, options);
  const answered = [...answersFor(context), ...defaultsFor(context)];
  const settled = withoutProblems(answered, context.name);
  const wish = wishOf(context.name, settled);
  return {
    connectedApp: app.name,
    wish,
    elements: settled.map(({ element, value, answer: { outcome, reason, problem, fields = {} } }) => ({
      element,
      ...(value !== undefined && { value }),
      outcome,
      fields: Object.keys(fields),
      reason,
      ...(problem && { problem }),
    })),
    findings: judgeMigration(context, wish),
    worksheet: worksheetFor(context, wish),
  };
};

const answersFor = (context: ConnectedAppContext): Answered[] =>
  distinctPaths(context.app.elements, '').flatMap((path) => answersAt(path, context));

/** The paths at which something is answered, each once, in the order of the metadata. */
const distinctPaths = (elements: ConnectedAppElement[], group: string): string[] => [
  ...new Set(
    elements.flatMap((element) => {
      const path = group === '' ? element.name : `${group}.${element.name}`;
      const isWhole = ELEMENTS[path]?.children !== undefined;
      return 'children' in element && !isWhole ? distinctPaths(element.children, path) : [path];
    }),
  ),
];

const answersAt = (path: string, context: ConnectedAppContext): Answered[] => {
  const found = elementsAt(context.app, path);
  const row = Object.hasOwn(ELEMENTS, path) ? ELEMENTS[path] : undefined;
  const items = found.flatMap((element) => itemsOf(element, row));
  if (row === undefined) return items.map((item) => unknownAt(path, item));
  if (items.length > 1 && row.isList === undefined) {
    const value = quotable(items.map(({ text }) => text).join(', '));
    return [{ element: path, value, answer: needsYou(tell('reason.severalTimes')) }];
  }
  return [
    ...items.map((item) => ({
      element: path,
      value: quotable(row.shown?.(item) ?? item.text),
      answer: isEmpty(item, row) ? carried({}, tell('reason.empty')) : answerOf(row, item, context),
    })),
    ...unknownChildren(path, row, found),
  ];
};

/** A group without a row is answered element by element; an empty one holds nothing to carry. */
const unknownAt = (path: string, item: Item): Answered => ({
  element: path,
  value: quotable(item.text),
  answer:
    item.text === '' && Object.keys(ELEMENTS).some((known) => known.startsWith(`${path}.`))
      ? carried({}, tell('reason.empty'))
      : needsYou(tell('reason.unknown')),
});

/** Children that the row does not read. They must not be passed over. */
const unknownChildren = (path: string, { children }: Row, found: ConnectedAppElement[]): Answered[] => {
  if (children === undefined || children === 'any') return [];
  return found
    .flatMap((element) => ('children' in element ? element.children : []))
    .filter(({ name }) => !children.includes(name))
    .map((child) => ({
      element: `${path}.${child.name}`,
      value: 'text' in child ? quotable(child.text.trim()) : '',
      answer: needsYou(tell('reason.unknown')),
    }));
};

const isEmpty = ({ text }: Item, { children }: Row): boolean => children === undefined && text === '';

const itemsOf = (element: ConnectedAppElement, row: Row | undefined): Item[] => {
  const child = (name: string): string =>
    'children' in element ? (textsAt({ elements: element.children }, name)[0] ?? '') : '';
  const text = 'text' in element ? element.text.trim() : '';
  const texts = row?.split === undefined ? [text] : [...new Set(text.split(row.split).map((part) => part.trim()))];
  return texts.filter((part) => part !== '' || texts.length === 1).map((part) => ({ text: part, child }));
};

const answerOf = (row: Row, item: Item, context: ConnectedAppContext): Answer => {
  const missing = (row.ofOauth && withoutOauth(context)) || (row.ofSaml && withoutSaml(context));
  return missing || row.answer(item, context);
};

/**
 * What the metadata leaves out, where the defaults of a Connected App and of an external client app differ. An old API
 * version leaves out the newer elements.
 */
const defaultsFor = (context: ConnectedAppContext): Answered[] =>
  Object.entries(ELEMENTS).flatMap(([element, row]): Answered[] => {
    if (row.absent === undefined || elementsAt(context.app, element).length > 0) return [];
    if (row.ofOauth && !context.hasOauth) return [];
    if (row.absentIn !== undefined && elementsAt(context.app, row.absentIn).length === 0) return [];
    const answer = row.answer({ text: row.absent, child: () => '' }, context);
    const isDefault = answer.outcome === 'carried' && row.absent !== '';
    return [{ element, answer: isDefault ? { ...answer, reason: tell('reason.default', row.absent) } : answer }];
  });

/** The answers, less the values that an external client app refuses. Each of these needs somebody. */
const withoutProblems = (answered: Answered[], name: string): Answered[] => {
  const problems = checkNewApp(wishOf(name, answered));
  const problemOf = ({ fields = {} }: Answer): Problem | undefined =>
    problems.find(({ field }) => field !== undefined && Object.hasOwn(fields, field));
  const settled = answered.map((one) => {
    const problem = problemOf(one.answer);
    return problem ? { ...one, answer: needsYou(tell('reason.refused'), problem) } : one;
  });
  const missing = problems.filter(
    ({ field }) => field === 'contactEmail' && !answered.some(({ element }) => element === field),
  );
  return [
    ...settled,
    ...missing.map((problem) => ({ element: 'contactEmail', answer: needsYou(tell('reason.refused'), problem) })),
  ];
};

const wishOf = (name: string, answered: Answered[]): Wish => {
  const fields: Record<string, unknown> = {};
  const flows = new Set<Flow>();
  for (const { answer } of answered) {
    if (answer.flow) flows.add(answer.flow);
    for (const [path, value] of Object.entries(answer.fields ?? {})) fields[path] = joined(fields[path], value);
  }
  if (fields['oauth.callbackUrls'] !== undefined)
    fields['oauth.flows'] = FLOW_NAMES.filter((flow) => flow === 'web-server' || flows.has(flow));
  const wish: Wish = { name };
  for (const [path, value] of Object.entries(fields)) setField(wish, path, value);
  return wish;
};

/** Lists of several answers become one list, in which each value is there once. */
const joined = (before: unknown, value: unknown): unknown => {
  if (!Array.isArray(before) || !Array.isArray(value)) return value;
  return [...new Set([...(before as unknown[]), ...(value as unknown[])])];
};
