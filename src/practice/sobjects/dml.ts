import { toId18 } from '../ids.ts';
import { unlock } from '../logins.ts';
import { CONNECTED_APP, type PracticeOrg, type SObjectRecord } from '../org.ts';
import { type Permission, permissionFields, PERMISSIONS } from '../permissions.ts';
import type { SObjectDefinition } from './definitions.ts';
import { rows } from './rows.ts';

/** Why a record is not written: the API's error code, its text and the fields that it is about. */
export class DmlError extends Error {
  readonly errorCode: string;
  readonly fields: string[];
  readonly status: 400 | 403 | 404;

  constructor(errorCode: string, message: string, fields: string[] = [], status: 400 | 403 | 404 = 400) {
    super(message);
    this.errorCode = errorCode;
    this.fields = fields;
    this.status = status;
  }
}

export type Fields = Record<string, unknown>;

/** Said when a permission set that goes with a permission set licence is to hold an app. */
export const NO_APPS_WITH_LICENCE = "The permission set license doesn't allow assigned external client apps.";

type Writer = { org: PracticeOrg; userId: string };

/** Makes a record and gives its id. Throws DmlError. */
export const createRecord = (writer: Writer, definition: SObjectDefinition, sent: Fields): string => {
  if (!definition.createable) {
    throw new DmlError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be inserted: ${definition.label}`);
  }
  checkPermission(writer, definition.name);
  const fields = known(definition, sent);
  requireFields(fields, REQUIRED[definition.name] ?? []);
  const record = (INSERTS[definition.name] ?? plainInsert)(writer.org, fields, definition.name);
  Object.assign(record, { CreatedById: writer.userId, LastModifiedById: writer.userId });
  if (definition.fields.has('ownerid')) record.OwnerId ??= writer.userId;
  return record.Id;
};

/** Changes a record. Throws DmlError. */
export const updateRecord = (writer: Writer, definition: SObjectDefinition, id: string, sent: Fields): void => {
  if (!definition.updateable) {
    throw new DmlError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be updated: ${definition.label}`);
  }
  checkPermission(writer, definition.name);
  const { org } = writer;
  const record = existing(org, definition.name, id);
  const fields = known(definition, sent);
  if (definition.name === 'User') checkUser(org, { ...record, ...fields }, record.Id);
  if (definition.name === 'UserLogin') checkUserLogin(record, fields);
  org.update(definition.name, record.Id, { ...fields, LastModifiedById: writer.userId });
  if (definition.name === 'User' && fields.ProfileId !== undefined) followProfile(org, record);
  if (definition.name === 'UserLogin' && fields.IsPasswordLocked === false) unlock(org, record);
};

/** Takes a record away. Throws DmlError. */
export const deleteRecord = (writer: Writer, definition: SObjectDefinition, id: string): void => {
  if (!definition.deletable) {
    throw new DmlError('INSUFFICIENT_ACCESS_OR_READONLY', `entity type cannot be deleted: ${definition.label}`);
  }
  checkPermission(writer, definition.name);
  const { org } = writer;
  const record = existing(org, definition.name, id);
  if (definition.name === 'PermissionSet') {
    for (const sObject of ['PermissionSetAssignment', 'SetupEntityAccess']) {
      for (const one of org.records(sObject)) {
        if (one.PermissionSetId === record.Id || one.ParentId === record.Id) org.delete(sObject, one.Id);
      }
    }
  }
  org.delete(definition.name, record.Id);
};

const existing = (org: PracticeOrg, sObject: string, id: string): SObjectRecord => {
  const record = org.record(sObject, id);
  if (!record) throw new DmlError('NOT_FOUND', 'The requested resource does not exist', [], 404);
  return record;
};

// -- who may, and which fields

/** The permissions one of which has to be there to write a record of an sObject; other sObjects are anybody's. */
const NEEDED: Record<string, readonly Permission[]> = {
  User: ['ManageUsers'],
  UserLogin: ['ManageUsers', 'FreezeUsers'],
  PermissionSet: ['ManageProfilesPermissionsets'],
  PermissionSetAssignment: ['AssignPermissionSets'],
  PermissionSetLicenseAssign: ['AssignPermissionSets'],
  SetupEntityAccess: ['ManageProfilesPermissionsets'],
};

const checkPermission = ({ org, userId }: Writer, sObject: string): void => {
  const needed = NEEDED[sObject];
  if (!needed || needed.some((permission) => org.can(userId, permission))) return;
  throw new DmlError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on cross-reference id', [], 403);
};

const REQUIRED: Record<string, readonly string[]> = {
  User: [
    'Username',
    'LastName',
    'Email',
    'Alias',
    'TimeZoneSidKey',
    'LocaleSidKey',
    'EmailEncodingKey',
    'ProfileId',
    'LanguageLocaleKey',
  ],
  PermissionSet: ['Name', 'Label'],
  PermissionSetAssignment: ['AssigneeId', 'PermissionSetId'],
  PermissionSetLicenseAssign: ['AssigneeId', 'PermissionSetLicenseId'],
  SetupEntityAccess: ['ParentId', 'SetupEntityId'],
  Account: ['Name'],
  Contact: ['LastName'],
};

