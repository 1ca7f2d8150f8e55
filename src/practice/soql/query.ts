import type {
  FieldFunctionExpression,
  FieldType,
  FunctionExp,
  OrderByClause,
  Query,
  QueryBase,
  Subquery,
} from '@jetstreamapp/soql-parser-js';

import type { SObjectRecord } from '../org.ts';
import { type Field, type SObjectDefinition, SOBJECTS } from '../sobjects/definitions.ts';
import { columnsOf } from './columns.ts';
import { type Comparison, comparison, literalsOf, literalTexts, order, type Test, testOf } from './condition.ts';
import { errorAt, malformed, noSuchChildren, placeOf, SoqlError, tooComplicated } from './errors.ts';
import {
  type FieldPath,
  fieldPath,
  fieldValue,
  type QueryContext,
  type Reader,
  referred,
  requiredSObject,
  table,
  valueAt,
} from './fields.ts';
import { functionValue, isDateFunction, isFieldFunction } from './functions.ts';
import { parsed } from './parse.ts';

/** One record of an answer: its fields, nested records, and the `attributes` that every record has. */
export type ResultRecord = Record<string, unknown>;

/** The result of a query. `count` is set for `SELECT COUNT()`, which has no records. */
export type QueryResult = {
  records: ResultRecord[];
  count?: number;
  /** Records that a page has at most, where that is fewer than elsewhere. */
  pageSize?: number;
};

/** How many records one query gives at most, and one of its pages: Object Reference, OauthToken. COUNT() counts all. */
const FEWER: Record<string, { inAll: number; pageSize: number }> = { OauthToken: { inAll: 2500, pageSize: 500 } };

/** Rows that describe sObjects come on one page or not at all: reports of live orgs say so. */
const ONE_PAGE = new Set(['EntityDefinition', 'FieldDefinition']);

/** Runs a SOQL query; a SoqlError says what is wrong with it. `base` is the path of the API version, for records' addresses. */
export const runQuery = (reader: Reader, soql: string, base: string, batchSize: number): QueryResult => {
  const { query, source } = checked(reader, soql, base);
  const found = selected(source, query, [...table(source.context, source.from.name).values()]);
  if (isBareCount(query.fields)) return { records: [], count: page(query, found).length };
  if (isGrouped(query)) {
    const groups = aggregates(source, query, found);
    checkOnePage('Aggregate query', groups.length, batchSize);
    return { records: groups };
  }
  const { name } = source.from;
  const { inAll, pageSize } = FEWER[name] ?? {};
  const records = page(query, sorted(source, query, found)).slice(0, inAll);
  if (ONE_PAGE.has(name)) checkOnePage(name, records.length, batchSize);
  checkWhole(source, query, records.length);
  return { records: records.map((row) => projected(source, query, row)), pageSize };
};

/** SOQL guide, "Considerations When Using GROUP BY": there is no second page. The wording is that of live orgs. */
const checkOnePage = (what: string, found: number, batchSize: number): void => {
  if (found <= batchSize) return;
  throw new SoqlError(
    'EXCEEDED_ID_LIMIT',
    `${what} does not support queryMore(), use LIMIT to restrict the results to a single batch`,
  );
};

/** The columns that a query's answer has, without its records. */
export const describeQuery = (reader: Reader, soql: string, base: string): ResultRecord => {
  const { query, source } = checked(reader, soql, base);
  return columnsOf(source.context, query, source.from);
};

/** Characters of a query (Salesforce Developer Limits, SOQL). */
const LONGEST = 100_000;

/** How Salesforce would go about a query (REST guide, "Get Feedback on Query Performance"): here always by looking at every record. */
export const plansOf = (reader: Reader, soql: string, base: string): ResultRecord => {
  const { query, source } = checked(reader, soql, base);
  const all = table(source.context, source.from.name);
  const plan = {
    cardinality: selected(source, query, [...all.values()]).length,
    fields: [],
    leadingOperationType: 'TableScan',
    notes: [],
    relativeCost: 1,
    sobjectCardinality: all.size,
    sobjectType: source.from.name,
  };
  return { plans: [plan], sourceQuery: soql };
};

