import type { Component, PracticeOrg, SObjectRecord } from '../org.ts';
import { permissionFields, PERMISSIONS } from '../permissions.ts';
import { SOBJECTS } from '../sobjects/definitions.ts';
import { deleteRecord } from '../sobjects/dml.ts';
import { type Body, Problem } from './body.ts';
/**
 * A permission set is both a record and a component. SOQL and other parts of the org use the record; a deploy brings
 * the component. The record is the truth for what it has a field for: label, description, licence, user permissions.
 * Other parts of a deploy, such as object permissions, are stored beside the record and returned. The practice org does
 * not use them.
 */
export const PERMISSION_SET = 'PermissionSet';

/** Permission sets as components: those that stand for profiles are none. */
export const permissionSets = (org: PracticeOrg): Component[] =>
  org
    .records(PERMISSION_SET)
    .filter((record) => record.IsOwnedByProfile !== true)
    .map((record) => componentOf(org, record));

export const permissionSet = (org: PracticeOrg, name: string): Component | undefined => {
  const record = recordNamed(org, name);
  return record && componentOf(org, record);
};

const recordNamed = (org: PracticeOrg, name: string): SObjectRecord | undefined =>
  org
    .records(PERMISSION_SET)
    .find((one) => one.IsOwnedByProfile !== true && String(one.Name).toLowerCase() === name.toLowerCase());

const componentOf = (org: PracticeOrg, record: SObjectRecord): Component => {
  const fullName = String(record.Name);
  const userPermissions = PERMISSIONS.filter((name) => record[`Permissions${name}`] === true);
  const licence = record.LicenseId && licenceName(org, String(record.LicenseId));
  const adminId = org.seeded.admin.Id;
  return {
    id: record.Id,
    type: PERMISSION_SET,
    fullName,
    body: {
      ...org.component(PERMISSION_SET, fullName)?.body,
      label: record.Label,
      description: record.Description ?? undefined,
      hasActivationRequired: record.HasActivationRequired === true,
      license: licence || undefined,
      userPermissions:
        userPermissions.length === 0 ? undefined : userPermissions.map((name) => ({ enabled: true, name })),
    },
    createdById: String(record.CreatedById ?? adminId),
    createdDate: new Date(String(record.CreatedDate)),
    lastModifiedById: String(record.LastModifiedById ?? adminId),
    lastModifiedDate: new Date(String(record.LastModifiedDate)),
  };
};

const licenceName = (org: PracticeOrg, id: string): string | undefined => {
  const name = org.record('UserLicense', id)?.Name ?? org.record('PermissionSetLicense', id)?.MasterLabel;
  return name === undefined ? undefined : String(name);
};

const licenceId = (org: PracticeOrg, name: unknown): string | undefined => {
  const own = org.records('UserLicense').find((one) => one.Name === name);
  const other = org
    .records('PermissionSetLicense')
    .find((one) => one.MasterLabel === name || one.DeveloperName === name);
  return (own ?? other)?.Id;
};

/** The reasons for which an org refuses a permission set. */
export const checkPermissionSet = (org: PracticeOrg, fullName: string, body: Body): void => {
  if (!/^[a-zA-Z](_?[a-zA-Z0-9])*$/.test(fullName)) {
    throw new Problem(
      'The Permission Set API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.',
      'INVALID_FIELD',
    );
  }
  for (const { name } of permissionsIn(body)) {
    if (!PERMISSIONS.includes(name))
      throw new Problem(`Unknown user permission: ${name}`, 'INVALID_CROSS_REFERENCE_KEY');
  }
  if (body.license !== undefined && !licenceId(org, body.license)) {
    throw new Problem(
      `In field: license - no UserLicense named ${String(body.license)} found`,
      'INVALID_CROSS_REFERENCE_KEY',
    );
  }
};

const permissionsIn = (body: Body): Array<{ enabled: boolean; name: string }> =>
  (body.userPermissions ?? []) as Array<{ enabled: boolean; name: string }>;

/** Brings the record into line with a component that was deployed; the component then has the record's id. */
export const keepPermissionSet = (org: PracticeOrg, component: Component): void => {
  const { body, fullName } = component;
  const fields = {
    ...permissionFields(permissionsIn(body).flatMap(({ enabled, name }) => (enabled ? [name] : []))),
    Label: body.label,
    Description: body.description ?? null,
    HasActivationRequired: body.hasActivationRequired === true,
    LicenseId: licenceId(org, body.license) ?? null,
    LastModifiedById: component.lastModifiedById,
  };
  const record = recordNamed(org, fullName);
  if (record) org.update(PERMISSION_SET, record.Id, fields);
  const { Id } =
    record ??
    org.insert(PERMISSION_SET, {
      Name: fullName,
      Type: 'Regular',
      IsOwnedByProfile: false,
      IsCustom: true,
      ProfileId: null,
      NamespacePrefix: null,
      CreatedById: component.createdById,
      ...fields,
    });
  component.id = Id;
};

/** Takes a permission set away, with its assignments. */
export const removePermissionSet = (org: PracticeOrg, name: string): void => {
  const record = recordNamed(org, name);
  const definition = SOBJECTS.get(PERMISSION_SET.toLowerCase());
  org.removeComponent(PERMISSION_SET, name);
  if (record && definition) deleteRecord({ org, userId: org.seeded.admin.Id }, definition, record.Id);
};