const requireFields = (fields: Fields, required: readonly string[]): void => {
  const missing = required.filter((name) => fields[name] === undefined || fields[name] === null || fields[name] === '');
  if (missing.length === 0) return;
  throw new DmlError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing);
};

/** The fields under their right names and with the type that they have. */
const known = (definition: SObjectDefinition, sent: Fields): Fields => {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(sent)) {
    if (name === 'attributes') continue;
    const field = definition.fields.get(name.toLowerCase());
    if (!field || field.name === 'Id') {
      throw new DmlError('INVALID_FIELD', `No such column '${name}' on sobject of type ${definition.name}`);
    }
    fields[field.name] = typed(field.type, field.name, value);
  }
  return fields;
};

const typed = (type: string, name: string, value: unknown): unknown => {
  if (value === null) return null;
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new DmlError(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of boolean from VALUE_STRING value ${String(value)}`,
      [name],
    );
  }
  if (type === 'reference' || name.endsWith('Id')) {
    if (/^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/.test(String(value))) return toId18(String(value));
    throw new DmlError('MALFORMED_ID', `${name}: id value of incorrect type: ${String(value)}`, [name]);
  }
  return type === 'int' ? Number(value) : value;
};

// -- what each sObject asks for

type Insert = (org: PracticeOrg, fields: Fields, sObject: string) => SObjectRecord;

const plainInsert: Insert = (org, fields, sObject) => org.insert(sObject, fields);

const INSERTS: Record<string, Insert> = {
  User: (org, fields) => {
    checkUser(org, fields);
    const user = org.insert('User', {
      IsActive: true,
      UserType: 'Standard',
      LastLoginDate: null,
      ...fields,
      Name: [fields.FirstName, fields.LastName].filter(Boolean).join(' '),
    });
    org.insert('UserLogin', { UserId: user.Id, IsFrozen: false, IsPasswordLocked: false });
    followProfile(org, user);
    return user;
  },

  PermissionSet: (org, fields) => {
    const taken = org
      .records('PermissionSet')
      .some((set) => String(set.Name).toLowerCase() === String(fields.Name).toLowerCase());
    if (taken) {
      throw new DmlError('DUPLICATE_DEVELOPER_NAME', `The name "${String(fields.Name)}" is already in use.`, ['Name']);
    }
    if (!/^[a-zA-Z](_?[a-zA-Z0-9])*$/.test(String(fields.Name))) {
      throw new DmlError(
        'INVALID_FIELD',
        'The Permission Set API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.',
        ['Name'],
      );
    }
    return org.insert('PermissionSet', {
      ...permissionFields([]),
      Description: null,
      Type: 'Regular',
      IsOwnedByProfile: false,
      IsCustom: true,
      ProfileId: null,
      LicenseId: null,
      NamespacePrefix: null,
      HasActivationRequired: false,
      ...fields,
    });
  },

  PermissionSetAssignment: (org, fields) => {
    const user = existingReference(org, 'User', fields, 'AssigneeId');
    const set = existingReference(org, 'PermissionSet', fields, 'PermissionSetId');
    if (org.permissionSetsOf(user.Id).some((one) => one.Id === set.Id)) {
      throw new DmlError(
        'DUPLICATE_VALUE',
        `Duplicate PermissionSetAssignment. Assignee: ${user.Id}; Permission Set: ${set.Id}`,
        ['PermissionSetId', 'AssigneeId'],
      );
    }
    checkLicence(org, user, set);
    return org.insert('PermissionSetAssignment', { IsActive: true, ...fields });
  },

  PermissionSetLicenseAssign: (org, fields) => {
    existingReference(org, 'User', fields, 'AssigneeId');
    const licence = existingReference(org, 'PermissionSetLicense', fields, 'PermissionSetLicenseId');
    const assigned = org
      .records('PermissionSetLicenseAssign')
      .filter((one) => one.PermissionSetLicenseId === licence.Id);
    if (assigned.some((one) => one.AssigneeId === fields.AssigneeId)) {
      throw new DmlError('DUPLICATE_VALUE', 'Duplicate PermissionSetLicenseAssign.', ['PermissionSetLicenseId']);
    }
    if (assigned.length >= Number(licence.TotalLicenses)) {
      throw new DmlError(
        'LICENSE_LIMIT_EXCEEDED',
        `There aren't enough available permission set licenses for the permission set license. ${String(licence.MasterLabel)}`,
      );
    }
    return org.insert('PermissionSetLicenseAssign', fields);
  },

  SetupEntityAccess: (org, fields) => {
    const set = existingReference(org, 'PermissionSet', fields, 'ParentId');
    const id = String(fields.SetupEntityId);
    const app = org.appById(id) ?? org.connectedAppById(id);
    if (!app) {
      throw new DmlError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', ['SetupEntityId']);
    }
    if (org.record('PermissionSetLicense', String(set.LicenseId ?? ''))) {
      throw new DmlError('FIELD_INTEGRITY_EXCEPTION', NO_APPS_WITH_LICENCE, ['ParentId']);
    }
    const twice = org
      .records('SetupEntityAccess')
      .some((one) => one.ParentId === set.Id && one.SetupEntityId === app.id);
    if (twice)
      throw new DmlError('DUPLICATE_VALUE', 'duplicate value found: SetupEntityId duplicates value on record with id');
    return org.insert('SetupEntityAccess', {
      ...fields,
      SetupEntityId: app.id,
      SetupEntityType: app.type === CONNECTED_APP ? 'ConnectedApplication' : 'ExternalClientApplication',
    });
  },
};

