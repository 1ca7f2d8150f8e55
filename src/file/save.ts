import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Is there anything at a path? */
export const isThere = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Writes a file whole or not at all, in the place of one that is there; makes its folders. */
export const saveFile = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
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
