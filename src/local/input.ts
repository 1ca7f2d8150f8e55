import { readSmallFile, readSmallInput } from './smallFile.ts';

/**
 * The name `-` in a command line. It means standard input where a file is read, and standard output where a file is
 * written.
 */
export const STANDARD_INPUT = '-';

/** The content of each stream. A stream can be read once, and a command may need the content more than once. */
const contents = new WeakMap<NodeJS.ReadableStream, Promise<Buffer>>();

/**
 * The content of a file, or of standard input.
 *
 * @param path `-` for standard input
 * @param bytesMax how many bytes it may have
 * @throws what readSmallFile and readSmallInput throw
 */
export const readInput = (path: string, bytesMax: number): Promise<Buffer> => {
  if (path !== STANDARD_INPUT) return readSmallFile(path, bytesMax);
  const content = contents.get(process.stdin) ?? readSmallInput(bytesMax);
  contents.set(process.stdin, content);
  return content;
};

/** The name of standard input in problems. */
export const inputName = (path: string): string => (path === STANDARD_INPUT ? 'standard input' : path);
