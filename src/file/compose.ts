import { Composer, type CST, type Document, Lexer, type LineCounter, Parser } from 'yaml';

import type { FileCode, ProblemOf } from '../app/problem.ts';

/**
 * The number of YAML tokens that a file may have; a thousand apps have half as many. Reading so many tokens takes a
 * second or two.
 */
const LEXEMES_MAX = 500_000;

/** The allowed depth of nested groups; an eca.yaml has five levels. */
const DEPTH_MAX = 100;

/** Nobody reads more errors of syntax than this, and each one takes time. */
const ERRORS_MAX = 1000;

/** Why a text was not read to its end. */
type TooMuch = { offset: number; problem: ProblemOf<FileCode> };

type Composed = { documents: Document.Parsed[]; tooMuch?: TooMuch };

/**
 * Reads YAML within limits: at most two documents, and a second document is already an error. Duplicate keys are not
 * checked here, because the library compares each key with each other key.
 */
export const compose = (text: string, lines: LineCounter): Composed => {
  const { tokens, tooMuch } = parse(text, lines);
  if (tooMuch) return { documents: [], tooMuch };
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
  // Without a document, the library would tell no errors.
  const isBroken = tokens.some(({ type }) => type === 'error');
  return { documents: withoutStacks(() => [...composer.compose(tokens, isBroken)]) };
};

/** Works like Parser.parse, but counts. The limits come first: building the documents is the slow part. */
const parse = (text: string, lines: LineCounter): { tokens: CST.Token[]; tooMuch?: TooMuch } => {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let documents = 0;
  let errors = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'document') documents += 1;
      if (token.type === 'error') errors += 1;
    }
    if (documents > 1 || errors > ERRORS_MAX) return { tokens };
    const { offset } = parser;
    if (++lexemes > LEXEMES_MAX) return { tokens, tooMuch: { offset, problem: { code: 'file.tooMuch', values: [] } } };
    if (parser.stack.length > DEPTH_MAX)
      return { tokens, tooMuch: { offset, problem: { code: 'file.tooDeep', values: [String(DEPTH_MAX)] } } };
  }
  tokens.push(...parser.end());
  return { tokens };
};

/** A text of commas has half a million errors. Most of the time would go into stacks, which nobody sees. */
const withoutStacks = <T>(work: () => T): T => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};
