import { readSmallFile, readSmallInput } from './smallFile.ts';

/** How a command line names standard input, where it reads a file, and standard output, where it writes one. */
export const standardInput = '-';

/** What a stream had: it can be read once, and a command may need its content more than once. */
const contents = new WeakMap<NodeJS.ReadableStream, Promise<Buffer>>();

/**
 * The content of a file, or of standard input.
 *
 * @param path `-` for standard input
 * @param bytesMax how many bytes it may have
 * @throws what readSmallFile and readSmallInput throw
 */
export const readInput = (path: string, bytesMax: number): Promise<Buffer> => {
  if (path !== standardInput) return readSmallFile(path, bytesMax);
  const content = contents.get(process.stdin) ?? readSmallInput(bytesMax);
  contents.set(process.stdin, content);
  return content;
};

/** What problems call it. */
export const inputName = (path: string): string => (path === standardInput ? 'standard input' : path);
