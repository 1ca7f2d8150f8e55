import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Bytes that a file for the practice org may have. */
const BYTES_MAX = 1_000_000;

/**
 * A regular file's text. A pipe that nobody writes to would keep the process waiting for ever, a device has no end.
 * Throws an Error that says why the file is not taken.
 */
export const textOfFile = async (path: string): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw new Error('It is not a regular file.');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES_MAX + 1));
    if (bytesRead > BYTES_MAX) throw new Error('It has more than 1 MB.');
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
};
