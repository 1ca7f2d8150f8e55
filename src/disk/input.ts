import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** How a command line names standard input, where it reads a file, and standard output, where it writes one. */
export const standardInput = '-';

/** What a stream had: it can be read once, and a command may need its content more than once. */
const contents = new WeakMap<NodeJS.ReadableStream, Promise<Buffer>>();

/**
 * The content of a file, or of standard input.
 *
 * @param path `-` for standard input
 * @throws the system's error, with its code
 */
export const readInput = (path: string): Promise<Buffer> => {
  if (path !== standardInput) return readFile(path);
  const content = contents.get(process.stdin) ?? buffer(process.stdin);
  contents.set(process.stdin, content);
  return content;
};

/** What problems call it. */
export const inputName = (path: string): string => (path === standardInput ? 'standard input' : path);
