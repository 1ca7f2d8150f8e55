import { cpSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What a fresh clone does not have. */
const MADE = new Set(['node_modules', 'lib', 'coverage', '.git', '.tmp', 'oclif.manifest.json']);

/**
 * Makes a folder that is as a fresh clone of the project after `npm ci`. It can build and pack without disturbing other
 * tests.
 *
 * @returns the folder
 */
export const cloneInto = (folder: string): string => {
  const isInClone = (file: string): boolean => !MADE.has(relative(root, file)) && !file.endsWith('.tgz');
  cpSync(root, folder, { recursive: true, filter: isInClone });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
};
