import type { PracticeOrg, SObjectRecord } from '../org.ts';
import type { Permission } from '../permissions.ts';
import { type Field, isAppSObject, isOfDevHub, type SObjectDefinition, SOBJECTS } from '../sobjects/definitions.ts';
import { maySeeApps, rows } from '../sobjects/rows.ts';
import { noSuchField, noSuchRelationship, noSuchSObject } from './errors.ts';

/** The user of a query, and its API. */
export type Reader = { org: PracticeOrg; userId: string; tooling: boolean };

/**
 * The state of a running query: its text, for errors. The sObjects that it has read, by id; the paths that it has
 * found.
 */
export type QueryContext = Reader & {
  soql: string;
  tables: Map<string, Map<string, SObjectRecord>>;
  paths: Map<string, FieldPath>;
};

/** An sObject's records by id, put together once for each query. */
export const table = (context: QueryContext, sObject: string): Map<string, SObjectRecord> => {
  const known = context.tables.get(sObject);
  if (known) return known;
  const made = new Map(rows(context.org, sObject, context.userId).map((row) => [row.Id, row]));
  context.tables.set(sObject, made);
  return made;
};

/** An sObject by name, as far as this user sees it on this API. */
export const sObjectOf = (reader: Reader, name: string): SObjectDefinition | undefined => {
  const definition = SOBJECTS.get(name.toLowerCase());
  if (!definition || !(reader.tooling ? definition.tooling : definition.data)) return undefined;
  if (isAppSObject(definition.name) && !maySeeApps(reader.org, reader.userId)) return undefined;
  if (isOfDevHub(definition.name) && !reader.org.devHub) return undefined;
  const needed = neededToSee(reader.org, definition.name);
  if (needed && !needed.some((permission) => reader.org.can(reader.userId, permission))) return undefined;
  return definition;
};

/** Permissions one of which a user has to have for an sObject to be there (Object Reference, "Special Access Rules"). */
const NEEDED_TO_SEE: Record<string, readonly Permission[]> = {
  FieldPermissions: ['ViewSetup'],
  ObjectPermissions: ['ViewSetup'],
  PermissionSet: ['ViewSetup', 'AssignPermissionSets', 'ManageProfilesPermissionsets'],
  PermissionSetAssignment: ['ViewSetup', 'AssignPermissionSets', 'ManageUsers'],
  PermissionSetGroupComponent: ['ViewSetup'],
  PermissionSetLicenseAssign: ['ViewSetup', 'AssignPermissionSets'],
  SetupEntityAccess: ['ViewSetup'],
};

const neededToSee = (org: PracticeOrg, sObject: string): readonly Permission[] | undefined => {
  const hidden = sObject === 'Organization' && org.variants['organization-without-view-setup'] === 'refused';
  return hidden ? ['ViewSetup'] : NEEDED_TO_SEE[sObject];
};

export const requiredSObject = (context: QueryContext, name: string): SObjectDefinition => {
  const definition = sObjectOf(context, name);
  if (!definition) throw noSuchSObject(context.soql, name);
  return definition;
};

/** A way from an sObject to a field, over the records between. */
export type FieldPath = { relationships: Field[]; field: Field };

/** Finds `Profile.UserLicense.Name` from an sObject; an alias or the sObject's own name may stand before it. */
export const fieldPath = (context: QueryContext, from: SObjectDefinition, text: string, alias = ''): FieldPath => {
  // Asked for each record again: what was found once is kept.
  const key = `${from.name} ${alias} ${text}`;
  const known = context.paths.get(key);
  if (known) return known;
  const found = foundPath(context, from, text, alias);
  context.paths.set(key, found);
  return found;
};

const foundPath = (context: QueryContext, from: SObjectDefinition, text: string, alias: string): FieldPath => {
  const names = text.split('.');
  const first = names[0]?.toLowerCase();
  if (names.length > 1 && (first === alias.toLowerCase() || first === from.name.toLowerCase())) names.shift();
  const relationships: Field[] = [];
  let at = from;
  for (const name of names.slice(0, -1)) {
    const step = [...at.fields.values()].find((one) => one.relationshipName?.toLowerCase() === name.toLowerCase());
    const next = SOBJECTS.get(step?.referenceTo?.toLowerCase() ?? '');
    if (!step || !next) throw noSuchRelationship(context.soql, text, name);
    relationships.push(step);
    at = next;
  }
  const name = names.at(-1) ?? '';
  const field = at.fields.get(name.toLowerCase());
  if (!field || (field.type === 'complex' && !context.tooling)) throw noSuchField(context.soql, text, name, at.name);
  return { relationships, field };
};

/** The record that a reference of another one leads to. */
export const referred = (
  context: QueryContext,
  row: SObjectRecord | undefined,
  step: Field,
): SObjectRecord | undefined => {
  const id = row?.[step.name];
  if (typeof id !== 'string' || !step.referenceTo) return undefined;
  return table(context, step.referenceTo).get(id);
};

/** The value of a record at the end of a path. Null when there is no value, or a record on the path is missing. */
export const valueAt = (context: QueryContext, row: SObjectRecord, path: FieldPath): unknown => {
  const last = path.relationships.reduce<SObjectRecord | undefined>((at, step) => referred(context, at, step), row);
  return fieldValue(last, path.field);
};

/** A field's value as the API gives it. */
export const fieldValue = (row: SObjectRecord | undefined, field: Field): unknown => {
  const value = row?.[field.name];
  if (field.type === 'boolean') return row === undefined ? null : (value ?? false);
  if (value === undefined || value === null) {
    return field.name === 'SystemModstamp' ? dateText(row?.LastModifiedDate) : null;
  }
  return field.type === 'datetime' ? dateText(value) : value;
};

/** ISO text with the zone the way the API writes it: `+0000` in the place of `Z`. */
const dateText = (value: unknown): string | null => (typeof value === 'string' ? value.replace(/Z$/, '+0000') : null);
