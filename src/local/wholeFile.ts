/*
 * Writing a file whole or not at all: a full disk, a second writer or a killed process leaves the file as it was or as it is to
 * be. A new file takes the old one's place in one step, once all of it is on the disk.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { masked } from '../app/secret.ts';
import { isOwn, NotOwnError, realFile } from './owner.ts';
import { isRunning } from './processes.ts';

/** A folder, a pipe, a device: nothing that another file can take the place of. `code` is ENOTREG. */
export class NotRegularError extends Error {
  readonly code = 'ENOTREG';

  constructor(path: string) {
    super(`${path} is no regular file`);
    this.name = 'NotRegularError';
  }
}

/**
 * Writes a file whole or not at all, in the place of one that is there. A link stays a link; rights stay as they are.
 *
 * @param options.secret readable for its owner alone, from the first byte on, whatever the rights were; in no file of another
 *   user, and in no folder where others may write. Only such a file may hold what is known to be secret, in every other one it
 *   is masked
 * @param options.mode the file's rights from now on, where they are not to stay as they are
 * @throws NotRegularError; NotOwnError for a file or link of another user; OpenFolderError; Node's error, such as ENOSPC. Then
 *   the file is as it was
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
  // Named after the file, so that a pattern such as .env* in .gitignore holds for it as well, and after the process, so that
  // others see whether it is still at it.
  const temporary = `${file}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const end = leaveNothing(temporary);
  try {
    const handle = await open(temporary, 'wx', rights ?? 0o666);
    try {
      // What a file is opened with goes through the umask, which would take rights away that it had.
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

/** The rights that a file has; undefined when there is none yet. */
const rightsOf = async (file: string, secret: boolean): Promise<number | undefined> => {
  const entry = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (entry && !entry.isFile()) throw new NotRegularError(file);
  // Its owner could open it again, or has it open.
  if (entry && secret && !isOwn(entry)) throw new NotOwnError(file);
  return entry && entry.mode & 0o777;
};

/**
 * Takes away what a process that was killed while it wrote this file has left beside it: it may hold a secret. Nobody else's
 * temporary file is touched, and nothing that only has such a name: others may have put it there.
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

/** Sees to it that a temporary file goes when the process ends meanwhile, as it does after Ctrl-C. @returns no more need of it */
const leaveNothing = (file: string): (() => void) => {
  if (underWay.size === 0) process.once('exit', removeAll);
  underWay.add(file);
  return () => {
    underWay.delete(file);
    if (underWay.size === 0) process.off('exit', removeAll);
  };
};
