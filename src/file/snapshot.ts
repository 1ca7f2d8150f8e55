import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { gitWouldCommit } from '../local/git.ts';
import { realFile } from '../local/owner.ts';
import { writeWhole } from '../local/wholeFile.ts';

/**
 * Writes a snapshot that its owner alone can read: complete, or not at all. It makes the folder.
 *
 * @returns false where git would commit the file; then nothing is written
 * @throws Node's error, such as EACCES; what realFile and writeWhole throw
 */
export const saveOutsideGit = async (path: string, text: string): Promise<boolean> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await gitWouldCommit(await realFile(path, { secret: false }))) return false;
  await writeWhole(path, text, { secret: false, mode: 0o600 });
  return true;
};
