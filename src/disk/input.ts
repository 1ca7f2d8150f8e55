import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** How a command line names standard input, where it reads a file, and standard output, where it writes one. */
export const standardInput = '-';

/**
 * The content of a file, or of standard input.
 *
 * @param path `-` for standard input
 * @throws the system's error, with its code
 */
export const readInput = (path: string): Promise<Buffer> =>
  path === standardInput ? buffer(process.stdin) : readFile(path);
