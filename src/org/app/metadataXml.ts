import { createRequire } from 'node:module';

import type * as FastXmlParser from 'fast-xml-parser';

import { plainText } from '../../app/plainText.ts';
import type { Element } from './components.ts';

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

const OF_METADATA = { preserveOrder: true, ignoreAttributes: false, processEntities: true, suppressEmptyNode: false };

const READING = {
  preserveOrder: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  // White space inside a value is the value's; white space between elements is dropped below.
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
};

const newCodec = ({ XMLBuilder, XMLParser, XMLValidator }: typeof FastXmlParser) => ({
  validate: (xml: string) => XMLValidator.validate(xml),
  parser: new XMLParser({ ...READING, ignoreAttributes: true }),
  /** Answers of SOAP: the same, and prefixes and attributes do not belong to what they hold. */
  answerParser: new XMLParser({
    ...READING,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseAttributeValue: false,
  }),
  builder: new XMLBuilder(OF_METADATA),
  /** For people to read: an element to a line, indented as Salesforce's tools do it. */
  sourceBuilder: new XMLBuilder({ ...OF_METADATA, format: true, indentBy: '    ' }),
});

let loaded: ReturnType<typeof newCodec> | undefined;

/**
 * The package is loaded when there is XML to read or write, so that a command's help does without. It is loaded as the one file
 * that `require` gets. Its ES modules are 41 files, which take four times as long to load.
 */
const codec = (): ReturnType<typeof newCodec> =>
  (loaded ??= newCodec(createRequire(import.meta.url)('fast-xml-parser') as typeof FastXmlParser));

type Node = Record<string, Node[] | string | undefined> & { ':@'?: unknown };

const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ':@') ?? '';

/** Is an element there only to say that it has no value? In a file it is left out. */
const isNil = (node: Node): boolean => /^(true|1)$/.test((node[':@'] as { nil?: string } | undefined)?.nil ?? '');

const toElement = (node: Node): Element => {
  const name = nameOf(node);
  const content = node[name] as Node[];
  const children = content.filter((child) => nameOf(child) !== '#text' && !isNil(child));
  return children.length > 0
    ? { name, children: children.map(toElement) }
    : { name, text: content.map((child) => child['#text'] as string).join('') };
};

const toNode = (element: Element): Node => ({
  [element.name]:
    'children' in element ? element.children.map(toNode) : element.text === '' ? [] : [{ '#text': element.text }],
});

/** Metadata that is not read. `at` is the place of a fault in the XML. */
export class UnreadableXmlError extends Error {
  readonly problem: 'notWellFormed' | 'documentType' | 'empty';
  readonly detail: string;
  readonly at: { line: number; column: number } | undefined;

  constructor(message: string, problem: UnreadableXmlError['problem'], detail = '', at?: UnreadableXmlError['at']) {
    super(message);
    this.name = 'UnreadableXmlError';
    this.problem = problem;
    this.detail = detail;
    this.at = at;
  }
}

/**
 * Reads one metadata file.
 *
 * @returns the type (the root element's name) and its elements in the file's order
 * @throws UnreadableXmlError when it is no well-formed XML, or has a document type, whose entities could blow up. An org
 *   never sends one
 */
export const parseMetadata = (xml: string): { type: string; elements: Element[] } => {
  const element = rootOf(xml, codec().parser);
  return { type: element.name, elements: childrenOf(element) };
};

/**
 * Reads an answer of SOAP, without prefixes and without elements that are nil.
 *
 * @param name of the wanted elements: children of what is in the body, or `Fault`, which is in the body itself
 * @returns the children of each of these elements
 * @throws as parseMetadata does
 */
export const parseAnswer = (xml: string, name: 'result' | 'Fault' = 'result'): Element[][] => {
  const body = childrenOf(rootOf(xml, codec().answerParser)).find((element) => element.name === 'Body');
  const inside = body ? childrenOf(body) : [];
  const among = name === 'Fault' ? inside : inside.flatMap(childrenOf);
  return among.flatMap((element) => (element.name === name ? [childrenOf(element)] : []));
};

const childrenOf = (element: Element): Element[] => ('children' in element ? element.children : []);

const rootOf = (xml: string, parser: FastXmlParser.XMLParser): Element => {
  const valid = codec().validate(xml);
  if (valid !== true) {
    const { msg, line, col: column } = valid.err;
    const detail = plainText(msg);
    const message = `The org sent metadata that is not well-formed XML: ${detail}`;
    throw new UnreadableXmlError(message, 'notWellFormed', detail, { line, column });
  }
  if (/<!DOCTYPE/i.test(xml))
    throw new UnreadableXmlError('The org sent metadata with a document type.', 'documentType');
  const root = (parser.parse(xml) as Node[]).find((node) => nameOf(node) !== '#text');
  if (!root) throw new UnreadableXmlError('The org sent an empty metadata file.', 'empty');
  return toElement(root);
};

/** Elements as they stand in a call of SOAP. */
export const buildElements = (elements: Element[]): string =>
  codec().builder.build(elements.map(toNode)).replaceAll('\r', '&#13;');

/** Writes one metadata file. Values must be free of the characters that `unwritable` finds. */
export const buildMetadata = (type: string, elements: Element[]): string => build(codec().builder, type, elements);

/** Writes one source-format file, as it lies in a project. */
export const buildSource = (type: string, elements: Element[]): string =>
  `${build(codec().sourceBuilder, type, elements).trim()}\n`;

const build = (writer: FastXmlParser.XMLBuilder, type: string, elements: Element[]): string =>
  writer
    .build([
      { '?xml': [{ '#text': '' }], ':@': { '@_version': '1.0', '@_encoding': 'UTF-8' } },
      { [type]: elements.map(toNode), ':@': { '@_xmlns': NAMESPACE } },
    ])
    // Raw, a reader would turn it into a line feed (https://www.w3.org/TR/xml/#sec-line-ends).
    .replaceAll('\r', '&#13;');

/**
 * The first character of a value that XML 1.0 cannot carry at all (https://www.w3.org/TR/xml/#charsets), as `U+0007`;
 * undefined when all can be written.
 */
export const unwritable = (value: string): string | undefined => {
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    const allowed =
      code === 0x9 ||
      code === 0xa ||
      code === 0xd ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000;
    if (!allowed) return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return undefined;
};