const existingReference = (org: PracticeOrg, sObject: string, fields: Fields, name: string): SObjectRecord => {
  const record = org.record(sObject, String(fields[name]));
  if (record) return record;
  throw new DmlError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [name]);
};

/** Permissions that a user of the integration licence may get without a permission set licence. */
const INTEGRATION_ALONE: readonly string[] = ['ApiEnabled', 'ApiUserOnly'];

/** A permission set is for users whose licence, or permission set licence, has all that it grants. */
const checkLicence = (org: PracticeOrg, user: SObjectRecord, set: SObjectRecord): void => {
  const ownLicence = org.record('UserLicense', String(org.record('Profile', String(user.ProfileId))?.UserLicenseId));
  const licences = org.records('PermissionSetLicenseAssign').filter((one) => one.AssigneeId === user.Id);
  const isHis = (id: unknown): boolean =>
    id === ownLicence?.Id || licences.some((one) => one.PermissionSetLicenseId === id);
  if (typeof set.LicenseId === 'string' && !isHis(set.LicenseId)) refuseAssignment(user, set, 'permission set');
  if (ownLicence?.LicenseDefinitionKey !== 'SalesforceIntegration' || licences.length > 0) return;
  const tooMuch = PERMISSIONS.find(
    (permission) => set[`Permissions${permission}`] === true && !INTEGRATION_ALONE.includes(permission),
  );
  if (tooMuch) refuseAssignment(user, set, `permission: ${tooMuch.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')}`);
};

const refuseAssignment = (user: SObjectRecord, set: SObjectRecord, what: string): never => {
  throw new DmlError(
    'FIELD_INTEGRITY_EXCEPTION',
    `Can't assign permission set ${String(set.Label)} to user ${String(user.Name)}. The user license doesn't allow the ${what}`,
    ['PermissionSetId'],
  );
};

/** Over the API a user can be frozen, let in again and unlocked; only wrong passwords lock one out. */
const checkUserLogin = (login: SObjectRecord, fields: Fields): void => {
  const fixed = [
    ...(fields.UserId !== undefined && fields.UserId !== login.UserId ? ['UserId'] : []),
    ...(fields.IsPasswordLocked === true && login.IsPasswordLocked !== true ? ['IsPasswordLocked'] : []),
  ];
  if (fixed.length === 0) return;
  throw new DmlError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${fixed.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    fixed,
  );
};

const checkUser = (org: PracticeOrg, user: Fields, ownId?: string): void => {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(String(user.Username))) {
    throw new DmlError(
      'INVALID_EMAIL_ADDRESS',
      'Username: invalid email address: The username must be in the form of an email address (for example, john@acme.com).',
      ['Username'],
    );
  }
  const other = org.userByUsername(String(user.Username));
  if ((other && other.Id !== ownId) || org.takenUsernames.has(String(user.Username).toLowerCase())) {
    throw new DmlError(
      'DUPLICATE_USERNAME',
      "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address). ",
      ['Username'],
    );
  }
  const profile = existingReference(org, 'Profile', user, 'ProfileId');
  checkLicencesLeft(org, user, profile, ownId);
};

const checkLicencesLeft = (org: PracticeOrg, user: Fields, profile: SObjectRecord, ownId?: string): void => {
  const before = ownId === undefined ? undefined : org.record('User', ownId);
  const hadOne =
    before?.IsActive === true &&
    org.record('Profile', String(before.ProfileId))?.UserLicenseId === profile.UserLicenseId;
  if (user.IsActive === false || hadOne) return;
  const licence = rows(org, 'UserLicense', '').find((one) => one.Id === profile.UserLicenseId);
  if (Number(licence?.UsedLicenses) < Number(licence?.TotalLicenses)) return;
  throw new DmlError('LICENSE_LIMIT_EXCEEDED', 'License Limit Exceeded', []);
};

/** A user has the permission set that its profile owns, and no other one of that kind. */
const followProfile = (org: PracticeOrg, user: SObjectRecord): void => {
  for (const assignment of org.records('PermissionSetAssignment')) {
    const set = org.record('PermissionSet', String(assignment.PermissionSetId));
    if (assignment.AssigneeId === user.Id && set?.IsOwnedByProfile === true) {
      org.delete('PermissionSetAssignment', assignment.Id);
    }
  }
  const own = org
    .records('PermissionSet')
    .find((set) => set.IsOwnedByProfile === true && set.ProfileId === user.ProfileId);
  if (own) org.insert('PermissionSetAssignment', { AssigneeId: user.Id, PermissionSetId: own.Id, IsActive: true });
};
