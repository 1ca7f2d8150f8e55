/*
 * Checks who owns files and folders. Other users of the machine can leave links and files where a run will write. In a
 * folder that they may write in, they can also replace files. Windows has no such owners and modes: nothing is refused
 * there.
 */
import type { Stats } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';

/** A link, file or folder that belongs to another user, and not to root. */
export class NotOwnError extends Error {
  readonly code = 'ENOTOWN';
  /** The link, file or folder. */
  readonly path: string;

  constructor(path: string) {
    super(`${path} belongs to another user`);
    this.name = 'NotOwnError';
    this.path = path;
  }
}

/** A folder in which other users may rename and replace files, also the owner's files. The folder has no sticky bit. */
export class OpenFolderError extends Error {
  readonly code = 'EOPENFOLDER';
  readonly folder: string;

  constructor(folder: string) {
    super(`Other users may write in ${folder}`);
    this.name = 'OpenFolderError';
    this.folder = folder;
  }
}

/** Does it belong to the user of this process, or to root? */
export const isOwn = ({ uid }: Pick<Stats, 'uid'>): boolean =>
  process.geteuid === undefined || uid === process.geteuid() || uid === 0;

/** The number of links that Linux follows in one path. */
const LINKS_MAX = 40;

/**
 * Follows a path to the end of its links, also when nothing exists there yet.
 *
 * @param options.secret refuse folders on the path in which other users may write
 * @throws NotOwnError for a link of another user; OpenFolderError; Node's error, such as ENOENT for a folder that is
 *   not there
 */
export const realFile = async (path: string, { secret }: { secret: boolean }): Promise<string> => {
  // Not `resolve(path)`: if `a` is a link, `a/../b` is not `b`.
  const { root } = parse(resolve(path));
  let steps = [...(parse(path).root === '' ? stepsOf(process.cwd()) : []), ...stepsOf(path)];
  let at = root;
  for (let links = 0; steps.length > 0;) {
    const [step = '', ...rest] = steps;
    steps = rest;
    if (step === '..') {
      at = dirname(at);
      continue;
    }
    if (secret) await requireClosed(at);
    const next = join(at, step);
    const entry = await lstat(next).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && rest.length === 0) return undefined;
      throw error;
    });
    if (!entry?.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (!isOwn(entry)) throw new NotOwnError(next);
    if (++links > LINKS_MAX) throw Object.assign(new Error(`Too many links: ${path}`), { code: 'ELOOP' });
    const target = await readlink(next);
    at = parse(target).root || at;
    steps = [...stepsOf(target), ...rest];
  }
  return at;
};

/**
 * Makes sure that only this user, or root, can write into a folder.
 *
 * @throws NotOwnError for a link, and for a folder of another user; OpenFolderError
 */
export const requireOwnFolder = async (folder: string): Promise<void> => {
  const entry = await lstat(folder);
  if (entry.isSymbolicLink() || !isOwn(entry)) throw new NotOwnError(folder);
  await requireClosed(folder);
};

/**
 * Makes sure that a file, if it exists, is neither a link nor another user's file.
 *
 * @throws NotOwnError
 */
export const requireOwnFile = async (file: string): Promise<void> => {
  const entry = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (entry && (entry.isSymbolicLink() || !isOwn(entry))) throw new NotOwnError(file);
};

/** The names on a path, without its root. */
const stepsOf = (path: string): string[] =>
  path
    .slice(parse(path).root.length)
    .split(process.platform === 'win32' ? /[\\/]/ : '/')
    .filter((step) => step !== '' && step !== '.');

const GROUP_MAY_WRITE = 0o020;
const OTHERS_MAY_WRITE = 0o002;
/** In a folder with the sticky bit, such as /tmp, only a file's owner can rename or delete the file. */
const STICKY = 0o1000;

const requireClosed = async (folder: string): Promise<void> => {
  if (process.geteuid === undefined) return;
  const { mode, gid } = await lstat(folder);
  if ((mode & STICKY) !== 0 || (mode & (GROUP_MAY_WRITE | OTHERS_MAY_WRITE)) === 0) return;
  if ((mode & OTHERS_MAY_WRITE) === 0 && (await isPrivateGroup(gid))) return;
  throw new OpenFolderError(folder);
};

/**
 * Is this group the user's private group? Many Linux systems give each user such a group, with the user's number. The
 * group may write in everything that the user creates.
 */
const isPrivateGroup = async (gid: number): Promise<boolean> => {
  const uid = process.geteuid?.();
  if (uid === 0 || gid !== uid || gid !== process.getegid?.()) return false;
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const members = groups
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(gid))?.[3];
  return !members?.includes(',');
};
