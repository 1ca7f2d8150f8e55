import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { FileCode } from '../app/problem.ts';
import { inputName, readInput, STANDARD_INPUT } from '../local/input.ts';
import { isMissing, TooLargeError } from '../local/smallFile.ts';
import { NotRegularError } from '../local/wholeFile.ts';
import type { FileProblem } from './ecaFile.ts';

/** The files that a command reads: their names in a folder, their size limit, and the codes of two problems. */
export type TextFileKind = {
  names: RegExp;
  bytesMax: number;
  tooLarge: WholeFile;
  folderEmpty: WholeFile;
};

/** What can be wrong with a file before its text is read: the codes of problems without values. */
export type WholeFile = Extract<
  FileCode,
  | 'file.notFound'
  | 'file.notAFile'
  | 'file.unreadable'
  | 'file.tooLarge'
  | 'file.binary'
  | 'file.notUtf8'
  | 'file.folderEmpty'
  | 'file.metadataTooLarge'
  | 'file.connectedAppsMissing'
>;

/** `file` is the path, or the name of standard input. */
export type TextFile = { file: string; text: string };

/**
 * Reads any number of text files and folders. Of a folder, every file of the kind in it and below is read, in the order
 * of the names. A file that is named twice is read once.
 *
 * @param paths `-` for standard input
 * @returns the texts, and a problem for everything that can't be read
 */
export const readTextFiles = async (
  paths: string[],
  kind: TextFileKind,
): Promise<{ files: TextFile[]; problems: FileProblem[] }> => {
  const places = await Promise.all(paths.map((path) => filesAt(path, kind)));
  const problems = places.flatMap((place) => place.problems);
  const files: TextFile[] = [];
  for (const path of new Set(places.flatMap(({ found }) => found))) {
    const file = inputName(path);
    const text = await readText(path, kind);
    if (typeof text === 'string') files.push({ file, text });
    else problems.push(ofWholeFile(file, text.code));
  }
  return { files, problems };
};

type FilesAt = { found: string[]; problems: FileProblem[] };

const filesAt = async (path: string, kind: TextFileKind): Promise<FilesAt> => {
  const what = path === STANDARD_INPUT ? 'file' : await whatIsAt(path, kind);
  if (what === 'file') return { found: [path], problems: [] };
  if (what !== 'folder') return { found: [], problems: [ofWholeFile(path, what)] };
  const found = await filesIn(path, kind.names);
  return { found, problems: found.length > 0 ? [] : [ofWholeFile(path, kind.folderEmpty)] };
};

/** What is at a path, or the code of what keeps it from being read. */
const whatIsAt = async (path: string, kind: TextFileKind): Promise<'folder' | 'file' | WholeFile> => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (!found.isFile()) return 'file.notAFile';
    return found.size > kind.bytesMax ? kind.tooLarge : 'file';
  } catch (error) {
    return isMissing((error as NodeJS.ErrnoException).code) ? 'file.notFound' : 'file.unreadable';
  }
};

const filesIn = async (folder: string, names: RegExp): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return filesIn(path, names);
        return entry.isFile() && names.test(entry.name) ? [path] : [];
      }),
  );
  return found.flat();
};

/** The text of a file, or why there is none. */
const readText = async (path: string, { bytesMax, tooLarge }: TextFileKind): Promise<string | { code: WholeFile }> => {
  let bytes: Buffer;
  try {
    bytes = await readInput(path, bytesMax);
  } catch (error) {
    if (error instanceof TooLargeError) return { code: tooLarge };
    return { code: error instanceof NotRegularError ? 'file.notAFile' : 'file.unreadable' };
  }
  if (bytes[0] === 0xff || bytes[0] === 0xfe) return { code: 'file.notUtf8' };
  if (bytes.includes(0)) return { code: 'file.binary' };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { code: 'file.notUtf8' };
  }
};

const ofWholeFile = (file: string, code: WholeFile): FileProblem => ({ file, line: 1, column: 1, code, values: [] });
