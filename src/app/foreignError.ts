/**
 * Errors of other packages that only their names identify. The package does not export the class, or two copies of the package
 * are loaded. Only this file compares names of errors. test/rules/errorNames.test.ts checks that.
 *
 * - `ExitPromptError`: Inquirer, for a question that was left with Ctrl-C (its readme says to go by the name);
 * - `JwtAuthError`: @salesforce/core, for a login with a key that failed;
 * - `MissingMessageError`: @salesforce/core, for a key that a file in messages/ does not have.
 */
type ForeignError = 'ExitPromptError' | 'JwtAuthError' | 'MissingMessageError';

export const isForeign = (error: unknown, name: ForeignError): error is Error =>
  error instanceof Error && error.name === name;
