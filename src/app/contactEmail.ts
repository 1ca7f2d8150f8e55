import { quotable, type Problem } from './problem.ts';

/**
 * Is this one e-mail address? The check is coarse on purpose: some text, an @, a domain with a dot. The org checks
 * whether the address exists, and the finer rules.
 */
export function checkContactEmail(email: string): Problem | undefined {
  return /^[^\s\p{C}@<>()[\],;:"\\]+@[^\s\p{C}@<>()[\],;:"\\.]+(?:\.[^\s\p{C}@<>()[\],;:"\\.]+)+$/u.test(email)
    ? undefined
    : { code: 'error.contactEmailInvalid', values: [quotable(email)], field: 'contactEmail' };
}
