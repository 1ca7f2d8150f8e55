import { keyPrefix } from '../ids.ts';
import type { Field, SObjectDefinition } from './definitions.ts';

/** The describe result of an sObject, and its entry in the list of all. */
export const describeGlobalEntry = (definition: SObjectDefinition, base: string): Record<string, unknown> => {
  const { name, label, createable, updateable, deletable } = definition;
  return {
    activateable: false,
    associateEntityType: null,
    createable,
    custom: false,
    customSetting: false,
    deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isSubtype: false,
    keyPrefix: keyPrefix(name),
    label,
    labelPlural: `${label}s`,
    layoutable: false,
    mergeable: false,
    mruEnabled: false,
    name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: false,
    triggerable: false,
    undeletable: false,
    updateable,
    urls: {
      sobject: `${base}/sobjects/${name}`,
      describe: `${base}/sobjects/${name}/describe`,
      rowTemplate: `${base}/sobjects/${name}/{ID}`,
    },
  };
};

export const describeSObject = (definition: SObjectDefinition, base: string): Record<string, unknown> => ({
  ...describeGlobalEntry(definition, base),
  childRelationships: definition.children.map((one) => ({
    cascadeDelete: false,
    childSObject: one.childSObject,
    deprecatedAndHidden: false,
    field: one.field,
    relationshipName: one.name,
  })),
  fields: [...definition.fields.values()]
    .filter((field) => field.type !== 'complex')
    .map((field) => describeField(definition, field)),
  recordTypeInfos: [],
});

const SOAP_TYPES: Record<Field['type'], string> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  int: 'xsd:int',
  boolean: 'xsd:boolean',
  datetime: 'xsd:dateTime',
  string: 'xsd:string',
  complex: 'xsd:anyType',
};

const LENGTHS: Record<string, number> = { id: 18, reference: 18, string: 255 };

const describeField = (definition: SObjectDefinition, field: Field): Record<string, unknown> => {
  const stamped = /^(Id|CreatedById|CreatedDate|LastModifiedById|LastModifiedDate|SystemModstamp|IsDeleted)$/.test(
    field.name,
  );
  return {
    name: field.name,
    label: field.name.replace(/(?<=[a-z])(?=[A-Z])/g, ' '),
    type: field.type,
    length: LENGTHS[field.type] ?? 0,
    createable: definition.createable && !stamped,
    updateable: definition.updateable && !stamped,
    nillable: !stamped && field.type !== 'boolean',
    defaultedOnCreate: stamped || field.type === 'boolean',
    filterable: field.filterable !== false,
    groupable: field.type !== 'datetime',
    sortable: true,
    custom: false,
    calculated: false,
    unique: false,
    nameField: field.name === 'Name' || field.name === 'DeveloperName',
    picklistValues: [],
    referenceTo: field.referenceTo ? [field.referenceTo] : [],
    relationshipName: field.relationshipName ?? null,
    soapType: SOAP_TYPES[field.type],
  };
};
