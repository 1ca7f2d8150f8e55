import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An XML element without its namespace prefix. `text` is what stands in it, as it stands there, without children's. */
export type XmlElement = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string };

/** Text that is not XML. The message is the parser's. */
export class XmlError extends Error {}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  // &#10; and its like; the names of HTML stay unknown.
  htmlEntities: true,
});

type OrderedNode = Record<string, OrderedNode[] | string | Record<string, string>>;

/**
 * Reads a document. A document with a DOCTYPE is refused: nothing that Salesforce accepts has one, and its entities can
 * fill the memory.
 */
export const parseXml = (text: string): XmlElement => {
  const document = text.replace(/^\uFEFF/, '');
  if (/<!DOCTYPE/i.test(document)) throw new XmlError('DOCTYPE is not allowed');
  const valid = XMLValidator.validate(document, { allowBooleanAttributes: false });
  if (valid !== true) throw new XmlError(`${valid.err.msg} (line ${valid.err.line})`);
  const [root] = nodesOf(document).flatMap(elementOf);
  if (!root) throw new XmlError('Premature end of file.');
  return root;
};

/** The parser refuses what goes too deep, and names such as `constructor`, by throwing. */
const nodesOf = (document: string): OrderedNode[] => {
  try {
    return parser.parse(document) as OrderedNode[];
  } catch (error) {
    throw new XmlError((error as Error).message);
  }
};

/** Texts and comments between the elements are nobody's element. */
const elementOf = (node: OrderedNode): XmlElement[] => {
  const name = Object.keys(node).find((key) => key !== ':@');
  if (name === undefined || name === '#text' || name.startsWith('?')) return [];
  const inside = node[name] as OrderedNode[];
  return [
    {
      name,
      attributes: (node[':@'] ?? {}) as Record<string, string>,
      children: inside.flatMap(elementOf),
      text: inside.map((one) => (typeof one['#text'] === 'string' ? one['#text'] : '')).join(''),
    },
  ];
};

/** The first child of a name, and its text: what SOAP messages and manifests need. */
export const child = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((one) => one.name === name);

export const childText = (element: XmlElement | undefined, name: string): string | undefined =>
  child(element, name)?.text.trim();

export const childTexts = (element: XmlElement | undefined, name: string): string[] =>
  element?.children.filter((one) => one.name === name).map((one) => one.text.trim()) ?? [];

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A bare carriage return would come out of the next parser as a line feed.
  '\r': '&#xD;',
};

export const escapeXml = (text: string): string => text.replace(/[&<>"'\r]/g, (sign) => ESCAPES[sign] ?? sign);

/**
 * An element with its content. The entries of an object are elements of their own. A list repeats the element, and
 * undefined values are left out. Values are escaped; names are ours. `indent` is what stands before the element,
 * undefined for one line without any space, as in SOAP.
 */
export const writeXml = (name: string, value: unknown, indent?: string, attributes = ''): string => {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((one) => writeXml(name, one, indent, attributes)).join('');
  const [before, after] = indent === undefined ? ['', ''] : [indent, '\n'];
  if (value === null) return `${before}<${name} xsi:nil="true"/>${after}`;
  if (typeof value !== 'object') return `${before}<${name}${attributes}>${escapeXml(String(value))}</${name}>${after}`;
  const inner = Object.entries(value)
    .map(([key, one]) => writeXml(key, one, indent === undefined ? undefined : `${indent}    `))
    .join('');
  return `${before}<${name}${attributes}>${after}${inner}${before}</${name}>${after}`;
};
