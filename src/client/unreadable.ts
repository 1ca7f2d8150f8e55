import type { Problem } from '../app/problem.ts';
import { TooLargeError } from '../disk/smallFile.ts';
import { NotRegularError } from '../disk/wholeFile.ts';

/**
 * Says why a file that a user named cannot be read.
 *
 * @param file begins the keys of the messages, such as `error.keyFile` for `error.keyFileTooLarge`
 */
export const unreadable = (file: 'error.keyFile' | 'error.credentialsFile', path: string, error: unknown): Problem => {
  if (error instanceof NotRegularError) return { code: `${file}NotRegular`, values: [path] };
  if (error instanceof TooLargeError) return { code: `${file}TooLarge`, values: [path, String(error.bytesMax / 1000)] };
  return { code: `${file}Unreadable`, values: [path, (error as NodeJS.ErrnoException).code ?? 'unknown'] };
};
