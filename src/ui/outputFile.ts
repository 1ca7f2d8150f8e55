import { texts } from '../texts.ts';

const messages = texts('eca.outputFile');

/**
 * Names what prevented the write of a file, by Node's code. Examples: a full disk, or a folder in its place.
 *
 * @throws error.outputFileNotOwn, error.outputFileNotRegular, error.outputFileUnwritable; an error without a code as it is
 */
export const notWritten =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.code === undefined) throw error;
    if (error.code === 'ENOTOWN') throw messages.createError('error.outputFileNotOwn', [path]);
    if (error.code === 'ENOTREG') throw messages.createError('error.outputFileNotRegular', [path]);
    throw messages.createError('error.outputFileUnwritable', [path, error.code]);
  };
