import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';

import type { Exception } from '../app/audit/exceptions.ts';
import { nearestRule, ruleNamed } from '../app/audit/rules.ts';
import { type Problem, quotable } from '../app/problem.ts';
import type { FileProblem } from './ecaFile.ts';
import { readDocument } from './parse.ts';

const KEYS = ['rule', 'app', 'org', 'reason', 'until'] as const;

type Key = (typeof KEYS)[number];

const isKey = (name: string): name is Key => KEYS.some((key) => key === name);

/** Every exception says which rule it is about, and why. */
const NEEDED: readonly Key[] = ['rule', 'reason'];

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Is this a day that the calendar has? `2027-02-30` is none. */
const isDay = (text: string): boolean =>
  DAY.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

/**
 * Reads a file of exceptions, such as `.eca-audit.yaml`. Its key `ignore` has a list: `rule` and `reason`, and perhaps
 * `app`, `org` and `until`. Whatever is wrong with it is reported, all at once.
 *
 * @param file its name, for places
 */
export const parseExceptions = (text: string, file: string): { exceptions: Exception[]; problems: FileProblem[] } => {
  const { document, place, problems } = readDocument(text, file);
  const exceptions: Exception[] = [];
  const refuse = (node: Node | null | undefined, problem: Problem): void => {
    problems.push({ ...place(node?.range?.[0] ?? 0), ...problem });
  };
  const root = document?.contents;
  // An empty file has no exceptions.
  if (!document || !root || (isScalar(root) && root.value === null))
    return { exceptions, problems: problems.filter(({ code }) => code !== 'file.empty') };
  const list = isMap(root) && root.items.length === 1 ? root.get('ignore', true) : undefined;
  if (!isSeq(list)) {
    refuse(root, { code: 'file.exceptionsNoGroup', values: [] });
    return { exceptions, problems };
  }
  for (const item of list.items) {
    if (isMap(item)) {
      const read = readException(item as YAMLMap<Node, Node | null>, refuse);
      if (read) exceptions.push(read);
    } else refuse(item as Node, { code: 'file.exceptionNeeds', values: ['rule'] });
  }
  return { exceptions, problems };
};

/** A text, or a number as one. */
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

type Refuse = (node: Node | null | undefined, problem: Problem) => void;

const readException = (item: YAMLMap<Node, Node | null>, refuse: Refuse): Exception | undefined => {
  const said: Partial<Record<Key, string>> = {};
  for (const { key, value } of item.items) {
    const name = isScalar(key) ? String(key.value) : '';
    // A day may be written without quotes. The library leaves it a text.
    const written = isScalar(value) ? textOf(value.value).trim() : '';
    if (!isKey(name)) refuse(key, { code: 'file.exceptionKey', values: [quotable(name), KEYS.join(', ')] });
    else if (written === '') refuse(value ?? key, { code: 'file.exceptionText', values: [name] });
    else said[name] = written;
  }
  const missing = NEEDED.filter((key) => said[key] === undefined);
  for (const key of missing) refuse(item, { code: 'file.exceptionNeeds', values: [key] });
  if (said.until !== undefined && !isDay(said.until))
    refuse(item, { code: 'file.exceptionDay', values: [quotable(said.until)] });
  const rule = said.rule === undefined ? undefined : ruleNamed(said.rule);
  if (said.rule !== undefined && !rule)
    refuse(item, { code: 'file.exceptionRule', values: [quotable(said.rule), nearestRule(said.rule)] });
  if (!rule || said.reason === undefined) return undefined;
  return { ...said, rule: rule.id, reason: said.reason };
};
