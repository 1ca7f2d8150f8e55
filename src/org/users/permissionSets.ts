import type { Connection } from '@salesforce/core';

import { INTEGRATION, type PermissionSet, type Seats, type SetContents } from '../../app/integrationUser.ts';
import { operation } from '../request/operation.ts';
import { askOrgIfSeen } from '../request/orgError.ts';
import { query } from '../request/query.ts';
import { soql } from '../request/soql.ts';

type SetRow = {
  Id: string;
  Name: string;
  Label: string;
  NamespacePrefix: string | null;
  LicenseId: string | null;
  PermissionsModifyAllData: boolean;
  PermissionsViewAllData: boolean;
  PermissionsCustomizeApplication: boolean;
  PermissionsManageUsers: boolean;
};

/**
 * The org's permission sets, without the sets of profiles and groups; with a namespace where they have one
 * (`ns__Name`).
 *
 * @returns empty when the login may not see them
 */
export const readPermissionSets = async (connection: Connection): Promise<PermissionSet[]> => {
  const rows = await query<SetRow>(
    connection,
    operation('readingPermissionSets'),
    'SELECT Id, Name, Label, NamespacePrefix, LicenseId, PermissionsModifyAllData, PermissionsViewAllData, ' +
      'PermissionsCustomizeApplication, PermissionsManageUsers ' +
      soql`FROM PermissionSet WHERE IsOwnedByProfile = false AND Type != ${'Group'}`,
    { INVALID_TYPE: [] },
  );
  return rows.map(({ Id, Name, Label, NamespacePrefix, LicenseId, ...row }) => ({
    id: Id,
    name: NamespacePrefix ? `${NamespacePrefix}__${Name}` : Name,
    label: Label,
    ...(LicenseId && { licenceId: LicenseId }),
    powers: {
      modifyAllData: row.PermissionsModifyAllData,
      viewAllData: row.PermissionsViewAllData,
      isAdmin: row.PermissionsCustomizeApplication || row.PermissionsManageUsers,
    },
  }));
};

export type LicenceRow = {
  Id: string;
  MasterLabel: string;
  Status: string;
  TotalLicenses: number;
  UsedLicenses: number;
};

/** A row of UserLicense or PermissionSetLicense as seats. */
export const seatsOf = ({ Id, MasterLabel, Status, TotalLicenses, UsedLicenses }: LicenceRow): Seats => ({
  id: Id,
  label: MasterLabel,
  active: Status === 'Active',
  total: TotalLicenses,
  used: UsedLicenses,
});

/** The permission set licence for integrations. A permission set of this licence cannot hold assigned apps. */
export const readPermissionSetLicence = async (connection: Connection): Promise<Seats | undefined> => {
  const [row] = await query<LicenceRow>(
    connection,
    operation('readingPermissionSetLicences'),
    soql`SELECT Id, MasterLabel, Status, TotalLicenses, UsedLicenses FROM PermissionSetLicense WHERE DeveloperName = ${INTEGRATION.permissionSetLicence}`,
    { INVALID_TYPE: [], INVALID_FIELD: [] },
  );
  return row && seatsOf(row);
};

/**
 * Reads the grants of permission sets, and the number of their users. Two sources are needed. SOQL gives the values
 * that somebody set in Setup or by records, and access to apps. The metadata gives the parts without an object, such as
 * record types, and elements that Salesforce may add later.
 *
 * @param sets each with the Id of its app; access to this app counts as nothing
 * @returns by the set's Id. When a part cannot be read, `grants` is absent
 * @throws what orgSaidNo names
 */
export const readSetContents = async (
  connection: Connection,
  sets: Array<{ id: string; name: string; appId: string | undefined }>,
): Promise<Map<string, SetContents>> => {
  if (sets.length === 0) return new Map();
  const ids = sets.map(({ id }) => id);
  const [records, granted, described, users] = await Promise.all([
    rowsIfSeen<Record<string, unknown>>(
      connection,
      soql`SELECT FIELDS(ALL) FROM PermissionSet WHERE Id IN ${ids} LIMIT 200`,
    ),
    Promise.all(
      GRANT_OBJECTS.map(async ({ sObject, fields, setField = 'ParentId', inWords }) => {
        const statement = `SELECT ${setField}, ${fields} FROM ${sObject} WHERE ${setField} IN ${soql`${ids}`}`;
        const rows = await rowsIfSeen<GrantedRow>(connection, statement);
        return rows?.map((row) => ({ setId: row[setField], appId: row.SetupEntityId, inWords: inWords(row) }));
      }),
    ),
    readDescribed(
      connection,
      sets.map(({ name }) => name),
    ),
    rowsIfSeen<{ id: string; users: number }>(
      connection,
      soql`SELECT PermissionSetId id, COUNT(Id) users FROM PermissionSetAssignment WHERE PermissionSetId IN ${ids} ` +
        'AND Assignee.IsActive = true GROUP BY PermissionSetId',
    ),
  ]);
  return new Map(
    sets.map(({ id, name, appId }): [string, SetContents] => {
      const record = records?.find((row) => row.Id === id);
      const component = described?.get(name);
      const rows = granted.map((all) => all?.filter((row) => row.setId === id && row.appId !== (appId ?? '')));
      const isRead = record && component && rows.every((one) => one !== undefined);
      return [
        id,
        {
          description: typeof record?.Description === 'string' ? record.Description : '',
          ...(isRead && {
            grants: [
              ...new Set([
                ...permissionsIn(record),
                ...rows.flatMap((one) => one?.map(({ inWords }) => inWords) ?? []),
                ...elementsGranting(component),
              ]),
            ],
          }),
          ...(users && { users: users.find((count) => count.id === id)?.users ?? 0 }),
        },
      ];
    }),
  );
};

