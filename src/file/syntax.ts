import type { YAMLError } from 'yaml';

import type { FileCode, ProblemOf } from '../app/problem.ts';

/** What keeps a text from being YAML. */
export type SyntaxProblem = ProblemOf<FileCode>;

type Plain =
  | 'file.tab'
  | 'file.indent'
  | 'file.indentOrColon'
  | 'file.colonMissing'
  | 'file.quoteNeeded'
  | 'file.escape'
  | 'file.tag';

/** The parser's complaints that a plain sentence can replace; the others are passed on in its own words. */
const PLAIN: Partial<Record<YAMLError['code'], Plain>> = {
  TAB_AS_INDENT: 'file.tab',
  BAD_INDENT: 'file.indent',
  BLOCK_AS_IMPLICIT_KEY: 'file.indentOrColon',
  MULTILINE_IMPLICIT_KEY: 'file.colonMissing',
  BAD_SCALAR_START: 'file.quoteNeeded',
  BAD_DQ_ESCAPE: 'file.escape',
  TAG_RESOLVE_FAILED: 'file.tag',
};

/** Does the parser still understand the text, so that the rest of the file can be checked? */
export const isHarmless = ({ code }: YAMLError): boolean => code === 'TAG_RESOLVE_FAILED';

/**
 * The message for a syntax error.
 *
 * @param line the line of the file with the error
 */
export const syntaxProblem = (error: YAMLError, line: string): SyntaxProblem => {
  // After a bracket, a brace begins a group: this is the most common mistake with variables.
  if (!isHarmless(error) && hasVariableInBrackets(line)) return { code: 'file.variableInBrackets', values: [] };
  if (error.code === 'MISSING_CHAR' && /closing/.test(error.message)) return { code: 'file.quoteOpen', values: [] };
  if (error.code === 'BAD_INDENT' && /^Flow/.test(error.message)) {
    return { code: 'file.bracketOpen', values: [error.message.at(-1) ?? ''] };
  }
  if (/^Sequence item without/.test(error.message)) return { code: 'file.indent', values: [] };
  const plain = PLAIN[error.code];
  return plain === undefined ? { code: 'file.syntax', values: [error.message] } : { code: plain, values: [] };
};

/** Does a variable follow a bracket, brace or comma, without quotes between the two? */
const hasVariableInBrackets = (line: string): boolean =>
  line.split(/['"]/).some((part) => {
    const first = part.search(/[[{,]/);
    return first >= 0 && part.includes('${', first + 1);
  });
