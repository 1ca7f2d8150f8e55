import { parseRefusal } from '../app/answer.ts';
import type { Refusal } from '../app/explanations.ts';
import { readInput, standardInput } from '../disk/input.ts';

/**
 * The refusal in an answer that somebody pasted.
 *
 * @param answer the answer; `-` for one on standard input
 */
export const readAnswer = async (answer: string): Promise<Refusal> =>
  parseRefusal(answer === standardInput ? String(await readInput(answer)) : answer);
