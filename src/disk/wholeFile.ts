/*
 * Writing a file whole or not at all: a full disk, a second writer or a killed process leaves the file as it was or as it is to
 * be. A new file takes the old one's place in one step, once all of it is on the disk.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { masked } from '../app/secret.ts';

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
 * @param options.secret readable for its owner alone, from the first byte on, whatever the rights were; only such a file may hold
 *   what is known to be secret, in every other one it is masked
 * @throws NotRegularError; Node's error, such as ENOSPC. Then the file is as it was
 */
export const writeWhole = async (path: string, text: string, { secret }: { secret: boolean }): Promise<void> => {
  const file = await realFile(path);
  const rights = await rightsOf(file);
  await takeLeftoversAway(file);
  // Named after the file, so that a pattern such as .env* in .gitignore holds for it as well, and after the process, so that
  // others see whether it is still at it.
  const temporary = `${file}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const end = leaveNothing(temporary);
  try {
    const handle = await open(temporary, 'wx', secret ? 0o600 : (rights ?? 0o666));
    try {
      // What a file is opened with goes through the umask, which would take rights away that it had.
      if (!secret && rights !== undefined) await handle.chmod(rights);
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

/** Where a path leads: to the end of its links, also when there is nothing yet. */
export const realFile = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const folder = await realpath(dirname(resolve(path)));
  const file = join(folder, basename(path));
  const link = await lstat(file).catch(() => undefined);
  return link?.isSymbolicLink() ? realFile(resolve(folder, await readlink(file))) : file;
};

/** The rights that a file has; undefined when there is none yet. */
const rightsOf = async (file: string): Promise<number | undefined> => {
  const entry = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (entry && !entry.isFile()) throw new NotRegularError(file);
  return entry && entry.mode & 0o777;
};

/**
 * Takes away what a process that was killed while it wrote this file has left beside it: it may hold a secret. Nobody else's
 * temporary file is touched.
 */
const takeLeftoversAway = async (file: string): Promise<void> => {
  const folder = dirname(file);
  const start = `${basename(file)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = name.startsWith(start) && /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(start.length))?.[1];
    if (pid && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
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