type GrantedRow = {
  ParentId?: string;
  PermissionSetId?: string;
  PermissionSetGroup?: { DeveloperName: string } | null;
  SobjectType?: string;
  Field?: string;
  Name?: string;
  SetupEntityType?: string;
  SetupEntityId?: string;
};

/**
 * The objects with the grants of permission sets (Object Reference), each with its rows in API names. Through a
 * permission set group, a set reaches users without an assignment of their own. So a set in a group is not for one user
 * alone.
 */
const GRANT_OBJECTS: Array<{
  sObject: string;
  fields: string;
  /** The field that leads to the permission set. */
  setField?: 'ParentId' | 'PermissionSetId';
  inWords: (row: GrantedRow) => string;
}> = [
  { sObject: 'ObjectPermissions', fields: 'SobjectType', inWords: ({ SobjectType }) => `object ${SobjectType ?? ''}` },
  { sObject: 'FieldPermissions', fields: 'Field', inWords: ({ Field }) => `field ${Field ?? ''}` },
  {
    sObject: 'SetupEntityAccess',
    fields: 'SetupEntityType, SetupEntityId',
    inWords: ({ SetupEntityType, SetupEntityId }) => `${SetupEntityType ?? ''} ${SetupEntityId ?? ''}`,
  },
  { sObject: 'PermissionSetTabSetting', fields: 'Name', inWords: ({ Name }) => `tab ${Name ?? ''}` },
  {
    sObject: 'PermissionSetGroupComponent',
    fields: 'PermissionSetGroup.DeveloperName',
    setField: 'PermissionSetId',
    inWords: ({ PermissionSetGroup }) => `permission set group ${PermissionSetGroup?.DeveloperName ?? ''}`,
  },
];

/** Undefined when this login may not see the object, or one of its fields. */
const rowsIfSeen = async <Row extends object>(
  connection: Connection,
  statement: string,
): Promise<Row[] | undefined> => {
  const unseen: Row[] = [];
  const refused = { INVALID_TYPE: unseen, INVALID_FIELD: unseen, INSUFFICIENT_ACCESS: unseen, MALFORMED_QUERY: unseen };
  const rows = await query<Row>(connection, operation('readingPermissionSets'), statement, refused);
  return rows === unseen ? undefined : rows;
};

const permissionsIn = (record: Record<string, unknown>): string[] => [
  ...Object.keys(record).flatMap((field) =>
    field.startsWith('Permissions') && record[field] === true ? [field.slice('Permissions'.length)] : [],
  ),
  ...(record.HasActivationRequired === true ? ['HasActivationRequired'] : []),
];

/** Elements of a permission set's metadata that grant nothing by themselves. The record decides about their content. */
const HARMLESS = new Set(['$', 'fullName', 'label', 'description', 'license', 'userLicense', 'hasActivationRequired']);

/**
 * The other grants in the metadata of a permission set, such as `recordTypeVisibilities`; user permissions by their
 * names.
 */
const elementsGranting = (component: Record<string, unknown>): string[] =>
  Object.entries(component).flatMap(([element, value]) => {
    if (HARMLESS.has(element) || value === null || value === undefined) return [];
    const entries = [value].flat() as Array<Record<string, unknown>>;
    if (element !== 'userPermissions') return entries.length > 0 ? [element] : [];
    return entries.filter(({ enabled }) => String(enabled) === 'true').map(({ name }) => String(name));
  });

/** The metadata of permission sets by name; undefined when the org does not return it. */
const readDescribed = async (
  connection: Connection,
  fullNames: string[],
): Promise<Map<string, Record<string, unknown>> | undefined> => {
  const read = await askOrgIfSeen(connection, operation('readingPermissionSets'), () =>
    connection.metadata.read('PermissionSet', fullNames),
  );
  if (!read) return undefined;
  const components = ([read].flat() as unknown as Array<Record<string, unknown> | null>).filter((one) => one !== null);
  return new Map(components.map((component) => [String(component.fullName), component]));
};
