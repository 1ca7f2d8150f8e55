import { parseQuery } from '@jetstreamapp/soql-parser-js';
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
import type { SObjectDefinition } from '../sobjects/definitions.ts';
import { SOBJECTS } from '../sobjects/definitions.ts';
import { columnsOf } from './columns.ts';
import { compare, holds, literalsOf, order } from './condition.ts';
import type { Comparison } from './condition.ts';
import { malformed, noSuchRelationship, SoqlError } from './errors.ts';
import { fieldPath, fieldValue, referred, requiredSObject, table, valueAt } from './fields.ts';
import type { QueryContext, Reader } from './fields.ts';

/** One record of an answer: its fields, nested records, and the `attributes` that every record has. */
export type ResultRecord = Record<string, unknown>;

/** What a query found. `count` is set for `SELECT COUNT()`, which has no records. */
export type QueryResult = { records: ResultRecord[]; count?: number };

/** Runs a SOQL query; a SoqlError says what is wrong with it. `base` is the path of the API version, for records' addresses. */
export function runQuery(reader: Reader, soql: string, base: string): QueryResult {
  const { query, source } = checked(reader, soql, base);
  const found = selected(source, query, [...table(source.context, source.from.name).values()]);
  if (isBareCount(query.fields)) return { records: [], count: found.length };
  if (isGrouped(query)) return { records: aggregates(source, query, found) };
  return { records: page(query, sorted(source, query, found)).map((row) => projected(source, query, row)) };
}

/** The columns that a query's answer has, without its records. */
export function describeQuery(reader: Reader, soql: string, base: string): ResultRecord {
  const { query, source } = checked(reader, soql, base);
  return columnsOf(source.context, query, source.from);
}

/** A query that is known to be right, whether or not there are records to run it on: it was tried on one without values. */
function checked(reader: Reader, soql: string, base: string): { query: Query; source: Source } {
  const context: QueryContext = { ...reader, soql, tables: new Map() };
  const query = parsed(soql);
  const from = requiredSObject(context, query.sObject ?? '');
  const source: Source = { context, from, alias: query.sObjectAlias, base };
  const nothing: SObjectRecord = { Id: '' };
  selected(source, query, [nothing]);
  if (isGrouped(query)) aggregates(source, query, [nothing]);
  else if (!isBareCount(query.fields)) sorted(source, query, [nothing]).map((row) => projected(source, query, row));
  return { query, source };
}

function isGrouped(query: Query): boolean {
  return query.groupBy !== undefined || (query.fields?.some(isAggregate) === true && !isBareCount(query.fields));
}

/** The sObject that a query, or one inside it, is about. */
type Source = { context: QueryContext; from: SObjectDefinition; alias?: string; base: string };

function parsed(soql: string): Query {
  try {
    return parseQuery(soql);
  } catch (error) {
    const token = /found --> '(.*?)' <--/s.exec((error as Error).message)?.[1];
    throw malformed(token ? `unexpected token: '${token}'` : `unexpected token: '<EOF>'`);
  }
}

function selected(source: Source, query: QueryBase, all: SObjectRecord[]): SObjectRecord[] {
  const { where } = query;
  if (!where) return all;
  const decide = decisions(source);
  return all.filter((row) => holds(where, (condition) => decide(condition, row)));
}

/** Each comparison is looked up once, however many rows it is asked of. */
function decisions(source: Source): (condition: Comparison, row: SObjectRecord) => boolean {
  const { context, from, alias } = source;
  const known = new Map<Comparison, (row: SObjectRecord) => boolean>();
  const prepared = (condition: Comparison): ((row: SObjectRecord) => boolean) => {
    if (!('field' in condition)) throw malformed('functions are not supported in a WHERE clause here');
    const path = fieldPath(context, from, condition.field, alias);
    const literals =
      'valueQuery' in condition ? valuesOf(source, condition.valueQuery) : literalsOf(condition, context.org.now());
    checkLiterals(condition.field, path.field.type, literals, context);
    const isId = path.field.type === 'id' || path.field.type === 'reference' || path.field.name.endsWith('Id');
    return (row) => compare(valueAt(context, row, path), condition.operator, literals, isId);
  };
  return (condition, row) => {
    const test = known.get(condition) ?? prepared(condition);
    known.set(condition, test);
    return test(row);
  };
}

