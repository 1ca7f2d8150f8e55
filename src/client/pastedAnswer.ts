import { parseRefusal } from '../app/answer.ts';
import type { Refusal } from '../app/explanations.ts';
import type { Problem } from '../app/problem.ts';
import { readInput, STANDARD_INPUT } from '../local/input.ts';
import { TooLargeError } from '../local/smallFile.ts';

/** The last lines of a log are enough, and a log can be very long. */
const BYTES_MAX = 1_000_000;

/**
 * The refusal in an answer that somebody pasted.
 *
 * @param answer the answer; `-` for one on standard input
 * @returns a problem when there is too much on standard input
 */
export const readAnswer = async (answer: string): Promise<Refusal | Problem> => {
  if (answer !== STANDARD_INPUT) return parseRefusal(answer);
  try {
    return parseRefusal(String(await readInput(answer, BYTES_MAX)));
  } catch (error) {
    if (error instanceof TooLargeError) return { code: 'error.answerTooLarge', values: [] };
    throw error;
  }
};
