import type { FieldType, Query, QueryBase } from '@jetstreamapp/soql-parser-js';

import { keyPrefix } from '../ids.ts';
import { type Field, type SObjectDefinition, SOBJECTS } from '../sobjects/definitions.ts';
import { fieldPath, type QueryContext } from './fields.ts';
import { isDateFunction, isFieldFunction } from './functions.ts';

/** One column of a query's answer, as `columns=true` returns it: clients build tables and CSV from the columns. */
type Column = Record<string, unknown> & { columnName: string; joinColumns: Column[] };

/** The shape of a query's answer, without its records. */
export const columnsOf = (context: QueryContext, query: Query, from: SObjectDefinition): Record<string, unknown> => ({
  columnMetadata: columns(context, query, from, query.sObjectAlias),
  entityName: from.name,
  groupBy: query.groupBy !== undefined,
  idSelected: query.fields?.some((field) => field.type === 'Field' && field.field.toLowerCase() === 'id') ?? false,
  keyPrefix: keyPrefix(from.name),
});

const columns = (context: QueryContext, query: QueryBase, from: SObjectDefinition, alias?: string): Column[] => {
  const found: Column[] = [];
  let unnamed = 0;
  for (const field of query.fields ?? []) {
    if (field.type === 'FieldSubquery') {
      const way = from.children.find((one) => one.name.toLowerCase() === field.subquery.relationshipName.toLowerCase());
      const child = SOBJECTS.get(way?.childSObject.toLowerCase() ?? '');
      const inner = child ? columns(context, field.subquery, child, field.subquery.sObjectAlias) : [];
      found.push({ ...column(field.subquery.relationshipName), aggregate: true, joinColumns: inner });
    } else if (field.type === 'FieldFunctionExpression') {
      if (field.functionName.toUpperCase() === 'COUNT' && field.parameters.length === 0) continue;
      if (field.functionName.toUpperCase() === 'FIELDS') {
        found.push(...[...from.fields.values()].map((one) => column(one.name, one)));
      } else if (isFieldFunction(field.functionName) && !isDateFunction(field.functionName)) {
        const [name] = field.parameters;
        const path = fieldPath(context, from, typeof name === 'string' ? name : '', alias);
        found.push({ ...column(field.alias ?? path.field.name, path.field), foreignKeyName: null });
      } else {
        found.push({ ...column(field.alias ?? `expr${unnamed++}`), aggregate: true, numberType: true });
      }
    } else {
      putPath(found, context, from, field, query.groupBy !== undefined, alias);
    }
  }
  return found;
};

/** A field of a related record is a column inside the column of that record. Grouped rows contain no records. */
const putPath = (
  found: Column[],
  context: QueryContext,
  from: SObjectDefinition,
  field: FieldType,
  grouped: boolean,
  alias?: string,
): void => {
  if (field.type !== 'Field' && field.type !== 'FieldRelationship') return;
  const text = field.type === 'Field' ? field.field : [...field.relationships, field.field].join('.');
  const path = fieldPath(context, from, text, alias);
  let into = found;
  for (const step of grouped ? [] : path.relationships) {
    const name = step.relationshipName ?? '';
    const there = into.find((one) => one.columnName === name) ?? column(name);
    if (!into.includes(there)) into.push(there);
    into = there.joinColumns;
  }
  into.push(column(('alias' in field && field.alias) || path.field.name, path.field));
};

const APEX_TYPES: Record<Field['type'], string> = {
  id: 'Id',
  reference: 'Id',
  string: 'String',
  boolean: 'Boolean',
  int: 'Integer',
  datetime: 'Datetime',
  complex: 'Object',
};

const column = (name: string, field?: Field): Column => ({
  aggregate: false,
  apexType: field ? APEX_TYPES[field.type] : '',
  booleanType: field?.type === 'boolean',
  columnName: name,
  custom: false,
  displayName: name,
  foreignKeyName: field?.relationshipName ?? null,
  insertable: false,
  joinColumns: [],
  numberType: field?.type === 'int',
  textType: field?.type === 'string',
  updatable: false,
});