/** A boolean in quotes, or text without: the API does not guess what was meant. */
function checkLiterals(name: string, type: string, literals: unknown[], context: QueryContext): void {
  for (const value of literals) {
    const wrong =
      (type === 'boolean' && typeof value === 'string' && 'enclosed in quotes') ||
      ((type === 'string' || type === 'id' || type === 'reference') &&
        (typeof value === 'boolean' || typeof value === 'number') &&
        'bare');
    if (!wrong) continue;
    const message =
      wrong === 'bare'
        ? `value of filter criterion for field '${name}' must be of type string and should be enclosed in quotes`
        : `value of filter criterion for field '${name}' must be of type boolean and should not be enclosed in quotes`;
    throw new SoqlError('INVALID_FIELD', `\n${context.soql}\n^\nERROR at Row:1:Column:1\n${message}`);
  }
}

/** The values that a query inside an IN gives. */
function valuesOf(source: Source, query: Query): unknown[] {
  const { context } = source;
  const from = requiredSObject(context, query.sObject ?? '');
  const inner: Source = { ...source, from, alias: query.sObjectAlias };
  const [field] = query.fields ?? [];
  const path = fieldPath(context, from, nameOf(field), query.sObjectAlias);
  return selected(inner, query, [...table(context, from.name).values()]).map((row) => valueAt(context, row, path));
}

function sorted(source: Source, query: QueryBase, found: SObjectRecord[]): SObjectRecord[] {
  const clauses = listOf(query.orderBy).map((clause) => {
    if (!('field' in clause)) throw malformed('ORDER BY a function needs a GROUP BY');
    return { clause, path: fieldPath(source.context, source.from, clause.field, source.alias) };
  });
  if (clauses.length === 0) return found;
  return [...found].sort((a, b) =>
    firstDifference(
      clauses.map(({ clause, path }) =>
        ordering(clause, valueAt(source.context, a, path), valueAt(source.context, b, path)),
      ),
    ),
  );
}

function ordering(clause: OrderByClause, a: unknown, b: unknown): number {
  const missing = Number(b === null || b === undefined) - Number(a === null || a === undefined);
  if (missing !== 0) return clause.nulls === 'LAST' ? -missing : missing;
  return clause.order === 'DESC' ? order(b, a) : order(a, b);
}

function firstDifference(differences: number[]): number {
  return differences.find((difference) => difference !== 0) ?? 0;
}

function page<Item>(query: QueryBase, items: Item[]): Item[] {
  const first = query.offset ?? 0;
  return items.slice(first, query.limit === undefined ? undefined : first + query.limit);
}

function listOf<Item>(items: Item | Item[] | undefined): Item[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? items : [items];
}

function nameOf(field: FieldType | undefined): string {
  if (field?.type === 'Field') return field.field;
  if (field?.type === 'FieldRelationship') return [...field.relationships, field.field].join('.');
  throw malformed('only fields can be selected here');
}

function isAggregate(field: FieldType): field is FieldFunctionExpression {
  return field.type === 'FieldFunctionExpression' && field.isAggregateFn === true;
}

function isBareCount(fields: FieldType[] = []): boolean {
  const [only] = fields;
  return fields.length === 1 && only !== undefined && isAggregate(only) && only.parameters.length === 0;
}

// -- records

function attributes(source: Source, type: string, id: string): ResultRecord {
  return { type, url: `${source.base}/sobjects/${type}/${id}` };
}

/** One row with the fields that were asked for, in the query's order, records that it leads to nested in it. */
function projected(source: Source, query: QueryBase, row: SObjectRecord): ResultRecord {
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
}

function putRelated(source: Source, record: ResultRecord, row: SObjectRecord, name: string): void {
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
}

/** Records that refer to this one, as a query result of their own; null where there are none. */
function children(source: Source, row: SObjectRecord, subquery: Subquery): unknown {
  const { context, from } = source;
  const way = from.children.find((one) => one.name.toLowerCase() === subquery.relationshipName.toLowerCase());
  const child = SOBJECTS.get(way?.childSObject.toLowerCase() ?? '');
  if (!way || !child) throw noSuchRelationship(context.soql, subquery.relationshipName);
  const inner: Source = { ...source, from: child, alias: subquery.sObjectAlias };
  const own = [...table(context, child.name).values()].filter((one) => one[way.field] === row.Id);
  const found = page(subquery, sorted(inner, subquery, selected(inner, subquery, own)));
  if (found.length === 0) return null;
  return { totalSize: found.length, done: true, records: found.map((one) => projected(inner, subquery, one)) };
}

