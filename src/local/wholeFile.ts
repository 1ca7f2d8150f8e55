/*
 * Writes a complete file or nothing. After a full disk, a second writer or a killed process, the file is either old or
 * new. The new file replaces the old file in one step, once the disk has all of the new file.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { masked } from '../app/secret.ts';
import { isOwn, NotOwnError, realFile } from './owner.ts';
import { isRunning } from './processes.ts';

/** A folder, a pipe or a device: no other file can replace it. `code` is ENOTREG. */
export class NotRegularError extends Error {
  readonly code = 'ENOTREG';

  constructor(path: string) {
    super(`${path} is no regular file`);
    this.name = 'NotRegularError';
  }
}

/**
 * Writes a complete file or nothing, and replaces an existing file. A link stays a link, and the file's rights stay the
 * same.
 *
 * @param options.secret readable for its owner alone, from the first byte on, whatever the rights were. The file must
 *   not be another user's, and no other user may write in its folder. Only such a file may hold a known secret; in
 *   every other file a known secret is masked
 * @param options.mode the file's new rights, when they have to change
 * @throws NotRegularError; NotOwnError for a file or link of another user; OpenFolderError; Node's error, such as
 *   ENOSPC. After an error the file is as it was
 */
export const writeWhole = async (
  path: string,
  text: string,
  { secret, mode }: { secret: boolean; mode?: number },
): Promise<void> => {
  const file = await realFile(path, { secret });
  const found = await rightsOf(file, secret);
  const rights = secret ? 0o600 : (mode ?? found);
  await takeLeftoversAway(file);
  // The name begins with the file's name, so that a pattern such as .env* in .gitignore covers the temporary file. The
  // name also holds the process number, so that other runs can see whether the writer is still alive.
  const temporary = `${file}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const end = leaveNothing(temporary);
  try {
    const handle = await open(temporary, 'wx', rights ?? 0o666);
    try {
      // The umask reduces the rights with which a file is opened, so this line sets the file's old rights again.
      if (rights !== undefined) await handle.chmod(rights);
      await handle.writeFile(secret ? text : masked(text));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    end();
  }
};

/** The rights of a file; undefined when the file does not exist yet. */
const rightsOf = async (file: string, secret: boolean): Promise<number | undefined> => {
  const entry = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (entry && !entry.isFile()) throw new NotRegularError(file);
  // Its owner could open the file again, or still has the file open.
  if (entry && secret && !isOwn(entry)) throw new NotOwnError(file);
  return entry && entry.mode & 0o777;
};

/**
 * Removes the temporary file that a killed process left beside this file: the temporary file may hold a secret.
 * Temporary files of other users stay. So does everything that only has such a name: another user may have put it
 * there.
 */
const takeLeftoversAway = async (file: string): Promise<void> => {
  const folder = dirname(file);
  const start = `${basename(file)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = name.startsWith(start) && /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(start.length))?.[1];
    if (!pid || isRunning(Number(pid))) continue;
    const leftover = join(folder, name);
    const entry = await lstat(leftover).catch(() => undefined);
    if (entry?.isFile() && (process.geteuid === undefined || entry.uid === process.geteuid()))
      await rm(leftover, { force: true });
  }
};

const underWay = new Set<string>();

const removeAll = (): void => underWay.forEach((file) => rmSync(file, { force: true }));

/** Removes a temporary file if the process ends meanwhile, for example after Ctrl-C. @returns ends this watch */
const leaveNothing = (file: string): (() => void) => {
  if (underWay.size === 0) process.once('exit', removeAll);
  underWay.add(file);
  return () => {
    underWay.delete(file);
    if (underWay.size === 0) process.off('exit', removeAll);
  };
};
