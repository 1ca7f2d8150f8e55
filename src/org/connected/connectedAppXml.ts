import {
  CONNECTED_APP_FILE,
  type ConnectedApp,
  type ConnectedAppElement,
  elementsAt,
} from '../../app/connected/connectedApp.ts';
import { suggestName } from '../../app/name.ts';
import { type FileCode, type ProblemOf, quotable } from '../../app/problem.ts';
import { keepSecret, MASK } from '../../app/secret.ts';
import { parseMetadata, UnreadableXmlError } from '../app/metadataXml.ts';

/** What is wrong with a file, and where. */
export type XmlProblem = ProblemOf<FileCode> & { line: number; column: number };

/**
 * Reads a Connected App from the text of its metadata. A consumer secret is masked at once: no value of the result has it.
 *
 * @param file the path or the name of the file, from which the name of the app comes
 */
export const parseConnectedApp = (xml: string, file: string): ConnectedApp | XmlProblem => {
  try {
    const { type, elements } = parseMetadata(xml);
    if (type !== 'ConnectedApp') return { line: 1, column: 1, code: 'file.noConnectedApp', values: [quotable(type)] };
    const masked = withoutSecrets(elements);
    return { name: nameOf(file, masked), elements: masked };
  } catch (error) {
    if (error instanceof UnreadableXmlError) return { ...(error.at ?? { line: 1, column: 1 }), ...problemOf(error) };
    // The parser gives up on far too many levels with an error of its own.
    const reason = error instanceof Error ? error.message : String(error);
    return { line: 1, column: 1, code: 'file.notWellFormed', values: [quotable(reason)] };
  }
};

const problemOf = ({ problem, detail }: UnreadableXmlError): ProblemOf<FileCode> => {
  if (problem === 'notWellFormed') return { code: 'file.notWellFormed', values: [quotable(detail)] };
  return { code: problem === 'documentType' ? 'file.documentType' : 'file.xmlEmpty', values: [] };
};

const SECRET_NAMES = /(?:secret|password|private_?key)$/i;

const withoutSecrets = (elements: ConnectedAppElement[]): ConnectedAppElement[] =>
  elements.map((element) => {
    if ('children' in element) return { ...element, children: withoutSecrets(element.children) };
    const value = element.text.trim();
    if (value === '' || !SECRET_NAMES.test(element.name)) return element;
    keepSecret(value);
    return { ...element, text: MASK };
  });

/** A project names a Connected App in the file's name. Other files may have a `fullName`, or at least a label. */
const nameOf = (file: string, elements: ConnectedAppElement[]): string => {
  const base = file.split(/[/\\]/).at(-1) ?? file;
  if (CONNECTED_APP_FILE.test(base)) return decoded(base.replace(CONNECTED_APP_FILE, ''));
  const [named] = ['fullName', 'label'].flatMap((path) =>
    elementsAt({ elements }, path).flatMap((element) => ('text' in element ? element.text.trim() || [] : [])),
  );
  return named ?? suggestName(base.replace(/\.[^.]*$/, ''));
};

/** The Metadata API writes some characters of a name as `%20`. */
const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};
