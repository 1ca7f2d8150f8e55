import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { gitWouldCommit } from '../local/git.ts';
import { realFile } from '../local/owner.ts';
import { writeWhole } from '../local/wholeFile.ts';

/**
 * Makes the folder of a snapshot, and looks whether git would commit the file.
 *
 * @throws Node's error, such as EACCES; what realFile throws
 */
export const isInGit = async (path: string): Promise<boolean> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return gitWouldCommit(await realFile(path, { secret: false }));
};

/**
 * Writes a snapshot that its owner alone can read: complete, or not at all.
 *
 * @throws what writeWhole throws
 */
export const saveSnapshot = (path: string, text: string): Promise<void> =>
  writeWhole(path, text, { secret: false, mode: 0o600 });
