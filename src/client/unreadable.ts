import type { Problem } from '../app/problem.ts';
import { inputName } from '../local/input.ts';
import { isMissing, TooLargeError } from '../local/smallFile.ts';
import { NotRegularError } from '../local/wholeFile.ts';

/**
 * Says why a file that a user named cannot be read.
 *
 * @param file begins the keys of the messages, such as `error.keyFile` for `error.keyFileTooLarge`
 */
export const unreadable = (file: 'error.keyFile' | 'error.credentialsFile', path: string, error: unknown): Problem => {
  const name = inputName(path);
  if (error instanceof NotRegularError) return { code: `${file}NotRegular`, values: [name] };
  if (error instanceof TooLargeError) return { code: `${file}TooLarge`, values: [name, String(error.bytesMax / 1000)] };
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return isMissing(code)
    ? { code: `${file}NotFound`, values: [name] }
    : { code: `${file}Unreadable`, values: [name, code] };
};
