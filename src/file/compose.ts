import { Composer, Lexer, Parser, type Document, type LineCounter } from 'yaml';
import type { FileCode, ProblemOf } from '../app/problem.ts';

/**
 * The number of YAML tokens that a file may have; a thousand apps have half as many. Reading so many tokens takes a
 * second or two.
 */
const LEXEMES_MAX = 500_000;

/** The allowed depth of nested groups; an eca.yaml has five levels. */
const DEPTH_MAX = 100;

/** Why a text was not read to its end. */
type TooMuch = { offset: number; problem: ProblemOf<FileCode> };

/**
 * Reads YAML within limits: at most two documents, and a second document is already an error. Duplicate keys are not
 * checked here, because the library compares each key with each other key.
 */
export const compose = (text: string, lines: LineCounter): { documents: Document.Parsed[]; tooMuch?: TooMuch } => {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
  const documents: Document.Parsed[] = [];
  let lexemes = 0;
  // Works like Parser.parse, which only gives complete documents.
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (documents.length > 1) return { documents };
    const { offset } = parser;
    if (++lexemes > LEXEMES_MAX)
      return { documents, tooMuch: { offset, problem: { code: 'file.tooMuch', values: [] } } };
    if (parser.stack.length > DEPTH_MAX)
      return { documents, tooMuch: { offset, problem: { code: 'file.tooDeep', values: [String(DEPTH_MAX)] } } };
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());
  return { documents };
};