/** A query that is known to be valid, whether or not there are records. It was tried on a record without values. */
const checked = (reader: Reader, soql: string, base: string): { query: Query; source: Source } => {
  if (soql.length > LONGEST) throw malformed(`SOQL statements cannot be longer than ${LONGEST} characters.`);
  const context: QueryContext = { ...reader, soql, tables: new Map(), paths: new Map() };
  const query = parsed(soql);
  const from = requiredSObject(context, query.sObject ?? '');
  const source: Source = { context, from, alias: query.sObjectAlias, base };
  checkSelected(source, query);
  checkPage(query);
  const nothing: SObjectRecord = { Id: '' };
  selected(source, query, [nothing]);
  if (isGrouped(query)) aggregates(source, query, [nothing]);
  else if (!isBareCount(query.fields)) sorted(source, query, [nothing]).map((row) => projected(source, query, row));
  return { query, source };
};

const isGrouped = (query: Query): boolean =>
  query.groupBy !== undefined || (query.fields?.some(isAggregate) === true && !isBareCount(query.fields));

/** The sObject that a query, or one inside it, is about. */
type Source = { context: QueryContext; from: SObjectDefinition; alias?: string; base: string };

/** Most records that OFFSET may pass over, and most that FIELDS(ALL) and FIELDS(CUSTOM) give. */
const MOST_OFFSET = 2000;
/** SOQL guide, "ORDER BY": more are a malformed query. The wording is ours. */
const MOST_ORDER = 32;
const MOST_WITH_FIELDS = 200;

