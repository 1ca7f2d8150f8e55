import { type Document, LineCounter, type YAMLError } from 'yaml';

import { compose } from './compose.ts';
import { DocumentReader, type Environment } from './documentReader.ts';
import type { FileContent, FileProblem, Place } from './ecaFile.ts';
import { isHarmless, syntaxProblem } from './syntax.ts';

/** Errors of syntax draw others after them: the first few are enough. */
const SYNTAX_ERRORS_MAX = 10;

/** A file's one document, where nothing is wrong with its syntax. `problems` then has harmless ones. */
export type ReadDocument = {
  document?: Document.Parsed;
  place: (offset: number) => Place;
  problems: FileProblem[];
};

/**
 * Reads a text as one YAML document.
 *
 * @param file its name, for places
 */
export const readDocument = (text: string, file: string): ReadDocument => {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const { documents, tooMuch } = compose(text, lines);
  if (tooMuch) return { place, problems: [{ ...place(tooMuch.offset), ...tooMuch.problem }] };
  const [document, second] = documents;
  if (!document) return { place, problems: [{ ...place(0), code: 'file.empty', values: [] }] };

  const complaints = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  const textLines = text.split('\n');
  const inWords = (error: YAMLError): FileProblem => {
    const at = place(error.pos[0]);
    return { ...at, ...syntaxProblem(error, textLines[at.line - 1] ?? '') };
  };
  const fatal = complaints.filter((error) => !isHarmless(error));
  if (fatal.length > 0) {
    const first = firstOfEachLine(fatal, (error) => place(error.pos[0]).line);
    return { place, problems: first.slice(0, SYNTAX_ERRORS_MAX).map(inWords) };
  }
  if (second) {
    const start = second.contents?.range?.[0] ?? second.range[0];
    return { place, problems: [{ ...place(start), code: 'file.severalDocuments', values: [] }] };
  }
  return { document, place, problems: complaints.map(inWords) };
};

/**
 * Reads the text of one eca.yaml. Whatever is wrong with it is reported, all at once; nothing is thrown.
 *
 * @param file its name, for places
 * @param environment where `${NAME}` takes its value from
 * @param allowed the variables that may be used although their names look like secrets
 */
export const parseEcaFile = (
  text: string,
  file: string,
  environment: Environment,
  allowed: string[] = [],
): FileContent => {
  const { document, place, problems } = readDocument(text, file);
  if (!document) return { apps: [], problems };
  const content = new DocumentReader(document, text, place, environment, allowed).read();
  return { apps: content.apps, problems: [...problems, ...content.problems] };
};

const firstOfEachLine = (errors: YAMLError[], lineOf: (error: YAMLError) => number): YAMLError[] => {
  const byLine = new Map<number, YAMLError>();
  for (const error of errors) if (!byLine.has(lineOf(error))) byLine.set(lineOf(error), error);
  return [...byLine.values()];
};