/** Functions that do not put rows together: FIELDS(...) stands for fields, toLabel and the like give a field as it is. */
function functionFields(
  source: Source,
  query: QueryBase,
  row: SObjectRecord,
  call: FieldFunctionExpression,
): ResultRecord {
  const name = call.functionName.toUpperCase();
  const [first] = call.parameters;
  if (name === 'FIELDS') {
    if (String(first).toUpperCase() !== 'STANDARD' && (query.limit === undefined || query.limit > 200)) {
      throw malformed('The SOQL FIELDS function must have a LIMIT of at most 200');
    }
    return Object.fromEntries(
      [...source.from.fields.values()]
        .filter((field) => field.type !== 'complex')
        .map((field) => [field.name, fieldValue(row, field)]),
    );
  }
  if ((name === 'TOLABEL' || name === 'FORMAT') && typeof first === 'string') {
    const path = fieldPath(source.context, source.from, first, source.alias);
    return { [call.alias ?? path.field.name]: valueAt(source.context, row, path) };
  }
  throw malformed(`unexpected token: '${call.functionName}'`);
}

// -- rows put together

function aggregates(source: Source, query: Query, found: SObjectRecord[]): ResultRecord[] {
  const groupFields = listOf(query.groupBy).map((clause) => {
    if (!('field' in clause)) throw malformed('GROUP BY a function is not supported here');
    return fieldPath(source.context, source.from, clause.field, source.alias);
  });
  // Without GROUP BY all rows are one group, also where there are none.
  const groups = new Map<string, SObjectRecord[]>(groupFields.length === 0 ? [['[]', []]] : []);
  for (const row of found) {
    const key = JSON.stringify(groupFields.map((path) => valueAt(source.context, row, path)));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const kept = [...groups.values()].filter((group) => inHaving(source, query, group));
  const records = kept.map((group) => ({ group, record: aggregateRecord(source, query, group) }));
  const clauses = listOf(query.orderBy);
  records.sort((a, b) =>
    firstDifference(
      clauses.map((clause) =>
        ordering(clause, orderValue(source, clause, a.group), orderValue(source, clause, b.group)),
      ),
    ),
  );
  return page(query, records).map(({ record }) => record);
}

function aggregateRecord(source: Source, query: Query, group: SObjectRecord[]): ResultRecord {
  const record: ResultRecord = { attributes: { type: 'AggregateResult' } };
  let unnamed = 0;
  for (const field of query.fields ?? []) {
    if (isAggregate(field)) {
      record[field.alias ?? `expr${unnamed++}`] = aggregate(source, field, group);
    } else {
      const path = fieldPath(source.context, source.from, nameOf(field), source.alias);
      const alias = 'alias' in field ? field.alias : undefined;
      record[alias ?? path.field.name] = group[0] ? valueAt(source.context, group[0], path) : null;
    }
  }
  return record;
}

function aggregate(source: Source, call: FieldFunctionExpression | FunctionExp, group: SObjectRecord[]): unknown {
  const [name = '', [parameter]] = [call.functionName?.toUpperCase(), call.parameters ?? []];
  if (name === 'COUNT' && parameter === undefined) return group.length;
  const path = fieldPath(source.context, source.from, String(parameter), source.alias);
  const values = group.map((row) => valueAt(source.context, row, path)).filter((value) => value !== null);
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
      return values.toSorted(order)[0] ?? null;
    case 'MAX':
      return values.toSorted(order).at(-1) ?? null;
    default:
      throw malformed(`unexpected token: '${name}'`);
  }
}

function inHaving(source: Source, query: Query, group: SObjectRecord[]): boolean {
  const { having } = query;
  if (!having) return true;
  return holds(having, (condition) => {
    const value =
      'fn' in condition
        ? aggregate(source, condition.fn, group)
        : group[0] &&
          valueAt(source.context, group[0], fieldPath(source.context, source.from, condition.field, source.alias));
    return compare(value, condition.operator, literalsOf(condition, source.context.org.now()), false);
  });
}

function orderValue(source: Source, clause: OrderByClause, group: SObjectRecord[]): unknown {
  if ('fn' in clause) return aggregate(source, clause.fn, group);
  return (
    group[0] && valueAt(source.context, group[0], fieldPath(source.context, source.from, clause.field, source.alias))
  );
}
