import type { XmlElement } from '../xml.ts';
import schema from './schema.json' with { type: 'json' };
import { existsAt, goneElements } from './versions.ts';

/** Why a component is refused: what a deploy result calls its problem. */
export class Problem extends Error {
  /** The status code that the CRUD calls give with it. */
  readonly statusCode: string;

  constructor(message: string, statusCode = 'FIELD_INTEGRITY_EXCEPTION') {
    super(message);
    this.statusCode = statusCode;
  }
}

export type Body = Record<string, unknown>;

type Schema = {
  type?: string;
  enum?: string[];
  $ref?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
};

const DEFINITIONS: Record<string, Schema> = schema.definitions;

const referred = (one: Schema): { name: string; schema: Schema } => {
  const name = one.$ref?.split('/').at(-1) ?? '';
  return { name, schema: one.$ref ? (DEFINITIONS[name] ?? {}) : one };
};

/** The elements of a type in alphabetical order, also the elements that newer API versions no longer have. */
const elementsOf = (type: string): Record<string, Schema> => {
  const known = DEFINITIONS[type]?.properties ?? {};
  const gone = goneElements(type);
  if (gone.length === 0) return known;
  const all = {
    ...known,
    ...Object.fromEntries(gone.map(([element, kind]): [string, Schema] => [element, { type: kind }])),
  };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** An element's schema, when the type has it at this API version. */
const elementSchema = (type: string, element: string, version: number): Schema | undefined =>
  existsAt(type, element, version) ? elementsOf(type)[element] : undefined;

/**
 * Reads a component as an API version knows it. Values get their type; an element that is empty or nil is left out.
 * Throws a Problem for an unknown element, a repeated element, an invalid value, and a missing required element.
 */
export const readBody = (type: string, root: XmlElement, version: number): Body => {
  const body: Body = {};
  for (const element of root.children) {
    if (element.name === 'fullName' && body.fullName === undefined) continue;
    const known = elementSchema(type, element.name, version);
    if (!known) {
      throw new Problem(
        `Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}${element.name} invalid at this location in type ${type}`,
      );
    }
    if (known.type === 'array') {
      const list = (body[element.name] ??= []) as unknown[];
      list.push(readValue(type, element, known.items ?? {}, version));
    } else if (element.name in body) {
      throw new Problem(
        `Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}${element.name} is duplicated at this location in type ${type}`,
      );
    } else {
      body[element.name] = readValue(type, element, known, version);
    }
  }
  checkRequired(type, body, version);
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
};

const checkRequired = (type: string, body: Body, version: number): void => {
  const { required = [], properties = {} } = DEFINITIONS[type] ?? {};
  for (const element of required) {
    const optional = properties[element]?.type === 'array' || !existsAt(type, element, version);
    if (!optional && body[element] === undefined) {
      throw new Problem(`Required field is missing: ${element}`, 'REQUIRED_FIELD_MISSING');
    }
  }
};

const readValue = (type: string, element: XmlElement, declared: Schema, version: number): unknown => {
  const { name, schema: known } = referred(declared);
  if (known.properties) return readBody(name, element, version);
  if (element.children.length > 0) {
    throw new Problem(
      `Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}${element.children[0]?.name} invalid at this location in type ${type}`,
    );
  }
  if (element.attributes.nil === 'true') return undefined;
  if (known.type === 'string' && !known.enum) return element.text === '' ? undefined : element.text;
  return readScalar(element.text.trim(), name, known);
};

const readScalar = (text: string, typeName: string, known: Schema): unknown => {
  if (known.enum) {
    if (known.enum.includes(text)) return text;
    throw new Problem(`Error parsing file: '${text}' is not a valid value for the enum '${typeName}'`);
  }
  if (known.type === 'boolean') {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    throw new Problem(`Error parsing file: '${text}' is not a valid value for the type xsd:boolean`);
  }
  if (/^[+-]?\d{1,10}$/.test(text)) return Number(text);
  throw new Problem(`Error parsing file: '${text}' is not a valid value for the type xsd:int`);
};

/** Elements that no reader ever gets back, by type. */
const NEVER_RETURNED: Record<string, readonly string[]> = {
  ConnectedAppOauthConfig: ['consumerSecret'],
  ExtlClntAppGlobalOauthSettings: ['certificate', 'consumerSecret'],
  ExtlClntAppApplePushConfig: ['certificate', 'password', 'signingKey'],
  ExtlClntAppAndroidPushConfig: ['serviceAccount'],
};

/**
 * A component's body as an API version returns it. The elements are in the order of the schema, without those that no
 * reader gets back. `returned` lists exceptions.
 */
export const visibleBody = (type: string, body: Body, version: number, returned?: string): Body => {
  const entries = Object.entries(elementsOf(type)).flatMap(([element, declared]): Array<[string, unknown]> => {
    const value = body[element];
    const withheld = element !== returned && NEVER_RETURNED[type]?.includes(element);
    if (value === undefined || withheld || !existsAt(type, element, version)) return [];
    const { name, schema: known } = referred(declared.items ?? declared);
    if (!known.properties) return [[element, value]];
    const nested = Array.isArray(value)
      ? value.map((one) => visibleBody(name, one as Body, version))
      : visibleBody(name, value as Body, version);
    return [[element, nested]];
  });
  return Object.fromEntries(entries);
};
