/*
 * Reading the small files that a user names. A path can lead to a pipe without a writer, or to a device without an end.
 * A file can also be replaced meanwhile. Reading must not block, so that a signal can end the run at any moment.
 * Reading must not fill the memory either.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

import { isOwn, NotOwnError } from './owner.ts';
import { NotRegularError } from './wholeFile.ts';

/** Keys, certificates and files with credentials are a few thousand bytes long. */
export const KEY_BYTES_MAX = 100_000;

/** A file, or standard input, that has more bytes than allowed. */
export class TooLargeError extends Error {
  readonly code = 'ETOOLARGE';
  readonly bytesMax: number;

  constructor(path: string, bytesMax: number) {
    super(`${path} has more than ${bytesMax} bytes`);
    this.name = 'TooLargeError';
    this.bytesMax = bytesMax;
  }
}

/** Does this code of Node's say that nothing is at the path? */
export const isMissing = (code: string | undefined): boolean => code === 'ENOENT' || code === 'ENOTDIR';

// Windows has neither flag. With these flags, opening a pipe does not wait for a writer.
const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0, O_NOFOLLOW = 0 } = constants as Partial<typeof constants>;

/**
 * Reads all of a regular file.
 *
 * @param bytesMax how many bytes it may have
 * @param options.own the file must be no link, and must belong to this user or root
 * @throws NotRegularError, TooLargeError, NotOwnError; Node's error, such as ENOENT
 */
export const readSmallFile = async (path: string, bytesMax: number, { own = false } = {}): Promise<Buffer> => {
  // A device may act when it is opened: check the kind first.
  if (!(await stat(path)).isFile()) throw new NotRegularError(path);
  const file = await open(path, (O_RDONLY ?? 0) | O_NONBLOCK | O_NOCTTY | (own ? O_NOFOLLOW : 0)).catch(
    (error: NodeJS.ErrnoException) => {
      throw own && error.code === 'ELOOP' ? new NotOwnError(path) : error;
    },
  );
  try {
    // Check the kind again: another file may be at the path by now.
    const entry = await file.stat();
    if (!entry.isFile()) throw new NotRegularError(path);
    if (own && !isOwn(entry)) throw new NotOwnError(path);
    if (entry.size > bytesMax) throw new TooLargeError(path, bytesMax);
    const content = await readUpTo(file, bytesMax + 1);
    if (content.length > bytesMax) throw new TooLargeError(path, bytesMax);
    // The files of /proc have content and no size: the system makes the content while a process reads the file.
    if (entry.size === 0 && content.length > 0) throw new NotRegularError(path);
    return content;
  } finally {
    await file.close();
  }
};

const readUpTo = async (file: FileHandle, bytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for (let left = bytes; left > 0;) {
    const chunk = Buffer.alloc(Math.min(left, 64 * 1024));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
};

/**
 * Reads standard input to its end.
 *
 * @throws TooLargeError as soon as there are too many bytes
 */
export const readSmallInput = async (bytesMax: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer | string>) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > bytesMax) throw new TooLargeError('-', bytesMax);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
};
