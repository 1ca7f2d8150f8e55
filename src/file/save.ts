import { access, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { writeWhole } from '../local/wholeFile.ts';

/** Does anything exist at a path? */
export const isThere = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The path of a file in the folder of another one. */
export const besideFile = (file: string, name: string): string => join(dirname(file), name);

/** Writes a complete file or nothing, replaces an existing file, and creates the folders of the file. */
export const saveFile = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, text, { secret: false });
};

/** Writes several files below a folder. @returns their paths */
export const saveFiles = async (folder: string, files: Array<{ path: string; text: string }>): Promise<string[]> => {
  const paths: string[] = [];
  for (const { path, text } of files) {
    const full = join(folder, path);
    await saveFile(full, text);
    paths.push(full);
  }
  return paths;
};