const checkPage = (query: QueryBase): void => {
  if ((query.offset ?? 0) > MOST_OFFSET) {
    throw new SoqlError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MOST_OFFSET}`);
  }
  if (listOf(query.orderBy).length > MOST_ORDER) {
    throw malformed(`ORDER BY clause cannot have more than ${MOST_ORDER} fields`);
  }
};

/** The API's error for a list of fields that all exist. */
const checkSelected = (source: Source, query: Query): void => {
  const { soql } = source.context;
  const grouped = isGrouped(query);
  const groups = grouped ? listOf(query.groupBy).map((clause) => termOf(source, clause).text) : [];
  const seen = new Set<string>();
  const once = (name: string): void => {
    if (seen.has(name)) throw malformed(`duplicate field selected: ${source.from.fields.get(name)?.name ?? name}`);
    seen.add(name);
  };
  for (const field of query.fields ?? []) {
    if (field.type === 'FieldSubquery' || field.type === 'FieldTypeof') continue;
    const call = field.type === 'FieldFunctionExpression' ? field : undefined;
    if (call && isAggregate(call)) continue;
    if (call && isFieldsCall(call)) {
      for (const name of source.from.fields.keys()) once(name);
      continue;
    }
    const { text, fn } = termOf(source, selectedTerm(field));
    const alias = 'alias' in field ? field.alias : undefined;
    once((alias ?? text).toLowerCase());
    if (grouped && !groups.includes(text)) {
      const name = nameOfTerm(field);
      throw errorAt(soql, name, 'MALFORMED_QUERY', `Field must be grouped or aggregated: ${name}`);
    }
    if (!grouped && alias && !fn) throw malformed('only aggregate expressions use field aliasing');
    if (!grouped && fn && isDateFunction(fn)) {
      throw malformed(`date function can only be used in an aggregate query: ${fn}`);
    }
  }
};

/** An object of the Tooling API is given for one record at a time. */
const checkWhole = (source: Source, query: Query, found: number): void => {
  const whole = query.fields?.some(
    (field) => field.type === 'Field' && source.from.fields.get(field.field.toLowerCase())?.type === 'complex',
  );
  if (!whole || found <= 1) return;
  throw malformed(
    `When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. Result size: ${found}`,
  );
};

/** A field, or a function of one, as it may stand in any clause; `text` tells it from others. */
type Term = { text: string; path: FieldPath; fn?: string };

const termOf = (source: Source, named: { field: string } | { fn: FunctionExp | FieldFunctionExpression }): Term => {
  const { context, from, alias } = source;
  if ('field' in named) {
    const path = fieldPath(context, from, named.field, alias);
    return { text: textOf(path), path };
  }
  const fn = named.fn.functionName ?? '';
  if (!isFieldFunction(fn)) throw errorAt(context.soql, fn, 'MALFORMED_QUERY', `unexpected token: '${fn}'`);
  const path = fieldPath(context, from, parameterOf(named.fn), alias);
  if (isDateFunction(fn) && path.field.type !== 'datetime') {
    throw errorAt(context.soql, fn, 'MALFORMED_QUERY', `The date function ${fn} is only valid on date fields`);
  }
  return { text: isDateFunction(fn) ? `${fn.toLowerCase()}(${textOf(path)})` : textOf(path), path, fn };
};

/** The field that a function is of, also where a function of a function stands. */
const parameterOf = (call: FunctionExp | FieldFunctionExpression): string => {
  const [first] = call.parameters ?? [];
  return typeof first === 'object' ? parameterOf(first) : String(first);
};

const textOf = ({ relationships, field }: FieldPath): string =>
  [...relationships, field].map(({ name }) => name.toLowerCase()).join('.');

const termValue = (source: Source, row: SObjectRecord, { path, fn }: Term): unknown => {
  const value = valueAt(source.context, row, path);
  return fn ? functionValue(fn, value) : value;
};

/** The parts of the SELECT clause that are a field or a function of a field. */
const selectedTerm = (field: FieldType): { field: string } | { fn: FieldFunctionExpression } =>
  field.type === 'FieldFunctionExpression' ? { fn: field } : { field: nameOf(field) };

const nameOfTerm = (field: FieldType): string =>
  field.type === 'FieldFunctionExpression' ? parameterOf(field) : nameOf(field);

const selected = (source: Source, query: QueryBase, all: SObjectRecord[]): SObjectRecord[] => {
  const { where } = query;
  if (!where) return all;
  let conditions = 0;
  const test = testOf(where, (condition) => {
    conditions += 1;
    return conditionTest(source, condition);
  });
  if (conditions * all.length > MOST_COMPARISONS) throw tooComplicated();
  return all.filter(test);
};

/** Comparisons of a query, for all records together: some seconds of work. The error is Salesforce's, where it draws the line is not known. */
const MOST_COMPARISONS = 20_000_000;

const conditionTest = (source: Source, condition: Comparison): Test<SObjectRecord> => {
  const { context } = source;
  const term = termOf(source, condition);
  const { field } = term.path;
  const literals =
    'valueQuery' in condition ? valuesOf(source, condition.valueQuery) : literalsOf(condition, context.org.now());
  if (!term.fn) checkFilter(context, condition, field);
  const isId = field.type === 'id' || field.type === 'reference' || field.name.endsWith('Id');
  const fits = comparison(condition.operator, literals, isId);
  return (row) => fits(termValue(source, row, term));
};

/** The API's names for field types in its errors. */
const TYPE_NAMES: Record<Field['type'], string> = {
  id: 'string',
  reference: 'string',
  string: 'string',
  boolean: 'boolean',
  int: 'int',
  datetime: 'dateTime',
  complex: 'complexvalue',
};

/** The literals that a field type accepts; every type accepts null. */
const LITERALS: Partial<Record<Field['type'], RegExp>> = {
  id: /^STRING$/,
  reference: /^STRING$/,
  string: /^STRING$/,
  boolean: /^BOOLEAN$/,
  int: /^(INTEGER|DECIMAL)$/,
  datetime: /^(DATETIME|DATE_LITERAL|DATE_N_LITERAL)$/,
};

/** A boolean in quotes, text without, a date for a time: the API does not guess what was meant. */
const checkFilter = ({ soql }: QueryContext, condition: Comparison, field: Field): void => {
  const name = 'field' in condition ? condition.field : field.name;
  const place = placeOf(soql, name, /\bWHERE\b/i);
  if (field.filterable === false) {
    throw errorAt(soql, place, 'INVALID_FIELD', `field '${name}' can not be filtered in a query call`);
  }
  if (condition.operator === 'LIKE' && field.type !== 'string') {
    throw errorAt(soql, place, 'INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${field.type} field`);
  }
  for (const { text, type } of literalTexts(condition)) {
    if (type === undefined || type === 'NULL' || type === 'SUBQUERY') continue;
    if (LITERALS[field.type]?.test(type) === false) {
      const quotes = field.type === 'string' || field.type === 'id' || field.type === 'reference';
      throw errorAt(
        soql,
        place,
        'INVALID_FIELD',
        `value of filter criterion for field '${name}' must be of type ${TYPE_NAMES[field.type]} and should ${quotes ? '' : 'not '}be enclosed in quotes`,
      );
    }
    // The key of rows that describe an sObject is its name.
    const isId = field.type === 'id' || (field.type === 'reference' && field.referenceTo !== 'EntityDefinition');
    if (isId && !/^'(|[a-zA-Z0-9]{15}|[a-zA-Z0-9]{18})'$/.test(text)) {
      throw errorAt(soql, place, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${text.slice(1, -1)}`);
    }
  }
};

/** The values that a query inside an IN gives. */
const valuesOf = (source: Source, query: Query): unknown[] => {
  const { context } = source;
  const from = requiredSObject(context, query.sObject ?? '');
  const inner: Source = { ...source, from, alias: query.sObjectAlias };
  const [field] = query.fields ?? [];
  const path = fieldPath(context, from, nameOf(field), query.sObjectAlias);
  return selected(inner, query, [...table(context, from.name).values()]).map((row) => valueAt(context, row, path));
};

const sorted = (source: Source, query: QueryBase, found: SObjectRecord[]): SObjectRecord[] =>
  inOrder(
    found,
    listOf(query.orderBy).map((clause) => {
      const term = termOf(source, clause);
      return { clause, valueOf: (row) => termValue(source, row, term) };
    }),
  );

/** Sorts by values that are looked up once for each item, not for each pair of them. */
const inOrder = <Item>(
  items: Item[],
  by: Array<{ clause: OrderByClause; valueOf: (item: Item) => unknown }>,
): Item[] => {
  if (by.length === 0) return items;
  const keyed = items.map((item) => ({ item, keys: by.map(({ valueOf }) => sortKey(valueOf(item))) }));
  keyed.sort((a, b) => {
    for (const [nth, { clause }] of by.entries()) {
      const difference = ordering(clause, a.keys[nth], b.keys[nth]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
};

/** Numbers go by size, all else by its text, whose case does not count; undefined is nothing. */
const sortKey = (value: unknown): number | string | undefined => {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'number' ? value : String(value).toLowerCase();
};

const ordering = (clause: OrderByClause, a: number | string | undefined, b: number | string | undefined): number => {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return (a === undefined) === (clause.nulls === 'LAST') ? 1 : -1;
  return a < b === (clause.order !== 'DESC') ? -1 : 1;
};

const page = <Item>(query: QueryBase, items: Item[]): Item[] => {
  const first = query.offset ?? 0;
  return items.slice(first, query.limit === undefined ? undefined : first + query.limit);
};

const listOf = <Item>(items: Item | Item[] | undefined): Item[] => {
  if (items === undefined) return [];
  return Array.isArray(items) ? items : [items];
};

const nameOf = (field: FieldType | undefined): string => {
  if (field?.type === 'Field') return field.field;
  if (field?.type === 'FieldRelationship') return [...field.relationships, field.field].join('.');
  throw malformed('only fields can be selected here');
};

/** Does it put rows together? To the parser, functions of dates do too. */
const isAggregate = (field: FieldType): field is FieldFunctionExpression =>
  field.type === 'FieldFunctionExpression' && field.isAggregateFn === true && !isFieldFunction(field.functionName);

const isFieldsCall = ({ functionName }: FieldFunctionExpression): boolean => functionName.toUpperCase() === 'FIELDS';

const isBareCount = (fields: FieldType[] = []): boolean => {
  const [only] = fields;
  return fields.length === 1 && only !== undefined && isAggregate(only) && only.parameters.length === 0;
};

// -- records

const attributes = (source: Source, type: string, id: string): ResultRecord => ({
  type,
  url: `${source.base}/sobjects/${type}/${id}`,
});

/** One row with the requested fields in the query's order, and with related records nested in it. */
const projected = (source: Source, query: QueryBase, row: SObjectRecord): ResultRecord => {
  const record: ResultRecord = { attributes: attributes(source, source.from.name, row.Id) };
  for (const field of query.fields ?? []) {
    if (field.type === 'Field') {
      const { field: known } = fieldPath(source.context, source.from, field.field, source.alias);
      record[known.name] = fieldValue(row, known);
    } else if (field.type === 'FieldRelationship') {
      putRelated(source, record, row, nameOf(field));
    } else if (field.type === 'FieldSubquery') {
      record[field.subquery.relationshipName] = children(source, row, field.subquery);
    } else if (field.type === 'FieldFunctionExpression') {
      Object.assign(record, functionFields(source, query, row, field));
    } else {
      throw malformed('TYPEOF is not supported here');
    }
  }
  return record;
};

const putRelated = (source: Source, record: ResultRecord, row: SObjectRecord, name: string): void => {
  const { relationships, field } = fieldPath(source.context, source.from, name, source.alias);
  if (relationships.length === 0) {
    record[field.name] = fieldValue(row, field);
    return;
  }
  let [target, at]: [ResultRecord, SObjectRecord | undefined] = [record, row];
  for (const step of relationships) {
    at = referred(source.context, at, step);
    const key = step.relationshipName ?? '';
    if (!at) {
      target[key] ??= null;
      return;
    }
    target[key] ??= { attributes: attributes(source, step.referenceTo ?? '', at.Id) };
    target = target[key] as ResultRecord;
  }
  target[field.name] = fieldValue(at, field);
};

/** Records that refer to this one, as a query result of their own; null where there are none. */
const children = (source: Source, row: SObjectRecord, subquery: Subquery): unknown => {
  const { context, from } = source;
  const way = from.children.find((one) => one.name.toLowerCase() === subquery.relationshipName.toLowerCase());
  const child = SOBJECTS.get(way?.childSObject.toLowerCase() ?? '');
  if (!way || !child) throw noSuchChildren(context.soql, subquery.relationshipName);
  const inner: Source = { ...source, from: child, alias: subquery.sObjectAlias };
  const own = [...table(context, child.name).values()].filter((one) => one[way.field] === row.Id);
  const found = page(subquery, sorted(inner, subquery, selected(inner, subquery, own)));
  if (found.length === 0) return null;
  return { totalSize: found.length, done: true, records: found.map((one) => projected(inner, subquery, one)) };
};

/** FIELDS(...) stands for fields; other functions that do not put rows together are of one field. */
const functionFields = (
  source: Source,
  query: QueryBase,
  row: SObjectRecord,
  call: FieldFunctionExpression,
): ResultRecord => {
  if (isFieldsCall(call)) return fieldsOf(source, query, row, String(call.parameters[0]).toUpperCase());
  const term = termOf(source, { fn: call });
  return { [call.alias ?? term.path.field.name]: termValue(source, row, term) };
};

/** The fields that FIELDS(ALL), FIELDS(STANDARD) and FIELDS(CUSTOM) stand for: no sObject has one that somebody added. */
const fieldsOf = (source: Source, query: QueryBase, row: SObjectRecord, which: string): ResultRecord => {
  if (which !== 'STANDARD' && (query.limit === undefined || query.limit > MOST_WITH_FIELDS)) {
    throw malformed(`The SOQL FIELDS function must have a LIMIT of at most ${MOST_WITH_FIELDS}`);
  }
  if (which === 'CUSTOM') return {};
  return Object.fromEntries(
    [...source.from.fields.values()]
      .filter((field) => field.type !== 'complex')
      .map((field) => [field.name, fieldValue(row, field)]),
  );
};

// -- rows put together

const aggregates = (source: Source, query: Query, found: SObjectRecord[]): ResultRecord[] => {
  const groupTerms = listOf(query.groupBy).map((clause) => groupTerm(source, clause));
  // Without GROUP BY all rows are one group, also where there are none.
  const groups = new Map<string, SObjectRecord[]>(groupTerms.length === 0 ? [['[]', []]] : []);
  for (const row of found) {
    const key = JSON.stringify(groupTerms.map((term) => termValue(source, row, term)));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const kept = query.having
    ? [...groups.values()].filter(testOf(query.having, (condition) => havingTest(source, condition)))
    : [...groups.values()];
  const ordered = inOrder(
    kept,
    listOf(query.orderBy).map((clause) => ({ clause, valueOf: (group) => orderValue(source, clause, group) })),
  );
  return page(query, ordered).map((group) => aggregateRecord(source, query, group));
};

const groupTerm = (source: Source, clause: { field: string } | { fn: FunctionExp }): Term => {
  const term = termOf(source, clause);
  const { field } = term.path;
  if (field.type !== 'datetime' || term.fn) return term;
  throw errorAt(
    source.context.soql,
    field.name,
    'MALFORMED_QUERY',
    `field '${field.name}' can not be grouped in a query call`,
  );
};

const aggregateRecord = (source: Source, query: Query, group: SObjectRecord[]): ResultRecord => {
  const record: ResultRecord = { attributes: { type: 'AggregateResult' } };
  let unnamed = 0;
  for (const field of query.fields ?? []) {
    if (isAggregate(field)) {
      record[field.alias ?? `expr${unnamed++}`] = aggregate(source, field, group);
    } else {
      const term = termOf(source, selectedTerm(field));
      const alias = 'alias' in field ? field.alias : undefined;
      const name = alias ?? (term.fn && isDateFunction(term.fn) ? `expr${unnamed++}` : term.path.field.name);
      record[name] = group[0] ? termValue(source, group[0], term) : null;
    }
  }
  return record;
};

const aggregate = (source: Source, call: FieldFunctionExpression | FunctionExp, group: SObjectRecord[]): unknown => {
  const [name = '', [parameter]] = [call.functionName?.toUpperCase(), call.parameters ?? []];
  if (name === 'COUNT' && parameter === undefined) return group.length;
  const path = fieldPath(source.context, source.from, String(parameter), source.alias);
  const values = group.map((row) => valueAt(source.context, row, path)).filter((value) => value !== null);
  if ((name === 'SUM' || name === 'AVG') && path.field.type !== 'int') {
    throw errorAt(
      source.context.soql,
      String(parameter),
      'MALFORMED_QUERY',
      `field ${path.field.name} does not support aggregate operator ${name}`,
    );
  }
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (name) {
    case 'COUNT':
      return values.length;
    case 'COUNT_DISTINCT':
      return new Set(values).size;
    case 'SUM':
      return values.length === 0 ? null : sum;
    case 'AVG':
      return values.length === 0 ? null : sum / values.length;
    case 'MIN':
      return furthest(values, -1);
    case 'MAX':
      return furthest(values, 1);
    default:
      throw malformed(`unexpected token: '${name}'`);
  }
};

/** The smallest value (`way` -1) or the largest one (1); null where there is none. */
const furthest = (values: unknown[], way: -1 | 1): unknown =>
  values.reduce((best, value) => (best === null || order(value, best) * way > 0 ? value : best), null);

const havingTest = (source: Source, condition: Comparison): Test<SObjectRecord[]> => {
  const fits = comparison(condition.operator, literalsOf(condition, source.context.org.now()), false);
  return (group) =>
    fits('fn' in condition ? groupFunction(source, condition.fn, group) : valueOfGroup(source, condition.field, group));
};

/** The value of a field that the rows of a group have in common. */
const valueOfGroup = ({ context, from, alias }: Source, field: string, [first]: SObjectRecord[]): unknown =>
  first && valueAt(context, first, fieldPath(context, from, field, alias));

const orderValue = (source: Source, clause: OrderByClause, group: SObjectRecord[]): unknown =>
  'fn' in clause ? groupFunction(source, clause.fn, group) : valueOfGroup(source, clause.field, group);

/** A function of a group. A function that combines its rows, or a function of a field that its rows share. */
const groupFunction = (source: Source, fn: FunctionExp, group: SObjectRecord[]): unknown => {
  if (!isFieldFunction(fn.functionName ?? '')) return aggregate(source, fn, group);
  return group[0] && termValue(source, group[0], termOf(source, { fn }));
};
