import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import { texts } from '../texts.ts';
import { notWritten } from './outputFile.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca.migrate.blocking');

/**
 * Keeps the metadata of a Connected App before something happens to the app, and names the file.
 *
 * @param save returns false where git would commit the file
 * @returns the file
 * @throws error.snapshotInGit (exit code 2); what notWritten throws
 */
export const keepSnapshot = async (
  screen: Pick<Screen, 'logToStderr'>,
  { file, text }: { file: string; text: string },
  save: (file: string, text: string) => Promise<boolean>,
): Promise<string> => {
  if (!(await save(file, text).catch(notWritten(file))))
    throw messages.createError('error.snapshotInGit', [file], [], EXIT_CODE_FOR.wrongFlags);
  screen.logToStderr(messages.getMessage('snapshot', [file]));
  return file;
};
